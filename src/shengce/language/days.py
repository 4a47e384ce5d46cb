"""Expressions for days: 明天, 下周三, 周五 and the dates of the calendar, as half-open ranges of dates.

Conventions (docs/cli.md): weeks begin on Monday and 下周X lies in the next calendar week; a plain weekday is the coming one,
today included; 周末 is Saturday and Sunday. Dates are in ``dates``, years and quarters in ``years``, the farmer's calendar in
``lunar``, pieces of a period (本月最后三天) in ``periods``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain

from shengce.language import holidays
from shengce.language.dates import (
    Days,
    is_address,
    match_day_of_month,
    match_iso,
    match_month_and_day,
    one_day,
    past_echo,
)
from shengce.language.lunar import match_lunar
from shengce.language.numerals import DIGITS
from shengce.language.years import match_year

__all__ = ["Days", "is_address", "match_days"]

_RELATIVE = re.compile(
    r"(?<![以之然最先])(大+后天|后天|后日)|(大+前天|(?<![提以之目])前天)|(明[天儿]|明日(?![香之]))|(今[天儿]|今日(?![美头资股]))|(昨[天日儿])|(?<![日基样成])(本日)|([今明昨])(?=[晚早])"
)
_TWO_DAYS = re.compile(r"(明后两?天)|今明两天")
_WEEK = re.compile(
    r"(?:(?<![一以之私底楼线当])(下{1,3})一?|(?<![晚早马以身网线路手加])(上{1,3})一?|(这|本(?<![成样基]本)))"
    r"个?(?:周(?![期转边报刊年全总])|星期(?!几)|礼拜)(?:的?(?:周|星期|礼拜)?([一二三四五六日天末1-6])(?!一?个(?!半)|[天年度百千万亿]|点(?!\d)|十(?![一二]?点)))?"
)
_WEEKDAY = re.compile(
    r"(?:(?<=周[一二三四五六日天])|(?<=期[一二三四五六日天])|(?<=拜[一二三四五六日天])|(?<![上下这本每个逢隔单双一二两三四五六七八九十几半\d]))(?:周|星期|礼拜)([一二三四五六日天末])(?![个年岁期]|[一二三四五六日](?![点十早]))"
)
_AFTER_ONE_GO = re.compile(
    r"(?<=□□)(?:周|星期|礼拜)([一二三四五六日天末])(?![个年岁期]|[一二三四五六日](?![点十早]))"
)


def match_days(folded: str, at: int, today: date, leaning: Days | None = None) -> Days | None:
    """The day expression that begins at code point ``at``, or ``None``.

    ``leaning`` is an earlier expression of the same range: in 3月5号到10号 and 周五到周一 the second leans on the first.
    """
    try:
        for match in _BY_LETTER.get(folded[at : at + 1], ()):
            if found := match(folded, at, today, leaning):
                if found.after > found.first:
                    return found
                return None
    except (ValueError, OverflowError):
        return None
    return None


def _match_relative(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    if two := _TWO_DAYS.match(folded, at):
        first = today + timedelta(days=1 if two[1] else 0)
        return Days(at, two.end(), first, first + timedelta(days=2), "part")
    match = _RELATIVE.match(folded, at)
    if match is None:
        return None
    said = match.group()
    if match[1]:
        offset = 2 + said.count("大")
    elif match[2]:
        offset = -2 - said.count("大")
    else:
        offset = {"今": 0, "本": 0, "明": 1, "昨": -1}[said[0]]
    return one_day(at, past_echo(folded, match.end()), today + timedelta(days=offset))


def _match_week(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    match = _WEEK.match(folded, at)
    if match is None:
        return None
    monday = today - timedelta(days=today.weekday())
    monday += timedelta(weeks=len(match[1] or "") - len(match[2] or ""))
    if match[4] is None:
        return Days(at, match.end(), monday, monday + timedelta(weeks=1), "week")
    return _weekday(at, match.end(), monday, match[4])


def _match_weekday(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    match = _WEEKDAY.match(folded, at) or _AFTER_ONE_GO.match(folded, at)
    if match is None:
        return None
    base = leaning.first if leaning else today
    found = _weekday(at, match.end(), base - timedelta(days=base.weekday()), match[1])
    past = found.first <= base if leaning else found.after <= today
    if past:
        week = timedelta(weeks=1)
        return Days(at, match.end(), found.first + week, found.after + week, found.grain)
    return found


def _weekday(start: int, end: int, monday: date, said: str) -> Days:
    if said == "末":
        saturday = monday + timedelta(days=5)
        return Days(start, end, saturday, saturday + timedelta(days=2), "part")
    number = 6 if said in "日天" else DIGITS[said] - 1
    first = monday + timedelta(days=number)
    return Days(start, end, first, first + timedelta(days=1), "weekday")


_Match = Callable[[str, int, date, Days | None], Days | None]
_FIGURES = "0123456789"
_NUMERALS = "零一二两三四五六七八九十" + _FIGURES
_FESTIVALS = "".join(
    name[0] for name in chain(re.sub(r"\(.*?\)", "", holidays.NAMES).split("|"), holidays.UNKNOWN)
)
# Each kind with the characters that it can begin with; the first that matches is taken.
_KINDS: tuple[tuple[str, _Match], ...] = (
    ("大后前明今昨本", _match_relative),
    ("下上这本", _match_week),
    ("周星礼", _match_weekday),
    (_FIGURES, match_iso),
    (_FIGURES, match_month_and_day),
    ("今明后去前农阴旧正腊冬大年" + _NUMERALS, match_lunar),
    ("大前后今明去本上下这当年月季第Q元" + _NUMERALS + _FESTIVALS, match_year),
    (_NUMERALS, match_day_of_month),
)
_BY_LETTER = {
    letter: tuple(match for letters, match in _KINDS if letter in letters)
    for letter in frozenset("".join(letters for letters, _ in _KINDS))
}
