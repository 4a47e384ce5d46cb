"""The second reader: what it sees, that it learns, that its file says the same as it did, and what it may not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from shengce.language.extract import found_by_rules, hear
from shengce.language.learned.features import ROWS, features_of, flag_names
from shengce.language.learned.fitting import fit, lesson_of
from shengce.language.learned.model import LABELS, ModelError, Reader, chance, shipped_reader
from shengce.language.learned.reconsider import reconsider
from shengce.language.lexicon import Entry, Lexicon
from shengce.language.scoring.facts import load_dialogues
from shengce.language.values import FACT_KINDS
from shengce.speech.transcript import Transcript, from_turns

LABELLED = Path(__file__).resolve().parents[1] / "labelled"
AT = datetime.fromisoformat("2026-11-10T10:00:00+08:00")
LEXICON = Lexicon([Entry("云瀑净水机")], [Entry("霖沃")])
TALK: Transcript = from_turns(
    [
        ("rep", "您好，您主要想解决什么问题？"),
        ("customer", "后厨的水老是有股味道，想换一批安静的机器"),
        ("rep", "我下周三把方案给您送过来"),
        ("customer", "好，你来吧"),
    ]
)


def test_features_are_the_same_for_the_same_talk_and_within_the_table() -> None:
    heard = hear(TALK, at=AT, lexicon=LEXICON)
    one, other = (features_of(heard, found_by_rules(heard)) for _ in range(2))
    assert one.flags.shape == (len(one.clauses), len(flag_names()))
    for block, again in zip(one.blocks, other.blocks, strict=True):
        assert np.array_equal(block.rows, again.rows)
        assert block.rows.min() >= 0 and block.rows.max() < ROWS
        assert len(block.starts) == len(one.clauses) + 1 and block.starts[-1] == len(block.rows)


def test_names_and_numbers_are_signs() -> None:
    """What is learned about one trade's product and sum holds for another's."""
    said = [from_turns([("customer", text)]) for text in ("云瀑净水机要三万五", "云瀑净水机要两万八")]
    rows = [features_of(hear(talk, at=AT, lexicon=LEXICON), []).blocks[2].rows for talk in said]
    assert np.array_equal(rows[0], rows[1])


def test_a_talk_without_words() -> None:
    empty = from_turns([("customer", "。。。"), ("rep", "")])
    heard = hear(empty, at=AT, lexicon=LEXICON)
    assert reconsider(heard, []) == []


def test_it_learns_what_it_is_shown_and_its_file_says_the_same(tmp_path: Path) -> None:
    lessons = [lesson_of(dialogue) for dialogue in load_dialogues(LABELLED)[:30]]
    weights = fit(lessons, passes=4)
    chances = np.concatenate([chance(weights.scores(lesson.features)) for lesson in lessons])
    answers = np.concatenate([lesson.answers for lesson in lessons])
    promise = LABELS.index("kind:promise")
    said, unsaid = (chances[answers[:, promise] == answer, promise].mean() for answer in (1, 0))
    assert said > 3 * unsaid
    Reader(weights, {"need": 0.3}, {"need": 0.1}).save(tmp_path / "reader.npz")
    loaded = Reader.load(tmp_path / "reader.npz")
    before, after = (chance(w.scores(lessons[0].features)) for w in (weights, loaded.weights))
    assert np.abs(before - after).max() < 0.02  # whole numbers instead of floats
    assert (loaded.thresholds, loaded.doubts) == (pytest.approx({"need": 0.3}), pytest.approx({"need": 0.1}))


def test_weights_for_other_cue_words_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "reader.npz"
    np.savez(path, flag_names=np.array(["another"]), labels=np.array(["kind:need"]))
    with pytest.raises(ModelError, match="train it again"):
        Reader.load(path)


def test_names_and_contacts_are_left_to_the_rules() -> None:
    """However little the reader believes, a rival that was named was named."""
    talk = from_turns([("customer", "霖沃也找过我们，我电话一三八一二三四零零零一")])
    heard = hear(talk, at=AT, lexicon=LEXICON)
    believes_nothing = replace(
        shipped_reader(), thresholds=dict.fromkeys(FACT_KINDS, 2.0), doubts=dict.fromkeys(FACT_KINDS, 2.0)
    )
    kinds = {fact.kind for fact in reconsider(heard, found_by_rules(heard), reader=believes_nothing)}
    assert kinds == {"competitor", "contact"}


@pytest.mark.parametrize(
    "said",
    [
        "要是下周能装好我们就付三十万",
        "我上周已经把货款打给你们了",
        "什么时候付款合适呢",
    ],
)
def test_grammar_goes_before_likelihood(said: str) -> None:
    """A reader that takes everything for a promise still makes none of a condition, the past or a question."""
    heard = hear(from_turns([("rep", "那笔货款您看？"), ("customer", said)]), at=AT, lexicon=LEXICON)
    believes_all = replace(shipped_reader(), thresholds=dict.fromkeys(FACT_KINDS, 0.0))
    facts = reconsider(heard, [], reader=believes_all)
    assert not [fact for fact in facts if fact.kind == "payment_promise" and fact.passage.turn == 1]


def test_what_it_adds_is_marked_and_quoted() -> None:
    heard = hear(TALK, at=AT, lexicon=LEXICON)
    believes_all = replace(shipped_reader(), thresholds=dict.fromkeys(FACT_KINDS, 0.0))
    added = reconsider(heard, [], reader=believes_all)
    assert added
    for fact in added:
        assert fact.extractor == f"{fact.kind}-reader/1"
        assert fact.passage.quote in TALK.segments[fact.passage.turn].text
        assert 0 < fact.confidence <= 1
