"""What an address asks for, read without trust: a wrong value is no value."""

from __future__ import annotations

import datetime as dt

MOST = 2**63 - 1
"""The largest whole number that every database holds."""
MOST_PAGES = 100_000


def whole_number(text: str | None) -> int | None:
    """A whole number from 0 that every database can hold."""
    if not text or len(text) > 19 or not (text.isascii() and text.isdecimal()):
        return None
    number = int(text)
    return number if number <= MOST else None


def page_number(text: str | None) -> int:
    """The page of a list, from 1; what is no page is the first one."""
    return min(max(1, whole_number(text) or 1), MOST_PAGES)


def words(text: str | None, *, most: int = 200) -> str:
    """What to look for: stripped, not endless, and without the NUL that PostgreSQL does not even compare with."""
    return (text or "").replace("\x00", "").strip()[:most]


def day(text: str | None) -> dt.date | None:
    """A day as ``2026-11-24``; years outside 2000–2100 are no question about talks."""
    try:
        asked = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return asked if 2000 <= asked.year <= 2100 else None
