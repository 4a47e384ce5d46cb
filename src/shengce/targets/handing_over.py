"""People leave and move in mid-year: what is left of their targets is handed over, to the day; what was theirs stays theirs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import AuditEntry, Posting, Role, User, record
from shengce.people.working_days import working_calendar
from shengce.planning.allocation import Ints
from shengce.planning.periods import Span, working_days
from shengce.targets.editing import locked_version
from shengce.targets.leaves import PLACE, Key, Leaves, write_edit
from shengce.targets.models import MONTHS, Level, Metric, TargetEdit, TargetRow, TargetVersion

_SELLS = (Role.REP, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Stray:
    """A rep whose targets do not fit to where he is: gone, or in another unit. ``since`` is the day, where known."""

    rep: User
    gone: bool
    since: dt.date | None
    left: int  # minor units of amounts from that day's month on


def strays(version: TargetVersion, user: User) -> list[Stray]:
    """Reps with figures in the months to come who have left, sell no more, or stand in another unit than their leaves."""
    rows = TargetRow.objects.filter(version=version, level=Level.TARGET, rep__isnull=False).visible_to(user)
    odd = rows.filter(
        Q(rep__is_active=False) | ~Q(rep__role__in=_SELLS) | ~Q(unit=F("rep__unit")),
        rep__in=_who_changed(version),
    ).select_related("rep")
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * 12)
    people: dict[int, User] = {}
    for row in odd.filter(metric__kind=Metric.Kind.AMOUNT):
        assert row.rep is not None
        people[row.rep.pk] = row.rep
        for index, name in enumerate(MONTHS):
            sums[row.rep.pk][index] += getattr(row, name)
    found = []
    for pk, rep in people.items():
        gone = not rep.is_active or rep.role not in _SELLS
        since = _since(rep, gone)
        first = _first_index(version, since)
        if left := sum(sums[pk][first:]):
            found.append(Stray(rep, gone, since, left))
    return found


def _who_changed(version: TargetVersion) -> list[int]:
    """Those whose account or place may have changed: few, so that the leaves of all others need not be read."""
    since = timezone.localdate(version.target_set.made_at)
    changed = Q(is_active=False) | Q(postings__end_on__isnull=False) | Q(postings__start_on__gte=since)
    people = User.objects.filter(changed | ~Q(role__in=_SELLS))
    return list(people.values_list("pk", flat=True).distinct())


def moved_territories(version: TargetVersion) -> list[str]:
    """Names of territories that were moved in the tree since the version was made: sums follow the tree of today."""
    rows = AuditEntry.objects.filter(action="territory.updated", at__gte=version.made_at)
    return sorted(
        {row.details.get("new", "") for row in rows if "parent" in (row.details.get("old") or {})} - {""}
    )


@transaction.atomic
def hand_over(version: TargetVersion, *, by: User, rep: User, to: User, on: dt.date) -> list[TargetEdit]:
    """What ``rep`` has from ``on`` on becomes the target of ``to``: of the month of ``on`` by working days, then whole months.

    Locked months are moved too: the lock is on the figure, not on the person. ``to`` may be the same person in a new
    unit: then the leaves follow him there.
    """
    version = locked_version(version, by)
    if to.role not in _SELLS or not to.is_active or to.unit_id is None:
        raise ValidationError(_("Choose somebody who sells."), code="to")
    year = version.target_set.year
    if on not in year.span:
        raise ValidationError(_("The day lies outside the fiscal year."), code="day")
    edits = []
    rows = TargetRow.objects.filter(version=version, rep=rep).visible_to(by)
    if rep.pk == to.pk:
        rows = rows.exclude(unit=to.unit_id)
    pairs = list(rows.order_by().values_list("metric", "level").distinct())
    if not pairs:
        raise ValidationError(_("%(name)s has no figures to hand over.") % {"name": rep}, code="nothing")
    for metric in Metric.objects.filter(pk__in={metric for metric, _level in pairs}):
        for level in {level for pk, level in pairs if pk == metric.pk}:
            edit = _moved(version, metric, level, by, rep, to, on)
            if edit is not None:
                edits.append(edit)
    record("targets.handed_over", version, by=by, rep=rep.pk, to=to.pk, on=on.isoformat())
    return edits


def _moved(
    version: TargetVersion, metric: Metric, level: str, by: User, rep: User, to: User, on: dt.date
) -> TargetEdit | None:
    rows = TargetRow.objects.filter(version=version, metric=metric, level=level).visible_to(by)
    leaves = Leaves.read(rows.filter(rep__in={rep.pk, to.pk}))
    rep_at, unit_at = PLACE["rep"], PLACE["unit"]
    values, at = leaves.values.copy(), {key: number for number, key in enumerate(leaves.keys)}
    created: dict[Key, Ints] = {}
    total = 0
    for number, key in enumerate(leaves.keys):
        if key[rep_at] != rep.pk or (rep.pk == to.pk and key[unit_at] == to.unit_id):
            continue
        part = _part_from(version, leaves.values[number], on)
        values[number] -= part
        total += int(part.sum())
        changed = list(key)
        changed[rep_at], changed[unit_at] = to.pk, to.unit_id
        goal = tuple(changed)
        if goal in at:
            values[at[goal]] += part
        elif part.any():
            created[goal] = created.get(goal, np.zeros(12, dtype=np.int64)) + part
    return write_edit(
        version,
        metric,
        leaves,
        by=by,
        act=TargetEdit.Act.MOVED,
        level=level,
        values=values,
        created=list(created.items()),
        cell={"rep": rep.pk, "to": to.pk, "on": on.isoformat()},
        totals=(total, total),
    )


def _part_from(version: TargetVersion, months: Ints, on: dt.date) -> Ints:
    """What of twelve months falls on ``on`` or later."""
    year = version.target_set.year
    index = year.month_index(on)
    part = months.copy()
    part[:index] = 0
    month = year.months[index]
    days = working_days(month, working_calendar())
    left = sum(1 for day in days if day in Span(on, month.end_on))
    part[index] = (
        int(months[index]) * left // len(days) if days else (0 if on > month.start_on else months[index])
    )
    return part


def _since(rep: User, gone: bool) -> dt.date | None:
    postings = Posting.objects.filter(user=rep)
    if gone:
        last = postings.filter(end_on__isnull=False).order_by("-end_on").first()
        return last.end_on if last else None
    now = postings.filter(end_on__isnull=True).first()
    return now.start_on if now else None


def _first_index(version: TargetVersion, since: dt.date | None) -> int:
    year = version.target_set.year
    if since is None or since <= year.start_on:
        return 0
    return 12 if since >= year.end_on else year.month_index(since)
