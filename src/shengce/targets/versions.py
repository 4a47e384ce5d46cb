"""A set and its versions: begun, put to negotiation, approved, adjusted in mid-year, compared."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.targets.editing import locked_version
from shengce.targets.leaves import COLUMNS
from shengce.targets.levels import is_current, lay_levels
from shengce.targets.models import MONTHS, QualitativeTarget, TargetRow, TargetSet, TargetVersion
from shengce.targets.queries import Twelve, planned

State = TargetVersion.State


@transaction.atomic
def create_target_set(*, by: User, name: str, start_on: dt.date) -> TargetVersion:
    """A new set for the fiscal year from ``start_on``, with an empty first version. One set begins on a day."""
    require(by, "targets.approve")
    if start_on.day != 1:
        raise ValidationError({"start_on": _("A fiscal year begins on the first of a month.")}, code="day")
    if not 2000 <= start_on.year <= 2100:
        raise ValidationError({"start_on": _("The year must lie between 2000 and 2100.")}, code="year")
    if TargetSet.objects.filter(start_on=start_on).exists():
        raise ValidationError({"start_on": _("There are targets for this year already.")}, code="there")
    targets = TargetSet(name=typed_text(name, most=100), start_on=start_on, made_by=by)
    targets.full_clean()
    targets.save()
    version = TargetVersion.objects.create(target_set=targets, number=1, made_by=by)
    record("targets.set_created", targets, by=by, name=targets.name, start_on=start_on.isoformat())
    return version


@transaction.atomic
def open_for_negotiation(version: TargetVersion, *, by: User) -> TargetVersion:
    """From now on reps see their figures and can answer."""
    version = locked_version(version, by, "targets.approve")
    if not version.rows.exists():
        raise ValidationError(_("The version is empty: set figures first."), code="empty")
    version.state = State.NEGOTIATING
    version.save(update_fields=["state"])
    record("targets.negotiation_opened", version, by=by)
    return version


@transaction.atomic
def approve_version(
    version: TargetVersion, *, by: User, effective_on: dt.date | None = None
) -> TargetVersion:
    """It holds from ``effective_on`` (else its year's first day, or today for an adjustment); the one before is replaced.

    Sprint and challenge are worked out before, where they are out of date.
    """
    version = locked_version(version, by, "targets.approve")
    if not version.rows.exists():
        raise ValidationError(_("The version is empty: set figures first."), code="empty")
    if not is_current(version):
        version = lay_levels(version, by=by)
    year, today = version.target_set.year, timezone.localdate()
    day = effective_on or (max(year.start_on, today) if version.based_on_id else year.start_on)
    if day not in year.span:
        raise ValidationError(_("The day lies outside the fiscal year."), code="day")
    now = timezone.now()
    version.target_set.versions.filter(state=State.APPROVED).update(state=State.REPLACED, replaced_at=now)
    version.state, version.approved_by, version.approved_at = State.APPROVED, by, now
    version.effective_on = day
    version.save()
    record("targets.approved", version, by=by, effective_on=day.isoformat())
    return version


@transaction.atomic
def start_adjustment(version: TargetVersion, *, by: User, note: str) -> TargetVersion:
    """A new draft with all figures of ``version``; months that are over are locked, so that history stays."""
    require(by, "targets.approve")
    source = (
        TargetVersion.objects.select_for_update(of=("self",)).select_related("target_set").get(pk=version.pk)
    )
    if source.target_set.versions.filter(state__in=(State.DRAFT, State.NEGOTIATING)).exists():
        raise ValidationError(_("An open version is there already: go on with that one."), code="open")
    words = typed_text(note, most=300)
    last = source.target_set.versions.aggregate(last=Max("number"))["last"]
    copy = TargetVersion.objects.create(
        target_set=source.target_set,
        number=last + 1,
        note=words,
        based_on=source,
        sprint_ratio=source.sprint_ratio,
        challenge_ratio=source.challenge_ratio,
        made_by=by,
    )
    _copy_rows(source, copy, sum(1 << month for month in copy.closed_months))
    QualitativeTarget.objects.bulk_create(
        [_copied(target, copy) for target in source.qualitative.all()], batch_size=500
    )
    record("targets.adjustment_started", copy, by=by, based_on=source.pk, note=words)
    return copy


def _copy_rows(source: TargetVersion, copy: TargetVersion, over: int) -> None:
    """Inside the database: a version may have hundreds of thousands of leaves."""
    table = TargetRow._meta.db_table
    same = ", ".join(("metric_id", "level", *COLUMNS, *MONTHS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (version_id, {same}, locked, revision) "
            f"SELECT %s, {same}, locked | %s, 0 FROM {table} WHERE version_id = %s",
            [copy.pk, over, source.pk],
        )


def _copied(target: QualitativeTarget, version: TargetVersion) -> QualitativeTarget:
    target.pk, target._state.adding = None, True
    target.version = version
    return target


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison: ``old`` and ``new`` are sums of the year in minor units."""

    key: Any
    old: int
    new: int

    @property
    def change(self) -> int:
        return self.new - self.old

    @property
    def share(self) -> float | None:
        """Of the old figure; ``None`` where that was 0."""
        return self.change / self.old if self.old else None


def compare(
    old: TargetVersion, new: TargetVersion, metric_code: str, *, by: str, user: User, months: tuple[int, ...]
) -> list[Difference]:
    """Two versions of a set along one dimension, the largest change first. Two queries."""
    before, after = (planned(each, metric_code, by=(by,), user=user) for each in (old, new))

    def summed(sums: dict[tuple[Any, ...], Twelve], key: tuple[Any, ...]) -> int:
        return sum(sums[key][month] for month in months) if key in sums else 0

    rows = [Difference(key[0], summed(before, key), summed(after, key)) for key in {*before, *after}]
    return sorted(rows, key=lambda row: (-abs(row.change), str(row.key)))


def versions_of(targets: TargetSet) -> list[TargetVersion]:
    """All, the newest first."""
    return list(
        targets.versions.select_related("made_by", "approved_by", "based_on", "target_set").order_by(
            "-number"
        )
    )
