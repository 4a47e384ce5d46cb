"""Reads for the morning: whom to call about money, and what came of promises, by rep and by customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum

from shengce.customers.models import Contact, Customer
from shengce.people.models import User
from shengce.planning.ageing import days_late
from shengce.sales.models import Invoice, PaymentPromise
from shengce.sales.sums import HOME_CURRENCY

LOOK_BACK = dt.timedelta(days=30)
"""A promise that was broken longer ago is no reason for a call of its own any more; the overdue invoice is."""
MOST_CALLS = 100
ZERO = Decimal(0)
State = PaymentPromise.State


@dataclass(slots=True)
class Call:
    """Somebody to call: the promises that fell due (the oldest first), and what is overdue."""

    customer: Customer | None
    promises: list[PaymentPromise] = field(default_factory=list)
    overdue: Decimal = ZERO
    oldest_due_on: dt.date | None = None
    days_late: int = 0
    contact: Contact | None = None

    @property
    def promised(self) -> Decimal:
        """What of the promised sums did not come."""
        return sum((p.amount - min(p.paid_amount, p.amount) for p in self.promises if p.amount), ZERO)


def who_to_call(user: User, *, today: dt.date, most: int = MOST_CALLS) -> list[Call]:
    """The list of the morning: promises due today or broken first, by sum; then overdue invoices by size."""
    calls: dict[object, Call] = {}
    for promise in _due_promises(user, today)[: 2 * most]:
        key: object = promise.customer_id or ("promise", promise.pk)
        calls.setdefault(key, Call(promise.customer)).promises.append(promise)
    owing = _overdue_by_customer(user, today, tuple(key for key in calls if isinstance(key, int)), most)
    customers = Customer.objects.in_bulk([row["customer"] for row in owing if row["customer"] not in calls])
    for row in owing:
        call = calls.setdefault(row["customer"], Call(customers.get(row["customer"])))
        call.overdue = Decimal(str(row["total"])).quantize(Decimal("0.01"))
        call.oldest_due_on, call.days_late = row["oldest"], days_late(row["oldest"], today)
    ordered = sorted(
        calls.values(), key=lambda c: (not c.promises, -c.promised if c.promises else -c.overdue)
    )
    return _with_contacts(ordered[:most])


def _due_promises(user: User, today: dt.date) -> QuerySet[PaymentPromise]:
    """Open ones up to today (the sweep may not have run yet), and those that were broken lately."""
    due = Q(state=State.OPEN, due_on__lte=today)
    broken = Q(state__in=(State.BROKEN, State.PARTLY), due_on__gte=today - LOOK_BACK, due_on__lt=today)
    found: QuerySet[PaymentPromise] = (
        PaymentPromise.objects.visible_to(user)
        .filter(due | broken)
        .select_related("customer", "rep", "fact__conversation")
        .order_by("due_on", "pk")
    )
    return found


def _overdue_by_customer(
    user: User, today: dt.date, named: tuple[int, ...], most: int
) -> list[dict[str, Any]]:
    """The largest sums, and those of the customers who are on the list already."""
    overdue = Invoice.objects.visible_to(user).filter(
        settled_on__isnull=True, due_on__lt=today, currency=HOME_CURRENCY, state=Invoice.State.OPEN
    )
    sums = overdue.order_by().values("customer").annotate(total=Sum("open_amount"), oldest=Min("due_on"))
    largest = list(sums.order_by("-total", "customer")[:most])
    known = {row["customer"] for row in largest}
    missing = [key for key in named if key not in known]
    return [*largest, *sums.filter(customer__in=missing)] if missing else largest


def _with_contacts(calls: list[Call]) -> list[Call]:
    """The first person with a number at each customer, in one query."""
    people: dict[int, Contact] = {}
    keys = [call.customer.pk for call in calls if call.customer is not None]
    for contact in Contact.objects.filter(customer__in=keys).exclude(phone="").order_by("-pk"):
        people[contact.customer_id] = contact
    for call in calls:
        call.contact = people.get(call.customer.pk) if call.customer is not None else None
    return calls


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of the promises of one rep or customer. ``rate``: kept in time, of those whose day has passed."""

    key: int
    label: str
    kept: int
    late: int
    partly: int
    broken: int
    open: int
    promised: Decimal
    paid: Decimal

    @property
    def rate(self) -> float | None:
        judged = self.kept + self.late + self.partly + self.broken
        return self.kept / judged if judged else None


def kept_by(promises: QuerySet[PaymentPromise], by: str, *, most: int = 12) -> list[Kept]:
    """Outcomes per ``rep`` or ``customer``, those with the most promises first."""
    label = {"rep": "rep__display_name", "customer": "customer__name"}[by]
    counts = {state: Count("pk", filter=Q(state=state)) for state in State.values}
    rows = (
        promises.order_by()
        .values_list(by, label)
        .annotate(n=Count("pk"), promised=Sum("amount"), paid=Sum("paid_amount"), **counts)
        .order_by("-n", by)[:most]
    )
    fields = ("key", "label", "n", "promised", "paid", *State.values)
    return [_kept(dict(zip(fields, row, strict=True))) for row in rows]


def kept_in_all(promises: QuerySet[PaymentPromise]) -> Kept:
    """Outcomes of all of them."""
    counts = {state: Count("pk", filter=Q(state=state)) for state in State.values}
    found = promises.order_by().aggregate(promised=Sum("amount"), paid=Sum("paid_amount"), **counts)
    return _kept({"key": 0, "label": "", **found})


def _kept(found: dict[str, Any]) -> Kept:
    states: Iterable[str] = State.values
    return Kept(
        found["key"] or 0,
        found["label"] or "–",
        promised=Decimal(str(found["promised"] or 0)).quantize(Decimal("0.01")),
        paid=Decimal(str(found["paid"] or 0)).quantize(Decimal("0.01")),
        **{state: found[state] for state in states},
    )
