"""Questions about score cards, scores and alerts that many rows answer."""

from __future__ import annotations

import json
from functools import lru_cache

from django.db.models import OuterRef, QuerySet, Subquery

from shengce.inspection.models import Alert, Score, ScoreCardVersion
from shengce.language.inspection import CompiledCard, card_from_data, compile_card
from shengce.people.models import User
from shengce.recordings.models import Conversation


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
