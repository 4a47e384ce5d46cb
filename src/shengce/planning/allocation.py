"""Splitting a total over cells so that nothing is lost: whole minor units in, whole minor units out, sums exact.

* :func:`apportion` and :func:`apportion_groups`: by weights, with the method of largest remainders (Hamilton). Cells with
  weight 0 get nothing; locked cells keep what they have.
* :func:`retarget`: an aggregate cell gets a new total; its leaves follow in proportion, and others give or take, or not.
* :mod:`planning.biproportion` fits two margins at once.

Shares are reckoned in double precision and then corrected to the unit, so totals are limited to :data:`MOST`. Weights of
equal size get equal shares, the remainder going to the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST = 10**15
"""Largest total: ten trillion yuan in cents."""


class Unsplittable(ValueError):
    """A total cannot be laid out. ``code`` says why, ``amount`` by how much where that is a number, ``places`` where.

    ``locked_above``: what is locked is more than the total. ``all_locked``: nothing is free to take the rest.
    ``no_weights``: all weights are 0. ``negative_weights``: some are below 0. ``not_a_number``: a weight is none.
    ``too_large``: the total is above :data:`MOST`. ``margins_differ``: rows and columns are to have different sums.
    ``no_fit``: no filling of the allowed cells has these margins.
    """

    def __init__(self, code: str, *, amount: int = 0, places: Sequence[int] = ()) -> None:
        super().__init__(code)
        self.code, self.amount, self.places = code, amount, tuple(int(place) for place in places)


def apportion(
    total: int,
    weights: Sequence[float] | Floats | Ints,
    *,
    locked: Sequence[int | None] | None = None,
    step: int = 1,
) -> list[int]:
    """``total`` in one whole number a weight, in proportion, adding up exactly.

    ``locked``: a number where a cell keeps its own, ``None`` where it is free. ``step``: shares are multiples of it (100
    for whole yuan), but for what the total and the locked cells leave over, which the largest share takes. Raises :class:`Unsplittable`.
    """
    cells = np.asarray(weights, dtype=np.float64)
    if cells.size == 0:
        if total:
            raise Unsplittable("no_weights", amount=total)
        return []
    held = np.zeros(cells.size, dtype=bool)
    values = np.zeros(cells.size, dtype=np.int64)
    for place, value in enumerate(locked or ()):
        if value is not None:
            held[place], values[place] = True, value
    group = np.zeros(cells.size, dtype=np.int64)
    done = apportion_groups(
        np.array([_checked(total)], dtype=np.int64), cells, group, values=values, locked=held, step=step
    )
    return [int(value) for value in done]


def apportion_groups(
    totals: Ints,
    weights: Floats,
    group: Ints,
    *,
    values: Ints | None = None,
    locked: Bools | None = None,
    step: int = 1,
) -> Ints:
    """Many totals at once: cell ``i`` belongs to ``group[i]`` and gets its share of ``totals[group[i]]``.

    ``values`` are what the cells hold, kept where ``locked``. Every group adds up to its total exactly. Raises
    :class:`Unsplittable` with the groups as ``places``; of ``negative_weights`` and ``not_a_number``, the cells.
    """
    _check_weights(weights)
    count = len(totals)
    held = np.zeros(len(weights), dtype=bool) if locked is None else locked
    result = np.zeros(len(weights), dtype=np.int64)
    rest = totals.copy()
    if values is not None and held.any():
        result[held] = values[held]
        np.subtract.at(rest, group[held], values[held])
    _check_rest(totals, rest, group, held)
    free = ~held
    parts = _shares(rest, weights[free], group[free], count, step)
    result[free] = parts
    return result


def _shares(rest: Ints, weights: Floats, group: Ints, count: int, step: int) -> Ints:
    """Free cells only. Signs are put aside: a negative rest is laid out as its positive one."""
    sums = np.bincount(group, weights=weights, minlength=count)
    if (poor := np.flatnonzero((sums <= 0) & (rest != 0))).size:
        raise Unsplittable("no_weights", amount=int(rest[poor[0]]), places=poor.tolist())
    units, left_over = np.divmod(np.abs(rest), step)
    safe = np.where(sums > 0, sums, 1.0)
    quotas = units[group] * (weights / safe[group])
    whole = np.floor(quotas).astype(np.int64)
    missing = units - np.bincount(group, weights=whole, minlength=count).astype(np.int64)
    order = np.lexsort((np.arange(len(group)), -(quotas - whole), weights <= 0, group))
    whole = _hand_out(whole, missing, order, group, np.bincount(group[weights > 0], minlength=count))
    whole *= step
    if left_over.any():
        biggest = np.lexsort((np.arange(len(group)), -whole, weights <= 0, group))
        first = biggest[_rank(biggest, group) == 0]
        whole[first] += left_over[group[first]]
    return whole * np.where(rest < 0, -1, 1)[group]


def _hand_out(whole: Ints, missing: Ints, order: npt.NDArray[np.int64], group: Ints, able: Ints) -> Ints:
    """One unit each to the largest remainders, as many as are missing; more than one round where doubles were coarse."""
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = _rank(order, group)
    able = np.maximum(able, 1)
    rounds, extra = np.divmod(missing, able)
    takes = rank < able[group]
    whole = whole + np.where(takes, rounds[group], 0) + (rank < extra[group])
    if (whole < 0).any():  # pragma: no cover - a quota is never that far off below MOST
        raise Unsplittable("too_large")
    return whole


def _rank(order: npt.NDArray[np.int64], group: Ints) -> Ints:
    """The place of each cell within its group, in the given order, which has groups together."""
    ordered = group[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, int)
    lengths = np.diff(np.r_[starts, len(ordered)])
    return np.arange(len(ordered), dtype=np.int64) - np.repeat(starts, lengths)


def retarget(
    values: Ints,
    cell: Bools,
    total: int,
    *,
    locked: Bools | None = None,
    others: Bools | None = None,
    weights: Floats | None = None,
    step: int = 1,
) -> Ints:
    """The leaves after the cell that ``cell`` marks got ``total``; a new array of the same shape.

    The cell's free leaves follow in proportion to what they hold (or to ``weights``); where all hold nothing, each alike.
    ``others`` marks the leaves that give or take the difference, so that the sum of both stays; without it the sum
    changes. Locked leaves never change. Raises :class:`Unsplittable`.
    """
    held = np.zeros(values.shape, dtype=bool) if locked is None else locked
    difference = _checked(total) - int(values[cell].sum())
    result = values.copy()
    result[cell] = _scaled(values[cell], total, held[cell], None if weights is None else weights[cell], step)
    if others is not None and difference:
        rest = others & ~cell
        result[rest] = _scaled(values[rest], int(values[rest].sum()) - difference, held[rest], None, 1)
    return result


def _scaled(values: Ints, total: int, held: Bools, weights: Floats | None, step: int) -> Ints:
    free = ~held
    if not free.any():
        if int(values.sum()) != total:
            raise Unsplittable("all_locked", amount=total - int(values.sum()))
        return values
    by = np.abs(values).astype(np.float64) if weights is None else weights
    if weights is None and not by[free].any():
        by = np.ones(len(values))
    group = np.zeros(len(values), dtype=np.int64)
    return apportion_groups(
        np.array([total], dtype=np.int64), by, group, values=values, locked=held, step=step
    )


def _checked(total: Any) -> int:
    number = int(total)
    if abs(number) > MOST:
        raise Unsplittable("too_large", amount=number)
    return number


def _check_weights(weights: Floats) -> None:
    if not np.isfinite(weights).all():
        raise Unsplittable("not_a_number", places=np.flatnonzero(~np.isfinite(weights)).tolist())
    if (weights < 0).any():
        raise Unsplittable("negative_weights", places=np.flatnonzero(weights < 0).tolist())


def _check_rest(totals: Ints, rest: Ints, group: Ints, held: Bools) -> None:
    """Locks leave a rest on the side of zero where the total is, and somebody to take it."""
    over = np.flatnonzero((totals >= 0) & (rest < 0) | (totals < 0) & (rest > 0))
    if over.size:
        raise Unsplittable("locked_above", amount=-int(rest[over[0]]), places=over.tolist())
    free = np.bincount(group[~held], minlength=len(totals))
    if (stuck := np.flatnonzero((free == 0) & (rest != 0))).size:
        raise Unsplittable("all_locked", amount=int(rest[stuck[0]]), places=stuck.tolist())
