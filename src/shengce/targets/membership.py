"""Which leaves belong to a cell, told from leaves that are in memory: thousands of cells cost no query each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from shengce.planning.allocation import Bools, Ints
from shengce.targets.dimensions import BY_CODE
from shengce.targets.leaves import PLACE, Leaves


class Membership:
    """Answers for one table of leaves. What was asked once is kept."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._numbers: dict[str, tuple[dict[Any, int], Ints]] = {}
        self._paths: dict[str, dict[Any, str]] = {}
        self._known: dict[tuple[str, Any], Bools] = {}

    def of(self, where: Mapping[str, Any]) -> Bools:
        """Which leaves ``where`` chooses, as :func:`targets.dimensions.condition` would."""
        marked = np.ones(len(self._leaves), dtype=bool)
        for code, value in where.items():
            marked &= self.at(code, value)
        return marked

    def at(self, code: str, value: Any) -> Bools:
        """Which leaves lie at a value of a dimension; of a tree, at or below it."""
        value = None if value == "" else value
        if (code, value) not in self._known:
            numbers, of_leaf = self._column(code)
            wanted = [numbers[each] for each in self._at_or_below(code, value) if each in numbers]
            self._known[code, value] = np.isin(of_leaf, wanted)
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
