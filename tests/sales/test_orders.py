"""Orders: entry, numbers, the credit limit, approval, returns, and what is refused in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.people.models import AuditEntry
from shengce.sales import actions
from shengce.sales.credit import check_credit, current_policy
from shengce.sales.models import CreditPolicy, Delivery, Order
from tests.sales.books import day, invoice, line, order, receipt
from tests.world import World


def limit(world: World, amount: Any, days: int = 30) -> None:
    actions.set_credit(
        world.customer_a, by=world.customer_department, limit=Decimal(amount), days=days, grade="B"
    )


def rules(world: World, **changes: Any) -> CreditPolicy:
    policy = current_policy()
    values = {name: getattr(policy, name) for name in ("counts", "over_limit", "days", "grades", "dunning")}
    return actions.save_credit_policy(by=world.customer_department, **values | changes)


def refused(code: str, call: Any, *args: Any, **more: Any) -> None:
    with pytest.raises(ValidationError) as problem:
        call(*args, **more)
    assert code in [error.code for error in problem.value.error_list], problem.value
    assert all(problem.value.messages)


def test_an_order_adds_up_and_belongs_to_the_owner(world: World) -> None:
    made = order(world, line("1.5", "33.33"), line(2, 100, name="滤芯"), by=world.customer_department)
    assert [row.amount for row in made.lines.order_by("pk")] == [Decimal("50.00"), Decimal("200.00")]
    assert (made.total, made.state) == (Decimal("250.00"), Order.State.CONFIRMED)
    assert (made.rep, made.unit, made.made_by) == (world.rep_a1, world.team_a, world.customer_department)
    assert AuditEntry.objects.get(action="order.created").subject_id == made.pk


def test_numbers_follow_one_another_and_pass_over_typed_ones(world: World) -> None:
    prefix = f"SO{day():%Y%m%d}-"
    first = order(world)
    order(world, number=f" ＳＯ{day():%Y%m%d}-０００２ ")
    third = order(world)
    assert [first.number, third.number] == [f"{prefix}0001", f"{prefix}0003"]
    assert Order.objects.filter(number=f"{prefix}0002").exists()  # full-width letters are letters
    refused("number_taken", order, world, number=first.number)
    assert order(world, ordered_on=day(1)).number == f"SO{day(1):%Y%m%d}-0001"


def test_within_the_limit_to_the_cent(world: World) -> None:
    limit(world, 1000)
    invoice(world, 400)
    assert order(world, line(1, 600)).state == Order.State.CONFIRMED
    assert order(world, line(1, "600.01")).state == Order.State.WAITING
    receipt(world, 100)  # not allocated yet: it lowers what he owes all the same
    assert order(world, line(1, 700)).state == Order.State.CONFIRMED


def test_without_a_credit_line_nothing_is_over_it(world: World) -> None:
    invoice(world, 10_000_000)
    assert check_credit(world.customer_a).room is None
    assert order(world, line(1, 1_000_000)).state == Order.State.CONFIRMED


@pytest.mark.parametrize("method", ["cash", "prepaid"])
def test_who_pays_before_needs_no_credit(world: World, method: str) -> None:
    limit(world, 0)
    assert order(world, settlement_method=method).state == Order.State.CONFIRMED
    assert order(world).state == Order.State.WAITING


@pytest.mark.parametrize(("counts", "owed"), [("invoices", 100), ("deliveries", 250), ("orders", 400)])
def test_the_firm_chooses_what_counts(world: World, counts: str, owed: int) -> None:
    made = order(world, line(1, 400))
    actions.record_delivery(
        by=world.rep_a1, customer=world.customer_a, delivered_on=day(), amount=Decimal(250), order=made
    )
    invoice(world, 100, order=made)
    rules(world, counts=counts)
    assert check_credit(world.customer_a).owed == owed


def test_waiting_orders_count_when_they_are_approved_only(world: World) -> None:
    rules(world, counts="orders")
    limit(world, 100)
    waiting = order(world, line(1, 150))
    assert check_credit(world.customer_a).owed == 0
    actions.approve_order(waiting, by=world.manager_a, comment="老客户")
    assert check_credit(world.customer_a).owed == 150


def test_another_person_approves_with_words_that_stay(world: World) -> None:
    limit(world, 0)
    waiting = order(world, by=world.manager_a, rep=world.rep_a1)
    refused("own", actions.approve_order, waiting, by=world.manager_a)
    approved = actions.approve_order(waiting, by=world.customer_department, comment="已来电确认付款")
    assert (approved.state, approved.decided_by) == (Order.State.CONFIRMED, world.customer_department)
    assert approved.decision == "已来电确认付款"
    refused("state", actions.approve_order, waiting, by=world.customer_department)


def test_a_refusal_needs_words(world: World) -> None:
    limit(world, 0)
    waiting = order(world)
    refused("empty", actions.refuse_order, waiting, by=world.manager_a, comment="  ")
    assert actions.refuse_order(waiting, by=world.manager_a, comment="先付旧账").state == Order.State.STOPPED


def test_a_stopped_order_goes_when_there_is_room_again(world: World) -> None:
    rules(world, over_limit="stop")
    limit(world, 50)
    stopped = order(world)
    assert stopped.state == Order.State.STOPPED
    refused("over_limit", actions.approve_order, stopped, by=world.manager_a)
    limit(world, 100)
    assert actions.approve_order(stopped, by=world.manager_a).state == Order.State.CONFIRMED


def test_cancelling_once_and_not_after_goods_left(world: World) -> None:
    made = order(world)
    assert actions.cancel_order(made, by=world.rep_a1, reason="重复下单").state == Order.State.CANCELLED
    refused("state", actions.cancel_order, made, by=world.rep_a1)
    refused("state", actions.record_delivery, by=world.rep_a1, customer=world.customer_a, delivered_on=day(),
            amount=Decimal(1), order=made)  # fmt: skip
    gone = order(world)
    actions.record_delivery(
        by=world.rep_a1, customer=world.customer_a, delivered_on=day(), amount=Decimal(100), order=gone
    )
    refused("used", actions.cancel_order, gone, by=world.rep_a1)


def test_goods_taken_back_need_a_note_and_an_order_is_worth_something(world: World) -> None:
    refused("return_note", order, world, line(5, 100), line(-1, 100))
    swap = order(world, line(5, 100), line(-1, 100), note="换货：一台有划痕")
    assert swap.total == 400
    assert order(world, line(1, 100), line(-1, 100), note="换货").total == 0
    refused("below_zero", order, world, line(1, 100), line(-2, 100), note="退货")


@pytest.mark.parametrize(
    ("code", "lines", "more"),
    [
        ("no_lines", (), {}),
        ("quantity", (line_ := ("0", "1"),), {}),
        ("quantity", (("0.0001", "1"),), {}),
        ("quantity", (("1e9", "1"),), {}),
        ("number", (("NaN", "1"),), {}),
        ("number", (("1", "Infinity"),), {}),
        ("amount", (("1", "-1"),), {}),
        ("decimals", (("1", "0.001"),), {}),
        ("too_large", (("1", "1e30"),), {}),
        ("too_large", (("999999999", "9999999"),), {}),
        ("too_large", (("900000", "90000"),) * 2, {}),
        ("method", (line_,), {"settlement_method": "barter"}),
        ("method", (line_,), {"sales_method": "barter"}),
        ("currency", (("1", "1"),), {"currency": "yuan"}),
        ("future", (("1", "1"),), {"ordered_on": dt.date(2099, 1, 1)}),
        ("day", (("1", "1"),), {"ordered_on": dt.date(1999, 12, 31)}),
        ("too_long", (("1", "1"),), {"number": "9" * 41}),
        ("too_long", (("1", "1"),), {"note": "字" * 301}),
        ("too_many_lines", (("1", "1"),) * 501, {}),
    ],
)
def test_what_no_order_can_be_is_refused_in_words(world: World, code: str, lines: Any, more: Any) -> None:
    drafts = [line(*row) for row in lines]
    refused(code, actions.create_order, by=world.rep_a1, customer=world.customer_a,
            **{"ordered_on": day(), "lines": drafts} | more)  # fmt: skip
    assert not Order.objects.exists()


OUTSIDE = ("rep_a2", "rep_b1", "manager_b", "marketing", "inspector", "administrator")


@pytest.mark.parametrize("who", [*OUTSIDE, "executive"])
def test_nobody_outside_enters_orders(world: World, who: str) -> None:
    made = order(world)
    by = getattr(world, who)
    for call in (
        lambda: order(world, by=by),
        lambda: actions.cancel_order(made, by=by),
        lambda: actions.record_delivery(
            by=by, customer=world.customer_a, delivered_on=day(), amount=Decimal(1)
        ),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert (Order.objects.count(), Delivery.objects.count()) == (1, 0)
    assert (made.pk in [o.pk for o in Order.objects.visible_to(by)]) == (who == "executive")


@pytest.mark.parametrize("who", [*OUTSIDE, "rep_a1"])
def test_who_may_not_approve(world: World, who: str) -> None:
    limit(world, 0)
    waiting = order(world)
    with pytest.raises(PermissionDenied):
        actions.approve_order(waiting, by=getattr(world, who))
    waiting.refresh_from_db()
    assert waiting.state == Order.State.WAITING


def test_nobody_writes_orders_for_a_colleague_of_another_team(world: World) -> None:
    with pytest.raises(PermissionDenied):
        order(world, by=world.rep_a1, rep=world.rep_a2)
    with pytest.raises(PermissionDenied):
        order(world, by=world.manager_a, rep=world.rep_b1)
    assert order(world, by=world.manager_a, rep=world.rep_a2).rep == world.rep_a2


def test_a_delivery_is_for_its_own_customer(world: World) -> None:
    theirs = actions.create_order(
        by=world.rep_b1, customer=world.customer_b, ordered_on=day(), lines=[line()]
    )
    for order_of_another in (theirs,):
        with pytest.raises((ValidationError, PermissionDenied)):
            actions.record_delivery(
                by=world.customer_department, customer=world.customer_a, delivered_on=day(),
                amount=Decimal(1), order=order_of_another,
            )  # fmt: skip
