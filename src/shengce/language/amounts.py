"""Sums of money and discounts in spoken and written Chinese.

A number is money when it says so (元, 块, 毛, ¥, RMB), when it is large and counts nothing else (十五万, 12w; not
十五万人, 三万台), or when the words around it speak of a price (报价三千八, 一百二一台). Anything else is left out, and so
are other currencies. ``low`` and ``high`` are equal for a point (五万左右 too), ``None`` where the sum is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from shengce.language.bounds import apply_bounds
from shengce.language.discounts import find_discounts
from shengce.language.folding import fold, without_idioms
from shengce.language.money_words import (
    SOLD_BY,
    counts_something,
    is_foreign,
    is_not_a_sum,
    per_unit_follows,
    speaks_of_money,
)
from shengce.language.numerals import DIGITS, Numeral, last_scale, scan_blanked

Unit = Literal["yuan", "discount"]

_D = "[零一二两三四五六七八九\\d]"
_BLANK = re.compile(r"\s?")
_YUAN = re.compile(
    r"\s?(?:块钱|元钱|块(?!儿|头|[砖板地电屏布表石木铁肉牌面料玻蛋业内市区显硬主肥香糖巧披瓷展广招饼豆姜牛滤芯硅橡塑泡海手看])|元(?![素件旦宵月老])整?(?:人民币)?|人民币|大洋|(?i:rmb|cny))"
)
_SCALE_LETTER = re.compile(r"\s?(?:([wW])|([kK]))(?:(?![a-zA-Z\d])|([1-9])(?![a-zA-Z\d.:]))")
_APART = re.compile(r"\s([百千]?[万亿])")
_MAO_TAIL = re.compile(rf"零?({_D})(?:毛|角)钱?(?:(?!一(?:{SOLD_BY}))({_D})分?)?(?!{_D}(?!(?:{SOLD_BY})))")
_FEN_TAIL = re.compile(rf"零?({_D})分钱?")
_SHORT_TAIL = re.compile(rf"({_D}|半)(?![零二两三四五六七八九十百千万亿点.\d%折号日月年])")
# 两千八, 两千八百八, 一百二: said without 块, and hardly ever of anything but money.
_SHORTENED = re.compile(
    r"[一二两三四五六七八九]千(?:[一二两三四五六七八九]百)?[一二两三四五六七八九]|[一二两三四五六七八九]百[一二两三四五六七八九]"
)
# 要三百个人，你们只写了二百四: the shortened number goes on counting.
_COUNTING = re.compile(
    r"[十百千万][多来]?(?:个(?!亿)|人|台|套|箱|名|户|件|份|吨|桌|张)[^,，。]{0,4}[,，][^,，。]{0,8}$"
)
_BARGAIN = re.compile(
    r"(?:[我您你](?:们|就|都)?)?(?:拿走|拿下|要了|给[您你我]|卖|要不要|不能再[低少])|是?(?:最低|底价)"
)
_END_OF_THOUGHT = re.compile(r"$|[,，。！？!?、\s吧呢啊行可了嘛哦不就太也]")
# 块二一斤 is 1.2; 块八毛 is a vague "about one", 这块二百 a piece of something.
_BLOCK_CHANGE = re.compile(
    rf"(?<![零一二两三四五六七八九十百千万亿几\d来多余这那每大小整半某木石地板砖冰布])块([一二三四五六七八九])(?=一(?:{SOLD_BY})|每|$|[,，。！？])"
)
_POST_FREE = re.compile(r"\s?包邮")
_MAO = re.compile(r"(?:毛(?![衣巾料笔利病坯豆线绒孩])钱?|角钱?(?![度落钢色铁尺])|分钱)")
_SIGN_BEFORE = re.compile(r"(?:[¥￥]|人民币|(?i:rmb|cny))\s?$")
_SIGN_ENDS = ("¥", "￥", "币", " ", "b", "B", "y", "Y")
_TO = re.compile(r"\s?(?:到|至|-{1,2}|~)\s?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum (``yuan``) or a fraction of the price (``discount``) at code points ``[start, end)``."""

    text: str
    start: int
    end: int
    low: Decimal | None
    high: Decimal | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class _Sum:
    """A numeral with its money unit, if it has one."""

    start: int
    end: int
    low: Decimal
    high: Decimal
    spoken: str
    named: bool


