"""Gross profit of an order line: its amount less quantity times the cost valid on the order's day, rounded to the cent.

A line whose product has no cost on that day has no gross profit; it is counted apart and never guessed. Goods taken back
give back what they cost on the day of their return.
"""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, F, Func, QuerySet

from shengce.catalogue.costs import cost_on
from shengce.sales.models import OrderLine


class CostOfLine(Func):
    """Quantity times cost, half a cent away from zero. SQLite has no decimals: there whole thousandths and cents are multiplied."""

    arity = 2
    template = "ROUND(%(expressions)s, 2)"
    arg_joiner = " * "
    output_field = DecimalField(max_digits=24, decimal_places=2)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="(ROUND(CAST(ROUND(1000 * %(expressions)s) AS INTEGER) / 1000.0) / 100.0)",
            arg_joiner=") AS INTEGER) * CAST(ROUND(100 * ",
            **more,
        )


def with_profit(lines: QuerySet[OrderLine]) -> QuerySet[Any]:
    """Each line with ``unit_cost`` and ``profit``; both are ``None`` where no cost is known."""
    return lines.annotate(unit_cost=cost_on("product", "order__ordered_on")).annotate(
        profit=F("amount") - CostOfLine(F("quantity"), F("unit_cost"))
    )
