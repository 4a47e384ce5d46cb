"""The child process that opens a file from outside: one JSON request on standard input, one answer on standard output.

``{"path", "name", "sheet", "known", "rows_path", "processor_s", "memory_bytes", "written_bytes"}`` →
``{"sheets", "sheet", "columns", "header_row", "rows", "left_out"}`` or ``{"error": {"code", "details"}}``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from shengce.exchange.reading.delimited import read_delimited
from shengce.exchange.reading.laying_out import Numbered, Table, known_headings, lay_out
from shengce.exchange.reading.limits import MEGABYTE, MOST_BYTES, Unreadable
from shengce.exchange.reading.workbook import is_workbook, open_workbook, read_sheet, visible_sheets

SHEETS_LOOKED_AT = 10


def read(request: dict[str, Any]) -> dict[str, Any]:
    """Read the file and write its rows. Raises ``Unreadable``."""
    path = Path(request["path"])
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("empty")
    if size > MOST_BYTES:
        raise Unreadable("too_large", most_mb=MOST_BYTES // MEGABYTE)
    with path.open("rb") as file:
        head = file.read(4_096)
    if is_workbook(head):
        sheets, sheet, rows = _workbook(path, request["sheet"], request["known"])
    else:
        if b"<html" in head.lower() or b"<table" in head.lower() or head.lstrip().startswith(b"<?xml"):
            raise Unreadable("web_page")
        sheets, sheet = [], ""
        rows = read_delimited(path.read_bytes(), tabs=request["name"].lower().endswith((".tsv", ".tab")))
    table = lay_out(rows, request["known"])
    _write(Path(request["rows_path"]), table)
    return {
        "sheets": sheets,
        "sheet": sheet,
        "columns": table.columns,
        "header_row": table.header_row,
        "rows": len(table.rows),
        "left_out": table.left_out,
    }


def _workbook(path: Path, wanted: str, known: list[str]) -> tuple[list[str], str, list[Numbered]]:
    """The sheet that was asked for, else the one whose heading is known best."""
    book = open_workbook(path)
    sheets = visible_sheets(book)
    if wanted or len(sheets) == 1:
        name = wanted or sheets[0]
        return sheets, name, read_sheet(book, name)
    best: tuple[int, str, list[Numbered]] = (-1, sheets[0], [])
    for name in sheets[:SHEETS_LOOKED_AT]:
        rows = read_sheet(book, name)
        score = known_headings(rows, known) if rows else -1
        if score > best[0]:
            best = (score, name, rows)
    return sheets, best[1], best[2]


def _write(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8", errors="replace") as file:
        for number, cells in table.rows:
            file.write(json.dumps([number, cells], ensure_ascii=False, separators=(",", ":")) + "\n")


def _limit(request: dict[str, Any]) -> None:
    import resource

    for name, value in (
        ("RLIMIT_CPU", request["processor_s"]),
        ("RLIMIT_DATA", request["memory_bytes"]),
        ("RLIMIT_FSIZE", request["written_bytes"]),
        ("RLIMIT_CORE", 0),
    ):
        which = getattr(resource, name, None)
        if which is not None:
            hard = resource.getrlimit(which)[1]
            resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


OUT_OF_MEMORY = b'{"error": {"code": "too_much_memory", "details": {}}}'
"""Made beforehand: where memory has run out, nothing can be made any more."""


def main() -> None:
    """Answer one request, then end."""
    answer_to = os.dup(1)
    os.dup2(2, 1)  # a library that prints cannot spoil the answer
    request = json.loads(sys.stdin.read())
    try:
        _limit(request)
        try:
            answer: dict[str, Any] = read(request)
        except Unreadable as error:
            answer = {"error": {"code": error.code, "details": error.details}}
        os.write(answer_to, json.dumps(answer, ensure_ascii=True).encode())
    except MemoryError:
        os.write(answer_to, OUT_OF_MEMORY)
        os._exit(0)  # at once: tidying up would need memory too, and may hang for want of it


if __name__ == "__main__":
    main()
