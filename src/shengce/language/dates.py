"""Dates of the calendar: 2026-11-30, 11月20号, 15号, 三月份, 12月中旬, 国庆节, and what all day expressions share.

Conventions (docs/cli.md): 20号 is the next one to come; a month or date without its year is this year's if it is to come,
next year's if that is nearer than the one that passed, and unsure otherwise, unless a verb of the past follows (八月份买的) or the
day passed less than two months ago; 月初 is the 1st to 5th, 月底 the 25th to the end. 三月后 and 三月内 are unsure: a month's
name or a count of months?
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from shengce.language.numerals import parse
from shengce.language.periods import match_piece

Grain = Literal["day", "weekday", "week", "month", "year", "part", "holiday", "unsure"]

_N = "[零一二三四五六七八九十\\d]"
NOT_IN_NUMERAL = "(?<![零一二两三四五六七八九十百千万亿几点第\\d./])"
_WEEKDAY_ECHO = re.compile(r"\s?[(,，]?\s?(?:周|星期|礼拜)[一二三四五六日天]\)?(?![一二三四五六])")
_ISO = re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d])日?")
# Eight figures may be a code as well: only where no code is named and nothing is counted.
_COMPACT = re.compile(
    r"(?<![\d.a-zA-Z号码#:：-])(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d.a-zA-Z元块万%号个台-])"
)
_MONTH_AND_DAY = re.compile(
    r"(?<![\d./-])(0?[1-9]|1[0-2])(?:/(?=\d{1,2}[号日])|[-/](?=\d\d\s[0-2]?\d:[0-5]\d))(0?[1-9]|[12]\d|3[01])[号日]?"
)
_MONTH = re.compile(
    rf"的?(?:{NOT_IN_NUMERAL}({_N}{{1,3}}+|(?<![美欧日港澳韩加])元(?=月))月份?|(?<![一])(下{{1,2}})(?:一?个)?月|(?<![晚早马])(上{{1,2}})(?:一?个)?月|(本(?<!成本)|这个?|当)月|(?<![每逐各个腊正冬\d一二三四五六七八九十几半])(?=月[底末初中]))(?![供租薪付饼球亮牌嫂销均报子])"
)
_SHARED_MONTHS = re.compile(
    rf"的?{NOT_IN_NUMERAL}({_N}{{1,3}})月?(?:到|至|-|~)({_N}{{1,3}})月份?(?![{_N[1:-1]}底末初中上下])"
)
# 三月后: after March, or in three months?
_SHORT_LIMIT = re.compile(r"(?<=月)(?:[之以]内|内|[前后](?![期面续台半]))")
_MONTH_PART = re.compile(r"的?(?:月(?:份)?)?(初|上旬|中旬|中|下旬|底|末)(?![国秋])")
_DAY = re.compile(
    rf"的?\s?(?:{NOT_IN_NUMERAL}({_N}{{1,3}}+)[号日](?![线楼院店机门库仓车厂井房色文令]|公馆|产品|生产)|({_N}{{1,3}}+)(?![{_N[1:-1]}月号日个天年万千百点台块元折多]))"
)
# 十一月二十 may be a lunar date, as 八月十五 is; an ordinal names a day that is not worked out here.
UNCLEAR_DAY = re.compile(
    r"(?:廿|初)[一二三四五六七八九十]|[一二三四五六七八九十]{1,3}(?![零一二三四五六七八九十号日个百千万亿点台块元折多天])|的?(?:第[一二三四五六七八九十\d]|[前头后][一二三四五六七八九十两几\d]|最后|[前后上下]半|[暑寒]假|[春夏秋冬][天季])[一二两三四五几\d]?个?(?:周|星期|礼拜|天)?[一二三四五六日天]?"
)
_ADDRESS_ENDS = frozenset("路街道巷弄里村园甲乙丙丁镇坊同苑院庭段铁楼座栋幢寓厦场城桥条沿门厂-、周期拜")
_ADDRESS = re.compile(r"地址|位于|坐落|门牌")
_OF_THE_PAST = re.compile(r"的?(?:货款|款|账|帐|尾款|欠款|发票|订单|单子|对账|工资|业绩|销售)")
# 八月份买的, 三月份我们签了: the verb says that the day has passed.
_DONE = re.compile(
    r"(?:我们?|你们?|[您他她]们?|咱们?|就|才|已经?|都|刚|也|那[天会时次]|的时候|在[^,，。]{1,4}|给[^,，。]{1,3}){0,4}"
    r"(?:安装|签收|下单|发货|到货|付款|采购|购买|合作|交付|验收|报修|续费|开业|[签交买装付订定换修发送做来去谈聊打拿办投立见租收到])过?一?[了过的](?!话)"
)
_JUST_PASSED = timedelta(days=60)
"""A day without its year that lies no farther back is meant, and not the one in ten months."""
_LUNAR_BEFORE = re.compile(r"(?:农历|阴历|旧历|闰)$")


@dataclass(frozen=True, slots=True)
class Days:
    """Days ``[first, after)`` said at code points ``[start, end)``; of grain ``unsure`` they are not to be reported."""

    start: int
    end: int
    first: date
    after: date
    grain: Grain
    fixed: bool = False
    """Whether year and month were said or implied, so that a later 15号 may lean on them."""


def match_iso(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    match = _ISO.match(folded, at) or _COMPACT.match(folded, at)
    if match is None:
        return None
    year, month, day = (int(figures) for figures in match.groups() if figures.isdecimal())
    return one_day(at, past_echo(folded, match.end()), date(year, month, day), fixed=True)


def match_month_and_day(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    """09-01 before a clock time, 11/3号; otherwise such figures may mean anything."""
    match = _MONTH_AND_DAY.match(folded, at)
    if match is None:
        return None
    month = date(today.year, int(match[1]), 1)
    first = month + timedelta(days=int(match[2]) - 1)
    years = _years_ahead(first, first + timedelta(days=1), today, leaning)
    if first.month != month.month or years is None:
        return one_day(at, match.end(), first, grain="unsure")
    return one_day(at, match.end(), _add_years(first, years), fixed=True)


def match_day_of_month(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    """15号 alone: of the month it leans on, else the next one to come."""
    match = _DAY.match(folded, at)
    if (
        match is None
        or match[1] is None
        or folded[at] in "的 "
        or (leaning is None and is_address(folded, at))
    ):
        return None
    day = _small(match[1], 31)
    if day is None:
        return None
    if leaning:
        first = _next_with_day(leaning.first, day)
    else:
        first = _next_with_day(today, day)
    return one_day(at, past_echo(folded, match.end()), first, fixed=leaning is not None)


def is_address(folded: str, at: int) -> bool:
    """Whether the number at ``at`` is a house or a line: 劳动南路1号, 甲14号, 地铁十号."""
    if at == 0:
        return False
    window = folded[max(0, at - 24) : at]
    return folded[at - 1] in _ADDRESS_ENDS or _ADDRESS.search(window) is not None


def is_done(folded: str, end: int) -> bool:
    """Whether what follows a date says that it has passed: 八月份买的机器."""
    return _DONE.match(folded, end) is not None


def match_month(
    folded: str, at: int, here: int, year: int | None, today: date, leaning: Days | None
) -> Days | None:
    if months := _SHARED_MONTHS.match(folded, here):
        return _months(at, months, year if year is not None else today.year)
    match = _MONTH.match(folded, here)
    if match is None or (here == at and folded[here] == "的"):
        return None
    if match[1]:
        number = 1 if match[1] == "元" else _small(match[1], 12)
        if number is None:
            day = _DAY.match(folded, match.end())
            return Days(at, day.end() if day else match.end(), today, today + timedelta(days=1), "unsure")
        first = date(year if year is not None else today.year, number, 1)
    else:
        shift = len(match[2] or "") - len(match[3] or "")
        first = month_start(year if year is not None else today.year, today.month + shift)
    piece = (
        None
        if match[1] and year is None
        else match_piece(folded, match.end(), first, month_start(first.year, first.month + 1))
    )
    if piece and "天" in folded[match.end() : piece[0]]:
        return piece_of(at, piece)
    if unclear := UNCLEAR_DAY.match(folded, match.end()) or _LUNAR_BEFORE.search(
        folded[max(0, here - 2) : here]
    ):
        return Days(at, max(match.end(), unclear.end()), first, first + timedelta(days=1), "unsure")
    if year is None and match.end() == here and first <= today:
        return _bare_part(folded, at, here, first, today)
    open_year = year is None and match[1] is not None
    if open_year and _SHORT_LIMIT.match(folded, match.end()):
        return Days(at, match.end(), first, first + timedelta(days=1), "unsure")
    return _within_month(folded, at, match.end(), first, open_year, today, leaning)


def _bare_part(folded: str, at: int, here: int, first: date, today: date) -> Days | None:
    """月底, 月初: this month's, unless it has passed and no verb says so."""
    days = _within_month(folded, at, here, first, False, today, None)
    if days is None or days.after > today or is_done(folded, days.end):
        return days
    return replace(days, grain="unsure")


