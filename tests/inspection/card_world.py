"""Talks and score cards for the tests of this room."""

from __future__ import annotations

import datetime as dt
import itertools

from django.utils import timezone

from shengce.inspection import cards
from shengce.inspection.actions import store_scores
from shengce.inspection.models import ScoreCardVersion
from shengce.inspection.queries import compiled
from shengce.language.inspection import inspect
from shengce.people.models import User
from shengce.recordings.models import Conversation
from tests.talks import make_talk

_numbers = itertools.count(1)

POLITE = [
    ("rep", "您好，我是澄源的小林"),
    ("customer", "你好，太贵了"),
    ("rep", "您现在用的是什么？谢谢您，再见"),
]
RUDE = [("rep", "喂，买不买"), ("customer", "太贵了"), ("rep", "爱买不买")]


def talk_of(rep: User, turns=POLITE, *, days_ago: int = 1, customer=None) -> Conversation:
    """A finished talk of so many days ago."""
    at = timezone.now() - dt.timedelta(days=days_ago, minutes=next(_numbers))
    return make_talk(rep, turns=tuple(turns), at=at, customer=customer, indexed=False)


def card_data(**changes):
    """A card of three criteria in two sections; one criterion is fatal."""
    data = {
        "id": "talk",
        "name": {"zh": "销售沟通", "en": "Sales talk"},
        "sections": [
            {"id": "opening", "name": {"zh": "开场", "en": "Opening"}},
            {"id": "rules", "name": {"zh": "合规", "en": "Compliance"}},
        ],
        "criteria": [
            {
                "id": "greeting",
                "name": {"zh": "问候", "en": "Greeting"},
                "section": "opening",
                "points": 10,
                "when": {"said": {"phrases": ["您好", "你好"], "by": "rep", "within_first_s": 20}},
            },
            {
                "id": "end",
                "name": {"zh": "收尾", "en": "Ends politely"},
                "section": "opening",
                "points": 5,
                "when": {"said": {"phrases": ["再见"], "by": "rep"}},
            },
            {
                "id": "abuse",
                "name": {"zh": "辱骂", "en": "Abuse"},
                "section": "rules",
                "points": 0,
                "fatal": True,
                "when": {"not_said": {"phrases": ["爱买不买"], "by": "rep"}},
            },
        ],
    }
    return data | changes


def published(by: User, **changes) -> ScoreCardVersion:
    """A card in force."""
    data = card_data(**changes)
    draft = cards.create_score_card(name=f"card {next(_numbers)}", data=data, by=by)
    return cards.publish_score_card(draft, by=by)


def score(talk: Conversation, version: ScoreCardVersion) -> None:
    """What the pipeline does."""
    store_scores(talk, [(version, inspect(talk.transcript.spoken, compiled(version)))])
