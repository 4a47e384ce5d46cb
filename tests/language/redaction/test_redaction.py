"""Numbers of persons are masked however they are said; amounts, dates and counts stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.redaction import redact, redact_transcript, sensitive_spans
from shengce.speech.transcript import Segment, Transcript, Word


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我电话13812345678", "我电话138****5678"),
        ("我电话138 1234 5678啊", "我电话138 **** 5678啊"),
        ("一三八幺二三四五六七八", "一三八****五六七八"),
        ("一三八，嗯，一二三四，五六七八", "一三八，嗯，****，五六七八"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("身份证11010519491231002X", "身份证1****************X"),
        ("身份证一一零一零五一九四九一二三一零零二X", "身份证一****************X"),
        ("卡号6222 0212 3456 7890 128", "卡号**** **** **** ***0 128"),
        ("六二二二零二一二三四五六七八九零一二八", "***************零一二八"),
        ("订单123456789012345678", "订单******************"),
        ("座机0512-88886666", "座机051*-****6666"),
    ],
)
def test_numbers_are_masked(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "三万五千八百块",
        "二零二六年十一月二十四号",
        "一百二十三万四千五百六十七",
        "要三台五台都行，一二三四五",
        "2026-11-24 09:30",
        "打12345热线",
        "",
        "一个一个来，第一第二第三",
    ],
)
def test_other_figures_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("11010519491231002X", "id_card"),
        ("110105194912310021", "number"),
        ("110105491231002", "id_card"),
        ("6222021234567890128", "bank_card"),
        ("13812345678", "phone"),
        ("12012345678", "phone"),
        ("二一三八一二三四五六七八", "phone"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert [span.kind for span in sensitive_spans(text)] == [kind]


def test_a_number_over_several_segments_is_masked_in_text_and_words() -> None:
    def segment(speaker: str, start: int, text: str) -> Segment:
        words = tuple(Word(c, start + i * 200, start + i * 200 + 200) for i, c in enumerate(text))
        return Segment(
            speaker, "customer" if speaker == "ch1" else "rep", start, start + 200 * len(text), text, words
        )

    talk = Transcript(
        (
            segment("ch1", 0, "我的是一三八"),
            segment("ch0", 2000, "嗯一三八"),
            segment("ch1", 4000, "一二三四"),
            segment("ch1", 6000, "五六七八"),
        ),
        8000,
        2,
        "test",
    )
    masked = redact_transcript(talk)
    assert [s.text for s in masked.segments] == ["我的是一三八", "嗯一三八", "****", "五六七八"]
    assert [w.text for w in masked.segments[2].words] == ["*"] * 4
    assert [w.start_ms for w in masked.segments[2].words] == [4000, 4200, 4400, 4600]


@given(st.text("一二三138嗯 ,xX万-\n好", max_size=60))
def test_length_and_everything_but_figures_stay(text: str) -> None:
    masked = redact(text)
    assert len(masked) == len(text)
    assert all(a == b or b == "*" for a, b in zip(text, masked, strict=True))


def test_hostile_text_comes_back() -> None:
    assert len(redact("一嗯" * 20_000 + "，" * 20_000)) == 60_000
