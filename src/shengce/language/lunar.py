"""The farmer's calendar: 正月十五, 腊月二十八, 大年初八, 五月初五, 农历八月十五.

Certain are days of 正月, 冬月 and 腊月, days said with 初 or 廿 (五月初五), with 农历 before them, and 大年初一 to 初十. A plain 八月十五
may be either calendar, and a whole month (腊月里) has no days to be counted on: both are left out, and so are leap months.
Without a year the next such day is meant.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from shengce.language.dates import Days, one_day
from shengce.language.numerals import parse

# First day of the first month, the number of the month that is doubled (0: none), and the months in order: 1 for 30 days.
# Computed with two independent implementations of GB/T 33661-2017, which agree on every day of these years.
_YEARS = {
    2019: (2, 5, 0, "101010010011"),
    2020: (1, 25, 4, "0111010010101"),
    2021: (2, 12, 0, "011010101010"),
    2022: (2, 1, 0, "101011010101"),
    2023: (1, 22, 2, "0100110110101"),
    2024: (2, 10, 0, "010010110110"),
    2025: (1, 29, 6, "1010010101110"),
    2026: (2, 17, 0, "101001001110"),
    2027: (2, 6, 0, "110100100110"),
    2028: (1, 26, 5, "1110100100110"),
    2029: (2, 13, 0, "110101010011"),
    2030: (2, 3, 0, "010110101010"),
    2031: (1, 23, 3, "0110101101010"),
    2032: (2, 11, 0, "100101101101"),
    2033: (1, 31, 11, "0100101011101"),
    2034: (2, 19, 0, "010010101101"),
    2035: (2, 8, 0, "101001001101"),
    2036: (1, 28, 6, "1101001001011"),
    2037: (2, 15, 0, "110100100101"),
    2038: (2, 4, 0, "110101010010"),
    2039: (1, 24, 5, "1101101010100"),
    2040: (2, 12, 0, "101101011010"),
}
_MONTHS = (
    {"正": 1, "冬": 11, "腊": 12}
    | {name: i for i, name in enumerate("一二三四五六七八九十", 1)}
    | {"十一": 11, "十二": 12}
)
_DAY = re.compile(
    r"(?P<year>今年|明年|后年|去年|前年)?的?(?P<named>农历|阴历|旧历)?的?(?P<month>[正冬腊]|十[一二]?|[一二三四五六七八九])月(?:的)?(?P<mark>[初廿])?(?P<day>[一二三四五六七八九十]{1,3}|\d{1,2})[号日]?(?![一二三四五六七八九十百千万个天点月年几多来\d])"
)
_NEW_YEAR = re.compile(
    r"(?:大年|年|正月)初(?P<day>[一二三四五六七八九十])(?![一二三四五六七八九十百千万中高级\d块折])"
)
_YEAR_SHIFTS = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2}
_NO_DAYS = re.compile(r"(?:[正冬腊]月|农历|阴历|旧历)")


def lunar_day(year: int, month: int, day: int) -> date | None:
    """The day of the civil calendar; ``None`` outside the table and for the 30th of a month of 29 days.

    A doubled month counts only the first time.
    """
    if year not in _YEARS or not 1 <= month <= 12:
        return None
    first_month, first_day, doubled, lengths = _YEARS[year]
    before = month - 1 + (1 if doubled and month > doubled else 0)
    if not 1 <= day <= 29 + int(lengths[before]):
        return None
    gone = sum(29 + int(length) for length in lengths[:before])
    return date(year, first_month, first_day) + timedelta(days=gone + day - 1)


def match_lunar(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    """A day of the farmer's calendar that begins at code point ``at``; of grain ``unsure`` where no day is named."""
    if match := _NEW_YEAR.match(folded, at):
        return _next(at, match.end(), 1, _number(match["day"]), None, today)
    match = _DAY.match(folded, at)
    if match is None or not (match["named"] or match["mark"] or match["month"] in "正冬腊"):
        if vague := _NO_DAYS.match(folded, at):
            return one_day(at, vague.end(), today, grain="unsure")
        return None
    if folded[at] not in "农阴旧今明后去前" and at and folded[at - 1] in "闰年一二三四五六七八九十":
        return one_day(at, match.end(), today, grain="unsure")
    day = _number(match["day"]) + (20 if match["mark"] == "廿" else 0)
    year = today.year + _YEAR_SHIFTS[match["year"]] if match["year"] else None
    return _next(at, match.end(), _MONTHS[match["month"]], day, year, today)


def _next(at: int, end: int, month: int, day: int, year: int | None, today: date) -> Days:
    """The day of that lunar year, or the next one to come."""
    years = (year,) if year is not None else (today.year - 1, today.year, today.year + 1)
    days = (lunar_day(number, month, day) for number in years)
    found = next((d for d in days if d is not None and (year is not None or d >= today)), None)
    if found is None:
        return one_day(at, end, today, grain="unsure")
    return one_day(at, end, found, fixed=True)


def _number(figures: str) -> int:
    value = parse(figures)
    return int(value) if value is not None else 0
