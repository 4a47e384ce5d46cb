"""Training of the second reader: logistic regression on hashed sequences, by gradient descent, one talk a step.

Every question is answered for itself; a label that only a customer can prove is not learned from what the rep says.
Weights are pulled to zero (ridge), and those of the last half of the passes are averaged, which steadies them. Nothing is
random but the order of the talks. Rate and ridge were chosen by cross-validation: as good as an exact solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from shengce.language.extract import found_by_rules, hear
from shengce.language.learned.features import Features, Floats, features_of
from shengce.language.learned.model import LABELS, Weights, chance, columns_of
from shengce.language.scoring.facts import Dialogue, Label
from shengce.language.values import CUSTOMER_KINDS, FACT_KINDS

PASSES = 12
RATE = 0.2
SLOWER = 4
"""Passes after which the rate is half of what it was."""
RIDGE = 1.8e-5
"""The pull to zero of one clause."""
_OVERLAP = 0.5
_COLUMN = {label: number for number, label in enumerate(LABELS)}


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled talk: the answers (clauses, labels) and which of them count."""

    features: Features
    answers: Floats
    counted: Floats


def lesson_of(dialogue: Dialogue) -> Lesson:
    """The lesson that a labelled talk teaches."""
    heard = hear(dialogue.transcript, at=dialogue.at, lexicon=dialogue.lexicon)
    features = features_of(heard, found_by_rules(heard))
    answers = np.zeros((len(features.clauses), len(LABELS)), np.float32)
    counted = np.zeros_like(answers)
    said_by_customer = np.array([role == "customer" for role in features.roles])
    for kind in FACT_KINDS:
        counted[:, _COLUMN[f"kind:{kind}"]] = said_by_customer if kind in CUSTOMER_KINDS else 1
    for label in dialogue.labels:
        for row in _rows(features, label):
            answers[row, _COLUMN[f"kind:{label.kind}"]] = 1
            for kind, part in (("objection", "reason"), ("complaint", "about")):
                column = _COLUMN.get(f"{part}:{label.value.get(part)}")
                if label.kind == kind and column is not None:
                    counted[row, columns_of(part)] = 1
                    answers[row, column] = 1
    return Lesson(features, answers, counted)


def fit(
    lessons: Sequence[Lesson],
    *,
    seed: int = 7,
    passes: int = PASSES,
    progress: Callable[[int], None] | None = None,
) -> Weights:
    """Weights that answer as the lessons do. ``progress`` is told the number of each pass that is over."""
    order = np.random.default_rng(seed)
    weights, sums = Weights.empty(), Weights.empty()
    for turn in range(passes):
        rate = RATE / (1 + turn / SLOWER)
        for number in order.permutation(len(lessons)):
            _step(weights, lessons[number], rate)
        if turn >= passes // 2:
            for total, table in zip(_tables(sums), _tables(weights), strict=True):
                total += table
        if progress is not None:
            progress(turn + 1)
    for total in _tables(sums):
        total /= passes - passes // 2
    return sums


def _tables(weights: Weights) -> tuple[Floats, Floats, Floats]:
    return weights.sequences, weights.flags, weights.bias


def _step(weights: Weights, lesson: Lesson, rate: float) -> None:
    features = lesson.features
    if not features.clauses:
        return
    error = (chance(weights.scores(features)) - lesson.answers) * lesson.counted
    shrink = np.float32(1 - rate * RIDGE * len(error))
    weights.sequences *= shrink
    weights.flags *= shrink
    weights.flags -= rate * (features.flags.T @ error)
    weights.bias -= rate * error.sum(axis=0)
    for block in features.blocks:
        shares = np.zeros((len(block.starts) - 1, error.shape[1]), np.float32)
        reads = block.source >= 0
        np.add.at(shares, block.source[reads], (error * block.scale[:, None])[reads])
        slope = np.repeat(shares, np.diff(block.starts), axis=0)
        np.subtract.at(weights.sequences, block.rows, np.float32(rate) * slope)


def lessons_of(dialogues: Iterable[Dialogue]) -> list[Lesson]:
    return [lesson_of(dialogue) for dialogue in dialogues]


def _rows(features: Features, label: Label) -> list[int]:
    """The clauses that a label stands for: those that it covers for the better part, or that cover it."""
    rows = []
    for row, clause in enumerate(features.clauses):
        if clause.turn == label.turn:
            shared = min(clause.end, label.end) - max(clause.start, label.start)
            if shared > 0 and shared >= _OVERLAP * min(clause.end - clause.start, label.end - label.start):
                rows.append(row)
    return rows
