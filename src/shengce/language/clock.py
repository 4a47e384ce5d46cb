"""Times of day: 下午三点半, 三点一刻, 差五分三点, 15:30, 九点到十点, 上午.

Without a half-day, 1 to 6 o'clock is in the afternoon, 7 to 11 in the morning (business hours), 12 is noon, 13 to 24
as said. An hour on its own spans that hour, with minutes it spans that minute. 三点建议, 一点都不, 有三点 and 三点五 (a
decimal) are no times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shengce.language.numerals import parse

HOUR, DAY = 60, 24 * 60

# Minutes since midnight that a half-day spans when it stands alone.
HALF_DAYS = {
    "凌晨": (0, 6 * HOUR), "清晨": (5 * HOUR, 8 * HOUR), "早上": (6 * HOUR, 10 * HOUR), "早晨": (6 * HOUR, 10 * HOUR),
    "一早": (6 * HOUR, 10 * HOUR), "一大早": (6 * HOUR, 10 * HOUR), "早": (6 * HOUR, 10 * HOUR), "上午": (8 * HOUR, 12 * HOUR), "中午": (11 * HOUR, 13 * HOUR),
    "午后": (12 * HOUR, 18 * HOUR), "下午": (12 * HOUR, 18 * HOUR), "傍晚": (17 * HOUR, 19 * HOUR), "晚上": (18 * HOUR, DAY),
    "夜里": (18 * HOUR, DAY), "深夜": (22 * HOUR, DAY), "半夜": (22 * HOUR, DAY), "晚": (18 * HOUR, DAY),
}  # fmt: skip
_FIRST_LETTERS = frozenset("零一二两三四五六七八九十0123456789差半" + "".join(half[0] for half in HALF_DAYS))
"""The characters that a time of day can begin with."""
_MORNING = ("凌晨", "清晨", "早上", "早晨", "一早", "一大早", "早", "上午")

_N = "[零一二两三四五六七八九十\\d]"
_FREE = "(?<![零一二两三四五六七八九十百千万亿几点第\\d.:])"
_HALF = re.compile(
    r"(凌晨|清晨|早上|早晨|一大?早|上午|中午|午后|下午|傍晚|晚上|夜里|深夜|半夜|(?<=[今明昨后天日号])[早晚])(?![好安])"
)
_MINUTES = rf"(?:(?P<half>半)|(?P<quarter>[一三13])刻|(?P<minute>{_N}{{1,3}})分(?![之期钱开批])|(?P<bare>零[一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|[0-5]\d)(?!{_N}|[百千万亿点折元块倍%度米斤吨克升台个套号月年天件]))"
_HOUR_AND_MINUTES = rf"(?:差(?P<before>{_N}{{1,2}}|一刻)分?(?:钟)?(?:到)?)?(?P<hour>{_N}{{1,3}}+)(?:点钟|点整|点(?![点击赞评名播子])|时(?![候间代尚段]))(?:{_MINUTES}|差(?P<short>{_N}{{1,2}}|一刻)分?)?(?P<many>多|许)?钟?整?(?:(?<=分){_N}{{1,3}}秒)?"
_SPOKEN = re.compile(_FREE + _HOUR_AND_MINUTES)
_SPOKEN_AFTER_DATE = re.compile(_HOUR_AND_MINUTES)
_FIGURES = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:分|时)?"
)
_NOT_A_CLOCK_BEFORE = re.compile(r"(?:比[例分]?|\d[-/.]\d{1,2}\s?)$")
_SHARED = re.compile(
    rf"{_FREE}(?P<first>{_N}{{1,3}}?)(?:点?\s?(?:到|至|-|~)\s?)?(?P<second>{_N}{{1,3}})(?:点钟?(?![{_N[1:-1]}半])|时(?![候间]))"
)
_A_NOUN = re.compile(
    r"(?:个|条)?(?:重要|主要|小|核心|关键|具体|补充|明显|不同|共同|特别)?的?(?:建议|要求|意见|原因|问题|好处|优势|优点|缺点|不足|理由|说明|需求|想法|"
    r"区别|不同|内容|注意|疑问|疑虑|顾虑|诉求|共识|感受|体会|原则|承诺|保证|保障|特点|卖点|亮点|计划|方案|条件|改进|希望|东西|考虑|功能|标准|规定|"
    r"办法|措施|经验|收获|启发|信息|心得|担心|看法)"
)
_LITTLE_AFTER = re.compile(r"[儿都也没点意]")
_ADVERB_BEFORE = re.compile(r"[快慢早晚多少好大小高低贵差有没这那再稍贴便宜近远久轻重松严细热冷随第几]$")
_COUNT_BEFORE = re.compile(
    r"(?:这|那|有|几|以下|共|总结|提|讲|下面|补充|强调|说|做到|如下|分|问|涨|降|跌|返|让|扣|利)了?$"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """Minutes ``[begin, until)`` of a day, said at code points ``[start, end)``; ``until`` may pass midnight."""

    start: int
    end: int
    begin: int
    until: int
    half: str | None = None
    """The half-day that was said."""
    sure: bool = True
    """Whether it is a time without any date beside it (三点半), or only with one (三点)."""
    span: bool = False
    """Whether a stretch was said (上午, 三四点) rather than a moment."""


def match_clock(folded: str, at: int, *, dated: bool, carried: str | None = None) -> Clock | None:
    """The time of day that begins at code point ``at``.

    ``dated`` says that a date stands right before; ``carried`` is the half-day of an earlier time in the same sentence.
    """
    if folded[at] not in _FIRST_LETTERS:
        return None
    half_match = _HALF.match(folded, at)
    half = half_match[1] if half_match else None
    here = half_match.end() if half_match else at
    if half_match and folded[here : here + 1] in ("的", " ") and here + 1 < len(folded):
        here += 1
    said = half or carried
    clock = _shared(folded, at, here, half, said) or _spoken(folded, at, here, half, said, dated)
    clock = clock or _figures(folded, at, here, half, said, dated)
    if clock is not None or half_match is None:
        return clock
    if not dated and half in ("深夜", "半夜"):
        return None  # 三次半夜过去: a habit more often than tonight
    begin, until = HALF_DAYS[half_match[1]]
    return Clock(at, half_match.end(), begin, until, half, sure=False, span=True)


def _spoken(folded: str, at: int, here: int, half: str | None, said: str | None, dated: bool) -> Clock | None:
    match = (_SPOKEN_AFTER_DATE if dated else _SPOKEN).match(folded, here)
    hour = _number(match["hour"], 24) if match else None
    if match is None or hour is None:
        return None
    minutes = _minutes(match)
    if minutes is None or _is_no_time(folded, match, here, anchored=dated or half is not None):
        return None
    exact = bool(
        match["half"]
        or match["quarter"]
        or match["minute"]
        or match["bare"]
        or match["before"]
        or match["short"]
    )
    begin = _on_the_day(hour, said, half is None)
    if begin is None:
        return None
    begin += minutes
    sure = exact or half is not None or match.group().endswith(("钟", "整"))
    return Clock(at, match.end(), begin, begin + (1 if exact else HOUR), half, sure)


def _figures(
    folded: str, at: int, here: int, half: str | None, said: str | None, dated: bool
) -> Clock | None:
    match = _FIGURES.match(folded, here)
    if match is None or (not dated and _NOT_A_CLOCK_BEFORE.search(folded[max(0, here - 6) : here])):
        return None
    hour = int(match["hour"])
    begin = _on_the_day(hour, said, half is None) if half else hour * HOUR
    if begin is None:
        return None
    begin += int(match["minute"])
    return Clock(at, match.end(), begin, begin + 1, half)


def _shared(folded: str, at: int, here: int, half: str | None, said: str | None) -> Clock | None:
    """Two hours that share one 点: 七八点, 九到十一点, 9~11点."""
    match = _SHARED.match(folded, here)
    if match is None:
        return None
    joined = match.end("first") < match.start("second")
    first, second = _number(match["first"], 24), _number(match["second"], 24)
    if first is None or second is None:
        return None
    if not joined and (
        (match["first"] + match["second"]).isascii()
        or second != first + 1
        or first > 9
        or "十" in match["first"] + match["second"]
    ):
        return None
    if _A_NOUN.match(folded, match.end()):
        return None
    begin = _on_the_day(first, said, half is None)
    until = _on_the_day(second, said or half, half is None)
    if begin is None or until is None:
        return None
    if until <= begin and until + 12 * HOUR <= DAY:
        until += 12 * HOUR
    if until <= begin:
        return None
    sure = half is not None or joined or match.group()[-1] == "钟"
    return Clock(at, match.end(), begin, until if joined else until + HOUR, half, sure, span=True)


def _minutes(match: re.Match[str]) -> int | None:
    """Minutes to add to the hour, negative after 差; ``None`` when they are no minutes."""
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 if match["quarter"] in "一1" else 45
    if missing := match["before"] or match["short"]:
        value = 15 if missing == "一刻" else _number(missing, 59)
        return -value if value else None
    if figures := match["minute"] or match["bare"]:
        return _number(figures.lstrip("零0") or "零", 59)
    return 0


def _is_no_time(folded: str, match: re.Match[str], here: int, *, anchored: bool) -> bool:
    """三点建议, 有三点, 一点都不, 早一点, 三点五."""
    end = match.end()
    if match.group()[-1] in "钟整半刻分秒":
        return False
    whole = match.group()[-1] in "点时"
    if whole and re.match(rf"{_N}|[.%]", folded[end : end + 1]):
        return True
    if whole and (_A_NOUN.match(folded, end)):
        return True
    before = folded[max(0, here - 4) : here]
    if match["hour"] in ("一", "1") and whole:
        if not anchored or _LITTLE_AFTER.match(folded, end):
            return True
        return bool(re.search(r"(?<![今明昨后天日号])[早晚]$", before))
    return whole and not anchored and bool(_COUNT_BEFORE.search(before) or _ADVERB_BEFORE.search(before))


def _on_the_day(hour: int, half: str | None, carried: bool) -> int | None:
    """Minutes since midnight of an hour; ``None`` when hour and half-day contradict each other."""
    if half is None:
        if hour == 0 or hour >= 7:
            return hour * HOUR
        return (hour + 12) * HOUR
    if hour > 12:
        return hour * HOUR if half not in _MORNING or carried else None
    if half in _MORNING:
        if hour == 12:
            return 0 if half == "凌晨" else 12 * HOUR
        # 上午十点到两点: the second hour has left the morning.
        return hour * HOUR if not carried or hour >= 6 or half != "上午" else (hour + 12) * HOUR
    if half == "中午":
        return (hour if hour >= 10 else hour + 12) * HOUR if hour >= 10 or 0 < hour <= 2 or carried else None
    if half in ("晚上", "夜里", "深夜", "半夜", "晚"):
        if hour == 12:
            return DAY
        return (hour + 12) * HOUR if hour >= 5 else None
    return (hour + 12) * HOUR if 0 < hour < 12 else 12 * HOUR if hour == 12 else None


def _number(figures: str, highest: int) -> int | None:
    value = parse(figures)
    return int(value) if value is not None and value == int(value) and 0 <= value <= highest else None
