"""Spoken and written numerals: 三万五, 两千零五十, 3.5万, 35,000, 二三十万, 十几万.

The rules are those of everyday spoken Mandarin:

- a last digit without its unit takes the next lower one: 三万五 = 35000, 一百二 = 120, 三千八百六 = 3860;
  with 零 it does not: 一百零二 = 102;
- two neighbouring digits are a range: 二三十万 = 200000 to 300000, 三五百 = 300 to 500, 十五六 = 15 to 16;
- 十几 is 11 to 19, X多 runs from X to the next step of its last unit (三万多 = 30000 to 40000), X来 is about X;
- three digits or more without units, or two with 零 or 幺, are read one by one: 二零二六 = 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from shengce.language.folding import fold, without_idioms

LONGEST = 40
"""Characters of the longest numeral that is read; longer runs are codes or noise, and are left alone."""

DIGITS = (
    {d: i for i, d in enumerate("零一二三四五六七八九")} | {"两": 2, "幺": 1} | {str(i): i for i in range(10)}
)
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}

_ARABIC = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([十百千万亿]*)")
_DECIMAL = re.compile(r"([^点]+)点([零一二两三四五六七八九幺\d]+)([百千万亿]*)")
_ONE_BY_ONE = re.compile(r"[零一二两三四五六七八九幺]{3,}|(?=.*[零幺])[零一二两三四五六七八九幺]{2}")
_D = "[一二两三四五六七八九1-9]"
_SECTION = re.compile(rf"(?:({_D})千)?(零?)(?:({_D})百)?(零?)(?:({_D}?)(十))?(零?)({_D}?)")
_PAIR = re.compile(
    r"(?<![零一二两三四五六七八九])([一二两三四五六七八])([二两三四五六七八九])(?![零一二两三四五六七八九])"
)
_SOME_TEENS = re.compile(r"(.{0,8}十)几([万亿千百]?)")
_AND_MORE = re.compile(r"(.{1,16}?)([多余来])([百千万亿]{0,2})")
_OF_YI = re.compile(r"(.{1,8})个亿")
_RUN = re.compile(
    r"半个亿|[零一二两三四五六七八九幺十百千万亿几\d](?<![零一二两三四五六七八九幺十百千万亿几\d.].)"
    r"(?:[零一二两三四五六七八九幺十百千万亿几\d]"
    r"|(?<=[零一二两三四五六七八九十百千\d])点(?=[零一二两三四五六七八九\d])"
    r"|(?<=\d)\.(?=\d)|(?<=\d),(?=\d{3}(?!\d))"
    r"|(?<=[十百千万亿0])[多余来](?!少|自)|(?<=[一二两三四五六七八九十\d])个(?=亿))*+"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral at code points ``[start, end)``, worth ``low`` to ``high`` (equal when it is exact)."""

    text: str
    start: int
    end: int
    low: Decimal
    high: Decimal


def parse(text: str) -> Decimal | None:
    """The exact value of a whole numeral, a fraction (三分之一) or percentage; ``None`` when it is no such thing."""
    text = fold(text).strip()
    if not text or len(text) > LONGEST:
        return None
    if text[0] in "负-":
        value = parse(text[1:]) if text[1:2] not in ("负", "-") else None
        return -value if value is not None else None
    if text.startswith("百分") and not text.startswith("百分之"):
        text = "百分之" + text[2:]
    if "分之" in text:
        below, above = (parse(part) if part != "百" else Decimal(100) for part in text.split("分之", 1))
        return above / below if above is not None and below else None
    if match := _ARABIC.fullmatch(text):
        return Decimal(match[1].replace(",", "") + (match[2] or "")) * _product(match[3])
    if match := _DECIMAL.fullmatch(text):
        whole = _integer(match[1])
        fraction = "".join(str(DIGITS[d]) for d in match[2])
        return Decimal(f"{whole}.{fraction}") * _product(match[3]) if whole is not None else None
    if _ONE_BY_ONE.fullmatch(text):
        return Decimal("".join(str(DIGITS[d]) for d in text))
    number = _integer(text)
    return Decimal(number) if number is not None else None


def parse_range(text: str) -> tuple[Decimal, Decimal] | None:
    """Lowest and highest value of a numeral that may be vague; ``None`` when it is none or too vague (几万)."""
    text = fold(text).strip()
    if (value := parse(text)) is not None:
        return value, value
    if len(text) > LONGEST:
        return None
    if match := _OF_YI.fullmatch(text):
        count = Decimal("0.5") if match[1] == "半" else parse(match[1])
        return (count * 10**8, count * 10**8) if count is not None else None
    if match := _SOME_TEENS.fullmatch(text):
        return _both(f"{match[1]}一{match[2]}", f"{match[1]}九{match[2]}")
    if match := _AND_MORE.fullmatch(text):
        return _and_more(match[1], match[2], match[3])
    pairs = list(_PAIR.finditer(text))
    if len(pairs) != 1 or "点" in text:
        return None
    low, high = DIGITS[pairs[0][1]], DIGITS[pairs[0][2]]
    if high - low != 1 and (low, high) != (3, 5):
        return None
    head, tail = text[: pairs[0].start()], text[pairs[0].end() :]
    return _both(head + pairs[0][1] + tail, head + pairs[0][2] + tail)


