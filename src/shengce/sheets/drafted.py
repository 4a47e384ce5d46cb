"""The shape of what a drafter writes, whose records it may look at, and the desk at which a batch of papers is drafted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from shengce.facts.models import Fact
from shengce.people.models import Role
from shengce.people.working_days import working_calendar
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.recordings.models import Conversation
from shengce.sheets.models import Line, Paper

MOST_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Drafted:
    """A line or row that the program writes; ``key`` finds it again. ``values`` are cells by column, as text.

    ``fact`` proves it, or the passage of ``conversation``; ``link`` leads to the records where it was counted. ``ties`` are
    by column: the id of the customer, product or person whose name stands in the cell, or the address of the records
    behind its number.
    """

    key: str
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    link: str = ""
    fact: Fact | None = None
    conversation: Conversation | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    ties: dict[str, int | str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        heard = self.fact is not None or self.conversation is not None
        return Line.Source.TALK if heard else Line.Source.COMPUTED


def of_fact(
    fact: Fact,
    *,
    key: str = "",
    text: str = "",
    values: dict[str, str] | None = None,
    ties: dict[str, int | str] | None = None,
) -> Drafted:
    """A line that a passage proves."""
    return Drafted(
        key=key or f"fact:{fact.pk}",
        text=text[:MOST_CHARACTERS],
        values=values or {},
        fact=fact,
        conversation=fact.conversation,
        start_ms=fact.start_ms,
        end_ms=fact.end_ms,
        ties=ties or {},
    )


def tied(**ids: int | str | None) -> dict[str, int | str]:
    """The ties of a row, without those that are not known."""
    return {column: value for column, value in ids.items() if value}


def moments(span: Span) -> tuple[dt.datetime, dt.datetime]:
    """The moments of local days, half-open."""
    zone = timezone.get_current_timezone()
    return (
        dt.datetime.combine(span.start_on, dt.time.min, tzinfo=zone),
        dt.datetime.combine(span.end_on, dt.time.min, tzinfo=zone),
    )


def span_of(paper: Paper) -> Span:
    return Span(paper.start_on, paper.end_on)


Rows = Callable[[], QuerySet[Any]]


class Desk:
    """Where a batch of papers is drafted: what several of them need is read once for all.

    A rep's paper is about his own records, that of anybody who leads about those that he sees. Records of reps are read for
    all reps of the batch in one query; what a leader sees is read for him. Whoever drafts one paper has a desk with one.
    """

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers = papers
        self.owners = {paper.owner_id: paper.owner for paper in papers}
        self.reps = sorted(pk for pk, owner in self.owners.items() if owner.role == Role.REP)
        self._kept: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made once for the batch."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    @property
    def calendar(self) -> Calendar:
        """The firm's working days."""
        found: Calendar = self.once("calendar", working_calendar)
        return found

    def own(
        self,
        paper: Paper,
        name: Hashable,
        rows: Rows,
        person: str,
        *,
        most: int,
        then: Callable[[list[Any]], list[Any]] = list,
    ) -> list[Any]:
        """The records that the paper is about, at most ``most``, in the order of ``rows``.

        ``name`` stands for the question ``rows`` within the batch: one name, one question. ``rows`` are of a table with
        ``visible_to``; ``person`` is its column of the person. ``then`` makes one thing of each row, all rows at once.
        """
        if not is_of_rep(paper):
            own = ("seen", name, paper.owner_id)
            return self.once(own, lambda: then(list(_seen(rows, paper)[:most])))  # type: ignore[no-any-return]
        groups = self.once(("own", name), lambda: self._by_rep(rows, person, most, then))
        found: list[Any] = groups.get(paper.owner_id, [])
        return found[:most]

    def _by_rep(self, rows: Rows, person: str, most: int, then: Callable[[list[Any]], list[Any]]) -> Any:
        if len(self.reps) == 1:
            return {self.reps[0]: then(list(rows().filter(**{person: self.reps[0]})[:most]))}
        found = list(rows().filter(**{f"{person}__in": self.reps}))
        whose = attrgetter(f"{person.replace('__', '.')}_id")
        groups: dict[int, list[Any]] = defaultdict(list)
        for row, thing in zip(found, then(found), strict=True):
            groups[whose(row)].append(thing)
        return groups

    def sums(
        self, paper: Paper, name: Hashable, rows: Rows, person: str, total: str, *, by: tuple[str, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """The sums of ``total`` over the paper's records, by the columns ``by``: rows of those values and the sum."""
        if not is_of_rep(paper):
            own = ("sums seen", name, paper.owner_id)
            return self.once(own, lambda: _summed(_seen(rows, paper), by, total))  # type: ignore[no-any-return]
        groups = self.once(("sums", name), lambda: self._sums_by_rep(rows, person, total, by))
        found: list[tuple[Any, ...]] = groups.get(paper.owner_id, [])
        return found

    def _sums_by_rep(self, rows: Rows, person: str, total: str, by: tuple[str, ...]) -> Any:
        groups: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for rep, *row in _summed(rows().filter(**{f"{person}__in": self.reps}), (person, *by), total):
            groups[rep].append(tuple(row))
        return groups


def _seen(rows: Rows, paper: Paper) -> QuerySet[Any]:
    visible: QuerySet[Any] = rows().visible_to(paper.owner)  # type: ignore[attr-defined]
    return visible


def _summed(rows: QuerySet[Any], by: tuple[str, ...], total: str) -> list[tuple[Any, ...]]:
    if not by:
        return [(rows.order_by().aggregate(sum=Sum(total))["sum"],)]
    return list(rows.order_by().values_list(*by).annotate(sum=Sum(total)).order_by(*by))


def is_of_rep(paper: Paper) -> bool:
    """Whether it is about a rep's own records."""
    return bool(paper.owner.role == Role.REP)
