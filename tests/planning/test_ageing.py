"""Buckets of debts: every debt in exactly one, and the edges where people would look for them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.planning.ageing import EDGES, Debt, age, bucket_of, days_late, due_between, names

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy

DAY = date(2026, 11, 26)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (-40, "0"), (0, "0"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
        (91, "91-180"), (180, "91-180"), (181, "181-365"), (365, "181-365"), (366, "over-365"), (4000, "over-365"),
    ],
)  # fmt: skip
def test_edges(late: int, bucket: str) -> None:
    due_on = DAY - timedelta(days=late)
    assert names()[bucket_of(due_on, DAY)] == bucket
    assert days_late(due_on, DAY) == max(0, late)


@UNHURRIED
@given(due_on=DAYS, on=DAYS)
def test_ranges_of_due_dates_say_the_same_as_the_bucket(due_on: date, on: date) -> None:
    holding = []
    for place in range(len(EDGES) + 1):
        start, end = due_between(place, on)
        if (start is None or due_on >= start) and (end is None or due_on < end):
            holding.append(place)
    assert holding == [bucket_of(due_on, on)]


@UNHURRIED
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), DAYS, st.integers(0, 10**5).map(lambda cents: Decimal(cents) / 100))
    ),
    DAYS,
)
def test_nothing_is_lost_between_buckets(rows: list[tuple[str, date, Decimal]], on: date) -> None:
    aged = age((Debt(*row) for row in rows), on=on)
    for key in {key for key, _due, _amount in rows}:
        assert sum(aged[key]) == sum(amount for k, _due, amount in rows if k == key)
    assert set(aged) == {key for key, _due, _amount in rows}


def test_other_edges() -> None:
    assert names((0, 10)) == ["0", "1-10", "over-10"]
    assert bucket_of(DAY - timedelta(days=11), DAY, (0, 10)) == 2