def scan(text: str) -> Iterator[Numeral]:
    """The numerals of a text from left to right; idioms such as 一下 and 万一 are none.

    一百二一台 gives 一百二: the 一 belongs to the thing counted.
    """
    return scan_blanked(text, without_idioms(fold(text)))


def scan_blanked(text: str, blanked: str) -> Iterator[Numeral]:
    """The numerals of a text that is already folded and rid of its idioms."""
    for run in _RUN.finditer(blanked):
        start, end = run.span()
        if end - start > LONGEST:
            continue
        body = run.group()
        too_vague = body[-1] in "多余来" and _value(body) is None
        if too_vague or _ends_with_one_of(body, blanked[end : end + 1]):
            body = body[:-1]
        value = _value(body)
        if value is None and len(body) > 2 and body[-1] == "一":
            body = body[:-1]
            value = _value(body)
        if value is not None:
            yield Numeral(text[start : start + len(body)], start, start + len(body), *value)


# A talk says the same few numerals again and again; none is longer than LONGEST.
_value = lru_cache(maxsize=2048)(parse_range)


def last_scale(text: str) -> int:
    """What the units at the end of a numeral multiply by: 五万 → 10000, 九百亿 → 10 ** 10, 35 → 1."""
    product = 1
    for unit in reversed(text):
        if unit not in SCALES:
            break
        product *= SCALES[unit]
    return product


def plain(value: Decimal) -> str:
    """A decimal string without exponent or trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ends_with_one_of(body: str, following: str) -> bool:
    """三百一台, 十五万一套: a price each, since nobody counts with a shortened numeral."""
    return len(body) > 2 and body[-1] == "一" and body[-2] in "百千万亿" and following in _COUNTED


_COUNTED = frozenset(
    "个台套件吨斤克升米平方亩辆条只支双箱盒包袋瓶桶张把组批人名位家户次间栋页本份项度公盏副床架天年月"
)


def _product(units: str) -> int:
    product = 1
    for unit in units:
        product *= SCALES[unit]
    return product


def _integer(text: str) -> int | None:
    if text.isascii():
        return int(text) if text.isdecimal() else None
    for unit in ("亿", "万"):
        if unit in text:
            return _scaled(text, unit)
    return _section(text)


def _scaled(text: str, unit: str) -> int | None:
    scale = SCALES[unit]
    head, _, tail = text.rpartition(unit)
    if unit in head:
        return None
    high = _integer(head) if head else None
    if not high:
        return None
    if not tail:
        return high * scale
    if len(tail) == 1 and tail in DIGITS:
        return high * scale + DIGITS[tail] * scale // 10
    low = _integer(tail.lstrip("零")) if tail.strip("零") else None
    return high * scale + low if low is not None and low < scale else None


def _section(text: str) -> int | None:
    """A numeral below 万, in Chinese units."""
    match = _SECTION.fullmatch(text)
    if match is None or not text:
        return 0 if text == "零" else None
    thousands, _, hundreds, _, tens, ten, zero, ones = match.groups()
    total = 1000 * DIGITS.get(thousands or "零", 0) + 100 * DIGITS.get(hundreds or "零", 0)
    if ten:
        total += 10 * (DIGITS[tens] if tens else 1)
    if not ones:
        return total if total and not zero else (0 if text == "零" else None)
    shortened = not ten and not zero and "零" not in text[-2:-1]
    step = 10 if shortened and hundreds else 100 if shortened and thousands else 1
    return total + DIGITS[ones] * step


def _both(low: str, high: str) -> tuple[Decimal, Decimal] | None:
    lowest, highest = parse(low), parse(high)
    if lowest is None or highest is None or lowest >= highest:
        return None
    return lowest, highest


def _and_more(head: str, word: str, units: str) -> tuple[Decimal, Decimal] | None:
    value = parse(head)
    if value is None:
        return None
    if head[-1] in SCALES:
        step = _last_unit(head)
    else:
        step = 10 ** (len(head) - len(head.rstrip("0"))) if head.isascii() and head.isdecimal() else 1
    if step == 1:
        return None
    product = _product(units)
    return value * product, (value if word == "来" else value + step) * product


def _last_unit(head: str) -> int:
    """The size of one more of the last unit: 三百二十 → 10, 十五万 → 10000."""
    return last_scale(head) if head[-1] in "万亿" and head[-2:-1] not in SCALES else _lowest(head)


def _lowest(head: str) -> int:
    """十万 → 100000 is one step of 十万多; elsewhere the unit itself."""
    return SCALES[head[-1]] if head[-1] in "十百千" else SCALES[head[-1]] * SCALES.get(head[-2:-1], 1)
