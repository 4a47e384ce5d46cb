"""What a dealer bought, has and sold on, by month and product; and what diversion cost by dealer and product."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from shengce.catalogue.models import Product
from shengce.channel.models import DiversionCase, Sighting, StockReport
from shengce.customers.models import Customer
from shengce.planning.sell_out import Bought, Month, by_month, next_month
from shengce.planning.sell_out import Count as Counted
from shengce.sales.models import Order, OrderLine

# Not "state = confirmed": SQLite would walk an index of all confirmed orders instead of those of one customer.
CONFIRMED = ~Q(state__in=[state for state in Order.State if state != Order.State.CONFIRMED])
"""Orders that count as bought."""
MONTHS = 12
HORIZON_DAYS = 400
"""How far before the first month stock and purchases are read, to know what the first month began with."""


@dataclass(frozen=True, slots=True)
class ProductTrade:
    """A product at one dealer: its months, oldest first, and the newest count."""

    product: Product
    months: list[Month]
    stock: Decimal | None
    counted_on: dt.date | None

    @property
    def sell_in(self) -> Decimal:
        return sum((month.sell_in for month in self.months), Decimal(0))

    @property
    def sell_out(self) -> Decimal | None:
        known = [month.sell_out for month in self.months if month.sell_out is not None]
        return sum(known, Decimal(0)) if known else None


def last_months(number: int = MONTHS) -> list[dt.date]:
    """First days of the last months, oldest first, the present one last."""
    months = [timezone.localdate().replace(day=1)]
    while len(months) < number:
        months.insert(0, (months[0] - dt.timedelta(days=1)).replace(day=1))
    return months


def trade_of(dealer: Customer, months: list[dt.date]) -> list[ProductTrade]:
    """Each product that the dealer bought or counted, the most bought first. Three queries."""
    horizon = months[0] - dt.timedelta(days=HORIZON_DAYS)
    end = next_month(months[-1])
    bought: dict[int, list[Bought]] = defaultdict(list)
    orders = Order.objects.filter(CONFIRMED, customer=dealer, ordered_on__gte=horizon, ordered_on__lt=end)
    lines = OrderLine.objects.filter(order__in=orders)
    for product, day, quantity in lines.values_list("product", "order__ordered_on", "quantity"):
        bought[product].append(Bought(day, quantity))
    counts: dict[int, list[Counted]] = defaultdict(list)
    reports = StockReport.objects.filter(dealer=dealer, reported_on__gte=horizon, reported_on__lt=end)
    for report in reports.order_by("reported_on"):
        counts[report.product_id].append(Counted(report.reported_on, report.stock, report.sold))
    products = Product.objects.filter(pk__in=[*bought, *counts])
    rows = [_trade(product, months, counts[product.pk], bought[product.pk]) for product in products]
    return sorted(rows, key=lambda row: (-row.sell_in, row.product.name))


def _trade(
    product: Product, months: list[dt.date], counts: list[Counted], bought: list[Bought]
) -> ProductTrade:
    last = counts[-1] if counts else None
    return ProductTrade(
        product, by_month(months, counts, bought), last.stock if last else None, last.on if last else None
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """Cases of one dealer or product."""

    name: str
    pk: int | None
    cases: int
    proven: int
    lots: int
    penalty: Decimal


def tallies(rows: QuerySet[DiversionCase]) -> tuple[list[Tally], list[Tally]]:
    """Cases counted by dealer and by product, most proven first. ``lots`` are different lots seen. Three queries."""
    # Every lot once: the database counts different texts by sorting them all, for each table anew.
    seen = Sighting.objects.filter(case__in=rows.order_by().values("pk")).exclude(lot_key="").order_by()
    once = set(seen.values_list("case__suspect", "case__product", "lot_key").distinct())
    of_dealers = Counter(suspect for suspect, _lot in {(suspect, lot) for suspect, _product, lot in once})
    of_products = Counter(product for product, _lot in {(product, lot) for _suspect, product, lot in once})
    return _tallied(rows, "suspect", of_dealers), _tallied(rows, "product", of_products)


def _tallied(rows: QuerySet[DiversionCase], by: str, lots: Counter[int | None]) -> list[Tally]:
    proven = Q(verdict=DiversionCase.Verdict.PROVEN)
    counted: Any = (
        rows.order_by()
        .values(by, f"{by}__name")
        .annotate(cases=Count("pk"), proven=Count("pk", filter=proven), penalties=Sum("penalty"))
    )
    found = [
        Tally(
            row[f"{by}__name"] or "–", row[by], row["cases"], row["proven"], lots[row[by]],
            row["penalties"] or Decimal(0),
        )
        for row in counted
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.proven, -one.cases, one.name))
