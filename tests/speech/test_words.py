"""Tokens of every engine's style become text and timed words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.speech.engines.protocol import Token
from shengce.speech.words import write_words

CASES = [
    # characters; letters close together are one word
    ([("您", 0.1), ("好", 0.3)], "您好", [("您", 1100, 1300), ("好", 1300, 3000)]),
    (
        [("C", 0.1), ("R", 0.3), ("M", 0.5), ("系", 0.9), ("统", 1.1)],
        "CRM系统",
        [("CRM", 1100, 1900), ("系", 1900, 2100), ("统", 2100, 3000)],
    ),
    # sentencepiece
    ([("▁HE", 0.0), ("LLO", 0.2), ("▁YOU", 0.6)], "HELLO YOU", [("HELLO", 1000, 1600), ("YOU", 1600, 3000)]),
    # paraformer
    (
        [("hel@@", 0.0), ("lo", 0.2), ("你", 0.5), ("ok", 0.8)],
        "hello你ok",
        [("hello", 1000, 1500), ("你", 1500, 1800), ("ok", 1800, 3000)],
    ),
    # punctuation is written; unknown marks are not
    (
        [("好", 0.0), ("，", 0.3), ("<unk>", 0.4), ("行", 0.5)],
        "好，行",
        [("好", 1000, 1300), ("，", 1300, 1500), ("行", 1500, 3000)],
    ),
    # whisper: no times at all
    ([(" Hello", None), (" world", None)], "Hello world", []),
    ([], "", []),
]


@pytest.mark.parametrize(("tokens", "text", "words"), CASES)
def test_known_answers(
    tokens: list[tuple[str, float | None]], text: str, words: list[tuple[str, int, int]]
) -> None:
    got_text, got = write_words([Token(*t) for t in tokens], start_ms=1000, end_ms=3000)
    assert got_text == text
    assert [(w.text, w.start_ms, w.end_ms) for w in got] == words


@given(
    st.lists(st.tuples(st.sampled_from(["您", "A", "▁b", "c@@", "<x>", "，", "3", ""]), st.floats(-1, 5))),
    st.integers(0, 1000),
)
def test_words_are_ordered_inside_the_segment_and_cover_the_text(
    tokens: list[tuple[str, float]], start_ms: int
) -> None:
    text, words = write_words([Token(*t) for t in tokens], start_ms=start_ms, end_ms=start_ms + 2000)
    assert "".join(w.text for w in words) == text.replace(" ", "")
    edges = [edge for w in words for edge in (w.start_ms, w.end_ms)]
    assert edges == sorted(edges)
    assert all(start_ms <= edge <= start_ms + 2000 for edge in edges)
