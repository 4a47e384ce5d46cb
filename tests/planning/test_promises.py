"""Promises against receipts, told as stories; and what must hold for any of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.planning.promises import Money, Outcome, Promise, judge

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy

START = date(2026, 11, 2)


def day(number: int) -> date:
    return START + timedelta(days=number)


def states(promises: list[tuple], receipts: list[tuple[int, int]], *, today: int, **rules: int) -> list[str]:
    """Promises as (made, sum, due) and receipts as (day, sum), all days counted from the start."""
    said = [
        Promise(n, day(made), amount if amount is None else Decimal(amount), due if due is None else day(due))
        for n, (made, amount, due) in enumerate(promises)
    ]
    outcomes = judge(said, [Money(day(on), Decimal(a)) for on, a in receipts], today=day(today), **rules)
    return [f"{outcomes[n].state} {outcomes[n].paid}" for n in range(len(said))]


STORIES = {
    "kept on the last day": ([(0, 100, 5)], [(5, 100)], 6, ["kept 100"]),
    "kept in two parts": ([(0, 100, 5)], [(2, 60), (4, 40)], 6, ["kept 100"]),
    "more than promised": ([(0, 100, 5)], [(3, 250)], 6, ["kept 100"]),
    "a day late": ([(0, 100, 5)], [(6, 100)], 6, ["late 100"]),
    "a part in time and the rest late": ([(0, 100, 5)], [(4, 60), (9, 40)], 9, ["late 100"]),
    "a part only": ([(0, 100, 5)], [(4, 60)], 6, ["partly 60"]),
    "a part, and there is time yet": ([(0, 100, 5)], [(4, 60)], 5, ["open 60"]),
    "nothing came": ([(0, 100, 5)], [], 6, ["broken 0"]),
    "nothing came yet": ([(0, 100, 5)], [], 5, ["open 0"]),
    "money from before it was said": ([(3, 100, 5)], [(2, 100)], 6, ["broken 0"]),
    "money of the day on which it was said": ([(3, 100, 5)], [(3, 100)], 6, ["kept 100"]),
    "money long after is for something else": ([(0, 100, 5)], [(36, 100)], 40, ["broken 0"]),
    "the last day on which late money counts": ([(0, 100, 5)], [(35, 100)], 40, ["late 100"]),
    "money of tomorrow is not looked at": ([(0, 100, 5)], [(4, 100)], 3, ["open 0"]),
    "one receipt does not keep two promises": ([(0, 100, 5), (0, 90, 9)], [(3, 100)], 10, ["kept 100", "broken 0"]),
    "the earlier day first": ([(0, 90, 9), (0, 100, 5)], [(3, 150)], 4, ["open 50", "kept 100"]),
    "a running one before a broken one": ([(0, 90, 5), (7, 100, 9)], [(8, 100)], 10, ["broken 0", "kept 100"]),
    "said again with another day": ([(0, 100, 5), (4, 100, 9)], [(8, 100)], 10, ["late 100", "kept 100"]),
    "said again with another day, and paid early": ([(0, 100, 5), (4, 100, 9)], [(5, 100)], 10, ["kept 100"] * 2),
    "said twice in two talks": ([(0, 100, 5), (1, 100, 5)], [(5, 100)], 6, ["kept 100"] * 2),
    "the same sum next month is new money": (
        [(0, 100, 20), (12, 100, 40)], [(10, 100)], 41, ["kept 100", "broken 0"]),
    "the same sum after the first was broken": ([(0, 100, 5), (8, 100, 12)], [(11, 100)], 13, ["broken 0", "kept 100"]),
    "no sum was named": ([(0, None, 5)], [(4, 70)], 6, ["kept 70"]),
    "no sum was named, nothing came": ([(0, None, 5)], [], 6, ["broken 0"]),
    "no day was named": ([(0, 100, None)], [(200, 100)], 300, ["kept 100"]),
    "no day was named, a part came": ([(0, 100, None)], [(20, 30)], 300, ["open 30"]),
}  # fmt: skip


@pytest.mark.parametrize(("promises", "receipts", "today", "expected"), STORIES.values(), ids=STORIES.keys())
def test_stories(promises: list, receipts: list, today: int, expected: list[str]) -> None:
    assert states(promises, receipts, today=today) == expected


def test_grace_and_window_are_arguments() -> None:
    assert states([(0, 100, 5)], [(7, 100)], today=9, grace_days=2) == ["kept 100"]
    assert states([(0, 100, 5)], [], today=7, grace_days=2) == ["open 0"]
    assert states([(0, 100, 5)], [(9, 100)], today=9, late_days=3) == ["broken 0"]


def test_the_day_of_fulfilment_is_told() -> None:
    outcome = judge(
        [Promise("p", day(0), Decimal(100), day(5))],
        [Money(day(2), Decimal(60)), Money(day(7), Decimal(90))],
        today=day(9),
    )
    assert outcome == {"p": Outcome("late", Decimal(100), day(7))}


DAYS = st.integers(0, 60)
SUMS = st.integers(1, 9).map(lambda n: Decimal(n * 100))


@UNHURRIED
@given(
    st.lists(st.tuples(DAYS, st.none() | SUMS, st.integers(0, 30)), max_size=6),
    st.lists(st.tuples(DAYS, SUMS), max_size=6),
    DAYS,
)
def test_for_any_promises_and_receipts(said: list, came: list, today: int) -> None:
    promises = [
        Promise(n, day(made), amount, day(made + wait)) for n, (made, amount, wait) in enumerate(said)
    ]
    money = [Money(day(on), amount) for on, amount in came]
    outcomes = judge(promises, money, today=day(today))
    assert set(outcomes) == {p.key for p in promises}
    assert judge(promises, money, today=day(today)) == outcomes
    for promise in promises:
        outcome = outcomes[promise.key]
        passed = day(today) > promise.due_on
        assert outcome.paid <= sum(m.amount for m in money if m.on <= day(today))
        if promise.amount is not None:
            assert outcome.paid <= promise.amount
            assert (outcome.state in ("kept", "late")) == (outcome.paid == promise.amount)
        assert (outcome.state == "open") <= (not passed)
        assert (outcome.state in ("late", "partly", "broken")) <= passed
        assert (outcome.state == "broken") <= (outcome.paid == 0)
        assert (outcome.paid == 0) == (outcome.paid_on is None)
    different = len({(p.amount) for p in promises}) == len(promises)
    if different:  # nobody said the same thing twice: each yuan counts once
        assert sum(o.paid for o in outcomes.values()) <= sum(m.amount for m in money)
