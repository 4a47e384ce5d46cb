"""Ranges of serial numbers, and the number on a label that may belong to one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.diversion import Finding, Seen, Shipped, match
from shengce.planning.serials import lot_key, readings, serials

DAY = dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("QQ500-000100", "QQ500-000199", 100),
        ("qq500 000100", "QQ500-000100", 1),
        ("000001", "000002", 2),
        ("A1B0009", "A1B0010", 2),
        ("机1-8", "机1-9", 2),
        ("ＡＢ１", "AB3", 3),
    ],
)
def test_what_is_a_range(first: str, last: str, count: int) -> None:
    found = serials(first, last)
    assert found is not None and found.count == count
    assert found.holds(first) and found.holds(last)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("A199", "A100"),  # backwards
        ("A99", "A100"),  # not as long
        ("A100", "B199"),  # another stem
        ("AB", "AC"),  # no number
        ("A1X", "A2X"),  # the number is not at the end
        ("", ""),
        ("A" + "1" * 18, "B" + "1" * 18),
    ],
)
def test_what_is_no_range(first: str, last: str) -> None:
    assert serials(first, last) is None


def test_what_a_range_holds() -> None:
    found = serials("QQ500-000100", "QQ500-000199")
    assert found is not None
    assert found.holds("qq500000150") and found.holds_alike("QQS00-0OO1SO")
    for other in (
        "QQ500-000200",
        "QQ500-000099",
        "QQ500-00150",
        "QQ500-0000150",
        "QQ501-000150",
        "QQ500-00015X",
    ):
        assert not found.holds(other), other


def test_numbers_longer_than_a_database_holds() -> None:
    found = serials("A9" + "0" * 20, "A9" + "0" * 18 + "99")
    assert found is not None and found.digits == 18 and found.count == 100
    assert found.holds("A9" + "0" * 18 + "42") and not found.holds("A8" + "0" * 18 + "42")


STEM = st.text("ABQOILSZ01589-", max_size=6)


@given(STEM, st.integers(1, 6), st.data())
def test_every_number_of_a_range_is_found_by_one_of_its_readings(
    stem: str, digits: int, data: st.DataObject
) -> None:
    numbers = sorted(data.draw(st.lists(st.integers(0, 10**digits - 1), min_size=3, max_size=3)))
    first, code, last = (f"{stem}{number:0{digits}d}" for number in numbers)
    found = serials(first, last)
    assert found is not None and found.holds(code) and found.holds_alike(code)
    assert found.keys[0] <= lot_key(code) <= found.keys[1]
    ways = [number for key, long, number in readings(code) if (key, long) == (found.stem_key, found.digits)]
    assert len(ways) == 1 and found.first <= ways[0] <= found.last


RANGE = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


@given(RANGE, RANGE)
def test_ranges_overlap_where_they_share_a_number(one: list[int], other: list[int]) -> None:
    left, right = (serials(f"A{low:03d}", f"A{high:03d}") for low, high in (one, other))
    assert left is not None and right is not None
    shared = set(range(one[0], one[1] + 1)) & set(range(other[0], other[1] + 1))
    assert left.overlaps(right) is bool(shared) is right.overlaps(left)


def test_a_number_of_a_range_has_strayed() -> None:
    range_of = Shipped(1, "A-0100", 7, 3, "/1/2/", DAY, lot_to="A-0199")
    lot = Shipped(2, "A-0300", 7, 4, "/1/3/", DAY)
    found = match(Seen(DAY, "a0150", territory="/1/3/"), [range_of, lot])
    assert found.finding is Finding.STRAYED and found.best and found.best.shipment is range_of
    assert found.best.reasons[0].code == "in_range" and found.best.reasons[0].value == "A-0100 – A-0199"
    assert match(Seen(DAY, "a0200", territory="/1/3/"), [range_of, lot]).finding is Finding.UNKNOWN_LOT
