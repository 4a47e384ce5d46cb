"""Where the heading of a table is, what its columns are called, and which rows hold data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from shengce.exchange.reading.limits import MOST_CHARACTERS, MOST_COLUMNS, MOST_ROWS, Unreadable

LOOKED_AT = 20
"""Rows from the top among which the heading is looked for: above it stand titles and dates of printing."""

_REMARK = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")
_MARKS = re.compile(r"[\s*:：_\-/、,.#]+")
_SUMS = re.compile(r"(?:合计|总计|小计|共计|本页合计|total|sum|subtotal)[:：]?", re.IGNORECASE)

Numbered = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """``header_row`` and the numbers of rows are those of the file, from 1; ``left_out`` rows were sums."""

    columns: list[str]
    header_row: int
    rows: list[Numbered]
    left_out: int


def plain_header(text: object) -> str:
    """A heading as it is compared: ``金额（元）*`` and ``金额`` are the same, ``Order No.`` and ``order_no`` too."""
    folded = unicodedata.normalize("NFKC", str(text or "")).casefold()
    return _MARKS.sub("", _REMARK.sub("", folded)) or _MARKS.sub("", folded)


def lay_out(rows: Sequence[Numbered], known: Collection[str]) -> Table:
    """Find the heading among ``rows`` by the ``known`` names of columns (:func:`plain_header`); what follows is data."""
    if not rows:
        raise Unreadable("no_rows")
    place = _heading(rows, frozenset(known))
    header_row, heading = rows[place]
    data = [row for row in rows[place + 1 :] if any(_filled(cell) for cell in row[1])]
    width = max((_width(cells) for _number, cells in [rows[place], *data]), default=0)
    if width > MOST_COLUMNS:
        raise Unreadable("too_many_columns", most=MOST_COLUMNS)
    kept: list[Numbered] = []
    left_out = 0
    for number, cells in data:
        first = next((cell for cell in cells if _filled(cell)), None)
        if isinstance(first, str) and _SUMS.fullmatch(first.strip()):
            left_out += 1
            continue
        if any(isinstance(cell, str) and len(cell) > MOST_CHARACTERS for cell in cells):
            raise Unreadable("long_cell", row=number, most=MOST_CHARACTERS)
        kept.append((number, (cells + [None] * width)[:width]))
    if len(kept) > MOST_ROWS:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    if not kept:
        raise Unreadable("no_rows")
    return Table(_names(heading, width), header_row, kept, left_out)


def known_headings(rows: Sequence[Numbered], known: Collection[str]) -> int:
    """How many known names the best row of the beginning holds: tells which sheet is meant."""
    names = frozenset(known)
    return max((_score(cells, names) for _number, cells in rows[:LOOKED_AT]), default=0)


def _heading(rows: Sequence[Numbered], known: frozenset[str]) -> int:
    """The row with most known names; without two of them the first that is neither a lonely title nor holds numbers."""
    top = rows[:LOOKED_AT]
    scores = [_score(cells, known) for _number, cells in top]
    best = max(scores)
    if best >= 2:
        return scores.index(best)
    for place, (_number, cells) in enumerate(top):
        filled = [cell for cell in cells if _filled(cell)]
        if len(filled) >= 2 and all(isinstance(cell, str) for cell in filled):
            return place
    return scores.index(best) if best else 0


def _score(cells: Sequence[Any], known: frozenset[str]) -> int:
    return len({plain_header(cell) for cell in cells if isinstance(cell, str)} & known)


def _names(heading: Sequence[Any], width: int) -> list[str]:
    """One name a column, none twice; a column without one is called by its letter."""
    names: list[str] = []
    for place in range(width):
        cell = heading[place] if place < len(heading) else None
        name = " ".join(str(_shown(cell)).split())[:100] if _filled(cell) else letter(place)
        unique, times = name, 1
        while unique in names:
            times += 1
            unique = f"{name} ({times})"
        names.append(unique)
    return names


def _shown(cell: Any) -> Any:
    return cell["at"][:10] if isinstance(cell, dict) else cell


def letter(place: int) -> str:
    """The letters of a column, as spreadsheets name it: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _width(cells: Sequence[Any]) -> int:
    return max((place for place, cell in enumerate(cells, start=1) if _filled(cell)), default=0)
