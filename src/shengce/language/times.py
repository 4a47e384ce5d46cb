"""Times in a sentence, as half-open stretches of moments counted from the moment of the talk.

A date lends itself to the clock times after it in the same sentence, and so does a half-day (明天下午三点，要不四点); a
clock time without a date is today's if it is still to come. X之前 ends with the end of day X (or at the clock time), X之后
begins there; the other side is ``None``. After 下周二 a plain weekday stays in that week, or is left out. Repeated times (每周三) and everything uncertain are left out. The conventions
for days, clock times and delays are in ``days``, ``clock`` and ``delays``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from shengce.language.clock import Clock, match_clock
from shengce.language.days import Days, is_address, match_days
from shengce.language.delays import match_delay
from shengce.language.folding import fold, without_idioms

_NUMERALS = frozenset("零一二两三四五六七八九十百千万亿0123456789")
_SENTENCE_END = frozenset("。！？!?；;\n")
_N = "零一二两三四五六七八九十百千万亿\\d"
# Where a time may begin: most of these characters begin other words far more often, so what follows is asked first.
_NOTABLE = re.compile(
    r"[。！？!?；;\n每凌早晚周昨]|[今明](?:[天儿日年早晚后])|去年|大+[后前年]|后[天日年]|前[天年]|[上下这本]+一?个?[周星礼月季]|[上下][半午]|[上本](?:一年|[年日])|"
    rf"当月|年[底末初]|月[底末初中]|季度?末|第[一二三四1-4]|Q[1-4]|星期|礼拜|中[秋午]|清[明晨]|元[旦月宵]|国庆|春节|端午|除夕|重阳|劳动|双[十1]|妇女|教师|儿童|"
    rf"圣诞|平安|光棍|情人|母亲|父亲|感恩|复活|[正冬腊]月|[农阴旧]历|夜里|午后|傍晚|深夜|半[夜个天日周星礼月年季小钟刻]|差[{_N}]|"
    rf"再?过去?的?[{_N}半]|再等|未来|接下|近[{_N}半]|"
    rf"[{_N}](?<![{_N}].)(?:\d{{7}}(?!\d)|[{_N}]*+(?:个[多半月星礼季小钟周]|大?早|[\s天日号周星礼月年季小半钟分刻点时夕妇节儿到至\-~/:.之以放前]))"
)
_GAP = re.compile(r"(?:的|那天|\s|[,，、])?")
_TO = re.compile(r"\s?(?:起|开始)?(?:一?直到|到|至|-{1,2}|~)\s?")
_TO_ITS_END = re.compile(r"(?:为止|止(?![损痛步住血]))")
_DAY_OF_IT = re.compile(r"的(?:今天|今日|明天|昨天|同一天|这一天|这天|(?:周|星期|礼拜)[一二三四五六日天末])")
_WORKING_HOURS = re.compile(r"(?:上班|下班|开门|关门|打烊|收工|开盘|收盘|[饭餐])(?:之?前|以前|之?后|以后)")
_AFTER_PASSING = re.compile(r"(?:过完|过了)$")
_NEXT_DAY = re.compile(r"次日|第二天")
_REPEATED = re.compile(
    r"每(?:隔?[一二两三四五六七八九十\d]{0,3}个?)?(?:天|日|周|月|年|星期|礼拜|季度|工作日|小时|分钟)(?:[一二三四五六日天末](?!点))?(?:的?[一二三四五六七八九十\d]{1,3}[号日])?"
)
_SHARED_DAYS = re.compile(
    r"(?<![零一二三四五六七八九十\d.])([一二三四五六七八九十\d]{1,3})(?:到|至|-|~)(?=[一二三四五六七八九十\d]{1,3}[号日])"
)
_SHARED_WEEKDAY = re.compile(r"(?:到|至|-|~)([一二三四五六日天])(?![点月号日个十百千万天台])")
_AROUND = re.compile(r"(?:左右|前后|上下|许)")
_BEFORE = re.compile(r"(?:之前|以前|前(?![面后台提期天年途景端往进一二两三四五六七八九十几半\d]))")
_AFTER = re.compile(r"(?:之后|以后|过后|后(?![面天台续期勤来边果悔年备一二两三四五六七八九十几半\d]))")
_WITHIN = re.compile(r"(?:之内|以内|内(?![容部存])|里面)")
_ONWARD = re.compile(r"(?:起(?![来床草点诉码])|以来)")
_BEGINNING = re.compile(r"(?:开始|起|以来)")
_TIMETABLE = re.compile(r"营业|上班|下班|开门|关门|打烊|作息|办公时间|工作时间|开放时间|通常|平时|平常")
_LATEST = re.compile(r"(?:最晚|最迟|最慢|截止到?|截至到?|不晚于|不超过|别超过)(?:是|在|到)?$")
_FROM = re.compile(r"(?:从|自)$")
_CUE_BEFORE = re.compile(
    r"(?:在|约|到|等|约在|定在|改到|改成|改为|推到|提到|就|是|大概|大约|差不多|或|或者|还是|要么|要不|赶在|天|来)[了个]?$"
)
_CUE_AFTER = re.compile(
    r"(?:左右|之?前|以前|之?后|以后|到|来|见|开|出发|过来|过去|去|在|给|打|联系|等|签|送|上门|回|集合|碰|约|吧|行|可以|方便|有空|准时|多|半)"
)
_HALF_DAY_CUE = re.compile(
    r"(?:我|你|您|咱们?|我们|他)?(?:们)?(?:再|就|给|来|过来|过去|去|见|发|打|送|回|派|到|有空|方便|有时间|可以)"
)


@dataclass(frozen=True, slots=True)
class Time:
    """A stretch ``[begin, until)`` said at code points ``[start, end)``; ``None`` where it is open."""

    text: str
    start: int
    end: int
    begin: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Point:
    """One expression before its neighbours are heard. ``day`` is its single day, if it has one."""

    start: int
    end: int
    begin: datetime
    until: datetime
    day: date | None = None
    days: Days | None = None
    clock: Clock | None = None
    guessed: bool = False
    """Whether it was put on the day of the talk for want of another: then it must lie ahead."""

    @property
    def half(self) -> str | None:
        return self.clock.half if self.clock else None


def find_times(text: str, at: datetime) -> list[Time]:
    """The times of a text in order, without overlaps; ``at`` is the moment of the talk and must be aware."""
    if at.tzinfo is None:
        raise ValueError("the moment of the talk needs an offset from UTC")
    return list(_Reader(text, at).times())


class _Reader:
    """Walks one text from left to right and remembers the day and half-day of the sentence."""

    def __init__(self, text: str, at: datetime) -> None:
        self.text = text
        self.folded = without_idioms(fold(text))
        self.at = at
        self.today = at.date()
        self.day: date | None = None
        self.half: str | None = None
        self.monthly = False
        """Whether the sentence speaks of every month: 每个月十号对账二十号付款."""
        self.lent: Days | None = None
        """The month of an earlier date, for 9月10号或者11号."""
        self.week: Days | None = None
        """下周 or 下周三 of the sentence, for the plain weekdays after it."""
        self.named = False
        """Whether the sentence has named any time: a vague one (下周) then forbids to guess today."""

    def times(self) -> Iterator[Time]:
        here = 0
        while notable := _NOTABLE.search(self.folded, here):
            here = notable.start()
            letter = self.folded[here]
            if letter in _SENTENCE_END:
                self.day, self.half, self.lent, self.week = None, None, None, None
                self.named = self.monthly = False
            if letter == "每" and (repeated := _REPEATED.match(self.folded, here)):
                here = self._past_repeated(repeated.end())
                self.monthly = self.monthly or "月" in repeated.group()
                continue
            found = self._read(here)
            if found is None:
                here += 1
                continue
            here = max(found.end, here + 1)
            if found.begin is not None or found.until is not None:
                yield found

    def _past_repeated(self, here: int) -> int:
        """Skips 上午九点 of 每天上午九点 and 国庆节 of 每年国庆节."""
        days = match_days(self.folded, here, self.today) if self.folded[here - 1] in "年月" else None
        here = days.end if days else here
        clock = match_clock(self.folded, here, dated=True) if here < len(self.folded) else None
        return clock.end if clock else here

    def _read(self, here: int) -> Time | None:
        try:
            point = self._shared_days(here) or self._point(here, None)
            if point is None:
                return None
            point = self._to_its_end(point, self._range(point))
            unsure = self._unsure(point)
            self._remember(replace(point, day=None) if unsure else point)
            if unsure:
                return Time("", point.start, point.end, None, None)
            return self._bounded(point)
        except OverflowError:
            return None

    def _unsure(self, point: _Point) -> bool:
        """Read, but not to be reported: it only keeps its parts from being read otherwise."""
        if point.days is not None and point.days.grain == "unsure":
            return True
        if point.guessed and _TIMETABLE.match(self.folded, point.end):
            return True
        if self.monthly and point.days is not None and self.folded[point.start] in _NUMERALS:
            return True
        return point.guessed and (point.begin < self.at if self._is_moment(point) else point.until <= self.at)

    def _is_moment(self, point: _Point) -> bool:
        clock = point.clock
        return clock is not None and not clock.span and point.end == clock.end

    def _remember(self, point: _Point) -> None:
        self.named = True
        if (
            point.days is not None
            and point.days.grain in ("week", "weekday")
            and self.folded[point.start] == "下"
        ):
            self.week = point.days
        if point.days is not None and point.days.fixed:
            self.lent = replace(point.days, first=point.days.first.replace(day=1))
        if point.days is not None or point.clock is None:
            self.day = point.day
        if point.day is not None:
            self.day = point.day
        self.half = point.half or (self.half if point.days is None else None)

    # One expression

    def _point(self, here: int, leaning: _Point | None) -> _Point | None:
        if delay := match_delay(self.folded, here, self.at):
            day = delay.begin.date() if delay.day else None
            if pointed := _DAY_OF_IT.match(self.folded, delay.end):
                return self._nowhere(here, pointed.end())
            return _Point(delay.start, delay.end, delay.begin, delay.until, day)
        lent = self.lent if self.folded[here] in _NUMERALS else None
        days = match_days(self.folded, here, self.today, leaning.days if leaning else lent)
        if days is None:
            return self._clock_alone(here, leaning)
        days = days if leaning else self._in_the_week(days)
        single = days.after - days.first == timedelta(days=1)
        if single and (gap := _GAP.match(self.folded, days.end)):
            spot = gap.end() if gap.end() < len(self.folded) else days.end
            clock = self._clock_at(spot, dated=True, carried=leaning.half if leaning else None)
            if clock and (spot == days.end or clock.half or clock.sure or gap.group() == "的"):
                return self._at_clock(here, clock, days.first, days)
        if not single and (pointed := _DAY_OF_IT.match(self.folded, days.end)):
            return self._nowhere(here, pointed.end())
        begin, until = self._midnight(days.first), self._midnight(days.after)
        return _Point(here, days.end, begin, until, days.first if single else None, days)

    def _in_the_week(self, days: Days) -> Days:
        """下周二或者周三, 下周吧，周四: a plain weekday stays in the week that was named, if it lies ahead there."""
        if self.week is None or days.grain != "weekday" or self.folded[days.start] not in "周星礼":
            return days
        monday = self.week.first - timedelta(days=self.week.first.weekday())
        first = monday + timedelta(days=days.first.weekday())
        ahead = first > self.week.first or self.week.grain == "week"
        return replace(
            days, first=first, after=first + timedelta(days=1), grain=days.grain if ahead else "unsure"
        )

    def _nowhere(self, start: int, end: int) -> _Point:
        """两周后的周三, 下个月的今天: read as one, and not reported."""
        days = Days(start, end, self.today, self.today + timedelta(days=1), "unsure")
        return _Point(start, end, self.at, self.at, None, days)

    def _clock_at(self, here: int, *, dated: bool, carried: str | None) -> Clock | None:
        return (
            match_clock(self.folded, here, dated=dated, carried=carried) if here < len(self.folded) else None
        )

    def _at_clock(self, start: int, clock: Clock, day: date, days: Days | None) -> _Point:
        midnight = self._midnight(day)
        begin, until = (midnight + timedelta(minutes=m) for m in (clock.begin, clock.until))
        return _Point(start, clock.end, begin, until, day, days, clock)

    def _clock_alone(self, here: int, leaning: _Point | None) -> _Point | None:
        """A clock time on the day of the sentence, else on the day of the talk if it is still to come."""
        day = leaning.day if leaning else self.day
        half = leaning.half if leaning else self.half
        clock = self._clock_at(here, dated=leaning is not None, carried=half)
        if clock is None or (clock.span and not self._wanted(clock, day, leaning)):
            return None
        if day is None and self.folded.startswith("了", clock.end):
            return None  # 都三点了
        if not clock.sure and not clock.span and day is None and not self._cued(clock):
            return None
        if day is not None:
            return self._at_clock(here, clock, day, None)
        if self.named or leaning is not None or _TIMETABLE.search(self.folded[max(0, here - 24) : here]):
            return None
        return replace(self._at_clock(here, clock, self.today, None), guessed=True)

    def _wanted(self, clock: Clock, day: date | None, leaning: _Point | None) -> bool:
        """Whether a half-day alone (下午) or a shared hour (七八点) is meant as a time and not in passing."""
        if clock.sure or leaning is not None or day is not None:
            return True
        return _HALF_DAY_CUE.match(self.folded, clock.end) is not None

    def _cued(self, clock: Clock) -> bool:
        before = self.folded[max(0, clock.start - 4) : clock.start]
        return bool(_CUE_BEFORE.search(before) or _CUE_AFTER.match(self.folded, clock.end))

    # Two expressions

    def _range(self, first: _Point) -> _Point:
        """The first point, or the range that it opens."""
        weekday = first.clock is None and first.days is not None and first.days.grain == "weekday"
        if weekday and (shared := _SHARED_WEEKDAY.match(self.folded, first.end)):
            return self._to_weekday(first, shared)
        connector = _TO.match(self.folded, first.end)
        if connector is None or connector.end() >= len(self.folded):
            return first
        here = connector.end()
        if next_day := _NEXT_DAY.match(self.folded, here):
            return self._into_next_day(first, next_day.end())
        second = self._point(here, first)
        if second and second.days and second.days.grain == "unsure":
            return replace(first, end=second.end, days=second.days)
        if second and second.days and first.days and first.clock is None and second.clock:
            # 周一至周日 9:00-21:00 is a timetable, not a stretch of time.
            return replace(first, end=second.end, day=None, days=replace(first.days, grain="unsure"))
        if second is None or (second.clock is None) != (first.clock is None):
            return first
        if first.clock is None or second.clock is None:
            return (
                replace(first, end=second.end, until=second.until, day=None)
                if second.until > first.until
                else first
            )
        until = second.until if second.clock.span else second.begin
        if second.days is None:
            until = self._same_day_end(first, until)
        return replace(first, end=second.end, until=until) if until > first.begin else first

    def _to_its_end(self, first: _Point, whole: _Point) -> _Point:
        """12月1号起至12月10号止: the last word belongs to the range."""
        word = _TO_ITS_END.match(self.folded, whole.end) if whole.end > first.end else None
        return replace(whole, end=word.end()) if word else whole

    def _same_day_end(self, first: _Point, until: datetime) -> datetime:
        """上午十点到两点 ends in the afternoon, 晚上十点到凌晨两点 on the next day."""
        for later in (timedelta(0), timedelta(hours=12), timedelta(days=1)):
            if until + later > first.begin:
                return until + later
        return until

    def _into_next_day(self, first: _Point, here: int) -> _Point:
        clock = self._clock_at(here, dated=True, carried=None)
        if clock is None or first.day is None or first.clock is None:
            return first
        second = self._at_clock(here, clock, first.day + timedelta(days=1), None)
        return replace(first, end=second.end, until=second.begin)

    def _to_weekday(self, first: _Point, shared: re.Match[str]) -> _Point:
        assert first.days is not None
        number = 6 if shared[1] in "日天" else "一二三四五六".index(shared[1])
        last = first.days.first + timedelta(days=number - first.days.first.weekday())
        if last <= first.days.first:
            return first
        return replace(first, end=shared.end(), until=self._midnight(last + timedelta(days=1)), day=None)

    def _shared_days(self, here: int) -> _Point | None:
        """三到五号."""
        shared = _SHARED_DAYS.match(self.folded, here)
        if shared is None or is_address(self.folded, here):
            return None
        from_today = Days(here, here, self.today, self.today + timedelta(days=1), "day")
        last = match_days(self.folded, shared.end(), self.today, from_today)
        opening = match_days(shared[1] + "号", 0, last.first.replace(day=1)) if last else None
        if last is None or opening is None or not opening.first < last.first:
            return None
        begin, until = self._midnight(opening.first), self._midnight(last.after)
        return _Point(here, last.end, begin, until, None, replace(last, start=here, first=opening.first))

    # The words around

    def _bounded(self, point: _Point) -> Time:
        start, end = point.start, point.end
        begin: datetime | None = point.begin
        until: datetime | None = point.until
        if around := _AROUND.match(self.folded, end):
            end = around.end()
        exact = point.clock is not None and not point.clock.span
        festival = point.days is not None and point.days.grain == "holiday"
        before = self.folded[max(0, start - 6) : start]
        if point.days is None and point.clock is None:
            pass
        elif _AFTER_PASSING.search(before) or _WORKING_HOURS.match(self.folded, end):
            begin, until = None, None
        elif word := _BEFORE.match(self.folded, end):
            begin, until, end = None, point.begin if exact or festival else point.until, word.end()
        elif word := _AFTER.match(self.folded, end):
            begin, until, end = (
                (None if festival else point.begin if exact else point.until),
                None,
                word.end(),
            )
        elif word := _WITHIN.match(self.folded, end):
            begin, end = max(point.begin, self.at) if point.until > self.at else point.begin, word.end()
        elif word := (_BEGINNING if _FROM.search(before) else _ONWARD).match(self.folded, end):
            until, end = None, word.end()
        elif latest := _LATEST.search(before):
            start, begin, until = start - len(latest.group()), None, point.begin if exact else point.until
        return Time(self.text[start:end], start, end, begin, until)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.at.tzinfo)
