"""Tables as files: numbers stay numbers, days stay days, nothing runs, and long tables go on in another sheet."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from shengce.people import table_files
from shengce.people.plain_cells import STARTERS, meant_cell, plain_cell
from shengce.people.table_files import to_csv, to_xlsx

ROW = [
    "=1+1",
    Decimal("-1234.50"),
    3,
    dt.date(2026, 3, 5),
    dt.datetime(2026, 3, 5, 1, tzinfo=dt.UTC),
    None,
    "甲",
    "-100",
]


def sheets(rows: Any, columns: list[str]) -> list[list[Any]]:
    with to_xlsx(rows, columns, title="表/一?") as file:
        book = load_workbook(file)
    return [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets]


def test_values_keep_their_kind() -> None:
    ((head, row),) = sheets([ROW], ["=a", *"bcdefgh"])
    assert head[0] == "'=a"
    assert row == [
        "'=1+1", -1234.5, 3, dt.datetime(2026, 3, 5), dt.datetime(2026, 3, 5, 9), None, "甲", "-100",
    ]  # fmt: skip
    text = b"".join(to_csv([ROW], ["a"])).decode("utf-8-sig")
    assert text == "a\r\n'=1+1,-1234.50,3,2026-03-05,2026-03-05 09:00,,甲,-100\r\n"


def test_an_empty_table_has_its_headings() -> None:
    assert sheets([], ["甲", "乙"]) == [[["甲", "乙"]]]


def test_what_excel_cannot_hold_is_left_out() -> None:
    ((_head, row),) = sheets([["a\x00b\x07c\ud800", "x" * 40_000]], ["a", "b"])
    assert row == ["abc", "x" * 32_767]


def test_a_long_table_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "SHEET_ROWS", 2)
    found = sheets(([number] for number in range(5)), ["n"])
    assert found == [[["n"], [0], [1]], [["n"], [2], [3]], [["n"], [4]]]


def test_a_large_csv_comes_in_pieces() -> None:
    pieces = list(to_csv((["x" * 1_000] for _row in range(500)), ["a"]))
    assert len(pieces) > 3
    assert max(len(piece) for piece in pieces) < 100_000


@given(st.text())
def test_what_goes_out_comes_back(text: str) -> None:
    if not (
        text.startswith("'") and text[1:].startswith(STARTERS)
    ):  # an apostrophe of one's own before a formula
        assert meant_cell(plain_cell(text)) == text
    assert io.StringIO(plain_cell(text)).read().removeprefix("'") == text.removeprefix("'")
