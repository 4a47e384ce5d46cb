"""A rep's own targets: this month, this week, today, and the calendar of the month, at all three levels."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shengce.people.models import User
from shengce.people.working_days import working_calendar
from shengce.planning.periods import NoWorkingDays, Span, guessed_years, weeks_of, working_days
from shengce.planning.working_time import Calendar
from shengce.targets.levels import is_current
from shengce.targets.metrics import active_metrics
from shengce.targets.models import Level, Metric, TargetVersion
from shengce.targets.queries import Twelve, planned, planned_by_day


@dataclass(frozen=True, slots=True)
class OwnTarget:
    """Minor units. ``levels`` are ``(name, this month, the year)``; ``days`` are those of the month (``None``: nobody works)."""

    metric: Metric
    year: int
    month: int
    week: int
    day: int
    levels: list[tuple[str, int, int]]
    days: list[tuple[dt.date, int | None]]
    no_days: bool = False


@dataclass(frozen=True, slots=True)
class OwnPage:
    """``working_left`` counts today. ``guessed`` are years whose holidays are not known."""

    targets: list[OwnTarget]
    month: Span
    week: Span
    working: int
    working_left: int
    guessed: tuple[int, ...]


def own_targets(version: TargetVersion, user: User, *, rep: User, on: dt.date) -> OwnPage:
    """What ``rep`` is to reach around ``on``, a day of the version's year."""
    calendar = working_calendar()
    year = version.target_set.year
    index = year.month_index(on)
    month = year.months[index]
    week = next(week for week in weeks_of(year.span) if on in week)
    days = working_days(month, calendar)
    targets = [
        target
        for metric in active_metrics().exclude(kind=Metric.Kind.QUALITATIVE)
        if (target := _own(version, metric, user, rep, on, index, month, week, calendar)) is not None
    ]
    left = sum(1 for day in days if day >= on)
    return OwnPage(targets, month, week, len(days), left, guessed_years(month, calendar))


def _own(
    version: TargetVersion,
    metric: Metric,
    user: User,
    rep: User,
    on: dt.date,
    index: int,
    month: Span,
    week: Span,
    calendar: Calendar,
) -> OwnTarget | None:
    def twelve(level: str) -> Twelve:
        return planned(version, metric.code, by=(), user=user, where={"rep": rep.pk}, level=level).get(
            (), (0,) * 12
        )

    months = twelve(Level.TARGET)
    if not any(months):
        return None
    levels = [(str(Level.TARGET.label), months[index], sum(months))]
    if version.levels_at is not None and (is_current(version) or not version.is_open):
        for level in (Level.SPRINT, Level.CHALLENGE):
            figures = twelve(level)
            levels.append((str(level.label), figures[index], sum(figures)))
    try:
        by_day = planned_by_day(version, months, calendar=calendar)
    except NoWorkingDays:
        return OwnTarget(metric, sum(months), months[index], 0, 0, levels, [], no_days=True)
    in_week = sum(by_day.get(day, 0) for day in week)
    days = [(day, by_day.get(day)) for day in month]
    return OwnTarget(metric, sum(months), months[index], in_week, by_day.get(on, 0), levels, days)
