"""Score cards, and scoring a talk with one.

A score card is data, in YAML or JSON::

    id: sales-talk
    version: 1
    name: {zh: 销售沟通评分表, en: Sales talk}
    sections:
      - {id: opening, name: {zh: 开场, en: Opening}}
    criteria:
      - id: greeting
        name: {zh: 问候客户, en: Greets the customer}
        section: opening
        points: 5
        when: {said: {phrases: [您好, 你好], by: rep, within_first_s: 20}}
        applies_if: {...}     # a condition; where it is not met the criterion does not apply
        fatal: false          # 一票否决: not met makes the score 0
        note: {zh: …, en: …}  # for people

Conditions are described in ``criteria.form``. The score is the points earned of the points that apply, of 100,
with one decimal; it is ``None`` where nothing applies, which is not the same as 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from shengce.language.criteria.conditions import Condition, wordings_of
from shengce.language.criteria.evaluation import CompiledConditions, Reason, State, Verdict
from shengce.language.criteria.form import (
    MAX_PHRASES,
    CardError,
    as_flag,
    as_list,
    as_mapping,
    as_number,
    as_text,
    as_whole,
    condition_from_data,
    condition_to_data,
)
from shengce.language.documents import DocumentError, read_document
from shengce.language.measures import Measures
from shengce.language.values import Passage
from shengce.speech.transcript import Transcript

Language = Literal["zh", "en"]

MAX_CRITERIA = 1_000
MAX_SECTIONS = 50
MAX_POINTS = 1_000


class Label(NamedTuple):
    """A text for people in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    name: Label


@dataclass(frozen=True, slots=True)
class Criterion:
    """One item of a score card: worth ``points`` where ``when`` is met, judged where ``applies_if`` is."""

    id: str
    name: Label
    section: str
    points: Decimal
    when: Condition
    applies_if: Condition | None = None
    fatal: bool = False
    note: Label | None = None


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """A version of an inspection form. Compares by value, so equal cards share one compiled form."""

    id: str
    version: int
    name: Label
    sections: tuple[Section, ...]
    criteria: tuple[Criterion, ...]

    def to_data(self) -> dict[str, Any]:
        """The mapping that :func:`card_from_data` reads."""
        return {
            "id": self.id,
            "version": self.version,
            "name": self.name._asdict(),
            "sections": [{"id": s.id, "name": s.name._asdict()} for s in self.sections],
            "criteria": [_criterion_to_data(criterion) for criterion in self.criteria],
        }


