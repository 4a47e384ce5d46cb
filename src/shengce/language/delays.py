"""Times counted from the talk: 三天内, 两个星期后, 半小时后, 过三天, 三天前.

三天内 runs from the talk to the same moment three days on; 三天后 is that whole day; 一小时后 spans the hour that begins
then, 十分钟后 the minute; 半年后 is that calendar month and 三年后 that calendar year, since nobody counts the days.
过去三个月 and 近半年 end with the talk. Left out: delays from another event (签收后三天内), durations (质保三年), working days, and vague
ones (过几天, 过两天).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shengce.language.numerals import parse, parse_range

_N = "[零一二两三四五六七八九十百\\d]"
_FREE = "(?<![零一二两三四五六七八九十百千万亿几点第前头每后\\d.])"
_UNIT = r"天|日(?!元)|个?(?:星期|礼拜)|周(?!年)|个?半?月|个?季度|年|个?半?小时|个?半?钟头|分钟|刻钟"
_COUNT = rf"(?:(?P<low>{_N}{{1,4}}?)(?:到|至|-|~))?(?P<count>{_N}{{1,5}}+|半)(?P<half>个半(?=月|小时|钟头|星期))?(?P<unit>{_UNIT})(?P<more>半(?!年|天))?(?:的?时间)?"
_DELAY = re.compile(
    rf"{_FREE}{_COUNT}(?P<word>之内|以内|内(?![容部])|之后|以后|过后|后(?![天面续期台勤])|前(?![天面期台景途]))"
)
_AHEAD = re.compile(rf"(?:未来|接下来的?|今后){_COUNT}(?:之内|以内|内)?")
_BACK = re.compile(
    rf"(?:过去的|(?:过去|(?<![将接附临最靠就很])近)(?={_N}{{0,3}}个?半?[月年])){_COUNT}(?:以来|里|内|中)?"
)
_PASSING = re.compile(rf"(?:再过|再等|(?<![通超经不])过){_COUNT}(?!了|后|以后|之后)")
_OTHER_EVENT = re.compile(
    r"(?:[后起]|签收|到货|收货|下单|付款|发货|安装|验收|开票|购买|合同|质保|保修|包换|退货|退换|免费|有效期|账期|工期|交期|货期|周期|提前|每|平均|一般|通常|使用|连续|寿命)"
    r"(?:后|之后|以后|的|在|是|了)?[,，]?$"
)
_WARRANTY_AFTER = re.compile(r"的?(?:质保|保修|包换|包退|免[费息租]|无理由|退换|退货|寿命|有效)")
_FIRST_LETTERS = frozenset("零一二两三四五六七八九十百0123456789半未接今过再近")
"""The characters that a delay can begin with."""
_FORMS = (_DELAY, _AHEAD, _BACK, _PASSING)
_WORDS = {_AHEAD: "内", _BACK: "来", _PASSING: "后"}
_MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}
_MONTHS = {"月": 1, "季度": 3, "年": 12}


@dataclass(frozen=True, slots=True)
class Delay:
    """Moments ``[begin, until)`` said at code points ``[start, end)``; ``day`` when it is one whole day."""

    start: int
    end: int
    begin: datetime
    until: datetime
    day: bool


def match_delay(folded: str, at: int, moment: datetime) -> Delay | None:
    """The delay that begins at code point ``at``, counted from ``moment``."""
    if folded[at] not in _FIRST_LETTERS:
        return None
    match = next((found for form in _FORMS if (found := form.match(folded, at))), None)
    if match is None:
        return None
    if _OTHER_EVENT.search(folded[max(0, at - 8) : at]) or _WARRANTY_AFTER.match(folded, match.end()):
        return None
    if match.re is _PASSING and match["count"] in ("两", "几"):
        return None
    bare = match.re is _DELAY and not match["low"] and not match["half"]
    if bare and _names_a_month(match["count"], match["unit"]):
        return None
    word = match["word"] if match.re is _DELAY else _WORDS[match.re]
    counts = _counts(match)
    if counts is None:
        return None
    try:
        return _counted(match, word, *counts, moment)
    except (OverflowError, ValueError):
        return None


def _names_a_month(count: str, unit: str) -> bool:
    """三月后 may be after March or three months on; only 三个月后, 两月后 and 半月后 are delays without doubt."""
    value = parse(count) if count not in ("两", "半") else None
    return unit == "月" and value is not None and 1 <= value <= 12


def _counted(match: re.Match[str], word: str, low: Decimal, high: Decimal, moment: datetime) -> Delay | None:
    start, end = match.span()
    unit = match["unit"].removeprefix("个").removeprefix("半")
    minutes = _MINUTES.get(unit)
    far = _later(moment, high, unit)
    if word.endswith("内"):
        return Delay(start, end, moment, far, False)
    if word == "来":
        return Delay(start, end, _later(moment, -high, unit), moment, False)
    if word == "前":
        if low != high or minutes:
            return None
        low = high = -high
        far = _later(moment, high, unit)
    near = _later(moment, low, unit)
    if minutes:
        width = timedelta(minutes=minutes if match["count"] != "半" else minutes / 2)
        return Delay(start, end, near, far + width, False)
    if unit in ("年", "季度"):
        return Delay(
            start, end, *_calendar_stretch(near, far, whole_years=unit == "年" and low == int(low)), False
        )
    return Delay(start, end, _midnight(near), _midnight(far) + timedelta(days=1), low == high)


def _calendar_stretch(near: datetime, far: datetime, *, whole_years: bool) -> tuple[datetime, datetime]:
    """From the year (or month) of ``near`` through that of ``far``."""
    begin, end = (_midnight(moment).replace(day=1) for moment in (near, far))
    if whole_years:
        return begin.replace(month=1), end.replace(year=end.year + 1, month=1)
    return begin, _months_later(end, 1)


def _counts(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    """Lowest and highest count, halves added: 一个半月 = 1.5."""
    if match["count"] == "半":
        return Decimal("0.5"), Decimal("0.5")
    span = parse_range(match["count"])
    if span is None:
        return None
    low, high = span
    if high >= 100 and match["unit"] == "年":
        return None  # 2024年内 is a year's name.
    if match["low"]:
        first = parse_range(match["low"])
        if first is None or first[0] >= high:
            return None
        low = first[0]
    if match["half"] or match["more"] or "半" in match["unit"]:
        low, high = low + Decimal("0.5"), high + Decimal("0.5")
    return (low, high) if high > 0 else None


def _later(moment: datetime, count: Decimal, unit: str) -> datetime:
    if unit in _MINUTES:
        return moment + timedelta(minutes=float(count * _MINUTES[unit]))
    if unit in _MONTHS:
        months = count * _MONTHS[unit]
        whole = int(months)
        return _months_later(moment, whole) + timedelta(days=float((months - whole) * 30))
    return moment + timedelta(days=float(count * (7 if unit in ("周", "星期", "礼拜") else 1)))


def _months_later(moment: datetime, months: int) -> datetime:
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
