"""Times of a talk on Tuesday, 24 November 2026, 10:00 in Beijing: known answers, and silence."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from shengce.language.holidays import holiday_on
from shengce.language.times import find_times

AT = datetime(2026, 11, 24, 10, tzinfo=timezone(timedelta(hours=8)))

# text: "begin/until", month-day[Thour[:minute]], of 2026 or of the year in front; - is open
KNOWN = """
今天 11-24/11-25
明天 11-25/11-26
后天 11-26/11-27
大后天上午十点 11-27T10/11-27T11
昨天下午三点 11-23T15/11-23T16
前天 11-22/11-23
明后天 11-25/11-27
今晚 11-24T18/11-25
今晚七点 11-24T19/11-24T20
明早八点半 11-25T8:30/11-25T8:31
周二 11-24/11-25
周五 11-27/11-28
周一 11-30/12-1
星期天 11-29/11-30
礼拜四 11-26/11-27
这周五 11-27/11-28
本周三 11-25/11-26
下周三 12-2/12-3
下下周一 12-7/12-8
上周日 11-22/11-23
下周 11-30/12-7
周末 11-28/11-30
下周末 12-5/12-7
说一下周五的会 11-27/11-28
下周三下午三点 12-2T15/12-2T16
下周三三点半 12-2T15:30/12-2T15:31
下个礼拜五下午三点左右 12-4T15/12-4T16
周一到周三 11-30/12-3
周一到五 11-30/12-5
周六上午 11-28T8/11-28T12
月底 11-25/12-1
月底前 -/12-1
月底之前 -/12-1
本月底 11-25/12-1
下月初 12-1/12-6
12月中旬 12-11/12-21
下个月五号 12-5/12-6
下月10号 12-10/12-11
上个月15号 10-15/10-16
上个月 10-1/11-1
年底前 -/2027-1-1
今年年底 12-1/2027-1-1
明年三月 2027-3-1/2027-4-1
明年上半年 2027-1-1/2027-7-1
明年一季度 2027-1-1/2027-4-1
季度末 12-1/2027-1-1
下季度 2027-1-1/2027-4-1
三月份 2027-3-1/2027-4-1
12月 12-1/2027-1-1
二零二七年一月 2027-1-1/2027-2-1
2026-11-30 11-30/12-1
2026年11月20日下午2点 11-20T14/11-20T15
11月30日 11-30/12-1
十一月三十号 11-30/12-1
3月5号 2027-3-5/2027-3-6
12月5号星期六下午三点 12-5T15/12-5T16
二十五号 11-25/11-26
20号 12-20/12-21
三十一号 12-31/2027-1-1
30号之前 -/12-1
3-5号 12-3/12-6
三到五号 12-3/12-6
11月25号到30号 11-25/12-1
12月15日至12月20日 12-15/12-21
三天内 11-24T10/11-27T10
三天之内给您答复 11-24T10/11-27T10
24小时之内 11-24T10/11-25T10
一周之内 11-24T10/12-1T10
一个半月内 11-24T10/2027-1-8T10
三到五天内到货 11-24T10/11-29T10
三五天内 11-24T10/11-29T10
三天后 11-27/11-28
过三天 11-27/11-28
两三天后 11-26/11-28
两个星期后 12-8/12-9
半个月后 12-9/12-10
三天前 11-21/11-22
一小时后 11-24T11/11-24T12
半小时内 11-24T10/11-24T10:30
十分钟后 11-24T10:10/11-24T10:11
两个半小时后 11-24T12:30/11-24T13:30
下午三点 11-24T15/11-24T16
下午三点半 11-24T15:30/11-24T15:31
三点一刻 11-24T15:15/11-24T15:16
三点三刻 11-24T15:45/11-24T15:46
差五分三点 11-24T14:55/11-24T14:56
三点四十五 11-24T15:45/11-24T15:46
三点零五分 11-24T15:05/11-24T15:06
十一点半 11-24T11:30/11-24T11:31
晚上八点 11-24T20/11-24T21
晚上十二点 11-25/11-25T1
中午十二点 11-24T12/11-24T13
中午一点 11-24T13/11-24T14
三点钟 11-24T15/11-24T16
三点见 11-24T15/11-24T16
15:37 11-24T15:37/11-24T15:38
下午3：30 11-24T15:30/11-24T15:31
下午两点到四点 11-24T14/11-24T16
上午十点到十一点半 11-24T10/11-24T11:30
九点到五点 11-24T9/11-24T17
晚上十点到凌晨两点 11-24T22/11-25T2
下午七八点 11-24T19/11-24T21
下午三到五点 11-24T15/11-24T17
上午9:00～11:30 11-24T9/11-24T11:30
13:20~次日05:40 11-24T13:20/11-25T5:40
明天上午 11-25T8/11-25T12
明天一点 11-25T13/11-25T14
明天下午三点前 -/11-25T15
下周五之前 -/12-5
周五前付清 -/11-28
最晚周五 -/11-28
截止到月底 -/12-1
十二点之后 11-24T12/-
明天上午十点以后 11-25T10/-
从下周一开始 11-30/-
下周三以后 12-3/-
本周内 11-24T10/11-30
国庆节前 -/2027-10-1
春节前 -/2027-2-6
元旦 2027-1-1/2027-1-2
五一之前 -/2027-5-1
去年双十一 2025-11-11/2025-11-12
下個月五號 12-5/12-6
"""
SILENCE = [
    "三点建议", "有三点建议", "第一时间", "第三年", "一点都不贵", "有一点贵", "快点", "快一点", "早一点", "晚一点", "晚点给您打", "一点儿", "三点五万",
    "五点三公里", "两点五折", "八点八折", "质保三年", "保修两年", "三年质保", "保修两年内免费", "签收后三天内", "下单后两周内", "每周三下午开会",
    "每天晚上8点", "每个月5号", "每个月十号对账二十号付款", "这两天", "过两天", "过几天", "刚才", "马上", "三个工作日内", "春节后", "晚上好", "下午好",
    "第一个周二", "12月的第一个周二", "11号楼", "3号线", "十一月二十号", "11月20号下午三点", "八月十五", "二月三十号", "十三月五号", "二十五点", "早上九点",
    "三个月账期", "二十万", "买二送一", "成本周期", "三期工程", "三级过滤五年质保", "比分3:15", "周一三五", "腊月初十", "农历十月", "", "2027年母亲节",
    "升高10点五度", "减八点八", "有十分之一的概率", "身份证号140302197706220124", "一日之计在于晨", "我有三点想说", "下班之前", "二月份的货款",
]  # fmt: skip


def _moment(text: str) -> datetime | None:
    if text == "-":
        return None
    day, _, clock = text.partition("T")
    parts = [int(part) for part in day.split("-")]
    year, month, number = parts if len(parts) == 3 else (2026, *parts)
    hour, _, minute = (clock or "0").partition(":")
    return datetime(year, month, number, int(hour), int(minute or 0), tzinfo=AT.tzinfo)


@pytest.mark.parametrize("line", KNOWN.strip().splitlines())
def test_known(line: str) -> None:
    text, _, value = line.rpartition(" ")
    begin, until = (_moment(side) for side in value.split("/"))
    found = find_times(text, AT)
    assert [(t.begin, t.until) for t in found] == [(begin, until)]
    assert text[found[0].start : found[0].end] == found[0].text


@pytest.mark.parametrize("text", SILENCE)
def test_silence(text: str) -> None:
    assert find_times(text, AT) == []


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("明天下午三点，要不四点", ["11-25T15", "11-25T16"]),
        ("明天晚上八点或者九点", ["11-25T20", "11-25T21"]),
        ("周五来，下午两点方便吗", ["11-27", "11-27T14"]),
        ("12月10号或者11号", ["12-10", "12-11"]),
        ("下周有空吗，三点见", ["11-30"]),
        ("从周三改到周五", ["11-25", "11-27"]),
        ("明天下午三点。四点半也行", ["11-25T15", "11-24T16:30"]),
    ],
)
def test_a_date_lends_itself_to_what_follows_in_its_sentence(text: str, begins: list[str]) -> None:
    assert [t.begin for t in find_times(text, AT)] == [_moment(begin) for begin in begins]


def test_the_offset_of_the_talk_is_kept_and_needed() -> None:
    (found,) = find_times("明天", AT.astimezone(timezone(timedelta(hours=-5))))
    assert found.begin is not None and found.begin.isoformat() == "2026-11-24T00:00:00-05:00"
    with pytest.raises(ValueError, match="offset"):
        find_times("明天", AT.replace(tzinfo=None))


@pytest.mark.parametrize("at", [datetime.max, datetime.min])
def test_the_ends_of_the_calendar_are_no_trouble(at: datetime) -> None:
    for text in ("下周三", "三年后", "上个月", "明年三月", "三天内", "晚上十二点", "半年前"):
        find_times(text, at.replace(tzinfo=AT.tzinfo))


@pytest.mark.parametrize(
    ("name", "year", "month", "day"),
    [
        ("春节", 2026, 2, 17),
        ("除夕", 2026, 2, 16),
        ("端午节", 2026, 6, 19),
        ("中秋", 2026, 9, 25),
        ("清明", 2026, 4, 5),
        ("国庆节", 2030, 10, 1),
    ],
)
def test_holidays(name: str, year: int, month: int, day: int) -> None:
    on = holiday_on(name, year)
    assert on is not None and (on.month, on.day) == (month, day)
    assert holiday_on("春节", 2099) is None


@pytest.mark.parametrize(
    "text",
    [
        "地址在劳动南路1号",
        "清华西路28号",
        "柳荫街甲14号",
        "地铁十号线旁边",
        "崇文门外大街3-5号",
        "营业时间是周一至周日 08:00-22:00",
        "营业时间是11:00-22:00",
        "地址是前海东沿14号",
        "西里商业1号楼5-2号",
        "周六日都休息",
        "今日美术馆",
    ],
)
def test_addresses_and_timetables_are_no_times(text: str) -> None:
    assert find_times(text, AT) == []
