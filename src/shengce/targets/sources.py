"""Which records make up a metric: one explicit tuple, for plan against actual and for the year before beside the grid.

A metric of the firm's own has no source and shows its plan alone.

Gross profit has none either: what goods cost is not kept anywhere yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate

from shengce.planning.periods import Span
from shengce.sales.models import Order, OrderLine, Receipt
from shengce.visits.models import Visit

KEYS = ("rep", "unit", "product_line", "territory", "settlement_method", "sales_method", "customer")
"""The dimensions of targets, as the columns of the sums."""
CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Source:
    """``records(span)`` are those that count; ``columns`` is dimension → lookup from a record, absent where a record knows
    nothing of it. ``value`` is the lookup of the amount in yuan, ``None`` where records are counted. ``day`` is the lookup
    of the day.
    """

    metric: str
    records: Callable[[Span | None], QuerySet[Any]]
    day: str
    columns: Mapping[str, str]
    value: str | None = None


def _within(rows: QuerySet[Any], lookup: str, span: Span | None) -> QuerySet[Any]:
    if span is None:
        return rows
    return rows.filter(**{f"{lookup}__gte": span.start_on, f"{lookup}__lt": span.end_on})


def _order_lines(span: Span | None) -> QuerySet[Any]:
    """Lines of confirmed orders, goods taken back among them as negative lines."""
    rows = OrderLine.objects.filter(order__state=Order.State.CONFIRMED, order__currency=CURRENCY)
    return _within(rows, "order__ordered_on", span)


def _receipts(span: Span | None) -> QuerySet[Any]:
    """Money that came in and was not taken back, whether or not it is allocated."""
    return _within(Receipt.objects.filter(reversed_at__isnull=True, currency=CURRENCY), "received_on", span)


def _first_orders(span: Span | None) -> QuerySet[Any]:
    """A customer is new on the day of his first confirmed order."""
    confirmed = Order.objects.filter(state=Order.State.CONFIRMED)
    his = confirmed.filter(customer=OuterRef("customer")).order_by("ordered_on", "pk")
    # The first by an index, not "none is earlier": that would read each customer's orders once for each of them.
    return _within(confirmed, "ordered_on", span).filter(pk=Subquery(his.values("pk")[:1]))


def _visits(span: Span | None) -> QuerySet[Any]:
    """Check-ins at customers, by the local day on which one came."""
    rows = Visit.objects.all()
    if span is not None:  # moments around the days first, for the index; the local day decides
        early = dt.datetime.combine(span.start_on - dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
        late = dt.datetime.combine(span.end_on + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
        rows = rows.filter(came_at__gte=early, came_at__lt=late)
    return _within(rows.annotate(on_day=TruncDate("came_at")), "on_day", span)


SOURCES: tuple[Source, ...] = (
    Source(
        "sales",
        _order_lines,
        "order__ordered_on",
        {
            "rep": "order__rep_id",
            "unit": "order__unit_id",
            "product_line": "product__line_id",
            "territory": "order__customer__territory_id",
            "settlement_method": "order__settlement_method",
            "sales_method": "order__sales_method",
            "customer": "order__customer_id",
        },
        value="amount",
    ),
    Source(
        "collections",
        _receipts,
        "received_on",
        {
            "rep": "rep_id",
            "unit": "unit_id",
            "territory": "customer__territory_id",
            "settlement_method": "settlement_method",
            "customer": "customer_id",
        },
        value="amount",
    ),
    Source(
        "customers",
        _first_orders,
        "ordered_on",
        {
            "rep": "rep_id",
            "unit": "unit_id",
            "territory": "customer__territory_id",
            "settlement_method": "settlement_method",
            "sales_method": "sales_method",
            "customer": "customer_id",
        },
    ),
    Source(
        "visits",
        _visits,
        "on_day",
        {
            "rep": "rep_id",
            "unit": "unit_id",
            "territory": "customer__territory_id",
            "customer": "customer_id",
        },
    ),
)

BY_METRIC: Mapping[str, Source] = {source.metric: source for source in SOURCES}
