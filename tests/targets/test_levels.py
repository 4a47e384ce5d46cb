"""No figure of a level is below the same one of the level below it, whatever the figures."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shengce.targets.levels import raised

MONTHS = 12


@given(
    leaves=st.lists(st.lists(st.integers(0, 40), min_size=MONTHS, max_size=MONTHS), min_size=1, max_size=6),
    ratios=st.tuples(st.integers(100, 300), st.integers(0, 200)),
)
def test_levels_rise(leaves: list[list[int]], ratios: tuple[int, int]) -> None:
    base = np.array(leaves, dtype=np.int64)
    free = np.zeros(base.shape, dtype=bool)
    nothing = np.zeros(base.shape, dtype=np.int64)
    under = base
    for percent in (ratios[0], sum(ratios)):
        total = int((Decimal(int(base.sum())) * percent / 100).to_integral_value(ROUND_HALF_UP))
        level = raised(base, under, total, nothing, free)
        assert level.sum() == total
        assert (level >= under).all()
        under = level


def test_one_customer_a_month() -> None:
    """12 a year, 15 as a challenge: no month of the challenge has none."""
    base = np.ones((1, MONTHS), dtype=np.int64)
    level = raised(base, base, 15, np.zeros_like(base), np.zeros(base.shape, dtype=bool))
    assert level.sum() == 15 and level.min() == 1


def test_a_locked_figure_stays_and_the_others_give_way() -> None:
    """Of 24 twenty are locked into one month: the others share four, fewer than their targets."""
    base = np.ones((1, MONTHS), dtype=np.int64) * 2
    locked = np.zeros(base.shape, dtype=bool)
    locked[0, 0] = True
    values = np.zeros_like(base)
    values[0, 0] = 20
    level = raised(base, base, 24, values, locked)
    assert (level[0, 0], level.sum()) == (20, 24)