@dataclass(frozen=True, slots=True)
class CompiledCard:
    """A score card ready to score many talks; safe to share between threads."""

    card: ScoreCard
    conditions: CompiledConditions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one criterion. ``points`` are those earned: 0 or ``max_points``.

    ``hits`` prove a state: where something was said, or said that must not be. ``reason`` tells why a criterion
    is not met; ``value`` is the number counted or measured.
    """

    id: str
    name: Label
    section: str
    points: Decimal
    max_points: Decimal
    state: State
    fatal: bool
    hits: tuple[Passage, ...]
    reason: Reason | None
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """A scored talk. ``fatal``: a fatal criterion is not met, so the score is 0."""

    score_card: str
    version: int
    name: Label
    score: Decimal | None
    fatal: bool
    criteria: tuple[Outcome, ...]

    def to_json(self, *, language: Language = "zh") -> dict[str, Any]:
        """The object ``inspection`` of docs/cli.md; decimals as numbers."""
        return {
            "score_card": self.score_card,
            "version": self.version,
            "name": self.name.in_language(language),
            "score": None if self.score is None else float(self.score),
            "fatal": self.fatal,
            "criteria": [_outcome_to_json(outcome, language) for outcome in self.criteria],
        }


def inspect(
    transcript: Transcript, card: ScoreCard | CompiledCard, *, measures: Measures | None = None
) -> Inspection:
    """Score one talk. ``measures`` of the same talk saves measuring it again."""
    compiled = card if isinstance(card, CompiledCard) else compile_card(card)
    evidence = compiled.conditions.read(transcript, measures=measures)
    outcomes = []
    for criterion in compiled.card.criteria:
        applies = criterion.applies_if is None or evidence.verdict(criterion.applies_if).state == "met"
        verdict = evidence.verdict(criterion.when) if applies else Verdict("not_applicable")
        outcomes.append(_outcome(criterion, verdict))
    fatal = any(outcome.fatal and outcome.state == "not_met" for outcome in outcomes)
    score = Decimal(0) if fatal else _score(outcomes)
    scored = compiled.card
    return Inspection(scored.id, scored.version, scored.name, score, fatal, tuple(outcomes))


@lru_cache(maxsize=32)
def compile_card(card: ScoreCard) -> CompiledCard:
    """The card with its automata built, remembered. Raises :class:`CardError` for an invalid expression."""
    conditions = [c for item in card.criteria for c in (item.when, item.applies_if) if c is not None]
    return CompiledCard(card, CompiledConditions(conditions))


def load_card(source: str | Path) -> ScoreCard:
    """A score card from YAML (or JSON) text, or from a file where ``source`` is a path.

    Raises :class:`CardError`, in words, with the path of the field that is wrong.
    """
    try:
        data = read_document(source)
    except DocumentError as error:
        raise CardError("", error.template, **error.params) from error
    return card_from_data(data)


def card_from_data(data: Any) -> ScoreCard:
    """A score card from its mapping, as stored or as parsed. Raises :class:`CardError`."""
    body = as_mapping(data, "", ("id", "version", "name", "sections", "criteria"))
    listed = as_list(body.get("sections"), "sections", least=1, most=MAX_SECTIONS)
    sections = tuple(_section(item, f"sections[{i}]") for i, item in enumerate(listed))
    _refuse_twice((s.id for s in sections), "sections")
    items = as_list(body.get("criteria"), "criteria", least=1, most=MAX_CRITERIA)
    known = {section.id for section in sections}
    criteria = tuple(criterion_from_data(c, f"criteria[{i}]", sections=known) for i, c in enumerate(items))
    _refuse_twice((c.id for c in criteria), "criteria")
    _limit_phrases(criteria)
    version = as_whole(body.get("version", 1), "version", most=1_000_000)
    return ScoreCard(
        as_text(body.get("id"), "id", most=60),
        1 if version is None else version,
        _label(body.get("name"), "name"),
        sections,
        criteria,
    )


def criterion_from_data(data: Any, path: str = "criterion", *, sections: set[str] | None = None) -> Criterion:
    """One criterion from its mapping; ``sections`` are the ids it may stand in. Raises :class:`CardError`."""
    keys = ("id", "name", "section", "points", "when", "applies_if", "fatal", "note")
    body = as_mapping(data, path, keys)
    section = as_text(body.get("section"), f"{path}.section", most=60)
    if sections is not None and section not in sections:
        raise CardError(f"{path}.section", "no section has the id %(id)r", id=section)
    points = as_number(body.get("points", 0), f"{path}.points", least=0, most=MAX_POINTS)
    fatal = as_flag(body.get("fatal"), f"{path}.fatal") or False
    if not points and not fatal:
        raise CardError(f"{path}.points", "must be more than 0 unless the criterion is fatal")
    if body.get("when") is None:
        raise CardError(path, "needs when: the condition to meet")
    applies_if = body.get("applies_if")
    note = body.get("note")
    return Criterion(
        id=as_text(body.get("id"), f"{path}.id", most=60),
        name=_label(body.get("name"), f"{path}.name"),
        section=section,
        points=points or Decimal(0),
        when=condition_from_data(body["when"], f"{path}.when"),
        applies_if=None if applies_if is None else condition_from_data(applies_if, f"{path}.applies_if"),
        fatal=fatal,
        note=None if note is None else _label(note, f"{path}.note", most=1_000),
    )


def _outcome(criterion: Criterion, verdict: Verdict) -> Outcome:
    return Outcome(
        id=criterion.id,
        name=criterion.name,
        section=criterion.section,
        points=criterion.points if verdict.state == "met" else Decimal(0),
        max_points=criterion.points,
        state=verdict.state,
        fatal=criterion.fatal,
        hits=verdict.passages,
        reason=verdict.reason,
        value=verdict.value,
    )


def _score(outcomes: Iterable[Outcome]) -> Decimal | None:
    judged = [outcome for outcome in outcomes if outcome.state != "not_applicable"]
    possible = sum((outcome.max_points for outcome in judged), Decimal(0))
    if not possible:
        return None
    earned = sum((outcome.points for outcome in judged), Decimal(0))
    return (earned * 100 / possible).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _outcome_to_json(outcome: Outcome, language: Language) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "name": outcome.name.in_language(language),
        "section": outcome.section,
        "points": float(outcome.points),
        "max_points": float(outcome.max_points),
        "state": outcome.state,
        "fatal": outcome.fatal,
        "reason": outcome.reason,
        "value": None if outcome.value is None else float(outcome.value),
        "hits": [
            {
                "quote": hit.quote,
                "role": hit.role,
                "turn": hit.turn,
                "start": hit.start,
                "end": hit.end,
                "start_ms": hit.start_ms,
                "end_ms": hit.end_ms,
            }
            for hit in outcome.hits
        ],
    }


def _criterion_to_data(criterion: Criterion) -> dict[str, Any]:
    points = criterion.points
    data: dict[str, Any] = {
        "id": criterion.id,
        "name": criterion.name._asdict(),
        "section": criterion.section,
        "points": int(points) if points == points.to_integral_value() else float(points),
        "when": condition_to_data(criterion.when),
    }
    if criterion.applies_if is not None:
        data["applies_if"] = condition_to_data(criterion.applies_if)
    if criterion.fatal:
        data["fatal"] = True
    if criterion.note is not None:
        data["note"] = criterion.note._asdict()
    return data


def _section(data: Any, path: str) -> Section:
    body = as_mapping(data, path, ("id", "name"))
    return Section(as_text(body.get("id"), f"{path}.id", most=60), _label(body.get("name"), f"{path}.name"))


def _label(data: Any, path: str, *, most: int = 200) -> Label:
    """``{zh, en}``, or one text for both."""
    if isinstance(data, str):
        text = as_text(data, path, most=most)
        return Label(text, text)
    body = as_mapping(data, path, ("zh", "en"))
    return Label(
        as_text(body.get("zh"), f"{path}.zh", most=most), as_text(body.get("en"), f"{path}.en", most=most)
    )


def _refuse_twice(ids: Iterable[str], path: str) -> None:
    seen: set[str] = set()
    for i, identifier in enumerate(ids):
        if identifier in seen:
            raise CardError(f"{path}[{i}].id", "%(id)r is there twice", id=identifier)
        seen.add(identifier)


def _limit_phrases(criteria: Iterable[Criterion]) -> None:
    conditions = [c for item in criteria for c in (item.when, item.applies_if) if c is not None]
    wordings = [wording for condition in conditions for wording in wordings_of(condition)]
    count = sum(len(w.phrases) + len(w.unless) + sum(map(len, w.groups)) for w in wordings)
    if count > MAX_PHRASES:
        raise CardError(
            "criteria", "have %(count)d phrases; the limit is %(limit)d", count=count, limit=MAX_PHRASES
        )
