"""Summary of a talk in its own words: key sentences with their passages, next steps, stage of the sales process.

Extractive: every line is a piece of the transcript. A talk in which nothing is stated gets no summary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shengce.language.cues import Cue, listen, shipped
from shengce.language.values import Fact, FactKind, Passage
from shengce.speech.transcript import Segment, Transcript

Stage = Literal["contact", "needs", "proposal", "negotiation", "closing", "service"]
STAGES: tuple[Stage, ...] = ("contact", "needs", "proposal", "negotiation", "closing", "service")

MOST_LINES = 6
_LONGEST_LINE = 80
_WEIGHTS: dict[FactKind, float] = {
    "payment_promise": 5,
    "complaint": 5,
    "diversion": 5,
    "decision_maker": 4,
    "budget": 4,
    "objection": 4,
    "appointment": 4,
    "next_step": 3,
    "need": 3.5,
    "price": 2.5,
    "promise": 2.5,
    "competitor": 2,
    "product_interest": 2,
    "contact": 1,
}
_STAGE_FACTS: dict[FactKind, tuple[Stage, float]] = {
    "need": ("needs", 1.5),
    "product_interest": ("needs", 1),
    "price": ("proposal", 1),
    "budget": ("needs", 1),
    "objection": ("negotiation", 1),
    "payment_promise": ("closing", 3),
    "complaint": ("service", 3),
    "diversion": ("service", 2),
}
_CUE_WEIGHT = 0.5
_REPEATED = 0.4
"""What a further fact of a kind already in the summary is worth: six objections are not six points."""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A sentence of the talk and where it sounds."""

    text: str
    passage: Passage

    def to_json(self) -> dict[str, Any]:
        """``{text, turn, role, start_ms, end_ms}``."""
        passage = self.passage
        return {
            "text": self.text,
            "turn": passage.turn,
            "role": passage.role,
            "start_ms": passage.start_ms,
            "end_ms": passage.end_ms,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """``stage`` is ``None`` where the talk does not tell; ``grounds`` are the passages that speak for it."""

    lines: tuple[SummaryLine, ...] = ()
    next_steps: tuple[SummaryLine, ...] = ()
    stage: Stage | None = None
    grounds: tuple[Passage, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{lines, next_steps, stage, grounds}``; the form that a conversation keeps."""
        return {
            "lines": [line.to_json() for line in self.lines],
            "next_steps": [line.to_json() for line in self.next_steps],
            "stage": self.stage,
            "grounds": [SummaryLine(passage.quote, passage).to_json() for passage in self.grounds],
        }


def summarise(transcript: Transcript, facts: Sequence[Fact]) -> Summary:
    """Three to six key sentences in the order said (fewer where fewer facts were stated), next steps, stage."""
    if not facts:
        return Summary()
    cues = shipped().scan(listen([segment.text for segment in transcript.segments]))
    stage, grounds = _stage(transcript, facts, cues)
    return Summary(
        lines=tuple(_line(passage) for passage in _chosen(facts, cues)),
        next_steps=_next_steps(facts),
        stage=stage,
        grounds=grounds,
    )


def _chosen(facts: Sequence[Fact], cues: Sequence[Sequence[Cue]]) -> list[Passage]:
    """The passages of the weightiest facts, at most one line a turn, in the order said."""
    left = list(facts)
    chosen: dict[int, Passage] = {}
    seen: Counter[FactKind] = Counter()
    while left and len(chosen) < MOST_LINES:
        best = max(left, key=lambda fact: _weight(fact, seen, cues))
        left.remove(best)
        turn = best.passage.turn
        if turn not in chosen:
            chosen[turn] = best.passage
            seen.update({fact.kind for fact in facts if fact.passage.turn == turn})
    return [chosen[turn] for turn in sorted(chosen)]


def _weight(fact: Fact, seen: Counter[FactKind], cues: Sequence[Sequence[Cue]]) -> float:
    weight = _WEIGHTS[fact.kind] * fact.confidence * _REPEATED ** min(seen[fact.kind], 3)
    passage = fact.passage
    marks = [
        c
        for c in cues[passage.turn]
        if c.label == "summary.weight" and passage.start <= c.start < passage.end
    ]
    return weight + _CUE_WEIGHT * min(len(marks), 3)


def _line(passage: Passage) -> SummaryLine:
    text = passage.quote if len(passage.quote) <= _LONGEST_LINE else passage.quote[: _LONGEST_LINE - 1] + "…"
    return SummaryLine(text, passage)


def _next_steps(facts: Sequence[Fact]) -> tuple[SummaryLine, ...]:
    """What was agreed, promised or fixed for a day; a passage that proves several is given once."""
    lines: dict[tuple[int, int], SummaryLine] = {}
    for kind in ("appointment", "next_step", "payment_promise", "promise"):
        for fact in facts:
            if fact.kind == kind:
                lines.setdefault((fact.passage.turn, fact.passage.start), _line(fact.passage))
    return tuple(lines[place] for place in sorted(lines))


def _stage(
    transcript: Transcript, facts: Sequence[Fact], cues: Sequence[Sequence[Cue]]
) -> tuple[Stage | None, tuple[Passage, ...]]:
    """The stage with most weight of words and facts; of equals the later one."""
    scores: Counter[Stage] = Counter()
    grounds: dict[Stage, list[Passage]] = {stage: [] for stage in STAGES}
    for fact in facts:
        if fact.kind in _STAGE_FACTS:
            stage, weight = _STAGE_FACTS[fact.kind]
            scores[stage] += weight  # type: ignore[assignment]
            grounds[stage].append(fact.passage)
    for turn, found in enumerate(cues):
        for label in {cue.label: cue for cue in found if cue.label.startswith("stages.")}.values():
            named = _stage_of(label)
            if named is not None:
                scores[named] += 1
                grounds[named].append(_passage(turn, transcript.segments[turn], label))
    if not scores:
        return None, ()
    best = max(STAGES, key=lambda stage: (scores[stage], STAGES.index(stage)))
    return best, tuple(sorted(grounds[best], key=lambda p: (p.turn, p.start))[:5])


def _stage_of(cue: Cue) -> Stage | None:
    name = cue.label.removeprefix("stages.")
    return next((stage for stage in STAGES if stage == name), None)


def _passage(turn: int, segment: Segment, cue: Cue) -> Passage:
    start_ms, end_ms = segment.span_ms(cue.start, cue.end)
    return Passage(
        turn, cue.start, cue.end, segment.text[cue.start : cue.end], segment.role, start_ms, end_ms
    )
