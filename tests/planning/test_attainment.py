from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.attainment import clock_of, progress
from shengce.planning.forecast import Range
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
OCTOBER = Span(date(2025, 10, 1), date(2025, 11, 1))  # 1st to 8th free, 11th made up: 18 working days


@pytest.mark.parametrize(
    ("today", "gone"),
    [
        (date(2025, 9, 1), 0),
        (date(2025, 10, 9), 0),
        (date(2025, 10, 10), 1),
        (date(2025, 10, 12), 3),
        (date(2025, 11, 1), 18),
        (date(2026, 1, 1), 18),
    ],
)
def test_working_days_of_october(today, gone):
    clock = clock_of(OCTOBER, today, CALENDAR)
    assert (clock.days, clock.gone, clock.left) == (18, gone, 18 - gone)


def test_half_way():
    clock = clock_of(OCTOBER, date(2025, 10, 21), CALENDAR)  # nine gone, nine left
    found = progress(target=180, actual=80, clock=clock, actual_today=8)
    assert (found.due, found.behind, found.gap) == (90, 10, 100)
    assert found.run_rate == pytest.approx(80 / 90)
    assert found.per_day == pytest.approx(100 / 9)
    assert found.end == pytest.approx(72 + 8 * 9)
    assert found.end_range is None


def test_forecast_rules_at_the_beginning_and_pace_at_the_end():
    usual = Range(180, 150, 220)
    first = progress(
        target=200, actual=0, clock=clock_of(OCTOBER, date(2025, 10, 1), CALENDAR), expected=usual
    )
    assert (first.end, first.end_range) == (180, Range(180, 150, 220))
    late = clock_of(OCTOBER, date(2025, 10, 31), CALENDAR)
    last = progress(target=200, actual=340, clock=late, expected=usual)
    assert 355 < last.end < 360
    assert last.end_range.high - last.end < 10
    over = progress(
        target=200, actual=150, clock=clock_of(OCTOBER, date(2025, 11, 3), CALENDAR), expected=usual
    )
    assert (over.end, over.per_day) == (150, None)


def test_nothing_planned_and_no_working_day():
    golden = clock_of(Span(date(2025, 10, 1), date(2025, 10, 5)), date(2025, 10, 2), CALENDAR)
    found = progress(target=0, actual=5, clock=golden)
    assert (found.attained, found.run_rate, found.per_day, found.end) == (None, None, 0.0, 5)
    assert progress(target=9, actual=5, clock=golden).per_day is None
    with pytest.raises(ValueError):
        clock_of(Span(date(2025, 1, 1), date(2025, 1, 1)), date(2025, 1, 1), CALENDAR)


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.dates(date(2025, 9, 20), date(2025, 11, 10)), st.floats(0, 1))
def test_the_end_is_never_below_what_is_there(target, actual, today, share):
    found = progress(
        target=target, actual=actual, clock=clock_of(OCTOBER, today, CALENDAR), actual_today=actual * share
    )
    assert found.end >= actual
    assert found.gap == target - actual
