"""Talks: who with whom, what was said and when, the facts in it and the scores it got."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from shengce.facts.models import Fact
from shengce.facts.queries import facts_of
from shengce.inspection.models import Score
from shengce.inspection.queries import scores_of
from shengce.people.permissions import require
from shengce.recordings.models import Conversation
from shengce.web.api.answers import Named, Number, Page, in_pages, page
from shengce.web.api.asking import Between, Id, OneOf, found_id
from shengce.web.api.door import ApiRequest
from shengce.web.queries import TalkRow, facts_said, talk_list
from shengce.web.templatetags.shengce import evidence_address

router = Router(tags=["Talks"])


class ConversationRow(Schema):
    """``score`` is 0 to 100, empty where nothing applied; ``fatal``: a fatal item was hit."""

    id: int
    started_at: dt.datetime
    duration_ms: int
    direction: str
    rep: Named | None
    customer: Named | None
    score: Number | None
    fatal: bool


class SegmentRow(Schema):
    """One stretch of one speaker; ``turn`` counts from 0. Times are milliseconds of the recording, half-open."""

    turn: int
    speaker: str
    role: str
    start_ms: int
    end_ms: int
    text: str


class FactRow(Schema):
    """``value`` has the shape of its kind (docs/cli.md); ``url`` is a page that plays it."""

    id: int
    conversation: int = Field(alias="conversation_id")
    kind: str
    value: Any
    quote: str
    role: str
    turn: int
    start_ms: int
    end_ms: int
    confidence: float
    extractor: str
    state: str
    url: str

    @staticmethod
    def resolve_url(row: Fact) -> str:
        return evidence_address(row.conversation_id, row.start_ms, row.end_ms)


class FactSaid(FactRow):
    """A fact with the talk it comes from."""

    said_at: dt.datetime = Field(alias="conversation.started_at", description="When the talk began")
    rep: Named | None = Field(None, alias="conversation.rep")
    customer: Named | None = Field(None, alias="conversation.customer")


class CriterionRow(Schema):
    """``name`` by language. A hit is ``{turn, start, end, quote, role, start_ms, end_ms}``."""

    criterion: str
    name: dict[str, str]
    section: str
    state: str
    points: Number
    max_points: Number
    fatal: bool
    hits: list[dict[str, Any]]


class ScoreRow(Schema):
    card: str = Field(alias="version.card.name")
    version: int = Field(alias="version.number")
    score: Number | None
    fatal: bool
    scored_at: dt.datetime
    criteria: list[CriterionRow]

    @staticmethod
    def resolve_criteria(row: Score) -> Any:
        return list(row.outcomes.all())


class ConversationFile(Schema):
    """A talk with its words, facts (rejected ones too, with their state) and scores."""

    id: int
    started_at: dt.datetime
    start_ms: int
    end_ms: int
    direction: str
    rep: Named | None
    unit: Named | None
    customer: Named | None
    contact: Named | None
    engine: str | None
    segments: list[SegmentRow]
    facts: list[FactRow]
    scores: list[ScoreRow]


class ConversationsAsked(Between):
    rep: Id | None = None
    customer: Id | None = None
    kind: Annotated[str, OneOf(Fact.Kind.values)] = ""
    only: Annotated[str, OneOf(("fatal",))] = ""


class FactsAsked(Between):
    kind: Annotated[str, OneOf(Fact.Kind.values)] = ""
    rep: Id | None = None
    customer: Id | None = None


@router.get("/conversations", response=Page[ConversationRow], summary="Talks")
def conversations(request: ApiRequest, asked: Query[ConversationsAsked]) -> Any:
    """Talks in one's scope, newest first; ``kind``: in which such a fact was heard."""
    require(request.user, "conversations.see")
    found = talk_list(
        request.user,
        rep=asked.rep,
        customer=asked.customer,
        start_on=asked.from_,
        end_on=asked.to,
        kind=asked.kind,
        only=asked.only,
        page=asked.page,
        size=asked.page_size,
    )
    return in_pages([_row(row) for row in found.rows], asked, has_next=found.has_next)


def _row(row: TalkRow) -> dict[str, Any]:
    talk, score = row.conversation, row.score
    names = ("started_at", "duration_ms", "direction", "rep", "customer")
    return {
        "id": talk.pk,
        **{name: getattr(talk, name) for name in names},
        "score": score.score if score is not None else None,
        "fatal": score is not None and score.fatal,
    }


@router.get("/conversations/{pk}", response=ConversationFile, summary="One talk")
def conversation(request: ApiRequest, pk: int) -> Any:
    """What was said, by whom, from which millisecond to which; its facts and scores."""
    require(request.user, "conversations.see")
    rows = Conversation.objects.visible_to(request.user).select_related(
        "rep", "unit", "customer", "contact", "transcript"
    )
    talk = get_object_or_404(rows, pk=found_id(pk))
    transcript = getattr(talk, "transcript", None)
    names = ("started_at", "start_ms", "end_ms", "direction", "rep", "unit", "customer", "contact")
    return {
        "id": talk.pk,
        **{name: getattr(talk, name) for name in names},
        "engine": transcript.engine if transcript is not None else None,
        "segments": _segments(transcript.spoken.segments) if transcript is not None else [],
        "facts": facts_of(talk),
        "scores": scores_of(talk),
    }


def _segments(segments: Any) -> list[dict[str, Any]]:
    names = ("speaker", "role", "start_ms", "end_ms", "text")
    return [
        {"turn": turn} | {name: getattr(segment, name) for name in names}
        for turn, segment in enumerate(segments)
    ]


@router.get("/facts", response=Page[FactSaid], summary="Facts")
def facts(request: ApiRequest, asked: Query[FactsAsked]) -> Any:
    """What was said in talks in one's scope and not rejected since; the days are those of the talks, newest first."""
    require(request.user, "conversations.see")
    found = facts_said(
        request.user,
        kind=asked.kind,
        rep=asked.rep,
        customer=asked.customer,
        start_on=asked.from_,
        end_on=asked.to,
    )
    return page(found, asked)
