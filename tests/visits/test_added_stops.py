"""Days on which no line leads anywhere: why, who waits, and the stop that a tap adds; and changes of the calendar afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.people.absences import confirm_absence
from shengce.people.models import Absence, AuditEntry, CalendarDay
from shengce.people.working_days import days_said
from shengce.planning.cycle import monday_of
from shengce.visits import added_stops, check_in
from shengce.visits.free_day import free_day, overdue_customers
from shengce.visits.models import AddedStop, Route, RouteStop, Visit
from shengce.visits.past_lines import changed_lines
from shengce.visits.queries import line_of
from shengce.visits.weeks import WeekOfRep, weeks_of
from tests.visits.weekly import every_wednesday, weekdays_worked
from tests.world import World

TODAY = timezone.localdate()
MONDAY = monday_of(TODAY) - dt.timedelta(days=14)
WEDNESDAY, SATURDAY = MONDAY + dt.timedelta(days=2), MONDAY + dt.timedelta(days=5)
DAY = dt.timedelta(days=1)
SAVE = "/visits/working-days/"


@pytest.fixture
def lines(world: World) -> Route:
    """One customer, on every Wednesday for ten weeks now; Monday to Friday are worked."""
    weekdays_worked(MONDAY, -60, 90)
    return every_wednesday(world, start_on=MONDAY - dt.timedelta(days=70))


def say(day: dt.date, works: bool) -> None:
    CalendarDay.objects.update_or_create(day=day, defaults={"works": works})


def seen(world: World, day: dt.date) -> Visit:
    at = timezone.make_aware(dt.datetime.combine(day, dt.time(10)))
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, at=at)
    return check_in.leave(visit, by=world.rep_a1, at=at + dt.timedelta(minutes=30))


def why(world: World, day: dt.date) -> str:
    return free_day(world.rep_a1, day, days_said(day, day + DAY)).why


def week_of(world: World, day: dt.date) -> WeekOfRep:
    (week,) = weeks_of(world.manager_a, monday_of(day), rep=world.rep_a1.pk)
    return week


def test_a_day_without_a_line_says_why(world: World, lines: Route) -> None:
    assert "没有客户" in why(world, MONDAY)
    assert "休息" in why(world, SATURDAY)
    say(SATURDAY, True)
    assert "没有需要补跑的路线" in why(world, SATURDAY)
    say(WEDNESDAY, False)
    assert line_of(world.rep_a1, SATURDAY)  # now there is one
    absence = Absence.objects.create(
        person=world.rep_a1, recorded_by=world.rep_a1, start_on=MONDAY, end_on=MONDAY + DAY
    )
    confirm_absence(absence, by=world.manager_a)
    assert "请假" in why(world, MONDAY)
    assert "还没有生效" in why(world, MONDAY - dt.timedelta(days=80))


def test_who_waits_longer_than_his_class_allows(world: World) -> None:
    seen(world, TODAY - dt.timedelta(days=40))  # not ranked: every four weeks
    (waiting,) = [
        each for each in overdue_customers(world.rep_a1, TODAY) if each.customer == world.customer_a
    ]
    assert (waiting.last_on, waiting.overdue_days) == (TODAY - dt.timedelta(days=40), 12)
    seen(world, TODAY - dt.timedelta(days=28))
    assert world.customer_a not in [each.customer for each in overdue_customers(world.rep_a1, TODAY)]


def test_one_tap_adds_a_stop_that_counts(world: World, client: Client, lines: Route) -> None:
    RouteStop.objects.all().delete()
    say(TODAY, True)
    seen(world, TODAY - dt.timedelta(days=40))
    client.force_login(world.rep_a1)
    form = {"customer": world.customer_a.pk, "day": f"{TODAY}", "back": "/my-day/"}
    for address in ("/my-day/", "/visits/check-in/"):
        shown = client.get(address).content.decode()
        assert f'name="day" value="{TODAY}"' in shown
        assert "超期 12 天" in shown
    for _tap in range(2):
        assert client.post("/visits/stops/add/", form).headers["Location"] == "/my-day/"
    stop = AddedStop.objects.get()
    assert [each.customer_id for each in line_of(world.rep_a1, TODAY)] == [world.customer_a.pk]
    assert "自加" in client.get("/my-day/").content.decode()
    (planned,) = week_of(world, TODAY).planned
    assert (planned.added, planned.state, planned.day) == (True, "ahead", TODAY)
    visit = check_in.check_in(world.customer_a, by=world.rep_a1)
    assert visit.planned
    assert week_of(world, TODAY).done == 1
    client.post(f"/visits/stops/{stop.pk}/take-off/", {})
    assert not AddedStop.objects.exists()
    with pytest.raises(ValidationError, match="已经去过"):  # what was done is not planned afterwards
        added_stops.add_stop(world.customer_a, by=world.rep_a1, day=TODAY)


def test_stops_that_are_not_added(world: World, client: Client, lines: Route) -> None:
    for day in (TODAY - DAY, TODAY + dt.timedelta(days=15)):
        with pytest.raises(ValidationError):
            added_stops.add_stop(world.customer_a, by=world.rep_a1, day=day)
    wednesday = monday_of(TODAY) + dt.timedelta(days=9)
    with pytest.raises(ValidationError, match="本来就到"):
        added_stops.add_stop(world.customer_a, by=world.rep_a1, day=wednesday)
    with pytest.raises(PermissionDenied):
        added_stops.add_stop(world.customer_b, by=world.rep_a1, day=TODAY)
    past = AddedStop.objects.create(rep=world.rep_a1, day=TODAY - DAY, customer=world.customer_a)
    with pytest.raises(ValidationError, match="原计划保持不变"):
        added_stops.take_off_stop(past, by=world.rep_a1)
    with pytest.raises(PermissionDenied):
        added_stops.take_off_stop(past, by=world.manager_a)
    client.force_login(world.rep_a1)
    for wrong in ({}, {"customer": world.customer_b.pk, "day": f"{TODAY}"}, {"customer": "x", "day": "x"}):
        assert client.post("/visits/stops/add/", wrong).status_code == 302
    assert AddedStop.objects.count() == 1


# --- the calendar, changed afterwards


def test_a_past_day_is_changed_only_after_a_word(world: World, client: Client, lines: Route) -> None:
    seen(world, WEDNESDAY)
    client.force_login(world.executive)
    form = {"day": f"{WEDNESDAY}", "works": "no", "name": "盘点"}
    answer = client.post(SAVE, form)
    assert "共 1 条路线（1 人）会变：原计划拜访 1 次，改后 0 次" in answer.content.decode()
    assert CalendarDay.objects.get(day=WEDNESDAY).works  # nothing is saved yet
    assert week_of(world, WEDNESDAY).done == 1
    client.post(SAVE, {**form, "sure": "1"})
    week = week_of(world, WEDNESDAY)
    assert (len(week.planned), len(week.extra)) == (0, 1)
    said = AuditEntry.objects.get(action="calendar_day.saved").details
    assert (said["lines"], said["people"], said["planned_before"], said["planned_after"]) == (1, 1, 1, 0)
    assert "计划拜访由 1 次变为 0 次" in client.get("/people/calendar/").content.decode()


def test_a_day_to_come_is_saved_at_once_where_nothing_of_the_past_changes(
    world: World, client: Client, lines: Route
) -> None:
    client.force_login(world.executive)
    later = TODAY + dt.timedelta(days=30)
    assert client.post(SAVE, {"day": f"{later}", "works": "no"}).status_code == 302
    assert "lines" not in AuditEntry.objects.get(action="calendar_day.saved").details


def test_removing_a_day_says_the_same(world: World, client: Client, lines: Route) -> None:
    say(WEDNESDAY, False)
    row = CalendarDay.objects.get(day=WEDNESDAY)
    client.force_login(world.customer_department)
    expected = changed_lines(WEDNESDAY, None)
    answer = client.post(f"{SAVE}{row.pk}/remove/", {})
    if not expected:  # the official calendar has a day off there as well
        assert answer.status_code == 302
        return
    assert "原计划拜访 0 次，改后 1 次" in answer.content.decode()
    assert CalendarDay.objects.filter(pk=row.pk).exists()
    assert client.post(f"{SAVE}{row.pk}/remove/", {"sure": "1"}).status_code == 302
    assert AuditEntry.objects.get(action="calendar_day.removed").details["planned_after"] == 1


def test_a_day_to_come_can_change_one_that_is_over(world: World, lines: Route) -> None:
    """A Saturday that was worked and had nothing to make up for takes a line that is lost within 13 days of it."""
    spare = monday_of(TODAY) - 2 * DAY
    say(spare, True)
    coming = next(TODAY + n * DAY for n in range(1, 9) if (TODAY + n * DAY).weekday() == 2)
    (changed,) = changed_lines(coming, False)
    assert (changed.day, changed.before, changed.after) == (spare, 0, 1)
    assert changed_lines(coming, True) == []
    assert changed_lines(TODAY + dt.timedelta(days=200), False) == []
