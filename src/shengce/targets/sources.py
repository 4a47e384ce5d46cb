"""Which records make up a metric: one explicit tuple, for plan against actual and for the year before beside the grid.

A metric of the firm's own has no source and shows its plan alone.

Gross profit counts lines whose cost is known; what was sold without one is summed apart, so that a page can say how much.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate

from shengce.people.models import User
from shengce.people.permissions import may
from shengce.planning.periods import Span
from shengce.sales.gross_profit import with_profit
from shengce.sales.models import Order, OrderLine, Receipt
from shengce.visits.models import Visit

KEYS = ("rep", "unit", "product_line", "territory", "settlement_method", "sales_method", "customer")
"""The dimensions of targets, as the columns of the sums."""
CURRENCY = "CNY"
GROSS_PROFIT = "gross_profit"
WITHOUT_COST = "gross_profit.unknown"
"""Sales of what has no cost: sums beside gross profit, no metric of its own; no metric's code holds a dot."""
NEEDS: Mapping[str, str] = {GROSS_PROFIT: "costs.see", WITHOUT_COST: "costs.see"}
"""What else than seeing targets it takes to learn a metric's numbers."""


@dataclass(frozen=True, slots=True)
class Source:
    """``records(span)`` are those that count; ``columns`` is dimension → lookup from a record, absent where a record knows
    nothing of it. ``value`` is the lookup of the amount in yuan, ``None`` where records are counted. ``day`` is the lookup
    of the day. ``of_costs``: the sums follow what goods cost, for days long ago too.
    """

    metric: str
    records: Callable[[Span | None], QuerySet[Any]]
    day: str
    columns: Mapping[str, str]
    value: str | None = None
    of_costs: bool = False


def may_learn(user: User, metric: str) -> bool:
    """Whether this person may learn what was reached of a metric, as far as his scope goes."""
    return metric not in NEEDS or may(user, NEEDS[metric])


def _within(rows: QuerySet[Any], lookup: str, span: Span | None) -> QuerySet[Any]:
    if span is None:
        return rows
    return rows.filter(**{f"{lookup}__gte": span.start_on, f"{lookup}__lt": span.end_on})


def _order_lines(span: Span | None) -> QuerySet[Any]:
    """Lines of confirmed orders, goods taken back among them as negative lines."""
    rows = OrderLine.objects.filter(order__state=Order.State.CONFIRMED, order__currency=CURRENCY)
    return _within(rows, "order__ordered_on", span)


def _lines_with_profit(span: Span | None) -> QuerySet[Any]:
    """The same lines with what was earned: nothing of those without a cost, which ``profit`` tells by being empty."""
    nothing = Value(0, output_field=DecimalField(max_digits=24, decimal_places=2))
    rows: QuerySet[Any] = with_profit(_order_lines(span)).annotate(earned=Coalesce(F("profit"), nothing))
    return rows


def _lines_without_cost(span: Span | None) -> QuerySet[Any]:
    return with_profit(_order_lines(span)).filter(unit_cost__isnull=True)


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


_OF_LINES = {
    "rep": "order__rep_id",
    "unit": "order__unit_id",
    "product_line": "product__line_id",
    "territory": "order__customer__territory_id",
    "settlement_method": "order__settlement_method",
    "sales_method": "order__sales_method",
    "customer": "order__customer_id",
}

SOURCES: tuple[Source, ...] = (
    Source("sales", _order_lines, "order__ordered_on", _OF_LINES, value="amount"),
    Source(GROSS_PROFIT, _lines_with_profit, "order__ordered_on", _OF_LINES, value="earned", of_costs=True),
    Source(WITHOUT_COST, _lines_without_cost, "order__ordered_on", _OF_LINES, value="amount", of_costs=True),
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
