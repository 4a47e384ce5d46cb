"""A fiscal year and its parts: quarters, months, weeks, days; and a month's sum spread over its working days, to the unit.

Working days are those of :class:`planning.working_time.Calendar`: the official Chinese ones with make-up days, with the
firm's own days before them. Sums are whole minor units (cents, or ones), and every spread adds up exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from shengce.planning.working_time import Calendar

MONTHS_OF_YEAR = 12
_DAY = timedelta(days=1)


class NoWorkingDays(ValueError):
    """A sum is to be spread over a span in which nobody works."""

    def __init__(self, first: date, end: date) -> None:
        super().__init__(f"no working day from {first} until before {end}")
        self.first, self.end = first, end


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start_on`` until before ``end_on``."""

    start_on: date
    end_on: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start_on <= day < self.end_on

    def __iter__(self) -> Iterator[date]:
        day = self.start_on
        while day < self.end_on:
            yield day
            day += _DAY

    def overlap(self, other: Span) -> Span:
        """The days that both have; where there are none, an empty span."""
        start = max(self.start_on, other.start_on)
        return Span(start, max(start, min(self.end_on, other.end_on)))


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Twelve months from ``start_on``, the first of a month. Raises ``ValueError`` for another day, or past the year 9998."""

    start_on: date

    def __post_init__(self) -> None:
        if self.start_on.day != 1:
            raise ValueError("a fiscal year begins on the first of a month")
        if self.start_on.year > 9997:
            raise ValueError("the calendar ends with the year 9999")

    @property
    def end_on(self) -> date:
        """The first day of the next year."""
        return _months_later(self.start_on, MONTHS_OF_YEAR)

    @property
    def span(self) -> Span:
        return Span(self.start_on, self.end_on)

    @property
    def months(self) -> tuple[Span, ...]:
        """The twelve months in order."""
        edges = [_months_later(self.start_on, count) for count in range(MONTHS_OF_YEAR + 1)]
        return tuple(Span(first, end) for first, end in pairwise(edges))

    @property
    def quarters(self) -> tuple[Span, ...]:
        """Four times three months."""
        months = self.months
        return tuple(Span(months[i].start_on, months[i + 2].end_on) for i in range(0, MONTHS_OF_YEAR, 3))

    def weeks(self, within: Span | None = None) -> tuple[Span, ...]:
        """Weeks from Monday, cut off where the year (or ``within``) begins and ends."""
        whole = self.span if within is None else self.span.overlap(within)
        return weeks_of(whole)

    def month_index(self, day: date) -> int:
        """Which month ``day`` lies in, from 0. Raises ``ValueError`` outside the year."""
        index = (day.year - self.start_on.year) * MONTHS_OF_YEAR + day.month - self.start_on.month
        if not 0 <= index < MONTHS_OF_YEAR:
            raise ValueError(f"{day} lies outside the fiscal year from {self.start_on}")
        return index

    @property
    def previous(self) -> FiscalYear:
        """The year before."""
        return FiscalYear(_months_later(self.start_on, -MONTHS_OF_YEAR))


def weeks_of(span: Span) -> tuple[Span, ...]:
    """The weeks from Monday of a span, the first and the last cut off at its edges."""
    weeks: list[Span] = []
    day = span.start_on
    while day < span.end_on:
        monday_after = day + timedelta(days=7 - day.weekday())
        weeks.append(Span(day, min(monday_after, span.end_on)))
        day = monday_after
    return tuple(weeks)


def working_days(span: Span, calendar: Calendar) -> list[date]:
    """The days of ``span`` on which people work, in order."""
    return [day for day in span if calendar.works(day)]


def guessed_years(span: Span, calendar: Calendar) -> tuple[int, ...]:
    """The years of ``span`` whose official days are not known, so that Monday to Friday were taken."""
    if span.start_on >= span.end_on:
        return ()
    years = range(span.start_on.year, (span.end_on - _DAY).year + 1)
    return tuple(year for year in years if not calendar.knows(year))


def spread_evenly(total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` whole numbers that differ by 1 at most and are strewn evenly: 10 in 4 is 2, 3, 2, 3.

    Raises ``ValueError`` for no parts. A negative total is spread as its positive one.
    """
    if parts < 1:
        raise ValueError("there must be a part")
    if total < 0:
        return [-share for share in spread_evenly(-total, parts)]
    edges = [total * number // parts for number in range(parts + 1)]
    return [end - start for start, end in pairwise(edges)]


def spread_by_day(total: int, span: Span, calendar: Calendar) -> dict[date, int]:
    """A month's sum by working day; the days add up to ``total``. Days on which nobody works are left out.

    Raises :class:`NoWorkingDays` where there is a sum and no day for it; for 0 the answer is then empty.
    """
    days = working_days(span, calendar)
    if not days:
        if total:
            raise NoWorkingDays(span.start_on, span.end_on)
        return {}
    return dict(zip(days, spread_evenly(total, len(days)), strict=True))


def year_by_day(months: tuple[int, ...], year: FiscalYear, calendar: Calendar) -> dict[date, int]:
    """Twelve months' sums by working day of the year. Raises :class:`NoWorkingDays` as :func:`spread_by_day`."""
    by_day: dict[date, int] = {}
    for total, span in zip(months, year.months, strict=True):
        by_day.update(spread_by_day(total, span, calendar))
    return by_day


def sum_within(by_day: Mapping[date, int], span: Span) -> int:
    """What falls on the days of ``span``."""
    return sum(amount for day, amount in by_day.items() if day in span)


def by_span(by_day: Mapping[date, int], spans: tuple[Span, ...]) -> tuple[int, ...]:
    """The sums of consecutive spans; where they cover the year, they add up to its sum."""
    return tuple(sum_within(by_day, span) for span in spans)


def _months_later(first: date, months: int) -> date:
    count = first.year * MONTHS_OF_YEAR + first.month - 1 + months
    return date(count // MONTHS_OF_YEAR, count % MONTHS_OF_YEAR + 1, 1)
