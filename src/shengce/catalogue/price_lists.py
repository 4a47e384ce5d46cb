"""What things cost, read: on a day, over time, for a tier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from shengce.catalogue.models import DiscountAuthority, Price, PriceTier, Product
from shengce.people.models import Role


@dataclass(frozen=True, slots=True)
class Line:
    """One product of a price list; ``price`` is empty where none holds on that day."""

    product: Product
    price: Price | None


@dataclass(frozen=True, slots=True)
class TierHistory:
    """All prices of a product in a tier, newest first, and the one of today."""

    tier: PriceTier
    prices: tuple[Price, ...]
    today: Price | None


def holding(day: dt.date) -> Q:
    """Condition for prices that hold on a day."""
    return Q(start_on__lte=day) & (Q(end_on__isnull=True) | Q(end_on__gt=day))


def price_on(product: Product, tier: PriceTier, day: dt.date) -> Price | None:
    """The price of a product in a tier on a day, or nothing."""
    return Price.objects.filter(holding(day), product=product, tier=tier).order_by("-start_on").first()


def tier_for(holds_for: str) -> PriceTier | None:
    """The tier whose prices a kind of customer has by himself: a value of ``PriceTier.HoldsFor``."""
    return PriceTier.objects.filter(holds_for=holds_for).first() if holds_for else None


def price_list(
    tier: PriceTier, day: dt.date, *, text: str = "", line: str = "", sort: str = ""
) -> list[Line]:
    """Every active product with its price in ``tier`` on ``day``. Two queries."""
    found = Product.objects.filter(active=True).select_related("line")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__icontains=text))
    if line:
        found = found.filter(line__name=line)
    held = Prefetch("prices", Price.objects.filter(holding(day), tier=tier), to_attr="held")
    rows = [
        Line(product, next(iter(getattr(product, "held")), None))  # noqa: B009
        for product in found.prefetch_related(held).order_by("line__name", "name")
    ]
    keys = {"name": lambda row: row.product.name, "price": _amount}
    key = keys.get(sort.lstrip("-"))
    return sorted(rows, key=key, reverse=sort.startswith("-")) if key else rows


def _amount(row: Line) -> float:
    return float(row.price.amount) if row.price else -1.0


def history_of(product: Product, day: dt.date) -> list[TierHistory]:
    """The prices of a product by tier over time. Two queries."""
    by_tier: dict[int, list[Price]] = {}
    for price in product.prices.order_by("-start_on"):
        by_tier.setdefault(price.tier_id, []).append(price)
    return [
        TierHistory(tier, tuple(prices), _holding(prices, day))
        for tier in PriceTier.objects.all()
        for prices in [by_tier.get(tier.pk, [])]
    ]


def _holding(prices: Iterable[Price], day: dt.date) -> Price | None:
    return next(
        (p for p in prices if p.start_on <= day and (p.end_on is None or p.end_on > day)),
        None,
    )


def authorities() -> list[tuple[str, str, DiscountAuthority | None]]:
    """Role, its name, and what it may give by itself where there is a rule; roles that sell come first."""
    rules = {rule.role: rule for rule in DiscountAuthority.objects.all()}
    order = (Role.REP, Role.MANAGER, Role.EXECUTIVE)
    roles = [*order, *(role for role in Role if role not in order and role in rules)]
    return [(role.value, str(role.label), rules.get(role.value)) for role in roles]
