"""Reads of pages that span rooms."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from shengce.facts.models import Fact
from shengce.inspection.models import Score
from shengce.people.models import User
from shengce.recordings.models import Conversation

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One line of the list of talks."""

    conversation: Conversation
    score: Score | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TalkPage:
    """A page of rows; counting 100,000 talks is left out, the next page is known by one row more."""

    rows: list[TalkRow]
    number: int
    has_next: bool


def day_bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The half-open local day as moments."""
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    return start, dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)


def talk_list(
    user: User,
    *,
    rep: int | None = None,
    customer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
    kind: str = "",
    only: str = "",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> TalkPage:
    """Talks that the user may see, newest first; ``only="fatal"`` keeps those with a fatal hit."""
    found = Conversation.objects.visible_to(user)
    if rep is not None:
        found = found.filter(rep=rep)
    if customer is not None:
        found = found.filter(customer=customer)
    if start_on is not None:
        found = found.filter(started_at__gte=day_bounds(start_on)[0])
    if end_on is not None:
        found = found.filter(started_at__lt=day_bounds(end_on)[1])
    if kind in Fact.Kind.values:
        standing = Fact.objects.filter(kind=kind).exclude(state=Fact.State.REJECTED)
        found = found.filter(pk__in=standing.values("conversation"))
    if only == "fatal":
        found = found.filter(pk__in=Score.objects.filter(fatal=True).values("conversation"))
    first = (max(1, page) - 1) * size
    newest = found.order_by("-started_at", "-pk").values_list("pk", flat=True)
    # Ids first: a database that sorts a whole scope to find a page sorts narrow rows, not joined ones.
    ids = list(newest[first : first + size + 1])
    by_id = Conversation.objects.select_related("rep", "customer", "recording").in_bulk(ids)
    talks = [by_id[pk] for pk in ids if pk in by_id]
    return TalkPage(_rows(talks[:size]), max(1, page), len(talks) > size)


def _rows(talks: list[Conversation]) -> list[TalkRow]:
    ids = [talk.pk for talk in talks]
    scores: dict[int, Score] = {}
    for score in Score.objects.filter(conversation__in=ids).order_by("scored_at"):
        scores[score.conversation_id] = score
    kinds: dict[int, dict[str, None]] = {pk: {} for pk in ids}
    standing = Fact.objects.filter(~Q(state=Fact.State.REJECTED), conversation__in=ids).order_by("start_ms")
    for fact in standing.only("conversation_id", "kind"):
        kinds[fact.conversation_id][str(fact.get_kind_display())] = None
    return [TalkRow(talk, scores.get(talk.pk), tuple(kinds[talk.pk])) for talk in talks]


def facts_said(
    user: User,
    *,
    kind: str = "",
    rep: int | None = None,
    customer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
) -> QuerySet[Fact]:
    """Standing facts of talks that the user may see, newest talk first; both days are included."""
    found = Fact.objects.visible_to(user).standing()
    if kind in Fact.Kind.values:
        found = found.filter(kind=kind)
    if rep is not None:
        found = found.filter(conversation__rep=rep)
    if customer is not None:
        found = found.filter(conversation__customer=customer)
    if start_on is not None:
        found = found.filter(conversation__started_at__gte=day_bounds(start_on)[0])
    if end_on is not None:
        found = found.filter(conversation__started_at__lt=day_bounds(end_on)[1])
    related = ("conversation__customer", "conversation__rep")
    return found.select_related(*related).order_by(
        "-conversation__started_at", "conversation", "start_ms", "pk"
    )


def talks_of_day(user: User, day: dt.date) -> list[TalkRow]:
    """A person's own talks of one local day, in order of time."""
    start, end = day_bounds(day)
    talks = Conversation.objects.filter(rep=user, started_at__gte=start, started_at__lt=end)
    return _rows(
        list(talks.select_related("rep", "customer", "recording").order_by("started_at", "pk")[:200])
    )
