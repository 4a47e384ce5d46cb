"""Years, their parts and quarters: 2027年, 明年, 年底, 下半年, 三季度, 季度末, each with the festival, month or date after it.

Conventions (docs/cli.md): 年初 is January and February, 年底 December, 季度初 and 季度末 the quarter's first and last month.
Two figures before 年 name a year only in company: 26年 alone may be a duration. 年初 alone is this year's when it is now or a verb of
the past follows, and unsure otherwise.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from shengce.language import holidays
from shengce.language.dates import (
    NOT_IN_NUMERAL,
    UNCLEAR_DAY,
    Days,
    is_done,
    match_month,
    month_start,
    one_day,
    piece_of,
)
from shengce.language.numerals import DIGITS, parse
from shengce.language.periods import match_piece

_YEAR = re.compile(
    rf"{NOT_IN_NUMERAL}(?:(\d{{4}}|[一二][零一二三四五六七八九]{{3}})|(\d{{2}}|[零一二三四五六七八九]{{2}})|([两二]千零?(?:[一二三四五六七八九]?十)?[一二三四五六七八九]?))年(?!以?[前后内]|[之来间多半度份级薪费伊])"
    r"|(大?前年|后年|今年|明年|去年|本年|(?<![以之])上一年)(?!度)"
)
_YEAR_BOUNDED = re.compile(
    rf"{NOT_IN_NUMERAL}(\d{{4}}|[一二][零一二三四五六七八九]{{3}})年(?=[前底内]|以内|之内|以前|之前|之后|以后|后)"
)
_RELATIVE_YEARS = {
    "今年": 0,
    "本年": 0,
    "明年": 1,
    "后年": 2,
    "去年": -1,
    "上一年": -1,
    "前年": -2,
    "大前年": -3,
}
_YEAR_PART = re.compile(
    r"的?(?:年)?(年底|年末|年初|底|末|初|上半年|下半年)(?![一二三四五六])|(上半年|下半年)"
)
_MID_YEAR = re.compile(r"的?年?中(?![国秋旬间])")
_PLAIN_YEAR_PART = re.compile(r"(?<![一二三四五六七八九十几半\d])(年底|年末|年初|上半年|下半年)")
_QUARTER = re.compile(
    r"的?(?:(?:第?([一二三四1-4])|第([一二三四1-4])个)季度|Q([1-4])(?!\d)|(这个?|本|下个?|上个?)季度|(?<![一二三四1-4个])(?=季度?末))(季?度?[末底初])?"
)
_HOLIDAY = re.compile(
    rf"的?({holidays.NAMES}|{'|'.join(holidays.UNKNOWN)})(?!假期|长假|期间|黄金周|路|街|村)"
)
_JUST_PASSED = timedelta(days=30)
"""A festival that lies no farther back may be meant as well as the next one."""


def match_year(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    """[year] [quarter | half | festival | month [part | day]], each after the other."""
    if folded[at] == "的":
        return None
    year_match = _YEAR.match(folded, at) or _YEAR_BOUNDED.match(folded, at)
    year = _year_of(year_match, today) if year_match else None
    here = year_match.end() if year_match else at
    if year_match and year is None:
        return None
    for match_part in (_year_part, _quarter, _festival, match_month):
        if found := match_part(folded, at, here, year, today, leaning):
            return found
    if year is None or (year_match is not None and year_match.re is _YEAR and year_match[2]):
        return None  # 26年 alone may be a duration.
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    if piece := match_piece(folded, here, first, after):
        return piece_of(at, piece)
    unclear = UNCLEAR_DAY.match(folded, here) or _MID_YEAR.match(folded, here)
    return Days(at, here, first, after, "unsure" if unclear else "year")


def _year_of(match: re.Match[str], today: date) -> int | None:
    said = match.group().rstrip("年")
    if match.re is _YEAR and match[4]:
        return today.year + _RELATIVE_YEARS[match[4]]
    if match.re is _YEAR and match[3]:
        value = parse(said)
        return int(value) if value is not None else None
    digits = int("".join(str(DIGITS[d]) for d in said))
    if len(said) == 4:
        return digits if 1900 <= digits <= 2199 else None
    # Two digits: 98年 is 1998, 26年 is 2026.
    return 2000 + digits if digits < 50 else 1900 + digits


def _year_part(
    folded: str, at: int, here: int, year: int | None, today: date, leaning: Days | None
) -> Days | None:
    match = _YEAR_PART.match(folded, here) if year is not None else _PLAIN_YEAR_PART.match(folded, here)
    if match is None:
        return None
    part = match[1] or match[2]
    chosen = year if year is not None else today.year
    if part in ("年初", "初") and year is None and today.month > 2 and not is_done(folded, match.end()):
        return None
    first, after = {
        "底": (12, 13), "末": (12, 13), "初": (1, 3), "上半年": (1, 7), "下半年": (7, 13),
    }[part if part.endswith("半年") else part[-1]]  # fmt: skip
    return Days(at, match.end(), date(chosen, first, 1), month_start(chosen, after), "part")


def _quarter(
    folded: str, at: int, here: int, year: int | None, today: date, leaning: Days | None
) -> Days | None:
    match = _QUARTER.match(folded, here)
    if match is None or (match.end() == here) or (folded[here] == "的" and year is None):
        return None
    current = (today.month - 1) // 3
    said = match[1] or match[2] or match[3]
    number = DIGITS[said] - 1 if said else -1
    if number < 0:
        number = current + {"上": -1, "下": 1}.get((match[4] or "这")[0], 0)
    chosen = (year if year is not None else today.year) + number // 4
    first = number % 4 * 3 + 1
    if year is None and said and month_start(chosen, first + 3) <= today:
        return None
    if folded.startswith("中", match.end()):
        return Days(at, match.end() + 1, date(chosen, first, 1), month_start(chosen, first + 3), "unsure")
    start, after = month_start(chosen, first), month_start(chosen, first + 3)
    if match[5]:
        start, after = (
            (start, month_start(chosen, first + 1))
            if match[5][-1] == "初"
            else (month_start(chosen, first + 2), after)
        )
    return Days(at, match.end(), start, after, "part")


def _festival(
    folded: str, at: int, here: int, year: int | None, today: date, leaning: Days | None
) -> Days | None:
    match = _HOLIDAY.match(folded, here)
    if match is None or (folded[here] == "的" and year is None):
        return None
    if match[1] in holidays.UNKNOWN:
        return Days(at, match.end(), today, today + timedelta(days=1), "unsure")
    day = holidays.holiday_on(match[1], year if year is not None else today.year)
    if day is not None and year is None and leaning is not None:
        day = holidays.holiday_on(match[1], leaning.first.year)
    elif day is not None and year is None and day < today and not is_done(folded, match.end()):
        if today - day <= _JUST_PASSED and not folded.startswith(("前", "之前", "以前"), match.end()):
            return Days(at, match.end(), today, today + timedelta(days=1), "unsure")
        day = holidays.holiday_on(match[1], today.year + 1)
    if day is None:
        return Days(at, match.end(), today, today + timedelta(days=1), "unsure")
    return one_day(at, match.end(), day, grain="holiday")
