"""Who is away writes no paper: a paper of days away is excused, one that falls due then is due on the first working day back.

``people.absences`` keeps the days; whoever changes them goes through the three actions here, so that the papers follow
at once. Papers that are begun later ask for the days themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from shengce.people import absences
from shengce.people.models import Absence, User
from shengce.people.working_days import working_calendar
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.sheets.models import Paper

_DAY = dt.timedelta(days=1)
MOST_STEPS = 800
LOOK = dt.timedelta(days=130)
"""Papers are due at most so long after the first day of their period: a quarter and 30 working days."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When a paper is due. ``absence`` is why it is ``excused``, or why it is due later than ``regular_due_at``."""

    due_at: dt.datetime
    regular_due_at: dt.datetime | None = None
    absence: Absence | None = None
    excused: bool = False


def terms_of(span: Span, due_at: dt.datetime, away: Sequence[Absence], calendar: Calendar) -> Terms:
    """The terms of a paper about ``span`` that is due at ``due_at`` by its rule, for a person with these absences."""
    if not away:
        return Terms(due_at)
    days = [day for day in span if calendar.works(day)] or list(span)
    if all(_away(day, away) for day in days):
        return Terms(due_at, absence=_away(days[-1], away), excused=True)
    local = timezone.localtime(due_at)
    day, reason = local.date(), _away(local.date(), away)
    if reason is None:
        return Terms(due_at)
    for _step in range(MOST_STEPS):
        if _away(day, away) is None and calendar.works(day):
            break
        day += _DAY
    moved = dt.datetime.combine(day, local.time(), tzinfo=timezone.get_current_timezone())
    return Terms(moved, due_at, reason)


def _away(day: dt.date, away: Sequence[Absence]) -> Absence | None:
    return next((one for one in away if one.start_on <= day < one.end_on), None)


# --- the days of people, and the papers that follow them


@transaction.atomic
def record_absence(*, by: User, person: User, **days: Any) -> Absence:
    """As :func:`people.absences.record_absence`; the papers follow."""
    row = absences.record_absence(by=by, person=person, **days)
    follow(row)
    return row


@transaction.atomic
def confirm_absence(absence: Absence, *, by: User) -> Absence:
    """As :func:`people.absences.confirm_absence`; the papers follow."""
    row = absences.confirm_absence(absence, by=by)
    follow(row)
    return row


@transaction.atomic
def withdraw_absence(absence: Absence, *, by: User) -> Absence:
    """As :func:`people.absences.withdraw_absence`; papers are expected again."""
    row = absences.withdraw_absence(absence, by=by)
    follow(row)
    return row


def follow(absence: Absence) -> int:
    """Set the terms of the person's papers that the absence touches anew; how many changed."""
    zone = timezone.get_current_timezone()
    start, end = (
        dt.datetime.combine(day, dt.time.min, tzinfo=zone) for day in (absence.start_on, absence.end_on)
    )
    touched = Q(start_on__lt=absence.end_on, end_on__gt=absence.start_on) | Q(absence=absence)
    touched |= Q(due_at__gte=start, due_at__lt=end) | Q(regular_due_at__gte=start, regular_due_at__lt=end)
    papers = list(Paper.objects.select_for_update(of=("self",)).filter(touched, owner=absence.person_id))
    if not papers:
        return 0
    first, last = min(paper.start_on for paper in papers), max(paper.end_on for paper in papers)
    away = absences.counted([absence.person_id], start_on=first, end_on=last + LOOK)[absence.person_id]
    calendar, changed = working_calendar(), []
    for paper in papers:
        found = terms_of(
            Span(paper.start_on, paper.end_on), paper.regular_due_at or paper.due_at, away, calendar
        )
        if found != Terms(paper.due_at, paper.regular_due_at, paper.absence, paper.excused):
            take(paper, found)
            changed.append(paper)
    Paper.objects.bulk_update(changed, ["due_at", "regular_due_at", "absence", "excused"], batch_size=200)
    return len(changed)


def take(paper: Paper, terms: Terms) -> None:
    """Write the terms onto a paper; saving is the caller's."""
    paper.due_at, paper.regular_due_at = terms.due_at, terms.regular_due_at
    paper.absence, paper.excused = terms.absence, terms.excused
