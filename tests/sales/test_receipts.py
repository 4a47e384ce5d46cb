"""Invoices and receipts: allocation in every way, and what is refused in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.people.models import AuditEntry
from shengce.sales import actions
from shengce.sales.models import Allocation, Invoice, Receipt
from tests.sales.books import allocate, day, holds, invoice, order, receipt
from tests.sales.test_orders import limit, refused
from tests.world import World


def test_an_invoice_is_due_after_the_credit_days(world: World) -> None:
    assert invoice(world, issued=0, due_on=None).due_on == day(-30)  # the firm's, where the customer has none
    limit(world, 1000, days=45)
    assert invoice(world, issued=0, due_on=None).due_on == day(-45)
    cash = order(world, settlement_method="cash")
    assert invoice(world, issued=0, due_on=None, order=cash).due_on == day()
    assert invoice(world).number.startswith("IV")


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("future", {"issued_on": dt.date(2099, 1, 1), "due_on": dt.date(2099, 2, 1)}),
        ("due", {"issued_on": dt.date(2026, 1, 2), "due_on": dt.date(2026, 1, 1)}),
        ("amount", {"amount": Decimal(0)}),
        ("amount", {"amount": Decimal(-5)}),
        ("number", {"amount": Decimal("NaN")}),
        ("too_large", {"amount": Decimal("1e11")}),
        ("too_large", {"amount": Decimal("1e4000")}),
        ("decimals", {"amount": Decimal("0.001")}),
        ("future", {"due_on": dt.date(2200, 1, 1)}),
    ],
)
def test_what_no_invoice_can_be(world: World, code: str, more: Any) -> None:
    refused(code, invoice, world, **more)
    assert not Invoice.objects.exists()


def test_an_invoice_may_be_dated_a_month_ahead_and_no_more(world: World) -> None:
    assert invoice(world, issued_on=day(-31), due_on=day(-61)).issued_on == day(-31)
    refused("future", invoice, world, issued_on=day(-32), due_on=day(-61))
    refused("future", receipt, world, ago=-1)


def test_the_oldest_first_and_the_rest_stays_open(world: World) -> None:
    young, old, disputed = invoice(world, 80, due=5), invoice(world, 50, due=40), invoice(world, 70, due=90)
    actions.dispute_invoice(disputed, by=world.customer_department, reason="数量不符")
    money = receipt(world, 200)
    made = actions.allocate_oldest_first(money, by=world.customer_department)
    assert [(row.invoice, row.amount) for row in made] == [(old, 50), (young, 80)]
    holds(young, old, disputed, money)
    assert (money.open_amount, disputed.open_amount, disputed.state) == (70, 70, "disputed")
    assert (old.state, old.settled_on) == ("settled", day())
    assert actions.allocate_oldest_first(money, by=world.customer_department) == []


def test_by_hand_partly_and_back_again(world: World) -> None:
    bill, money = invoice(world, 100), receipt(world, 60, ago=3)
    part = allocate(world, money, bill, "25.50")
    rest = allocate(world, money, bill, "34.50")
    holds(bill, money)
    assert (bill.open_amount, bill.state, money.open_amount) == (40, "open", 0)
    actions.take_back_allocation(part, by=world.customer_department)
    holds(bill, money)
    assert (bill.open_amount, money.open_amount) == (Decimal("65.50"), Decimal("25.50"))
    refused("state", actions.take_back_allocation, part, by=world.customer_department)
    assert Allocation.objects.count() == 2  # taken back, and still there to read
    assert rest.taken_back_at is None


def test_settled_on_is_the_day_of_the_last_money(world: World) -> None:
    bill = invoice(world, 100, due=20)
    first, second = receipt(world, 60, ago=9), receipt(world, 40, ago=4)
    allocate(world, second, bill, 40)
    last = allocate(world, first, bill, 60)
    holds(bill)
    assert bill.settled_on == day(4)
    actions.take_back_allocation(last, by=world.customer_department)
    holds(bill)
    assert (bill.settled_on, bill.state) == (None, "open")


def test_prepaid_invoices_are_settled_when_they_are_written(world: World) -> None:
    money, bill = receipt(world, 100, ago=20), invoice(world, 100, issued=5, due=-25)
    allocate(world, money, bill, 100)
    holds(bill, money)
    assert bill.settled_on == day(5)


@pytest.mark.parametrize(
    ("code", "amount"),
    [("over", "60.01"), ("amount", 0), ("amount", -1), ("number", "NaN"), ("decimals", "0.005"), ("too_large", "1e20")],
)  # fmt: skip
def test_sums_that_cannot_be_allocated(world: World, code: str, amount: Any) -> None:
    bill, money = invoice(world, 100), receipt(world, 60)
    refused(code, allocate, world, money, bill, amount)
    holds(bill, money)
    assert not Allocation.objects.exists()


def test_no_more_than_the_invoice_has_open(world: World) -> None:
    bill, money = invoice(world, 100), receipt(world, 500)
    refused("over", allocate, world, money, bill, "100.01")
    allocate(world, money, bill, 100)
    refused("over", allocate, world, money, bill, "0.01")
    holds(bill, money)


def test_money_of_nobody_waits_until_it_is_assigned(world: World) -> None:
    bill, money = invoice(world, 100), receipt(world, 100, customer=None, payer="云海酒店管理公司")
    refused("no_customer", allocate, world, money, bill, 100)
    refused("no_customer", actions.allocate_oldest_first, money, by=world.customer_department)
    assert money.rep is None
    assert not Receipt.objects.visible_to(world.rep_a1).exists()
    actions.assign_receipt(money, by=world.customer_department, customer=world.customer_a)
    assert Receipt.objects.visible_to(world.rep_a1).get() == money
    actions.assign_receipt(money, by=world.customer_department, customer=world.customer_b)  # it was wrong
    refused("other_customer", allocate, world, money, bill, 100)
    actions.assign_receipt(money, by=world.customer_department, customer=world.customer_a)
    allocate(world, money, bill, 40)
    refused("used", actions.assign_receipt, money, by=world.customer_department, customer=world.customer_b)
    assert AuditEntry.objects.filter(action="receipt.assigned").count() == 3


def test_currencies_are_not_mixed(world: World) -> None:
    bill, dollars = invoice(world, 100), receipt(world, 100, currency="usd")
    assert dollars.currency == "USD"
    refused("currency", allocate, world, dollars, bill, 100)
    assert actions.allocate_oldest_first(dollars, by=world.customer_department) == []
    theirs = invoice(world, 100, currency="USD")
    allocate(world, dollars, theirs, 100)
    holds(bill, dollars, theirs)


def test_one_bank_reference_one_receipt(world: World) -> None:
    first = receipt(world, 100, bank_reference="ICBC 2026 1126 001")
    with pytest.raises(ValidationError) as problem:
        receipt(
            world, 200, bank_reference="ＩＣＢＣ２０２６１１２６００１"
        )  # the same, as another export writes it
    assert problem.value.code == "bank_reference"
    assert "100" in problem.value.messages[0]
    actions.reverse_receipt(first, by=world.customer_department, reason="录错")
    assert receipt(world, 200, bank_reference="ICBC20261126001").amount == 200
    receipt(world, 5)
    receipt(world, 5)  # without a reference, as often as one likes
    assert Receipt.objects.count() == 4


def test_a_reversal_opens_what_the_money_had_paid(world: World) -> None:
    one, other, money = invoice(world, 60), invoice(world, 60), receipt(world, 100)
    actions.allocate_oldest_first(money, by=world.customer_department)
    refused("empty", actions.reverse_receipt, money, by=world.customer_department, reason=" ")
    actions.reverse_receipt(money, by=world.customer_department, reason="支票退票")
    holds(one, other, money)
    assert (one.open_amount, other.open_amount, one.state) == (60, 60, "open")
    assert (money.reversal, money.open_amount) == ("支票退票", 0)
    for call in (
        lambda: allocate(world, money, one, 1),
        lambda: actions.allocate_oldest_first(money, by=world.customer_department),
        lambda: actions.reverse_receipt(money, by=world.customer_department, reason="x"),
        lambda: actions.assign_receipt(money, by=world.customer_department, customer=world.customer_b),
    ):
        refused("reversed", call)


def test_a_cancelled_invoice_owes_nothing(world: World) -> None:
    bill, money = invoice(world, 100), receipt(world, 100)
    part = allocate(world, money, bill, 40)
    refused("used", actions.cancel_invoice, bill, by=world.customer_department)
    actions.take_back_allocation(part, by=world.customer_department)
    actions.cancel_invoice(bill, by=world.customer_department, reason="开错抬头")
    holds(bill, money)
    refused("state", allocate, world, money, bill, 1)
    refused("state", actions.cancel_invoice, bill, by=world.customer_department)


def test_a_debt_is_given_up_by_another_person(world: World) -> None:
    bill, money = invoice(world, 100), receipt(world, 70)
    ask = {"by": world.customer_department, "reason": "客户已注销"}
    refused("over", actions.ask_write_off, bill, amount=Decimal("100.01"), **ask)
    asked = actions.ask_write_off(bill, amount=Decimal(100), **ask)
    holds(bill)
    assert bill.open_amount == 100  # nothing happens until somebody says yes
    refused("waiting", actions.ask_write_off, bill, amount=Decimal(1), **ask)
    with pytest.raises(PermissionDenied):
        actions.decide_write_off(asked, by=world.customer_department, approve=True)
    allocate(world, money, bill, 70)
    refused("over", actions.decide_write_off, asked, by=world.executive, approve=True)
    refused("empty", actions.decide_write_off, asked, by=world.executive, approve=False)
    actions.decide_write_off(asked, by=world.executive, approve=False, comment="还能收")
    refused("state", actions.decide_write_off, asked, by=world.executive, approve=True)
    again = actions.ask_write_off(bill, amount=Decimal(30), **ask)
    actions.decide_write_off(again, by=world.executive, approve=True)
    holds(bill, money)
    assert (bill.state, bill.settled_on) == ("settled", day())


@pytest.mark.parametrize(
    "who",
    ["rep_a1", "manager_a", "rep_b1", "manager_b", "executive", "marketing", "inspector", "administrator"],
)
def test_only_the_customer_department_keeps_the_books(world: World, who: str) -> None:
    by, bill, money = getattr(world, who), invoice(world, 100), receipt(world, 100)
    part = allocate(world, money, bill, 10)
    asked = actions.ask_write_off(bill, by=world.customer_department, amount=Decimal(1), reason="x")
    calls = {
        "issue": lambda: actions.issue_invoice(by=by, customer=world.customer_a, issued_on=day(), amount=Decimal(1)),
        "dispute": lambda: actions.dispute_invoice(bill, by=by, reason="x"),
        "cancel": lambda: actions.cancel_invoice(bill, by=by),
        "receive": lambda: actions.record_receipt(by=by, received_on=day(), amount=Decimal(1)),
        "receive for": lambda: actions.record_receipt(
            by=by, received_on=day(), amount=Decimal(1), customer=world.customer_a),
        "assign": lambda: actions.assign_receipt(money, by=by, customer=world.customer_b),
        "allocate": lambda: actions.allocate(money, by=by, invoice=bill, amount=Decimal(1)),
        "oldest": lambda: actions.allocate_oldest_first(money, by=by),
        "back": lambda: actions.take_back_allocation(part, by=by),
        "reverse": lambda: actions.reverse_receipt(money, by=by, reason="x"),
        "give up": lambda: actions.ask_write_off(bill, by=by, amount=Decimal(1), reason="x"),
        "statement": lambda: actions.make_statement(world.customer_a, by=by, start_on=day(9), end_on=day()),
        "dunning": lambda: actions.send_dunning(bill, by=by),
    }  # fmt: skip
    if who != "executive":
        calls["decide"] = lambda: actions.decide_write_off(asked, by=by, approve=True)
        calls["credit"] = lambda: actions.set_credit(world.customer_a, by=by, limit=Decimal(1), days=1)
    before = [list(model.objects.order_by("pk").values()) for model in (Invoice, Receipt, Allocation)]
    for name, call in calls.items():
        with pytest.raises(PermissionDenied):
            call()
            raise AssertionError(name)
    assert [list(model.objects.order_by("pk").values()) for model in (Invoice, Receipt, Allocation)] == before
