"""How well normalisation does on public sets: zh-time-money (times, money) and itn-zh (spoken numbers and their writing).

Where our answer to zh-time-money differs by intent, since its set keeps the conventions of jionlp:

- 9日上午, 8号晚上9点: the next such day; jionlp takes this month's even when it has passed, or skips a month;
- 三天内, 两个半月以内: to the same moment of that day; jionlp ends at its last second;
- 20天以后, 半年之后: that day or month; jionlp leaves 以后 and 之后 open, but closes 后;
- 4个星期之后: a day; jionlp a week;
- 半年后: six months on; jionlp five, and 3年半前 by as much;
- 上月最后五天: five days; jionlp six;
- 从上个月到今天: today is a whole day; jionlp stops at the base time;
- 9月10号，11号，12号: as many dates as were said; jionlp one stretch;
- 上午: from eight; jionlp from seven;
- 腊月初十: the next one; jionlp that of the lunar year with the base's number;
- silent, since they may mean several things: 8月十五, 09-01, 二月十五, 前两天, 两小时前, 第一周, 24年;
- silent, since no sales talk means them as a date: centuries, decades, solar terms, seasons, 现在, 白天.

Values are compared, not strings. An answer counts as *right* when its value equals the expected one, *wrong* when there is
an answer with another value, *silent* when there is none. Precision is right ÷ answered, recall right ÷ expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from shengce.language.amounts import find_amounts
from shengce.language.numerals import parse, parse_range
from shengce.language.times import Time, find_times

CHINA = timezone(timedelta(hours=8))
_SECOND = timedelta(seconds=1)
_YUAN = ("元", "人民币")


@dataclass(slots=True)
class Tally:
    """Counts of one set, and the first misses in words."""

    expected: int = 0
    right: int = 0
    wrong: int = 0
    silent: int = 0
    false: int = 0
    """Answers where nothing was to be answered."""
    misses: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Counts with precision and recall (``None`` where nothing was answered or expected)."""
        answered = self.right + self.wrong + self.false
        return {
            "expected": self.expected,
            "right": self.right,
            "wrong": self.wrong,
            "silent": self.silent,
            "false": self.false,
            "precision": round(self.right / answered, 4) if answered else None,
            "recall": round(self.right / self.expected, 4) if self.expected else None,
            "misses": self.misses,
        }

    def count(self, text: str, *, answered: bool, right: bool, got: object) -> None:
        """Adds one expected answer."""
        self.expected += 1
        if right:
            self.right += 1
            return
        if answered:
            self.wrong += 1
        else:
            self.silent += 1
        self.misses.append(f"{text}: {got}")

    def count_nothing(self, text: str, *, answered: bool, got: object) -> None:
        """Adds a text in which nothing was to be found."""
        if answered:
            self.false += 1
            self.misses.append(f"{text}: {got}, nothing expected")


def score(path: Path) -> dict[str, Any]:
    """Scores on the sets that lie under ``path`` (``zh-time-money``, ``itn-zh``); absent ones are left out."""
    result: dict[str, Any] = {}
    for name, file, scorer in _SETS:
        if (path / file).is_file():
            result[name] = scorer(path / file).to_json()
    return result


def score_times(file: Path) -> Tally:
    """Whole expressions with a base time; durations and repetitions must give nothing that is wrong.

    ``open`` ends agree with whatever the set puts there: it writes the base time where the words set no limit.
    """
    tally = Tally()
    for case in _lines(file):
        kind = case["expected"]["type"]
        base = _base(case["base"])
        found = find_times(case["text"], base)
        got = [(t.begin and t.begin.isoformat(), t.until and t.until.isoformat()) for t in found]
        if kind not in ("time_point", "time_span"):
            tally.count_nothing(case["text"], answered=bool(found), got=got)
            continue
        right = len(found) == 1 and _same_stretch(found[0], case["expected"]["time"], base)
        tally.count(
            case["text"], answered=bool(found), right=right, got=f"{got} for {case['expected']['time']}"
        )
    return tally


def score_time_starts(file: Path) -> Tally:
    """The same, where it is enough that the answer begins and ends on the expected days."""
    tally = Tally()
    for case in _lines(file):
        if case["expected"]["type"] not in ("time_point", "time_span"):
            continue
        base = _base(case["base"])
        found = find_times(case["text"], base)
        wanted = case["expected"]["time"]
        right = len(found) == 1 and _same_days(found[0], wanted, base)
        tally.count(case["text"], answered=bool(found), right=right, got=wanted)
    return tally


