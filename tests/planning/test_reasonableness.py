from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.planning.forecast import Range
from shengce.planning.reasonableness import Bars, DealSeen, Verdict, judge, pipeline, win_rates

RANGE = Range(100.0, 80.0, 130.0)


@pytest.mark.parametrize(
    ("target", "verdict", "chance"),
    [
        (70, Verdict.EASY, 0.973),
        (80, Verdict.EASY, 0.9),
        (100, Verdict.SOUND, 0.5),
        (105, Verdict.SOUND, 0.415),
        (120, Verdict.STRETCH, 0.196),
        (129, Verdict.STRETCH, 0.108),
        (140, Verdict.UNREAL, 0.044),
    ],
)
def test_place_in_the_range(target, verdict, chance):
    found = judge(target, RANGE)
    assert found.verdict == verdict
    assert found.chance == pytest.approx(chance, abs=0.001)


def test_a_range_without_width():
    point = Range(5.0, 5.0, 5.0)
    assert [judge(t, point).chance for t in (4, 5, 6)] == [1.0, 0.5, 0.0]
    assert judge(1, Range(0, 0, 0)).ratio is None


@pytest.mark.parametrize("target", [math.nan, math.inf])
def test_no_numbers(target):
    with pytest.raises(ValueError):
        judge(target, RANGE)
    with pytest.raises(ValueError):
        judge(1, Range(1, 2, 3))
    with pytest.raises(ValueError):
        Bars(easy=0.3)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_is_never_more_likely(one, other):
    low, high = sorted((one, other))
    assert judge(low, RANGE).chance >= judge(high, RANGE).chance


def test_win_rates_of_few_deals_are_drawn_to_all():
    closed = [DealSeen("proposal", 10, 1, won) for won in [True] * 30 + [False] * 30]
    closed.append(DealSeen("negotiation", 10, 1, True))
    rates = win_rates(closed)
    assert rates[("proposal", False)].share == pytest.approx(0.5, abs=0.01)
    assert 0.5 < rates[("negotiation", False)].share < 0.6  # one of one is not certainty
    assert rates[("negotiation", False)].high - rates[("negotiation", False)].low > 0.3
    assert rates[("proposal", False)].high - rates[("proposal", False)].low < 0.2


def test_pipeline_known_answer():
    rates = win_rates([DealSeen("lead", 1, 1, n % 4 == 0) for n in range(4000)])
    found = pipeline(
        [DealSeen("lead", 1, 1000.0), DealSeen("lead", 1, 3000.0), DealSeen("lead", 1, 0.0)], rates
    )
    assert found is not None
    assert found.deals == 2
    assert found.total.mean == pytest.approx(1000, rel=0.01)
    assert found.total.low == 0 and found.total.high < 4000
    assert pipeline([DealSeen("lead", 1, 5.0)], {}) is None
