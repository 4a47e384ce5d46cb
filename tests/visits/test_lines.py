"""Weekly lines: planned, put in force, moved by hand; what was driven is never changed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.customers.models import Customer
from shengce.planning.cycle import week_of_cycle
from shengce.visits import check_in, lines, places
from shengce.visits.cities import cities, city_of
from shengce.visits.models import Route, RouteStop
from shengce.visits.queries import line_of
from shengce.visits.rules import places_of, visit_rules
from shengce.visits.weeks import weeks_of
from tests.world import World


def customers(world: World, number: int = 8) -> list[Customer]:
    """Customers of rep_a1 about Hangzhou, every second of class B, and one of whom nothing is known."""
    rows = []
    for n in range(number):
        row = Customer.objects.create(
            name=f"客户{n}", owner=world.rep_a1, unit=world.team_a, city="杭州", value_class="BC"[n % 2]
        )
        places.save_place(row, by=world.rep_a1, latitude=30.2 + n / 100, longitude=120.1 + n / 100)
        rows.append(row)
    return rows


def planned(world: World) -> Route:
    places.save_base(
        world.rep_a1, by=world.rep_a1, name="办事处", latitude=30.25, longitude=120.15, starts_at=dt.time(9), minutes=480,
        weekdays="01234",
    )  # fmt: skip
    return lines.plan_route(world.rep_a1, by=world.rep_a1, seconds=0.5)


def test_cities() -> None:
    assert len(cities()) > 340
    assert all(3 < p.latitude < 54 and 73 < p.longitude < 136 for p in cities().values())
    for text in ("杭州", "杭州市", "杭州办事处", "浙江省杭州市余杭区文一西路"):
        assert city_of(text) == cities()["杭州"]
    assert city_of("吉林省长春市朝阳区") == cities()["长春"]
    assert city_of("", "无此地") is None
    assert city_of("北京市朝阳区") == cities()["北京"]


def test_planning_says_who_has_no_line(world: World) -> None:
    rows = customers(world)
    route = planned(world)
    assert route.is_draft
    assert dict(route.left_out) == {world.customer_a.pk: "no_place"}
    days = {row.pk: list(route.stops.filter(customer=row).values_list("week", flat=True)) for row in rows}
    assert all(len(days[row.pk]) == (2 if row.value_class == "B" else 1) for row in rows)
    assert line_of(world.rep_a1, timezone.localdate()) == []  # a draft leads nobody anywhere


def test_only_one_draft_and_only_ones_own(world: World) -> None:
    customers(world, 3)
    planned(world)
    second = planned(world)
    assert Route.objects.get() == second
    for stranger in (world.rep_a2, world.rep_b1, world.manager_b, world.executive):
        with pytest.raises(PermissionDenied):
            lines.plan_route(world.rep_a1, by=stranger)
        with pytest.raises(PermissionDenied):
            lines.start_route(second, by=stranger)
        with pytest.raises(PermissionDenied):
            lines.move_stop(second.stops.all()[0], by=stranger, week=0, weekday=0)
    assert lines.start_route(second, by=world.manager_a).start_on == timezone.localdate()


def test_without_any_place_the_reason_is_said(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        lines.plan_route(world.rep_a1, by=world.rep_a1)
    assert refused.value.code == "no_base"


def test_versions_follow_each_other(world: World) -> None:
    customers(world, 4)
    today = timezone.localdate()
    first = lines.start_route(planned(world), by=world.rep_a1, start_on=today - dt.timedelta(days=30))
    second = lines.start_route(planned(world), by=world.rep_a1)
    first.refresh_from_db()
    assert (first.end_on, second.start_on, second.end_on) == (today, today, None)
    assert lines.route_on(world.rep_a1, today - dt.timedelta(days=1)) == first
    assert lines.route_on(world.rep_a1, today) == second
    again = lines.start_route(second, by=world.rep_a1)
    assert again.start_on == today
    with pytest.raises(ValidationError):
        lines.discard_route(second, by=world.rep_a1)


def test_moving_takes_the_whole_series(world: World) -> None:
    customers(world)
    route = planned(world)
    stop = route.stops.filter(every_weeks=2).first()
    assert stop is not None
    weekday = (stop.weekday + 1) % 5
    lines.move_stop(stop, by=world.rep_a1, week=3, weekday=weekday, position=0)
    rows = route.stops.filter(customer=stop.customer)
    assert {(row.week, row.weekday) for row in rows} == {(1, weekday), (3, weekday)}
    assert all(row.fixed for row in rows)
    for week in range(4):
        for day in range(5):
            positions = list(route.stops.filter(week=week, weekday=day).values_list("position", flat=True))
            assert positions == list(range(len(positions)))
    again = lines.plan_route(world.rep_a1, by=world.rep_a1, seconds=0.5)
    assert set(again.stops.filter(customer=stop.customer).values_list("week", "weekday")) == {
        (1, weekday),
        (3, weekday),
    }


@pytest.mark.parametrize("to", [(9, 0, None), (0, 6, None), (-1, 0, None), (0, 0, -5)])
def test_moves_that_are_none(world: World, to: tuple[int, int, int | None]) -> None:
    customers(world, 2)
    stop = planned(world).stops.all()[0]
    with pytest.raises(ValidationError):
        lines.move_stop(stop, by=world.rep_a1, week=to[0], weekday=to[1], position=to[2])


def test_what_was_driven_is_not_changed(world: World) -> None:
    customers(world)
    today = timezone.localdate()
    route = lines.start_route(planned(world), by=world.rep_a1, start_on=today - dt.timedelta(days=14))
    before = list(route.stops.values_list("customer", "week", "weekday", "position"))
    stop = route.stops.all()[0]
    changed = lines.move_stop(stop, by=world.rep_a1, week=stop.week, weekday=(stop.weekday + 2) % 5)
    assert changed.pk != route.pk
    assert changed.number == route.number + 1
    assert list(route.stops.values_list("customer", "week", "weekday", "position")) == before
    assert lines.route_on(world.rep_a1, today) == changed
    with pytest.raises(ValidationError):  # the old page is still open in another window
        lines.move_stop(stop, by=world.rep_a1, week=0, weekday=0)


def everyday(world: World, customer: Customer) -> Route:
    """A line that leads to one customer on every day of the cycle."""
    base = {
        "name": "",
        "latitude": 30.2,
        "longitude": 120.1,
        "starts": 540,
        "minutes": 480,
        "weekdays": list(range(7)),
    }
    route = Route.objects.create(
        rep=world.rep_a1,
        unit=world.team_a,
        number=1,
        base=base,
        start_on=timezone.localdate() - dt.timedelta(days=60),
    )
    for week in range(4):
        for weekday in range(7):
            RouteStop.objects.create(
                route=route,
                week=week,
                weekday=weekday,
                position=0,
                customer=customer,
                every_weeks=1,
                minutes=30,
                arrives=600,
            )
    return route


def test_plan_against_done(world: World) -> None:
    everyday(world, world.customer_a)
    monday = dt.date(2025, 11, 24)
    Route.objects.update(start_on=dt.date(2025, 11, 1))
    at = timezone.make_aware(dt.datetime(2025, 11, 25, 10))
    check_in.check_in(world.customer_a, by=world.rep_a1, at=at)
    extra = Customer.objects.create(name="别家", owner=world.rep_a1, unit=world.team_a)
    check_in.check_in(extra, by=world.rep_a1, at=at + dt.timedelta(hours=2))
    (week,) = weeks_of(world.manager_a, monday)
    assert [each.day.day for each in week.planned] == [24, 25, 26, 27, 28]
    assert (week.due, week.done, week.missed, len(week.extra)) == (5, 1, 4, 1)
    assert weeks_of(world.manager_b, monday) == []
    assert week_of_cycle(monday, 4) == (monday - dt.date(2024, 1, 1)).days // 7 % 4


def test_rules_are_the_administrators(world: World) -> None:
    assert visit_rules()["A"].every_weeks == 1
    places.save_visit_rule(by=world.administrator, value_class="A", every_weeks=2, minutes=50)
    assert (visit_rules()["A"].every_weeks, visit_rules()["A"].saved) == (2, True)
    for values in ({"every_weeks": 3}, {"minutes": 0}, {"value_class": "Z"}):
        with pytest.raises(ValidationError):
            places.save_visit_rule(
                by=world.administrator, **{"value_class": "A", "every_weeks": 1, "minutes": 30, **values}
            )
    with pytest.raises(PermissionDenied):
        places.save_visit_rule(by=world.manager_a, value_class="A", every_weeks=1, minutes=30)


@pytest.mark.parametrize("spot", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0), (1.0, None)])
def test_places_that_are_none(world: World, spot: tuple[float, float | None]) -> None:
    with pytest.raises(ValidationError):
        places.save_place(world.customer_a, by=world.rep_a1, latitude=spot[0], longitude=spot[1])


def test_a_city_is_only_rough(world: World) -> None:
    assert places_of([world.customer_a])[world.customer_a.pk].point is None
    Customer.objects.filter(pk=world.customer_a.pk).update(city="杭州市")
    world.customer_a.refresh_from_db()
    assert places_of([world.customer_a])[world.customer_a.pk].rough
