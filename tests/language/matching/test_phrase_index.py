"""The index finds what a plain search finds, and by sound what a search over syllables finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.language.matching import Hit, Phrase, PhraseIndex
from shengce.language.pinyin import encode, fold, han_count, syllable

LETTERS = "保证最低价霖林沃派aBＢ1 ，\n"
texts = st.lists(st.text(LETTERS, max_size=12), max_size=5)
phrases = st.lists(st.text(LETTERS, min_size=1, max_size=4).filter(str.strip), min_size=1, max_size=8)


def latin(character: str) -> bool:
    return character < "\u2e80" and character.isalnum()


def whole_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and latin(text[start]) and latin(text[start - 1])
    after = end < len(text) and latin(text[end - 1]) and latin(text[end])
    return not before and not after


def search(wanted: list[str], said: list[str]) -> set[tuple[str, int, int, int]]:
    """The plain search: every phrase at every place."""
    return {
        (phrase, turn, start, start + len(key))
        for phrase in wanted
        for key in [fold(phrase.strip())]
        for turn, text in enumerate(map(fold, said))
        for start in range(len(text))
        if text.startswith(key, start) and whole_word(text, start, start + len(key))
    }


@given(phrases, texts)
@settings(max_examples=300)
def test_exact_hits_are_those_of_a_plain_search(wanted: list[str], said: list[str]) -> None:
    hits = PhraseIndex([Phrase(p, p) for p in wanted]).scan(said)
    assert {h[:4] for h in hits} == search(wanted, said)
    assert all(hit.exact for hit in hits)
    assert hits == sorted(hits, key=lambda h: h[1:4])


def syllables(text: str, *, fuzzy: bool) -> list[str]:
    return [syllable(c, fuzzy=fuzzy) or c for c in fold(text)]


@given(
    st.lists(st.text("霖林临零您领沃我握派拍牌正增深神", min_size=2, max_size=4), min_size=1, max_size=5),
    st.lists(st.text("霖林临零您领沃我握派拍牌正增深神", max_size=8), max_size=4),
)
@settings(max_examples=300)
def test_hits_by_sound_are_those_of_a_search_over_syllables(wanted: list[str], said: list[str]) -> None:
    hits = PhraseIndex([Phrase(p, p, homophones=True) for p in wanted]).scan(said)
    expected = {
        (phrase, turn, start, start + len(phrase), text[start : start + len(phrase)] == phrase)
        for phrase in wanted
        for turn, text in enumerate(said)
        for start in range(len(text) - len(phrase) + 1)
        if syllables(phrase, fuzzy=len(phrase) >= 3)
        == syllables(text[start : start + len(phrase)], fuzzy=len(phrase) >= 3)
    }
    assert {tuple(h) for h in hits} == expected
    assert len(hits) == len(expected)


@given(st.text(max_size=50))
def test_folding_and_coding_keep_the_length(text: str) -> None:
    assert len(fold(text)) == len(text) == len(encode(fold(text))) == len(encode(fold(text), fuzzy=True))
    fold(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ｏｋ，好？！（ＡB）　x", "ok,好?!(ab) x"),
        ("OK，好", "ok,好"),
        ("İΣΑΣ", "İσασ"),
        ("a\ud800\ue000\uffff", "a\ufffd\ufffd\ufffd"),
        ("保证。", "保证。"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text("aAΣİＡ，好\ue000", max_size=10), st.text("bBΣｂ？", max_size=10))
def test_folding_does_not_depend_on_what_stands_around(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)


@pytest.mark.parametrize(
    ("character", "strict", "fuzzy"),
    [
        ("绿", "lv", "lv"),
        ("正", "zheng", "zen"),
        ("宁", "ning", "lin"),
        ("霖", "lin", "lin"),
        ("产", "chan", "can"),
        ("嗯", "n", "n"),
        ("女", "nv", "lv"),
        ("a", None, None),
    ],
)
def test_syllables(character: str, strict: str | None, fuzzy: str | None) -> None:
    assert syllable(character) == strict
    assert syllable(character, fuzzy=True) == fuzzy


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("ok", "说OK了", [(1, 3)]),
        ("ok", "book", []),
        ("ok", "ok2", []),
        ("X9", "我们的Ｘ９净水机", [(3, 5)]),
        ("9折", "打9折", [(1, 3)]),
        ("9折", "打19折", []),
        ("好好", "好好好", [(0, 2), (1, 3)]),
        ("🙂", "好🙂", [(1, 2)]),
    ],
)
def test_what_counts_as_the_same(phrase: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert [(h.start, h.end) for h in PhraseIndex([Phrase("p", phrase)]).scan([text])] == expected


def test_nothing_is_found_across_two_segments() -> None:
    index = PhraseIndex([Phrase("p", "保证"), Phrase("q", "保\uffff证", homophones=True)])
    assert index.scan(["保", "证"]) == []


def test_one_phrase_may_have_several_owners_and_a_place_is_reported_once() -> None:
    index = PhraseIndex(
        [Phrase("a", "泓派", True), Phrase("a", "红派", True), Phrase("b", "红派"), Phrase("b", "红派")]
    )
    assert index.scan(["红派"]) == [Hit("a", 0, 0, 2, True), Hit("b", 0, 0, 2, True)]


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_an_empty_phrase_is_refused(empty: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        PhraseIndex([Phrase("p", empty)])


def test_no_phrases_and_no_texts() -> None:
    assert PhraseIndex([]).scan(["保证"]) == []
    assert PhraseIndex([Phrase("p", "保证")]).scan([]) == []
    assert PhraseIndex([Phrase("p", "保证")]).scan(["", ""]) == []


def test_han_count() -> None:
    assert han_count("X9净水机。") == 3
