"""Tables as files that people open in Excel, WPS or LibreOffice: one writer for every list of the house.

A table is a row of headings and rows of values: text, numbers, dates, moments, yes/no, ``None``. Numbers stay numbers
and days stay days; text that a spreadsheet would run gets an apostrophe (:mod:`people.plain_cells`). Rows may be any
iterable, a generator too: neither writer keeps them all in memory.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from shengce.people.plain_cells import plain_cell

FORMATS = ("xlsx", "csv")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS = 1_000_000
"""Most rows of one sheet; a longer table goes on in the next one (Excel holds 1,048,576)."""
CELL_CHARACTERS = 32_767
"""Most characters that Excel holds in a cell."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BUFFER = 64 * 1024

Row = Sequence[Any]


def to_csv(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[bytes]:
    """CSV in pieces: UTF-8 with its mark and CRLF, as Excel wants it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([plain_cell(str(column)) for column in columns])
    yield "\ufeff".encode()
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])
        if text.tell() > _BUFFER:
            yield _taken(text)
    yield _taken(text)


def to_xlsx(rows: Iterable[Row], columns: Sequence[str], *, title: str = "") -> IO[bytes]:
    """An Excel workbook in a temporary file, ready to be read; headings stand still and can be filtered by."""
    from openpyxl import Workbook  # takes a quarter of a second: only who writes a workbook pays

    book = Workbook(write_only=True)
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % SHEET_ROWS == 0:
            sheet = _new_sheet(book, columns, title, number // SHEET_ROWS)
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    if sheet is None:
        _new_sheet(book, columns, title, 0)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    book.save(file)
    file.seek(0)
    return file


def table_response(
    rows: Iterable[Row], columns: Sequence[str], *, name: str, file_format: str
) -> HttpResponseBase:
    """A download of ``name`` (without ending) as ``"csv"`` or ``"xlsx"``."""
    if file_format == "csv":
        streamed = StreamingHttpResponse(to_csv(rows, columns), content_type="text/csv; charset=utf-8")
        streamed["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or ""
        return streamed
    return FileResponse(
        to_xlsx(rows, columns, title=name),
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type=XLSX_TYPE,
    )


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8", errors="replace")
    text.seek(0)
    text.truncate()
    return piece


def _csv_value(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return "" if value is None else plain_cell(str(value).replace("\x00", ""))
    if isinstance(value, dt.datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, int | float | dt.date) else plain_cell(str(value))


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dt.datetime):
        return _formatted(WriteOnlyCell(sheet, _local(value)), "yyyy-mm-dd hh:mm")
    if isinstance(value, dt.date):
        return _formatted(WriteOnlyCell(sheet, value), "yyyy-mm-dd")
    if isinstance(value, Decimal):
        decimals = -int(value.as_tuple().exponent) if value.is_finite() else 0
        return _formatted(WriteOnlyCell(sheet, value), "#,##0." + "0" * decimals if decimals > 0 else "#,##0")
    if isinstance(value, int | float):
        return value
    return _UNPRINTABLE.sub("", plain_cell(str(value)))[:CELL_CHARACTERS]


def _formatted(cell: Any, number_format: str) -> Any:
    cell.number_format = number_format
    return cell


def _new_sheet(book: Any, columns: Sequence[str], title: str, number: int) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    name = re.sub(r"[\\/*?:\[\]']", " ", title).strip()[:25] or "Sheet"
    sheet = book.create_sheet(f"{name} {number + 1}" if number else name)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(40, max(12, 4 + 2 * len(str(column))))
    heads = []
    for column in columns:
        head = WriteOnlyCell(sheet, plain_cell(str(column)))
        head.font = Font(bold=True)
        heads.append(head)
    sheet.append(heads)
    if columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}1"
    return sheet


def _local(moment: dt.datetime) -> dt.datetime:
    """Excel knows no time zones: the time on the wall here."""
    return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment
