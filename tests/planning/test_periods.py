"""The fiscal year and its days: what adds up, what is a working day, what is only guessed."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning.periods import (
    FiscalYear,
    NoWorkingDays,
    Span,
    by_span,
    guessed_years,
    spread_by_day,
    spread_evenly,
    weeks_of,
    working_days,
    year_by_day,
)
from shengce.planning.working_time import Calendar

CHINA = Calendar(dt.timezone(dt.timedelta(hours=8)))
starts = st.dates(dt.date(2007, 1, 1), dt.date(2025, 12, 1)).map(lambda day: day.replace(day=1))


@given(starts)
@settings(deadline=None)
def test_parts_of_a_year_follow_each_other_without_gap(start):
    year = FiscalYear(start)
    for parts in (year.months, year.quarters, year.weeks()):
        assert parts[0].start_on == start and parts[-1].end_on == year.end_on
        assert all(a.end_on == b.start_on for a, b in pairwise(parts))
    assert len(year.months) == 12 and len(year.quarters) == 4
    assert all(week.start_on.weekday() == 0 for week in year.weeks()[1:])
    assert [year.month_index(month.start_on) for month in year.months] == list(range(12))
    assert year.previous.end_on == start


@given(starts, st.lists(st.integers(-(10**9), 10**12), min_size=12, max_size=12))
@settings(deadline=None)
def test_days_weeks_quarters_and_the_year_say_the_same(start, months):
    year = FiscalYear(start)
    by_day = year_by_day(tuple(months), year, CHINA)
    assert by_span(by_day, year.months) == tuple(months)
    assert sum(by_span(by_day, year.weeks())) == sum(by_span(by_day, year.quarters)) == sum(months)
    assert all(CHINA.works(day) for day in by_day)


@given(st.integers(-(10**12), 10**12), st.integers(1, 400))
@settings(deadline=None)
def test_evenly_spread(total, parts):
    shares = spread_evenly(total, parts)
    assert sum(shares) == total and max(shares) - min(shares) <= 1


def test_official_days_of_2026():
    """The State Council's notice: spring festival 15 to 23 February, made up for on 14 and 28 February."""
    february = FiscalYear(dt.date(2026, 1, 1)).months[1]
    days = working_days(february, CHINA)
    assert dt.date(2026, 2, 14) in days and dt.date(2026, 2, 28) in days
    assert not {dt.date(2026, 2, n) for n in range(15, 24)} & set(days)
    assert len(days) == 16


def test_the_firms_own_days_go_first():
    closed = Calendar(dt.UTC, days={dt.date(2026, 2, day): False for day in range(1, 29)})
    with pytest.raises(NoWorkingDays):
        spread_by_day(1, FiscalYear(dt.date(2026, 1, 1)).months[1], closed)
    assert spread_by_day(0, FiscalYear(dt.date(2026, 1, 1)).months[1], closed) == {}


def test_years_without_a_notice_are_named():
    assert guessed_years(FiscalYear(dt.date(2026, 7, 1)).span, CHINA) in ((2027,), ())
    assert guessed_years(FiscalYear(dt.date(2090, 7, 1)).span, CHINA) == (2090, 2091)
    assert guessed_years(Span(dt.date(2026, 1, 1), dt.date(2026, 1, 1)), CHINA) == ()


def test_weeks_are_cut_at_the_edges():
    weeks = weeks_of(Span(dt.date(2026, 1, 1), dt.date(2026, 1, 13)))
    assert [(w.start_on.day, w.end_on.day) for w in weeks] == [(1, 5), (5, 12), (12, 13)]


@pytest.mark.parametrize("day", [dt.date(2026, 1, 2), dt.date(9998, 2, 1)])
def test_a_year_that_is_none(day):
    with pytest.raises(ValueError):
        FiscalYear(day)


def test_outside_the_year():
    with pytest.raises(ValueError):
        FiscalYear(dt.date(2026, 7, 1)).month_index(dt.date(2026, 6, 30))
