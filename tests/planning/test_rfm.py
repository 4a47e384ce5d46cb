"""Recency, frequency, amount: the CDNOW table from its orders, scores with ties, classes, activity."""

from __future__ import annotations

import csv
import datetime as dt
import random
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.planning import rfm
from shengce.planning.rfm import ActivityRules
from tests.conftest import SHARED_DATA

CDNOW = SHARED_DATA / "cdnow"
DAY = dt.date(2026, 11, 26)
Row = tuple[int, dt.date, Decimal]


@pytest.fixture(scope="module")
def cdnow() -> Path:
    if not CDNOW.is_dir():
        pytest.skip("shared/data/cdnow is not on this machine")
    return CDNOW


def test_the_published_table_comes_out_of_its_orders(cdnow: Path) -> None:
    """Counts exact; times and values to the two decimals that are printed."""
    rows: list[Row] = []
    for line in (cdnow / "CDNOW_sample.txt").read_text(encoding="utf-8").splitlines():
        _master, customer, day, _copies, amount = line.split()
        when = dt.date(int(day[:4]), int(day[4:6]), int(day[6:]))
        rows.append((int(customer), when, Decimal(amount)))
    end = dt.date(1997, 9, 30)
    found = rfm.summarise(rfm.purchases_of(rows).until(end), least=0)  # their table counts free copies
    with (cdnow / "cdnow_customers_summary.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    with (cdnow / "cdnow_customers_summary_with_transactions.csv").open(encoding="utf-8") as file:
        values = list(csv.DictReader(file))
    assert found.customers.tolist() == [int(row["ID"]) for row in table]
    assert (found.days - 1).tolist() == [int(row["frequency"]) for row in table]
    recency, age = (found.last - found.first) / 7, (end.toordinal() - found.first) / 7
    assert np.abs(recency - [float(row["recency"]) for row in table]).max() < 0.00501
    assert np.abs(age - [float(row["T"]) for row in table]).max() < 0.00501
    assert np.abs(found.repeat_value / 100 - [float(row["zbar"]) for row in values]).max() < 0.00501


# ── summary

customers = st.integers(1, 4)
days = st.integers(0, 40).map(lambda n: DAY + dt.timedelta(days=n))
amounts = st.integers(-5000, 20_000).map(lambda cents: Decimal(cents) / 100)
orders = st.lists(st.tuples(customers, days, amounts), max_size=40)


@given(orders, st.randoms(use_true_random=False))
def test_the_summary_against_a_plain_one(rows: list[Row], dice: random.Random) -> None:
    plain: dict[int, dict[dt.date, Decimal]] = {}
    for customer, day, amount in rows:
        sums = plain.setdefault(customer, {})
        sums[day] = sums.get(day, Decimal(0)) + amount
    bought = {c: sorted(d for d, s in sums.items() if s > 0) for c, sums in plain.items()}
    bought = {c: d for c, d in sorted(bought.items()) if d}
    dice.shuffle(rows)
    purchases = rfm.purchases_of(rows)
    found = rfm.summarise(purchases)
    assert found.customers.tolist() == list(bought)
    for i, (customer, when) in enumerate(bought.items()):
        gaps = [(b - a).days for a, b in pairwise(when)]
        sums = [plain[customer][day] for day in when]
        assert (found.first[i], found.last[i]) == (when[0].toordinal(), when[-1].toordinal())
        assert found.days[i] == len(when)
        assert found.value[i] == pytest.approx(float(sum(sums) / len(sums) * 100))
        if gaps:
            assert found.gap[i] == median(gaps)
            assert found.repeat_value[i] == pytest.approx(float(sum(sums[1:]) / len(gaps) * 100))
        else:
            assert np.isnan(found.gap[i])
            assert found.repeat_value[i] == 0
    start, end = DAY + dt.timedelta(days=5), DAY + dt.timedelta(days=20)
    counts, cents = rfm.between(purchases, found.customers, start, end)
    for i, (customer, when) in enumerate(bought.items()):
        assert counts[i] == sum(start <= day < end for day in when)
        assert cents[i] == 100 * sum(s for day, s in plain[customer].items() if start <= day < end)


def test_several_orders_of_a_day_are_one_purchase_and_returns_lower_the_turnover() -> None:
    later = DAY + dt.timedelta(days=3)
    rows = [
        (1, DAY, Decimal("10.10")), (1, DAY, Decimal("0.20")), (1, later, Decimal("-4")),
        (2, DAY, Decimal("5")), (2, DAY, Decimal("-5")),
    ]  # fmt: skip
    purchases = rfm.purchases_of(rows)
    found = rfm.summarise(purchases)
    assert (found.customers.tolist(), found.days.tolist()) == ([1], [1])
    counts, cents = rfm.between(purchases, found.customers, DAY, later + dt.timedelta(days=1))
    assert (counts.tolist(), cents.tolist()) == ([1], [630])


def test_nothing_gives_nothing() -> None:
    found = rfm.summarise(rfm.purchases_of([]))
    assert len(found.customers) == 0
    assert rfm.activity(found, DAY, ActivityRules()).tolist() == []
    assert rfm.quintiles([]).tolist() == []
    assert rfm.classes([]).tolist() == []


@pytest.mark.parametrize("amount", ["1e17", "9e16"])
def test_sums_beyond_exact_are_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="too large"):
        rfm.purchases_of([(1, DAY, Decimal(amount)), (1, DAY, Decimal(amount))])


# ── scores

numbers = st.lists(st.integers(-5, 30), min_size=1, max_size=60)


