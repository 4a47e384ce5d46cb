"""Working hours against brute force, the official notices of twenty years, and a clock that is put forward."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning.working_time import (
    MOST_HOURS,
    Calendar,
    add_working_hours,
    working_hours_between,
)
from tests.conftest import SHARED_DATA

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = Calendar(SHANGHAI)
NOTICES = SHARED_DATA / "holiday-cn"

moments = st.datetimes(datetime(2019, 1, 1), datetime(2030, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)
minutes = st.integers(0, 60 * 200)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-26 10:00", 1, "2026-11-26 11:00"),
        ("2026-11-26 11:00", 2, "2026-11-26 14:30"),  # over noon
        ("2026-11-27 17:00", 3, "2026-11-30 11:00"),  # Friday to Monday
        ("2026-11-26 09:00", 7.5, "2026-11-26 18:00"),  # a whole day ends with it
        ("2026-11-26 12:30", 1, "2026-11-26 14:30"),  # asked in the break
        ("2026-11-28 03:00", 0.5, "2026-11-30 09:30"),  # asked on a Saturday night
        ("2026-11-26 23:59", 0, "2026-11-26 23:59"),  # no hours end at once
        ("2026-02-13 17:00", 2, "2026-02-14 10:00"),  # a Saturday that is worked before the Spring Festival
        ("2026-02-14 17:00", 2, "2026-02-24 10:00"),  # and nine days off behind it
        ("2026-09-30 17:30", 1, "2026-10-08 09:30"),
    ],
)
def test_deadlines(start: str, hours: float, end: str) -> None:
    found = add_working_hours(at(start), hours, CHINA)
    assert (found.at, found.guessed) == (at(end), ())
    assert found.at.tzinfo is SHANGHAI


def brute(start: datetime, count: int, calendar: Calendar) -> datetime:
    """Minute by minute."""
    moment = start
    while count:
        local = moment.astimezone(calendar.zone)
        open_now = any(first <= local.time() < last for first, last in calendar.spells)
        moment = (moment.astimezone(UTC) + timedelta(minutes=1)).astimezone(calendar.zone)
        count -= open_now and calendar.works(local.date())
    return moment


@settings(max_examples=30, deadline=None)
@given(moments, st.integers(0, 60 * 20))
def test_as_counting_minutes(start: datetime, count: int) -> None:
    assert add_working_hours(start, count / 60, CHINA).at == brute(start, count, CHINA)


@settings(deadline=None)
@given(moments, minutes)
def test_there_and_back(start: datetime, count: int) -> None:
    """What was added is what lies between, and one minute less is not enough."""
    end = add_working_hours(start, count / 60, CHINA).at
    assert abs(working_hours_between(start, end, CHINA).worked - timedelta(minutes=count)) < timedelta(
        milliseconds=1
    )
    if count:
        before = working_hours_between(start, end - timedelta(minutes=1), CHINA)
        assert before.worked < timedelta(minutes=count)


@settings(deadline=None)
@given(moments, moments, moments)
def test_stretches_add_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    parts = [working_hours_between(*pair, CHINA).worked for pair in ((first, middle), (middle, last))]
    assert sum(parts, timedelta(0)) == working_hours_between(first, last, CHINA).worked
    assert working_hours_between(last, first, CHINA).worked == -sum(parts, timedelta(0))
    assert timedelta(0) <= parts[0] <= middle - first


@settings(deadline=None)
@given(moments, minutes, minutes)
def test_more_hours_end_later(start: datetime, less: int, more: int) -> None:
    less, more = sorted((less, more))
    assert add_working_hours(start, less / 60, CHINA).at <= add_working_hours(start, more / 60, CHINA).at


def test_official_notices() -> None:
    """Every day that a notice names, and every other day of the year by its weekday."""
    if not NOTICES.is_dir():
        pytest.skip("shared/data/holiday-cn is not on this machine")
    checked = 0
    for path in sorted(NOTICES.glob("20*.json")):
        notice = json.loads(path.read_text(encoding="utf-8"))
        if not notice["days"]:
            continue  # not announced yet
        year = notice["year"]
        assert CHINA.knows(year), year
        said = {date.fromisoformat(day["date"]): not day["isOffDay"] for day in notice["days"]}
        # A day off that a notice gives to a neighbouring year stands in that year's file too.
        for offset in range(366):
            day = date(year, 1, 1) + timedelta(days=offset)
            if day.year == year and (day in said or day.month not in (1, 12)):
                assert CHINA.works(day) == said.get(day, day.weekday() < 5), day
                checked += 1
    assert checked > 5000


def test_unknown_years_count_from_monday_to_friday_and_say_so() -> None:
    assert not CHINA.knows(2099)
    assert [CHINA.works(date(2099, 5, day)) for day in (1, 2, 4)] == [True, False, True]  # Friday, Saturday
    assert add_working_hours(at("2098-12-31 17:30"), 1, CHINA).guessed == (2098, 2099)
    assert working_hours_between(at("2026-01-05 09:00"), at("2026-01-05 10:00"), CHINA).guessed == ()
    assert working_hours_between(at("2099-01-05 09:00"), at("2026-01-05 10:00"), CHINA).guessed[-1] == 2099


def test_the_firms_own_days_go_first() -> None:
    closed = Calendar(SHANGHAI, days={date(2026, 11, 27): False, date(2026, 11, 28): True})
    assert add_working_hours(at("2026-11-26 17:00"), 2, closed).at == at("2026-11-28 10:00")


def test_hours_are_true_where_the_clock_is_put_forward() -> None:
    """Berlin, 29 March 2026: the hour from two to three does not exist."""
    berlin = ZoneInfo("Europe/Berlin")
    always = Calendar(berlin, spells=((time(0), time(23, 59)),), days={date(2026, 3, 29): True})
    start = datetime(2026, 3, 29, 1, tzinfo=berlin)
    found = add_working_hours(start, 2, always)
    assert found.at == datetime(2026, 3, 29, 4, tzinfo=berlin)
    assert working_hours_between(start, found.at, always).hours == 2


def test_day_length() -> None:
    assert CHINA.day_length == timedelta(hours=7.5)


@pytest.mark.parametrize(
    "spells",
    [(), ((time(9), time(9)),), ((time(12), time(9)),), ((time(9), time(12)), (time(11), time(18)))],
)
def test_spells_that_are_none(spells: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError):
        Calendar(SHANGHAI, spells=spells)


@pytest.mark.parametrize("hours", [-1, float("nan"), float("inf"), MOST_HOURS + 1])
def test_hours_that_are_none(hours: float) -> None:
    with pytest.raises(ValueError):
        add_working_hours(at("2026-11-26 10:00"), hours, CHINA)


def test_a_moment_needs_its_zone() -> None:
    naive = datetime(2026, 11, 26, 10)
    with pytest.raises(ValueError):
        add_working_hours(naive, 1, CHINA)
    with pytest.raises(ValueError):
        working_hours_between(naive, naive, CHINA)


def test_a_calendar_on_which_nobody_works_ends() -> None:
    never = Calendar(SHANGHAI, days={date(9999, 12, 31): False})
    with pytest.raises(OverflowError):
        add_working_hours(at("9999-12-30 17:00"), 9, never)
