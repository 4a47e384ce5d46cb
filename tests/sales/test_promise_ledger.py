"""The ledger of promises: what came of them, seen at every receipt and every day; who to call in the morning."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from shengce.project.commands.sweep import run_jobs
from shengce.sales import actions
from shengce.sales.calls import kept_by, kept_in_all, who_to_call
from shengce.sales.models import PaymentPromise
from shengce.sales.queries import promise_list
from tests.sales.books import day, invoice, promise, receipt
from tests.world import World


def state(row: PaymentPromise) -> tuple[str, Decimal, dt.date | None]:
    row.refresh_from_db()
    return row.state, row.paid_amount, row.paid_on


def test_a_receipt_keeps_a_promise_by_itself(world: World) -> None:
    said = promise(world, 100, made=10, due=2)
    receipt(world, 100, ago=3)
    assert state(said) == ("kept", 100, day(3))


def test_late_partly_broken_and_open(world: World) -> None:
    late = promise(world, 100, made=10, due=5)
    receipt(world, 100, ago=3)
    partly = promise(world, 300, made=2, due=1)
    receipt(world, 200, ago=1)
    open_ = promise(world, 400, made=1, due=-3)
    broken = promise(world, 500, made=1, due=1)
    assert actions.check_promises(today=day()) == 1  # the receipt has judged the others
    assert [state(row)[0] for row in (late, partly, open_, broken)] == ["late", "partly", "open", "broken"]
    assert state(partly) == ("partly", 200, day(1))


def test_the_sweep_changes_what_a_day_changes_and_nothing_twice(world: World) -> None:
    said = promise(world, 100, made=3, due=0)
    assert actions.check_promises(today=day()) == 0
    assert state(said)[0] == "open"
    assert actions.check_promises(today=day(-1)) == 1
    assert state(said)[0] == "broken"
    assert actions.check_promises(today=day(-1)) == 0
    told: list[str] = []
    assert run_jobs(only="check_promises", say=told.append)  # judged as of today again
    assert told[0].split()[1] == "1"
    assert state(said)[0] == "open"


def test_reversing_and_assigning_judge_anew(world: World) -> None:
    said = promise(world, 100, made=10, due=2)
    money = receipt(world, 100, ago=3, customer=None)
    assert state(said)[0] == "open"
    actions.assign_receipt(money, by=world.customer_department, customer=world.customer_a)
    assert state(said)[0] == "kept"
    actions.reverse_receipt(money, by=world.customer_department, reason="退票")
    assert state(said) == ("broken", 0, None)
    again = receipt(world, 100, ago=1, customer=world.customer_b)
    actions.assign_receipt(again, by=world.customer_department, customer=world.customer_a)
    assert state(said) == ("late", 100, day(1))
    actions.assign_receipt(again, by=world.customer_department, customer=world.customer_b)
    assert state(said) == ("broken", 0, None)


def test_dollars_keep_no_promise_of_yuan(world: World) -> None:
    said = promise(world, 100, made=10, due=2)
    receipt(world, 100, ago=3, currency="USD")
    assert state(said)[0] == "broken"


@pytest.mark.parametrize(
    ("amount", "due"), [(None, None), (0, 1), (-1, 1), ("NaN", 1), ("1e11", 1), ("0.001", 1)]
)
def test_what_no_promise_is(world: World, amount: object, due: int | None) -> None:
    with pytest.raises(ValidationError):
        actions.note_payment_promise(
            by=world.rep_a1, rep=world.rep_a1, customer=world.customer_a,
            amount=None if amount is None else Decimal(str(amount)), due_on=None if due is None else day(due),
        )  # fmt: skip
    assert not PaymentPromise.objects.exists()


def test_one_promise_a_fact_and_only_open_ones_are_withdrawn(world: World) -> None:
    said = promise(world, 100, made=10, due=2)
    assert promise(world, 100, made=10, due=2, fact=said.fact) == said
    with pytest.raises(PermissionDenied):
        actions.withdraw_payment_promise(said, by=world.rep_b1)
    receipt(world, 100, ago=3)
    said.refresh_from_db()
    with pytest.raises(ValidationError):
        actions.withdraw_payment_promise(said, by=world.rep_a1)
    other = promise(world, 50, made=1, due=-3)
    actions.withdraw_payment_promise(other, by=world.rep_a1)
    assert PaymentPromise.objects.get() == said


def test_who_to_call_this_morning(world: World) -> None:
    from shengce.customers.models import Customer

    debtors = [
        Customer.objects.create(name=name, owner=world.rep_a2, unit=world.team_a)
        for name in ("甲", "乙", "丙")
    ]
    for customer, amount in zip(debtors, (300, 900, 600), strict=True):
        invoice(world, amount, due=10, customer=customer)
    paid_later = invoice(world, 5000, due=-10, customer=debtors[0])  # not due yet: no reason to call
    disputed = invoice(world, 7000, due=10, customer=debtors[0])
    actions.dispute_invoice(disputed, by=world.customer_department, reason="数量")
    invoice(world, 20, due=4)
    today_, broken = promise(world, 50, made=5, due=0), promise(world, 80, made=9, due=3)
    promise(world, 500, made=1, due=-4)  # to come
    promise(world, 500, made=99, due=80)  # long ago
    actions.check_promises(today=day())
    calls = who_to_call(world.manager_a, today=day())
    assert [(c.customer and c.customer.name, c.overdue) for c in calls] == [
        ("云海大酒店", 20), ("乙", 900), ("丙", 600), ("甲", 300)
    ]  # fmt: skip
    assert calls[0].promises == [broken, today_]
    assert (calls[0].promised, calls[0].days_late) == (130, 4)
    assert calls[0].contact == world.contact_a
    assert calls[0].promises[0].fact.quote == "下周五先打二十万"  # type: ignore[union-attr]
    assert paid_later.customer == debtors[0]
    assert [c.customer for c in who_to_call(world.rep_a1, today=day())] == [world.customer_a]
    for outsider in (world.rep_b1, world.manager_b, world.marketing):
        assert who_to_call(outsider, today=day()) == []


def test_rates_by_rep_and_customer(world: World) -> None:
    promise(world, 100, made=10, due=5)
    receipt(world, 100, ago=6)
    promise(world, 200, made=4, due=2)
    promise(world, 300, made=1, due=-2)
    actions.check_promises(today=day())
    rows = promise_list(world.manager_a)
    (of_rep,) = kept_by(rows, "rep")
    assert (of_rep.label, of_rep.kept, of_rep.broken, of_rep.open, of_rep.rate) == ("林晓", 1, 1, 1, 0.5)
    (of_customer,) = kept_by(rows, "customer")
    assert (of_customer.label, of_customer.promised, of_customer.paid) == ("云海大酒店", 600, 100)
    assert kept_in_all(rows).rate == 0.5
    assert kept_in_all(promise_list(world.rep_b1)).rate is None


def test_a_promise_on_the_telephone_is_noted_from_the_list_of_calls(world: World, client: Client) -> None:
    invoice(world, 500, due=20)
    client.force_login(world.customer_department)
    assert f"/sales/money/customers/{world.customer_a.pk}/promise/" in client.get("/sales/money/calls/").text
    address = f"/sales/money/customers/{world.customer_a.pk}/promise/"
    for wrong in (
        {"due_on": ""},
        {"due_on": day(1)},
        {"due_on": day(-900)},
        {"due_on": day(-3), "amount": "x"},
    ):
        assert client.post(address, {"back": "calls", **wrong}).status_code == 302
    assert not PaymentPromise.objects.exists()
    answer = client.post(address, {"back": "calls", "amount": "３，０００", "due_on": day(-3)})
    assert answer["Location"] == "/sales/money/calls/"
    made = PaymentPromise.objects.get()
    assert (made.amount, made.due_on, made.rep, made.unit) == (3000, day(-3), world.rep_a1, world.team_a)
    assert client.post(address, {"due_on": day(-4)})["Location"].endswith("#promises")


def test_by_hand_only_for_customers_of_ones_scope(world: World) -> None:
    for by in (world.rep_b1, world.manager_b, world.executive):
        with pytest.raises(PermissionDenied):
            actions.note_payment_promise(by=by, rep=by, customer=world.customer_a, due_on=day(-3))
