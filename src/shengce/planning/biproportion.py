"""Filling a table so that every row and every column adds up to what is wanted, as near to given proportions as can be.

Two steps. Iterative proportional fitting (Deming & Stephan 1940) finds the table of real numbers with both margins that
keeps the proportions. Then it is rounded to whole numbers with both margins exact: the biproportional apportionment with
standard rounding (Balinski & Demange 1989), found by rounding each row by itself and moving single units between columns
along the cheapest paths. A cell of weight 0 stays 0.
"""

from __future__ import annotations

import numpy as np

from shengce.planning.allocation import MOST, Bools, Floats, Ints, Unsplittable

_ROUNDS = 300
_NEAR = 1e-9
_MANY = 4
"""More units than so many a cell are moved in heaps: the fit has not come near, and only the sums matter."""


def fit(
    weights: Floats,
    rows: Ints,
    columns: Ints,
    *,
    values: Ints | None = None,
    locked: Bools | None = None,
) -> Ints:
    """Whole numbers in the shape of ``weights`` with row sums ``rows`` and column sums ``columns``.

    ``values`` are kept where ``locked``. Weights and margins are 0 or more. Raises :class:`Unsplittable`:
    ``margins_differ``, ``negative_weights``, ``locked_above`` (the rows as ``places``, columns after them), ``no_fit``.
    """
    wanted_rows, wanted_columns = rows.astype(np.int64), columns.astype(np.int64)
    kept = np.zeros(weights.shape, dtype=np.int64)
    free = weights.astype(np.float64)
    if not np.isfinite(free).all():
        raise Unsplittable("not_a_number")
    if (free < 0).any():
        raise Unsplittable("negative_weights", places=np.flatnonzero(free.ravel() < 0).tolist())
    if locked is not None and values is not None:
        kept = np.where(locked, values, 0)
        free = np.where(locked, 0.0, free)
        wanted_rows, wanted_columns = wanted_rows - kept.sum(axis=1), wanted_columns - kept.sum(axis=0)
    margins = np.r_[wanted_rows, wanted_columns]
    if (margins < 0).any():
        over = np.flatnonzero(margins < 0)
        raise Unsplittable("locked_above", amount=-int(margins[over[0]]), places=over.tolist())
    if wanted_rows.sum() != wanted_columns.sum():
        raise Unsplittable("margins_differ", amount=int(rows.sum() - columns.sum()))
    if int(wanted_rows.sum()) > MOST:
        raise Unsplittable("too_large")
    if len(wanted_rows) < len(wanted_columns):
        return kept + _whole(free.T, wanted_columns, wanted_rows).T
    return kept + _whole(free, wanted_rows, wanted_columns)


def fit_real(weights: Floats, rows: Floats, columns: Floats) -> Floats:
    """The table of real numbers by iterative proportional fitting; columns exact, rows as near as the rounds brought them."""
    table = weights / max(1.0, float(weights.max(initial=0.0)))
    for _round in range(_ROUNDS):
        table = table * _factors(rows, table.sum(axis=1))[:, None]
        sums = table.sum(axis=0)
        table = table * _factors(columns, sums)[None, :]
        if np.all(np.abs(sums - columns) <= _NEAR * np.maximum(1.0, columns)):
            break
    return table


def _factors(wanted: Floats, sums: Floats) -> Floats:
    return np.where(sums > 0, wanted / np.where(sums > 0, sums, 1.0), 0.0)


def _whole(weights: Floats, rows: Ints, columns: Ints) -> Ints:
    """Few columns, many rows. Rows are exact from the start, columns when no unit is left to move."""
    able = weights > 0
    poor = np.flatnonzero(np.r_[~able.any(axis=1) & (rows > 0), ~able.any(axis=0) & (columns > 0)])
    if poor.size:
        raise Unsplittable("no_fit", places=poor.tolist())
    fitted = fit_real(weights, rows.astype(np.float64), columns.astype(np.float64))
    fitted = np.where(able, np.maximum(fitted, 1e-12), 0.0)
    table = _rounded_rows(fitted, rows)
    _move_between_columns(table, fitted, columns)
    return table


