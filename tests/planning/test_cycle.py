"""Which line is driven on which day: holidays, days that make up for them, years that nobody knows."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from shengce.planning.cycle import FIRST_MONDAY, line_days, week_of_cycle
from shengce.planning.working_time import Calendar

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
WEEKDAYS = (0, 1, 2, 3, 4)


def lines(first: str, last: str, calendar: Calendar = CALENDAR) -> dict[str, tuple[int, int, bool]]:
    found = line_days(
        dt.date.fromisoformat(first),
        dt.date.fromisoformat(last),
        weekdays=WEEKDAYS,
        weeks=4,
        calendar=calendar,
    )
    return {day.isoformat(): (line.week, line.weekday, line.made_up) for day, line in found.items()}


def test_a_plain_week() -> None:
    found = lines("2025-11-24", "2025-12-01")
    assert list(found) == [f"2025-11-{day}" for day in range(24, 29)]
    assert [line[1] for line in found.values()] == [0, 1, 2, 3, 4]
    assert len({line[0] for line in found.values()}) == 1


def test_weeks_go_round() -> None:
    weeks = [week_of_cycle(FIRST_MONDAY + dt.timedelta(weeks=number), 4) for number in range(6)]
    assert weeks == [0, 1, 2, 3, 0, 1]
    assert week_of_cycle(FIRST_MONDAY - dt.timedelta(days=1), 4) == 3


def test_a_holiday_is_made_up() -> None:
    """National day 2025: 1 to 8 October are free, 28 September and 11 October (a Sunday, a Saturday) are worked."""
    found = lines("2025-09-22", "2025-10-20")
    assert "2025-10-01" not in found
    assert "2025-10-08" not in found
    assert found["2025-09-28"] == (week_of_cycle(dt.date(2025, 10, 1), 4), 2, True)
    assert found["2025-10-11"][2]
    assert found["2025-10-11"][1] == 3  # the second line that was lost: Thursday 2 October


def test_the_answer_does_not_depend_on_the_span_that_is_asked() -> None:
    whole = lines("2025-09-01", "2025-11-01")
    for day in ("2025-09-28", "2025-10-11", "2025-10-13"):
        after = (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()
        assert lines(day, after) == {day: whole[day]}


def test_the_firms_own_days() -> None:
    own = Calendar(ZoneInfo("Asia/Shanghai"), days={dt.date(2025, 11, 26): False})
    assert "2025-11-26" not in lines("2025-11-24", "2025-12-01", own)


def test_an_unknown_year_and_too_long_a_span() -> None:
    assert len(lines("2040-03-05", "2040-03-12")) == 5
    with pytest.raises(ValueError):
        lines("2020-01-01", "2025-01-01")
