"""Sums of money at a place in the talk, also where only the question says that a number is money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from shengce.language.bounds import apply_bounds
from shengce.language.clauses import Clause
from shengce.language.heard import Turn
from shengce.language.money_words import counts_something, is_foreign, is_not_a_sum

_SMALLEST = Decimal(10)
_SMALL = Decimal(100)
_NAMED = re.compile(r"[万亿元块毛角¥￥wWkK]")
_MAY_FOLLOW = re.compile(
    r"$|[^\w]|左右|上下|以内|之内|以下|以上|起|的话|的?样子|[吧呢啊呀嘛了我你您就给行也还才真太做卖送含包不]|可以|到手|有点|总共|一共|(?:一|每|/)[台套吨斤公箱盒袋瓶桶件个位片张包卷亩棵罐杯桌扇节趟车平方米支只把双条份单次年月天晚人间户本卷组盘部辆枚颗根块元课](?!\d)"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in yuan at characters ``[start, end)`` of a turn; an open side is ``None``."""

    start: int
    end: int
    low: Decimal | None
    high: Decimal | None

    @property
    def size(self) -> Decimal:
        return self.high if self.high is not None else self.low or Decimal(0)


def sums_in(turn: Turn, clause: Clause) -> list[Sum]:
    """The sums of a clause that are money by themselves, telephone numbers and times left out."""
    return [
        Sum(a.start, a.end, a.low, a.high)
        for a in turn.amounts
        if clause.start <= a.start < clause.end
        and not _is_other(turn, a.start, a.end)
        and (_NAMED.search(a.text) or not _is_small(a.high) or _MAY_FOLLOW.match(turn.text, a.end))
    ]


def numbers_in(turn: Turn, clause: Clause) -> list[Sum]:
    """As :func:`sums_in`, and numbers that count nothing: for clauses known to speak of money."""
    found = sums_in(turn, clause)
    for numeral in turn.numerals:
        start, end = numeral.start, numeral.end
        if not clause.start <= start < clause.end or numeral.high < _SMALLEST:
            continue
        if any(s.start < end and start < s.end for s in found) or _is_other(turn, start, end):
            continue
        if counts_something(turn.text, end) or is_not_a_sum(turn.text, start, end):
            continue
        if is_foreign(turn.text, start, end):
            continue
        if _is_small(numeral.high) and not _MAY_FOLLOW.match(turn.text, end):
            continue
        bounded = apply_bounds(turn.text, start, end, numeral.low, numeral.high)
        if not counts_something(turn.text, bounded.end):
            found.append(Sum(bounded.start, bounded.end, bounded.low, bounded.high))
    return sorted(found, key=lambda s: s.start)


def _is_small(high: Decimal | None) -> bool:
    """Small numbers count things more often than money."""
    return high is not None and high < _SMALL


def _is_other(turn: Turn, start: int, end: int) -> bool:
    others = [(i.start, i.end) for group in (turn.phones, turn.times, turn.mentions) for i in group]
    return any(s < end and start < e for s, e in others)
