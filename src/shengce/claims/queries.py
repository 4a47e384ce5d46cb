"""Reads over checks: the list with its filters, how many of each verdict, and the passages one may hear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, When
from django.utils import timezone

from shengce.claims.models import ClaimCheck
from shengce.facts.models import Fact
from shengce.people.models import Unit, User
from shengce.people.queries import visible_units
from shengce.people.scope import subtree_ids

PAGE_SIZE = 20
STATES = ("open", "answered")
SORTS = ("-typed", "typed", "customer", "rep")

_OPEN_FIRST = Case(When(answer="", then=0), default=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; what is empty does not narrow it. ``start_on`` and ``end_on``: half-open days of typing."""

    verdict: str = ""
    kind: str = ""
    state: str = ""
    rep: int | None = None
    customer: int | None = None
    source: str = ""
    unit: Unit | None = None  # with all below it
    text: str = ""
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    sort: str = ""


def checks(user: User, asked: Asked, *, any_verdict: bool = False) -> QuerySet[ClaimCheck]:
    """The visible checks that were asked for, in the order that was asked for."""
    found = ClaimCheck.objects.visible_to(user).filter(_conditions(asked))
    if asked.verdict and not any_verdict:
        found = found.filter(verdict=asked.verdict)
    order: tuple[Any, ...] = {
        "typed": ("typed_at", "pk"),
        "customer": ("customer__name", "-typed_at", "-pk"),
        "rep": ("typed_by__display_name", "-typed_at", "-pk"),
        "-typed": ("-typed_at", "-pk"),
    }.get(asked.sort, (_OPEN_FIRST, "-typed_at", "-pk"))
    return found.order_by(*order)


def _conditions(asked: Asked) -> Q:
    found = Q()
    if asked.kind:
        found &= Q(kind=asked.kind)
    if asked.source:
        found &= Q(source=asked.source)
    if asked.state == "open":
        found &= Q(answer="")
    elif asked.state == "answered":
        found &= ~Q(answer="")
    if asked.rep is not None:
        found &= Q(typed_by=asked.rep)
    if asked.unit is not None:
        found &= Q(unit__in=subtree_ids(asked.unit))
    if asked.customer is not None:
        found &= Q(customer=asked.customer)
    if asked.text:
        found &= Q(text__icontains=asked.text) | Q(customer__name__icontains=asked.text)
    zone = timezone.get_current_timezone()
    if asked.start_on is not None:
        found &= Q(typed_at__gte=dt.datetime.combine(asked.start_on, dt.time(), tzinfo=zone))
    if asked.end_on is not None:
        found &= Q(typed_at__lt=dt.datetime.combine(asked.end_on, dt.time(), tzinfo=zone))
    return found


def check_page(user: User, asked: Asked, *, page: int) -> tuple[list[ClaimCheck], bool]:
    """One page and whether another follows. One query."""
    start = (page - 1) * PAGE_SIZE
    related = checks(user, asked).select_related("customer", "typed_by", "answered_by")
    rows = list(related[start : start + PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def counts(user: User, asked: Asked) -> dict[str, int]:
    """How many of each verdict under the other filters. One query."""
    found = (
        checks(user, asked, any_verdict=True).order_by().values_list("verdict").annotate(number=Count("pk"))
    )
    numbers = dict(found)
    return {verdict: numbers.get(verdict, 0) for verdict in ClaimCheck.Verdict.values}


@dataclass(slots=True)
class Total:
    """How many statements of one person, or of a unit with all below it, have each verdict. ``open``: differs, without an answer.

    ``link`` is the part of an address that leads to them.
    """

    name: str
    about: str
    link: str
    contradicts: int = 0
    not_mentioned: int = 0
    agrees: int = 0
    open: int = 0

    @property
    def typed(self) -> int:
        return self.contradicts + self.not_mentioned + self.agrees


def totals(user: User, asked: Asked) -> tuple[list[Total], list[Total]]:
    """By person and by unit, in the order of the organisation and of names: no ranking. Two queries.

    A person who moved has a row for every unit in which he typed; a unit counts what was typed below it too.
    """
    verdict = ClaimCheck.Verdict
    numbers = {value: Count("pk", filter=Q(verdict=value)) for value in verdict.values}
    rows = (
        checks(user, asked, any_verdict=True)
        .order_by("unit__path", "typed_by__display_name", "typed_by")
        .values_list("unit__path", "unit", "unit__name", "typed_by", "typed_by__display_name")
        .annotate(**numbers, open=Count("pk", filter=Q(verdict=verdict.CONTRADICTS, answer="")))
    )
    people: list[Total] = []
    by_path: list[tuple[str, list[int]]] = []
    for path, unit, name, person, person_name, *figures in rows:
        by_path.append((path or "", figures))
        if person is not None:
            link = f"rep={person}" + (f"&unit={unit}" if unit else "")
            people.append(_total(person_name, name or "", link, [figures]))
    units = [
        _total(
            unit.name,
            "",
            f"unit={unit.pk}",
            [figures for path, figures in by_path if path.startswith(unit.path)],
        )
        for unit in visible_units(user).order_by("path")
    ]
    return people, [unit for unit in units if unit.typed]


def _total(name: str, about: str, link: str, rows: list[list[int]]) -> Total:
    sums = [sum(each) for each in zip(*rows, strict=True)] if rows else [0, 0, 0, 0]
    names = (*ClaimCheck.Verdict.values, "open")
    return Total(name, about, link, **dict(zip(names, sums, strict=True)))


def passages(user: User, rows: list[ClaimCheck]) -> dict[int, list[Fact]]:
    """The deciding facts of each check that the person may hear, the newest first. One query."""
    links = ClaimCheck.facts.through.objects.filter(claimcheck__in=[row.pk for row in rows])
    wanted: dict[int, list[int]] = {}
    for check, fact in links.values_list("claimcheck_id", "fact_id"):
        wanted.setdefault(check, []).append(fact)
    ids = {pk for some in wanted.values() for pk in some}
    heard = Fact.objects.visible_to(user).filter(pk__in=ids).select_related("conversation__rep")
    by_id = {fact.pk: fact for fact in heard.order_by("-conversation__started_at", "-start_ms")}
    return {check: [fact for pk, fact in by_id.items() if pk in set(some)] for check, some in wanted.items()}
