"""The grid: rows along one dimension, columns along time or another one, sums in both margins, history beside each row.

A tree is summed by its nodes with one query; the reps of a unit are read only where the unit is open. So a page costs the
same few queries whether a firm has ten reps or ten thousand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.customers.models import Customer
from shengce.people.models import Role, Unit, User
from shengce.people.queries import visible_users
from shengce.people.working_days import working_calendar
from shengce.planning.periods import FiscalYear, Span, guessed_years
from shengce.targets.belonging import Belonging
from shengce.targets.columns import PAGE, Asked, Column, Layout, layout_of, names_of, tree_rows
from shengce.targets.dimensions import BY_CODE
from shengce.targets.history import months_before, reached_before
from shengce.targets.locks import ByColumn, Locks, rolled_locks
from shengce.targets.models import MONTHS, Metric, TargetRow, TargetVersion
from shengce.targets.queries import Twelve, planned, planned_and_locked
from shengce.targets.sources import may_learn

OPEN_ALL = 60
"""A tree of at most so many nodes starts open."""
HEATS = 6


@dataclass(slots=True)
class Row:
    """``amounts`` by column, minor units; ``last`` the twelve months of the year before.

    ``closed`` are places of columns at which nothing can be typed, -1 for the row's sum: see :mod:`targets.belonging`.
    """

    token: str
    label: str
    depth: int = 0
    node: int | None = None
    is_open: bool | None = None
    amounts: list[int] = field(default_factory=list)
    total: int = 0
    last: Twelve = (0,) * 12
    last_total: int = 0
    locked: list[str] = field(default_factory=list)
    is_end: bool = True
    closed: frozenset[int] = frozenset()

    @property
    def change(self) -> float | None:
        """Against last year, as a share; ``None`` where there was nothing, or nothing is planned yet."""
        return (self.total - self.last_total) / self.last_total if self.last_total and self.total else None


@dataclass(slots=True)
class Grid:
    """``notes`` are things to know about the figures, in words."""

    asked: Asked
    columns: list[Column]
    rows: list[Row]
    total: Row
    has_next: bool = False
    notes: list[str] = field(default_factory=list)


def grid(version: TargetVersion, asked: Asked, *, user: User) -> Grid:
    """The page as asked. Raises ``KeyError`` for a dimension that does not exist."""
    year = version.target_set.year
    layout = layout_of(version, asked, user)
    builder = _Builder(version, asked, user, year, layout)
    rows, has_next = builder.rows()
    total = builder.row(
        "all", pgettext("sum", "Total"), builder.totals(), builder.history(()).get((), (0,) * 12)
    )
    total.is_end = False
    notes = []
    if asked.columns == "week" and (guessed := guessed_years(_shown(year, asked.months), working_calendar())):
        notes.append(
            _(
                "The holidays of %(years)s are not known yet: Monday to Friday were taken. Enter known days in the calendar."
            )
            % {"years": ", ".join(map(str, guessed))}
        )
    before = months_before(year, timezone.localdate())
    if before.end_on < year.start_on and may_learn(user, asked.metric.code):
        notes.append(
            _("The year before is not over: “last year” stands for the twelve months until %(month)s.")
            % {"month": f"{before.end_on - dt.timedelta(days=1):%Y-%m}"}
        )
    notes += layout.notes
    return Grid(asked, layout.columns, rows, total, has_next, notes)


class _Builder:
    """Rows of one page. Sums, locks and history are read by the same keys and rolled up the same way."""

    def __init__(
        self, version: TargetVersion, asked: Asked, user: User, year: FiscalYear, layout: Layout
    ) -> None:
        self.version, self.asked, self.user, self.year, self.layout = version, asked, user, year, layout
        self._read: dict[Any, dict[tuple[Any, ...], dict[Any, Twelve]]] = {}
        self._locks = Locks(version, asked, user, layout)
        self._has_locks = False
        self._belonging = Belonging(asked.filters, layout)

    def rows(self) -> tuple[list[Row], bool]:
        code = self.asked.rows
        if code == "unit":
            return self._organisation(), False
        if BY_CODE[code].tree:
            return self._tree(code), False
        return self._flat(code)

    def sums(self, by: tuple[str, ...], **more: Any) -> dict[tuple[Any, ...], dict[Any, Twelve]]:
        """Row key → value of the column dimension (``None`` for times) → twelve months."""
        memo = (by, tuple(sorted((code, str(value)) for code, value in more.items())))
        if memo in self._read:
            return self._read[memo]
        columns = (self.layout.dimension,) if self.layout.dimension else ()
        found = planned_and_locked(
            self.version,
            self.asked.metric.code,
            by=(*by, *columns),
            user=self.user,
            where={**self.asked.filters, **more},
            level=self.asked.level,
        )
        answer: dict[tuple[Any, ...], dict[Any, Twelve]] = {}
        for key, twelve in found.items():
            row, column = (key[:-1], key[-1]) if columns else (key, None)
            answer.setdefault(row, {})[column] = twelve[: len(MONTHS)]
            self._has_locks = self._has_locks or twelve[len(MONTHS)] > 0
        self._read[memo] = answer
        return answer

    def totals(self) -> dict[Any, Twelve]:
        """The sums of all rows by the value of the column dimension, from what the rows were made of."""
        answer: dict[Any, list[int]] = {}
        for by_column in self.sums((self.asked.rows,)).values():
            for column, twelve in by_column.items():
                into = answer.setdefault(column, [0] * len(MONTHS))
                for month, amount in enumerate(twelve):
                    into[month] += amount
        return {column: tuple(sums) for column, sums in answer.items()}

    def history(self, by: tuple[str, ...], **more: Any) -> dict[tuple[Any, ...], Twelve]:
        if not may_learn(self.user, self.asked.metric.code):
            return {}
        where = {**self.asked.filters, **more}
        if self.user.role == Role.MANAGER and "unit" not in where:
            where["unit"] = self.user.unit_id
        elif self.user.role == Role.REP:
            where["rep"] = self.user.pk
        return reached_before(self.asked.metric.code, self.year, by=by, where=where)

    def row(self, token: str, label: str, sums: Mapping[Any, Twelve], last: Twelve, **more: Any) -> Row:
        amounts = self.layout.amounts(sums, self.asked.months)
        total = sum(sum(twelve[month] for month in self.asked.months) for twelve in sums.values())
        last_total = sum(last[month] for month in self.asked.months)
        return Row(
            token, label, amounts=amounts, total=total, last=last, last_total=last_total,
            closed=self._belonging.closed(token, sums), **more,
        )  # fmt: skip

    def _organisation(self) -> list[Row]:
        nodes = list(tree_rows("unit", self.user))
        if chosen := self.asked.filters.get("unit"):
            path = next((node.path for node in nodes if node.pk == chosen), "-")
            nodes = [node for node in nodes if node.path.startswith(path)]
        opened = self._opened(nodes)
        with_reps = [node.pk for node in nodes if node.pk in opened]
        by_rep = self.sums(("unit", "rep"), unit=with_reps) if with_reps else {}
        last_rep = self._history_of_reps()
        people: dict[int, dict[int, str]] = {}
        sellers = visible_users(self.user).filter(role=Role.REP, is_active=True, unit__in=with_reps)
        for pk, name, unit in sellers.order_by("display_name", "pk").values_list(
            "pk", "display_name", "unit"
        ):
            people.setdefault(unit, {})[pk] = name
        strangers = {rep for unit, rep in by_rep if rep and rep not in people.get(unit, {})}
        names = names_of("rep", list(strangers)) if strangers else {}
        for unit, rep in by_rep:
            if rep and rep not in people.get(unit, {}):
                people.setdefault(unit, {})[rep] = names.get(rep, "?")
        if rep := self.asked.filters.get("rep"):
            people = {unit: {pk: n for pk, n in reps.items() if pk == rep} for unit, reps in people.items()}

        rep_locks = self._locked(("unit", "rep"), unit=with_reps)

        def ends(unit: int, depth: int) -> list[Row]:
            rows = [
                self.row(
                    f"unit-{unit}.rep-{pk}",
                    name,
                    by_rep.get((unit, pk), {}),
                    last_rep.get(pk, (0,) * 12),
                    depth=depth,
                )
                for pk, name in people.get(unit, {}).items()
            ]
            for row, pk in zip(rows, people.get(unit, {}), strict=True):
                row.locked = self._locks.shown(rep_locks.get((unit, pk), {}))
            direct = by_rep.get((unit, None), {})
            if any(any(twelve) for twelve in direct.values()) and (
                rows or any(n.parent_id == unit for n in nodes)
            ):
                rest = self.row(
                    f"unit-{unit}.rep-none",
                    pgettext("grid", "Not handed down yet"),
                    direct,
                    (0,) * 12,
                    depth=depth,
                )
                rest.is_end = False
                rows.append(rest)
            return rows

        return self._nodes("unit", nodes, opened, ends)

    def _history_of_reps(self) -> dict[Any, Twelve]:
        return {key[0]: months for key, months in self.history(("rep",)).items()}

    def _tree(self, code: str) -> list[Row]:
        nodes = list(tree_rows(code, self.user))
        if chosen := self.asked.filters.get(code):
            path = next((node.path for node in nodes if node.pk == chosen), "-")
            nodes = [node for node in nodes if node.path.startswith(path)]
        rows = self._nodes(code, nodes, self._opened(nodes), lambda _node, _depth: [])
        nothing = self.sums((code,)).get((None,))
        if nothing and any(any(twelve) for twelve in nothing.values()):
            last = self.history((code,)).get((None,), (0,) * 12)
            rows.append(self.row(f"{code}-none", pgettext("grid", "Not split"), nothing, last))
        return rows

    def _opened(self, nodes: Sequence[Any]) -> set[int]:
        if self.asked.opened is not None:
            return set(self.asked.opened)
        if len(nodes) <= OPEN_ALL:
            return {node.pk for node in nodes}
        first = min((node.path.count("/") for node in nodes), default=0)
        return {node.pk for node in nodes if node.path.count("/") == first}

    def _nodes(self, code: str, nodes: Sequence[Any], opened: set[int], ends: Any) -> list[Row]:
        sums = _rolled({key[0]: value for key, value in self.sums((code,)).items()}, nodes)
        last = _rolled({key[0]: {None: value} for key, value in self.history((code,)).items()}, nodes)
        locks = rolled_locks({key[0]: value for key, value in self._locked((code,)).items()}, nodes)
        with_children = {node.parent_id for node in nodes}
        top = min((node.path.count("/") for node in nodes), default=0)
        hidden: list[str] = []
        rows: list[Row] = []
        for node in nodes:
            if any(node.path.startswith(path) for path in hidden):
                continue
            depth = node.path.count("/") - top
            below = ends(node.pk, depth + 1) if node.pk in opened else []
            foldable = node.pk in with_children or bool(below) or (code == "unit" and node.pk not in opened)
            row = self.row(
                f"{code}-{node.pk}",
                node.name,
                sums.get(node.pk, {}),
                last.get(node.pk, {}).get(None, (0,) * 12),
                depth=depth,
            )
            if not (getattr(node, "active", True) or row.total or row.last_total):
                continue  # a closed product line in which nothing was
            row.node, row.is_open = node.pk, (node.pk in opened) if foldable else None
            row.is_end = not foldable
            row.locked = self._locks.shown(locks.get(node.pk, {}))
            rows.append(row)
            if node.pk not in opened:
                hidden.append(node.path)
            rows += below
        return rows

    def _flat(self, code: str) -> tuple[list[Row], bool]:
        sums, last = self.sums((code,)), self.history((code,))
        dimension = BY_CODE[code]
        start, size = (self.asked.page - 1) * self.asked.size, self.asked.size
        if dimension.model is None:
            shown: list[tuple[Any, str]] = [(value, str(label)) for value, label in dimension.choices]
            has_next = False
        else:
            totals = {key[0]: sum(map(sum, by.values())) for key, by in sums.items() if key[0] is not None}
            for pk in self._also(code):
                totals.setdefault(pk, 0)
            order = sorted(totals, key=lambda pk: (-totals[pk], pk))
            has_next = len(order) > start + size
            order = order[start : start + size]
            names = names_of(code, order)
            shown = [(pk, names.get(pk, str(pk))) for pk in order]
        locks = self._locked((code,))
        rows = []
        for value, label in shown:
            row = self.row(f"{code}-{value}", label, sums.get((value,), {}), last.get((value,), (0,) * 12))
            row.locked = self._locks.shown(locks.get((value,), {}))
            rows.append(row)
        if (nothing := sums.get((None,))) and not has_next and any(any(t) for t in nothing.values()):
            rows.append(self.row(f"{code}-none", pgettext("grid", "Not split"), nothing, (0,) * 12))
        return rows, has_next

    def _also(self, code: str) -> list[int]:
        """Those without a figure yet: sellers of one's scope, and the customers of the rep that is filtered by."""
        if code == "rep":
            people = visible_users(self.user).filter(role=Role.REP, is_active=True)
            if unit := self.asked.filters.get("unit"):
                path = Unit.objects.filter(pk=unit).values_list("path", flat=True).first()
                people = people.filter(unit__path__startswith=path or "-")
            return list(people.values_list("pk", flat=True)[: PAGE * 5])
        rep = self.asked.filters.get("rep")
        if code == "customer" and rep:
            return list(
                Customer.objects.visible_to(self.user)
                .filter(owner=rep)
                .values_list("pk", flat=True)[: PAGE * 5]
            )
        return []

    def _locked(self, by: tuple[str, ...], **more: Any) -> Mapping[tuple[Any, ...], ByColumn]:
        """What is locked by row. No query where the sums met no lock."""
        return self._locks.by(by, **more) if self._has_locks else {}


