"""Pieces counted inside a longer period: 本月最后三天, 今年前五个月, 下个月第一天, 明年前三季度."""

from __future__ import annotations

import re
from datetime import date, timedelta

from shengce.language.numerals import parse

_N = "[一二两三四五六七八九十\\d]{1,3}"
_PIECES = re.compile(
    rf"的?(?P<side>前|头|最后|第)(?P<count>{_N})(?P<unit>天|个月|个?季度)(?![之以]?[前后内])"
)


def match_piece(folded: str, at: int, first: date, after: date) -> tuple[int, date, date] | None:
    """The piece of ``[first, after)`` named at code point ``at``: its end in the text, its first day and the day after.

    前 and 头 count from the beginning, 最后 from the end, 第 names one. ``None`` where no piece is named or where it
    does not lie inside the period (一月前三个月).
    """
    match = _PIECES.match(folded, at)
    count = parse(match["count"]) if match else None
    if match is None or count is None or not 1 <= count <= 366:
        return None
    steps = int(count)
    if match["side"] == "最后":
        begin, until = _moved(after, -steps, match["unit"]), after
    else:
        until = _moved(first, steps, match["unit"])
        begin = _moved(first, steps - 1, match["unit"]) if match["side"] == "第" else first
    if begin < first or until > after or (begin, until) == (first, after):
        return None
    return match.end(), begin, until


def _moved(day: date, steps: int, unit: str) -> date:
    """``day``, the first of a month, so many days, months or quarters on."""
    if unit == "天":
        return day + timedelta(days=steps)
    index = day.year * 12 + day.month - 1 + steps * (3 if "季" in unit else 1)
    return date(index // 12, index % 12 + 1, 1)