def score_time_spans(file: Path) -> Tally:
    """Where the times are in a sentence: every expected span must be overlapped, and nothing else found."""
    tally = Tally()
    for case in _lines(file):
        found = [
            (t.start, t.end) for t in find_times(case["text"], datetime(2021, 6, 14, 1, 6, tzinfo=CHINA))
        ]
        _count_spans(tally, case, found)
    return tally


def score_money(file: Path) -> Tally:
    """Whole expressions of money; other currencies must give nothing."""
    tally = Tally()
    for case in _lines(file):
        found = find_amounts(case["text"])
        got = [(str(a.low), str(a.high)) for a in found]
        if case["expected"]["case"] not in _YUAN:
            tally.count_nothing(case["text"], answered=bool(found), got=got)
            continue
        wanted = case["expected"]["num"]
        low, high = (Decimal(n) for n in (wanted if isinstance(wanted, list) else (wanted, wanted)))
        right = len(found) == 1 and found[0].low in (low, None) and found[0].high in (high, None)
        tally.count(case["text"], answered=bool(found), right=right, got=f"{got} for {wanted}")
    return tally


def score_money_spans(file: Path) -> Tally:
    """Where sums of money are in a sentence (yuan only)."""
    tally = Tally()
    for case in _lines(file):
        found = [(a.start, a.end) for a in find_amounts(case["text"])]
        case["expected_spans"] = [s for s in case["expected_spans"] if "日元" not in s["text"]]
        _count_spans(tally, case, found)
    return tally


def score_numerals(file: Path) -> Tally:
    """Lines ``spoken => written`` whose both sides are one number: their values must agree."""
    tally = Tally()
    for spoken, written in _pairs(file):
        wanted = _written_value(written)
        if wanted is None:
            continue
        got = parse_range(spoken)
        tally.count(spoken, answered=got is not None, right=got == wanted, got=f"{got} for {written}")
    return tally


def score_itn_money(file: Path) -> Tally:
    """Lines ``spoken => written`` of money, yuan only."""
    tally = Tally()
    for spoken, written in _pairs(file):
        found = find_amounts(spoken)
        if not written.startswith(("¥", "CNY")):
            tally.count_nothing(spoken, answered=bool(found), got=[a.text for a in found])
            continue
        wanted = Decimal(written.lstrip("¥CNY"))
        right = len(found) == 1 and found[0].low == found[0].high == wanted
        tally.count(spoken, answered=bool(found), right=right, got=[str(a.low) for a in found])
    return tally


def score_itn_clock(file: Path) -> Tally:
    """Lines ``spoken => h:mm`` with one time each: the hour may differ by a half-day, the minutes may not."""
    tally = Tally()
    for spoken, written in _pairs(file):
        match = re.fullmatch(r"(\d{1,2}):(\d\d)(?::\d\d)?(?:[ap]\.m\.)?", written)
        if match is None:
            continue
        found = find_times(spoken, datetime(2021, 6, 14, tzinfo=CHINA))
        got = found[0].begin if len(found) == 1 else None
        right = got is not None and (got.hour - int(match[1])) % 12 == 0 and got.minute == int(match[2])
        tally.count(spoken, answered=bool(found), right=right, got=f"{got} for {written}")
    return tally


def score_itn_dates(file: Path) -> Tally:
    """Lines ``spoken => yyyy/mm/dd`` with one date each."""
    tally = Tally()
    for spoken, written in _pairs(file):
        match = re.fullmatch(r"(\d{4})(?:/|年)(\d\d)(?:/(\d\d))?", written)
        if match is None:
            continue
        wanted = (int(match[1]), int(match[2]), int(match[3] or 1))
        found = find_times(spoken, datetime(2010, 6, 14, tzinfo=CHINA))
        begin = found[0].begin if len(found) == 1 else None
        right = begin is not None and (begin.year, begin.month, begin.day) == wanted
        tally.count(spoken, answered=bool(found), right=right, got=f"{begin} for {written}")
    return tally


