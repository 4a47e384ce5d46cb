"""The cooperation score: a table one can check by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.cooperation import Record, cooperation, month_share
from shengce.planning.sell_out import months_from, next_month


def points(record: Record) -> dict[str, D]:
    return {ground.code: ground.points for ground in cooperation(record).grounds}


def test_a_month_by_hand() -> None:
    record = Record(
        purchases=D(50_000), target=D(100_000), due=D(80_000), paid_in_time=D(60_000), counts=1, open_cases=1,
        price_cases=1, talks=1,
    )  # fmt: skip
    assert points(record) == {
        "purchases": D(15), "payment": D("18.75"), "stock": D(15), "diversion": D("11.25"), "prices": D(5),
        "talks": D("2.5"),
    }  # fmt: skip
    assert cooperation(record).score == D("67.50")


def test_what_nobody_knows_counts_neither_for_nor_against() -> None:
    perfect = Record(talks=2)
    assert set(points(perfect)) == {"diversion", "prices", "talks"}
    assert cooperation(perfect).score == 100


def test_a_training_in_the_quarter_is_all_that_is_expected() -> None:
    assert points(Record(trainings=0))["training"] == 0
    assert points(Record(trainings=2))["training"] == 5
    assert cooperation(Record(talks=2, trainings=0)).score == D("85.71")


def test_more_than_the_target_is_no_more_than_all_points() -> None:
    assert points(Record(purchases=D(500), target=D(100)))["purchases"] == 30
    assert points(Record(proven_cases=3))["diversion"] == 0


def test_the_months_of_a_contract_are_its_target() -> None:
    start, end = dt.date(2026, 2, 10), dt.date(2027, 2, 10)
    shares = [month_share(D(365), start, end, m, next_month(m)) for m in months_from(start, end)]
    assert sum(shares) == 365
    assert shares[0] == 19


MONEY = st.decimals(0, 1_000_000, places=2)


@given(
    st.builds(
        Record,
        purchases=MONEY,
        target=st.none() | MONEY,
        due=MONEY,
        paid_in_time=MONEY,
        counts=st.none() | st.integers(0, 31),
        open_cases=st.integers(0, 5),
        proven_cases=st.integers(0, 5),
        price_cases=st.integers(0, 5),
        talks=st.integers(0, 30),
        trainings=st.none() | st.integers(0, 9),
    )
)
def test_scores_stay_within_bounds_and_add_up(record: Record) -> None:
    found = cooperation(record)
    assert found.score is not None
    assert 0 <= found.score <= 100
    assert all(0 <= g.points <= g.most for g in found.grounds)
    total = sum(g.points for g in found.grounds) * 100 / sum(g.most for g in found.grounds)
    assert abs(found.score - total) <= D("0.01")
