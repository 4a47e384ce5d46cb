"""A price that was spoken or seen against the list, the floor and what the speaker may give by himself.

All prices are yuan for one unit; discounts are fractions of the list price: 0.1 is 九折.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
PLAUSIBLE = (Decimal("0.3"), Decimal(4))
"""Shares of the list price between which a sum is taken for the price of one unit: 三百 for a machine of 5,600 yuan is
a deposit, 二十万 is the whole order."""


class Breach(StrEnum):
    """What a price does not keep to."""

    BELOW_FLOOR = "below_floor"
    OVER_AUTHORITY = "over_authority"
    MARKET_BELOW_LIST = "market_below_list"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a product, a tier and a day: list price, the floor where there is one."""

    amount: Decimal
    floor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A price that is not allowed: ``allowed`` is the lowest that would be."""

    breach: Breach
    price: Decimal
    allowed: Decimal

    @property
    def short_by(self) -> Decimal:
        return self.allowed - self.price


def spoken_price(
    lowest: Decimal | None, highest: Decimal | None, unit: str | None, terms: Terms
) -> Decimal | None:
    """The price of one unit that somebody named: the lowest one counts, because that is what the customer keeps.

    ``unit`` is ``yuan`` or ``discount`` (the share that is left to pay: 八五折 = 0.85). ``None`` where nothing was named,
    or where the sum can't be the price of one unit (``PLAUSIBLE``).
    """
    said = lowest if lowest is not None else highest
    if said is None or said <= 0:
        return None
    price = (terms.amount * said if unit == "discount" else said).quantize(CENT, ROUND_HALF_UP)
    low, high = PLAUSIBLE
    return price if terms.amount * low <= price <= terms.amount * high else None


def least_by_authority(terms: Terms, most: Decimal) -> Decimal:
    """The lowest price that a discount of at most ``most`` gives, never below the floor."""
    price = (terms.amount * (1 - most)).quantize(CENT, ROUND_HALF_UP)
    return max(price, terms.floor) if terms.floor is not None else price


def check_offer(price: Decimal, terms: Terms, most: Decimal | None = None) -> Verdict | None:
    """A price that one of us named. Below the floor is worse than over one's authority and is said first.

    ``most`` is the largest discount that the speaker may give by himself; ``None`` where his role has no rule: then only
    the floor counts.
    """
    if terms.floor is not None and price < terms.floor:
        return Verdict(Breach.BELOW_FLOOR, price, terms.floor)
    if most is not None and price < (allowed := least_by_authority(terms, most)):
        return Verdict(Breach.OVER_AUTHORITY, price, allowed)
    return None


def check_market(price: Decimal, terms: Terms) -> Verdict | None:
    """A price at which somebody sells our goods on."""
    return Verdict(Breach.MARKET_BELOW_LIST, price, terms.amount) if price < terms.amount else None
