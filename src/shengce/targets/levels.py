"""Sprint and challenge: leaves of their own, worked out from the target so that each level adds up exactly too.

The sum of a level is the target's sum times its ratio; what it has more than the level below is laid over the months, then
over the leaves, by largest remainders, so that no figure of a level is below the same one of the level below. Figures of a
level that somebody typed and locked stay.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.planning.allocation import Bools, Ints, Unsplittable, apportion, apportion_groups
from shengce.targets.editing import locked_version, refusal
from shengce.targets.leaves import Leaves, write_edit
from shengce.targets.models import Level, Metric, TargetEdit, TargetRow, TargetVersion

MOST_RATIO = Decimal(5)


@transaction.atomic
def set_ratios(version: TargetVersion, *, by: User, sprint: Decimal, challenge: Decimal) -> TargetVersion:
    """What sprint and challenge are, as multiples of the target: at least 1, challenge not below sprint."""
    version = locked_version(version, by, "targets.approve")
    if not (sprint.is_finite() and challenge.is_finite() and 1 <= sprint <= challenge <= MOST_RATIO):
        raise ValidationError(
            _("Sprint is at least 100 %%, challenge at least sprint, and at most %(most)d %%.")
            % {"most": MOST_RATIO * 100},
            code="ratio",
        )
    version.sprint_ratio, version.challenge_ratio, version.levels_at = sprint, challenge, None
    version.save(update_fields=["sprint_ratio", "challenge_ratio", "levels_at"])
    record("targets.ratios_set", version, by=by, sprint=str(sprint), challenge=str(challenge))
    return version


@transaction.atomic
def lay_levels(version: TargetVersion, *, by: User) -> TargetVersion:
    """Work out sprint and challenge of all metrics from the target as it stands now."""
    version = locked_version(version, by)
    used = TargetRow.objects.filter(version=version, level=Level.TARGET).values("metric")
    for metric in Metric.objects.filter(pk__in=used):
        base = Leaves.read(TargetRow.objects.filter(version=version, metric=metric, level=Level.TARGET))
        sprint = _lay(version, metric, Level.SPRINT, Decimal(version.sprint_ratio), base, base.values, by)
        _lay(version, metric, Level.CHALLENGE, Decimal(version.challenge_ratio), base, sprint, by)
    version.levels_at = version.revision
    version.save(update_fields=["levels_at"])
    record("targets.levels_laid", version, by=by)
    return version


def is_current(version: TargetVersion) -> bool:
    """Whether sprint and challenge fit to the target as it stands."""
    return version.levels_at == version.revision


def _lay(
    version: TargetVersion, metric: Metric, level: str, ratio: Decimal, base: Leaves, under: Ints, by: User
) -> Ints:
    """Write one level. ``under`` is the level below it, as the result is: leaf of ``base`` × month."""
    there = Leaves.read(TargetRow.objects.filter(version=version, metric=metric, level=level))
    at = {key: number for number, key in enumerate(there.keys)}
    total = int((Decimal(int(base.values.sum())) * ratio).to_integral_value(ROUND_HALF_UP))
    locked = np.zeros(base.values.shape, dtype=bool)
    values = np.zeros(base.values.shape, dtype=np.int64)
    known = [(number, at[key]) for number, key in enumerate(base.keys) if key in at]
    for number, other in known:
        locked[number], values[number] = there.locked[other], there.values[other]
    try:
        laid = raised(base.values, under, total, values, locked)
    except Unsplittable as problem:
        raise refusal(problem, metric) from problem
    after = there.values.copy()
    after[~there.locked] = 0  # leaves that the target has no more
    for number, other in known:
        after[other] = laid[number]
    created = [
        (key, laid[number]) for number, key in enumerate(base.keys) if key not in at and laid[number].any()
    ]
    write_edit(
        version,
        metric,
        there,
        by=by,
        act=TargetEdit.Act.LEVELS,
        level=level,
        values=after,
        created=created,
        cell={"ratio": str(ratio)},
        totals=(int(there.values.sum()), total),
    )
    return laid


def raised(base: Ints, under: Ints, total: int, values: Ints, locked: Bools) -> Ints:
    """The level below and what this one has more. Where locked figures leave less than that, the rest is laid anew."""
    spare = total - int(values[locked].sum()) - int(under[~locked].sum())
    if spare < 0:
        return _leveled(base, total, values, locked)
    more = _leveled(base, spare, np.zeros(base.shape, dtype=np.int64), locked)
    return np.where(locked, values, under + more)


def _leveled(base: Ints, total: int, values: Ints, locked: Bools) -> Ints:
    """Over months, none below what is locked in it, then each month over its leaves.

    What a leaf got too little or too much of by rounding is carried into its next month, so that small counts (one new
    customer a month) do not always round for the same leaf.
    """
    if not base.any():
        return np.where(locked, values, 0)
    floors = np.where(locked, values, 0).sum(axis=0)
    months = apportion(total - int(floors.sum()), _free_sums(base, locked))
    wanted = floors + np.array(months, dtype=np.int64)
    laid = np.zeros(base.shape, dtype=np.int64)
    one = np.zeros(len(base), dtype=np.int64)
    ratio = sum(months) / max(int(base[~locked].sum()), 1)
    carried = np.zeros(len(base))
    for month in range(12):
        due = np.where(base[:, month] > 0, base[:, month] * ratio, 0.0)
        weights = np.where(due > 0, np.maximum(due + carried, 1e-9), 0.0)
        laid[:, month] = apportion_groups(
            wanted[month : month + 1], weights, one, values=values[:, month], locked=locked[:, month]
        )
        carried += np.where(locked[:, month], 0.0, due - laid[:, month])
    return laid


def _free_sums(base: Ints, locked: Bools) -> list[int]:
    return [int(amount) for amount in np.where(locked, 0, base).sum(axis=0)]
