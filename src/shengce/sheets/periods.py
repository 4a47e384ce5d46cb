"""Which stretch of time a paper is about, and when it is due."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.sheets.forms_of_papers import DueRule
from shengce.sheets.models import Period

_DAY = dt.timedelta(days=1)


def period_of(kind: str, day: dt.date) -> Span:
    """The period of a kind in which ``day`` lies, half-open; weeks begin on Monday, quarters in January."""
    if kind == Period.DAY:
        return Span(day, day + _DAY)
    if kind == Period.WEEK:
        start = day - dt.timedelta(days=day.weekday())
        return Span(start, start + dt.timedelta(days=7))
    if kind == Period.QUARTER:
        first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return Span(first, _months_later(first, 3))
    first = day.replace(day=1)
    return Span(first, _months_later(first, 1))


def previous(kind: str, span: Span) -> Span:
    return period_of(kind, span.start_on - _DAY)


def following(kind: str, span: Span) -> Span:
    return period_of(kind, span.end_on)


def due_moment(span: Span, rule: DueRule, calendar: Calendar) -> dt.datetime:
    """When a paper about ``span`` is due: the hour of the n-th working day after its first or last day."""
    day = span.start_on if rule.anchor == "start" else span.end_on - _DAY
    left = rule.working_days
    for _step in range(MOST_DAYS):
        if left == 0 and (rule.working_days or calendar.works(day)):
            break
        day += _DAY
        left -= left > 0 and calendar.works(day)
    return dt.datetime.combine(day, dt.time(rule.hour), tzinfo=timezone.get_current_timezone())


MOST_DAYS = 366
"""Nobody has holidays for a year; a calendar without working days ends here."""


def _months_later(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)
