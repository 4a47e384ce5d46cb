"""On which days and at which hours the firm works. Its own days (rows of ``CalendarDay``) go before the official ones.

Every room counts with this one calendar: routes, deadlines of tickets and papers, targets, run rates.
"""

from __future__ import annotations

import datetime as dt
from calendar import Calendar as Weeks
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml
from django.utils import timezone

from shengce.people.models import CalendarDay
from shengce.planning.working_time import Calendar, Spells

FIRST_YEAR, LAST_YEAR = 2004, 2100
"""Of the firm's calendar."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year's sheet. ``usual``: as its weekday says; ``own``: what the firm said of it itself."""

    day: dt.date
    works: bool
    usual: bool
    own: CalendarDay | None


@dataclass(frozen=True, slots=True)
class Month:
    """``weeks`` begin on Monday; ``None`` stands for the days of the months beside it."""

    first: dt.date
    weeks: tuple[tuple[Day | None, ...], ...]
    working_days: int


@dataclass(frozen=True, slots=True)
class DaysSaid:
    """What is out of the usual in the half-open days asked for. ``free``: weekdays on which nobody works; ``worked``: days of
    a weekend that are worked; each with the occasion, where the firm wrote one. ``guessed``: years whose holidays are not
    announced: there Monday to Friday count.
    """

    calendar: Calendar
    free: dict[dt.date, str]
    worked: dict[dt.date, str]
    guessed: tuple[int, ...]

    def works(self, day: dt.date) -> bool:
        return self.calendar.works(day)

    def __bool__(self) -> bool:
        return bool(self.free or self.worked or self.guessed)


@lru_cache(maxsize=1)
def _spells() -> Spells:
    text = files("shengce.people").joinpath("data/working_time.yaml").read_text(encoding="utf-8")
    return tuple(
        (dt.time.fromisoformat(start), dt.time.fromisoformat(end))
        for start, end in yaml.safe_load(text)["working_day"]
    )


def working_calendar() -> Calendar:
    """The firm's working time: its own days go before the official ones. One query."""
    return _calendar(CalendarDay.objects.all())


def _calendar(own: Iterable[CalendarDay]) -> Calendar:
    return Calendar(timezone.get_default_timezone(), _spells(), {row.day: row.works for row in own})


def calendar_if(day: dt.date, works: bool | None) -> Calendar:
    """The firm's working time if it said of ``day`` that people work, or not; ``None``: if it said nothing of it. One query."""
    rows = CalendarDay.objects.exclude(day=day)
    said = {row.day: row.works for row in rows} | ({} if works is None else {day: works})
    return Calendar(timezone.get_default_timezone(), _spells(), said)


def days_said(first: dt.date, last: dt.date) -> DaysSaid:
    """What to know of the days from ``first`` until before ``last``. One query."""
    own = list(CalendarDay.objects.all())
    names = {row.day: row.name for row in own}
    calendar = _calendar(own)
    free: dict[dt.date, str] = {}
    worked: dict[dt.date, str] = {}
    for number in range((last - first).days):
        day = first + dt.timedelta(days=number)
        if (works := calendar.works(day)) != (day.weekday() < 5):
            (worked if works else free)[day] = names.get(day, "")
    years = range(first.year, (last - dt.timedelta(days=1)).year + 1)
    return DaysSaid(calendar, free, worked, tuple(year for year in years if not calendar.knows(year)))


def next_closing(moment: dt.datetime) -> dt.datetime:
    """When work ends on the first working day after that of ``moment``. One query."""
    calendar, day = working_calendar(), timezone.localdate(moment)
    for _each in range(60):
        day += dt.timedelta(days=1)
        if calendar.works(day):
            break
    return timezone.make_aware(dt.datetime.combine(day, calendar.spells[-1][1]))


def firm_days(year: int) -> list[CalendarDay]:
    """The firm's own days of a year, in order. One query."""
    return list(CalendarDay.objects.filter(day__year=year))


def year_sheet(year: int, own: list[CalendarDay]) -> list[Month]:
    """The twelve months of a year as they are worked; ``own`` are the firm's own days of it."""
    said = {row.day: row for row in own}
    calendar = _calendar(own)
    return [_month(year, month, calendar, said) for month in range(1, 13)]


def _month(year: int, month: int, calendar: Calendar, said: dict[dt.date, CalendarDay]) -> Month:
    def cell(day: dt.date) -> Day | None:
        if day.month != month:
            return None
        works = calendar.works(day)
        return Day(day, works, works == (day.weekday() < 5), said.get(day))

    weeks = tuple(tuple(map(cell, week)) for week in Weeks().monthdatescalendar(year, month))
    worked = sum(day is not None and day.works for week in weeks for day in week)
    return Month(dt.date(year, month, 1), weeks, worked)
