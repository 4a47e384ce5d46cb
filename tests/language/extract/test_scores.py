"""Scores of extraction on the labelled dialogues, printed, with floors a little below what was reached."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from shengce.language.scoring import crosswoz
from shengce.language.scoring.facts import Dialogue, load_dialogues, score_dialogues, table, total

LABELLED = Path(__file__).resolve().parents[1] / "labelled"
CROSSWOZ = Path(__file__).resolve().parents[4] / "shared" / "data" / "crosswoz" / "val.json.zip"
MARKS = re.compile(r"[，。？！、…,?!]")


@pytest.fixture(scope="module")
def dialogues() -> list[Dialogue]:
    return load_dialogues(LABELLED)


def test_the_set_is_wide_enough(dialogues: list[Dialogue]) -> None:
    held_out = [d for d in dialogues if d.held_out]
    assert sum(len(d.transcript.segments) for d in dialogues) >= 240
    assert len({d.trade for d in held_out}) >= 8
    assert sum(len(d.transcript.segments) for d in held_out) >= 120
    assert sum(not d.labels for d in dialogues) >= 4


@pytest.mark.parametrize(
    ("files", "least_precision", "least_recall"),
    [
        ("tuned_", 0.86, 0.95),
        ("common_", 0.80, 0.95),
        ("independent_a", 0.84, 0.92),
        ("unseen_", 0.66, 0.66),
        ("unseen_a", 0.72, 0.68),
        ("unseen_c", 0.60, 0.62),
    ],
)
def test_scores(dialogues: list[Dialogue], files: str, least_precision: float, least_recall: float) -> None:
    scores = score_dialogues([d for d in dialogues if d.source.startswith(files)])
    print("\n".join((files.strip("_"), *table(scores))))
    everything = total(scores)
    assert (everything.precision or 0) >= least_precision
    assert (everything.recall or 0) >= least_recall
    assert everything.right >= (0.90 if files.startswith("unseen_") else 0.95) * everything.found


def test_scores_without_punctuation(dialogues: list[Dialogue]) -> None:
    """As most recognisers write it. Marks are taken out of labels and talk alike."""
    scores = score_dialogues([_bare(d) for d in dialogues if d.source.startswith("unseen_")])
    print("\n".join(("unseen, without punctuation", *table(scores))))
    everything = total(scores)
    assert (everything.precision or 0) >= 0.65
    assert (everything.recall or 0) >= 0.63


def _bare(dialogue: Dialogue) -> Dialogue:
    texts = [segment.text for segment in dialogue.transcript.segments]

    def place(turn: int, position: int) -> int:
        return len(MARKS.sub("", texts[turn][:position]))

    labels = tuple(
        replace(label, start=place(label.turn, label.start), end=place(label.turn, label.end))
        for label in dialogue.labels
    )
    segments = tuple(replace(s, text=MARKS.sub("", s.text)) for s in dialogue.transcript.segments)
    return replace(dialogue, labels=labels, transcript=replace(dialogue.transcript, segments=segments))


def test_crosswoz_contacts() -> None:
    if not CROSSWOZ.is_file():
        pytest.skip("shared/data/crosswoz is not on this machine")
    scores = crosswoz.score(CROSSWOZ, limit=100)
    print(scores)
    assert scores["contact phone"]["f1"] >= 0.9
    assert scores["contact address"]["precision"] >= 0.9