def _months(at: int, match: re.Match[str], year: int) -> Days | None:
    """1到9月."""
    first, last = _small(match[1], 12), _small(match[2], 12)
    if first is None or last is None or first >= last:
        return None
    return Days(at, match.end(), date(year, first, 1), month_start(year, last + 1), "part")


def _within_month(
    folded: str, at: int, here: int, first: date, open_year: bool, today: date, leaning: Days | None
) -> Days | None:
    """The part or day after a month, or the month itself."""
    last = monthrange(first.year, first.month)[1]
    start, after, end, grain = 1, last + 1, here, "month"
    if part := _MONTH_PART.match(folded, here):
        start, after = {
            "初": (1, 6), "上旬": (1, 11), "中旬": (11, 21), "中": (11, 21), "下旬": (21, last + 1), "底": (25, last + 1), "末": (25, last + 1),
        }[part[1]]  # fmt: skip
        end, grain = part.end(), "part"
    elif day := _DAY.match(folded, here):
        number = _small(day[1] or day[2], last)
        if number is None:
            return Days(at, day.end(), first, first + timedelta(days=1), "unsure")
        start, after, end, grain = number, number + 1, past_echo(folded, day.end()), "day"
    elif folded[here - 1] != "月" and folded[here - 1] != "份":
        return None
    begin = first + timedelta(days=start - 1)
    until = first + timedelta(days=after - 1)
    if open_year:
        years = _years_ahead(begin, until, today, leaning)
        passed = until <= today and leaning is None
        if passed and (
            is_done(folded, end) or (years is None and grain == "day" and today - until <= _JUST_PASSED)
        ):
            years = 0
        if years is None or (years and _OF_THE_PAST.match(folded, end)):
            return Days(at, end, begin, until, "unsure")
        begin, until = _add_years(begin, years), _add_years(until, years)
    return Days(
        at, end, begin, until, "day" if grain == "day" else "part" if grain == "part" else "month", fixed=True
    )


