"""Checks are made, made again, forgotten and answered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.claims.actions import check_claim, check_recent, note_heard
from shengce.claims.models import ClaimCheck
from shengce.claims.typed import Line, card_values, claims_of_lines
from shengce.customers.actions import set_card_field, withdraw_card_field
from shengce.customers.deals import create_deal, lose_deal
from shengce.language.claim_values import CheckIn
from shengce.people.models import AuditEntry
from shengce.recordings.models import Conversation
from shengce.sales.actions import note_payment_promise
from shengce.visits.models import Visit
from tests.talks import make_fact, make_talk
from tests.world import World

TURNS = (
    ("rep", "您好，今年预算大概多少？"),
    ("customer", "我们预算三十万，下周五先打二十万。"),
    ("customer", "价格太贵了，最后是王总拍板。"),
)
NOW = timezone.now


def talk(world: World, *, days_ago: int = 1, on_site: bool = False) -> Conversation:
    made = make_talk(
        world.rep_a1,
        customer=world.customer_a,
        turns=TURNS,
        at=NOW() - dt.timedelta(days=days_ago),
    )
    if on_site:
        made.direction = "onsite"
        made.save()
    make_fact(made, "budget", {"min": "300000", "max": "300000"}, "我们预算三十万")
    due = timezone.localtime(made.started_at).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) + dt.timedelta(9)
    day = {"start": due.isoformat(), "end": (due + dt.timedelta(days=1)).isoformat()}
    make_fact(made, "payment_promise", {"min": "200000", "max": "200000", "due": day}, "下周五先打二十万")
    make_fact(made, "objection", {"reason": "price"}, "价格太贵了")
    make_fact(made, "decision_maker", {"who": "王总"}, "最后是王总拍板")
    return made


def budget(world: World, value: str) -> ClaimCheck:
    set_card_field(world.customer_a, "budget", value, by=world.rep_a1)
    check_recent(now=NOW())
    return ClaimCheck.objects.get(kind="budget")


@pytest.mark.parametrize(
    ("typed", "verdict", "reason"),
    [
        ("30万左右", "agrees", "same"),
        ("80万", "contradicts", "other_sum"),
        ("没有预算", "contradicts", "said_after_all"),
    ],
)
def test_a_card_beside_the_talk(world: World, typed: str, verdict: str, reason: str) -> None:
    talk(world)
    check = budget(world, typed)
    assert (check.verdict, check.reason) == (verdict, reason)
    assert [fact.quote for fact in check.facts.all()] == ["我们预算三十万"]
    assert (check.typed_by, check.unit, check.url) == (
        world.rep_a1,
        world.team_a,
        f"/customers/{world.customer_a.pk}/",
    )


def test_without_a_talk_nothing_is_contradicted(world: World) -> None:
    check = budget(world, "80万")
    assert (check.verdict, check.reason, check.facts.count()) == ("not_mentioned", "no_talk", 0)


def test_a_talk_of_another_customer_or_long_ago_says_nothing(world: World) -> None:
    talk(world, days_ago=40)
    other = talk(world)
    other.customer = world.customer_b
    other.save()
    assert budget(world, "80万").verdict == "not_mentioned"


def test_a_rejected_fact_proves_nothing(world: World) -> None:
    talk(world).facts.update(state="rejected")
    assert budget(world, "80万").verdict == "not_mentioned"


def test_a_second_run_changes_nothing(world: World) -> None:
    talk(world)
    budget(world, "80万")
    before = AuditEntry.objects.count()
    assert check_recent(now=NOW()) == 0
    assert (ClaimCheck.objects.count(), AuditEntry.objects.count()) == (1, before)


def test_a_talk_that_comes_in_later_is_heard(world: World) -> None:
    assert budget(world, "80万").verdict == "not_mentioned"
    talk(world, days_ago=0)
    assert check_recent(now=NOW()) == 1
    assert ClaimCheck.objects.get().verdict == "contradicts"


def test_a_value_typed_anew_or_taken_back_leaves_no_old_check(world: World) -> None:
    talk(world)
    budget(world, "80万")
    assert budget(world, "30万").verdict == "agrees"
    row = world.customer_a.card_fields.order_by("-pk")[0]
    withdraw_card_field(row, by=world.rep_a1)
    check_recent(now=NOW())
    assert ClaimCheck.objects.get().text == "80万"  # what is in force again


def test_lost_deals_and_promises_to_pay(world: World) -> None:
    talk(world)
    deal = create_deal(by=world.rep_a1, customer=world.customer_a, name="饮水机", amount=Decimal(9000))
    lose_deal(deal, by=world.rep_a1, reason="客户项目暂缓")
    note_payment_promise(
        customer=world.customer_a, rep=world.rep_a1, by=world.rep_a1, amount=Decimal(120_000), due_on=None
    )
    assert check_recent(now=NOW()) == 2
    found = {check.source: (check.kind, check.verdict, check.reason) for check in ClaimCheck.objects.all()}
    assert found == {
        "deal": ("reason_lost", "contradicts", "other_reason"),
        "payment": ("payment_promise", "contradicts", "other_sum"),
    }


def line(world: World, text: str, key: str = "7") -> Line:
    day = timezone.localdate()
    return Line(
        key=key,
        text=text,
        section="results",
        customer=world.customer_a,
        by=world.rep_a1,
        typed_at=NOW(),
        start_on=day,
        end_on=day + dt.timedelta(days=1),
        url="/reports/1/",
    )


def test_lines_of_a_paper_hold_several_statements(world: World) -> None:
    talk(world, days_ago=0, on_site=True)
    (typed,) = claims_of_lines([line(world, "今天上门拜访。客户预算80万；决策人是王总。气氛很好。")])
    rows = check_claim(typed, by=world.rep_a1)
    assert [(row.kind, row.verdict) for row in rows] == [
        ("visit", "agrees"),
        ("budget", "contradicts"),
        ("decider", "agrees"),
    ]
    (shorter,) = claims_of_lines([line(world, "今天上门拜访。")])
    check_claim(shorter, by=None)
    assert [row.kind for row in ClaimCheck.objects.all()] == ["visit"]


def test_a_check_in_proves_a_visit(world: World) -> None:
    (typed,) = claims_of_lines([line(world, "今天上门拜访。")])
    came = CheckIn(world.customer_a.pk, NOW(), True, world.rep_a1.pk)
    away = CheckIn(world.customer_a.pk, NOW(), False, world.rep_a1.pk)
    assert check_claim(typed, by=None)[0].verdict == "not_mentioned"
    assert check_claim(typed, by=None, check_ins=[came])[0].verdict == "agrees"
    assert check_claim(typed, by=None, check_ins=[away])[0].verdict == "contradicts"


@pytest.mark.parametrize(
    ("distance", "far", "verdict"),
    [(40, False, "agrees"), (None, False, "agrees"), (9000, True, "contradicts")],
)
def test_a_registered_visit_is_a_check_in(
    world: World, distance: int | None, far: bool, verdict: str
) -> None:
    Visit.objects.create(
        rep=world.rep_a1,
        unit=world.team_a,
        customer=world.customer_a,
        came_at=NOW(),
        distance_m=distance,
        far=far,
    )
    (typed,) = claims_of_lines([line(world, "今天上门拜访。")])
    assert check_claim(typed, by=None)[0].verdict == verdict


def test_who_may_have_a_text_checked(world: World) -> None:
    (typed,) = claims_of_lines([line(world, "今天上门拜访。")])
    for stranger in (world.rep_b1, world.manager_b, world.inspector):
        with pytest.raises(PermissionDenied):
            check_claim(typed, by=stranger)
    check_claim(typed, by=world.manager_a)


def test_the_manager_answers(world: World) -> None:
    talk(world)
    check = budget(world, "80万")
    row = note_heard(check, by=world.manager_a, answer="talked_over", note=" 两期合计 ")
    assert (row.answer, row.answer_note, row.answered_by) == ("talked_over", "两期合计", world.manager_a)
    entries = AuditEntry.objects.filter(action="claim.heard")
    assert entries.get().details["answer"] == "talked_over"
    note_heard(check, by=world.manager_a, answer="talked_over", note="两期合计")
    assert entries.count() == 1
    check_recent(now=NOW())
    check.refresh_from_db()
    assert check.answer == "talked_over"


def test_an_answer_is_open_again_when_it_comes_out_otherwise(world: World) -> None:
    made = talk(world)
    check = budget(world, "80万")
    note_heard(check, by=world.manager_a, answer="as_said")
    made.facts.filter(kind="budget").update(value={"min": "800000", "max": "800000"})
    check_recent(now=NOW())
    check.refresh_from_db()
    assert (check.verdict, check.answer, check.answered_by) == ("agrees", "", None)


def test_who_may_answer(world: World) -> None:
    talk(world)
    check = budget(world, "80万")
    for nobody in (world.rep_a1, world.rep_a2, world.manager_b, world.inspector, world.customer_department):
        with pytest.raises(PermissionDenied):
            note_heard(check, by=nobody, answer="as_said")
    with pytest.raises(ValidationError):
        note_heard(check, by=world.manager_a, answer="guilty")
    with pytest.raises(ValidationError):
        note_heard(check, by=world.manager_a, answer="as_said", note="长" * 301)
    note_heard(check, by=world.executive, answer="record_wrong")


def test_a_manager_does_not_answer_for_himself(world: World) -> None:
    talk(world)
    set_card_field(world.customer_a, "budget", "80万", by=world.manager_a)
    check_recent(now=NOW())
    with pytest.raises(PermissionDenied):
        note_heard(ClaimCheck.objects.get(), by=world.manager_a, answer="as_said")


def test_a_price_on_the_rivals_line_is_the_rivals(world: World) -> None:
    made = talk(world)
    make_fact(made, "price", {"min": "5000", "max": "5000", "product": None, "of": "own"}, "我们预算三十万")
    set_card_field(world.customer_a, "competitor_price", "3500元", by=world.rep_a1)
    (typed,) = card_values(NOW() - dt.timedelta(days=1))
    assert check_claim(typed, by=None)[0].verdict == "not_mentioned"
