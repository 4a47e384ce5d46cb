"""When two statements are the same: sums, times, names, matters. The tolerances of the claim check, all in one place.

They are few on purpose: a person who reads "said otherwise" must be able to see why at once.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shengce.language.claim_values import Interval
from shengce.language.folding import fold

SUM_TOLERANCE = Decimal("0.01")
"""Sums that differ by at most so much of the larger one are the same: 3998 and 4000."""
ROUNDED_FROM = Decimal(10_000)
"""From here on people note rounded sums: 15万 stands for 15.4万."""
ROUNDED_DIGITS = 2
"""A sum is rounded to as many figures as the rounder one has, but to no fewer than these."""
DISCOUNT_TOLERANCE = Decimal("0.005")

Range = tuple[Decimal | None, Decimal | None]

_TITLES = "总经理|副总|经理|主任|厂长|校长|院长|老师|主管|科长|处长|部长|局长|总监|老板|师傅|先生|女士|小姐|董事长|总|董|工|姐|哥"
_NAMED = re.compile(rf"(?:.*[部处科室院局所司厂店组会]|分管的?)?([一-鿿])[一-鿿]{{0,2}}?({_TITLES})$")
"""A name with title: 王总, 采购部李建国经理; the family name is the first character after the department."""
_DECIDES = re.compile(r"拍板|说了算|做主|决定|决策|审批|签字|批准|[由归]")
_BOSSES = frozenset(("老板", "老总", "总经理", "董事长", "老板娘", "大老板", "一把手", "老大"))
_OF_US = re.compile(
    r"^(?:我们?|他们?|咱们?|公司|单位|这边|那边|客户|对方|由|是|的|最终|最后)+|(?:本人|这边)$"
)

_STOP = re.compile(
    r"客户|对方|我们|我方|我司|你们|您们?|他们|我|你|他|她|答应|承诺|保证|表示|同意|说|会|要|能|可以|把|给|将|前|之前|以内|内|就|再|先|也|都|了|的|过去|过来|一下|马上|尽快|安排"
)
_TIME_WORDS = re.compile(
    r"(?:下下?|本|这|上)?个?(?:周|星期|礼拜)[一二三四五六日天末]?|今天|明天|后天|大后天|昨天|前天|月底|月初|年底|上午|下午|晚上|早上|中午|"
    r"[\d零一二两三四五六七八九十]+(?:年|月|日|号|点|小时|天|周|个月)"
)
_NO_WORD = re.compile(r"[^\w]+")


def same_sum(typed: Range, said: Range, *, unit: str = "yuan") -> bool:
    """Whether two ranges of yuan (or of fractions, ``unit`` ``discount``) meet within the tolerance."""
    low, high = _closed(typed)
    other_low, other_high = _closed(said)
    if low is not None and other_high is not None and low > other_high and not _close(low, other_high, unit):
        return False
    return not (
        high is not None and other_low is not None and other_low > high and not _close(high, other_low, unit)
    )


def _closed(pair: Range) -> Range:
    low, high = pair
    return (high, low) if low is not None and high is not None and low > high else pair


def _close(one: Decimal, other: Decimal, unit: str) -> bool:
    if unit == "discount":
        return abs(one - other) <= DISCOUNT_TOLERANCE
    largest = max(abs(one), abs(other))
    if abs(one - other) <= largest * SUM_TOLERANCE:
        return True
    if min(one, other) < ROUNDED_FROM:
        return False
    figures = max(ROUNDED_DIGITS, min(_figures(one), _figures(other)))
    return _rounded(one, figures) == _rounded(other, figures)


def _figures(number: Decimal) -> int:
    return len(number.normalize().as_tuple().digits)


def _rounded(number: Decimal, figures: int) -> Decimal:
    step = Decimal(1).scaleb(number.adjusted() - figures + 1)
    return (number / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def same_time(typed: Interval, said: Interval) -> bool:
    """Whether two half-open intervals share a moment: a day meets itself, 下周 meets every day of it."""
    start, end = typed
    other_start, other_end = said
    if start is not None and other_end is not None and start >= other_end:
        return False
    return not (end is not None and other_start is not None and other_start >= end)


def bare_name(name: str) -> str:
    """Who is meant, without 我们, 公司 and the like; empty where nothing is left (我, 本人)."""
    return _OF_US.sub("", _NO_WORD.sub("", fold(name))).strip()


def is_title(text: str) -> bool:
    """Whether the text is nothing but a person with his title: 采购部陈主管."""
    return _DECIDES.search(text) is None and _NAMED.fullmatch(text) is not None


def same_person(typed: str, said: str) -> bool | None:
    """Whether two wordings name one person; ``None`` where one of them does not say (我, 本人)."""
    one, other = bare_name(typed), bare_name(said)
    if not one or not other:
        return None
    if one in other or other in one:
        return True
    if one in _BOSSES or other in _BOSSES:
        title = other if one in _BOSSES else one
        return True if title in _BOSSES or title.endswith(("总", "董事长", "老板")) else None
    family, other_family = _NAMED.fullmatch(one), _NAMED.fullmatch(other)
    if family and other_family:
        return family.group(1) == other_family.group(1) and family.group(2) == other_family.group(2)
    if bool(family) != bool(other_family):
        return None  # 采购部 and 王经理 may be the same
    return False


def same_name(typed: str, said: str) -> bool:
    """Whether two wordings name one firm or product."""
    one, other = _NO_WORD.sub("", fold(typed)).lower(), _NO_WORD.sub("", fold(said)).lower()
    return bool(one and other) and (one in other or other in one)


def matter_share(typed: str, said: str) -> float:
    """How much of the smaller text's content stands in the other one, from 0 to 1: pairs of neighbouring characters."""
    one, other = _content(typed), _content(said)
    if not one or not other:
        return 0.0
    return len(one & other) / min(len(one), len(other))


def same_matter(typed: str, said: str) -> bool:
    """Whether two undertakings are about the same thing: at least a third of the content, and one pair, in common."""
    return matter_share(typed, said) >= 1 / 3


def _content(text: str) -> set[str]:
    pieces = _NO_WORD.sub(" ", _STOP.sub(" ", _TIME_WORDS.sub(" ", fold(text).lower()))).split()
    return {piece[i : i + 2] for piece in pieces for i in range(len(piece) - 1)}


def interval_of(value: Any) -> Interval | None:
    """``{start, end}`` in ISO 8601 as moments; ``None`` where it is absent or unreadable."""
    if not isinstance(value, dict):
        return None
    start, end = _moment(value.get("start")), _moment(value.get("end"))
    return None if start is None and end is None else (start, end)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def range_of(value: dict[str, Any]) -> Range | None:
    """``min`` and ``max`` of a value; ``None`` where it holds no sum."""
    low, high = _number(value.get("min")), _number(value.get("max"))
    return None if low is None and high is None else (low, high)


def _number(text: Any) -> Decimal | None:
    try:
        number = Decimal(str(text))
    except ArithmeticError:
        return None
    return number if text is not None and number.is_finite() else None
