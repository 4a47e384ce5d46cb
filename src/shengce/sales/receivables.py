"""Reads of what is owed: ageing on any day, the invoices behind a cell, one customer's account, who to call.

What was open on a day is told as it is known now: money counts from the day on which it came in, a write-off from the day
of its approval; what was taken back, reversed or cancelled later never counted. So the open sum of a past day is what is
open now plus what was settled since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.people.models import Territory, Unit, User
from shengce.people.scope import visible
from shengce.planning.ageing import EDGES, due_between
from shengce.sales.models import Allocation, Invoice, Receipt, WriteOff
from shengce.sales.sums import CENT, HOME_CURRENCY

By = Literal["customer", "rep", "unit", "territory"]
GROUPS: dict[str, str] = {
    "customer": "customer_id",
    "rep": "rep_id",
    "unit": "unit_id",
    "territory": "customer__territory_id",
}
"""What ageing can be told by, and the column of an invoice that it goes by."""
TABLES: dict[str, type[Any]] = {"customer": Customer, "rep": User, "unit": Unit, "territory": Territory}
PAGE_SIZE = 30
BUCKETS = len(EDGES) + 1
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Within:
    """Only what belongs to these; ``None`` is no limit, 0 stands for nobody (no rep, no unit, no territory)."""

    customer: int | None = None
    rep: int | None = None
    unit: int | None = None
    territory: int | None = None

    def condition(self, prefix: str = "") -> Q:
        """As a condition on invoices, or on rows that reach them by ``prefix``."""
        found = Q()
        for name, column in GROUPS.items():
            value = getattr(self, name)
            if value == 0:
                found &= Q(**{f"{prefix}{column}__isnull": True})
            elif value is not None:
                found &= Q(**{f"{prefix}{column}": value})
        return found


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """Open sums (yuan, or the currency asked for) per bucket of ``planning.ageing``; ``key`` 0 is nobody.

    ``unallocated`` is money of the same key that came in and waits to be allocated.
    """

    key: int
    label: str
    amounts: tuple[Decimal, ...]
    unallocated: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, ZERO)

    @property
    def overdue(self) -> Decimal:
        return sum(self.amounts[1:], ZERO)


@dataclass(frozen=True, slots=True)
class Ageing:
    """One page of rows, largest first, and the sums over all ``groups``; ``unallocated`` is told for today only."""

    on: dt.date
    by: str
    rows: tuple[AgeingRow, ...]
    total: AgeingRow
    groups: int
    has_next: bool


def ageing(
    user: User,
    *,
    on: dt.date,
    by: By = "customer",
    within: Within | None = None,
    currency: str = HOME_CURRENCY,
    page: int = 1,
    size: int | None = PAGE_SIZE,
    sort: str = "total",
) -> Ageing:
    """How long the open invoices of the user's scope had been due on ``on``, which may lie in the past.

    ``size=None`` gives all rows. One query on the open invoices whatever their number, and one for the names.
    """
    within = within or Within()
    parts, given = _parts(user, on, by, within, currency)
    if not parts:
        return Ageing(on, by, (), AgeingRow(0, _("Total"), (ZERO,) * BUCKETS), 0, False)
    found, groups, totals = _grouped(parts, given, on=on, sort=sort, page=page, size=size)
    if not found and page > 1:  # beyond the last page: the sums are still told
        _none, groups, totals = _grouped(parts, given, on=on, sort=sort, page=1, size=0)
    shown = found if size is None else found[:size]
    today = on >= timezone.localdate()
    only = [row[0] for row in shown if row[0] is not None] if by == "customer" else None
    waiting = unallocated(user, by, within=within, currency=currency, only=only) if today else {}
    rows = _labelled(by, shown, waiting)
    total = AgeingRow(0, _("Total"), tuple(_cents(value) for value in totals))
    return Ageing(on, by, rows, total, groups, size is not None and len(found) > size)


def _grouped(
    parts: str, given: tuple[Any, ...], *, on: dt.date, sort: str, page: int, size: int | None
) -> tuple[list[tuple[Any, ...]], int, list[Any]]:
    """One page of ``(key, sum of each bucket …)`` with one row more where there is one, the number of keys, and the sums over all.

    All in one pass: the sums over all keys ride on each row as a window, so that the open invoices are read once.
    """
    sums = ", ".join(f"{_bucket_sum(place, on)} AS b{place}" for place in range(BUCKETS))
    names = ", ".join(f"b{place}" for place in range(BUCKETS))
    over_all = ", ".join(f"SUM(b{place}) OVER ()" for place in range(BUCKETS))
    order = "t - b0" if sort == "overdue" else "t"
    some = "" if size is None else f" LIMIT {size + 1} OFFSET {(max(1, page) - 1) * size}"
    with connection.cursor() as database:
        database.execute(
            f"SELECT * FROM (SELECT k, {names}, t, SUM(CASE WHEN t > 0 THEN 1 ELSE 0 END) OVER (), {over_all} FROM"
            f" (SELECT k, {sums}, SUM(a) AS t FROM ({parts}) AS p GROUP BY k) AS g) AS w"
            f" WHERE t > 0 ORDER BY {order} DESC, k{some}",
            given,
        )
        rows = database.fetchall()
    if not rows:
        return [], 0, [ZERO] * BUCKETS
    groups, *totals = rows[0][BUCKETS + 2 :]
    return [row[: BUCKETS + 1] for row in rows], int(groups), totals


def _parts(user: User, on: dt.date, by: str, within: Within, currency: str) -> tuple[str, tuple[Any, ...]]:
    """SQL of ``(k, due, a)``: what is open now, and what was settled after the day; to be added up."""
    invoices = Invoice.objects.visible_to(user).filter(
        within.condition(), currency=currency, settled_on__isnull=True, issued_on__lte=on
    )
    parts: list[QuerySet[Any]] = [_keyed(invoices, "", by, F("open_amount"))]
    if on < timezone.localdate():
        theirs = visible(
            user, rep="invoice__rep", unit="invoice__unit", see_all=SEES_ALL_CUSTOMERS
        ) & within.condition("invoice__")
        # An invoice of a later day counts nothing; said in the sum and not as a condition, because SQLite would then
        # begin with all the invoices that are older instead of the few receipts that came since.
        counted = Case(
            When(invoice__issued_on__lte=on, invoice__currency=currency, then=F("amount")),
            default=Value(ZERO),
        )
        since = Receipt.objects.filter(received_on__gt=on)
        later = Allocation.objects.filter(theirs, taken_back_at__isnull=True, receipt__in=since.values("pk"))
        given_up = WriteOff.objects.filter(theirs, state=WriteOff.State.APPROVED, decided_at__gte=_end_of(on))
        parts += [_keyed(rows, "invoice__", by, counted) for rows in (later, given_up)]
    written = []
    for part in parts:
        with suppress(EmptyResultSet):  # the user sees nothing of this kind
            written.append(part.query.sql_with_params())
    sql = " UNION ALL ".join(text for text, _params in written)
    return sql, tuple(value for _text, params in written for value in params)


def _keyed(rows: QuerySet[Any], prefix: str, by: str, amount: Any) -> QuerySet[Any]:
    keyed: QuerySet[Any] = (
        rows.order_by()
        .annotate(k=F(prefix + GROUPS[by]), due=F(f"{prefix}due_on"), a=amount)
        .values_list("k", "due", "a")
    )
    return keyed


def _bucket_sum(place: int, on: dt.date) -> str:
    """SQL that adds up one bucket: its own rows only, for adding a zero of every row seven times takes longer than reading it.

    The days are values of our own, not of the user's.
    """
    start, end = due_between(place, on)
    conditions = [
        f"due >= '{start.isoformat()}'" if start else "",
        f"due < '{end.isoformat()}'" if end else "",
    ]
    return f"COALESCE(SUM(a) FILTER (WHERE {' AND '.join(filter(None, conditions))}), 0)"


def _labelled(
    by: str, found: Sequence[tuple[Any, ...]], waiting: dict[int, Decimal]
) -> tuple[AgeingRow, ...]:
    """Rows of numbers with the names of their keys, in one query."""
    keys = [row[0] for row in found if row[0] is not None]
    names: dict[int, Any] = TABLES[by].objects.in_bulk(keys) if keys else {}
    return tuple(
        AgeingRow(
            key or 0,
            str(names.get(key, "–")),
            tuple(_cents(value) for value in amounts),
            waiting.get(key or 0, ZERO),
        )
        for key, *amounts in found
    )


def unallocated(
    user: User, by: str, *, within: Within, currency: str, only: Sequence[int] | None = None
) -> dict[int, Decimal]:
    """Money that came in and is not allocated, per key; 0 is nobody. ``only``: these keys."""
    column = GROUPS[by]
    # First the few that have money left, then whose they are: SQLite would begin with everything of the user's units.
    left = Receipt.objects.filter(open_amount__gt=0, reversed_at__isnull=True, currency=currency)
    if only is not None:
        left = left.filter(**{f"{column}__in": only})
    waiting = Receipt.objects.visible_to(user).filter(within.condition(), pk__in=left.values("pk"))
    # Grouped by an expression: by the column itself SQLite would read all receipts in the order of that column's index.
    keyed = waiting.order_by().annotate(k=Coalesce(F(column), 0)).values_list("k")
    return {key: _cents(total) for key, total in keyed.annotate(total=Sum("open_amount"))}


def open_on(
    user: User,
    *,
    on: dt.date,
    within: Within | None = None,
    bucket: int | None = None,
    currency: str = HOME_CURRENCY,
) -> QuerySet[Invoice]:
    """The invoices behind a cell of ageing: each with ``open_then``, what was open of it on the day."""
    chosen = Q(currency=currency, issued_on__lte=on) & (within or Within()).condition()
    if bucket is not None:
        start, end = due_between(bucket, on)
        chosen &= Q(due_on__gte=start) if start else Q()
        chosen &= Q(due_on__lt=end) if end else Q()
    invoices: QuerySet[Invoice] = Invoice.objects.visible_to(user).filter(chosen)
    if on >= timezone.localdate():
        return invoices.filter(settled_on__isnull=True).annotate(open_then=F("open_amount"))
    later = Allocation.objects.filter(
        invoice=OuterRef("pk"), taken_back_at__isnull=True, receipt__received_on__gt=on
    )
    given_up = WriteOff.objects.filter(
        invoice=OuterRef("pk"), state=WriteOff.State.APPROVED, decided_at__gte=_end_of(on)
    )
    still = Q(settled_on__isnull=True) | Q(settled_on__gt=on)
    return (
        invoices.filter(still)
        .exclude(state=Invoice.State.CANCELLED)
        .annotate(open_then=F("open_amount") + _total_of(later) + _total_of(given_up))
    )


def overdue_of(customers: Collection[int] | None, *, on: dt.date) -> dict[int, Decimal]:
    """What these customers (``None``: all) owed past its day at the end of ``on``, in yuan; absent where nothing. 3 queries."""
    late = Q(currency=HOME_CURRENCY, issued_on__lte=on, due_on__lt=on)
    if customers is not None:
        late &= Q(customer__in=customers)
    invoices = Invoice.objects.filter(late, settled_on__isnull=True)
    parts: list[QuerySet[Any]] = [invoices.values_list("customer").annotate(total=Sum("open_amount"))]
    if on < timezone.localdate():
        theirs = Invoice.objects.filter(late).values("pk")
        later = Allocation.objects.filter(
            invoice__in=theirs, taken_back_at__isnull=True, receipt__received_on__gt=on
        )
        given_up = WriteOff.objects.filter(
            invoice__in=theirs, state=WriteOff.State.APPROVED, decided_at__gte=_end_of(on)
        )
        parts += [
            rows.values_list("invoice__customer").annotate(total=Sum("amount")) for rows in (later, given_up)
        ]
    found: dict[int, Decimal] = {}
    for part in parts:
        for key, total in part.order_by():
            found[key] = found.get(key, ZERO) + _cents(total)
    return {key: total for key, total in found.items() if total > 0}


def _total_of(rows: QuerySet[Any]) -> Coalesce:
    money: DecimalField[Any, Any] = DecimalField(max_digits=14, decimal_places=2)
    total = rows.order_by().values("invoice").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=money), Value(ZERO, output_field=money), output_field=money)


def _cents(value: Any) -> Decimal:
    """A sum as the database gives it (SQLite: a float), to the cent."""
    return Decimal(str(value or 0)).quantize(CENT)


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
