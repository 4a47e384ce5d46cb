"""Lists of orders and money: one page at a time, nothing counted. What is owed: :mod:`receivables`, :mod:`account`,
:mod:`calls`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.sales.account import receivables_of
from shengce.sales.calls import kept_by, who_to_call
from shengce.sales.credit import credit_line_of, current_policy, suggest_credit
from shengce.sales.models import (
    Invoice,
    Order,
    PaymentPromise,
    Receipt,
    Statement,
    WriteOff,
)
from shengce.sales.receivables import ageing, open_on

__all__ = (
    "ageing",
    "credit_line_of",
    "current_policy",
    "dunning_due",
    "invoice_list",
    "kept_by",
    "open_on",
    "order_list",
    "page_of",
    "promise_list",
    "receipt_list",
    "receivables_of",
    "statement_list",
    "suggest_credit",
    "waiting_orders",
    "waiting_write_offs",
    "who_to_call",
)

PAGE_SIZE = 30
MOST_EXPORTED = 100_000
Orders = Mapping[str, tuple[str, ...]]

ORDER_SORTS: Orders = {
    "": ("-ordered_on", "-pk"),
    "ordered_on": ("ordered_on", "pk"),
    "total": ("total", "pk"),
    "-total": ("-total", "-pk"),
}
INVOICE_SORTS: Orders = {
    "": ("-issued_on", "-pk"),
    "due_on": ("due_on", "pk"),
    "-due_on": ("-due_on", "-pk"),
    "open": ("open_amount", "pk"),
    "-open": ("-open_amount", "-pk"),
}
PROMISE_SORTS: Orders = {
    "": ("-due_on", "-pk"),
    "due_on": (F("due_on").asc(nulls_last=True), "pk"),  # type: ignore[dict-item]
    "-amount": (F("amount").desc(nulls_last=True), "-pk"),  # type: ignore[dict-item]
}


def page_of(rows: QuerySet[Any], page: int, size: int = PAGE_SIZE) -> tuple[list[Any], bool]:
    """One page, and whether there is another; one row more is read, nothing is counted."""
    first = (max(1, page) - 1) * size
    found = list(rows[first : first + size + 1])
    return found[:size], len(found) > size


def order_list(
    user: User,
    *,
    text: str = "",
    state: str = "",
    rep: int | None = None,
    customer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
    sort: str = "",
) -> QuerySet[Order]:
    """Orders of one's scope; text finds numbers and customers."""
    found: QuerySet[Any] = Order.objects.visible_to(user).select_related("customer", "rep")
    found = _narrowed(found, text=text, rep=rep, customer=customer)
    if state in Order.State.values:
        found = found.filter(state=state)
    found = _between(found, "ordered_on", start_on, end_on)
    return found.order_by(*ORDER_SORTS.get(sort, ORDER_SORTS[""]))


def waiting_orders(user: User) -> QuerySet[Order]:
    """Orders that wait for approval, the oldest first."""
    waiting = Order.objects.visible_to(user).filter(state=Order.State.WAITING)
    rows: QuerySet[Order] = waiting.select_related("customer", "rep", "made_by").order_by("ordered_on", "pk")
    return rows


def invoice_list(
    user: User,
    *,
    text: str = "",
    state: str = "",
    rep: int | None = None,
    customer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
    sort: str = "",
) -> QuerySet[Invoice]:
    """Invoices of one's scope. ``state`` is one of the states, or ``overdue``."""
    found: QuerySet[Any] = Invoice.objects.visible_to(user).select_related("customer", "rep")
    found = _narrowed(found, text=text, rep=rep, customer=customer)
    if state == "overdue":
        found = found.filter(settled_on__isnull=True, due_on__lt=timezone.localdate())
    elif state in Invoice.State.values:
        found = found.filter(state=state)
        if state in (Invoice.State.OPEN, Invoice.State.DISPUTED):
            found = found.filter(settled_on__isnull=True)  # says the same, and an index knows it
    found = _between(found, "issued_on", start_on, end_on)
    return found.order_by(*INVOICE_SORTS.get(sort, INVOICE_SORTS[""]))


