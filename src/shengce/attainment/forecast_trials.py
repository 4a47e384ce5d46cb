"""How good forecasts were on the firm's own history: sales and collections of the whole firm and of each rep, by month and week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
from django.db.models import Sum

from shengce.attainment.models import RepDayActual
from shengce.people.working_days import working_calendar
from shengce.planning.forecast_trials import Trial
from shengce.planning.periods import Span, working_days
from shengce.planning.working_time import Calendar

METRICS = ("sales", "collections")
MONTHS_KNOWN, WEEKS_KNOWN = 12, 26
WEEK = dt.timedelta(days=7)


def own_trials(today: dt.date) -> dict[str, list[Trial]]:
    """Every origin from a year (half a year of weeks) on; the present month and week are left out. One query a metric."""
    calendar = working_calendar()
    found: dict[str, list[Trial]] = {}
    for metric in METRICS:
        by_rep: dict[int | None, dict[dt.date, int]] = defaultdict(dict)
        rows = RepDayActual.objects.filter(metric=metric, day__lt=today).order_by()
        for rep, day, amount in rows.values_list("rep", "day").annotate(Sum("amount")):
            by_rep[rep][day] = int(amount or 0)
        whole: dict[dt.date, int] = defaultdict(int)
        for daily in by_rep.values():
            for day, amount in daily.items():
                whole[day] += amount
        reps = [daily for rep, daily in by_rep.items() if rep is not None]
        for who, series in (("firm", [dict(whole)]), ("reps", reps)):
            for period in ("months", "weeks"):
                trials = [_trial(daily, period, today, calendar) for daily in series if daily]
                found[f"own {metric} of {who}, {period}"] = trials
    return found


def _trial(daily: dict[dt.date, int], period: str, today: dt.date, calendar: Calendar) -> Trial:
    spans = _spans(min(daily), today, weekly=period == "weeks")
    sums = np.array([sum(daily.get(day, 0) for day in span) / 100 for span in spans])
    days = np.array([float(len(working_days(span, calendar))) for span in spans])
    if period == "weeks":
        return Trial(sums, WEEKS_KNOWN, 1, 4, 52, days)
    return Trial(sums, MONTHS_KNOWN, 1, 1, 12, days)


def _spans(first: dt.date, today: dt.date, *, weekly: bool) -> list[Span]:
    """Whole weeks or months from the one of ``first`` until before that of ``today``."""
    spans: list[Span] = []
    if weekly:
        start, end = first - dt.timedelta(days=first.weekday()), today - dt.timedelta(days=today.weekday())
        while start < end:
            spans.append(Span(start, start + WEEK))
            start += WEEK
        return spans
    start, end = first.replace(day=1), today.replace(day=1)
    while start < end:
        following = (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        spans.append(Span(start, following))
        start = following
    return spans
