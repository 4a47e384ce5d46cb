"""Reads over visits: whose line leads where on a day, which talks prove a visit; appointments and tasks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from shengce.people.absences import away_on
from shengce.people.models import Role, User
from shengce.people.queries import visible_users
from shengce.people.scope import subtree_ids
from shengce.people.working_days import working_calendar
from shengce.planning.cycle import LineDay, line_days
from shengce.planning.working_time import Calendar
from shengce.recordings.models import Conversation
from shengce.visits.models import AHEAD, AddedStop, Appointment, Route, RouteStop, Task, Visit
from shengce.visits.rules import shipped

PAGE_SIZE = 30


# --- lines and days


DayStop = RouteStop | AddedStop


def line_of(rep: User, day: dt.date, calendar: Calendar | None = None) -> list[DayStop]:
    """Whom the rep is to visit on a day: the stops of the line in force in order, none on a day away, and those that he added.

    Four queries at most, one less with the calendar.
    """
    stops: list[DayStop] = [*_stops_of_line(rep, day, calendar)]
    there = {stop.customer_id for stop in stops}
    added = AddedStop.objects.filter(rep=rep, day=day).exclude(customer__in=there)
    return [*stops, *added.select_related("customer").order_by("pk")]


def _stops_of_line(rep: User, day: dt.date, calendar: Calendar | None) -> list[RouteStop]:
    held = Route.objects.filter(rep=rep, start_on__lte=day).exclude(end_on__lte=day)
    away = away_on(day).filter(person=OuterRef("rep"))
    route = held.filter(~Exists(away)).order_by("-number").first()
    if route is None:
        return []
    line = day_lines(route, day, day + dt.timedelta(days=1), calendar or working_calendar()).get(day)
    if line is None:
        return []
    stops = route.stops.filter(week=line.week, weekday=line.weekday)
    return list(stops.select_related("customer").order_by("position"))


def day_lines(route: Route, first: dt.date, last: dt.date, calendar: Calendar) -> dict[dt.date, LineDay]:
    """Which line of a version is driven on which day, half-open. No query."""
    weekdays = route.base.get("weekdays", [0, 1, 2, 3, 4])
    return line_days(first, last, weekdays=weekdays, weeks=route.weeks, calendar=calendar)


# --- visits and their proof


def talks_of(visits: Iterable[Visit]) -> dict[int, list[Conversation]]:
    """The rep's talks with the customer that began within the hours of each visit: the proof. One query.

    From a little before the check-in until he left; a visit that nobody ended counts for some hours. The numbers are in
    ``data/visits.yaml``.
    """
    rows = list(visits)
    if not rows:
        return {}
    spans = {visit.pk: span_of(visit) for visit in rows}
    pairs = {(visit.rep_id, visit.customer_id) for visit in rows}
    talks = Conversation.objects.filter(
        rep__in={rep for rep, _customer in pairs},
        customer__in={customer for _rep, customer in pairs},
        started_at__gte=min(start for start, _end in spans.values()),
        started_at__lt=max(end for _start, end in spans.values()),
    ).order_by("started_at")
    by_pair: dict[tuple[int | None, int | None], list[Conversation]] = defaultdict(list)
    for talk in talks:
        by_pair[talk.rep_id, talk.customer_id].append(talk)
    return {
        visit.pk: [
            talk
            for talk in by_pair[visit.rep_id, visit.customer_id]
            if spans[visit.pk][0] <= talk.started_at < spans[visit.pk][1]
        ]
        for visit in rows
    }


def span_of(visit: Visit) -> tuple[dt.datetime, dt.datetime]:
    """In which hours a talk belongs to the visit, half-open."""
    start = visit.came_at - dt.timedelta(minutes=shipped()["talk_before"])
    end = visit.left_at or visit.came_at + dt.timedelta(minutes=shipped()["open_visit"])
    return start, max(end, visit.came_at + dt.timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class AskedVisits:
    """What the list of visits is asked for; what is empty does not narrow it. Days are half-open."""

    rep: int | None = None
    customer: int | None = None
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    which: str = ""  # far, planned, extra
    text: str = ""
    sort: str = ""


def visits(user: User, asked: AskedVisits) -> QuerySet[Visit]:
    """The visible visits that were asked for, newest first unless asked otherwise."""
    found = Visit.objects.visible_to(user).select_related("customer", "rep")
    if asked.rep is not None:
        found = found.filter(rep=asked.rep)
    if asked.customer is not None:
        found = found.filter(customer=asked.customer)
    if asked.start_on is not None:
        found = found.filter(came_at__gte=first_moment(asked.start_on))
    if asked.end_on is not None:
        found = found.filter(came_at__lt=first_moment(asked.end_on))
    if asked.text:
        found = found.filter(customer__name__icontains=asked.text)
    which = {"far": Q(far=True), "planned": Q(planned=True), "extra": Q(planned=False)}
    orders = {
        "came": ("came_at", "pk"),
        "customer": ("customer__name", "-came_at"),
        "rep": ("rep__display_name", "-came_at"),
    }
    return found.filter(which.get(asked.which, Q())).order_by(*orders.get(asked.sort, ("-came_at", "-pk")))


def running_visit(rep: User) -> Visit | None:
    """The visit that the rep has not ended yet."""
    return Visit.objects.filter(rep=rep, left_at__isnull=True).select_related("customer").first()


# --- appointments and tasks


def with_no_shows(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Adds ``no_shows`` and ``met``: how often this customer was not there, and was, of the appointments that were closed."""

    def counted(state: str) -> Coalesce:
        same = Appointment.objects.filter(customer=OuterRef("customer"), state=state).order_by()
        number = same.values("customer").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(number), 0)

    return rows.annotate(no_shows=counted("no_show"), met=counted("kept"))


