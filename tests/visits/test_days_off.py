"""The firm's calendar in lines, appointments and tasks; and what is seen of no-shows before the trip."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from shengce.people.absences import confirm_absence
from shengce.people.models import Absence, CalendarDay
from shengce.people.working_days import days_said, next_closing
from shengce.planning.cycle import monday_of, week_of_cycle
from shengce.visits import appointments as arranging
from shengce.visits.actions import create_task
from shengce.visits.models import Appointment, Route
from shengce.visits.queries import ahead_of, kept_before, line_of
from shengce.visits.weeks import WeekOfRep, weeks_of
from tests.visits.weekly import every_wednesday, weekdays_worked
from tests.world import World

MONDAY = monday_of(timezone.localdate()) + dt.timedelta(days=14)
WEDNESDAY, SATURDAY = MONDAY + dt.timedelta(days=2), MONDAY + dt.timedelta(days=5)


@pytest.fixture
def lines(world: World) -> Route:
    """One customer, on every Wednesday; the firm says of four weeks which days it works: Monday to Friday."""
    weekdays_worked(MONDAY, -14, 28)
    return every_wednesday(world, start_on=MONDAY - dt.timedelta(days=60))


def say(day: dt.date, works: bool, name: str = "") -> None:
    CalendarDay.objects.update_or_create(day=day, defaults={"works": works, "name": name})


def stops_on(world: World, day: dt.date) -> list[int]:
    return [stop.customer_id for stop in line_of(world.rep_a1, day)]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_day_off_has_no_stops_and_the_day_that_makes_up_for_it_has(world: World, lines: Route) -> None:
    assert (stops_on(world, WEDNESDAY), stops_on(world, SATURDAY)) == ([world.customer_a.pk], [])
    say(WEDNESDAY, False, "盘点")
    assert (stops_on(world, WEDNESDAY), stops_on(world, SATURDAY)) == ([], [])
    say(SATURDAY, True, "补班")
    assert (stops_on(world, WEDNESDAY), stops_on(world, SATURDAY)) == ([], [world.customer_a.pk])
    (week,) = weeks_of(world.manager_a, MONDAY)
    assert [each.day for each in week.planned] == [SATURDAY]
    next_week = MONDAY + dt.timedelta(days=9)
    say(SATURDAY, True)
    assert stops_on(world, next_week) == [world.customer_a.pk]  # nobody else's line moves


def test_a_rep_who_is_away_has_no_stops_and_misses_none(world: World, lines: Route) -> None:
    """A day away that a leader confirmed; his own word alone excuses nothing yet."""
    last_week = WEDNESDAY - dt.timedelta(days=21)
    days = [last_week, WEDNESDAY]
    mine = [
        Absence.objects.create(
            person=world.rep_a1, recorded_by=world.rep_a1, start_on=day, end_on=day + dt.timedelta(days=1)
        )
        for day in days
    ]
    assert stops_on(world, WEDNESDAY) and plan(world, last_week).missed == 1
    for absence in mine:
        confirm_absence(absence, by=world.manager_a)
    assert not stops_on(world, WEDNESDAY)
    week = plan(world, last_week)
    assert (week.missed, week.due, [each.state for each in week.planned]) == (0, 0, ["away"])


def plan(world: World, day: dt.date) -> WeekOfRep:
    (week,) = weeks_of(world.manager_a, monday_of(day), rep=world.rep_a1.pk)
    return week


def test_plan_against_done_asks_for_the_calendar_once(
    world: World, lines: Route, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(8):
        weeks_of(world.manager_a, MONDAY)


def test_the_pages_say_which_days_are_off(world: World, lines: Route, client: Client) -> None:
    client.force_login(world.rep_a1)
    week = f"/visits/routes/of/{world.rep_a1.pk}/?week={week_of_cycle(MONDAY, 4)}"
    assert "盘点" not in page(client, week)
    say(WEDNESDAY, False, "盘点")
    shown = page(client, week)
    assert "放假 · 盘点" in shown
    assert "补走" not in shown
    say(SATURDAY, True, "补班")
    shown = page(client, week)
    assert f"{SATURDAY:%m-%d} 周六 补走" in shown
    assert "补班" in shown
    assert "盘点" in page(client, f"/visits/week/?week={MONDAY}")
    assert "盘点" in page(client, f"/visits/appointments/?day={MONDAY}")
    client.cookies["django_language"] = "en"
    shown = page(client, f"/visits/week/?week={MONDAY}")
    assert "Nobody works on" in shown
    assert "Worked at the weekend" in shown


def test_a_year_without_a_notice_says_so_in_words(world: World, lines: Route, client: Client) -> None:
    client.force_login(world.rep_a1)
    assert "2099 年放假安排尚未公布" in page(client, "/visits/week/?week=2099-05-01")
    assert "2099 年放假安排尚未公布" in page(client, "/visits/appointments/?day=2099-05-01")
    assert "尚未公布" not in page(client, "/visits/week/?week=2026-05-01")
    said = days_said(dt.date(2098, 12, 30), dt.date(2099, 1, 2))
    assert said.guessed == (2098, 2099)


@pytest.mark.django_db
def test_days_said() -> None:
    said = days_said(dt.date(2026, 9, 28), dt.date(2026, 10, 12))
    assert list(said.free) == [dt.date(2026, 10, day) for day in (1, 2, 5, 6, 7)]
    assert list(said.worked) == [dt.date(2026, 10, 10)]
    assert said.guessed == ()
    assert not days_said(dt.date(2026, 3, 2), dt.date(2026, 3, 9))
    evening = timezone.make_aware(dt.datetime(2026, 9, 30, 17))
    assert timezone.localtime(next_closing(evening)).replace(tzinfo=None) == dt.datetime(2026, 10, 8, 18)


def test_tasks_and_appointments_on_a_day_off_are_taken_with_a_word(
    world: World, lines: Route, client: Client
) -> None:
    say(WEDNESDAY, False, "盘点")
    client.force_login(world.rep_a1)
    form = {"title": "送样品", "owner": world.rep_a1.pk}
    for due, marked in ((f"{MONDAY}T18:00", False), (f"{WEDNESDAY}T18:00", True)):
        answer = client.post("/visits/tasks/new/", {**form, "due_at": due}, follow=True)
        assert ("是休息日" in answer.content.decode()) is marked
    assert page(client, "/visits/tasks/").count(">休息日<") == 1
    assert f"{timezone.localdate(next_closing(timezone.now())):%Y-%m-%d}T18:00" in page(
        client, "/visits/tasks/new/"
    )
    meeting = {"owner": world.rep_a1.pk, "customer": world.customer_a.pk, "minutes": 60}
    answer = client.post(
        "/visits/appointments/new/", {**meeting, "start_at": f"{WEDNESDAY}T10:00"}, follow=True
    )
    assert f"{WEDNESDAY:%m-%d} (盘点) 是休息日" in answer.content.decode()


def test_midnight_is_the_end_of_the_day_before(world: World, lines: Route, client: Client) -> None:
    say(WEDNESDAY, False)
    midnight = timezone.make_aware(dt.datetime.combine(WEDNESDAY, dt.time()))
    create_task(title="一", owner=world.rep_a1, by=world.rep_a1, due_at=midnight)
    client.force_login(world.rep_a1)
    assert page(client, "/visits/tasks/").count(">休息日<") == 0


def meeting(world: World, day: dt.date, state: str = "planned", hour: int = 10) -> Appointment:
    start = timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))
    return Appointment.objects.create(
        owner=world.rep_a1, unit=world.team_a, customer=world.customer_a, start_at=start, state=state
    )


def test_no_shows_are_seen_before_the_trip(world: World, lines: Route, client: Client) -> None:
    today = timezone.localdate()
    for number in (1, 2):
        meeting(world, today - dt.timedelta(days=30 * number), "no_show")
    meeting(world, today - dt.timedelta(days=90), "kept")
    meeting(world, WEDNESDAY, "confirmed")
    assert (
        kept_before([world.customer_a.pk])[world.customer_a.pk].no_shows,
        ahead_of(world.rep_a1, MONDAY, SATURDAY)[0].no_shows,
    ) == (2, 2)  # type: ignore[attr-defined]
    assert kept_before([world.customer_b.pk]) == {}
    client.force_login(world.rep_a1)
    shown = page(client, f"/visits/routes/of/{world.rep_a1.pk}/?week={week_of_cycle(MONDAY, 4)}")
    line = shown.split('class="expected"')[1].split("</ul>")[0]
    assert "已确认" in line
    assert "曾爽约 2 次 · 赴约 1 次" in line
    assert shown.split('class="calls"')[3].count("曾爽约 2 次") == 1  # at his stop of Wednesday too
    shown = page(client, "/my-day/")
    assert "曾爽约 2 次" in shown.split('id="tasks"')[1]
    client.cookies["django_language"] = "en"
    assert "2 no-shows before" in page(client, "/my-day/")


def test_one_tap_confirms_moves_and_cancels(world: World, lines: Route, client: Client) -> None:
    """What the page offers is sent as it stands there: the next working day goes round the day off."""
    say(WEDNESDAY, False)
    row = meeting(world, MONDAY + dt.timedelta(days=1))
    client.force_login(world.rep_a1)
    shown = page(client, f"/visits/appointments/?day={MONDAY}")
    thursday, week_later = MONDAY + dt.timedelta(days=3), MONDAY + dt.timedelta(days=8)
    assert shown.count("改到") == 2
    for time in (thursday, week_later):
        assert f'name="start_at" value="{time}T10:00"' in shown
    address = f"/visits/appointments/{row.pk}"
    client.post(f"{address}/confirm/", {})
    row.refresh_from_db()
    assert row.state == "confirmed"
    client.post(f"{address}/move/", {"start_at": f"{thursday}T10:00"})
    row.refresh_from_db()
    assert row.state == "moved"
    moved = row.moved_to
    assert moved is not None
    assert timezone.localtime(moved.start_at).date() == thursday
    client.post(f"/visits/appointments/{moved.pk}/cancel/", {})
    moved.refresh_from_db()
    assert moved.state == "cancelled"
    assert "恢复约访" in page(client, f"/visits/appointments/?day={MONDAY}")
    client.post(f"/visits/appointments/{moved.pk}/confirm/", {})
    moved.refresh_from_db()
    assert moved.state == "confirmed"


def test_what_was_cancelled_in_the_past_stays_so(world: World) -> None:
    row = meeting(world, timezone.localdate() - dt.timedelta(days=1), "cancelled")
    with pytest.raises(ValidationError):
        arranging.confirm_appointment(row, by=world.rep_a1)


def test_from_a_saturday_a_tap_moves_to_working_days(world: World, lines: Route, client: Client) -> None:
    meeting(world, SATURDAY)
    client.force_login(world.rep_a1)
    shown = page(client, f"/visits/appointments/?day={MONDAY}")
    assert [day for day in range(40) if f'value="{SATURDAY + dt.timedelta(days=day)}T10:00"' in shown] == [
        0,
        2,
        9,
    ]
