"""Lists of what hangs on invoices and customers: allocations, write-offs, credit lines, reminders. None counts its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.sales.models import Allocation, CreditLine, Dunning, Invoice, WriteOff


def allocation_list(
    user: User,
    *,
    invoice: int | None = None,
    receipt: int | None = None,
    customer: int | None = None,
    taken_back: bool = False,
) -> QuerySet[Allocation]:
    """Which receipt paid which invoice, newest first; with ``taken_back`` also those that count no more."""
    found = Allocation.objects.filter(invoice__in=Invoice.objects.visible_to(user))
    wanted = {"invoice": invoice, "receipt": receipt, "invoice__customer": customer}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    if not taken_back:
        found = found.filter(taken_back_at__isnull=True)
    rows: QuerySet[Allocation] = found.select_related("invoice__customer").order_by("-at", "-pk")
    return rows


def write_off_list(user: User, *, state: str = "", customer: int | None = None) -> QuerySet[WriteOff]:
    """Debts given up or asked to be, newest first."""
    found = WriteOff.objects.filter(invoice__in=Invoice.objects.visible_to(user))
    if state in WriteOff.State.values:
        found = found.filter(state=state)
    if customer is not None:
        found = found.filter(invoice__customer=customer)
    related = ("invoice__customer", "asked_by", "decided_by")
    rows: QuerySet[WriteOff] = found.select_related(*related).order_by("-asked_at", "-pk")
    return rows


def credit_list(user: User, *, grade: str = "", customer: int | None = None) -> QuerySet[CreditLine]:
    """The credit line in force of each customer in one's scope, the highest first."""
    newest = CreditLine.objects.filter(customer=OuterRef("customer")).order_by("-set_at", "-pk")
    found = CreditLine.objects.filter(
        customer__in=Customer.objects.visible_to(user), pk=Subquery(newest.values("pk")[:1])
    )
    if grade:
        found = found.filter(grade=grade)
    if customer is not None:
        found = found.filter(customer=customer)
    rows: QuerySet[CreditLine] = found.select_related("customer", "set_by").order_by("-limit", "pk")
    return rows


def reminder_list(
    user: User,
    *,
    level: int | None = None,
    customer: int | None = None,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
) -> QuerySet[Dunning]:
    """Reminders that were noted, newest first, with their letters by e-mail; moments half-open."""
    found = Dunning.objects.filter(invoice__in=Invoice.objects.visible_to(user))
    wanted: dict[str, Any] = {
        "level": level, "invoice__customer": customer, "at__gte": start, "at__lt": end,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    rows: QuerySet[Dunning] = found.select_related("invoice__customer", "by").prefetch_related("mails")
    return rows.order_by("-at", "-pk")