@dataclass(frozen=True, slots=True)
class Kept:
    """How often a customer was not there, and was, at appointments before."""

    no_shows: int = 0
    met: int = 0


def kept_before(customers: Iterable[int]) -> dict[int, Kept]:
    """Of those customers who were not there at least once. One query."""
    rows = (
        Appointment.objects.filter(customer__in=set(customers))
        .order_by()
        .values_list("customer")
        .annotate(gone=Count("pk", filter=Q(state="no_show")), met=Count("pk", filter=Q(state="kept")))
        .filter(gone__gt=0)
    )
    return {pk: Kept(gone, met) for pk, gone, met in rows if pk is not None}


def ahead_of(rep: User, start_on: dt.date, end_on: dt.date) -> list[Appointment]:
    """What is to take place in the half-open days, with the no-shows of each customer. One query."""
    rows = Appointment.objects.filter(
        owner=rep,
        state__in=AHEAD,
        start_at__gte=first_moment(start_on),
        start_at__lt=first_moment(end_on),
    )
    return list(with_no_shows(rows.select_related("customer", "fact")).order_by("start_at", "pk"))


USUAL_LENGTH = dt.timedelta(hours=1)
"""Of an appointment whose end nobody said."""


def clashes(rows: Iterable[Appointment]) -> dict[int, Appointment]:
    """Of those that are to take place and fall into another one of the same person: the first such one. One query."""
    ahead = [row for row in rows if row.state in AHEAD]
    if not ahead:
        return {}
    day = dt.timedelta(days=1)
    others = Appointment.objects.filter(
        owner__in={row.owner_id for row in ahead},
        state__in=AHEAD,
        start_at__gt=min(row.start_at for row in ahead) - day,
        start_at__lt=max(row.start_at for row in ahead) + day,
    )
    by_owner: dict[int, list[Appointment]] = defaultdict(list)
    for other in others.select_related("customer").order_by("start_at", "pk"):
        by_owner[other.owner_id].append(other)
    found = ((row, next((o for o in by_owner[row.owner_id] if _at_once(row, o)), None)) for row in ahead)
    return {row.pk: other for row, other in found if other is not None}


