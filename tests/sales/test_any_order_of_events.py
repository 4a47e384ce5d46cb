"""Whatever people do, in any order: the books add up, and ageing of any day equals an answer by brute force."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.customers.models import Customer
from shengce.people.models import Territory
from shengce.planning.ageing import EDGES, Debt, age, names
from shengce.sales import actions
from shengce.sales.account import balance_before, receivables_of
from shengce.sales.models import Allocation, Invoice, Receipt, WriteOff
from shengce.sales.receivables import GROUPS, Within, ageing, open_on
from tests.sales.books import day, holds, invoice, receipt
from tests.world import World

SUMS = st.integers(1, 400_00).map(lambda cents: Decimal(cents) / 100)
PLACE = st.integers(0, 30)
INVOICE = st.tuples(st.just("invoice"), SUMS, st.integers(-20, 200), st.integers(0, 90), PLACE)
RECEIPT = st.tuples(st.just("receipt"), SUMS, st.integers(0, 200), PLACE)
ACT = st.one_of(
    st.tuples(st.just("oldest"), PLACE),
    st.tuples(st.just("allocate"), SUMS, st.booleans(), PLACE, PLACE),
    st.tuples(st.just("allocate"), SUMS, st.just(True), PLACE, PLACE),
    st.tuples(st.just("back"), PLACE),
    st.tuples(st.just("give up"), SUMS, st.booleans(), PLACE, st.integers(0, 60)),
    st.tuples(st.just("reverse"), PLACE),
    st.tuples(st.just("cancel"), PLACE),
    st.tuples(st.just("dispute"), PLACE),
    st.tuples(st.just("end dispute"), PLACE),
    st.tuples(st.just("assign"), PLACE, PLACE),
    INVOICE,
    RECEIPT,
)
EVENTS = st.builds(
    lambda bills, moneys, acts: [*bills, *moneys, *acts],
    st.lists(INVOICE, min_size=3, max_size=5),
    st.lists(RECEIPT, min_size=3, max_size=5),
    st.lists(ACT, min_size=8, max_size=16),
)
"""Something to work with, and then anything in any order."""


class _Undo(Exception):
    """Ends an example: nothing of it stays in the database."""


def pick(rows: Any, place: int) -> Any:
    found = list(rows.order_by("pk"))
    return found[place % len(found)] if found else None


def carry_out(world: World, event: tuple[Any, ...]) -> None:
    """One act of the clerk; what the rules refuse changes nothing."""
    clerk = world.customer_department
    customers = (world.customer_a, world.customer_b)
    kind, *given_ = event
    if kind == "invoice":
        amount, issued, term, place = given_
        invoice(world, amount, issued=issued, due=issued - term, customer=customers[place % 4 == 3])
    elif kind == "receipt":
        amount, ago, place = given_
        receipt(world, amount, ago=ago, customer=(*customers, None, *customers[:1] * 2)[place % 5])
    elif kind == "allocate":
        amount, fitting, one, other = given_
        money, bill = pick(Receipt.objects, one), pick(Invoice.objects, other)
        if fitting:  # a sum that both have
            amount = min(amount, money.open_amount, bill.open_amount)
        actions.allocate(money, by=clerk, invoice=bill, amount=amount)
    elif kind == "give up":
        amount, approve, place, ago = given_
        bill = pick(Invoice.objects, place)
        asked = actions.ask_write_off(bill, by=clerk, amount=min(amount, bill.open_amount), reason="x")
        actions.decide_write_off(asked, by=world.executive, approve=approve, comment="x")
        back_date(asked, ago)
    elif kind == "assign":
        one, other = given_
        if money := pick(Receipt.objects, one):
            actions.assign_receipt(money, by=clerk, customer=customers[other % 2])
    else:
        table, act = {
            "oldest": (Receipt.objects, lambda row: actions.allocate_oldest_first(row, by=clerk)),
            "reverse": (Receipt.objects, lambda row: actions.reverse_receipt(row, by=clerk, reason="x")),
            "back": (Allocation.objects, lambda row: actions.take_back_allocation(row, by=clerk)),
            "cancel": (Invoice.objects, lambda row: actions.cancel_invoice(row, by=clerk)),
            "dispute": (Invoice.objects, lambda row: actions.dispute_invoice(row, by=clerk, reason="x")),
            "end dispute": (Invoice.objects, lambda row: actions.end_dispute(row, by=clerk)),
        }[kind]
        if row := pick(table, given_[0]):
            act(row)


def back_date(asked: WriteOff, ago: int) -> None:
    """As if it had been decided some days ago; the invoice's day of settling follows."""
    at = timezone.now() - dt.timedelta(days=ago)
    WriteOff.objects.filter(pk=asked.pk, state="approved").update(decided_at=at)
    bill = Invoice.objects.get(pk=asked.invoice_id)
    if bill.settled_on and bill.state == "settled":
        days = [bill.issued_on]
        days += [a.receipt.received_on for a in bill.allocations.filter(taken_back_at=None)]
        days += [timezone.localdate(w.decided_at) for w in bill.write_offs.filter(state="approved")]
        Invoice.objects.filter(pk=bill.pk).update(settled_on=max(days))


