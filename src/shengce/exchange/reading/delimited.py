"""CSV, TSV and text with other delimiters: encoding, delimiter and rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from shengce.exchange.reading.limits import MOST_CHARACTERS, MOST_COLUMNS, MOST_ROWS, Unreadable

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_CHARACTERS = 64_000
SAMPLE_ROWS = 50
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_delimited(content: bytes, *, tabs: bool = False) -> list[tuple[int, list[str]]]:
    """Rows with their numbers, from 1. ``tabs``: the file's name says that tabs divide it."""
    text = decoded(content)
    delimiter = "\t" if tabs and "\t" in text[:SAMPLE_CHARACTERS] else sniffed(text)
    csv.field_size_limit(4 * MOST_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for number, row in enumerate(reader, start=1):
            if len(row) > MOST_COLUMNS:
                raise Unreadable("too_many_columns", most=MOST_COLUMNS)
            if any(row):
                rows.append((number, row))
            if len(rows) > MOST_ROWS + 50:
                raise Unreadable("too_many_rows", most=MOST_ROWS)
            last_lines, before = (before, reader.line_num), reader.line_num
    except csv.Error:
        raise Unreadable("long_cell", row=len(rows) + 1, most=MOST_CHARACTERS) from None
    if rows and _is_open(text, *last_lines):
        raise Unreadable("open_quote", row=rows[-1][0])
    return rows


def decoded(content: bytes) -> str:
    """The text: by its mark, else UTF-8, else UTF-16 where bytes are zero, else GB18030 (the old Excel in China)."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and "\x00" not in text:
        return text
    if b"\x00" in content:
        head = content[:4_000]
        return _decoded(content, "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be")
    return _decoded(content, "gb18030")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    if len(_CONTROLS.findall(text[:SAMPLE_CHARACTERS])) > len(text[:SAMPLE_CHARACTERS]) // 100:
        raise Unreadable("not_a_table")
    return text


def sniffed(text: str) -> str:
    """The delimiter with which most rows of the beginning have the same number of cells, more than one; else a comma."""
    sample = text[:SAMPLE_CHARACTERS]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row
            ]
        except csv.Error:
            continue
        widths = widths[:SAMPLE_ROWS]
        if len(widths) > 2 and len(sample) < len(text):
            widths.pop()  # the sample may end in the middle of a row
        if not widths:
            continue
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            continue
        width, times = max(wide.items(), key=lambda item: (item[1], item[0]))
        score = times / len(widths) + min(width, 20) / 1_000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _is_open(text: str, first: int, last: int) -> bool:
    """Whether the last row, which took the lines from ``first`` until ``last``, ends inside a quotation."""
    if last - first < 2 and not text.rstrip("\r\n").rpartition("\n")[2].count('"') % 2:
        return False
    lines = io.StringIO(text, newline="").readlines()[first:]
    return sum(line.count('"') for line in lines) % 2 == 1