@given(numbers)
def test_scores_follow_the_values(values: list[int]) -> None:
    scores = rfm.quintiles(values).tolist()
    assert set(scores) <= {1, 2, 3, 4, 5}
    for a, score_a in zip(values, scores, strict=True):
        for b, score_b in zip(values, scores, strict=True):
            if a == b:
                assert score_a == score_b
            if a < b:
                assert score_a <= score_b


@given(st.integers(1, 40))
def test_without_ties_every_fifth_is_as_large(fifth: int) -> None:
    values = list(range(5 * fifth))
    scores = rfm.quintiles(values).tolist()
    assert [scores.count(n) for n in (1, 2, 3, 4, 5)] == [fifth] * 5
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("values", "scores"),
    [
        ([7], [3]),
        ([7, 7, 7, 7], [3, 3, 3, 3]),
        ([1, 2], [2, 4]),
        ([0, 0, 0, 0, 0, 0, 0, 0, 1, 2], [2] * 8 + [5, 5]),
    ],
)
def test_scores_of_few_and_of_equals(values: list[int], scores: list[int]) -> None:
    assert rfm.quintiles(values).tolist() == scores


# ── classes


@pytest.mark.parametrize(
    ("turnover", "names"),
    [
        ([50, 30, 15, 5], "AABC"),
        ([5, 15, 30, 50], "CBAA"),
        ([100], "A"),
        ([100, 0, -5], "ACC"),
        ([0, 0], "CC"),
        ([10, 10, 10, 10], "AAAA"),  # equals are not told apart
        ([79, 2, 19], "ACA"),  # who crosses 80 % is still A
    ],
)
def test_classes_by_share_of_turnover(turnover: list[int], names: str) -> None:
    assert "".join(rfm.classes(turnover)) == names


def test_the_firm_chooses_cuts_and_names() -> None:
    assert "".join(rfm.classes([60, 40], (0.5,), ("K", "R"))) == "KR"


@given(st.lists(st.integers(-10, 10_000), min_size=1, max_size=50))
def test_a_larger_customer_is_never_in_a_lower_class(turnover: list[int]) -> None:
    names = rfm.classes(turnover).tolist()
    ordered = [name for _money, name in sorted(zip(turnover, names, strict=True), key=lambda pair: -pair[0])]
    assert ordered == sorted(ordered)
    money = {
        name: sum(max(0, t) for t, n in zip(turnover, names, strict=True) if n == name) for name in "ABC"
    }
    if sum(money.values()):
        assert (
            money["A"] >= 0.8 * sum(money.values()) - 1e-6
            or not any(n == "B" for n in names)
            or (money["A"] + money["B"] >= 0.95 * sum(money.values()) - 1e-6)
        )


@pytest.mark.parametrize("cuts", [(0.95, 0.8), (0.0, 0.5), (0.5,), (0.5, 1.2)])
def test_cuts_rise(cuts: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="cuts"):
        rfm.classes([1, 2], cuts)


# ── activity


def bought(*ago: int) -> list[Row]:
    return [(1, DAY - dt.timedelta(days=days), Decimal(1)) for days in ago]


RULES = ActivityRules()


@pytest.mark.parametrize(
    ("ago", "is_"),
    [
        ((10,), "new"),
        ((60, 5), "new"),
        ((61, 5), "active"),
        ((200, 180, 160, 30), "active"),  # every 20 days: the floor of 30 holds
        ((200, 180, 160, 41), "dormant"),
        ((200, 180, 160, 90), "dormant"),
        ((200, 180, 160, 91), "lost"),
        ((300, 250, 200, 100), "active"),  # every 50 days: 100 are twice that
        ((300, 250, 200, 101), "dormant"),
        ((500, 450, 400, 201), "lost"),
        ((1000, 700, 181), "dormant"),  # every 300 or 519 days: the ceiling of 180 holds
        ((1300, 1000, 366), "lost"),
        ((90,), "active"),  # once; taken for 45 days: dormant after 90
        ((91,), "dormant"),
        ((181,), "lost"),
    ],
)
def test_activity_by_the_customers_own_interval(ago: tuple[int, ...], is_: str) -> None:
    found = rfm.summarise(rfm.purchases_of(bought(*ago)))
    assert rfm.activity(found, DAY, RULES).tolist() == [is_]


def test_who_bought_once_is_judged_by_the_others_interval() -> None:
    others = [(2, DAY - dt.timedelta(days=10 * n), Decimal(1)) for n in range(30)]
    found = rfm.summarise(rfm.purchases_of([*bought(80), *others]))
    assert rfm.usual_intervals(found.gap, RULES).tolist() == [10, 10]
    assert rfm.activity(found, DAY, RULES).tolist() == ["dormant", "active"]
    assert rfm.usual_intervals(found.gap, ActivityRules(usual=33)).tolist() == [33, 10]


@given(st.floats(1, 1000), st.floats(1, 1000))
def test_limits_grow_with_the_interval_between_floor_and_ceiling(one: float, other: float) -> None:
    dormant, lost = rfm.limits(np.sort(np.array([one, other])), RULES)
    assert dormant[0] <= dormant[1]
    assert lost[0] <= lost[1]
    assert (dormant <= lost).all()
    assert (dormant >= 30).all()
    assert (lost <= 365).all()


@pytest.mark.parametrize(
    "wrong",
    [{"dormant": 5.0}, {"dormant": 0}, {"dormant_floor": 200}, {"lost_ceiling": 80}, {"new_days": -1}],
)
def test_rules_that_contradict_themselves_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="dormant"):
        ActivityRules(**wrong)  # type: ignore[arg-type]