def _rounded_rows(fitted: Floats, rows: Ints) -> Ints:
    """Each row by itself to its sum (Webster's method): a unit goes where a cell is furthest below its due."""
    fitted = fitted * _factors(rows.astype(np.float64), fitted.sum(axis=1))[:, None]
    table = np.where(fitted > 0, np.floor(fitted + 0.5), 0).astype(np.int64)
    while True:
        missing = rows - table.sum(axis=1)
        if not missing.any():
            return table
        for which, sign in ((np.flatnonzero(missing > 0), 1), (np.flatnonzero(missing < 0), -1)):
            if which.size:
                place = np.argmin(_cost(table[which], fitted[which], sign), axis=1)
                table[which, place] += sign


def _cost(table: Ints, fitted: Floats, sign: int) -> Floats:
    """What one unit more (or less) costs: the logarithm of the next boundary over the due. Infinite where it cannot be."""
    due = np.where(fitted > 0, fitted, 1.0)
    edge = table + (0.5 if sign > 0 else -0.5)
    allowed = (fitted > 0) & ((table > 0) | (sign > 0))
    ratio = np.where(allowed, (edge - due) / due, 0.0)
    return np.where(allowed, sign * np.log1p(np.maximum(ratio, -1 + 1e-15)), np.inf)


def _move_between_columns(table: Ints, fitted: Floats, columns: Ints) -> None:
    """Units from columns that hold too much to those that hold too little, in place, by cheapest paths."""
    add, take = _cost(table, fitted, 1), _cost(table, fitted, -1)
    while True:
        excess = table.sum(axis=0) - columns
        if not excess.any():
            return
        path = _path(add, take, excess)
        if path is None:
            raise Unsplittable("no_fit", places=(len(table) + np.flatnonzero(excess)).tolist())
        heap = 1
        if (off := int(np.abs(excess).sum())) > _MANY * table.size:
            room = min(int(table[row, source]) for row, source, _target in path)
            heap = max(1, min(room // 2, off // 4))
        for row, source, target in path:
            table[row, source] -= heap
            table[row, target] += heap
        changed = [row for row, _source, _target in path]
        add[changed], take[changed] = (_cost(table[changed], fitted[changed], sign) for sign in (1, -1))


Path = list[tuple[int, int, int]]
"""Moves ``(row, from column, to column)``."""


def _path(add: Floats, take: Floats, excess: Ints) -> Path | None:
    """From a column with too much to one with too little; ``None``: there is no way.

    The cheapest one. After heaps were moved the table may have cheaper rings in it, in which no cheapest path ends: then
    the one with the fewest moves.
    """
    count = add.shape[1]
    price, via = np.full((count, count), np.inf), np.zeros((count, count), dtype=np.int64)
    for source in range(count):
        able = np.flatnonzero(np.isfinite(take[:, source]))
        if able.size:
            moves = take[able, source][:, None] + add[able]
            best = np.argmin(moves, axis=0)
            price[source], via[source] = moves[best, np.arange(count)], able[best]
    np.fill_diagonal(price, np.inf)
    hops = np.where(np.isfinite(price), 1.0, np.inf)
    return _shortest(price, via, excess) or _shortest(hops, via, excess)


def _shortest(price: Floats, via: Ints, excess: Ints) -> Path | None:
    """Bellman and Ford over columns; ``None`` where no column in need is reached, or only in a ring."""
    count = len(price)
    distance = np.where(excess > 0, 0.0, np.inf)
    before = np.full(count, -1)
    for _step in range(count):
        reached = distance[:, None] + price
        best = np.argmin(reached, axis=0)
        nearer = reached[best, np.arange(count)] < distance
        nearer &= excess <= 0
        if not nearer.any():
            break
        before[nearer] = best[nearer]
        distance = np.where(nearer, reached[best, np.arange(count)], distance)
    short = np.flatnonzero((excess < 0) & np.isfinite(distance))
    if not short.size:
        return None
    target = int(short[np.argmin(distance[short])])
    path: Path = []
    while before[target] >= 0:
        if len(path) >= count:
            return None
        source = int(before[target])
        path.append((int(via[source, target]), source, target))
        target = source
    return path
