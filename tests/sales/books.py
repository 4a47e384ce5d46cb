"""Short words for the acts of a credit clerk, for tests: everything in yuan, days counted from today."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.sales import actions
from shengce.sales.models import Invoice, Order, PaymentPromise, Receipt
from tests.talks import make_fact, make_talk
from tests.world import World


def day(ago: int = 0) -> dt.date:
    """Today, or so many days ago."""
    return timezone.localdate() - dt.timedelta(days=ago)


def product(name: str = "清泉500") -> Product:
    return Product.objects.get_or_create(name=name, defaults={"list_price": Decimal(4800)})[0]


def line(quantity: Any = 1, price: Any = 100, name: str = "清泉500") -> actions.OrderLineDraft:
    return actions.OrderLineDraft(product(name), Decimal(quantity), Decimal(price))


def order(world: World, *lines: actions.OrderLineDraft, by: Any = None, **more: Any) -> Order:
    values = {"customer": world.customer_a, "ordered_on": day(), "lines": lines or (line(),)} | more
    return actions.create_order(by=by or world.rep_a1, **values)


def invoice(
    world: World, amount: Any = 100, *, due: int = 0, issued: int | None = None, **more: Any
) -> Invoice:
    """An invoice that fell due ``due`` days ago, written 30 days before unless ``issued`` says when."""
    values = {
        "customer": world.customer_a,
        "issued_on": day(due + 30 if issued is None else issued),
        "due_on": day(due),
        "amount": Decimal(amount),
    } | more
    return actions.issue_invoice(by=world.customer_department, **values)


def receipt(
    world: World, amount: Any = 100, *, ago: int = 0, customer: Customer | str | None = "a", **more: Any
) -> Receipt:
    whose = world.customer_a if customer == "a" else customer
    return actions.record_receipt(
        by=world.customer_department, received_on=day(ago), amount=Decimal(amount), customer=whose, **more
    )


def allocate(world: World, money: Receipt, bill: Invoice, amount: Any) -> Any:
    return actions.allocate(money, by=world.customer_department, invoice=bill, amount=Decimal(amount))


def promise(world: World, amount: Any, *, made: int, due: int, fact: Fact | None = None) -> PaymentPromise:
    """Said ``made`` days ago in a talk of rep_a1 with customer_a, for ``due`` days ago (below 0: to come)."""
    if fact is None:
        at = timezone.now() - dt.timedelta(days=made)
        talk = make_talk(world.rep_a1, customer=world.customer_a, at=at)
        fact = make_fact(
            talk, "payment_promise", {"min": str(amount), "max": str(amount)}, "下周五先打二十万"
        )
    return actions.note_payment_promise(
        by=world.rep_a1,
        rep=world.rep_a1,
        customer=world.customer_a,
        amount=None if amount is None else Decimal(amount),
        due_on=day(due),
        fact=fact,
    )


def holds(*rows: Invoice | Receipt) -> None:
    """What must be true of every invoice and receipt at any moment, counted anew from their rows."""
    for row in rows:
        row.refresh_from_db()
        standing = row.allocations.filter(taken_back_at__isnull=True)
        allocated = sum((a.amount for a in standing), Decimal(0))
        if isinstance(row, Invoice):
            given_up = sum((w.amount for w in row.write_offs.filter(state="approved")), Decimal(0))
            if row.state == Invoice.State.CANCELLED:
                assert (allocated, given_up, row.open_amount) == (0, 0, 0)
            else:
                assert row.amount == allocated + given_up + row.open_amount
            assert (row.open_amount == 0) == (row.settled_on is not None)
            assert (row.state in ("settled", "cancelled")) == (row.open_amount == 0)
        elif row.reversed_at is None:
            assert row.amount == allocated + row.open_amount
        else:
            assert (allocated, row.open_amount) == (0, 0)
