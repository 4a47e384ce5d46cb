"""Questions about score cards, scores and alerts that many rows answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from shengce.inspection.models import Alert, Score, ScoreCardVersion
from shengce.language.inspection import CompiledCard, Label, ScoreCard, card_from_data, compile_card, inspect
from shengce.language.values import Passage
from shengce.people.models import User
from shengce.recordings.models import Conversation

MOST_TRIED = 500
SAMPLES = 10


@dataclass
class Trial:
    """What one criterion would have given on past talks, with passages to listen to."""

    criterion: str
    name: Label
    fatal: bool
    met: int = 0
    not_met: int = 0
    not_applicable: int = 0
    samples: list[tuple[Conversation, Passage]] = field(default_factory=list)


@dataclass
class CardTrial:
    """A score card tried on past talks of one's scope, before it is published."""

    talks: int
    scores: list[float]
    fatal: int
    criteria: list[Trial]

    @property
    def mean_score(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None


def versions_in_force() -> list[ScoreCardVersion]:
    """The newest published version of every active card."""
    newest = ScoreCardVersion.objects.filter(card=OuterRef("card"), published_at__isnull=False).order_by(
        "-number"
    )
    published = ScoreCardVersion.objects.filter(card__active=True, pk=Subquery(newest.values("pk")[:1]))
    return list(published.select_related("card").order_by("card"))


def compiled(version: ScoreCardVersion) -> CompiledCard:
    """The version ready to score; read and compiled once for each content."""
    return _compiled(json.dumps(version.data, sort_keys=True, ensure_ascii=False))


@lru_cache(maxsize=32)
def _compiled(data: str) -> CompiledCard:
    return compile_card(card_from_data(json.loads(data)))


def scores_of(conversation: Conversation) -> list[Score]:
    """The scores of one talk with their outcomes. Two queries."""
    scores = conversation.scores.select_related("version__card").prefetch_related("outcomes")
    return list(scores.order_by("version__card", "-version__number"))


def waiting_alerts(user: User) -> QuerySet[Alert]:
    """Alerts of one's scope that nobody has seen, newest first."""
    alerts = Alert.objects.visible_to(user).filter(seen_at__isnull=True)
    return alerts.select_related("conversation__rep", "conversation__customer")


def try_card(user: User, card: ScoreCard, *, talks: int = 100) -> CardTrial:
    """Score the newest talks of one's scope with a card that need not be stored. Nothing is written."""
    ready = compile_card(card)
    trials = {c.id: Trial(c.id, c.name, c.fatal) for c in card.criteria}
    result = CardTrial(0, [], 0, list(trials.values()))
    for conversation in _newest(user, min(talks, MOST_TRIED)):
        inspection = inspect(conversation.transcript.spoken, ready)
        result.talks += 1
        result.fatal += inspection.fatal
        if inspection.score is not None:
            result.scores.append(float(inspection.score))
        for outcome in inspection.criteria:
            trial = trials[outcome.id]
            setattr(trial, outcome.state, getattr(trial, outcome.state) + 1)
            if outcome.hits and len(trial.samples) < SAMPLES:
                trial.samples.append((conversation, outcome.hits[0]))
    return result


def _newest(user: User, limit: int) -> Iterator[Any]:
    talks = Conversation.objects.visible_to(user).filter(transcript__isnull=False)
    related = talks.select_related("transcript", "customer", "rep").order_by("-started_at")
    yield from related[:limit].iterator(chunk_size=50)
