"""What a dealer sold on: what he had, plus what he bought, less what he has left; or what he says himself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Count:
    """Stock at the end of a day; ``sold`` is what the dealer says he sold since the count before."""

    on: date
    stock: Decimal
    sold: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """Goods that he bought on a day; negative where they went back."""

    on: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    """A month of one product. ``None`` is what nobody counted.

    ``since`` is the count that ``opening`` comes from; where it lies further back than the month before, ``sell_out``
    covers more than one month. ``differs`` is what he says he sold less what the counts give.
    """

    month: date
    opening: Decimal | None
    sell_in: Decimal
    closing: Decimal | None
    sell_out: Decimal | None
    since: date | None
    stated: bool
    differs: Decimal | None


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def months_from(first: date, last: date) -> list[date]:
    """First days of the months from ``first`` to ``last``, both included."""
    months, month = [], first_of_month(first)
    while month <= last:
        months.append(month)
        month = next_month(month)
    return months


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def by_month(months: Iterable[date], counts: Iterable[Count], bought: Iterable[Bought]) -> list[Month]:
    """One row for each month. Several counts in a month: the last one closes it, what was sold is added up."""
    counted = sorted(counts, key=lambda count: count.on)
    purchases = list(bought)
    return [_month(month, counted, purchases) for month in months]


def _month(month: date, counted: list[Count], purchases: list[Bought]) -> Month:
    end = next_month(month)
    sell_in = sum((one.quantity for one in purchases if month <= one.on < end), ZERO)
    inside = [count for count in counted if month <= count.on < end]
    before = next((count for count in reversed(counted) if count.on < month), None)
    opening = before.stock if before else None
    if not inside:
        return Month(month, opening, sell_in, None, None, before.on if before else None, False, None)
    closing = inside[-1]
    computed = None
    if before is not None:
        between = sum((one.quantity for one in purchases if before.on < one.on <= closing.on), ZERO)
        computed = before.stock + between - closing.stock
    said = [count.sold for count in inside if count.sold is not None]
    stated = sum(said, ZERO) if len(said) == len(inside) else None
    return Month(
        month=month,
        opening=opening,
        sell_in=sell_in,
        closing=closing.stock,
        sell_out=stated if stated is not None else computed,
        since=before.on if before else None,
        stated=stated is not None,
        differs=stated - computed if stated is not None and computed is not None else None,
    )
