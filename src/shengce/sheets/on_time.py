"""Who hands his papers in on time: the papers that fell due in some days, counted by unit, person and kind.

Papers are expected because :func:`sheets.reminders.open_papers` begins them for every writer. What is excused is counted
apart and in no rate. Every number is the length of the list that :func:`papers_behind` gives.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from shengce.people.models import Unit, User
from shengce.planning.periods import Span
from shengce.sheets.forms_of_papers import in_force
from shengce.sheets.models import Paper, PaperTemplate
from shengce.sheets.wording import title_of

RESULTS: Mapping[str, Q] = {
    "due": Q(excused=False),
    "in_time": Q(excused=False, first_submitted_at__lte=F("due_at")),
    "late": Q(excused=False, first_submitted_at__gt=F("due_at")),
    "missing": Q(excused=False, first_submitted_at__isnull=True),
    "returned": Q(excused=False, state=Paper.State.RETURNED),
    "excused": Q(excused=True),
}
"""What became of a paper that fell due. In time, late and missing make up those that were due; some of them were returned."""
SORTS = ("name", *RESULTS, "rate")


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of papers, by the names of :data:`RESULTS`."""

    due: int = 0
    in_time: int = 0
    late: int = 0
    missing: int = 0
    returned: int = 0
    excused: int = 0

    @property
    def rate(self) -> float | None:
        """The share in time of those that were due; nothing where none was."""
        return self.in_time / self.due if self.due else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page: a unit with all below it, a person, or a kind of paper. ``asked`` finds its papers in the list."""

    name: str
    tally: Tally
    asked: Mapping[str, str]
    depth: int = 0
    is_unit: bool = False

    @property
    def numbers(self) -> list[tuple[str, int]]:
        return [(name, getattr(self.tally, name)) for name in RESULTS]


@dataclass(frozen=True, slots=True)
class OnTime:
    """The page: its lines, the sum of all, and the finest numbers for the file."""

    rows: list[Row]
    total: Row
    cells: list[tuple[Unit | None, User, PaperTemplate, Tally]]


def papers_behind(user: User, *, span: Span, result: str) -> QuerySet[Paper]:
    """The papers of one's scope that fell due within ``span`` until now, of a result. Drafts too: that they are missing is known."""
    return _fallen_due(user, span).filter(RESULTS[result])


def _fallen_due(user: User, span: Span) -> QuerySet[Paper]:
    zone = timezone.get_current_timezone()
    since, until = (
        dt.datetime.combine(day, dt.time.min, tzinfo=zone) for day in (span.start_on, span.end_on)
    )
    rows = Paper.objects.visible_to(user).filter(due_at__gte=since, due_at__lt=min(until, timezone.now()))
    return rows.filter(template__regular=True)


def on_time(user: User, *, span: Span, by: str = "unit", code: str = "", sort: str = "rate") -> OnTime:
    """Papers of one's scope that fell due within ``span``, by ``unit``, ``person`` or ``kind``. Four queries."""
    rows = _fallen_due(user, span)
    if code:
        rows = rows.filter(code=code)
    counts = {f"n_{name}": Count("pk", filter=condition) for name, condition in RESULTS.items()}
    found: list[Any] = list(rows.order_by().values("unit", "owner", "code").annotate(**counts))
    owners = User.objects.in_bulk({row["owner"] for row in found})
    units = {unit.pk: unit for unit in Unit.objects.order_by("path")}
    kinds = {template.code: template for template in in_force()}
    cells = [
        (
            units.get(row["unit"]),
            owners[row["owner"]],
            kinds[row["code"]],
            Tally(*(row[f"n_{n}"] for n in RESULTS)),
        )
        for row in found
        if row["code"] in kinds
    ]
    total = sum((tally for *_who, tally in cells), Tally())
    shape = {"person": _by_person, "kind": _by_kind}.get(by, _by_unit)
    lines = shape(cells, units.values(), sort)
    return OnTime(lines, Row("", total, {}), sorted(cells, key=_in_order))


Cell = tuple[Unit | None, User, PaperTemplate, Tally]


def _in_order(cell: Cell) -> tuple[Any, ...]:
    unit, owner, template, _tally = cell
    return (unit.path if unit else "", str(owner), owner.pk, template.position)


def _by_person(cells: Iterable[Cell], _units: Iterable[Unit], sort: str) -> list[Row]:
    sums: dict[User, Tally] = defaultdict(Tally)
    for _unit, owner, _template, tally in cells:
        sums[owner] += tally
    return _sorted([Row(str(who), tally, {"owner": str(who.pk)}) for who, tally in sums.items()], sort)


def _by_kind(cells: Iterable[Cell], _units: Iterable[Unit], sort: str) -> list[Row]:
    sums: dict[PaperTemplate, Tally] = defaultdict(Tally)
    for _unit, _owner, template, tally in cells:
        sums[template] += tally
    return _sorted([Row(title_of(kind), tally, {"code": kind.code}) for kind, tally in sums.items()], sort)


def _by_unit(cells: Iterable[Cell], units: Iterable[Unit], sort: str) -> list[Row]:
    """Every unit with a paper in it or below it, in the order of the tree, with its own people below it."""
    people: dict[int | None, dict[User, Tally]] = defaultdict(lambda: defaultdict(Tally))
    sums: dict[int, Tally] = defaultdict(Tally)
    for unit, owner, _template, tally in cells:
        people[unit.pk if unit else None][owner] += tally
        for above in unit.path.split("/") if unit else ():
            if above:
                sums[int(above)] += tally
    shown = _from_where_it_parts([unit for unit in units if unit.pk in sums], sums, people)
    top = min((unit.path.count("/") for unit in shown), default=0)
    rows: list[Row] = []
    for unit in shown:
        depth = unit.path.count("/") - top
        rows.append(Row(unit.name, sums[unit.pk], {"unit": str(unit.pk)}, depth, is_unit=True))
        rows += _people(people[unit.pk], {"in_unit": str(unit.pk)}, depth + 1, sort)
    return rows + _people(people[None], {"in_unit": "0"}, 0, sort)


def _from_where_it_parts(
    shown: list[Unit], sums: Mapping[int, Tally], people: Mapping[Any, Any]
) -> list[Unit]:
    """Without the units at the top that say the same as the one below them and have nobody of their own."""
    while len(shown) > 1 and sums[shown[0].pk] == sums[shown[1].pk] and shown[0].pk not in people:
        shown = shown[1:]
    return shown


def _people(found: Mapping[User, Tally], where: Mapping[str, str], depth: int, sort: str) -> list[Row]:
    rows = [Row(str(who), tally, {"owner": str(who.pk), **where}, depth) for who, tally in found.items()]
    return _sorted(rows, sort)


def _sorted(rows: list[Row], sort: str) -> list[Row]:
    """By name, by rate with the lowest first, or by a number with the largest first; ``-`` turns it round."""
    name, turned = sort.removeprefix("-"), sort.startswith("-")
    if name == "name":
        return sorted(rows, key=attrgetter("name"), reverse=turned)
    if name == "rate":
        return sorted(
            rows, key=lambda row: (row.tally.rate is None, _signed(row.tally.rate or 0, turned), row.name)
        )
    return sorted(rows, key=lambda row: (_signed(getattr(row.tally, name), not turned), row.name))


def _signed(number: float, turned: bool) -> float:
    return -number if turned else number
