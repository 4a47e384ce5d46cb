"""Is a target sound? The year's target of a cell against what its own history and its open deals let expect.

What is already there counts as it is, the present month ends by its pace and its forecast, and the months that are left are
forecast. Every page that tells where a period will end tells this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from shengce.attainment.counting import next_month
from shengce.attainment.queries import actuals, history, history_by_day
from shengce.customers.deals import CLOSED
from shengce.customers.models import Deal
from shengce.people.models import AuditEntry, User
from shengce.planning.attainment import clock_of, end_of_period, end_with_months_ahead
from shengce.planning.forecast import Forecast, NoForecast, Range, forecast
from shengce.planning.periods import FiscalYear, Span, working_days
from shengce.planning.reasonableness import (
    DealSeen,
    Judgement,
    Pipeline,
    WinRate,
    judge,
    pipeline,
    win_rates,
)
from shengce.planning.working_time import Calendar
from shengce.targets.dimensions import BY_CODE

YEARS_BACK = 5
WEEK = dt.timedelta(days=7)
WEEKS_BACK = 112
"""Two years with a little to try them on."""
MOST_WEEKS_AHEAD = 13
MOST_CLOSED = 5000
"""So many of the last closed deals make the shares won."""
DEAL_CELLS = ("unit", "rep", "customer", "territory")
"""Dimensions of which a deal knows something; a deal names no product line."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A period's target, what is there of it, what is expected of the whole, and the verdict; minor units.

    ``months`` are the history's months with their amounts, oldest first. Where nothing is forecast ``reason`` is why,
    and ``expected`` and ``judgement`` are ``None``. ``usual`` is what such a period brings, not knowing what is there of its
    present month. ``present`` is where the present month (of a week, the present week) ends, where the period holds it.
    """

    target: int
    done: int
    expected: Range | None
    usual: Range | None
    judgement: Judgement | None
    reason: NoForecast | None
    months: list[tuple[dt.date, int]]
    ahead: Forecast | None
    deals: Pipeline | None
    present: Range | None = None


def outlook(
    metric: str,
    *,
    target: int,
    span: Span,
    user: User | None,
    where: Mapping[str, Any],
    today: dt.date,
    with_deals: bool = True,
    calendar: Calendar | None = None,
) -> Outlook:
    """The outlook of a period of whole months. One query, three more with deals (sales only)."""
    first = history_from(span, today)
    found = history(metric, first, span.end_on, user=user, where=where)
    deals = _pipeline(span, user, where, today) if with_deals and metric == "sales" else None
    days = days_of_months(first, span.end_on, calendar) if calendar is not None else None
    now = 0
    if today in span:
        just = Span(today, today + dt.timedelta(days=1))
        now = sum(actuals(metric, span=just, user=user, where=where).values())
    return outlook_from(
        found, target=target, span=span, today=today, deals=deals, days=days, calendar=calendar, now=now
    )


def days_of_months(start: dt.date, end: dt.date, calendar: Calendar) -> dict[dt.date, int]:
    """The working days of each month from that of ``start`` on; those of years whose official days are not known are absent."""
    month, found = start.replace(day=1), {}
    while month < end:
        following = next_month(month)
        if calendar.knows(month.year):
            found[month] = len(working_days(Span(month, following), calendar))
        month = following
    return found


def history_from(span: Span, today: dt.date) -> dt.date:
    """From which month on the history is read."""
    this_month = today.replace(day=1)
    return min(this_month.replace(year=this_month.year - YEARS_BACK), span.start_on)


def outlook_from(
    found: Mapping[dt.date, int],
    *,
    target: int,
    span: Span,
    today: dt.date,
    deals: Pipeline | None = None,
    days: Mapping[dt.date, int] | None = None,
    calendar: Calendar | None = None,
    now: int = 0,
) -> Outlook:
    """The outlook from what was reached by month, and the working days of months where they are known. No query.

    ``now`` is what today brought; without a calendar the present month's pace is not looked at.
    """
    this_month = today.replace(day=1)
    months = _filled(found, min(this_month, span.end_on))
    done = sum(amount for month, amount in found.items() if month in span)
    ahead: Forecast | None = None
    reason: NoForecast | None = None
    expected: Range | None = None
    usual: Range | None = None
    this_end: Range | None = None
    left = _months_between(max(this_month, span.start_on), span.end_on)
    gap = _months_between(this_month, max(this_month, span.start_on))
    try:
        if left:
            work = _known_days([month for month, _amount in months], this_month, gap + left, days or {})
            ahead = _forecast(tuple(amount for _month, amount in months), gap + left, 12, work)
            usual = _whole(ahead, gap, months, span)
            if gap == 0 and calendar is not None:
                present = found.get(this_month, 0)
                clock = clock_of(Span(this_month, next_month(this_month)), today, calendar)
                this_end = end_of_period(present, now, clock, ahead.periods[0])[1]
                expected = end_with_months_ahead(
                    behind=done - present, present=present, today=now, clock=clock, ahead=ahead
                )
            else:
                expected = _at_least(usual, done)
        else:
            expected = Range(float(done), float(done), float(done))
    except NoForecast as problem:
        reason = problem
    judgement = judge(target, expected) if expected is not None and target > 0 else None
    return Outlook(target, done, expected, usual, judgement, reason, months, ahead, deals, this_end)


def _at_least(usual: Range, done: int) -> Range:
    """What is there is there."""
    there = float(done)
    return Range(max(usual.mean, there), max(usual.low, there), max(usual.high, there))


@lru_cache(maxsize=512)
def _forecast(periods: tuple[int, ...], horizon: int, season: int, days: tuple[int, ...] | None) -> Forecast:
    """Sums change once an hour, pages are looked at more often."""
    return forecast(periods, horizon=horizon, season=season, days=days)


def _known_days(
    months: list[dt.date], this_month: dt.date, horizon: int, days: Mapping[dt.date, int]
) -> tuple[int, ...] | None:
    """The days of all these months and those ahead, or nothing where one of them is not known."""
    wanted = list(months)
    for _number in range(horizon):
        wanted.append(this_month)
        this_month = next_month(this_month)
    return tuple(days[month] for month in wanted) if all(month in days for month in wanted) else None


def week_outlook(
    metric: str,
    *,
    target: int,
    span: Span,
    user: User | None,
    where: Mapping[str, Any],
    today: dt.date,
    calendar: Calendar,
) -> Outlook | None:
    """The outlook of a week, whole or cut off by the year; ``months`` of the answer are weeks by their Monday. One query.

    Nothing for a cell with a customer: what he buys is not kept by the day.
    """
    this_week, week = (day - dt.timedelta(days=day.weekday()) for day in (today, span.start_on))
    first = this_week - WEEKS_BACK * WEEK
    daily = history_by_day(metric, min(first, week), week + WEEK, user=user, where=where)
    if daily is None:
        return None
    done = sum(amount for day, amount in daily.items() if day in span)
    if span.end_on <= today:
        sure = Range(float(done), float(done), float(done))
        return Outlook(
            target, done, sure, sure, judge(target, sure) if target > 0 else None, None, [], None, None
        )
    weeks = _weeks(daily, this_week)
    horizon = (week - this_week).days // 7 + 1
    try:
        if horizon > MOST_WEEKS_AHEAD:
            raise NoForecast("far", horizon, MOST_WEEKS_AHEAD)
        work = tuple(
            len(working_days(Span(day, day + WEEK), calendar))
            for day in [*(day for day, _amount in weeks), *(this_week + n * WEEK for n in range(horizon))]
        )
        ahead = _forecast(tuple(amount for _day, amount in weeks), horizon, 52, work)
    except NoForecast as problem:
        return Outlook(target, done, None, None, None, problem, weeks, None, None)
    usual = _part(ahead.periods[-1], span, week, work[-1], calendar)
    expected, this_end = _at_least(usual, done), None
    if today in span:
        this_end = end_of_period(done, daily.get(today, 0), clock_of(span, today, calendar), usual)[1]
        expected = this_end or expected
    judgement = judge(target, expected) if target > 0 else None
    return Outlook(target, done, expected, usual, judgement, None, weeks, ahead, None, this_end)


def _weeks(daily: Mapping[dt.date, int], this_week: dt.date) -> list[tuple[dt.date, int]]:
    """Every whole week from the first that is known until before the present one."""
    behind = [day for day in daily if day < this_week]
    if not behind:
        return []
    first = min(behind)
    monday = first - dt.timedelta(days=first.weekday())
    sums = {monday + n * WEEK: 0 for n in range((this_week - monday).days // 7)}
    for day in behind:
        sums[day - dt.timedelta(days=day.weekday())] += daily[day]
    return sorted(sums.items())


def _part(whole: Range, span: Span, week: dt.date, days: int, calendar: Calendar) -> Range:
    """Of a week that the year cuts off, the share of its working days; of its days where it has none."""
    if (span.end_on - span.start_on).days == 7:
        return whole
    share = len(working_days(span, calendar)) / days if days else (span.end_on - span.start_on).days / 7
    return Range(whole.mean * share, whole.low * share, whole.high * share)


def _whole(ahead: Forecast, gap: int, months: list[tuple[dt.date, int]], span: Span) -> Range:
    """What is behind of the period in whole months, and the sum of what is ahead of it."""
    behind = float(sum(amount for month, amount in months if month in span))
    every = ahead.sums[-1]
    if gap:  # the period has not begun: its own months, with the widths of the sum of all
        mean = every.mean - ahead.sums[gap - 1].mean
        share = mean / every.mean if every.mean else 1.0
        every = Range(mean, mean - (every.mean - every.low) * share, mean + (every.high - every.mean) * share)
    return Range(behind + every.mean, behind + every.low, behind + every.high)


def _filled(found: Mapping[dt.date, int], end: dt.date) -> list[tuple[dt.date, int]]:
    """Every month from the first that is known until before ``end``; the first one is left out where it began amid it."""
    if not found:
        return []
    month, months = min(found), []
    while month < end:
        months.append((month, found.get(month, 0)))
        month = next_month(month)
    return months


def _months_between(start: dt.date, end: dt.date) -> int:
    return max(0, (end.year - start.year) * 12 + end.month - start.month)


def _pipeline(span: Span, user: User | None, where: Mapping[str, Any], today: dt.date) -> Pipeline | None:
    """Open deals that are expected within the period, from today on, with the shares won of the whole firm."""
    if any(code not in DEAL_CELLS for code in where):
        return None
    rows: QuerySet[Deal] = Deal.objects.all() if user is None else Deal.objects.visible_to(user)
    rows = deals_within(of_cell(rows, where), span, today)
    seen = [
        DealSeen(stage, (today - timezone.localdate(made)).days, float(amount or 0) * 100)
        for stage, made, amount in rows.values_list("stage", "made_at", "amount")
    ]
    return pipeline(seen, rates())


def deals_within(rows: QuerySet[Deal], span: Span, today: dt.date) -> QuerySet[Deal]:
    """Open deals with an amount whose day lies within the period; what is overdue still counts."""
    rows = rows.filter(closed_at__isnull=True, amount__gt=0, expected_on__lt=span.end_on)
    return rows if span.start_on <= today else rows.filter(expected_on__gte=span.start_on)


def of_cell(rows: QuerySet[Deal], where: Mapping[str, Any]) -> QuerySet[Deal]:
    for code, value in where.items():
        lookup = {"rep": "owner", "customer": "customer", "unit": "unit", "territory": "customer__territory"}[
            code
        ]
        model = BY_CODE[code].model
        if BY_CODE[code].tree and model is not None:
            path = model._default_manager.filter(pk=value).values_list("path", flat=True).first() or "none"
            rows = rows.filter(**{f"{lookup}__path__startswith": path})
        else:
            rows = rows.filter(**{lookup: value})
    return rows


def rates() -> dict[tuple[str, bool], WinRate]:
    """The share won by the stage from which deals were closed and by their age then; the firm's last closed deals."""
    rows = Deal.objects.filter(stage__in=CLOSED, closed_at__isnull=False).order_by("-closed_at")
    last = rows.values_list("pk", "made_at", "closed_at", "stage")[:MOST_CLOSED]
    closed = {pk: ((ended - made).days, stage == Deal.Stage.WON) for pk, made, ended, stage in last if ended}
    return win_rates(DealSeen(stage, *_of(closed[pk])) for pk, stage in _last_stages(closed))


def _of(closed: tuple[int, bool]) -> tuple[int, float, bool]:
    days, won = closed
    return days, 1.0, won


def _last_stages(closed: Mapping[int, Any]) -> Iterable[tuple[int, str]]:
    """From which open stage each deal was closed, as its history tells."""
    entries = AuditEntry.objects.filter(
        subject_type="customers.deal",
        action__in=("deal.moved", "deal.lost"),
        subject_id__in=list(closed)[:900],
    )
    stages = {
        pk: str(details.get("old", ""))
        for pk, details in entries.order_by("at", "pk").values_list("subject_id", "details")
    }
    return [(pk, stages.get(pk, "")) for pk in closed]


def year_of(version: Any, on: dt.date) -> FiscalYear:
    """The fiscal year of the targets; without any, the calendar year."""
    return version.target_set.year if version is not None else FiscalYear(dt.date(on.year, 1, 1))