def open_by_brute_force(bill: Invoice, on: dt.date) -> Decimal:
    """From the rows, one after the other: as known now, money of after the day had not come."""
    if bill.state == "cancelled" or bill.issued_on > on:
        return Decimal(0)
    paid = sum(a.amount for a in bill.allocations.filter(taken_back_at=None) if a.receipt.received_on <= on)
    given_up = sum(
        w.amount for w in bill.write_offs.filter(state="approved") if timezone.localdate(w.decided_at) <= on
    )
    return bill.amount - paid - given_up


def check_ageing(world: World, on: dt.date) -> None:
    bills = list(Invoice.objects.select_related("customer"))
    for by, column in GROUPS.items():
        debts = []
        for bill in bills:
            key = bill.customer.territory_id if by == "territory" else getattr(bill, column)
            debts.append(Debt(key or 0, bill.due_on, open_by_brute_force(bill, on)))
        expected = {key: row for key, row in age(debts, on=on).items() if sum(row)}
        found = ageing(world.executive, on=on, by=by, size=None)  # type: ignore[arg-type]
        assert {row.key: list(row.amounts) for row in found.rows} == expected, (by, on)
        assert found.total.total == sum((sum(row) for row in expected.values()), Decimal(0))
        totals = [row.total for row in found.rows]
        assert totals == sorted(totals, reverse=True)
    by_customer = ageing(world.executive, on=on, by="customer", size=None)
    for place in (None, on.toordinal() % len(names())):
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for bill in open_on(world.executive, on=on, bucket=place):
            assert bill.open_then == open_by_brute_force(bill, on) > 0  # type: ignore[attr-defined]
            sums[bill.customer_id] += bill.open_then  # type: ignore[attr-defined]
        told = {row.key: row.total if place is None else row.amounts[place] for row in by_customer.rows}
        assert sums == {key: amount for key, amount in told.items() if amount}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
@given(events=EVENTS, ago=st.integers(1, 300))
def test_the_books_add_up_and_ageing_is_right(world: World, events: list[Any], ago: int) -> None:
    with pytest.raises(_Undo), transaction.atomic():
        Customer.objects.filter(pk=world.customer_a.pk).update(
            territory=Territory.objects.create(name="苏南")
        )
        for event in events:
            try:
                with transaction.atomic():
                    carry_out(world, event)
            except (ValidationError, PermissionDenied):
                pass
            holds(*Invoice.objects.all(), *Receipt.objects.all())
        turning = {day(), day(ago), day(-15)}  # and days on which something happened, and the days before
        used = Allocation.objects.filter(taken_back_at=None).order_by("pk")
        given_up = WriteOff.objects.filter(state="approved").order_by("pk")
        happened = [row.receipt.received_on for row in used[:2]]
        happened += [timezone.localdate(row.decided_at) for row in given_up[:1]]
        turning.update(*((on, on - dt.timedelta(days=1)) for on in happened))
        for on in turning:
            check_ageing(world, on)
        for customer in (world.customer_a, world.customer_b):
            owing = receivables_of(customer)
            bills = Invoice.objects.filter(customer=customer)
            assert owing.total == sum((open_by_brute_force(b, day()) for b in bills), Decimal(0))
            # The account says the same: what is owed less what is not allocated yet.
            ahead = bills.filter(issued_on__gt=day()).exclude(state="cancelled")
            paid_ahead = sum((b.amount - b.open_amount for b in ahead), Decimal(0))
            assert balance_before(customer, day(-1)) == owing.total - owing.unallocated - paid_ahead
        raise _Undo


def test_pages_of_ageing_hold_every_row_once_and_the_filters_narrow(world: World) -> None:
    for number in range(7):
        customer = Customer.objects.create(name=f"客户{number}", owner=world.rep_a2, unit=world.team_a)
        invoice(world, 100 + number, due=number * 40, customer=customer)
    invoice(world, 5, due=1)
    seen, page = [], 1
    while True:
        found = ageing(world.manager_a, on=day(), page=page, size=3)
        seen += [row.key for row in found.rows]
        if not found.has_next:
            break
        page += 1
    assert (len(seen), len(set(seen)), found.groups, page) == (8, 8, 8, 3)
    assert found.total.total == sum(100 + n for n in range(7)) + 5
    theirs = ageing(world.manager_a, on=day(), by="customer", within=Within(rep=world.rep_a1.pk))
    assert [(row.label, row.total) for row in theirs.rows] == [("云海大酒店", 5)]
    assert ageing(world.manager_a, on=day(), within=Within(rep=0)).rows == ()
    overdue = ageing(world.manager_a, on=day(), sort="overdue")
    assert [row.overdue for row in overdue.rows] == sorted((r.overdue for r in overdue.rows), reverse=True)
    for outsider in (world.rep_b1, world.manager_b, world.marketing, world.administrator):
        assert ageing(outsider, on=day()).rows == ()
        assert ageing(outsider, on=day(30)).total.total == 0
        assert not open_on(outsider, on=day(9)).exists()


def test_currencies_stand_apart_and_what_waits_is_told(world: World) -> None:
    invoice(world, 100, due=5)
    invoice(world, 70, due=5, currency="USD")
    receipt(world, 30)
    found = ageing(world.executive, on=day())
    assert [(row.total, row.unallocated) for row in found.rows] == [(100, 30)]
    assert ageing(world.executive, on=day(), currency="USD").total.total == 70
    assert ageing(world.executive, on=day(), by="rep").rows[0].unallocated == 30
    assert len(EDGES) + 1 == len(found.total.amounts)
