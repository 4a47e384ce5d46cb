"""Plan against done: what the lines and the stops that were added to a day asked for in a week, and the visits that were made."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.utils import timezone

from shengce.customers.models import Customer
from shengce.people.absences import counted
from shengce.people.models import User
from shengce.people.working_days import working_calendar
from shengce.planning.cycle import LineDay, monday_of
from shengce.planning.working_time import Calendar
from shengce.recordings.models import Conversation
from shengce.visits.models import AddedStop, Route, RouteStop, Visit
from shengce.visits.queries import day_lines, first_moment, talks_of


@dataclass(slots=True)
class Planned:
    """One visit that a line, or a stop that was added, asked for on a day, and the visit that was made, that day or later in the same week."""

    rep_id: int
    day: dt.date
    customer: Customer
    arrives: int | None
    visit: Visit | None = None
    talks: list[Conversation] = field(default_factory=list)
    """Of the visit: what proves it."""
    away: bool = False
    """The rep was away that day, as a leader confirmed: nothing was due."""
    added: bool = False
    """The rep put the customer on this day himself."""

    @property
    def proven(self) -> bool:
        return bool(self.talks)

    @property
    def state(self) -> str:
        if self.visit is not None:
            return "done" if timezone.localdate(self.visit.came_at) == self.day else "other_day"
        if self.away:
            return "away"
        return "ahead" if self.day >= timezone.localdate() else "missed"

    def fits(self, asked: str) -> bool:
        """Whether it belongs to one number of the week."""
        if asked == "due":
            return self.state not in ("ahead", "away")
        if asked == "done":
            return self.visit is not None
        if asked == "proven":
            return self.proven
        return asked in ("", self.state)


@dataclass(slots=True)
class WeekOfRep:
    """Plan against done of one rep in one week. ``extra`` are visits that no line asked for."""

    rep: User
    planned: list[Planned] = field(default_factory=list)
    extra: list[Visit] = field(default_factory=list)
    proofs: dict[int, list[Conversation]] = field(default_factory=dict)
    """The talks of those besides, by visit."""

    def count(self, state: str) -> int:
        return sum(each.state == state for each in self.planned)

    @property
    def done(self) -> int:
        return sum(each.fits("done") for each in self.planned)

    @property
    def due(self) -> int:
        """Planned for days that have come, but for days away."""
        return sum(each.fits("due") for each in self.planned)

    @property
    def other_day(self) -> int:
        return self.count("other_day")

    @property
    def missed(self) -> int:
        return self.count("missed")

    @property
    def proven(self) -> int:
        return sum(each.proven for each in self.planned)

    def of(self, state: str) -> tuple[list[Planned], list[Visit]]:
        """What stands behind one number: those that were planned, and those besides the line."""
        extra = self.extra if state in ("", "extra") else []
        return [each for each in self.planned if each.fits(state)], extra

    @property
    def share(self) -> float | None:
        return self.done / self.due if self.due else None


def weeks_of(user: User, monday: dt.date, *, rep: int | None = None) -> list[WeekOfRep]:
    """Plan against done of everybody the person sees, in the week of ``monday``. Eight queries whatever their number."""
    first, last = monday_of(monday), monday_of(monday) + dt.timedelta(days=7)
    routes = (
        Route.objects.visible_to(user)
        .filter(start_on__lt=last)
        .exclude(end_on__lte=first)
        .select_related("rep")
        .order_by("rep__display_name", "number")
    )
    if rep is not None:
        routes = routes.filter(rep=rep)
    rows = [route for route in routes if route.end_on is None or route.start_on < route.end_on]
    weeks = {route.rep_id: WeekOfRep(route.rep) for route in rows}
    calendar = working_calendar()
    held = {route.pk: _held(route, first, last, calendar) for route in rows}
    stops: dict[tuple[int, int, int], list[RouteStop]] = defaultdict(list)
    wanted = {(pk, line.week, line.weekday) for pk, days in held.items() for line in days.values()}
    found = RouteStop.objects.filter(route__in=rows).select_related("customer")
    if wanted:
        found = found.filter(week__in={week for _route, week, _weekday in wanted})
    for stop in found.order_by("position"):
        stops[stop.route_id, stop.week, stop.weekday].append(stop)
    for route in rows:
        for day, line in held[route.pk].items():
            for stop in stops[route.pk, line.week, line.weekday]:
                weeks[route.rep_id].planned.append(Planned(route.rep_id, day, stop.customer, stop.arrives))
    _add(weeks, user, first, last, rep=rep)
    _excuse(weeks, first, last)
    _match(weeks, first, last)
    return list(weeks.values())


def _add(weeks: dict[int, WeekOfRep], user: User, first: dt.date, last: dt.date, *, rep: int | None) -> None:
    """Stops that reps put on a day themselves count as planned, but where the line leads there anyway."""
    rows = AddedStop.objects.visible_to(user).filter(day__gte=first, day__lt=last)
    if rep is not None:
        rows = rows.filter(rep=rep)
    for stop in rows.select_related("rep", "customer").order_by("day", "pk"):
        week = weeks.setdefault(stop.rep_id, WeekOfRep(stop.rep))
        if all((each.day, each.customer.pk) != (stop.day, stop.customer_id) for each in week.planned):
            week.planned.append(Planned(stop.rep_id, stop.day, stop.customer, None, added=True))
    for week in weeks.values():
        week.planned.sort(key=lambda each: each.day)


def _excuse(weeks: dict[int, WeekOfRep], first: dt.date, last: dt.date) -> None:
    """Nothing is due on days on which the rep is away."""
    away = counted(weeks, start_on=first, end_on=last)
    for rep, week in weeks.items():
        for each in week.planned:
            each.away = any(row.start_on <= each.day < row.end_on for row in away.get(rep, ()))


def _held(route: Route, first: dt.date, last: dt.date, calendar: Calendar) -> dict[dt.date, LineDay]:
    lines = day_lines(route, first, last, calendar)
    return {day: line for day, line in lines.items() if route.holds_on(day)}


def _match(weeks: dict[int, WeekOfRep], first: dt.date, last: dt.date) -> None:
    """Each visit counts for the plan of its day, or else for an unmet one of the same week."""
    visits = list(
        Visit.objects.filter(rep__in=weeks, came_at__gte=first_moment(first), came_at__lt=first_moment(last))
        .select_related("customer")
        .order_by("came_at")
    )
    proofs = talks_of(visits)
    for same_day in (True, False):
        for visit in list(visits):
            day = timezone.localdate(visit.came_at)
            for each in weeks[visit.rep_id].planned:
                fits = each.day == day if same_day else each.day <= timezone.localdate()
                if each.visit is None and each.customer.pk == visit.customer_id and fits:
                    each.visit, each.talks = visit, proofs.get(visit.pk, [])
                    visits.remove(visit)
                    break
    for visit in visits:
        weeks[visit.rep_id].extra.append(visit)
        weeks[visit.rep_id].proofs[visit.pk] = proofs.get(visit.pk, [])
