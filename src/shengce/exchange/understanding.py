"""From the cells of a row to values and faults. Nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from shengce.exchange.cells import folded, is_blank
from shengce.exchange.kind import Kind, Values
from shengce.exchange.lookup import Lookup

MOST_CHARACTERS = 500
MANDATORY = "missing"
DUPLICATE = "duplicate"
SIBLING = "sibling"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row. ``field`` and ``column`` are empty where the whole row is meant."""

    row: int
    field: str
    column: str
    code: str
    text: str


@dataclass(slots=True)
class Line:
    """A row of the file: its number there, its cells, and what was made of them."""

    row: int
    cells: list[Any]
    values: Values = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands: ``{field: place}``, and what its column is called there."""

    places: dict[str, int]
    headers: dict[str, str]

    @classmethod
    def of(cls, columns: Sequence[str], matching: Mapping[str, str]) -> Columns:
        headers = {key: header for key, header in matching.items() if header in columns}
        return cls({key: columns.index(header) for key, header in headers.items()}, headers)


def lines_of(path: Path, *, start: int = 0) -> Iterator[Line]:
    """The rows that ``reading`` wrote, from the one at ``start``."""
    with path.open(encoding="utf-8") as file:
        for text in islice(file, start, None):
            row, cells = json.loads(text)
            yield Line(row, cells)


def entries_of(kind: Kind, columns: Columns, lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Rows that make one thing: each by itself, or neighbours with the same value in ``kind.group``."""
    if not kind.group or kind.group not in columns.places:
        for line in lines:
            yield [line]
        return
    entry: list[Line] = []
    before: str | None = None
    for line in lines:
        name = group_of(kind, columns, line)
        if entry and (name != before or not name):
            yield entry
            entry = []
        entry.append(line)
        before = name
    if entry:
        yield entry


def group_of(kind: Kind, columns: Columns, line: Line) -> str:
    """What the row says in ``kind.group``, as it is compared."""
    return folded(line.cells[columns.places[kind.group]])


def gather(kind: Kind, columns: Columns, path: Path) -> None:
    """Rewrite the rows so that those of one thing stand together, in the order of their first ones."""
    if not kind.group or kind.group not in columns.places:
        return
    place = columns.places[kind.group]
    groups: dict[str, list[str]] = {}
    before, scattered = None, False
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file):
            name = folded(json.loads(text)[1][place]) or f"\x00{number}"
            scattered = scattered or (name != before and name in groups)
            groups.setdefault(name, []).append(text)
            before = name
    if scattered:
        path.write_text("".join(text for texts in groups.values() for text in texts), encoding="utf-8")


def understand(kind: Kind, columns: Columns, line: Line, lookup: Lookup) -> None:
    """Fill ``line.values`` and ``line.faults``."""
    for item in kind.fields:
        place = columns.places.get(item.key)
        if place is None or place >= len(line.cells):
            continue
        try:
            value = item.read(line.cells[place])
        except ValidationError as problem:
            line.faults += faults_of(line.row, columns, {item.key: problem})
            continue
        if value is not None:
            line.values[item.key] = value
    _require(kind, columns, line)
    try:
        kind.resolve(line.values, lookup)
    except ValidationError as problem:
        line.faults += faults_of(line.row, columns, problem)


def faults_of(
    row: int, columns: Columns, problem: ValidationError | Mapping[str, ValidationError]
) -> list[Fault]:
    """The reasons of a ``ValidationError``, beside their columns."""
    if isinstance(problem, ValidationError):
        reasons: Mapping[str, Any] = (
            problem.error_dict if hasattr(problem, "error_dict") else {"": problem.error_list}
        )
    else:
        reasons = {key: value.error_list for key, value in problem.items()}
    return [
        Fault(
            row,
            key if key in columns.headers else "",
            columns.headers.get(key, ""),
            str(error.code or ""),
            " ".join(error.messages)[:MOST_CHARACTERS],
        )
        for key, errors in reasons.items()
        if key != NON_FIELD_ERRORS or errors
        for error in errors
    ]


def _require(kind: Kind, columns: Columns, line: Line) -> None:
    """Faults for what a row must say and does not; not for what it says unclearly: that has its fault already."""
    unclear = {fault.field for fault in line.faults}
    for item in kind.fields:
        if item.required and item.key not in line.values and item.key not in unclear:
            words = _("%(field)s is missing.") % {"field": item.label}
            line.faults.append(Fault(line.row, item.key, columns.headers.get(item.key, ""), MANDATORY, words))
    for keys in kind.one_of:
        if not any(key in line.values or key in unclear for key in keys):
            shown = next((key for key in keys if key in columns.headers), keys[0])
            words = _("%(field)s is missing.") % {"field": kind.field(shown).label}
            line.faults.append(Fault(line.row, shown, columns.headers.get(shown, ""), MANDATORY, words))


def is_empty(line: Line) -> bool:
    return all(is_blank(cell) for cell in line.cells)
