"""Which cells of the grid are locked, wholly or in part: a lock lies on a month of a leaf, a cell holds many of those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count

from shengce.people.models import User
from shengce.targets.columns import Asked, Layout
from shengce.targets.dimensions import BY_CODE
from shengce.targets.models import Metric, TargetVersion
from shengce.targets.queries import leaves

ByColumn = Mapping[Any, Mapping[int, int]]
"""Value of the column dimension (``None`` for times) → lock bits of twelve months → how many leaves have them."""


class Locks:
    """Those of one page."""

    def __init__(self, version: TargetVersion, asked: Asked, user: User, layout: Layout) -> None:
        self.version, self.asked, self.user, self.layout = version, asked, user, layout

    def by(self, by: tuple[str, ...], **more: Any) -> Mapping[tuple[Any, ...], ByColumn]:
        """What is locked by row key. One query."""
        columns = (self.layout.dimension,) if self.layout.dimension else ()
        rows = leaves(
            self.version,
            self.asked.metric.code,
            user=self.user,
            where={**self.asked.filters, **more},
            level=self.asked.level,
        )
        names = [BY_CODE[code].column for code in (*by, *columns)]
        answer: dict[tuple[Any, ...], dict[Any, dict[int, int]]] = {}
        for *key, bits, count in rows.order_by().values_list(*names, "locked").annotate(n=Count("pk")):
            cleaned = [None if value == "" else value for value in key]
            row, column = (tuple(cleaned[:-1]), cleaned[-1]) if columns else (tuple(cleaned), None)
            into = answer.setdefault(row, {}).setdefault(column, {})
            into[bits] = into.get(bits, 0) + count
        return answer

    def shown(self, by_column: ByColumn) -> list[str]:
        """For each column ``""``, ``some`` or ``all``: how many of its leaves' months are locked."""
        if not any(bits for counts in by_column.values() for bits in counts):
            return []
        if self.layout.weeks:
            return []
        if not self.layout.dimension:
            counts = by_column.get(None, {})
            return [_share(counts, group) for group in self.layout.groups]
        answer = [""] * len(self.layout.columns)
        for value, counts in by_column.items():
            place = self.layout.values.get(value, self.layout.values[None])
            mine = _share(counts, self.asked.months)
            answer[place] = mine if not answer[place] or answer[place] == mine else "some"
        return answer


def rolled_locks(
    by_node: Mapping[Any, ByColumn], nodes: Sequence[Any]
) -> dict[Any, dict[Any, dict[int, int]]]:
    """Of nodes with all below them, by column value."""
    paths = {node.pk: node.path for node in nodes}
    answer: dict[Any, dict[Any, dict[int, int]]] = {}
    for node, columns in by_node.items():
        for part in paths.get(node, "").split("/"):
            if part:
                for column, counts in columns.items():
                    into = answer.setdefault(int(part), {}).setdefault(column, {})
                    for bits, count in counts.items():
                        into[bits] = into.get(bits, 0) + count
    return answer


def cell_locked(
    version: TargetVersion,
    metric: Metric,
    where: Mapping[str, Any],
    months: tuple[int, ...],
    *,
    user: User,
    level: str,
) -> str:
    """Whether ``all``, ``some`` or none (empty) of a cell's leaves are locked."""
    rows = leaves(version, metric.code, user=user, where=where, level=level)
    counts = dict(rows.order_by().values_list("locked").annotate(n=Count("pk")))
    return _share(counts, months) if counts else ""


def _share(counts: Mapping[int, int], months: tuple[int, ...]) -> str:
    mask = sum(1 << month for month in months)
    if not any(bits & mask for bits in counts):
        return ""
    return "all" if all(bits & mask == mask for bits in counts) else "some"
