"""The parts of the maintainer's tools that need no build packages: numbers, patterns, talks, scores."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tools.demo_model import corpus
from tools.demo_model.scoring import character_errors
from tools.demo_model.talks import MODEL, bare, read_talk, read_talks, sentences


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "零"),
        (10, "十"),
        (15, "十五"),
        (105, "一百零五"),
        (110, "一百一十"),
        (2640, "二千六百四十"),
        (5600, "五千六百"),
        (10_001, "一万零一"),
        (10_800, "一万零八百"),
        (86_000, "八万六千"),
        (100_800, "十万零八百"),
        (380_000, "三十八万"),
    ],
)
def test_numbers_are_said_as_people_say_them(value: int, said: str) -> None:
    assert corpus.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(5600, "五千六"), (1580, "一千五百八"), (86_000, "八万六"), (108, "一百零八"), (20, "二十")],
)
def test_the_last_unit_is_dropped_only_where_nothing_is_left_open(value: int, said: str) -> None:
    assert corpus.said_short(value) == said


def test_every_pattern_can_be_filled_and_leaves_no_mark_behind() -> None:
    r = random.Random(1)
    for template in corpus.templates():
        for _ in range(10):
            filled = corpus.fill(template, r)
            assert re.fullmatch(r"[\u4e00-\u9fff，。？]+", filled), (template, filled)
            assert not re.search(r"，[，。？]", filled), (template, filled)


def test_training_never_sees_a_sentence_of_a_talk() -> None:
    alphabet = frozenset(
        line.rsplit(" ", 1)[0] for line in (MODEL / "tokens.txt").read_text("utf-8").splitlines()
    )
    held_back = {s for talk in read_talks() for turn in talk.turns for s in sentences(turn.text)}
    held_back = {s for s in held_back if len(s) > corpus.EVERYDAY}
    made = corpus.Corpus(5, alphabet, share_of_patterns=1.0)
    seen = "\n".join(bare(made.text()) for _ in range(10_000))
    assert len(held_back) > 200
    assert not [sentence for sentence in held_back if sentence in seen]


def test_the_same_seed_gives_the_same_texts() -> None:
    alphabet = frozenset(
        "".join(bare(word) for words in corpus.words().values() for word in words)
    ) | frozenset("您好请问是吗的了")
    one, other = (corpus.Corpus(3, alphabet, share_of_patterns=1.0) for _ in range(2))
    assert [one.text() for _ in range(50)] == [other.text() for _ in range(50)]


@pytest.mark.parametrize(
    ("heard", "said", "errors"),
    [
        ("", "", 0),
        ("溪石净水", "溪石净水", 0),
        ("", "净水", 2),
        ("西石净水", "溪石净水", 1),
        ("净水机", "净水", 1),
    ],
)
def test_character_errors(heard: str, said: str, errors: int) -> None:
    assert character_errors(heard, said) == errors


def test_a_line_without_a_speaker_is_refused(tmp_path: Path) -> None:
    talk = tmp_path / "bad.yaml"
    talk.write_text("turns: |\n  您好，我是小林。\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not a turn"):
        read_talk(talk)