def _shown(year: FiscalYear, months: tuple[int, ...]) -> Span:
    """From the first month that is shown to the end of the last."""
    return Span(year.months[months[0]].start_on, year.months[months[-1]].end_on)


def _rolled(
    by_node: Mapping[Any, Mapping[Any, Twelve]], nodes: Sequence[Any]
) -> dict[Any, dict[Any, Twelve]]:
    """Sums of nodes with all below them, by column value."""
    paths = {node.pk: node.path for node in nodes}
    answer: dict[Any, dict[Any, list[int]]] = {}
    for node, columns in by_node.items():
        for part in paths.get(node, "").split("/"):
            if not part:
                continue
            into = answer.setdefault(int(part), {})
            for column, twelve in columns.items():
                sums = into.setdefault(column, [0] * 12)
                for month in range(len(MONTHS)):
                    sums[month] += twelve[month]
    return {node: {column: tuple(s) for column, s in columns.items()} for node, columns in answer.items()}


def cell_total(
    version: TargetVersion,
    metric: Metric,
    where: Mapping[str, Any],
    months: tuple[int, ...],
    *,
    user: User,
    level: str,
) -> int:
    """The sum of one cell, as the panel beside the grid shows it."""
    sums = planned(version, metric.code, by=(), user=user, where=where, level=level).get((), (0,) * 12)
    return sum(sums[month] for month in months)


def used_metrics(version: TargetVersion) -> set[int]:
    """Metrics that have leaves in the version."""
    return set(
        TargetRow.objects.filter(version=version).order_by().values_list("metric", flat=True).distinct()
    )
