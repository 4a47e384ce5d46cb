"""Which leaves belong to a cell, told from leaves that are in memory: thousands of cells cost no query each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from shengce.planning.allocation import Bools, Ints
from shengce.targets.dimensions import BY_CODE
from shengce.targets.leaves import PLACE, Leaves


class Membership:
    """Answers for one table of leaves. What was asked once is kept, as places and not as masks: there may be thousands of reps
    among hundreds of thousands of leaves.
    """

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._numbers: dict[str, tuple[dict[Any, int], Ints]] = {}
        self._sorted: dict[str, tuple[Ints, Ints]] = {}
        self._paths: dict[str, dict[Any, str]] = {}
        self._known: dict[tuple[str, Any], Ints] = {}

    def of(self, where: Mapping[str, Any]) -> Bools:
        """Which leaves ``where`` chooses, as :func:`targets.dimensions.condition` would."""
        marked = np.zeros(len(self._leaves), dtype=bool)
        marked[self.rows(where)] = True
        return marked

    def at(self, code: str, value: Any) -> Bools:
        """Which leaves lie at a value of a dimension; of a tree, at or below it."""
        return self.of({code: value})

    def rows(self, where: Mapping[str, Any]) -> Ints:
        """The places of the leaves that ``where`` chooses, in their order."""
        if not where:
            return np.arange(len(self._leaves))
        asked = sorted(where.items(), key=lambda item: len(self._rows_at(*item)))
        found = self._rows_at(*asked[0])
        for code, value in asked[1:]:
            numbers, of_leaf = self._column(code)
            wanted = [numbers[each] for each in self._at_or_below(code, value or None) if each in numbers]
            found = found[np.isin(of_leaf[found], wanted)]
        return found

    def _rows_at(self, code: str, value: Any) -> Ints:
        value = None if value == "" else value
        if (code, value) not in self._known:
            numbers, of_leaf = self._column(code)
            if code not in self._sorted:
                order = np.argsort(of_leaf, kind="stable")
                self._sorted[code] = order, np.searchsorted(of_leaf[order], np.arange(len(numbers) + 1))
            order, starts = self._sorted[code]
            wanted = [numbers[each] for each in self._at_or_below(code, value) if each in numbers]
            parts = [order[starts[number] : starts[number + 1]] for number in wanted]
            self._known[code, value] = (
                np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
            )
        return self._known[code, value]

    def _column(self, code: str) -> tuple[dict[Any, int], Ints]:
        """A number for each value that occurs, and the number of each leaf."""
        if code not in self._numbers:
            numbers: dict[Any, int] = {}
            place = PLACE[code]
            of_leaf = [numbers.setdefault(key[place] or None, len(numbers)) for key in self._leaves.keys]
            self._numbers[code] = numbers, np.array(of_leaf, dtype=np.int64)
        return self._numbers[code]

    def _at_or_below(self, code: str, value: Any) -> list[Any]:
        dimension = BY_CODE[code]
        if value is None or not dimension.tree or dimension.model is None:
            return [value]
        if code not in self._paths:
            self._paths[code] = dict(dimension.model._default_manager.values_list("pk", "path"))
        paths = self._paths[code]
        if value not in paths:
            return []
        return [node for node, path in paths.items() if path.startswith(paths[value])]