def _years_ahead(begin: date, until: date, today: date, leaning: Days | None) -> int | None:
    """Years to add to a date of this year: none when it is to come, one when it is long past."""
    if leaning is not None:
        years = leaning.first.year - begin.year
        return years if _add_years(begin, years) >= leaning.first else years + 1
    if until > today:
        return 0
    return 1 if today - until > _add_years(begin, 1) - today else None


def one_day(start: int, end: int, day: date, *, grain: Grain = "day", fixed: bool = False) -> Days:
    return Days(start, end, day, day + timedelta(days=1), grain, fixed)


def piece_of(start: int, piece: tuple[int, date, date]) -> Days:
    end, first, after = piece
    return Days(start, end, first, after, "day" if after - first == timedelta(days=1) else "part", fixed=True)


def past_echo(folded: str, end: int) -> int:
    """Past a weekday that only repeats the date: 11月20号星期五."""
    match = _WEEKDAY_ECHO.match(folded, end)
    return match.end() if match else end


def _small(figures: str, highest: int) -> int | None:
    value = parse(figures)
    return int(value) if value is not None and value == int(value) and 1 <= value <= highest else None


def month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _add_years(day: date, years: int) -> date:
    return (
        day
        if not years
        else date(day.year + years, day.month, min(day.day, monthrange(day.year + years, day.month)[1]))
    )


def _next_with_day(today: date, day: int) -> date:
    first = date(today.year, today.month, 1)
    while day > monthrange(first.year, first.month)[1] or first + timedelta(days=day - 1) < today:
        first = month_start(first.year, first.month + 1)
    return first + timedelta(days=day - 1)
