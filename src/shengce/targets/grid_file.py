"""The grid as a workbook that comes back: what people see and fill in, and on a hidden sheet what it stands for.

The first column, hidden too, holds the row's token, so that rows may be sorted and left out. The hidden sheet says the
version, the choices of the page, what each column stands for, and what every cell held, in minor units as text: so it is
known which figures somebody has changed in the file, and which somebody has changed here meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.http import FileResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.people.asked import whole_number
from shengce.people.plain_cells import plain_cell
from shengce.people.table_files import XLSX_TYPE
from shengce.targets.dimensions import BY_CODE
from shengce.targets.figures import decimal_of
from shengce.targets.grid import Grid, Row
from shengce.targets.models import TargetVersion
from shengce.targets.page_state import PageState

SHEET = "shengce_grid"
HEAD = ("shengce", "grid")
"""The first two headings of the hidden sheet; after them stand numbers."""
ROW_KEY = "row_key"
TOTAL = "total"
"""Stands for the sum of the row among the columns' tokens."""


@dataclass(slots=True)
class Identity:
    """What the hidden sheet says. ``columns`` is heading → token; ``held`` row token → column token → minor units."""

    version: int
    metric: str
    query: str
    page: int
    columns: dict[str, str] = field(default_factory=dict)
    held: dict[str, dict[str, int]] = field(default_factory=dict)


def grid_response(shown: Grid, version: TargetVersion, state: PageState) -> FileResponse:
    """The download."""
    name = f"targets-{slugify(state.asked.metric.code)}-v{version.number}"
    return FileResponse(
        to_workbook(shown, version, state), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE
    )  # fmt: skip


def to_workbook(shown: Grid, version: TargetVersion, state: PageState) -> IO[bytes]:
    """The workbook in a temporary file, ready to be read."""
    from openpyxl import Workbook  # takes a quarter of a second: only who writes a workbook pays

    heads = headings(shown, str(BY_CODE[state.asked.rows].label))
    book = Workbook(write_only=True)
    _write_table(book, shown, heads)
    hidden = book.create_sheet(SHEET)
    hidden.sheet_state = "hidden"
    for line in _identity(shown, version, state, heads):
        hidden.append(line)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    book.save(file)
    file.seek(0)
    return file


def headings(shown: Grid, axis: str) -> list[str]:
    """The headings of the table, none twice: row key, axis, columns, total, last year."""
    names: list[str] = []
    for label in (ROW_KEY, axis, *(c.label for c in shown.columns), pgettext("sum", "Total"), _("Last year")):
        name = unique = " ".join(plain_cell(label).split())[:90]
        times = 1
        while unique in names:
            times += 1
            unique = f"{name} ({times})"
        names.append(unique)
    return names


def _write_table(book: Any, shown: Grid, heads: Sequence[str]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    metric = shown.asked.metric
    sheet = book.create_sheet(metric.label[:25].translate(str.maketrans(r"\/*?:[]'", "        ")))
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["A"].hidden = True
    sheet.column_dimensions["B"].width = 26
    for place in range(3, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 15
    locked, bold = PatternFill("solid", fgColor="E4E4E4"), Font(bold=True)
    form = "#,##0.00" if metric.minor == 100 else "#,##0"

    def cell(value: Any, *, is_bold: bool = False, lock: bool = False, depth: int = 0) -> Any:
        made = WriteOnlyCell(sheet, value)
        made.number_format = "General" if isinstance(value, str) else form
        if is_bold:
            made.font = bold
        if lock:
            made.fill = locked
        if depth:
            made.alignment = Alignment(indent=depth)
        return made

    sheet.append([cell(name, is_bold=True) for name in heads])
    for row in (*shown.rows, shown.total):
        strong = row is shown.total
        locks = row.locked or [""] * len(row.amounts)
        sheet.append(
            [
                row.token,
                cell(plain_cell(row.label), is_bold=strong, depth=row.depth),
                *(
                    cell(None, lock=True)
                    if place in row.closed
                    else cell(decimal_of(amount, metric), is_bold=strong, lock=lock == "all")
                    for place, (amount, lock) in enumerate(zip(row.amounts, locks, strict=True))
                ),
                cell(None, lock=True)
                if -1 in row.closed
                else cell(decimal_of(row.total, metric), is_bold=True),
                cell(decimal_of(row.last_total, metric)),
            ]
        )


def _identity(
    shown: Grid, version: TargetVersion, state: PageState, heads: Sequence[str]
) -> Iterable[list[str]]:
    tokens = column_tokens(shown)
    width = max(len(tokens), 2)
    yield [*HEAD, *(str(number) for number in range(1, width + 1))]
    yield ["version", str(version.pk)]
    yield ["metric", state.asked.metric.code]
    yield ["query", state.address()]
    yield ["page", str(state.asked.page)]
    yield ["heads", "", *heads[2:-1]]
    yield ["tokens", "", *tokens]
    for row in (*shown.rows, shown.total):
        yield ["row", row.token, *map(str, held_by(row))]


def column_tokens(shown: Grid) -> list[str]:
    """What the columns are called in files, the row's sum last. Weeks, which no cell addresses, have names too."""
    named = (column.token or f"week-{number}" for number, column in enumerate(shown.columns, start=1))
    return [*named, TOTAL]


def held_by(row: Row) -> list[int]:
    """What the row's cells hold, the sum last."""
    return [*row.amounts, row.total]


def read_identity(rows: Iterable[Sequence[Any]]) -> Identity | None:
    """What the hidden sheet says; nothing where it does not say it all. It may have been changed by hand: nothing is believed
    but what the page itself could ask for.
    """
    said: dict[str, list[str]] = {}
    held: dict[str, list[int | None]] = {}
    for cells in rows:
        kind, key, *values = ["" if cell is None else str(cell) for cell in cells] + ["", ""]
        if kind == "row":
            held[key] = [whole_number(value) for value in values]
        else:
            said[kind] = [key, *values]
    version = whole_number(said.get("version", [""])[0])
    if version is None or "tokens" not in said or "heads" not in said:
        return None
    tokens = said["tokens"][1:]
    found = Identity(
        version,
        metric=said.get("metric", [""])[0],
        query=said.get("query", [""])[0],
        page=whole_number(said.get("page", ["1"])[0]) or 1,
        columns={head: token for head, token in zip(said["heads"][1:], tokens, strict=False) if head},
    )
    for row, numbers in held.items():
        pairs = zip(tokens, numbers, strict=False)
        found.held[row] = {token: number for token, number in pairs if token and number is not None}
    return found
