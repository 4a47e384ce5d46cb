"""The days of the festivals that sales talks name. Lunar ones are a table; a year outside it is not known."""

from __future__ import annotations

from datetime import date, timedelta

NAMES = "国庆节|国庆|元旦节|元旦|春节|大年初一|除夕|端午节|端午|中秋节|中秋|清明节|清明|劳动节|五一节|五一(?=之?前|以前|放假)|十一(?=之前|以前|放假)|双十一|双十二|妇女节|教师节|儿童节|圣诞节"
"""Alternatives for a regular expression, longest first."""

UNKNOWN = ("母亲节", "父亲节", "感恩节", "复活节", "七夕节", "七夕", "元宵节", "重阳节", "腊月", "正月")
"""Days that are recognised so that nothing else is read into them, and then left out."""

_FIXED = {
    "国庆": (10, 1),
    "元旦": (1, 1),
    "劳动": (5, 1),
    "五一": (5, 1),
    "十一": (10, 1),
    "双十一": (11, 11),
    "双十二": (12, 12),
    "妇女": (3, 8),
    "教师": (9, 10),
    "儿童": (6, 1),
    "圣诞": (12, 25),
}
# First day of the first lunar month, fifth of the fifth, fifteenth of the eighth (Beijing time).
_LUNAR = {
    2019: ((2, 5), (6, 7), (9, 13)),
    2020: ((1, 25), (6, 25), (10, 1)),
    2021: ((2, 12), (6, 14), (9, 21)),
    2022: ((2, 1), (6, 3), (9, 10)),
    2023: ((1, 22), (6, 22), (9, 29)),
    2024: ((2, 10), (6, 10), (9, 17)),
    2025: ((1, 29), (5, 31), (10, 6)),
    2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
}
_LUNAR_PLACE = {"春节": 0, "大年初一": 0, "除夕": 0, "端午": 1, "中秋": 2}


def holiday_on(name: str, year: int) -> date | None:
    """The day of festival ``name`` in ``year``; ``None`` where the table ends or the name is unknown."""
    key = name.removesuffix("节") if name != "春节" else name
    if key in _FIXED:
        return date(year, *_FIXED[key])
    if key == "清明":
        # Solar longitude 15°: the formula of the civil calendar, exact for 2000 to 2099.
        short = year - 2000
        return date(year, 4, int(short * 0.2422 + 4.81) - short // 4) if 0 <= short < 100 else None
    if year not in _LUNAR or key not in _LUNAR_PLACE:
        return None
    day = date(year, *_LUNAR[year][_LUNAR_PLACE[key]])
    return day - timedelta(days=1) if key == "除夕" else day
