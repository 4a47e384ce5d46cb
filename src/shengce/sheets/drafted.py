"""The shape of what a drafter writes, and whose records it may look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from shengce.facts.models import Fact
from shengce.people.models import Role
from shengce.planning.periods import Span
from shengce.recordings.models import Conversation
from shengce.sheets.models import Line, Paper

MOST_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Drafted:
    """A line or row that the program writes; ``key`` finds it again. ``values`` are cells by column, as text.

    ``fact`` proves it, or the passage of ``conversation``; ``link`` leads to the records where it was counted.
    """

    key: str
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    link: str = ""
    fact: Fact | None = None
    conversation: Conversation | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def source(self) -> str:
        heard = self.fact is not None or self.conversation is not None
        return Line.Source.TALK if heard else Line.Source.COMPUTED


def of_fact(fact: Fact, *, key: str = "", text: str = "", values: dict[str, str] | None = None) -> Drafted:
    """A line that a passage proves."""
    return Drafted(
        key=key or f"fact:{fact.pk}",
        text=text[:MOST_CHARACTERS],
        values=values or {},
        fact=fact,
        conversation=fact.conversation,
        start_ms=fact.start_ms,
        end_ms=fact.end_ms,
    )


def moments(span: Span) -> tuple[dt.datetime, dt.datetime]:
    """The moments of local days, half-open."""
    zone = timezone.get_current_timezone()
    return (
        dt.datetime.combine(span.start_on, dt.time.min, tzinfo=zone),
        dt.datetime.combine(span.end_on, dt.time.min, tzinfo=zone),
    )


def span_of(paper: Paper) -> Span:
    return Span(paper.start_on, paper.end_on)


def own(paper: Paper, rows: QuerySet[Any], person: str) -> QuerySet[Any]:
    """The records that the paper is about: a rep's own, those that he sees for anybody who leads.

    ``rows`` are of a table with ``visible_to``; ``person`` is its column of the person.
    """
    if paper.owner.role == Role.REP:
        return rows.filter(**{person: paper.owner_id})
    visible: QuerySet[Any] = rows.visible_to(paper.owner)  # type: ignore[attr-defined]
    return visible
