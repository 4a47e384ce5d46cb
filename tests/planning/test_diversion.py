"""Goods that strayed: places, lots, and the order of what is likely."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.diversion import (
    Finding,
    Seen,
    Shipped,
    match,
    strays,
)
from shengce.planning.serials import lot_key, plain_lot

TODAY = dt.date(2026, 6, 1)
EAST, SUZHOU, HANGZHOU = "/1/", "/1/2/", "/1/3/"


def shipped(key: int = 1, *, lot: str = "A1203", **more: object) -> Shipped:
    values: dict[str, object] = {
        "product": 7,
        "customer": key,
        "territory": SUZHOU,
        "shipped_on": TODAY - dt.timedelta(days=30),
    }
    return Shipped(key=key, lot=lot, **(values | more))  # type: ignore[arg-type]


def seen(**more: object) -> Seen:
    values: dict[str, object] = {"seen_on": TODAY, "lot": "A1203", "territory": HANGZHOU}
    return Seen(**(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("home", "where", "answer"),
    [
        (SUZHOU, SUZHOU, False),
        (EAST, SUZHOU, False),
        (SUZHOU, HANGZHOU, True),
        (SUZHOU, EAST, None),
        (None, SUZHOU, None),
        (SUZHOU, None, None),
        ("/1/2/", "/1/22/", True),  # not a prefix by letters
    ],
)
def test_where_goods_may_be_sold(home: str | None, where: str | None, answer: bool | None) -> None:
    assert strays(home, where) is answer


@pytest.mark.parametrize("typed", ["A1203", "a12-03", " Ａ12 03 ", "A12_03", "a1203\u3000"])
def test_a_lot_is_the_same_however_it_is_typed(typed: str) -> None:
    found = match(seen(lot=typed), [shipped()])
    assert found.finding is Finding.STRAYED
    assert found.best and {r.code for r in found.best.reasons} >= {"same_lot"}


def test_a_misread_sign_is_found_and_trusted_less() -> None:
    exact, misread = match(seen(), [shipped()]).best, match(seen(lot="AI2O3"), [shipped()]).best
    assert exact and misread
    assert misread.confidence < exact.confidence
    assert "alike_lot" in {r.code for r in misread.reasons}


def test_an_exact_lot_leaves_the_look_alike_out() -> None:
    found = match(seen(), [shipped(1), shipped(2, lot="AI2O3", territory=HANGZHOU)])
    assert [m.shipment.key for m in found.matches] == [1]


def test_a_lot_never_shipped_is_unknown() -> None:
    assert match(seen(lot="Z9"), [shipped()]).finding is Finding.UNKNOWN_LOT
    later = shipped(shipped_on=TODAY + dt.timedelta(days=1))
    assert match(seen(), [later]).finding is Finding.UNKNOWN_LOT


@pytest.mark.parametrize(
    ("territories", "finding"),
    [
        ((SUZHOU,), Finding.STRAYED),
        ((HANGZHOU,), Finding.AT_HOME),
        ((EAST,), Finding.AT_HOME),
        ((SUZHOU, HANGZHOU), Finding.UNCLEAR),
        ((SUZHOU, None), Finding.UNCLEAR),
        ((None,), Finding.UNCLEAR),
        ((SUZHOU, "/1/4/"), Finding.STRAYED),
    ],
)
def test_a_part_of_the_lot_that_may_be_here_clears_nobody_and_accuses_nobody(
    territories: tuple[str | None, ...], finding: Finding
) -> None:
    rows = [shipped(key, territory=territory) for key, territory in enumerate(territories)]
    assert match(seen(), rows).finding is finding


def test_another_product_under_the_same_lot_is_hardly_believed() -> None:
    same, other = match(seen(product=7), [shipped()]).best, match(seen(product=8), [shipped()]).best
    assert same and other
    assert same.confidence > 0.9
    assert other.confidence <= 0.5


def test_without_a_lot_nothing_is_proven_but_who_could_have_sold_it_is_told() -> None:
    rows = [
        shipped(1),
        shipped(2, territory=HANGZHOU),
        shipped(3, product=8),
        shipped(4, customer=1, shipped_on=TODAY - dt.timedelta(days=3)),
    ]
    found = match(seen(lot="", product=7), rows)
    assert found.finding is Finding.NO_LOT
    assert [m.shipment.key for m in found.matches] == [4]
    assert found.matches[0].confidence < 0.6
    assert match(seen(lot=""), rows).matches == ()
    assert match(seen(lot="", product=7, territory=None), rows).matches == ()


def test_points_are_what_the_reasons_say() -> None:
    best = match(seen(product=7), [shipped()]).best
    assert best
    assert best.confidence == min(100, sum(r.points for r in best.reasons)) / 100


LOTS = st.text("ABO0I1L5S8Z2-_ ", min_size=1, max_size=12)
PATHS = st.sampled_from([None, EAST, SUZHOU, HANGZHOU, "/1/2/5/", "/9/"])


@given(LOTS)
def test_keys_are_stable(lot: str) -> None:
    assert plain_lot(plain_lot(lot)) == plain_lot(lot)
    assert lot_key(lot) == lot_key(plain_lot(lot)) == lot_key(lot_key(lot))


@given(st.lists(st.tuples(LOTS, PATHS, st.integers(0, 3), st.integers(-5, 900))), LOTS, PATHS)
def test_matching_never_contradicts_itself(
    rows: list[tuple[str, str | None, int, int]], lot: str, where: str | None
) -> None:
    register = [
        shipped(key, lot=one, territory=home, customer=customer, shipped_on=TODAY - dt.timedelta(days=days))
        for key, (one, home, customer, days) in enumerate(rows)
    ]
    found = match(seen(lot=lot, territory=where), register)
    assert all(0 <= m.confidence <= 1 for m in found.matches)
    assert [m.confidence for m in found.matches] == sorted(
        (m.confidence for m in found.matches), reverse=True
    )
    assert all(m.shipment.shipped_on <= TODAY for m in found.matches)
    if found.finding is Finding.STRAYED:
        assert found.matches
        assert all(m.strays for m in found.matches)
    if where is None:
        assert found.finding not in (Finding.STRAYED, Finding.AT_HOME)
    assert found == match(seen(lot=lot, territory=where), reversed(register))
