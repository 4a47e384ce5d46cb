"""Train the second reader of facts and choose from which chance on it is believed. For maintainers; minutes on one core.

    python tools/clause_classifier/train.py [--check]

Reads the labelled talks of ``talks/``, which nobody has used to write a rule, and those of ``tests/language/labelled`` but the ones
that are kept unseen. Thresholds are chosen on talks that the reader of that fold did not know. Writes ``src/shengce/language/data/reader.npz``; ``--check`` only prints the cross-validated scores.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from shengce.language.extract import found_by_rules, hear
from shengce.language.heard import Heard
from shengce.language.learned.fitting import fit, lesson_of
from shengce.language.learned.model import Reader, Weights
from shengce.language.learned.reconsider import reconsider
from shengce.language.scoring.facts import Dialogue, Score, load_dialogues, score_facts, table
from shengce.language.values import FACT_KINDS, Fact, FactKind

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TALKS = (HERE / "talks", ROOT / "tests" / "language" / "labelled")
UNSEEN = "unseen_"
"""Files of talks that nothing is trained or tuned on."""
WRITTEN = ROOT / "src" / "shengce" / "language" / "data" / "reader.npz"
FOLDS = 4
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
DOUBTS = (0.0, 0.02, 0.04, 0.06, 0.08)
"""A rule has reasons: the reader must find its fact quite unlikely to drop it."""
KNOWN_WELL = 200
"""Labels from which on the reader knows a kind well enough to doubt a rule."""
EXTRA_WEIGHT = 1.25
"""What a fact too many costs, against one that is missed: people lose patience with proposals that nobody made."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="print the scores, write nothing")
    check = parser.parse_args(arguments).check
    dialogues = list(_dialogues())
    print(f"{len(dialogues)} talks, {sum(len(d.labels) for d in dialogues)} labels", flush=True)
    heard = [hear(d.transcript, at=d.at, lexicon=d.lexicon) for d in dialogues]
    rules = [found_by_rules(talk) for talk in heard]
    thresholds, doubts, scores = _choose(dialogues, heard, rules)
    print("\n".join(("rules alone", *table(_scores(dialogues, rules)))))
    print("\n".join(("with the second reader, cross-validated", *table(scores))))
    for kind in FACT_KINDS:
        print(f"{kind:17} taken from {thresholds[kind]}, doubted below {doubts[kind]}")
    if not check:
        Reader(fit([lesson_of(d) for d in dialogues]), thresholds, doubts).save(WRITTEN)
        print(f"{WRITTEN.name}: {WRITTEN.stat().st_size // 1024} KiB")
    return 0


def _dialogues() -> Iterable[Dialogue]:
    yield from load_dialogues(TALKS[0])
    yield from (d for d in load_dialogues(TALKS[1]) if not d.source.startswith(UNSEEN))


def _choose(
    dialogues: Sequence[Dialogue], heard: Sequence[Heard], rules: Sequence[list[Fact]]
) -> tuple[dict[str, float], dict[str, float], dict[FactKind, Score]]:
    """Thresholds and doubts of every kind, and the scores that they give; each talk is read by a reader that does not know it."""
    lessons = [lesson_of(d) for d in dialogues]
    folds = np.random.default_rng(1).integers(0, FOLDS, len(dialogues))
    learned: list[Weights] = []
    for fold in range(FOLDS):
        learned.append(fit([lesson for lesson, of in zip(lessons, folds, strict=True) if of != fold]))
        print(f"fold {fold + 1} of {FOLDS}", flush=True)

    def scored(thresholds: dict[str, float], doubts: dict[str, float]) -> dict[FactKind, Score]:
        readers = [Reader(found, thresholds, doubts) for found in learned]
        facts = [
            reconsider(talk, found, reader=readers[fold])
            for talk, found, fold in zip(heard, rules, folds, strict=True)
        ]
        return _scores(dialogues, facts)

    nothing = dict.fromkeys(FACT_KINDS, 0.0)
    tried = {chance: scored(dict.fromkeys(FACT_KINDS, chance), nothing) for chance in THRESHOLDS}
    thresholds = {kind: _best(kind, tried) for kind in FACT_KINDS}
    tried = {chance: scored(thresholds, dict.fromkeys(FACT_KINDS, chance)) for chance in DOUBTS}
    counts = Counter(label.kind for dialogue in dialogues for label in dialogue.labels)
    doubts = {kind: _best(kind, tried) if counts[kind] >= KNOWN_WELL else 0.0 for kind in FACT_KINDS}
    return thresholds, doubts, scored(thresholds, doubts)


def _best(kind: FactKind, tried: dict[float, dict[FactKind, Score]]) -> float:
    """The chance that is worth most; of equals the smallest."""
    return max(sorted(tried), key=lambda chance: _worth(tried[chance].get(kind, Score())))


def _worth(score: Score) -> float:
    """As F1, with a fact too many counted dearer than a missed one."""
    missed = score.labelled - score.found
    costs = missed + EXTRA_WEIGHT * score.extra
    return 2 * score.found / (2 * score.found + costs) if score.found else 0.0


def _scores(dialogues: Sequence[Dialogue], facts: Sequence[list[Fact]]) -> dict[FactKind, Score]:
    scores: dict[FactKind, Score] = {}
    for dialogue, found in zip(dialogues, facts, strict=True):
        for kind, score in score_facts(dialogue.labels, found).items():
            scores.setdefault(kind, Score()).add(score)
    return {kind: scores[kind] for kind in FACT_KINDS if kind in scores}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
