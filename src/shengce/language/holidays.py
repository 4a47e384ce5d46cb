"""The days of the festivals that sales talks name. Lunar ones come from a table; a year outside it is not known."""

from __future__ import annotations

from datetime import date, timedelta

from shengce.language.lunar import lunar_day

NAMES = (
    "国庆节|国庆|元旦节|元旦|元宵节|元宵(?=[当那前之])|春节|大年初一|大年三十|除夕|端午节|端午|中秋节|中秋|清明节|清明|七夕节|七夕|重阳节|劳动节|五一节|"
    "五一(?=之?前|以前|放假)|十一(?=之前|以前|放假)|双十一|双十二|双11|双12|光棍节|妇女节|三八妇女节|三八节|教师节|儿童节|六一儿童节|圣诞节|平安夜|情人节|"
    "母亲节|父亲节|感恩节"
)
"""Alternatives for a regular expression, longest first."""

UNKNOWN = ("复活节", "腊月", "正月")
"""Days that are recognised so that nothing else is read into them, and then left out."""

_FIXED = {
    "国庆": (10, 1),
    "元旦": (1, 1),
    "劳动": (5, 1),
    "五一": (5, 1),
    "十一": (10, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "光棍": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "妇女": (3, 8),
    "三八": (3, 8),
    "三八妇女": (3, 8),
    "教师": (9, 10),
    "儿童": (6, 1),
    "六一儿童": (6, 1),
    "圣诞": (12, 25),
    "平安夜": (12, 24),
    "情人": (2, 14),
}
# Month and day of the farmer's calendar; 除夕 is the day before the first.
_LUNAR = {
    "春节": (1, 1),
    "大年初一": (1, 1),
    "除夕": (1, 1),
    "大年三十": (1, 1),
    "元宵": (1, 15),
    "端午": (5, 5),
    "七夕": (7, 7),
    "中秋": (8, 15),
    "重阳": (9, 9),
}
# Month, day of the week (Monday is 0), which one of them.
_WEEKDAYS = {"母亲": (5, 6, 2), "父亲": (6, 6, 3), "感恩": (11, 3, 4)}


def holiday_on(name: str, year: int) -> date | None:
    """The day of festival ``name`` in ``year``; ``None`` where the table ends or the name is unknown."""
    key = name.removesuffix("节") if name != "春节" else name
    if key in _FIXED:
        return date(year, *_FIXED[key])
    if key == "清明":
        # Solar longitude 15°: the formula of the civil calendar, exact for 2000 to 2099.
        short = year - 2000
        return date(year, 4, int(short * 0.2422 + 4.81) - short // 4) if 0 <= short < 100 else None
    if key in _WEEKDAYS:
        month, weekday, count = _WEEKDAYS[key]
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
    day = lunar_day(year, *_LUNAR[key]) if key in _LUNAR else None
    return day - timedelta(days=1) if day is not None and key in ("除夕", "大年三十") else day
