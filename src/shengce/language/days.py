"""Expressions for days: 明天, 下周三, 11月20号, 月底, 明年三月, 国庆节 … as half-open ranges of dates.

Conventions (docs/cli.md): weeks begin on Monday and 下周X lies in the next calendar week; a plain weekday is the
coming one, today included; 20号 is the next one to come; a month or date without its year is this year's if it is to come,
next year's if that is nearer than the one that passed, and unsure otherwise; 月初 is the 1st to 5th, 月底 the 25th to the end, 年初 January
and February, 年底 December, 季度末 the quarter's last month; 周末 is Saturday and Sunday.
Pieces of a period (本月最后三天) are in ``periods``. 三月后 and 三月内 are unsure: a month's name or a count of months?
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shengce.language import holidays
from shengce.language.numerals import DIGITS, parse
from shengce.language.periods import match_piece

Grain = Literal["day", "weekday", "week", "month", "year", "part", "holiday", "unsure"]

_N = "[零一二三四五六七八九十\\d]"
_NOT_IN_NUMERAL = "(?<![零一二两三四五六七八九十百千万亿几点第\\d./])"
_RELATIVE = re.compile(
    r"(?<![以之然最先])(大+后天|后天|后日)|(大+前天|(?<![提以之目])前天)|(明[天儿]|明日(?![香之]))|(今[天儿]|今日(?![美头资股]))|(昨[天日儿])|(?<![日基样成])(本日)|([今明昨])(?=[晚早])"
)
_TWO_DAYS = re.compile(r"(明后两?天)|今明两天")
_WEEK = re.compile(
    r"(?:(?<![一以之私底楼线当])(下{1,3})一?|(?<![晚早马以身网线路手加])(上{1,3})一?|(这|本(?<![成样基]本)))"
    r"个?(?:周(?![期转边报刊年全总])|星期(?!几)|礼拜)(?:的?(?:周|星期|礼拜)?([一二三四五六日天末1-6])(?!一?个(?!半)|[天年度百千万亿]|点(?!\d)|十(?![一二]?点)))?"
)
_WEEKDAY = re.compile(
    r"(?<![上下这本每个逢隔一二两三四五六七八九十几半\d])(?:周|星期|礼拜)([一二三四五六日天末])(?![个年岁期]|[一二三四五六日](?![点十早]))"
)
_AFTER_ONE_GO = re.compile(
    r"(?<=□□)(?:周|星期|礼拜)([一二三四五六日天末])(?![个年岁期]|[一二三四五六日](?![点十早]))"
)
_WEEKDAY_ECHO = re.compile(r"\s?[(,，]?\s?(?:周|星期|礼拜)[一二三四五六日天]\)?(?![一二三四五六])")
_ISO = re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d])日?")
# Eight figures may be a code as well: only where no code is named and nothing is counted.
_COMPACT = re.compile(
    r"(?<![\d.a-zA-Z号码#:：-])(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d.a-zA-Z元块万%号个台-])"
)
_MONTH_AND_DAY = re.compile(
    r"(?<![\d./-])(0?[1-9]|1[0-2])(?:/(?=\d{1,2}[号日])|[-/](?=\d\d\s[0-2]?\d:[0-5]\d))(0?[1-9]|[12]\d|3[01])[号日]?"
)
_YEAR = re.compile(
    rf"{_NOT_IN_NUMERAL}(?:(\d{{4}}|[一二][零一二三四五六七八九]{{3}})|(\d{{2}}|[零一二三四五六七八九]{{2}})|([两二]千零?(?:[一二三四五六七八九]?十)?[一二三四五六七八九]?))年(?!以?[前后内]|[之来间多半度份级薪费伊])"
    r"|(大?前年|后年|今年|明年|去年|本年|(?<![以之])上一年)(?!度)"
)
_YEAR_BOUNDED = re.compile(
    rf"{_NOT_IN_NUMERAL}(\d{{4}}|[一二][零一二三四五六七八九]{{3}})年(?=[前底内]|以内|之内|以前|之前|之后|以后|后)"
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
    r"的?(?:(?:第?([一二三四1-4])|第([一二三四1-4])个)季度|Q([1-4])(?!\d)|(这个?|本|下个?|上个?)季度|(?<![一二三四1-4个])(?=季度?末))(季?度?[末底])?"
)
_MONTH = re.compile(
    rf"的?(?:{_NOT_IN_NUMERAL}({_N}{{1,3}}+|(?<![美欧日港澳韩加])元(?=月))月份?|(?<![一])(下{{1,2}})(?:一?个)?月|(?<![晚早马])(上{{1,2}})(?:一?个)?月|(本(?<!成本)|这个?|当)月|(?<![每逐各个腊正冬\d一二三四五六七八九十几半])(?=月[底末初中]))(?![供租薪付饼球亮牌嫂销均报子])"
)
_SHARED_MONTHS = re.compile(
    rf"的?{_NOT_IN_NUMERAL}({_N}{{1,3}})月?(?:到|至|-|~)({_N}{{1,3}})月份?(?![{_N[1:-1]}底末初中上下])"
)
# 三月后: after March, or in three months?
_SHORT_LIMIT = re.compile(r"(?<=月)(?:[之以]内|内|[前后](?![期面续台半]))")
_MONTH_PART = re.compile(r"的?(?:月(?:份)?)?(初|上旬|中旬|中|下旬|底|末)(?![国秋])")
_DAY = re.compile(
    rf"的?\s?(?:{_NOT_IN_NUMERAL}({_N}{{1,3}}+)[号日](?![线楼院店机门库仓车厂井房色文令]|公馆|产品|生产)|({_N}{{1,3}}+)(?![{_N[1:-1]}月号日个天年万千百点台块元折多]))"
)
# 十一月二十 may be a lunar date, as 八月十五 is; an ordinal names a day that is not worked out here.
_UNCLEAR_DAY = re.compile(
    r"(?:廿|初)[一二三四五六七八九十]|[一二三四五六七八九十]{1,3}(?![零一二三四五六七八九十号日个百千万亿点台块元折多天])|的?(?:第[一二三四五六七八九十\d]|[前头后][一二三四五六七八九十两几\d]|最后|[前后上下]半|[暑寒]假|[春夏秋冬][天季])[一二两三四五几\d]?个?(?:周|星期|礼拜|天)?[一二三四五六日天]?"
)
_ADDRESS_ENDS = frozenset("路街道巷弄里村园甲乙丙丁镇坊同苑院庭段铁楼座栋幢寓厦场城桥条沿门厂-、周期拜")
_ADDRESS = re.compile(r"地址|位于|坐落|门牌")
_OF_THE_PAST = re.compile(r"的?(?:货款|款|账|帐|尾款|欠款|发票|订单|单子|对账|工资|业绩|销售)")
_LUNAR_BEFORE = re.compile(r"(?:农历|阴历|旧历|闰)$")
_HOLIDAY = re.compile(
    rf"的?({holidays.NAMES}|{'|'.join(holidays.UNKNOWN)})(?!假期|长假|期间|黄金周|路|街|村)"
)


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


def match_days(folded: str, at: int, today: date, leaning: Days | None = None) -> Days | None:
    """The day expression that begins at code point ``at``, or ``None``.

    ``leaning`` is an earlier expression of the same range: in 3月5号到10号 and 周五到周一 the second leans on the first.
    """
    try:
        for match in _KINDS:
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
    return _day(at, _echo(folded, match.end()), today + timedelta(days=offset))


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


def _match_iso(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    match = _ISO.match(folded, at) or _COMPACT.match(folded, at)
    if match is None:
        return None
    year, month, day = (int(figures) for figures in match.groups() if figures.isdecimal())
    return _day(at, _echo(folded, match.end()), date(year, month, day), fixed=True)


def _match_month_and_day(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    """09-01 before a clock time, 11/3号; otherwise such figures may mean anything."""
    match = _MONTH_AND_DAY.match(folded, at)
    if match is None:
        return None
    month = date(today.year, int(match[1]), 1)
    first = month + timedelta(days=int(match[2]) - 1)
    years = _years_ahead(first, first + timedelta(days=1), today, leaning)
    if first.month != month.month or years is None:
        return _day(at, match.end(), first, grain="unsure")
    return _day(at, match.end(), _add_years(first, years), fixed=True)


def _match_calendar(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
    """[year] [quarter | half | festival | month [part | day]], each after the other."""
    if folded[at] == "的":
        return None
    year_match = _YEAR.match(folded, at) or _YEAR_BOUNDED.match(folded, at)
    year = _year_of(year_match, today) if year_match else None
    here = year_match.end() if year_match else at
    if year_match and year is None:
        return None
    for match_part in (_year_part, _quarter, _festival, _month):
        if found := match_part(folded, at, here, year, today, leaning):
            return found
    if year is None or (year_match is not None and year_match.re is _YEAR and year_match[2]):
        return None  # 26年 alone may be a duration.
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    if piece := match_piece(folded, here, first, after):
        return _piece(at, piece)
    unclear = _UNCLEAR_DAY.match(folded, here) or _MID_YEAR.match(folded, here)
    return Days(at, here, first, after, "unsure" if unclear else "year")


def _match_day_of_month(folded: str, at: int, today: date, leaning: Days | None) -> Days | None:
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
    return _day(at, _echo(folded, match.end()), first, fixed=leaning is not None)


_KINDS: tuple[Callable[[str, int, date, Days | None], Days | None], ...] = (
    _match_relative,
    _match_week,
    _match_weekday,
    _match_iso,
    _match_month_and_day,
    _match_calendar,
    _match_day_of_month,
)


def is_address(folded: str, at: int) -> bool:
    """Whether the number at ``at`` is a house or a line: 劳动南路1号, 甲14号, 地铁十号."""
    if at == 0:
        return False
    window = folded[max(0, at - 24) : at]
    return folded[at - 1] in _ADDRESS_ENDS or _ADDRESS.search(window) is not None


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
    if part in ("年初", "初") and year is None:
        return None
    first, after = {
        "底": (12, 13), "末": (12, 13), "初": (1, 3), "上半年": (1, 7), "下半年": (7, 13),
    }[part if part.endswith("半年") else part[-1]]  # fmt: skip
    return Days(at, match.end(), date(chosen, first, 1), _month_start(chosen, after), "part")


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
    if year is None and said and _month_start(chosen, first + 3) <= today:
        return None
    if folded[match.end() : match.end() + 1] in ("初", "中"):
        return Days(at, match.end() + 1, date(chosen, first, 1), _month_start(chosen, first + 3), "unsure")
    start = _month_start(chosen, first + 2 if match[5] else first)
    return Days(at, match.end(), start, _month_start(chosen, first + 3), "part")


def _festival(
    folded: str, at: int, here: int, year: int | None, today: date, leaning: Days | None
) -> Days | None:
    match = _HOLIDAY.match(folded, here)
    if match is None or (folded[here] == "的" and year is None):
        return None
    if match[1] in holidays.UNKNOWN:
        return Days(at, match.end(), today, today + timedelta(days=1), "unsure")
    day = holidays.holiday_on(match[1], year if year is not None else today.year)
    if day is not None and year is None and day < today:
        day = holidays.holiday_on(match[1], today.year + 1)
    if day is None:
        return Days(at, match.end(), today, today + timedelta(days=1), "unsure")
    return _day(at, match.end(), day, grain="holiday")


def _month(
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
        first = _month_start(year if year is not None else today.year, today.month + shift)
    piece = (
        None
        if match[1] and year is None
        else match_piece(folded, match.end(), first, _month_start(first.year, first.month + 1))
    )
    if piece and "天" in folded[match.end() : piece[0]]:
        return _piece(at, piece)
    if unclear := _UNCLEAR_DAY.match(folded, match.end()) or _LUNAR_BEFORE.search(
        folded[max(0, here - 2) : here]
    ):
        return Days(at, max(match.end(), unclear.end()), first, first + timedelta(days=1), "unsure")
    open_year = year is None and match[1] is not None
    if open_year and _SHORT_LIMIT.match(folded, match.end()):
        return Days(at, match.end(), first, first + timedelta(days=1), "unsure")
    return _within_month(folded, at, match.end(), first, open_year, today, leaning)


def _months(at: int, match: re.Match[str], year: int) -> Days | None:
    """1到9月."""
    first, last = _small(match[1], 12), _small(match[2], 12)
    if first is None or last is None or first >= last:
        return None
    return Days(at, match.end(), date(year, first, 1), _month_start(year, last + 1), "part")


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
        start, after, end, grain = number, number + 1, _echo(folded, day.end()), "day"
    elif folded[here - 1] != "月" and folded[here - 1] != "份":
        return None
    begin = first + timedelta(days=start - 1)
    until = first + timedelta(days=after - 1)
    if open_year:
        years = _years_ahead(begin, until, today, leaning)
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


def _weekday(start: int, end: int, monday: date, said: str) -> Days:
    if said == "末":
        saturday = monday + timedelta(days=5)
        return Days(start, end, saturday, saturday + timedelta(days=2), "part")
    number = 6 if said in "日天" else DIGITS[said] - 1
    first = monday + timedelta(days=number)
    return Days(start, end, first, first + timedelta(days=1), "weekday")


def _day(start: int, end: int, day: date, *, grain: Grain = "day", fixed: bool = False) -> Days:
    return Days(start, end, day, day + timedelta(days=1), grain, fixed)


def _piece(start: int, piece: tuple[int, date, date]) -> Days:
    end, first, after = piece
    return Days(start, end, first, after, "day" if after - first == timedelta(days=1) else "part", fixed=True)


def _echo(folded: str, end: int) -> int:
    """Past a weekday that only repeats the date: 11月20号星期五."""
    match = _WEEKDAY_ECHO.match(folded, end)
    return match.end() if match else end


def _small(figures: str, highest: int) -> int | None:
    value = parse(figures)
    return int(value) if value is not None and value == int(value) and 1 <= value <= highest else None


def _month_start(year: int, month: int) -> date:
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
        first = _month_start(first.year, first.month + 1)
    return first + timedelta(days=day - 1)