def receipt_list(
    user: User,
    *,
    text: str = "",
    state: str = "",
    customer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
) -> QuerySet[Receipt]:
    """Receipts of one's scope, newest first. ``state``: ``unassigned`` (nobody's yet), ``open`` (not all allocated),
    ``reversed``.
    """
    found = Receipt.objects.visible_to(user).select_related("customer", "rep")
    if text:
        words = (
            Q(payer__icontains=text) | Q(bank_reference__icontains=text) | Q(customer__name__icontains=text)
        )
        found = found.filter(words)
    if customer is not None:
        found = found.filter(customer=customer)
    if state == "unassigned":
        found = found.filter(customer__isnull=True, reversed_at__isnull=True)
    elif state == "open":
        found = found.filter(open_amount__gt=0, reversed_at__isnull=True)
    elif state == "reversed":
        found = found.filter(reversed_at__isnull=False)
    rows: QuerySet[Receipt] = _between(found, "received_on", start_on, end_on)
    return rows.order_by("-received_on", "-pk")


def promise_list(
    user: User,
    *,
    state: str = "",
    rep: int | None = None,
    customer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
    sort: str = "",
) -> QuerySet[PaymentPromise]:
    """The promise-to-pay ledger of one's scope; the days are due dates."""
    found = PaymentPromise.objects.visible_to(user).select_related("customer", "rep", "fact__conversation")
    if state in PaymentPromise.State.values:
        found = found.filter(state=state)
    if rep is not None:
        found = found.filter(rep=rep)
    if customer is not None:
        found = found.filter(customer=customer)
    rows: QuerySet[PaymentPromise] = _between(found, "due_on", start_on, end_on)
    return rows.order_by(*PROMISE_SORTS.get(sort, PROMISE_SORTS[""]))


def statement_list(user: User, *, state: str = "", customer: int | None = None) -> QuerySet[Statement]:
    """Statements of the customers of one's scope, newest first."""
    found = Statement.objects.filter(customer__in=Customer.objects.visible_to(user))
    if state in Statement.State.values:
        found = found.filter(state=state)
    if customer is not None:
        found = found.filter(customer=customer)
    rows: QuerySet[Statement] = found.select_related("customer", "made_by").order_by("-made_at", "-pk")
    return rows


def waiting_write_offs(user: User) -> QuerySet[WriteOff]:
    """Write-offs that wait for a yes or no."""
    invoices = Invoice.objects.visible_to(user)
    waiting = WriteOff.objects.filter(state=WriteOff.State.ASKED, invoice__in=invoices)
    rows: QuerySet[WriteOff] = waiting.select_related("invoice__customer", "asked_by").order_by(
        "asked_at", "pk"
    )
    return rows


def approvals_of(user: User) -> int | None:
    """How many orders and write-offs wait for a yes or no of this person; ``None`` where he does not decide. One query."""
    if not may(user, "orders.approve"):
        return None
    waiting = waiting_orders(user).order_by().values("pk")
    if may(user, "money.write_off"):
        waiting = waiting.union(waiting_write_offs(user).order_by().values("pk"), all=True)
    return waiting.count()


def dunning_due(user: User, *, today: dt.date) -> QuerySet[Invoice]:
    """Overdue invoices whose next level of dunning has come, the oldest first."""
    levels = [(row["level"], row["days"]) for row in current_policy().dunning]
    due = Q(pk__in=[])
    for level, days in levels:
        due |= Q(dunning_level__lt=level, due_on__lte=today - dt.timedelta(days=days))
    overdue = Invoice.objects.visible_to(user).filter(due, state=Invoice.State.OPEN, settled_on__isnull=True)
    rows: QuerySet[Invoice] = overdue.select_related("customer", "rep").order_by("due_on", "pk")
    return rows


def _narrowed(found: QuerySet[Any], *, text: str, rep: int | None, customer: int | None) -> QuerySet[Any]:
    if text:
        found = found.filter(Q(number__icontains=text) | Q(customer__name__icontains=text))
    if rep is not None:
        found = found.filter(rep=rep) if rep else found.filter(rep__isnull=True)
    return found if customer is None else found.filter(customer=customer)


def _between(
    found: QuerySet[Any], column: str, start_on: dt.date | None, end_on: dt.date | None
) -> QuerySet[Any]:
    """``[start_on, end_on]``: what a person means by two days in a form, both included."""
    if start_on is not None:
        found = found.filter(**{f"{column}__gte": start_on})
    return found.filter(**{f"{column}__lte": end_on}) if end_on is not None else found