def find_amounts(text: str, *, numerals: Sequence[Numeral] | None = None) -> list[Amount]:
    """The amounts of a text in order, without overlaps; ``numerals`` are those of the text, if already read."""
    folded = fold(text)
    blanked = without_idioms(folded)
    found = [
        Amount(text[d.start : d.end], d.start, d.end, d.low, d.high, "discount")
        for d in find_discounts(folded)
    ]
    taken = [(d.start, d.end) for d in found]
    if "块" in folded:
        found += _block_changes(text, folded)
        taken += [(a.start, a.end) for a in found[len(taken) :]]
    for amount in _find_sums(
        text, blanked, list(scan_blanked(text, blanked)) if numerals is None else numerals
    ):
        if all(amount.end <= start or end <= amount.start for start, end in _near(taken, amount)):
            found.append(amount)
    return sorted(found, key=lambda amount: amount.start)


def _near(taken: list[tuple[int, int]], amount: Amount) -> Iterator[tuple[int, int]]:
    return ((start, end) for start, end in taken if start < amount.end and amount.start < end)


def _block_changes(text: str, folded: str) -> list[Amount]:
    """块五一个: one yuan and a half each."""
    return [
        Amount(m.group(), m.start(), m.end(), value, value, "yuan")
        for m in _BLOCK_CHANGE.finditer(folded)
        for value in (1 + Decimal(DIGITS[m[1]]) / 10,)
    ]


def _find_sums(text: str, folded: str, numerals: Sequence[Numeral]) -> Iterator[Amount]:
    done = 0
    for position, numeral in enumerate(numerals):
        if numeral.start < done:
            continue
        piece = _sum_at(folded, numeral)
        if piece is None:
            continue
        joined = _joined(folded, piece, numerals[position + 1 : position + 2])
        piece = joined or piece
        if not _is_money(folded, piece):
            continue
        bounded = apply_bounds(folded, piece.start, piece.end, piece.low, piece.high)
        if counts_something(folded, bounded.end) and not piece.named:
            continue
        done = bounded.end
        yield Amount(text[bounded.start : done], bounded.start, done, bounded.low, bounded.high, "yuan")


def _sum_at(folded: str, numeral: Numeral) -> _Sum | None:
    """The numeral with 元, 块…毛…分, w or k after it and ¥ before it."""
    start, end, low, high = numeral.start, numeral.end, numeral.low, numeral.high
    named = False
    signed = folded[max(0, start - 4) : start]
    if signed.endswith(_SIGN_ENDS) and (sign := _SIGN_BEFORE.search(signed)):
        start, named = start - len(sign.group()), True
    if numeral.text.isascii() and (apart := _APART.match(folded, end)):
        scale, end = last_scale(apart[1]), apart.end()
        low, high, numeral = low * scale, high * scale, replace(numeral, text=numeral.text + apart[1])
    if letter := _SCALE_LETTER.match(folded, end):
        return _with_letter(start, low, high, numeral.text, letter, named=named)
    if unit := _YUAN.match(folded, end):
        if "块" in unit.group() and not _is_money_block(folded, numeral, unit.end()):
            return None
        end, tail = _tail(folded, unit.end()) if low == high else (unit.end(), Decimal(0))
        return _Sum(start, end, low + tail, high + tail, numeral.text, True)
    if unit := _MAO.match(folded, end):
        return _small_change(folded, numeral, unit)
    return _Sum(start, end, low, high, numeral.text, named)


def _with_letter(
    start: int, low: Decimal, high: Decimal, said: str, letter: re.Match[str], *, named: bool
) -> _Sum:
    """3w = 30000, 3w5 = 35000, 1.2k = 1200."""
    factor = 10000 if letter[1] else 1000
    tail = int(letter[3] or 0) * factor // 10
    said += letter[1] or letter[2]
    return _Sum(start, letter.end(), low * factor + tail, high * factor + tail, said, named)


def _is_money_block(folded: str, numeral: Numeral, end: int) -> bool:
    """一块 is 'together' or a piece unless 钱 or change follows; a few 块 of an unknown thing are not money."""
    if folded[end - 1] == "钱":
        return True
    if numeral.low == 1 and numeral.text == "一":
        tail = _tail(folded, end)[0] > end
        return tail or per_unit_follows(folded, end)
    return numeral.low >= 10 or end >= len(folded) or not counts_something(folded, end)