def _at_once(one: Appointment, other: Appointment) -> bool:
    ends, other_ends = (each.shown_end or each.start_at + USUAL_LENGTH for each in (one, other))
    return one.pk != other.pk and one.start_at < other_ends and other.start_at < ends


def appointments(
    user: User,
    *,
    start_on: dt.date,
    end_on: dt.date,
    state: str = "",
    rep: int | None = None,
    text: str = "",
) -> QuerySet[Appointment]:
    """The visible appointments of the half-open days, in order of time, with the no-shows of each customer.

    ``state``: one state, ``ahead``, or ``unclosed`` (over, and nobody said whether the customer came); empty: all but the moved ones.
    """
    found = Appointment.objects.visible_to(user).filter(
        start_at__gte=first_moment(start_on), start_at__lt=first_moment(end_on)
    )
    if state == "ahead":
        found = found.filter(state__in=AHEAD)
    elif state == "unclosed":
        found = found.filter(state__in=AHEAD, start_at__lt=timezone.now())
    elif state in Appointment.State.values:
        found = found.filter(state=state)
    else:
        found = found.exclude(state=Appointment.State.MOVED)
    if rep is not None:
        found = found.filter(owner=rep)
    if text:
        found = found.filter(customer__name__icontains=text)
    related = found.select_related("customer", "owner", "fact__conversation", "moved_to", "settled_by")
    return with_no_shows(related).prefetch_related("customer__contacts").order_by("start_at", "pk")


def arrangeable(user: User) -> QuerySet[User]:
    """Whose appointments the person may arrange."""
    sellers = User.objects.filter(is_active=True, role__in=(Role.REP, Role.MANAGER))
    if user.role == Role.APPOINTMENT_SPECIALIST:
        sellers = sellers.filter(unit__in=subtree_ids(user.unit))
    else:
        sellers = sellers.filter(pk__in=visible_users(user).values("pk"))
    return sellers.order_by("display_name", "pk")


NEXT_DUE = F("due_at").asc(nulls_last=True)
"""Tasks without a date come after those with one, in every database."""
TASK_ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (NEXT_DUE, "pk"),
    "-due": (F("due_at").desc(nulls_last=True), "-pk"),
    "owner": ("owner__display_name", NEXT_DUE, "pk"),
    "customer": ("customer__name", NEXT_DUE, "pk"),
    "-made": ("-made_at", "-pk"),
}


def tasks(
    user: User,
    *,
    which: str = "open",
    owner: int | None = None,
    customer: int | None = None,
    from_talk: bool = False,
    text: str = "",
    sort: str = "",
) -> QuerySet[Task]:
    """The visible tasks. ``which``: open, overdue, done, all."""
    found = Task.objects.visible_to(user).select_related("customer", "owner", "fact")
    conditions = {
        "open": Q(state=Task.State.OPEN),
        "overdue": overdue(),
        "done": Q(state=Task.State.DONE),
    }
    found = found.filter(conditions.get(which, Q()))
    narrowed = {"owner": owner, "customer": customer}
    found = found.filter(**{name: value for name, value in narrowed.items() if value is not None})
    if from_talk:
        found = found.filter(fact__isnull=False)
    if text:
        found = found.filter(reduce(or_, (Q(title__icontains=text), Q(customer__name__icontains=text))))
    usual = "-made" if which in ("done", "all") else "due"
    return found.order_by(*TASK_ORDERS.get(sort, TASK_ORDERS[usual]))


def overdue() -> Q:
    """Open, and its time is over."""
    return Q(state=Task.State.OPEN, due_at__lt=timezone.now())


def task_counts(user: User) -> dict[str, int]:
    """How many visible tasks are open, overdue, and done in the last seven days. One query."""
    week = timezone.now() - dt.timedelta(days=7)
    return Task.objects.visible_to(user).aggregate(
        open=Count("pk", filter=Q(state=Task.State.OPEN)),
        overdue=Count("pk", filter=overdue()),
        done=Count("pk", filter=Q(state=Task.State.DONE, done_at__gte=week)),
    )


def first_moment(day: dt.date) -> dt.datetime:
    """Midnight, local time."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
