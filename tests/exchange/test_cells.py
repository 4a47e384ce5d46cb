"""Values as people write them; what is not clear is a question, never a guess."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from shengce.exchange import cells

D = Decimal


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1200", "1200.00"),
        ("1,200.50", "1200.50"),
        ("￥1,234,567.8", "1234567.80"),
        ("¥ 300元", "300.00"),
        ("3.5万", "35000.00"),
        ("3.5万元", "35000.00"),
        ("1.2亿", "120000000.00"),
        ("１，２００．５", "1200.50"),
        ("（1,000.00）", "-1000.00"),
        ("(300)", "-300.00"),
        ("-300", "-300.00"),
        ("-￥300", "-300.00"),
        ("￥-300", "-300.00"),
        ("−300", "-300.00"),
        (" 300 ", "300.00"),
        ("1 200", "1200.00"),
        ("人民币500", "500.00"),
        (1200, "1200.00"),
        (33.333333333, "33.33"),
        (0.1 + 0.2, "0.30"),
        (1.005, "1.01"),
        (".5", "0.50"),
    ],
)
def test_money(cell: Any, value: str) -> None:
    read = cells.read_money(cell)
    assert read == D(value)
    assert str(read) == value


@pytest.mark.parametrize("cell", ["", None, "-", "—", "/", "无", "  ", "N/A"])
def test_nothing_is_nothing(cell: Any) -> None:
    for read in (cells.read_money, cells.read_day, cells.read_phone, cells.read_moment, cells.read_percent):
        assert read(cell) is None  # type: ignore[operator]
    assert cells.read_line(cell, most=20) is None


@pytest.mark.parametrize(
    "cell",
    [
        "12,34", "1,23,456", "1.234,56", "3万5", "约300", "300-500", "abc", "1e5", "NaN", "Infinity", "++5", "1.2.3",
        "$300", "300美元", "12.345", "#N/A", "#DIV/0!", True, {"at": "2026-03-05"}, float("inf"), 1e300, "9" * 400,
        "（-300）", "5%",
    ],
)  # fmt: skip
def test_unclear_sums_are_asked_about(cell: Any) -> None:
    with pytest.raises(ValidationError):
        cells.read_money(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026/3/5", "2026-03-05", "2026.3.5", "2026年3月5日", "2026年03月05日", "20260305", 20260305, 46086, 46086.75,
        "46086", "２０２６／３／５", "2026-03-05 14:30", "2026-03-05T14:30:00", "2026/3/5 14:30:15", {"at": "2026-03-05"},
        {"at": "2026-03-05T10:00:00"}, "2026年3月5日 14时30分", "2026-03-05T06:30:00+00:00", "2026-03-05 下午 2:30",
    ],
)  # fmt: skip
def test_days(cell: Any) -> None:
    assert cells.read_day(cell) == dt.date(2026, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "5/3/2026", "26/3/5", "3月5日", "2026-13-01", "2026-02-30", "明天", 5, 123456789, "1899-01-01", "9999-01-01", True,
        "2026-03-05 25:00", "2026", 1e300, -46086,
    ],
)  # fmt: skip
def test_unclear_days_are_asked_about(cell: Any) -> None:
    with pytest.raises(ValidationError):
        cells.read_day(cell)


def test_moments_are_local() -> None:
    read = cells.read_moment("2026-03-05 14:30")
    assert read is not None
    assert read.isoformat() == "2026-03-05T14:30:00+08:00"
    assert cells.read_moment("2026-03-05T06:30:00Z") == read
    assert cells.read_moment(46086.604166667) == read


@pytest.mark.parametrize(
    ("cell", "value"),
    [("9.5%", "0.095"), ("９.5％", "0.095"), (0.095, "0.095"), ("10", "0.1"), (1, "1")],
)
def test_percent(cell: Any, value: str) -> None:
    assert cells.read_percent(cell) == D(value)


def test_text() -> None:
    assert cells.read_line(1001, most=40) == "1001"
    assert cells.read_line("  云海\n 大酒店 ", most=40) == "云海 大酒店"
    assert cells.read_text("a\x00b\x07", most=9) == "ab"
    assert cells.read_line("'=1+1", most=40) == "=1+1"
    assert cells.read_line("'quoted", most=40) == "'quoted"
    assert cells.read_names("清泉, 清泉五百；清泉500、清泉", most=40) == ["清泉", "清泉五百", "清泉500"]
    with pytest.raises(ValidationError):
        cells.read_line("x" * 41, most=40)
    with pytest.raises(ValidationError):
        cells.read_line(6222021234567890123, most=40)


def test_phones_and_choices() -> None:
    assert cells.read_phone(13812345678) == "13812345678"
    assert cells.read_phone("+86 138-1234-5678") == "13812345678"
    with pytest.raises(ValidationError):
        cells.read_phone("云海")
    kind = cells.Choice({"dealer": ("经销商", "Dealer"), "prospect": ("潜在客户",)})
    assert kind("dealer") == kind(" 经销商 ") == kind("DEALER") == "dealer"
    with pytest.raises(ValidationError) as refused:
        kind("个人")
    assert "经销商" in refused.value.messages[0]
    assert cells.read_yes("是") is True
    assert cells.read_yes(0) is False


@given(st.decimals(min_value="-1e12", max_value="1e12", places=2))
def test_money_that_was_written_is_read(amount: Decimal) -> None:
    for text in (f"{amount}", f"{amount:,}", f"￥{amount:,}", f"{amount}元"):
        assert cells.read_money(text) == amount


ANYTHING = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes().map(lambda m: {"at": m.isoformat()}),
)


@given(ANYTHING)
def test_any_cell_is_read_or_asked_about(cell: Any) -> None:
    for read in (
        cells.read_money, cells.read_day, cells.read_moment, cells.read_phone, cells.read_percent, cells.read_yes,
        lambda c: cells.read_line(c, most=40), lambda c: cells.read_names(c, most=40),
    ):  # fmt: skip
        try:
            read(cell)
        except ValidationError as asked:
            assert asked.messages[0]
