"""The file of a case: step by step, by those who may, with entries that stay."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ProtectedError

from shengce.channel import actions
from shengce.channel.models import CaseEntry, DiversionCase, Shipment, Sighting
from shengce.people.models import AuditEntry
from tests.channel.market import Market
from tests.world import World

STEPS = {
    "ask": lambda case, by: actions.ask_statement(case, by=by, text="请说明"),
    "answer": lambda case, by: actions.record_statement(case, by=by, text="不是我们的货"),
    "decide": lambda case, by: actions.decide_case(
        case, by=by, verdict="proven", text="批号属实", penalty=D(5000)
    ),
    "close": lambda case, by: actions.close_case(case, by=by, text="已扣保证金"),
}


@pytest.fixture
def shipment(world: World, market: Market) -> Shipment:
    return actions.record_shipment(
        by=world.customer_department, lot="A1203", product=market.product, customer=market.away,
        shipped_on=market.today - dt.timedelta(days=7), quantity=D(20),
    )  # fmt: skip


@pytest.fixture
def sighting(world: World, shipment: Shipment) -> Sighting:
    return actions.note_sighting(by=world.rep_a1, source="scan", lot="A1203", place="苏州", seller="城西小店")


@pytest.fixture
def case(world: World, sighting: Sighting) -> DiversionCase:
    return actions.open_case(by=world.manager_a, sighting=sighting, text="苏州出现徐州的货")


def test_a_case_takes_over_what_was_matched(
    world: World, market: Market, shipment: Shipment, sighting: Sighting, case: DiversionCase
) -> None:
    assert case.number == f"DC{market.today.year}-{case.pk:04d}"
    assert (case.suspect, case.product, case.shipment) == (market.away, market.product, shipment)
    assert (case.seen_in, case.rep, case.unit) == (market.suzhou, world.rep_a1, world.team_a)
    sighting.refresh_from_db()
    assert sighting.case == case
    with pytest.raises(ValidationError) as refused:
        actions.open_case(by=world.manager_a, sighting=sighting, text="再来")
    assert case.number in str(refused.value)


def test_the_whole_way(world: World, case: DiversionCase) -> None:
    for step in STEPS.values():
        case = step(case, world.manager_a)
    assert (case.state, case.verdict, case.penalty) == ("closed", "proven", D(5000))
    assert case.statement == "不是我们的货"
    assert case.decided_at and case.closed_at
    entries = list(case.entries.values_list("state", "text", "by__username"))
    assert entries == [
        ("open", "苏州出现徐州的货", "manager_a"),
        ("asked", "请说明", "manager_a"),
        ("answered", "不是我们的货", "manager_a"),
        ("decided", "批号属实", "manager_a"),
        ("closed", "已扣保证金", "manager_a"),
    ]
    assert AuditEntry.objects.filter(action="diversion_case.step").count() == 4


@pytest.mark.parametrize("reached", range(5))
@pytest.mark.parametrize("tried", range(4))
def test_each_state_only_after_the_one_before(
    world: World, case: DiversionCase, reached: int, tried: int
) -> None:
    steps = list(STEPS.values())
    for step in steps[:reached]:
        step(case, world.manager_a)
    case.refresh_from_db()
    state, entries = case.state, case.entries.count()
    if tried == reached:
        steps[tried](case, world.manager_a)
        return
    with pytest.raises(ValidationError):
        steps[tried](case, world.manager_a)
    case.refresh_from_db()
    assert (case.state, case.entries.count()) == (state, entries)


def test_entries_are_never_changed(case: DiversionCase) -> None:
    entry = case.entries.get()
    entry.text = "别的"
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    with pytest.raises(ProtectedError):
        case.delete()
    assert CaseEntry.objects.get().text == "苏州出现徐州的货"


CALLS: dict[str, Any] = {
    **STEPS,
    "note": lambda case, by: actions.add_note(case, by=by, text="x"),
    "sighting": lambda case, by: actions.add_sighting(
        case, actions.note_sighting(by=by, source="report", place="苏州"), by=by
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_outsiders_do_nothing(world: World, case: DiversionCase, call: Any) -> None:
    for name in ("rep_a1", "rep_a2", "rep_b1", "inspector", "administrator", "marketing"):
        with pytest.raises(PermissionDenied):
            call(case, getattr(world, name))
    case.refresh_from_db()
    assert (case.state, case.entries.count()) == ("open", 1)


def test_the_other_side_hears_and_answers_but_does_not_judge(world: World, case: DiversionCase) -> None:
    seen = {user.username for user in world.users if DiversionCase.objects.visible_to(user).exists()}
    assert seen == {
        "rep_a1", "manager_a", "manager_b", "executive", "marketing", "customer_department",
    }  # fmt: skip
    STEPS["ask"](case, world.manager_a)
    STEPS["answer"](case, world.manager_b)
    with pytest.raises(PermissionDenied):
        STEPS["decide"](case, world.manager_b)
    with pytest.raises(PermissionDenied):
        STEPS["decide"](case, world.customer_department)
    assert STEPS["decide"](case, world.executive).verdict == "proven"


@pytest.mark.parametrize(
    "bad",
    [
        {"verdict": "maybe"}, {"verdict": ""}, {"text": ""}, {"text": "x" * 4001}, {"penalty": D(-1)},
        {"penalty": D("NaN")}, {"penalty": D("1e20")}, {"verdict": "not_proven", "penalty": D(1)},
    ],
)  # fmt: skip
def test_decisions_that_are_none(world: World, case: DiversionCase, bad: dict[str, Any]) -> None:
    STEPS["ask"](case, world.manager_a)
    STEPS["answer"](case, world.manager_a)
    values: dict[str, Any] = {"verdict": "proven", "text": "因为", "penalty": D(100)}
    with pytest.raises(ValidationError) as refused:
        actions.decide_case(case, by=world.manager_a, **(values | bad))
    assert all(refused.value.messages)
    case.refresh_from_db()
    assert (case.state, case.verdict) == ("answered", "")


def test_a_case_by_hand(world: World, market: Market) -> None:
    with pytest.raises(ValidationError):
        actions.open_case(by=world.manager_a, text="不知道是谁")
    with pytest.raises(PermissionDenied):
        actions.open_case(by=world.manager_a, suspect=market.away, text="别队的")
    case = actions.open_case(
        by=world.manager_b, product=market.product, seen_in=market.suzhou, text="有人低价出货"
    )
    assert (case.unit, case.rep, case.suspect) == (world.team_b, world.manager_b, None)
    with pytest.raises(ValidationError):
        STEPS["ask"](case, world.manager_b)
    case = actions.name_suspect(case, by=world.manager_b, suspect=market.away, text="业务员证实")
    assert STEPS["ask"](case, world.manager_b).state == "asked"
    with pytest.raises(ValidationError):
        actions.name_suspect(case, by=world.manager_b, suspect=market.away, text="再说")


def test_further_evidence_until_the_decision(world: World, case: DiversionCase) -> None:
    more = actions.note_sighting(by=world.rep_a2, source="scan", lot="A1203", place="昆山")
    actions.add_sighting(case, more, by=world.manager_a)
    assert case.sightings.count() == 2
    assert "昆山" in case.entries.last().text
    for step in list(STEPS.values())[:3]:
        step(case, world.manager_a)
    late = actions.note_sighting(by=world.rep_a2, source="scan", lot="A1203", place="昆山")
    with pytest.raises(ValidationError):
        actions.add_sighting(case, late, by=world.manager_a)
    actions.add_note(case, by=world.manager_a, text="等扣款")
    STEPS["close"](case, world.manager_a)
    with pytest.raises(ValidationError):
        actions.add_note(case, by=world.manager_a, text="晚了")


def test_days_that_have_passed_are_no_term(world: World, market: Market, case: DiversionCase) -> None:
    with pytest.raises(ValidationError):
        actions.ask_statement(
            case, by=world.manager_a, text="?", answer_by=market.today - dt.timedelta(days=1)
        )
    assert (
        actions.ask_statement(case, by=world.manager_a, text="?", answer_by=market.today).answer_by
        == market.today
    )
