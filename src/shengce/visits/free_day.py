"""A day on which no line leads anywhere: why that is so, and which customers have waited too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.absences import away_on
from shengce.people.models import User
from shengce.people.working_days import DaysSaid
from shengce.recordings.models import Conversation, Recording
from shengce.visits.models import AddedStop, Route, Visit
from shengce.visits.queries import DayStop, day_lines
from shengce.visits.rules import visit_rules

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer whose last visit (none: never) is longer ago than his class allows."""

    customer: Customer
    last_on: dt.date | None
    every_weeks: int
    overdue_days: int


@dataclass(frozen=True, slots=True)
class FreeDay:
    """``why`` in words; ``waiting`` only where one may go out: the longest overdue first."""

    why: str
    waiting: list[Waiting]


def all_added(stops: Iterable[DayStop]) -> bool:
    """Whether no line leads anywhere: what there is, if anything, the rep added himself."""
    return all(isinstance(stop, AddedStop) for stop in stops)


def free_day(rep: User, day: dt.date, said: DaysSaid) -> FreeDay:
    """Why no line leads anywhere on this day, and whom to visit instead. Seven queries at most."""
    code = _why(rep, day, said)
    may_go = code in ("nothing_to_make_up", "free", "not_driven") and day >= timezone.localdate()
    return FreeDay(_WORDS[code](), overdue_customers(rep, day)[:SHOWN] if may_go else [])


def _why(rep: User, day: dt.date, said: DaysSaid) -> str:
    if away_on(day).filter(person=rep).exists():
        return "away"
    if not said.works(day):
        return "day_off"
    route = (
        Route.objects.filter(rep=rep, start_on__lte=day).exclude(end_on__lte=day).order_by("-number").first()
    )
    if route is None:
        return "no_lines"
    if day in day_lines(route, day, day + dt.timedelta(days=1), said.calendar):
        return "free"
    return "nothing_to_make_up" if day.weekday() >= 5 else "not_driven"


_WORDS: dict[str, Callable[[], str]] = {
    "away": lambda: _("You are away on this day: no line leads anywhere."),
    "day_off": lambda: _("Nobody works on this day: no line leads anywhere."),
    "no_lines": lambda: _("No lines are in force for you yet."),
    "free": lambda: _("The line of this day has no customers."),
    "not_driven": lambda: _("Your lines are not driven on this weekday."),
    "nothing_to_make_up": lambda: _(
        "This weekend day is worked, but no line was lost within 13 days of it: there is none to make up."
    ),
}


def overdue_customers(rep: User, day: dt.date) -> list[Waiting]:
    """The rep's customers whose last visit, by check-in or talk on the spot, is longer ago than their class allows, but for those on
    the day already. The one who waits longest for his measure comes first. Four queries.
    """
    rules = visit_rules()
    there = AddedStop.objects.filter(rep=rep, day=day).values("customer")
    customers = Customer.objects.filter(owner=rep, merged_into__isnull=True).exclude(pk__in=there)
    seen = _last_seen(rep)
    found = []
    for customer in customers:
        every = rules.get(customer.value_class, rules[""]).every_weeks
        last = seen.get(customer.pk)
        begins = last or timezone.localdate(customer.created_at)
        overdue = (day - begins).days - 7 * every
        if every and overdue > 0:
            found.append(Waiting(customer, last, every, overdue))
    return sorted(found, key=lambda each: (-each.overdue_days / each.every_weeks, each.customer.pk))


def _last_seen(rep: User) -> dict[int, dt.date]:
    """The day on which somebody was last at each customer of the rep. Two queries."""
    visits = Visit.objects.filter(customer__owner=rep).order_by().values_list("customer")
    talks = Conversation.objects.filter(customer__owner=rep, direction=Recording.Direction.ONSITE).order_by()
    last: dict[int, dt.date] = {}
    for rows in (
        visits.annotate(at=Max("came_at")),
        talks.values_list("customer").annotate(at=Max("started_at")),
    ):
        for pk, at in rows:
            day = timezone.localdate(at)
            last[pk] = max(day, last.get(pk, day))
    return last
