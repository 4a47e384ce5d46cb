"""Phone numbers: spoken, grouped, written; nothing inside longer codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.phones import classify, find_phones

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "phones-zh"

FOUND = {
    "我电话一三八幺二三四五六七八": "13812345678",
    "幺三八，一二三四，五六七八": "13812345678",
    "一三八那个一二三四嗯五六七八": "13812345678",
    "我的手机是一三九零零零零一一一一你记一下": "13900001111",
    "幺八五洞幺拐两零柒幺玖": "18501720719",
    "138 1234 5678": "13812345678",
    "138-1234-5678": "13812345678",
    "１３８１２３４５６７８": "13812345678",
    "+86 13812345678": "13812345678",
    "8613812345678": "13812345678",
    "微信同号13812345678": "13812345678",
    "零五一二 八八八八六六六六": "051288886666",
    "0512-88886666": "051288886666",
    "（0571）88886666": "057188886666",
    "021 5888 6666": "02158886666",
    "010-62345678转801": "01062345678",
    "400-820-8820": "4008208820",
    "四零零八二零八八二零": "4008208820",
}
SILENCE = [
    "110", "12345", "95588", "订单号13812345678", "快递单号：13812345678", "身份证340203197001010517", "138123456789", "1381234567",
    "机身号13812345678", "发票号：13812345678", "12812345678", "13812345678元", "13812345678台", "2026-11-20 15:30", "62886666", "010-12345678", "0413-88886666", "二零二六年", "",
    "1" * 1000, "一三八" * 500,
]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), FOUND.items())
def test_found(text: str, number: str) -> None:
    phones = find_phones(text)
    assert [p.number for p in phones] == [number]
    assert text[phones[0].start : phones[0].end] == phones[0].text


@pytest.mark.parametrize("text", SILENCE)
def test_silence(text: str) -> None:
    assert find_phones(text) == []


def test_two_in_a_row_and_an_extension() -> None:
    assert [p.number for p in find_phones("13812345678，13987654321")] == ["13812345678", "13987654321"]
    (office,) = find_phones("打0512-6288 6666 转 803")
    assert (office.number, office.extension) == ("051262886666", "803")


@pytest.mark.skipif(not DATA.is_dir(), reason="shared/data/phones-zh is not here")
def test_every_known_area_code_and_mobile_range_is_accepted() -> None:
    areas = [
        line.split()[0]
        for line in (DATA / "landline_phone_area_code.txt").read_text().splitlines()
        if line[:1] == "0"
    ]
    prefixes = [
        line.split()[0]
        for line in (DATA / "telecom_operator.txt").read_text().splitlines()
        if line[:1] == "1"
    ]
    assert len(areas) > 250 and len(prefixes) > 40
    assert [code for code in areas if classify(code + "8" * 8) is None] == []
    assert [prefix for prefix in prefixes if classify(prefix.ljust(11, "0")) is None] == []


@given(
    st.sampled_from(["138", "159", "186", "199", "170"]),
    st.integers(0, 10**8 - 1),
    st.sampled_from(["一", "幺"]),
    st.sampled_from("二两"),
)
def test_any_mobile_said_digit_by_digit_comes_back(prefix: str, rest: int, one: str, two: str) -> None:
    digits = f"{prefix}{rest:08d}"
    said = digits.translate(str.maketrans("0123456789", f"零{one}{two}三四五六七八九"))
    assert [p.number for p in find_phones(f"你记{said}")] == [digits]
