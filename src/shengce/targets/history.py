"""What was reached in the fiscal year before, by the same dimensions and months: to split by, and to look at beside a row.

Sales are confirmed orders by their day, gross profit is of those of their lines whose cost is known; collections are
receipts that were not reversed; new customers are those entered. Of other metrics there is no history here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.planning.periods import FiscalYear
from shengce.sales.gross_profit import with_profit
from shengce.sales.models import Order, OrderLine, Receipt
from shengce.targets.dimensions import BY_CODE

Twelve = tuple[int, ...]

_OF_ORDERS = {
    "product_line": "product__line",
    "territory": "order__customer__territory",
    "customer": "order__customer",
    "rep": "order__rep",
    "unit": "order__unit",
    "settlement_method": "order__settlement_method",
    "sales_method": "order__sales_method",
}
_OF_RECEIPTS = {
    "territory": "customer__territory",
    "customer": "customer",
    "rep": "rep",
    "unit": "unit",
    "settlement_method": "settlement_method",
}
_OF_CUSTOMERS = {"territory": "territory", "customer": "pk", "rep": "owner", "unit": "unit"}


def reached(
    metric_code: str, year: FiscalYear, *, by: tuple[str, ...], where: Mapping[str, Any] | None = None
) -> dict[tuple[Any, ...], Twelve]:
    """Key → twelve months in minor units. Empty for a metric, or a dimension, of which nothing is known. One query.

    Of gross profit this tells what goods cost: see :func:`may_see` before it is shown, :func:`weighed_by` to split by it.
    """
    source = _source(metric_code, year)
    if source is None:
        return {}
    rows, paths, day, summed = source
    if any(code not in paths for code in (*by, *(where or {}))):
        return {}
    for code, value in (where or {}).items():
        rows = rows.filter(_chosen(code, paths[code], value))
    columns = [paths[code] for code in by]
    grouped = rows.annotate(in_month=TruncMonth(day)).order_by().values_list(*columns, "in_month")
    answer: dict[tuple[Any, ...], list[int]] = {}
    for *key, month, amount in grouped.annotate(reached=summed):
        months = answer.setdefault(tuple(key), [0] * 12)
        first = month.date() if hasattr(month, "date") else month
        months[year.month_index(first)] += _minor(amount)
    return {key: tuple(months) for key, months in answer.items()}


def may_see(user: User, metric_code: str) -> bool:
    """Whether this person may see what was reached of a metric: gross profit takes who sees costs."""
    return metric_code != "gross_profit" or may(user, "costs.see")


def weighed_by(metric_code: str) -> str:
    """By the history of which metric one is split: gross profit by sales, so that a split tells nobody the costs."""
    return "sales" if metric_code == "gross_profit" else metric_code


def _minor(amount: Any) -> int:
    return int((amount * 100).to_integral_value()) if isinstance(amount, Decimal) else int(amount or 0)


def _source(metric_code: str, year: FiscalYear) -> tuple[QuerySet[Any], dict[str, str], str, Any] | None:
    start, end = year.start_on, year.end_on
    if metric_code in ("sales", "gross_profit"):
        lines = OrderLine.objects.filter(
            order__state=Order.State.CONFIRMED, order__ordered_on__gte=start, order__ordered_on__lt=end
        )
        if metric_code == "gross_profit":
            return with_profit(lines), _OF_ORDERS, "order__ordered_on", Sum("profit")
        return lines, _OF_ORDERS, "order__ordered_on", Sum("amount")
    if metric_code == "collections":
        receipts = Receipt.objects.filter(
            reversed_at__isnull=True, received_on__gte=start, received_on__lt=end
        )
        return receipts, _OF_RECEIPTS, "received_on", Sum("amount")
    if metric_code == "customers":
        customers = Customer.objects.filter(
            merged_into__isnull=True, created_at__date__gte=start, created_at__date__lt=end
        )
        return customers, _OF_CUSTOMERS, "created_at", Count("pk")
    return None


def _chosen(code: str, path: str, value: Any) -> Q:
    dimension = BY_CODE[code]
    if value in (None, ""):
        return Q(**{f"{path}__isnull": True}) if dimension.model else Q(**{path: ""})
    if dimension.tree and dimension.model is not None:
        found = dimension.model._default_manager.filter(pk=value).values_list("path", flat=True).first()
        return Q(**{f"{path}__path__startswith": found or "-"})
    return Q(**{path: value})
