"""Which cells of a grid lie within which others, told from their tokens and the tree of the rows.

Where a sum and figures below it are both typed, the figures below count: they say more. So of any set of cells the
finest remain, and those never overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from shengce.people.models import User
from shengce.targets.columns import tree_rows
from shengce.targets.dimensions import BY_CODE

T = TypeVar("T")
ALL = "all"


class Overlaps:
    """For grids whose rows are of the dimension ``code``."""

    def __init__(self, code: str, user: User) -> None:
        self._code = code
        tree = BY_CODE[code].tree
        self._paths = {node.pk: node.path for node in tree_rows(code, user)} if tree else {}

    def finest(self, cells: Iterable[T], *, key: Callable[[T], tuple[str, str]]) -> tuple[list[T], list[T]]:
        """Those within which no other cell lies, and the others. ``key`` gives the tokens of a cell's
        row and column; the sum of a row has no column.
        """
        listed = list(cells)
        split = [key(cell) for cell in listed]
        columns_of: dict[str, set[str]] = {}
        for row, column in split:
            columns_of.setdefault(row, set()).add(column)
        yields: set[tuple[str, str]] = set()
        for row, column in split:
            if column:
                yields.add((row, ""))
            for above in self._above(row):
                touched = columns_of.get(above, set())
                yields |= {(above, each) for each in touched if not column or each in ("", column)}
        finest = [cell for cell, place in zip(listed, split, strict=True) if place not in yields]
        others = [cell for cell, place in zip(listed, split, strict=True) if place in yields]
        return finest, others

    def _above(self, row: str) -> Sequence[str]:
        """The rows that a row lies within."""
        if row == ALL:
            return ()
        head, _dot, rep = row.partition(".")
        node = head.rpartition("-")[2]
        path = self._paths.get(int(node), "") if node.isdecimal() else ""
        nodes = [part for part in path.split("/") if part]
        above = [ALL, *(f"{self._code}-{part}" for part in nodes if rep or part != node)]
        if rep:
            above += [f"{self._code}-{part}.{rep}" for part in nodes if part != node]
        return above
