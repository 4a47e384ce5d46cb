"""Reads of recordings for lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from shengce.people.models import User
from shengce.recordings.models import Conversation, Recording

PAGE_SIZE = 30
UNDER_WAY = (Recording.Status.WAITING, Recording.Status.RUNNING)

SORTS: dict[str, tuple[str, ...]] = {
    "received": ("received_at", "pk"),
    "started": ("started_at", "pk"),
    "length": ("duration_ms", "pk"),
    "name": ("name", "pk"),
}
"""Orders of the list; a ``-`` before the key turns it round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the list is asked for; the default shows everything, newest first."""

    status: str = ""
    rep: int | None = None
    text: str = ""
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    sort: str = "-received"


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """A page of rows; whether there are more is known by one row more, not by counting them all."""

    rows: list[Recording]
    number: int
    has_next: bool

    @property
    def under_way(self) -> list[int]:
        """Rows whose state will change by itself."""
        return [row.pk for row in self.rows if row.status in UNDER_WAY]


def recording_page(user: User, asked: Filter, *, page: int = 1) -> RecordingPage:
    """One page of the recordings in the user's scope: two queries, however many rows."""
    first = (page - 1) * PAGE_SIZE
    rows = list(_sorted(_filtered(user, asked), asked.sort)[first : first + PAGE_SIZE + 1])
    return RecordingPage(rows[:PAGE_SIZE], page, len(rows) > PAGE_SIZE)


def rows_of(user: User, ids: Sequence[int]) -> list[Recording]:
    """Some rows of the list again, in scope, for live progress."""
    return list(_with_people(Recording.objects.visible_to(user)).filter(pk__in=ids[:PAGE_SIZE]))


def recording_in_scope(user: User) -> QuerySet[Recording]:
    """Recordings that the user may open one by one."""
    return _with_people(Recording.objects.visible_to(user))


def _with_people(found: QuerySet[Recording]) -> QuerySet[Recording]:
    talks = Conversation.objects.only("pk", "recording_id", "number").order_by("number")
    return found.select_related("rep", "unit", "customer", "contact", "uploaded_by").prefetch_related(
        Prefetch("conversations", queryset=talks)
    )


def _filtered(user: User, asked: Filter) -> QuerySet[Recording]:
    found = Recording.objects.visible_to(user)
    if asked.status in Recording.Status.values:
        found = found.filter(status=asked.status)
    if asked.rep is not None:
        found = found.filter(rep=asked.rep)
    if asked.text:
        found = found.filter(
            Q(name__icontains=asked.text)
            | Q(phone__startswith=asked.text)
            | Q(customer__name__icontains=asked.text)
        )
    zone = timezone.get_current_timezone()
    if asked.start_on is not None:
        found = found.filter(received_at__gte=dt.datetime.combine(asked.start_on, dt.time(), tzinfo=zone))
    if asked.end_on is not None:
        after = asked.end_on + dt.timedelta(days=1)
        found = found.filter(received_at__lt=dt.datetime.combine(after, dt.time(), tzinfo=zone))
    return found


def _sorted(found: QuerySet[Recording], sort: str) -> QuerySet[Recording]:
    down = sort.startswith("-")
    fields = SORTS.get(sort.removeprefix("-"), SORTS["received"])
    return _with_people(found).order_by(*(f"-{name}" if down else name for name in fields))
