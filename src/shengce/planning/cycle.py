"""Which line of the cycle is driven on which day: weeks are counted from one fixed Monday, so that versions do not shift them.

A holiday takes its line away. A day that is worked to make up for it (a Saturday or Sunday) takes over the first line that
was lost in the same week or the one beside it; so nobody waits a whole cycle because of a holiday.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from shengce.planning.working_time import Calendar

FIRST_MONDAY = date(2024, 1, 1)
"""Week 0 of every cycle begins here."""

AROUND = timedelta(weeks=6)
_NEAR_DAYS = 13


@dataclass(frozen=True, slots=True)
class LineDay:
    """The line of ``week`` and ``weekday`` on a day; ``made_up`` where it stands in for a holiday."""

    day: date
    week: int
    weekday: int
    made_up: bool = False


def week_of_cycle(day: date, weeks: int) -> int:
    """From 0 to before ``weeks``."""
    return (day - FIRST_MONDAY).days // 7 % weeks


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def line_days(
    first: date, last: date, *, weekdays: Collection[int], weeks: int, calendar: Calendar
) -> dict[date, LineDay]:
    """The line of every day from ``first`` until before ``last`` on which one is driven.

    Raises ``ValueError`` for more than two years.
    """
    if last - first > timedelta(days=731):
        raise ValueError("lines are shown for two years at most")
    found: dict[date, LineDay] = {}
    # Whole weeks, and enough of them around, so that the answer is the same whatever span is asked for.
    day, end = monday_of(first) - AROUND, monday_of(last) + AROUND
    lost: list[LineDay] = []
    spare: list[date] = []
    while day < end:
        here = LineDay(day, week_of_cycle(day, weeks), day.weekday())
        works = calendar.works(day)
        if day.weekday() in weekdays:
            if works:
                found[day] = here
            else:
                lost.append(here)
        elif works and day.weekday() >= 5:
            spare.append(day)
        day += timedelta(days=1)
    for free in spare:
        near = [line for line in lost if abs((line.day - free).days) <= _NEAR_DAYS]
        if near:
            taken = near[0]
            lost.remove(taken)
            found[free] = LineDay(free, taken.week, taken.weekday, made_up=True)
    return {day: line for day, line in sorted(found.items()) if first <= day < last}
