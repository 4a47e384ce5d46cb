"""The columns of the grid: times, or the values of a dimension, and how sums become the amounts of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.people.models import Role, User
from shengce.people.queries import visible_units
from shengce.people.working_days import working_calendar
from shengce.planning.periods import FiscalYear, Span, working_days
from shengce.targets.cells import ALL_MONTHS
from shengce.targets.dimensions import BY_CODE
from shengce.targets.models import Level, Metric, TargetVersion
from shengce.targets.queries import Twelve, planned

TIMES = ("quarter", "month", "week")
MOST_COLUMNS = 40
PAGE = 200
"""Rows of a page where they are not a tree."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page shows. ``filters`` choose leaves; ``months`` are those that are shown; ``open`` are nodes of the row tree."""

    metric: Metric
    level: str = Level.TARGET
    rows: str = "unit"
    columns: str = "month"
    filters: Mapping[str, Any] = field(default_factory=dict)
    months: tuple[int, ...] = ALL_MONTHS
    opened: frozenset[int] | None = None
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True, slots=True)
class Column:
    """``token`` addresses it; a week has none, because its figures follow from the month's."""

    token: str
    label: str
    title: str = ""


class Layout:
    """Columns, and how twelve months (or sums by a dimension) become their amounts."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self.notes: list[str] = []
        self.groups: list[tuple[int, ...]] = []
        self.weeks: list[list[tuple[int, int, int, int]]] = []
        self.values: dict[Any, int] = {}
        self.dimension = ""

    def amounts(self, sums: Mapping[Any, Twelve], months: tuple[int, ...]) -> list[int]:
        """``sums`` is value of the column dimension → twelve months; ``None`` stands for all where columns are times."""
        if self.dimension:
            answer = [0] * len(self.columns)
            for value, twelve in sums.items():
                place = self.values.get(value, self.values.get(None, -1))
                if place >= 0:
                    answer[place] += sum(twelve[month] for month in months)
            return answer
        twelve = sums.get(None, (0,) * 12)
        if self.weeks:
            return [
                sum(twelve[m] * after // n - twelve[m] * before // n for m, before, after, n in parts)
                for parts in self.weeks
            ]
        return [sum(twelve[month] for month in group) for group in self.groups]


def layout_of(version: TargetVersion, asked: Asked, user: User) -> Layout:
    """The columns that are asked for."""
    layout = Layout()
    year = version.target_set.year
    if asked.columns == "week":
        _week_columns(layout, year, asked.months)
    elif asked.columns in TIMES:
        _time_columns(layout, year, asked)
    else:
        _dimension_columns(layout, version, asked, user)
    return layout


def _time_columns(layout: Layout, year: FiscalYear, asked: Asked) -> None:
    if asked.columns == "quarter":
        for number, quarter in enumerate(year.quarters, start=1):
            group = tuple(m for m in range(number * 3 - 3, number * 3) if m in asked.months)
            if group:
                layout.groups.append(group)
                title = f"{quarter.start_on:%Y-%m} – {year.months[number * 3 - 1].start_on:%Y-%m}"
                layout.columns.append(Column(f"quarter-{number}", f"Q{number}", title))
        return
    for index in asked.months:
        first = year.months[index].start_on
        layout.groups.append((index,))
        layout.columns.append(Column(f"month-{index + 1}", month_name(first), f"{first:%Y-%m}"))


def month_name(first: dt.date) -> str:
    """Short, in the reader's language: ``Jan``, ``1月``."""
    return date_format(first, pgettext("format of a month", "M"))


def _week_columns(layout: Layout, year: FiscalYear, months: tuple[int, ...]) -> None:
    """Working days before and after each week within its months; a month without any shows in its first week."""
    calendar = working_calendar()
    span = Span(year.months[months[0]].start_on, year.months[months[-1]].end_on)
    days = {index: working_days(year.months[index], calendar) for index in months}
    for index in months:
        if not days[index]:
            layout.notes.append(
                _("Nobody works in %(month)s: its figures cannot be laid on weeks and show on its first day.")
                % {"month": f"{year.months[index].start_on:%Y-%m}"}
            )
            days[index] = [year.months[index].start_on]
    for week in year.weeks(span):
        parts = []
        for index in months:
            within = [number for number, day in enumerate(days[index]) if day in week]
            if within:
                parts.append((index, within[0], within[-1] + 1, len(days[index])))
        layout.weeks.append(parts)
        last = week.end_on - dt.timedelta(days=1)
        works = sum(after - before for _m, before, after, _n in parts)
        title = _("%(first)s to %(last)s, %(days)d working days")
        layout.columns.append(
            Column(
                "",
                f"{week.start_on.month}/{week.start_on.day}",
                title % {"first": week.start_on, "last": last, "days": works},
            )
        )


def _dimension_columns(layout: Layout, version: TargetVersion, asked: Asked, user: User) -> None:
    code = asked.columns
    dimension = BY_CODE[code]
    layout.dimension = code
    if dimension.model is None:
        shown = [(value, str(label)) for value, label in dimension.choices]
    elif dimension.tree:
        shown = _top_nodes(layout, code, asked.filters.get(code), user)
    else:
        keys = planned(
            version, asked.metric.code, by=(code,), user=user, where=asked.filters, level=asked.level
        )
        ids = [key[0] for key in sorted(keys, key=lambda k: -sum(keys[k])) if key[0] is not None]
        names = names_of(code, ids[:MOST_COLUMNS])
        shown = [(pk, names.get(pk, str(pk))) for pk in ids[:MOST_COLUMNS]]
        if len(ids) > MOST_COLUMNS:
            layout.notes.append(
                _("Only the %(most)d largest are shown; the sums hold all.") % {"most": MOST_COLUMNS}
            )
    for value, label in shown:
        layout.values.setdefault(value, len(layout.columns))
        layout.columns.append(Column(f"{code}-{value}", label))
    layout.values[None] = len(layout.columns)
    layout.columns.append(Column(f"{code}-none", pgettext("grid", "Not split")))


def _top_nodes(layout: Layout, code: str, node: Any, user: User) -> list[tuple[Any, str]]:
    """The roots of a tree, or what lies directly below the one that is filtered by; what lies deeper is summed into them."""
    rows = list(tree_rows(code, user))
    visible = {row.pk for row in rows}
    roots = (
        [row for row in rows if row.parent_id == node]
        if node
        else [row for row in rows if row.parent_id not in visible]
    )
    if not node and len(roots) == 1:
        below = [row for row in rows if row.parent_id == roots[0].pk]
        roots = below or roots
    number = {row.pk: place for place, row in enumerate(roots)}
    for row in rows:
        for part in row.path.split("/"):
            if part and int(part) in number:
                layout.values[row.pk] = number[int(part)]
    return [(row.pk, row.name) for row in roots]


def tree_rows(code: str, user: User) -> Any:
    """The nodes of a tree in its order; of the organisation, a manager's own part."""
    if code == "unit" and user.role == Role.MANAGER:
        return visible_units(user).order_by("path")
    model: Any = BY_CODE[code].model
    return model._default_manager.order_by("path")


def names_of(code: str, ids: Sequence[Any]) -> dict[Any, str]:
    """Id → name of people, customers or nodes."""
    if code == "rep":
        return dict(User.objects.filter(pk__in=ids).values_list("pk", "display_name"))
    model: Any = BY_CODE[code].model
    return dict(model._default_manager.filter(pk__in=ids).values_list("pk", "name"))
