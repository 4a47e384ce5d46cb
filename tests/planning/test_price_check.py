"""Prices against list, floor and authority."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.price_check import (
    Breach,
    Terms,
    check_market,
    check_offer,
    least_by_authority,
    spoken_price,
)

TERMS = Terms(D(5600), D(4800))


@pytest.mark.parametrize(
    ("price", "most", "breach", "allowed"),
    [
        (5600, "0", None, None),
        (5599, "0", Breach.OVER_AUTHORITY, 5600),
        (5320, "0.05", None, None),
        (D("5319.99"), "0.05", Breach.OVER_AUTHORITY, 5320),
        (4800, "0.2", None, None),
        (D("4799.99"), "0.2", Breach.BELOW_FLOOR, 4800),
        (4799, None, Breach.BELOW_FLOOR, 4800),
        (4800, None, None, None),
        (6000, "0", None, None),
    ],
)
def test_an_offer(price: D, most: str | None, breach: Breach | None, allowed: D | None) -> None:
    verdict = check_offer(D(price), TERMS, D(most) if most is not None else None)
    assert (verdict and verdict.breach) == breach
    assert (verdict and verdict.allowed) == allowed
    if verdict:
        assert verdict.short_by == verdict.allowed - D(price)


def test_without_a_floor_only_authority_binds() -> None:
    assert check_offer(D(1), Terms(D(100))) is None
    verdict = check_offer(D(89), Terms(D(100)), D("0.1"))
    assert verdict and verdict.allowed == 90


def test_the_market_is_held_against_the_list() -> None:
    verdict = check_market(D(5500), TERMS)
    assert verdict and (verdict.breach, verdict.allowed) == (Breach.MARKET_BELOW_LIST, 5600)
    assert check_market(D(5600), TERMS) is None


@pytest.mark.parametrize(
    ("lowest", "highest", "unit", "price"),
    [
        ("4800", "5000", "yuan", "4800"),
        (None, "5000", "yuan", "5000"),
        ("4800", None, None, "4800"),
        ("0.85", "0.85", "discount", "4760"),
        ("300", "300", "yuan", None),  # a deposit
        ("200000", "200000", "yuan", None),  # the whole order
        (None, None, "yuan", None),
        ("0", "0", "yuan", None),
    ],
)
def test_what_is_taken_for_the_price_of_one(
    lowest: str | None, highest: str | None, unit: str | None, price: str | None
) -> None:
    found = spoken_price(D(lowest) if lowest else None, D(highest) if highest else None, unit, TERMS)
    assert found == (D(price) if price else None)


MONEY = st.decimals("0.01", "100000", places=2)


@given(MONEY, MONEY, st.none() | st.decimals(0, "0.9999", places=4), st.booleans())
def test_what_is_allowed_is_in_order_and_a_cent_less_is_not(
    price: D, amount: D, most: D | None, floored: bool
) -> None:
    terms = Terms(amount, (amount * D("0.8")).quantize(D("0.01")) if floored else None)
    verdict = check_offer(price, terms, most)
    if verdict is None:
        assert terms.floor is None or price >= terms.floor
        assert most is None or price >= least_by_authority(terms, most)
    else:
        assert price < verdict.allowed <= amount
        again = check_offer(verdict.allowed, terms, most)
        assert again is None or again.breach is Breach.OVER_AUTHORITY
