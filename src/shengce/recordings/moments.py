"""Moments as recorders and sidecars write them; what cannot exist is nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_WRITTEN = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s*[-/.年]?\s*(?P<mo>\d{1,2})\s*[-/.月]?\s*(?P<d>\d{1,2})\s*日?"
    r"(?:[\sT_-]*(?P<h>\d{1,2})\s*[:：.\-_时点]?\s*(?P<mi>\d{1,2})\s*(?:[:：.\-_分]?\s*(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_EPOCH = re.compile(r"1\d{9}(?:\.\d+)?|1\d{12}")
EARLIEST_YEAR = 1990


def moment_of(
    zone: tzinfo, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime | None:
    """The moment on the clock of ``zone``, or ``None`` where there is no such day or hour."""
    try:
        return (
            datetime(year, month, day, hour, minute, second, tzinfo=zone) if year >= EARLIEST_YEAR else None
        )
    except ValueError:
        return None


def moment_of_digits(digits: str, zone: tzinfo) -> datetime | None:
    """``YYYYMMDDHHMMSS`` (14 digits) or ``YYMMDDHHMM`` (10 digits)."""
    if not digits.isascii() or not digits.isdecimal():
        return None
    if len(digits) == 10:
        digits = f"20{digits}"
    elif len(digits) != 14:
        return None
    year, rest = int(digits[:4]), digits[4:]
    return moment_of(zone, year, *(int(rest[i : i + 2]) for i in range(0, len(rest), 2)))


def moment_of_text(text: str, zone: tzinfo) -> datetime | None:
    """A whole text that is a moment: ISO 8601, ``2026/11/3 14:15``, ``2026年11月3日 14时15分``, seconds since 1970."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        if seconds > 1e11:
            seconds /= 1000
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    match = _WRITTEN.fullmatch(text)
    if match is None or match["h"] is None:
        return None
    year, month, day, hour, minute = (int(match[name]) for name in ("y", "mo", "d", "h", "mi"))
    found = moment_of(zone, year, month, day, hour, minute, int(match["s"] or 0))
    if found is None or not match["zone"]:
        return found
    return _at_offset(found, match["zone"])


def _at_offset(clock: datetime, offset: str) -> datetime | None:
    try:
        return datetime.fromisoformat(clock.replace(tzinfo=None).isoformat() + offset)
    except ValueError:
        return None
