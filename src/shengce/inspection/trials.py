"""Trying score cards on past talks before they go live: what would change, with passages to listen to.

Nothing is written. The time is bounded: a trial stops when it is over and says how many talks it reached.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from shengce.inspection.models import ScoreCardVersion
from shengce.inspection.queries import compiled
from shengce.language.inspection import (
    CompiledCard,
    Criterion,
    Inspection,
    Label,
    Outcome,
    ScoreCard,
    compile_card,
    inspect,
)
from shengce.language.measures import measure
from shengce.language.values import Passage
from shengce.people.models import User
from shengce.recordings.models import Conversation

DEFAULT_TALKS = 50
MAX_TALKS = 300
SECONDS = 8.0
MAX_SAMPLES = 3
MAX_CHANGES = 5


@dataclass(slots=True)
class Tally:
    """How often a criterion was met among the talks that it applied to."""

    met: int = 0
    judged: int = 0

    def add(self, state: str) -> None:
        self.met += state == "met"
        self.judged += state != "not_applicable"

    @property
    def share(self) -> float | None:
        """0 to 1; nothing where it never applied."""
        return self.met / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Sample:
    """A passage that shows a criterion at work in one talk."""

    conversation: Conversation
    state: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Change:
    """A talk that the draft judges otherwise than the version in force."""

    conversation: Conversation
    before: str
    after: str


@dataclass(slots=True)
class CriterionTrial:
    """One criterion of the draft beside the same one in force (``before`` is empty where it is new)."""

    criterion: Criterion
    after: Tally = field(default_factory=Tally)
    before: Tally | None = None
    changed: int = 0
    changes: list[Change] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def add(self, conversation: Conversation, outcome: Outcome, earlier: Outcome | None) -> None:
        """Count one talk. Samples come from different talks."""
        self.after.add(outcome.state)
        if earlier is not None:
            self.before = self.before or Tally()
            self.before.add(earlier.state)
            if earlier.state != outcome.state:
                self.changed += 1
                if len(self.changes) < MAX_CHANGES:
                    self.changes.append(Change(conversation, earlier.state, outcome.state))
        if outcome.hits and len(self.samples) < MAX_SAMPLES:
            self.samples.append(Sample(conversation, outcome.state, outcome.hits[0]))


@dataclass(slots=True)
class Totals:
    """Scores of all talks with one card."""

    scores: list[float] = field(default_factory=list)
    fatal: int = 0

    def add(self, inspection: Inspection) -> None:
        self.fatal += inspection.fatal
        if inspection.score is not None:
            self.scores.append(float(inspection.score))

    @property
    def mean(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None


@dataclass(slots=True)
class Trial:
    """What a draft would have given on the newest talks of one's scope."""

    criteria: list[CriterionTrial]
    removed: list[Label]
    after: Totals = field(default_factory=Totals)
    before: Totals | None = None
    tried: int = 0
    unreadable: int = 0
    out_of_time: bool = False


def try_draft(
    user: User,
    card: ScoreCard,
    *,
    against: ScoreCardVersion | None,
    talks: int = DEFAULT_TALKS,
    seconds: float = SECONDS,
) -> Trial:
    """Score the newest talks that the user may see with ``card`` and with the version in force.

    At most ``MAX_TALKS`` talks; stops after ``seconds``, but not before one talk is done.
    """
    old = compiled(against) if against is not None else None
    kept = {criterion.id for criterion in card.criteria}
    removed = [c.name for c in old.card.criteria if c.id not in kept] if old else []
    trial = Trial([CriterionTrial(c) for c in card.criteria], removed, before=Totals() if old else None)
    _run(trial, user, compile_card(card), old, talks=talks, seconds=seconds)
    return trial


def try_criterion(
    user: User,
    criterion: Criterion,
    *,
    against: ScoreCardVersion | None,
    talks: int = DEFAULT_TALKS,
    seconds: float = SECONDS,
) -> Trial:
    """The same for one criterion alone, beside the one of its id in force."""
    alone = ScoreCard("trial", 0, Label("trial", "trial"), (), (criterion,))
    old = None
    if against is not None:
        before = compiled(against).card
        same = tuple(c for c in before.criteria if c.id == criterion.id)
        old = compile_card(replace(before, criteria=same)) if same else None
    trial = Trial([CriterionTrial(criterion)], [])
    _run(trial, user, compile_card(alone), old, talks=talks, seconds=seconds)
    return trial


def _run(
    trial: Trial, user: User, new: CompiledCard, old: CompiledCard | None, *, talks: int, seconds: float
) -> None:
    stop_at = time.monotonic() + seconds
    for conversation in _newest(user, max(1, min(talks, MAX_TALKS))):
        if trial.tried and time.monotonic() > stop_at:
            trial.out_of_time = True
            return
        try:
            spoken = conversation.transcript.spoken
        except ValueError:
            trial.unreadable += 1
            continue
        measures = measure(spoken)
        after = inspect(spoken, new, measures=measures)
        before = inspect(spoken, old, measures=measures) if old else None
        trial.tried += 1
        trial.after.add(after)
        if before is not None and trial.before is not None:
            trial.before.add(before)
        earlier = {o.id: o for o in before.criteria} if before else {}
        for row, outcome in zip(trial.criteria, after.criteria, strict=True):
            row.add(conversation, outcome, earlier.get(outcome.id))


def _newest(user: User, limit: int) -> Iterator[Any]:
    """Talks with words, newest first; transcripts are read a few at a time, for they are large."""
    found = Conversation.objects.visible_to(user).filter(transcript__isnull=False)
    related = found.select_related("transcript", "customer", "rep")
    yield from related.order_by("-started_at", "-pk")[:limit].iterator(chunk_size=20)
