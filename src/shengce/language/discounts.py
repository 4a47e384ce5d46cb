"""Spoken discounts: 打九折 = 0.9, 八五折 = 0.85, 两点五折 = 0.25, 九折到九五折 = 0.9 to 0.95.

Left out: 折 of other trades (骨折, 三折伞), percentages off, and two neighbouring digits (七八折 may be 0.78 or 0.7 to 0.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from shengce.language.bounds import Bounded, apply_bounds
from shengce.language.numerals import DIGITS

_FIGURE = r"[一二两三四五六七八九\d](?:[点.]?[零一二两三四五六七八九\d])?"
_NOT_A_PRICE = r"(?![叠页门伞扇屏腾磨断合返射线弯回角机纸痕褶叶扣]|[都也][不没])"
_LEFT = r"(?<![零一二两三四五六七八九十百千万亿点第\d.])"
_DISCOUNT = re.compile(
    rf"(?:打个?|再打个?)?{_LEFT}(?:(?P<low>{_FIGURE})折?\s?(?:到|至|-|~)\s?)?(?P<high>{_FIGURE})折{_NOT_A_PRICE}"
    rf"|打(?P<half>对折)|(?<![第])(?P<halved>半价)"
)


def find_discounts(folded: str) -> Iterator[Bounded]:
    """The discounts of a folded text as fractions of the full price."""
    if "折" not in folded and "半价" not in folded:
        return
    for match in _DISCOUNT.finditer(folded):
        if match["half"] or match["halved"]:
            if "第二" not in folded[max(0, match.start() - 6) : match.start()]:
                yield Bounded(match.start(), match.end(), Decimal("0.5"), Decimal("0.5"))
            continue
        high = _fraction(match["high"])
        low = _fraction(match["low"]) if match["low"] else high
        if low is None or high is None or low > high:
            continue
        if bounded := _bounded(folded, match, low, high):
            yield bounded


def _bounded(folded: str, match: re.Match[str], low: Decimal, high: Decimal) -> Bounded | None:
    """最多九五折 limits what is taken off, so it is the least that is left to pay; 至少九折 may mean either."""
    bounded = apply_bounds(folded, match.start(), match.end(), low, high)
    if folded.startswith(("至少", "起码", "最少"), bounded.start):
        return None
    if bounded.low is None and folded.startswith(("最多", "顶多", "至多"), bounded.start):
        return replace(bounded, low=low, high=None)
    return bounded


def _fraction(figure: str) -> Decimal | None:
    digits = [DIGITS[d] for d in figure if d in DIGITS]
    if digits[0] == 0:
        return None
    if len(digits) == 2 and "点" not in figure and "." not in figure:
        spoken_pair = not figure.isascii() and digits[1] - digits[0] == 1
        if spoken_pair:
            return None
    return Decimal("0." + "".join(map(str, digits)))
