"""Spoken numbers written as figures, with a map back to what was spoken, so that a figure can play its sound.

三万五 → 3.5万, 十五万 → 15万, 两千零五十 → 2050, 百分之三十 → 30%, 三分之一 → 1/3, 二零二六年十一月二十号 → 2026年11月20号,
下午三点半 → 下午3点半, 八五折 → 8.5折, 一三八幺… → 138…. Idioms (一下, 万一, 第一时间), weekdays (周三) and vague numbers (二三十,
几万) stay as they were said, and so does a lone digit, unless its unit makes it a figure (三月, 三块).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shengce.language.folding import fold, without_idioms
from shengce.language.money_words import SOLD_BY
from shengce.language.numerals import DIGITS, LONGEST, parse, plain, scan
from shengce.language.phones import Phone, find_phones

_ANY = re.compile(r"[零〇一二两三四五六七八九幺十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟兩萬億]")
_SPOKEN_DIGITS = re.compile(r"[零一二三四五六七八九幺]")
_N = "[零一二两三四五六七八九十百千万亿点]"
_PARTS = re.compile(rf"负?(百分之|{_N}{{1,8}}分之)({_N}{{1,12}})")
_DISCOUNT = re.compile(
    r"(?<![零一二两三四五六七八九十百千万亿点])([一二两三四五六七八九])点?([一二三四五六七八九])折"
)
_SINGLE_UNIT = re.compile(
    r"\s?(?:月(?!亮|饼)|号|日(?!子|常)|点(?:半|钟|整|[零一二三四五十])|块|元|毛(?![衣巾料笔病坯线绒孩利])|折|万|年|天|小时|分钟|台|套|吨|公斤|斤)"
)
_YEAR_DIGITS = re.compile(r"(?<![零一二三四五六七八九])[零一二三四五六七八九]{2}年")
_DIGITS_OF_MINUTES = "[二三四五]?十[一二三四五六七八九]?"
_HOUR_MINUTE = re.compile(
    r"(?<![零一二两三四五六七八九十百千万点周期拜])([一二两三四五六七八九]|十[一二]?)点"
    rf"(零[一二三四五六七八九](?=分)|(?<=午.点)零[一二三四五六七八九]|{_DIGITS_OF_MINUTES})(?![零一二三四五六七八九十百千万亿点折])"
)
_HOUR_QUARTER = re.compile(
    r"(?<![零一二两三四五六七八九十百千万亿点周期拜])(?:[一二两三四五六七八九]|十[一二]?)(?=点[一三]刻)"
)
_LAST_CHANGE = re.compile(
    rf"(?<=[一二两三四五六七八九]毛)(?!一(?:{SOLD_BY}))[一二三四五六七八九](?=一?(?:{SOLD_BY})|[^零一二两三四五六七八九十百千万亿]|$)"
)
_RANGE_OPENING = re.compile(
    rf"(?<![零一二两三四五六七八九十百千万亿点几周期拜第])[一二两三四五六七八九](?=[到至][一二两三四五六七八九十百千万]{{1,6}}(?:{_SINGLE_UNIT.pattern}|[万亿]))"
)
# 十点零五 may be five past ten as well as 10.05.
_MINUTE_OR_DECIMAL = re.compile(r"^(?:[一二两三四五六七八九]|十[一二]?)点零[一二三四五六七八九]$")
_DECIMAL_UNIT = re.compile(r"[万亿倍米吨克升元块折度分平公厘毫千个]")
_NATIONAL_DAY_AFTER = re.compile(r"长假|假期|黄金周|期间|放假|国庆|前后|之前|以前")
_BLOCK_WITHOUT_COUNT = re.compile(r"(?:^|[^零一二两三四五六七八九十百千万亿\d来多几])[块元]$")  # 块八毛
_BEFORE_DIGIT = re.compile(r"(?:周|星期|礼拜|第|下午|上午|早上|晚上|中午|凌晨)$")


@dataclass(frozen=True, slots=True)
class Figure:
    """Code points ``[start, end)`` of the written text stand for ``[spoken_start, spoken_end)`` of the spoken one."""

    start: int
    end: int
    spoken_start: int
    spoken_end: int


@dataclass(frozen=True, slots=True)
class Written:
    """A text with figures and, in order, what was replaced; outside the figures both texts are the same."""

    text: str
    map: tuple[Figure, ...] = ()

    def spoken_span(self, start: int, end: int) -> tuple[int, int]:
        """The spoken code points of the written ones; a part of a figure is the whole numeral."""
        return self._spoken(start, last=False), self._spoken(end, last=True)

    def _spoken(self, offset: int, *, last: bool) -> int:
        index = bisect_right(self.map, offset - (1 if last else 0), key=lambda figure: figure.start) - 1
        if index < 0:
            return offset
        figure = self.map[index]
        if offset < figure.end or (last and offset == figure.end):
            return figure.spoken_end if last else figure.spoken_start
        return offset - figure.end + figure.spoken_end

    def written_span(self, start: int, end: int) -> tuple[int, int]:
        """The written code points of the spoken ones; a part of a numeral is the whole figure."""
        return self._written(start, last=False), self._written(end, last=True)

    def _written(self, offset: int, *, last: bool) -> int:
        index = (
            bisect_right(self.map, offset - (1 if last else 0), key=lambda figure: figure.spoken_start) - 1
        )
        if index < 0:
            return offset
        figure = self.map[index]
        if offset < figure.spoken_end or (last and offset == figure.spoken_end):
            return figure.end if last else figure.start
        return offset - figure.spoken_end + figure.end


def write_figures(text: str) -> Written:
    """``text`` with spoken numerals as figures; a text without numerals is returned at no cost."""
    if _ANY.search(text) is None:
        return Written(text)
    pieces: list[str] = []
    figures: list[Figure] = []
    done = length = 0
    for start, end, figure in _replacements(text):
        if start < done or figure == text[start:end]:
            continue
        pieces += (text[done:start], figure)
        length += start - done
        figures.append(Figure(length, length + len(figure), start, end))
        length, done = length + len(figure), end
    pieces.append(text[done:])
    return Written("".join(pieces), tuple(figures))


def _replacements(text: str) -> Iterator[tuple[int, int, str]]:
    """Spans to replace, in order of their start; where two begin together the longer comes first."""
    blanked = without_idioms(fold(text))
    found = [(p.start, p.end, _phone_figure(p)) for p in find_phones(text) if _SPOKEN_DIGITS.search(p.text)]
    found += _parts(fold(text))
    found += [(m.start(), m.end() - 1, f"{_digit(m[1])}.{_digit(m[2])}") for m in _DISCOUNT.finditer(blanked)]
    found += [
        (m.start(), m.end() - 1, "".join(map(_digit, m.group()[:-1]))) for m in _YEAR_DIGITS.finditer(blanked)
    ]
    found += _clock_minutes(blanked)
    found += [
        (m.start(), m.end(), plain(hour))
        for m in _HOUR_QUARTER.finditer(blanked)
        if (hour := parse(m.group())) is not None
    ]
    found += [(m.start(), m.end(), _digit(m.group())) for m in _RANGE_OPENING.finditer(blanked)]
    found += [(m.start(), m.end(), _digit(m.group())) for m in _LAST_CHANGE.finditer(blanked)]
    found += _numbers(text, blanked)
    return iter(sorted(found, key=lambda span: (span[0], -span[1])))


def _phone_figure(phone: Phone) -> str:
    if phone.text.isascii():
        return phone.text
    return f"{phone.number}转{phone.extension}" if phone.extension else phone.number


def _parts(blanked: str) -> list[tuple[int, int, str]]:
    """Percentages and fractions."""
    found = []
    for match in _PARTS.finditer(blanked):
        value = parse(match[2])
        below = parse(match[1][:-2]) if match[1] != "百分之" else None
        sign = "-" if match.group()[0] == "负" else ""
        if value is not None and match[1] == "百分之":
            found.append((match.start(), match.end(), f"{sign}{plain(value)}%"))
        elif value is not None and below is not None:
            found.append((match.start(), match.end(), f"{sign}{plain(value)}/{plain(below)}"))
    return found


def _numbers(text: str, blanked: str) -> list[tuple[int, int, str]]:
    numbered = ((n, _figure(n.text, n.low, n.high, blanked, n.start, n.end)) for n in scan(text))
    return [(n.start, n.end, figure) for n, figure in numbered if figure]


def _clock_minutes(blanked: str) -> list[tuple[int, int, str]]:
    """三点四十五 is no numeral as a whole: its hour and its minutes are."""
    found = []
    for match in _HOUR_MINUTE.finditer(blanked):
        hour, minute = parse(match[1]), parse(match[2])
        if hour is not None and minute is not None and hour <= 24 and minute < 60:
            found.append((match.start(), match.end(), f"{hour}点{int(minute):02d}"))
    return found


def _figure(said: str, low: Decimal, high: Decimal, blanked: str, start: int, end: int) -> str | None:
    """How a numeral is written, or ``None`` to leave it as it was said."""
    if low != high or said.isascii() or any(vague in said for vague in "多余来几个半") or len(said) > LONGEST:
        return None
    before = blanked[max(0, start - 3) : start]
    if blanked.startswith("好几", end) or ("点" in said and blanked.startswith("刻", end)):
        return None
    if _MINUTE_OR_DECIMAL.search(said) and not _DECIMAL_UNIT.match(blanked, end):
        return None
    if said == "十一" and _NATIONAL_DAY_AFTER.match(blanked, end):
        return None
    if before.endswith(("周", "星期", "礼拜")):
        return None
    if all(letter in "零一二两三四五六七八九幺" for letter in said):
        return _digits(said, before, blanked, end)
    if said in ("十", "百", "千", "万") and before.endswith("第"):
        return None
    return _readable(low, said)


def _digits(said: str, before: str, blanked: str, end: int) -> str | None:
    if len(said) == 1:
        if _BLOCK_WITHOUT_COUNT.search(before):
            return None
        unit = _SINGLE_UNIT.match(blanked, end)
        counts = unit is not None and (
            said not in "一两" or unit.group()[0] in "月号日点" or unit.group() in ("元", "万")
        )
        clock = blanked[end : end + 1] == "点" and _BEFORE_DIGIT.search(before)
        change = before.endswith(("块", "元")) and unit is None
        return _digit(said) if (counts or clock or change) and not before.endswith(("第", "个")) else None
    return "".join(map(_digit, said))


def _readable(value: Decimal, said: str) -> str:
    """亿 and 万 are kept where that is shorter to read: 15万, 3.5万, 1.2亿; else all digits."""
    if "点" in said and said[-1] == "零":
        return f"{value:.{len(said) - said.index('点') - 1}f}"  # 三点零 is 3.0
    for unit, scale, step in (("亿", 10**8, 10**4), ("万", 10**4, 10**3)):
        if value >= scale and value % step == 0:
            return plain(value / scale) + unit
    return plain(value)


def _digit(spoken: str) -> str:
    return str(DIGITS[spoken])
