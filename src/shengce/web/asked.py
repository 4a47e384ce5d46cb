"""What an address asks for, read without trust: a wrong value is no value."""

from __future__ import annotations

import datetime as dt


def whole_number(text: str | None) -> int | None:
    """A whole number of at most 18 digits, so that every database can hold it."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 18 else None


def day(text: str | None) -> dt.date | None:
    """A day as ``2026-11-24``; years outside 2000–2100 are no question about talks."""
    try:
        asked = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return asked if 2000 <= asked.year <= 2100 else None
