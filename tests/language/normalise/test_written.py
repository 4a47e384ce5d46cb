"""Figures for spoken numbers, and the way back to the sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.written import write_figures

WRITTEN = {
    "三万五行不行": "3.5万行不行",
    "预算十五万": "预算15万",
    "两千零五十块": "2050块",
    "一万两千三百": "12300",
    "一亿两千万": "1.2亿",
    "一点五万": "1.5万",
    "百分之三十的利润": "30%的利润",
    "三分之一的货": "1/3的货",
    "二零二六年十一月二十号下午三点半": "2026年11月20号下午3点半",
    "三点四十五到": "3点45到",
    "三点零五分": "3点05分",
    "十二点一刻": "12点一刻",
    "五到七天内": "5到7天内",
    "三到五万": "3到5万",
    "七块二毛三一升": "7块2毛3一升",
    "六毛八": "6毛8",
    "版本三点零": "版本3.0",
    "一亿三千五百万": "1.35亿",
    "电话零五七一八八八八六六六六转八零二": "电话057188886666转802",
    "打八五折": "打8.5折",
    "打九折": "打9折",
    "三块五": "3块5",
    "我电话一三八幺二三四五六七八": "我电话13812345678",
    "尾号一二三四": "尾号1234",
    "幺幺零": "110",
    "二十一台": "21台",
    "星期三下午三点": "星期三下午3点",
}
AS_SAID = [
    "等一下，万一他不来，我们一起去，三心二意",
    "一定要周三到",
    "第一时间",
    "有一点贵",
    "二三十万",
    "几万块",
    "没有数字",
    "四十好几万",
    "十一长假",
    "一到三级",
    "十点零五",
    "批发价块八毛",
    "第三",
    "ABC 123",
    "",
]


@pytest.mark.parametrize(("spoken", "written"), WRITTEN.items())
def test_written(spoken: str, written: str) -> None:
    assert write_figures(spoken).text == written


@pytest.mark.parametrize("text", AS_SAID)
def test_left_as_it_was_said(text: str) -> None:
    assert write_figures(text) == write_figures(text).__class__(text)


def test_a_figure_leads_back_to_its_sound() -> None:
    written = write_figures("先付三万五，明天三点半见")
    assert written.text == "先付3.5万，明天3点半见"
    assert written.spoken_span(2, 6) == (2, 5)
    assert written.spoken_span(3, 4) == (2, 5)
    assert written.spoken_span(0, 2) == (0, 2)
    assert written.spoken_span(6, 7) == (5, 6)
    assert written.spoken_span(0, len(written.text)) == (0, 12)


@given(st.text(alphabet="我们先付一二三四五六七八九十百千万点零两幺块折年月号分之%半周第下", max_size=60))
def test_the_map_is_exact_for_any_text(spoken: str) -> None:
    written = write_figures(spoken)
    done_written = done_spoken = 0
    for figure in written.map:
        assert written.text[done_written : figure.start] == spoken[done_spoken : figure.spoken_start]
        assert written.spoken_span(figure.start, figure.end) == (figure.spoken_start, figure.spoken_end)
        done_written, done_spoken = figure.end, figure.spoken_end
    assert written.text[done_written:] == spoken[done_spoken:]
    for index in range(len(written.text)):
        start, end = written.spoken_span(index, index + 1)
        assert 0 <= start < end <= len(spoken)


def test_the_map_leads_both_ways() -> None:
    said = "我们一共三万五，八五折，月底付十二万"
    written = write_figures(said)
    for start in range(len(said)):
        for end in range(start + 1, len(said) + 1):
            there = written.written_span(start, end)
            back = written.spoken_span(*there)
            assert back[0] <= start and back[1] >= end
            assert written.written_span(*back) == there
    figure = written.text.index("3.5万")
    assert written.written_span(4, 7) == (figure, figure + 4)
    assert written.written_span(5, 6) == (figure, figure + 4)
