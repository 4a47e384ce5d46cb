"""Splits that lose nothing: answers known from elsewhere, and sums to the unit for whatever comes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning.allocation import MOST, Unsplittable, apportion, apportion_groups, retarget
from shengce.planning.biproportion import fit
from tests.conftest import SHARED_DATA

KNOWN = SHARED_DATA / "known-answers"


@pytest.mark.parametrize(
    "total, weights, shares",
    [
        (100, [1, 1, 1], [34, 33, 33]),  # ties: the first takes the remainder
        (10, [6, 6, 2], [4, 4, 2]),  # by hand: 4.28, 4.28, 1.43 -> the largest fraction is the third
        (0, [1, 2], [0, 0]),
        (7, [0, 1, 0], [0, 7, 0]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (26, [9061, 7179, 5259, 3319, 1182], [9, 7, 5, 4, 1]),  # Hamilton's own example (Balinski & Young)
        (1_000_000_000_000, [1, 2, 3, 4, 5, 6, 7], None),
    ],
)
def test_by_largest_remainder(total, weights, shares):
    done = apportion(total, weights)
    assert sum(done) == total
    assert shares is None or done == shares


def test_a_year_in_twelve_months_is_the_year():
    season = [8.1, 5.2, 9.0, 8.8, 8.9, 9.4, 8.0, 7.7, 9.6, 7.9, 8.7, 8.7]
    months = apportion(30_000_00, season)
    assert sum(months) == 30_000_00
    assert max(abs(month - 30_000_00 * w / 100) for month, w in zip(months, season, strict=True)) < 1


def test_one_order_of_two_sellers_is_credited_once():
    """20 pieces at 1000 shared half and half: ten pieces each, and together all of it."""
    assert apportion(20, [50, 50]) == [10, 10]
    assert apportion(20_000_00, [50, 50]) == [10_000_00, 10_000_00]
    assert sum(apportion(100, [33.33, 33.33, 33.34])) == 100


def test_locked_cells_keep_theirs():
    assert apportion(100, [1, 1, 1], locked=[None, 50, None]) == [25, 50, 25]
    assert apportion(50, [1, 1, 1], locked=[None, 50, None]) == [0, 50, 0]


@pytest.mark.parametrize(
    "code, call",
    [
        ("locked_above", lambda: apportion(40, [1, 1], locked=[50, None])),
        ("all_locked", lambda: apportion(60, [1, 1], locked=[20, 30])),
        ("no_weights", lambda: apportion(60, [0, 0])),
        ("no_weights", lambda: apportion(60, [])),
        ("no_weights", lambda: apportion(60, [5, 0], locked=[20, None])),
        ("negative_weights", lambda: apportion(60, [5, -1])),
        ("not_a_number", lambda: apportion(60, [5, float("nan")])),
        ("not_a_number", lambda: apportion(60, [5, float("inf")])),
        ("too_large", lambda: apportion(MOST + 1, [5, 1])),
    ],
)
def test_what_cannot_be_split_says_why(code, call):
    with pytest.raises(Unsplittable) as problem:
        call()
    assert problem.value.code == code


def test_whole_yuan_and_the_rest_in_the_largest():
    shares = apportion(100_033, [3, 2, 1], step=100)
    assert shares == [50_000 + 33, 33_300, 16_700]
    assert sum(shares) == 100_033


weights_of = st.lists(st.integers(0, 10**7), min_size=1, max_size=30).filter(any)


@given(st.integers(-MOST, MOST), weights_of)
@settings(deadline=None)
def test_shares_add_up_and_lie_within_one_of_their_due(total, weights):
    shares = apportion(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        slack = 1 + abs(total) * 2**-50  # what a double can hold of a share
        assert abs(share - total * weight / whole) <= slack
        assert weight or share == 0


@given(st.integers(0, 10**12), weights_of, st.data())
@settings(deadline=None)
def test_locks_hold_and_the_rest_adds_up(total, weights, data):
    locks = data.draw(
        st.lists(st.none() | st.integers(0, 10**11), min_size=len(weights), max_size=len(weights))
    )
    try:
        shares = apportion(total, weights, locked=locks, step=data.draw(st.sampled_from([1, 100])))
    except Unsplittable as problem:
        rest = total - sum(lock or 0 for lock in locks)
        free = [w for w, lock in zip(weights, locks, strict=True) if lock is None]
        assert {"locked_above": rest < 0, "all_locked": not free, "no_weights": not any(free)}[problem.code]
    else:
        assert sum(shares) == total
        assert all(lock is None or share == lock for share, lock in zip(shares, locks, strict=True))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 10**6)), min_size=1, max_size=60), st.data())
@settings(deadline=None)
def test_groups_add_up_each_by_itself(cells, data):
    group = np.array([place for place, _weight in cells])
    weights = np.array([float(weight) for _place, weight in cells])
    totals = np.array(
        [data.draw(st.integers(-(10**12), 10**12)) if (group == g).any() else 0 for g in range(5)]
    )
    shares = apportion_groups(totals, weights, group)
    for number in range(5):
        mine = shares[group == number]
        assert mine.sum() == totals[number]
        assert mine.tolist() == (
            apportion(int(totals[number]), weights[group == number]) if mine.size else []
        )


@st.composite
def trees(draw):
    """Leaves with a path each (``(0, 2, 1)``), amounts, locks and one node that gets a new total."""
    paths = draw(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=25, unique=True))
    values = np.array([draw(st.integers(0, 10**9)) for _ in paths])
    locked = np.array([draw(st.booleans()) for _ in paths])
    node = draw(st.sampled_from(paths))[: draw(st.integers(0, 3))]
    return paths, values, locked, node, draw(st.integers(0, 10**10))


@given(trees())
@settings(max_examples=300, deadline=None)
def test_a_number_typed_into_a_tree_is_met_to_the_unit(tree):
    """Other nodes either stay as they were, or give exactly what this one takes; locked leaves never move."""
    paths, values, locked, node, total = tree
    cell = np.array([path[: len(node)] == node for path in paths])
    for others in (None, np.ones(len(paths), dtype=bool)):
        try:
            after = retarget(values, cell, total, locked=locked, others=others)
        except Unsplittable as problem:
            assert problem.code in ("locked_above", "all_locked", "no_weights")
            continue
        assert after[cell].sum() == total
        assert (after[locked] == values[locked]).all()
        if others is None:
            assert (after[~cell] == values[~cell]).all()
        else:
            assert after.sum() == values.sum()


def test_an_empty_cell_is_filled_alike():
    after = retarget(np.zeros(4, np.int64), np.array([1, 1, 1, 0], bool), 10)
    assert after.tolist() == [4, 3, 3, 0]


@pytest.mark.skipif(not KNOWN.is_dir(), reason="shared/data/known-answers is not on this machine")
def test_two_margins_as_known_from_elsewhere():
    for case in json.loads((KNOWN / "biproportional.json").read_text()):
        votes = np.array(case["votes_colmajor"], dtype=float).reshape(-1, case["nrow"]).T
        rows, columns = case["row_totals_upper_apportionment"], case["column_totals"]
        seats = fit(votes, np.array(rows), np.array(columns))
        assert seats.sum(axis=1).tolist() == rows, case["name"]
        assert seats.sum(axis=0).tolist() == columns, case["name"]
        if "seats_colmajor" in case:
            assert seats.T.ravel().tolist() == case["seats_colmajor"], case["name"]


@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 2**32 - 1), st.sampled_from([3, 10**4, 10**9]))
@settings(max_examples=150, deadline=None)
def test_both_margins_are_exact(height, width, seed, size):
    """Margins of a table that exists can always be met, from whatever proportions, as long as no cell is ruled out."""
    random = np.random.default_rng(seed)
    there = random.integers(0, size, (height, width))
    weights = random.random((height, width)) + 1e-6
    done = fit(weights, there.sum(axis=1), there.sum(axis=0))
    assert (done >= 0).all()
    assert done.sum(axis=1).tolist() == there.sum(axis=1).tolist()
    assert done.sum(axis=0).tolist() == there.sum(axis=0).tolist()


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_zeros_and_locks_stay(height, width, seed):
    random = np.random.default_rng(seed)
    there = random.integers(0, 10**6, (height, width)) * (random.random((height, width)) < 0.6)
    locked = random.random((height, width)) < 0.3
    done = fit(there.astype(float), there.sum(axis=1), there.sum(axis=0), values=there, locked=locked)
    assert (done[locked] == there[locked]).all()
    assert (done[there == 0] == 0).all()
    assert done.sum(axis=1).tolist() == there.sum(axis=1).tolist()
    assert done.sum(axis=0).tolist() == there.sum(axis=0).tolist()


def test_margins_that_cannot_be_met():
    ones = np.ones((2, 2))
    for code, weights, rows, columns in (
        ("margins_differ", ones, [1, 2], [2, 2]),
        ("no_fit", np.array([[1.0, 0], [0, 1]]), [5, 5], [2, 8]),
        ("no_fit", np.array([[0.0, 0], [1, 1]]), [5, 5], [5, 5]),
        ("negative_weights", -ones, [1, 1], [1, 1]),
    ):
        with pytest.raises(Unsplittable) as problem:
            fit(weights, np.array(rows), np.array(columns))
        assert problem.value.code == code


def test_a_locked_cell_above_its_column():
    with pytest.raises(Unsplittable) as problem:
        fit(
            np.ones((2, 2)),
            np.array([9, 1]),
            np.array([3, 7]),
            values=np.array([[5, 0], [0, 0]]),
            locked=np.array([[True, False], [False, False]]),
        )
    assert problem.value.code == "locked_above"
    assert problem.value.places == (2,)  # rows first, then columns: the first column
