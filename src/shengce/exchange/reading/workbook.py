"""Excel (.xlsx, .xls, .xlsb) and OpenDocument tables by python-calamine."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

from shengce.exchange.reading.limits import (
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNPACKED_BYTES,
    Unreadable,
)

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"


def is_workbook(head: bytes) -> bool:
    """By content: file names lie."""
    return head.startswith((OLD_EXCEL, ZIP))


def open_workbook(path: Path) -> Any:
    """The calamine workbook. Raises ``Unreadable``."""
    import python_calamine as calamine

    _check_zip(path)
    try:
        book = calamine.load_workbook(str(path))
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except calamine.CalamineError as error:
        raise Unreadable("password" if "assword" in str(error) else "broken_workbook") from None
    if not book.sheet_names:
        raise Unreadable("no_sheet")
    return book


def visible_sheets(book: Any) -> list[str]:
    """Names of the sheets that a person sees, in their order."""
    shown = [
        meta.name for meta in book.sheets_metadata if "Visible" in str(meta.visible).rpartition(".")[2][:7]
    ]
    return shown or list(book.sheet_names)


def read_sheet(book: Any, name: str) -> list[tuple[int, list[Any]]]:
    """Rows with their numbers in the sheet, from 1; cells merged downwards all hold the value of the first."""
    import python_calamine as calamine

    try:
        sheet = book.get_sheet_by_name(name)
    except calamine.WorksheetNotFound:
        raise Unreadable("no_such_sheet", sheet=name) from None
    except calamine.CalamineError:
        raise Unreadable("broken_workbook") from None
    if sheet.start is None:
        return []
    if sheet.width > MOST_COLUMNS:
        raise Unreadable("too_many_columns", most=MOST_COLUMNS)
    first_row, first_column = sheet.start
    rows: list[tuple[int, list[Any]]] = []
    merged = _by_row(sheet.merged_cell_ranges or [])
    above: dict[int, Any] = {}
    for place, cells in enumerate(sheet.to_python(), start=first_row):
        for column, start, value in merged.get(place, ()):
            at = column - first_column
            if not 0 <= at < len(cells):
                continue
            if place == start:
                above[column] = cells[at]
            elif cells[at] in ("", None):
                cells[at] = above.get(column, value)
        if any(cell not in ("", None) for cell in cells):
            rows.append((place + 1, [_cell(cell) for cell in cells]))
            if len(rows) > MOST_ROWS + 50:
                raise Unreadable("too_many_rows", most=MOST_ROWS)
    return rows


def _by_row(ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> dict[int, list[tuple[int, int, Any]]]:
    """For each row: (column, first row, None) of what is merged downwards there."""
    found: dict[int, list[tuple[int, int, Any]]] = {}
    for (top, left), (bottom, _right) in ranges:
        if bottom > top:
            for row in range(top, min(bottom, top + MOST_ROWS) + 1):
                found.setdefault(row, []).append((left, top, None))
    return found


def _cell(value: Any) -> Any:
    if value == "":
        return None
    if isinstance(value, dt.datetime | dt.date):
        return {"at": value.isoformat()}
    if isinstance(value, dt.time | dt.timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _check_zip(path: Path) -> None:
    """Refuse what unpacks to far more than any table holds, before anybody unpacks it."""
    with path.open("rb") as file:
        if not file.read(4).startswith(ZIP[:4]):
            return
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Unreadable("broken_workbook") from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise Unreadable("bomb")
