"""How well facts are extracted, by kind, on labelled dialogues.

A labelled fact is *found* when a fact of its kind quotes a piece of its turn that touches the labelled quote, and *right*
when the labelled fields of its value agree as well (each extractor says what agreeing means). What is found beyond the
labels is *extra*. Precision is found ÷ everything extracted, recall found ÷ everything labelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from shengce.language.dialogue import parse_dialogue
from shengce.language.extract import EXTRACTORS, extract_facts
from shengce.language.extractors.extractor import overlaps
from shengce.language.lexicon import Lexicon
from shengce.language.values import FACT_KINDS, Fact, FactKind
from shengce.speech.transcript import Transcript


class LabelError(ValueError):
    """A labelled dialogue that contradicts itself; the message says where."""


@dataclass(frozen=True, slots=True)
class Label:
    """A fact that must be found: its kind, turn, the quote in it, and the fields of its value that are known."""

    turn: int
    kind: FactKind
    start: int
    end: int
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialogue:
    name: str
    trade: str
    held_out: bool
    transcript: Transcript
    at: datetime
    lexicon: Lexicon
    labels: tuple[Label, ...]
    source: str
    """Name of the file that it comes from."""


@dataclass(slots=True)
class Score:
    """Counts of one kind. ``right`` are the found ones whose value is right as well."""

    labelled: int = 0
    found: int = 0
    right: int = 0
    extra: int = 0

    def add(self, other: Score) -> None:
        self.labelled += other.labelled
        self.found += other.found
        self.right += other.right
        self.extra += other.extra

    @property
    def precision(self) -> float | None:
        return self.found / (self.found + self.extra) if self.found + self.extra else None

    @property
    def recall(self) -> float | None:
        return self.found / self.labelled if self.labelled else None

    @property
    def f1(self) -> float | None:
        return (
            2 * self.found / (self.labelled + self.found + self.extra) if self.labelled + self.extra else None
        )

    @property
    def right_f1(self) -> float | None:
        """F1 where a fact counts only with the right value."""
        return (
            2 * self.right / (self.labelled + self.found + self.extra) if self.labelled + self.extra else None
        )

    def to_json(self) -> dict[str, Any]:
        shares = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "f1_right_value": self.right_f1,
        }
        counts = {"labelled": self.labelled, "found": self.found, "right": self.right, "extra": self.extra}
        return {**counts, **{name: None if v is None else round(v, 4) for name, v in shares.items()}}


def load_dialogues(folder: Path) -> list[Dialogue]:
    """Every dialogue of the YAML files of a folder. Raises :class:`LabelError`."""
    dialogues: list[Dialogue] = []
    for file in sorted(folder.glob("*.yaml")):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(entries, list):
            raise LabelError(f"{file.name}: must be a list of dialogues")
        dialogues += [_dialogue(entry, file.name, f"{file.name}[{i}]") for i, entry in enumerate(entries)]
    return dialogues


def score_dialogues(dialogues: Iterable[Dialogue]) -> dict[FactKind, Score]:
    """Counts by kind over all dialogues; kinds that are neither labelled nor found are left out."""
    scores: dict[FactKind, Score] = {}
    for dialogue in dialogues:
        facts = extract_facts(dialogue.transcript, at=dialogue.at, lexicon=dialogue.lexicon)
        for kind, score in score_facts(dialogue.labels, facts).items():
            scores.setdefault(kind, Score()).add(score)
    return {kind: scores[kind] for kind in FACT_KINDS if kind in scores}


def score_facts(labels: Iterable[Label], facts: Iterable[Fact]) -> dict[FactKind, Score]:
    """Counts by kind for one talk. Each extracted fact answers one label at most."""
    scores: dict[FactKind, Score] = {}
    left = list(facts)
    for label in labels:
        score = scores.setdefault(label.kind, Score())
        score.labelled += 1
        if match := best_match(label, left):
            left.remove(match)
            score.found += 1
            score.right += _same(label, match)
    for fact in left:
        scores.setdefault(fact.kind, Score()).extra += 1
    return scores


def best_match(label: Label, facts: Iterable[Fact]) -> Fact | None:
    """The fact that answers a label: of those that touch its quote, one with the right value first."""
    touching = [f for f in facts if f.kind == label.kind and overlaps(f, label.turn, label.start, label.end)]
    return max(touching, key=lambda fact: _same(label, fact), default=None)


def total(scores: Mapping[FactKind, Score]) -> Score:
    """All kinds together."""
    everything = Score()
    for score in scores.values():
        everything.add(score)
    return everything


def table(scores: Mapping[FactKind, Score]) -> Iterator[str]:
    """Lines of text for people."""
    yield f"{'kind':17}{'labelled':>9}{'found':>7}{'right':>7}{'extra':>7}{'precision':>11}{'recall':>8}{'F1':>7}"
    for kind, score in (*scores.items(), ("all", total(scores))):
        shares = "".join(
            f"{_percent(v):>{w}}" for v, w in ((score.precision, 11), (score.recall, 8), (score.f1, 7))
        )
        yield f"{kind:17}{score.labelled:9}{score.found:7}{score.right:7}{score.extra:7}{shares}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _same(label: Label, fact: Fact) -> bool:
    return next(e.same for e in EXTRACTORS if e.kind == label.kind)(label.value, fact.value)


def _dialogue(entry: dict[str, Any], source: str, where: str) -> Dialogue:
    transcript = parse_dialogue(entry["turns"])
    at = datetime.fromisoformat(entry["at"])
    if at.tzinfo is None:
        raise LabelError(f"{where}: 'at' needs an offset")
    return Dialogue(
        name=entry["name"],
        trade=entry["trade"],
        held_out=bool(entry.get("held_out")),
        transcript=transcript,
        at=at,
        lexicon=Lexicon.from_yaml(yaml.safe_dump(entry["lexicon"], allow_unicode=True)),
        labels=tuple(_label(fact, transcript, where) for fact in entry["facts"]),
        source=source,
    )


def _label(fact: list[Any], transcript: Transcript, where: str) -> Label:
    turn, kind, quote, value = fact
    if kind not in FACT_KINDS:
        raise LabelError(f"{where}: unknown kind {kind!r}")
    start = transcript.segments[turn].text.find(quote) if turn < len(transcript.segments) else -1
    if start < 0:
        raise LabelError(f"{where}: turn {turn} does not say {quote!r}")
    return Label(turn, kind, start, start + len(quote), value)
