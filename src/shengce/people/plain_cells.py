"""Cells of exported tables that no spreadsheet takes for a formula: the one place of this rule."""

from __future__ import annotations

import re

STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d[\d,. ]*%?\Z")


def plain_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run; numbers (-100, +86 …) stay as they are.

    Rule: OWASP "CSV Injection": cells that begin with ``= + - @``, tab or carriage return.
    """
    if text.startswith(STARTERS) and not _NUMBER.match(text):
        return "'" + text
    return text


def meant_cell(text: str) -> str:
    """What :func:`plain_cell` was given: a table that was exported and comes back says what it said before."""
    rest = text[1:]
    return rest if text[:1] == "'" and rest.startswith(STARTERS) else text
