"""Deadlines in working hours: how far a moment lies from another when only the hours of working days count.

Working days are those of mainland China, with the days that are worked to make up for a holiday, from the library
``chinesecalendar`` (checked against the official notices of 2007–2026). Where it does not know a year — the notice for the
next one comes out in autumn — Monday to Friday count, and every answer says which years were taken so: :class:`Reckoned`.
Days that a firm enters itself go before both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from chinese_calendar import get_workdays

Spells = tuple[tuple[time, time], ...]

WORKING_DAY: Spells = ((time(9), time(12)), (time(13, 30), time(18)))
"""Half-open spells of a working day, in order: 9:00–12:00 and 13:30–18:00, seven and a half hours."""

MOST_HOURS = 50_000
"""More than twenty years: a deadline beyond that is a typing mistake."""
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When work is done. ``zone`` is where; ``days`` are days that the firm says itself: works (True) or not (False).

    Raises ``ValueError`` where a spell is empty, or the spells are not in order.
    """

    zone: tzinfo
    spells: Spells = WORKING_DAY
    days: Mapping[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        edges = [edge for spell in self.spells for edge in spell]
        if not edges or edges != sorted(set(edges)):
            raise ValueError("the spells of a working day must be in order and not empty")

    @property
    def day_length(self) -> timedelta:
        """How long a working day is."""
        return sum((_on(date.min, end) - _on(date.min, start) for start, end in self.spells), _ZERO)

    def works(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        said = self.days.get(day)
        if said is not None:
            return said
        official = _official(day.year)
        return day.weekday() < 5 if official is None else day in official

    def knows(self, year: int) -> bool:
        """Whether the official days of ``year`` are there; else Monday to Friday count, but for days said otherwise."""
        return _official(year) is not None

    def open_spells(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The spells of one day in UTC, so that lengths are true where clocks are put forward or back."""
        return _spells(day, self.spells, self.zone) if self.works(day) else ()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A moment or a length, and the years in which Monday to Friday were taken for working days."""

    at: datetime
    worked: timedelta
    guessed: tuple[int, ...] = ()

    @property
    def hours(self) -> float:
        return self.worked / timedelta(hours=1)


def add_working_hours(moment: datetime, hours: float, calendar: Calendar) -> Reckoned:
    """The first moment at which ``hours`` of working time have passed since ``moment``; ``hours`` is 0 or more.

    Three hours from 17:00 on a Friday end on Monday at 11:00; exactly what is left of a day ends with that day, not
    with the beginning of the next. No hours end at once. ``at`` is in the calendar's zone.

    Raises ``ValueError`` for a moment without zone, negative hours, or more than :data:`MOST_HOURS`;
    ``OverflowError`` where the calendar ends.
    """
    if not 0 <= hours <= MOST_HOURS:
        raise ValueError(f"hours must be from 0 to {MOST_HOURS}, not {hours}")
    wanted = left = timedelta(hours=hours)
    at = start = _aware(moment)
    day = start.astimezone(calendar.zone).date()
    years = {day.year}
    while left > _ZERO:
        years.add(day.year)
        for opens, closes in calendar.open_spells(day):
            begins = max(opens, start)
            if begins < closes and left > _ZERO:
                at = min(closes, begins + left)
                left -= at - begins
        day += timedelta(days=1)
    return Reckoned(at.astimezone(calendar.zone), wanted, _guessed(years, calendar))


def working_hours_between(start: datetime, end: datetime, calendar: Calendar) -> Reckoned:
    """The working time from ``start`` until before ``end``; negative where ``end`` is the earlier one. ``at`` is ``end``.

    Raises ``ValueError`` for moments without zone.
    """
    first, last = _aware(start), _aware(end)
    if last < first:
        back = working_hours_between(end, start, calendar)
        return Reckoned(last.astimezone(calendar.zone), -back.worked, back.guessed)
    worked = _ZERO
    day, final = (moment.astimezone(calendar.zone).date() for moment in (first, last))
    years = set(range(day.year, final.year + 1))
    while day <= final:
        for opens, closes in calendar.open_spells(day):
            worked += max(_ZERO, min(closes, last) - max(opens, first))
        if day == final:
            break
        day += timedelta(days=1)
    return Reckoned(last.astimezone(calendar.zone), worked, _guessed(years, calendar))


@lru_cache(maxsize=8192)
def _spells(day: date, spells: Spells, zone: tzinfo) -> tuple[tuple[datetime, datetime], ...]:
    """A list of late tickets asks for the same days over and over."""
    pairs = (tuple(_on(day, edge, zone).astimezone(UTC) for edge in spell) for spell in spells)
    return tuple((first, last) for first, last in pairs if first < last)


def _on(day: date, clock: time, zone: tzinfo | None = None) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC)


def _guessed(years: set[int], calendar: Calendar) -> tuple[int, ...]:
    return tuple(sorted(year for year in years if not calendar.knows(year)))


@lru_cache(maxsize=64)
def _official(year: int) -> frozenset[date] | None:
    """The working days of a year; ``None`` for one without a notice, for which the library raises."""
    try:
        return frozenset(get_workdays(date(year, 1, 1), date(year, 12, 31)))
    except NotImplementedError:
        return None
