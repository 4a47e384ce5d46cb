"""Check-ins and their proof, appointments, tasks from the office, quotas."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.customers.deals import create_deal
from shengce.customers.models import Customer, Deal
from shengce.people.models import Role, User
from shengce.visits import appointments, check_in, places, quotas
from shengce.visits.actions import book_appointment, create_task
from shengce.visits.models import Appointment, Visit
from shengce.visits.queries import talks_of, with_no_shows
from tests.talks import make_fact, make_talk
from tests.world import World

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def specialist(world: World) -> User:
    return User.objects.create(
        username="specialist", display_name="苗约", role=Role.APPOINTMENT_SPECIALIST, unit=world.team_a
    )


# --- being there


@pytest.mark.parametrize(("north", "far"), [(30.3001, False), (30.303, False), (30.31, True), (40.0, True)])
def test_far_from_the_customer_is_taken_and_marked(world: World, north: float, far: bool) -> None:
    places.save_place(world.customer_a, by=world.rep_a1, latitude=30.3, longitude=120.2)
    visit = check_in.check_in(
        world.customer_a, by=world.rep_a1, latitude=north, longitude=120.2, accuracy_m=20.4
    )
    assert visit.far is far
    assert visit.distance_m is not None
    assert abs(visit.distance_m - (north - 30.3) * 111_195) < 30
    assert visit.accuracy_m == 20


def test_without_a_device_it_is_by_hand(world: World) -> None:
    visit = check_in.check_in(world.customer_a, by=world.rep_a1)
    assert (visit.located, visit.distance_m, visit.far) == ("by_hand", None, False)


def test_two_taps_are_one_visit_and_the_next_one_ends_it(world: World) -> None:
    first = check_in.check_in(world.customer_a, by=world.rep_a1)
    assert check_in.check_in(world.customer_a, by=world.rep_a1) == first
    other = Customer.objects.create(name="别家", owner=world.rep_a1, unit=world.team_a)
    check_in.check_in(other, by=world.rep_a1)
    first.refresh_from_db()
    assert first.left_at is not None
    assert Visit.objects.filter(left_at__isnull=True).count() == 1


def test_a_forgotten_visit_ends_on_its_own_day(world: World) -> None:
    yesterday = timezone.now() - dt.timedelta(days=1)
    old = check_in.check_in(world.customer_a, by=world.rep_a1, at=yesterday)
    check_in.check_in(world.customer_a, by=world.rep_a1)
    old.refresh_from_db()
    assert old.left_at == yesterday + 3 * HOUR
    with pytest.raises(ValidationError):
        check_in.withdraw_visit(old, by=world.rep_a1)


@pytest.mark.parametrize("values", [
    {"latitude": 91, "longitude": 0}, {"latitude": float("nan"), "longitude": 0},
    {"at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}, {"at": dt.datetime(1990, 1, 1, tzinfo=dt.UTC)}, {"note": "x" * 301},
])  # fmt: skip
def test_check_ins_that_are_none(world: World, values: dict) -> None:
    with pytest.raises(ValidationError):
        check_in.check_in(world.customer_a, by=world.rep_a1, **values)
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "who", ["rep_a2", "rep_b1", "manager_b", "executive", "inspector", "customer_department"]
)
def test_who_may_not(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        check_in.check_in(world.customer_a, by=getattr(world, who))
    visit = check_in.check_in(world.customer_a, by=world.rep_a1)
    with pytest.raises(PermissionDenied):
        check_in.leave(visit, by=getattr(world, who))


def test_the_talks_of_the_same_hours_prove_a_visit(world: World) -> None:
    came = timezone.now() - 6 * HOUR
    inside = make_talk(world.rep_a1, customer=world.customer_a, at=came + dt.timedelta(minutes=20))
    before = make_talk(world.rep_a1, customer=world.customer_a, at=came - dt.timedelta(minutes=10))
    make_talk(world.rep_a1, customer=world.customer_a, at=came - HOUR)
    make_talk(world.rep_a1, customer=world.customer_a, at=came + 2 * HOUR)
    make_talk(world.rep_a2, customer=world.customer_a, at=came + dt.timedelta(minutes=20))
    make_talk(world.rep_a1, customer=world.customer_b, at=came + dt.timedelta(minutes=20))
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, at=came)
    check_in.leave(visit, by=world.rep_a1, at=came + HOUR)
    visit.refresh_from_db()
    assert talks_of([visit]) == {visit.pk: [before, inside]}
    assert talks_of([]) == {}


def test_a_visit_over_midnight_ends_when_he_goes(world: World) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=1)
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, at=midnight - HOUR / 2)
    assert check_in.leave(visit, by=world.rep_a1, at=midnight + HOUR / 2).left_at == midnight + HOUR / 2


def test_the_customer_is_where_the_check_in_was(world: World) -> None:
    places.save_place(world.customer_a, by=world.rep_a1, latitude=30.3, longitude=120.2, opens_at=dt.time(9))
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, latitude=30.4, longitude=120.2)
    place = check_in.take_place_of_visit(visit, by=world.rep_a1)
    assert (place.latitude, place.opens_at, place.source) == (30.4, dt.time(9), "check_in")
    visit.refresh_from_db()
    assert not visit.far


# --- appointments


def booked(world: World, hours: float) -> Appointment:
    return book_appointment(
        owner=world.rep_a1, by=world.rep_a1, customer=world.customer_a, start_at=timezone.now() + hours * HOUR
    )


def test_the_specialist_confirms_moves_and_cancels(world: World, specialist: User) -> None:
    row = appointments.confirm_appointment(booked(world, 24), by=specialist)
    assert (row.state, row.settled_by) == ("confirmed", specialist)
    later = timezone.now() + 48 * HOUR
    new = appointments.move_appointment(row, by=specialist, start_at=later)
    row.refresh_from_db()
    assert (row.state, row.moved_to, new.state, new.start_at) == ("moved", new, "confirmed", later)
    assert appointments.call_off_appointment(new, by=specialist, note="客户出差").state == "cancelled"
    for doing in (appointments.confirm_appointment, appointments.call_off_appointment):
        with pytest.raises(ValidationError):
            doing(row, by=specialist)


def test_no_shows_are_counted(world: World, specialist: User) -> None:
    for came in (True, False, False):
        appointments.close_appointment(booked(world, -30), by=specialist, came=came)
    ahead = booked(world, 5)
    row = with_no_shows(Appointment.objects.filter(pk=ahead.pk)).get()
    assert (row.no_shows, row.met) == (2, 1)
    with pytest.raises(ValidationError):
        appointments.close_appointment(ahead, by=specialist, came=True)


def test_the_specialist_sees_his_part_of_the_firm_and_nothing_else(
    world: World, specialist: User, client: Client
) -> None:
    own = booked(world, 24)
    other = book_appointment(
        owner=world.rep_b1, by=world.rep_b1, customer=world.customer_b, start_at=timezone.now() + 24 * HOUR
    )
    assert list(Appointment.objects.visible_to(specialist)) == [own]
    with pytest.raises(PermissionDenied):
        appointments.confirm_appointment(other, by=specialist)
    client.force_login(specialist)
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/visits/appointments/"
    body = client.get("/visits/appointments/?days=14").content.decode()
    assert "云海大酒店" in body
    assert "松岭学校" not in body
    assert f"/customers/{world.customer_a.pk}/" not in body
    for address in (
        "/customers/",
        "/conversations/",
        "/visits/routes/",
        "/visits/tasks/",
        "/visits/quotas/",
        "/visits/",
    ):
        assert client.get(address).status_code == 403, address
    start = timezone.localtime() + 30 * HOUR
    form = {
        "owner": world.rep_a1.pk,
        "customer": world.customer_a.pk,
        "start_at": f"{start:%Y-%m-%dT%H:%M}",
        "minutes": 30,
    }
    assert client.post("/visits/appointments/new/", form).status_code == 302
    assert client.post("/visits/appointments/new/", {**form, "owner": world.rep_b1.pk}).status_code == 422
    assert (
        client.post("/visits/appointments/new/", {**form, "start_at": "2020-01-01T10:00"}).status_code == 422
    )


# --- tasks


def test_the_office_gives_tasks_about_customers(world: World) -> None:
    for giver in (world.executive, world.customer_department):
        task = create_task(title="请回访", owner=world.rep_a1, by=giver, customer=world.customer_a)
        assert task.owner == world.rep_a1
        with pytest.raises(PermissionDenied):
            create_task(title="没有客户", owner=world.rep_a1, by=giver)
        with pytest.raises(PermissionDenied):
            create_task(title="不卖货", owner=world.inspector, by=giver, customer=world.customer_a)
    with pytest.raises(PermissionDenied):
        create_task(title="外人", owner=world.rep_a1, by=world.marketing, customer=world.customer_a)


# --- quotas


def counted(world: World, measure: str, month: dt.date) -> set[int]:
    return (
        quotas.BY_KEY[measure].count([world.rep_a1.pk], quotas.month_span(month)).get(world.rep_a1.pk, set())
    )


def test_what_counts_for_a_month(world: World) -> None:
    month, at = dt.date(2025, 6, 1), timezone.make_aware(dt.datetime(2025, 6, 10, 10))
    names = ("新", "旧", "休眠", "无意向", "只签到")
    new, old, dormant, unwilling, seen = (
        Customer.objects.create(name=name, owner=world.rep_a1, unit=world.team_a) for name in names
    )
    make_talk(world.rep_a1, customer=old, at=at - dt.timedelta(days=30))
    make_talk(world.rep_a1, customer=dormant, at=at - dt.timedelta(days=200))
    refusal = make_talk(world.rep_a1, customer=unwilling, at=at - dt.timedelta(days=20))
    make_fact(refusal, "objection", {"reason": "need"}, "价格太贵了")
    for customer in (new, old, dormant, unwilling):
        make_talk(world.rep_a1, customer=customer, at=at)
    check_in.check_in(seen, by=world.rep_a1, at=at)
    assert counted(world, "new_contacts", month) == {new.pk, seen.pk}
    assert counted(world, "dormant", month) == {dormant.pk}
    assert counted(world, "no_intent", month) == {unwilling.pk}
    assert counted(world, "dormant_or_no_intent", month) == {dormant.pk, unwilling.pk}
    assert len(counted(world, "visits", month)) == 1
    assert counted(world, "new_contacts", dt.date(2025, 7, 1)) == set()


def test_visits_are_days_at_a_customer_by_check_in_or_talk_on_the_spot(world: World, client: Client) -> None:
    month, at = dt.date(2025, 6, 1), timezone.make_aware(dt.datetime(2025, 6, 10, 10))
    check_in.check_in(world.customer_a, by=world.rep_a1, at=at)
    check_in.check_in(world.customer_a, by=world.rep_a1, at=at + dt.timedelta(days=3))
    for days, direction in (
        (0, "onsite"),
        (1, "onsite"),
        (2, "in"),
    ):  # the first is the talk of the check-in
        talk = make_talk(world.rep_a1, customer=world.customer_a, at=at + dt.timedelta(days=days, hours=1))
        talk.direction = direction
        talk.save()
    days = {day.day for _customer, day in counted(world, "visits", month)}  # type: ignore[misc]
    assert days == {10, 11, 13}
    client.force_login(world.manager_a)
    shown = client.get(f"/visits/quotas/of/{world.rep_a1.pk}/visits/?month=2025-06-01").content.decode()
    assert shown.count("签到 06-1") == 2
    assert shown.count('class="play"') == 2


def test_won_counts_the_first_deal(world: World) -> None:
    deal = create_deal(customer=world.customer_a, by=world.rep_a1, name="净水")
    at = timezone.make_aware(dt.datetime(2025, 6, 10, 10))
    Deal.objects.filter(pk=deal.pk).update(stage="won", closed_at=at)
    assert counted(world, "won", dt.date(2025, 6, 1)) == {world.customer_a.pk}
    again = create_deal(customer=world.customer_a, by=world.rep_a1, name="第二单")
    Deal.objects.filter(pk=again.pk).update(stage="won", closed_at=at + dt.timedelta(days=40))
    assert counted(world, "won", dt.date(2025, 7, 1)) == set()


def test_the_narrowest_quota_holds(world: World) -> None:
    month = dt.date(2025, 6, 1)
    shipped = {goal.measure: goal.least for goal in quotas.goals_of([world.rep_a1], month)[world.rep_a1.pk]}
    assert shipped == {"new_contacts": 20, "won": 2, "dormant_or_no_intent": 5}
    quotas.save_quota(by=world.executive, measure="visits", least=30, start_on=month)
    quotas.save_quota(by=world.manager_a, measure="visits", least=20, start_on=month, unit=world.team_a)
    quotas.save_quota(by=world.manager_a, measure="visits", least=10, start_on=month, rep=world.rep_a1)
    quotas.save_quota(by=world.executive, measure="won", least=0, start_on=month)
    people = [world.rep_a1, world.rep_a2, world.rep_b1]
    goals = {pk: {g.measure: g.least for g in rows} for pk, rows in quotas.goals_of(people, month).items()}
    assert [goals[p.pk]["visits"] for p in people] == [10, 20, 30]
    assert "won" not in goals[world.rep_a1.pk]
    before = quotas.goals_of([world.rep_a1], dt.date(2025, 5, 1))[world.rep_a1.pk]
    assert "visits" not in {goal.measure for goal in before}


def test_a_manager_sets_quotas_of_his_own_people_only(world: World) -> None:
    month = dt.date(2025, 6, 1)
    for target in ({}, {"unit": world.team_b}, {"rep": world.rep_b1}):
        with pytest.raises(PermissionDenied):
            quotas.save_quota(by=world.manager_a, measure="visits", least=1, start_on=month, **target)
    for wrong in (
        {"measure": "x"},
        {"least": -1},
        {"least": 5, "most": 4},
        {"rep": world.rep_a1, "unit": world.team_a},
    ):
        with pytest.raises(ValidationError):
            quotas.save_quota(
                **{"by": world.executive, "measure": "visits", "least": 1, "start_on": month, **wrong}
            )
    with pytest.raises(PermissionDenied):
        quotas.save_quota(by=world.rep_a1, measure="visits", least=1, start_on=month)


# --- pages


def test_checking_in_on_the_page(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    assert "未加密" in client.get("/visits/check-in/").content.decode()
    form = {"customer": world.customer_a.pk, "latitude": "", "longitude": ""}
    answer = client.post("/visits/check-in/", form)
    visit = Visit.objects.get()
    assert answer["Location"] == f"/visits/{visit.pk}/"
    assert client.get(answer["Location"]).status_code == 200
    client.post(f"/visits/{visit.pk}/leave/", {"note": "谈好了"})
    visit.refresh_from_db()
    assert (visit.note, visit.left_at is not None) == ("谈好了", True)
    for bad in (
        {"customer": world.customer_b.pk},
        {"customer": "x"},
        {**form, "latitude": "nan"},
        {**form, "latitude": "1e400"},
    ):
        assert client.post("/visits/check-in/", bad).status_code == 422
    assert (
        client.post(f"/visits/{visit.pk}/withdraw/", {"back": "https://evil.example/"})["Location"]
        == "/visits/check-in/"
    )


@pytest.mark.parametrize("address", [
    "/visits/?rep=x&customer=99999999999999999999&from=2026-13-01&page=-1&which=%00&sort=a;b&q=%00",
    "/visits/week/?week=0001-01-01&rep=1e9", "/visits/tasks/?which=x&owner=-1&sort=%27&page=9999999",
    "/visits/appointments/?day=9999-99-99&days=0&state=x&rep=x", "/visits/quotas/?month=x", "/visits/routes/",
    "/visits/routes/places/?which=x&rep=x&page=0", "/visits/check-in/?customer=x&q=%00",
])  # fmt: skip
def test_questions_that_make_no_sense(world: World, client: Client, address: str) -> None:
    client.force_login(world.manager_a)
    assert client.get(address).status_code == 200


def test_quotas_of_other_teams_are_not_listed(world: World, client: Client) -> None:
    month = timezone.localdate()
    quotas.save_quota(
        by=world.executive, measure="visits", least=7, name="甲队", unit=world.team_a, start_on=month
    )
    for who, seen in ((world.manager_a, True), (world.manager_b, False), (world.executive, True)):
        client.force_login(who)
        assert ("甲队" in client.get("/visits/quotas/").content.decode()) is seen