def _small_change(folded: str, numeral: Numeral, unit: re.Match[str]) -> _Sum | None:
    if numeral.high >= 100 or (unit.group() == "角" and numeral.text in "一三"):
        return None
    if folded[max(0, numeral.start - 1) : numeral.start] in ("块", "元"):
        return None  # 块八毛 is a vague "about one".
    factor = Decimal("0.01") if unit.group() == "分钱" else Decimal("0.1")
    low, high, end = numeral.low * factor, numeral.high * factor, unit.end()
    tail = _short_tail(folded, end) if low == high and unit.group() == "毛" else None
    if tail and tail[1] != "半":
        low = high = low + DIGITS[tail[1]] * Decimal("0.01")
        end = tail.end()
    return _Sum(numeral.start, end, low, high, numeral.text, True)


def _tail(folded: str, end: int) -> tuple[int, Decimal]:
    """The change after 块 or 元: 三块五 → 0.5, 三块五毛二 → 0.52; nothing in 十块三斤."""
    if match := _MAO_TAIL.match(folded, end):
        return match.end(), Decimal(DIGITS[match[1]]) / 10 + Decimal(DIGITS[match[2] or "零"]) / 100
    if match := _FEN_TAIL.match(folded, end):
        return match.end(), Decimal(DIGITS[match[1]]) / 100
    match = _short_tail(folded, end)
    if match is None or folded[end - 1] == "钱":
        return end, Decimal(0)
    return match.end(), Decimal("0.5") if match[1] == "半" else Decimal(DIGITS[match[1]]) / 10


def _short_tail(folded: str, end: int) -> re.Match[str] | None:
    """A last digit without its unit, as in 三块五 and 三块五一斤 but not in 十块三斤 and 五块一斤."""
    match = _SHORT_TAIL.match(folded, end)
    if match is None or match[1] == "零" or counts_something(folded, match.end()):
        return None
    one_follows = folded[match.end() : match.end() + 1] == "一"
    return None if one_follows and not per_unit_follows(folded, match.end()) else match


def _joined(folded: str, left: _Sum, following: Sequence[Numeral]) -> _Sum | None:
    """三到五万, 三万到五万, 8500到3万: one range from two sums."""
    connector = _TO.match(folded, left.end)
    if connector is None or not following or following[0].start != connector.end():
        return None
    right = _sum_at(folded, following[0])
    if right is None:
        return None
    low = left.low
    if not left.named and left.spoken[-1] not in "wWkK":
        low = _lifted(left, right)
    if low >= right.high:
        return None
    return _Sum(left.start, right.end, low, right.high, right.spoken, left.named or right.named)


def _lifted(left: _Sum, right: _Sum) -> Decimal:
    """The unit that the left number shares with the right one: 三到五万, 八到九百亿, 一千到两千万."""
    if right.spoken[-1] in "wWkK":
        scale = 10000 if right.spoken[-1] in "wW" else 1000
        return left.low * scale if left.low * scale < right.high else left.low
    scale = last_scale(right.spoken)
    shared = next((s for s in (10**8, 10**4) if scale % s == 0), 1)
    if last_scale(left.spoken) > 1:
        if last_scale(left.spoken) >= shared:
            return left.low
        scale = shared
    return next((left.low * s for s in (scale, shared) if left.low * s < right.high), left.low)


def _is_bargained(folded: str, piece: _Sum) -> bool:
    """Whether a shortened number ends its thought or is haggled over, and nothing was counted right before."""
    if not (_END_OF_THOUGHT.match(folded, piece.end) or _BARGAIN.match(folded, piece.end)):
        return False
    return _COUNTING.search(folded[max(0, piece.start - 20) : piece.start]) is None


def _is_money(folded: str, piece: _Sum) -> bool:
    if not piece.named and counts_something(folded, piece.end):
        return False
    if is_not_a_sum(folded, piece.start, piece.end) or is_foreign(folded, piece.start, piece.end):
        return False
    if piece.named:
        return True
    if per_unit_follows(folded, piece.end):
        return piece.high >= 10 or speaks_of_money(folded, piece.start, piece.end)
    if piece.spoken[-1] in "wkK" or piece.spoken[-1] == "W":
        return piece.spoken[-1] == "w" or speaks_of_money(folded, piece.start, piece.end)
    if any(unit in piece.spoken for unit in "万亿"):
        return True
    if _SHORTENED.fullmatch(piece.spoken) and _is_bargained(folded, piece):
        return True
    if _POST_FREE.match(folded, piece.end):
        return True
    return piece.high >= 10 and speaks_of_money(folded, piece.start, piece.end)
