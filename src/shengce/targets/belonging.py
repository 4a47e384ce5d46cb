"""Which cells of a grid make no sense: a rep's figure in a unit in which he does not stand. Typing is not offered there.

What is there already stays: a rep who moved keeps the cells of the unit that he left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from shengce.people.models import Unit, User
from shengce.targets.cells import read_value
from shengce.targets.columns import Layout

UNSAID = object()
"""Nobody asks for this dimension: neither the filters nor the row nor the column."""


class Belonging:
    """For one page. Costs a query or two where units and reps meet on it, else none."""

    def __init__(self, filters: Mapping[str, Any], layout: Layout) -> None:
        self._filters, self._layout = filters, layout

    def closed(self, row: str, held: Collection[Any]) -> frozenset[int]:
        """Places of the columns that are closed in a row, -1 for its sum. ``held``: values of the columns' dimension with leaves."""
        asked = self._with(self._filters, row)
        code = self._layout.dimension
        if not held and not self._fits(asked):
            return frozenset(range(-1, len(self._layout.columns)))
        if code not in ("rep", "unit"):
            return frozenset()
        there = {self._layout.values.get(value, self._layout.values[None]) for value in held}
        return frozenset(
            place
            for place, column in enumerate(self._layout.columns)
            if place not in there and not self._fits(self._with(asked, column.token))
        )

    def _with(self, asked: Mapping[str, Any], token: str) -> dict[str, Any]:
        """What is asked for with a row or a column more. Of two reps, neither: ``None`` twice would be one."""
        found = dict(asked)
        for part in token.split("."):
            code, _dash, text = part.partition("-")
            if code == "rep" and code in found and found[code] != read_value(code, text):
                found["nobody"] = True
            if code in ("rep", "unit"):
                found[code] = read_value(code, text)
        return found

    def _fits(self, asked: Mapping[str, Any]) -> bool:
        rep, unit = asked.get("rep", UNSAID), asked.get("unit", UNSAID)
        if "nobody" in asked or unit is None:
            return False  # every new leaf lies in a unit
        if rep in (UNSAID, None) or unit is UNSAID:
            return True
        return self._paths_of_reps.get(rep, "-").startswith(self._paths_of_units.get(unit, "/-"))

    @cached_property
    def _paths_of_reps(self) -> dict[Any, str]:
        return dict(User.objects.filter(unit__isnull=False).values_list("pk", "unit__path"))

    @cached_property
    def _paths_of_units(self) -> dict[Any, str]:
        return dict(Unit.objects.values_list("pk", "path"))
