"""Cells of exported tables that no spreadsheet takes for a formula."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?\d[\d,. ]*%?\Z")


def plain_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run; numbers (-100, +86 …) stay as they are.

    Rule: OWASP "CSV Injection": cells that begin with ``= + - @``, tab or carriage return.
    """
    if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠") and not _NUMBER.match(text):
        return "'" + text
    return text
