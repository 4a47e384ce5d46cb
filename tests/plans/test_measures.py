"""Measures: who may plan for whom, what does not fit, how they begin and end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.people.models import AuditEntry
from shengce.plans import actions
from shengce.plans.models import Measure
from shengce.targets.models import Metric
from tests.talks import make_full_talk
from tests.world import World

START, END = dt.date(2026, 3, 2), dt.date(2026, 4, 1)


def planned(world: World, **more: Any) -> Measure:
    given: dict[str, Any] = {
        "by": world.manager_a, "title": "走访城西酒店", "owner": world.rep_a1, "start_on": START, "end_on": END,
    }  # fmt: skip
    return actions.plan_measure(**{**given, **more})


def code(problem: pytest.ExceptionInfo[ValidationError]) -> str:
    return problem.value.error_list[0].code or ""


def test_a_measure_belongs_to_its_owner_and_his_unit(world: World) -> None:
    measure = planned(world)
    assert (measure.owner, measure.unit, measure.state) == (world.rep_a1, world.team_a, "planned")
    seen = {name for name in ("rep_a1", "rep_a2", "rep_b1", "manager_a", "manager_b", "executive", "marketing",
                              "inspector", "customer_department")
            if Measure.objects.visible_to(getattr(world, name)).exists()}  # fmt: skip
    assert seen == {"rep_a1", "manager_a", "executive", "marketing"}
    assert AuditEntry.objects.filter(action="measure.planned", by=world.manager_a).count() == 1


def test_one_plans_for_ones_people_only(world: World) -> None:
    with pytest.raises(PermissionDenied):
        planned(world, owner=world.rep_b1)
    with pytest.raises(PermissionDenied):
        planned(world, by=world.rep_a1)
    assert planned(world, by=world.marketing, owner=world.rep_b1).unit == world.team_b
    world.rep_a2.is_active = False
    world.rep_a2.save()
    with pytest.raises(ValidationError) as left:
        planned(world, owner=world.rep_a2)
    assert code(left) == "owner"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"end_on": START}, "days"),
        ({"end_on": START - dt.timedelta(days=1)}, "days"),
        ({"end_on": START + dt.timedelta(days=367)}, "days"),
        ({"start_on": dt.date(1, 1, 1)}, "days"),
        ({"end_on": dt.date(9999, 12, 31)}, "days"),
        ({"title": " \x00 "}, "empty"),
        ({"title": "长" * 201}, "too_long"),
        ({"cost": Decimal(-1)}, "number"),
        ({"cost": Decimal("NaN")}, "number"),
        ({"cost": Decimal("Infinity")}, "number"),
        ({"cost": Decimal(10) ** 11}, "number"),
        ({"expected": Decimal(5)}, "metric"),
    ],
)
def test_what_does_not_fit_is_said(world: World, more: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as problem:
        planned(world, **more)
    assert code(problem) == why
    assert not Measure.objects.exists()


def test_parts_lie_within_the_whole_and_make_no_circle(world: World) -> None:
    year = planned(world, title="开发酒店", start_on=dt.date(2026, 1, 1), end_on=dt.date(2027, 1, 1))
    part = planned(world, within=year)
    with pytest.raises(ValidationError) as deeper:
        planned(world, within=part)
    with pytest.raises(ValidationError) as outside:
        planned(world, within=year, end_on=dt.date(2027, 1, 2), start_on=dt.date(2026, 12, 1))
    with pytest.raises(ValidationError) as circle:
        change(
            year,
            world,
            within=planned(world, title="另一件", start_on=dt.date(2026, 1, 1), end_on=dt.date(2027, 1, 1)),
        )
    assert [code(each) for each in (deeper, outside, circle)] == ["within"] * 3
    foreign = planned(world, by=world.manager_b, owner=world.rep_b1)
    with pytest.raises(PermissionDenied):
        planned(world, within=foreign)


def change(measure: Measure, world: World, **more: Any) -> Measure:
    fields: dict[str, Any] = {
        name: getattr(measure, name)
        for name in ("title", "owner", "start_on", "end_on", "means", "place", "territory", "within", "line",
                     "cost", "metric", "expected")
    }  # fmt: skip
    return actions.change_measure(measure, **{"by": world.manager_a, **fields, **more})


def test_an_ended_measure_stays_as_it_is_until_it_is_taken_up_again(world: World) -> None:
    metric = Metric.objects.get(code="customers")
    measure = planned(world, metric=metric, expected=Decimal(4))
    actions.begin_measure(measure, by=world.rep_a1)
    with pytest.raises(ValidationError):
        actions.end_measure(measure, by=world.rep_a1, result="  ")
    done = actions.end_measure(measure, by=world.rep_a1, result="签下三家", achieved=Decimal(3))
    assert (done.state, done.achieved) == ("done", 3)
    for refused in (
        lambda: actions.end_measure(measure, by=world.rep_a1, result="再来一次"),
        lambda: actions.begin_measure(measure, by=world.rep_a1),
        lambda: change(measure, world, title="改名"),
    ):
        with pytest.raises(ValidationError) as problem:
            refused()
        assert code(problem) == "ended"
    assert actions.reopen_measure(measure, by=world.manager_a).state == "running"
    assert change(measure, world, title="改名").title == "改名"


def test_a_number_without_a_target_counts_nothing(world: World) -> None:
    with pytest.raises(ValidationError) as problem:
        actions.end_measure(planned(world), by=world.rep_a1, result="好", achieved=Decimal(3))
    assert code(problem) == "metric"


def test_only_a_passage_that_one_may_hear_proves_a_result(world: World) -> None:
    fact = make_full_talk(world.rep_a1, customer=world.customer_a).facts.all()[0]
    foreign = planned(world, by=world.manager_b, owner=world.rep_b1)
    with pytest.raises(PermissionDenied):
        actions.end_measure(foreign, by=world.rep_b1, result="好", fact=fact)
    assert actions.end_measure(planned(world), by=world.rep_a1, result="好", fact=fact).fact == fact


def test_a_stranger_touches_nothing(world: World) -> None:
    measure = planned(world)
    for stranger in (world.rep_a2, world.rep_b1, world.manager_b, world.inspector, world.customer_department):
        for attempt in (
            lambda by: actions.begin_measure(measure, by=by),
            lambda by: actions.end_measure(measure, by=by, result="x"),
            lambda by: actions.reopen_measure(measure, by=by),
        ):
            with pytest.raises(PermissionDenied):
                attempt(stranger)
    measure.refresh_from_db()
    assert measure.state == "planned"
