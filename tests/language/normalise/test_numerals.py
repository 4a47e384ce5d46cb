"""Numerals: known answers, and every number said in several styles comes back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.numerals import LONGEST, last_scale, parse, parse_range, plain, scan

EXACT = {
    "零": "0", "十": "10", "十五": "15", "二十": "20", "一百零二": "102", "一百二": "120", "一百二十": "120", "一百十五": "115",
    "二百五": "250", "一千零一": "1001", "一千零一十一": "1011", "两千零五十": "2050", "三千八": "3800", "三千八百六": "3860",
    "九千九百九十九": "9999", "一万": "10000", "一万二": "12000", "一万零三百": "10300", "三万五": "35000", "两万三千五": "23500",
    "十万五": "105000", "十五万": "150000", "一百二十万": "1200000", "一千二百万": "12000000", "一亿二": "120000000",
    "一亿零三": "100000003", "三千万亿": "3000000000000000", "一点五万": "15000", "三点一四": "3.14", "零点五": "0.5",
    "负三点一四": "-3.14", "3.5万": "35000", "3万5": "35000", "15万8": "158000", "3万5000": "35000", "35,000": "35000",
    "1,234,567.89": "1234567.89", "1280": "1280", "２０２６": "2026", "二零二六": "2026", "二〇二六": "2026", "幺幺零": "110",
    "壹仟玖佰": "1900", "肆佰叁拾萬": "4300000", "兩萬": "20000", "百分之三十": "0.3", "百分之二点五": "0.025", "百分之百": "1",
    "百分三十": "0.3", "三分之一": str(Decimal(1) / 3), "十六分之三": "0.1875",
}  # fmt: skip
NONE = [
    "",
    "万",
    "点",
    "三五",
    "五万三万",
    "三十五六",
    "二千年",
    "十百",
    "三百百",
    "abc",
    "一万一万",
    "分之",
    "零分之三",
    "负负三",
    "几万",
    "1,23",
    "九" * 41,
]
RANGES = {
    "二三十万": (200000, 300000), "三五万": (30000, 50000), "三五百": (300, 500), "五六万": (50000, 60000), "两三千": (2000, 3000),
    "十五六万": (150000, 160000), "四十五六": (45, 46), "七百三四十": (730, 740), "一万六七": (16000, 17000), "三万四五": (34000, 35000),
    "三四十亿": (3_000_000_000, 4_000_000_000), "十几万": (110000, 190000), "十几": (11, 19), "二十几万": (210000, 290000),
    "三万多": (30000, 40000), "二十多万": (200000, 300000), "三百二十多": (320, 330), "3000多": (3000, 4000), "2000余": (2000, 3000),
    "二十来万": (200000, 200000), "一个亿": (10**8, 10**8), "半个亿": (5 * 10**7, 5 * 10**7), "三万五": (35000, 35000),
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), EXACT.items())
def test_exact_values(text: str, value: str) -> None:
    assert parse(text) == Decimal(value)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_exact_numeral_gives_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(("text", "values"), RANGES.items())
def test_vague_values(text: str, values: tuple[int, int]) -> None:
    assert parse_range(text) == tuple(map(Decimal, values))


@pytest.mark.parametrize("text", ["几万", "七五", "五三万", "三六十", "万多", "三五六七八九多"])
def test_too_vague_gives_none(text: str) -> None:
    assert parse_range(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("一百二一台", ["一百二"]),
        ("十五万一台", ["十五万"]),
        ("三百一台", ["三百"]),
        ("二十一台", ["二十一"]),
        ("等一下，万一不来，我们一起去", []),
        ("三心二意，第一时间", []),
        ("三万多块，一百多少", ["三万多", "一百"]),
        ("半个亿的盘子", ["半个亿"]),
        ("2,000,000和3.5万", ["2,000,000", "3.5万"]),
        ("一" * 50, []),
    ],
)
def test_scan(text: str, found: list[str]) -> None:
    assert [numeral.text for numeral in scan(text)] == found


def test_last_scale_and_plain() -> None:
    assert last_scale("五万") == 10**4
    assert last_scale("九百亿") == 10**10
    assert last_scale("35") == 1
    assert plain(Decimal("15000.00")) == "15000"
    assert plain(Decimal("0.850")) == "0.85"
    assert plain(Decimal("1E+6")) == "1000000"


DIGITS = "零一二三四五六七八九"


def spoken_below_10000(value: int, two: str) -> str:
    """Full standard reading of 1 to 9999."""
    text, pending = "", False
    for scale, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // scale % 10
        if digit == 0:
            pending = bool(text)
            continue
        name = two if digit == 2 and scale >= 100 else DIGITS[digit]
        text += ("零" if pending else "") + name + unit
        pending = False
    return text.removeprefix("一") if text.startswith("一十") else text


def spoken(value: int, two: str = "两") -> str:
    """Full standard reading of a whole number below 10 ** 12."""
    if value == 0:
        return "零"
    text = ""
    for scale, unit in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = value // scale % 10**4
        if part == 0:
            continue
        said = spoken_below_10000(part, two)
        if text and (part < 1000 or text.endswith("零")):
            said = "零" + ("一" + said if said.startswith("十") else said)
        elif text and said.startswith("十"):
            said = "一" + said
        text += said + unit
    return text


@given(st.integers(0, 10**12 - 1), st.sampled_from("两二"))
def test_a_number_said_in_full_comes_back(value: int, two: str) -> None:
    said = spoken(value, two)
    if len(said) <= LONGEST:
        assert parse(said) == value


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(["百", "千", "万", "亿"]))
def test_a_shortened_number_takes_the_next_lower_unit(head: int, last: int, unit: str) -> None:
    scale = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[unit]
    assert parse(DIGITS[head] + unit + DIGITS[last]) == head * scale + last * scale // 10


@given(st.integers(0, 10**9))
def test_a_number_with_thousands_separators_comes_back(value: int) -> None:
    assert parse(f"{value:,}") == value == parse(str(value))


@given(st.text(alphabet="零一二两三四五六七八九十百千万亿点几多来余半个0123456789.,负分之百", max_size=60))
def test_scan_and_parse_never_raise_and_keep_offsets(text: str) -> None:
    parse(text), parse_range(text)
    end = 0
    for numeral in scan(text):
        assert numeral.start >= end
        end = numeral.end
        assert text[numeral.start : numeral.end] == numeral.text
        assert numeral.low <= numeral.high