_SETS: tuple[tuple[str, str, Callable[[Path], Tally]], ...] = (
    ("time_parse", "zh-time-money/time_parse.jsonl", score_times),
    ("time_parse_days", "zh-time-money/time_parse.jsonl", score_time_starts),
    ("time_extract", "zh-time-money/time_extract.jsonl", score_time_spans),
    ("money_parse", "zh-time-money/money_parse.jsonl", score_money),
    ("money_extract", "zh-time-money/money_extract.jsonl", score_money_spans),
    ("itn_number", "itn-zh/itn-number.txt", score_numerals),
    ("itn_cardinal", "itn-zh/itn-cardinal.txt", score_numerals),
    ("itn_fraction", "itn-zh/itn-fraction.txt", score_numerals),
    ("itn_measure", "itn-zh/itn-measure.txt", score_numerals),
    ("itn_money", "itn-zh/itn-money.txt", score_itn_money),
    ("itn_time", "itn-zh/itn-time.txt", score_itn_clock),
    ("itn_date", "itn-zh/itn-date.txt", score_itn_dates),
)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        spoken, arrow, written = line.partition("=>")
        if arrow:
            yield spoken.strip(), written.strip()


def _count_spans(tally: Tally, case: dict[str, Any], found: Iterable[tuple[int, int]]) -> None:
    left = list(found)
    for span in case["expected_spans"]:
        start, end = span["offset"]
        overlapping = [f for f in left if f[0] < end and start < f[1]]
        left = [f for f in left if f not in overlapping]
        tally.count(span["text"], answered=False, right=bool(overlapping), got=None)
    for start, end in left:
        tally.count_nothing(case["text"], answered=True, got=case["text"][start:end])


def _base(base: Any) -> datetime:
    """The base time in the forms that the set uses: text, a list, named parts, seconds since 1970, none."""
    if isinstance(base, str):
        return datetime.fromisoformat(base).replace(tzinfo=CHINA)
    if isinstance(base, float):
        return datetime.fromtimestamp(base, tz=UTC).astimezone(CHINA)
    if isinstance(base, list):
        base = dict(zip(("year", "month", "day", "hour", "minute"), base, strict=False))
    if isinstance(base, dict):
        given = {"month": 1, "day": 1, "hour": 0, "minute": 0} | base
        return datetime(
            given["year"], given["month"], given["day"], given["hour"], given["minute"], tzinfo=CHINA
        )
    return datetime(2021, 6, 14, 1, 6, 40, tzinfo=CHINA)


def _moment(text: str) -> datetime | None:
    return None if "inf" in text else datetime.fromisoformat(text).replace(tzinfo=CHINA)


def _same_stretch(found: Time, wanted: list[str], base: datetime) -> bool:
    begin, until = _moment(wanted[0]), _moment(wanted[1])
    begins = found.begin == begin or (found.begin is None and begin == base)
    ends = until == found.until or (found.until is None and until == base)
    if until is not None and found.until is not None:
        # The set ends in the last second, on the round hour of a range, or in the last second of that hour's first minute.
        ends = (
            ends
            or until + _SECOND == found.until
            or (until.second == 59 and until.replace(second=0) == found.until)
        )
    return begins and ends


def _same_days(found: Time, wanted: list[str], base: datetime) -> bool:
    begin, until = _moment(wanted[0]), _moment(wanted[1])
    begins = found.begin is None or begin is None or found.begin.date() == begin.date()
    last = (found.until - _SECOND).date() if found.until else None
    return begins and (last is None or until is None or last == until.date())


def _written_value(written: str) -> tuple[Decimal, Decimal] | None:
    """The value of a written number, percentage, fraction or range; ``None`` for text around it or another form."""
    if match := re.fullmatch(r"(-?)(\d+)/(\d+)", written):
        value = Decimal(match[2]) / Decimal(match[3])
        return (-value, -value) if match[1] else (value, value)
    if match := re.fullmatch(r"(-?[\d.]+)%", written):
        return Decimal(match[1]) / 100, Decimal(match[1]) / 100
    if match := re.fullmatch(r"(\d+)~(\d+)([万亿]?)", written):
        unit = parse("一" + match[3]) if match[3] else Decimal(1)
        return (Decimal(match[2]) * unit, Decimal(match[1]) * unit)[::-1] if unit else None
    if re.fullmatch(r"-?\d+(?:\.\d+)?[万亿]?", written):
        value_or_none = parse(written)
        return (value_or_none, value_or_none) if value_or_none is not None else None
    return None
