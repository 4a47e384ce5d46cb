"""Measures on talks laid out by hand, with the passages that prove them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.measures import measure
from shengce.speech.transcript import Role, Segment, Transcript, from_turns

Row = tuple[Role, int, int, str]


def heard(*rows: Row, channels: int = 2, duration_ms: int = 60_000) -> Transcript:
    ordered = sorted(rows, key=lambda row: row[1])
    return Transcript(tuple(Segment(r, r, a, b, t) for r, a, b, t in ordered), duration_ms, channels, "test")


TALK = heard(
    ("rep", 1_000, 5_000, "您好我是溪石净水的小李"),
    ("customer", 6_000, 10_000, "你们多少钱一台"),
    ("rep", 10_500, 20_500, "我们的云瀑三千八百元一台包含安装和质保两年"),
    ("customer", 15_000, 15_800, "嗯嗯"),
    ("rep", 21_000, 26_000, "您那边多少人用？什么时候装呢？"),
    ("customer", 30_000, 40_000, "大概两百人吧我们还没定呢"),
    ("rep", 39_000, 41_000, "我知道您的意思"),
    ("customer", 51_000, 53_000, "好再见"),
)


def test_shares_and_pauses() -> None:
    measures = measure(TALK)
    assert measures.talk_ratio == pytest.approx(21_000 / 37_800, abs=1e-4)
    silence = 1_000 + 500 + 500 + 4_000 + 10_000
    assert measures.silence_share == pytest.approx(silence / 52_000, abs=1e-4)
    assert measures.patience_ms == (500 + 0) / 2


def test_the_longest_silence_can_be_played() -> None:
    passage = measure(TALK).longest_silence
    assert passage is not None
    assert (passage.start_ms, passage.end_ms, passage.turn, passage.quote) == (41_000, 51_000, 6, "")
    assert measure(TALK).longest_silence_ms == 10_000


def test_speed_counts_characters_and_needs_enough_speech() -> None:
    speed = measure(
        heard(("rep", 0, 30_000, "一" * 120 + " OK fine，"), ("customer", 30_000, 31_000, "好"))
    ).speed
    assert speed == {"rep": 244.0}


def test_a_backchannel_neither_interrupts_nor_ends_a_monologue() -> None:
    measures = measure(TALK)
    assert measures.interruptions_by_customer == ()
    monologue = measures.longest_monologue
    assert monologue is not None
    assert (monologue.turn, monologue.start_ms, monologue.end_ms) == (2, 10_500, 26_000)
    assert measures.longest_monologue_ms == 15_500


def test_an_interruption_is_proved() -> None:
    interruptions = measure(TALK).interruptions
    assert interruptions is not None
    assert [(p.quote, p.start_ms) for p in interruptions] == [("我知道您的意思", 39_000)]


@pytest.mark.parametrize(
    ("rep_starts", "rep_ends", "expected"),
    [(9_701, 12_000, 0), (9_700, 12_000, 1), (9_000, 9_200, 0), (5_100, 12_000, 0), (5_300, 12_000, 1)],
)
def test_how_much_overlap_interrupts(rep_starts: int, rep_ends: int, expected: int) -> None:
    talk = heard(
        ("customer", 5_000, 10_000, "我想问一下价格"), ("rep", rep_starts, rep_ends, "这个价格已经很低")
    )
    assert len(measure(talk).interruptions or ()) == expected


def test_mono_has_no_interruptions_and_written_talk_no_times() -> None:
    mono = measure(Transcript(TALK.segments, TALK.duration_ms, 1, "test"))
    assert mono.interruptions is None
    assert mono.silence_share is not None
    written = measure(from_turns([("rep", "您好多少人用？"), ("customer", "两百人")]))
    assert written.silence_share is written.longest_silence is written.patience_ms is None
    assert written.longest_monologue is None
    assert written.speed == {}
    assert written.talk_ratio == 0.7
    assert len(written.questions["rep"]) == 1


def test_questions_are_passages() -> None:
    asked = measure(TALK).questions
    assert [p.quote for p in asked["rep"]] == ["您那边多少人用？", "什么时候装呢？"]
    assert [p.quote for p in asked["customer"]] == ["你们多少钱一台"]
    assert asked["rep"][1].start_ms > asked["rep"][0].start_ms


@pytest.mark.parametrize("talk", [heard(), heard(("rep", 0, 0, "")), heard(("unknown", 0, 900, "喂"))])
def test_what_can_not_be_measured_is_none(talk: Transcript) -> None:
    measures = measure(talk)
    assert measures.talk_ratio is None
    assert measures.longest_monologue is None
    assert measures.patience_ms is None
    json.dumps(measures.to_json())


rows = st.lists(
    st.tuples(
        st.sampled_from(["rep", "customer", "colleague", "unknown"]),
        st.integers(0, 50_000),
        st.integers(0, 9_000),
        st.text("您好多少吗嗯？ ", max_size=6),
    ),
    max_size=12,
)


@given(rows, st.integers(1, 2))
def test_any_layout_gives_sound_measures(layout: list[tuple[Role, int, int, str]], channels: int) -> None:
    talk = heard(*((r, a, a + length, t) for r, a, length, t in layout), channels=channels)
    measures = measure(talk)
    assert measures.talk_ratio is None or 0 <= measures.talk_ratio <= 1
    assert measures.silence_share is None or 0 <= measures.silence_share < 1
    silence = measures.longest_silence
    if silence is not None:
        spoken = [s for s in talk.segments if s.text]
        assert not any(
            s.start_ms < silence.end_ms and silence.start_ms < s.end_ms
            for s in spoken
            if s.end_ms > s.start_ms
        )
    for passages in measures.questions.values():
        assert all(p.quote == talk.segments[p.turn].text[p.start : p.end] != "" for p in passages)
