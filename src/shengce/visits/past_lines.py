"""What a change of the firm's calendar does to days that have come: which lines were planned for them, and would no longer be.

A day off takes its line away, and another day may make up for it up to 13 days from it; so a day to come can change one that is over.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from shengce.people.models import User
from shengce.people.working_days import calendar_if, working_calendar
from shengce.planning.cycle import AROUND, LineDay, line_days
from shengce.planning.working_time import Calendar
from shengce.visits.models import Route, RouteStop, Visit
from shengce.visits.queries import first_moment

Lines = dict[dt.date, LineDay]


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A rep's day that has come: so many visits were planned, and would be. ``made``: by how many check-ins he was out then."""

    rep: User
    day: dt.date
    before: int
    after: int
    made: int


def changed_lines(day: dt.date, works: bool | None) -> list[ChangedLine]:
    """The lines of everybody until today that change if the firm says of ``day`` that people work, or not, or (``None``) says nothing of
    it any more. Five queries.
    """
    first, last = day - AROUND, min(day + AROUND, timezone.localdate() + dt.timedelta(days=1))
    if first >= last:
        return []
    routes = Route.objects.filter(start_on__lt=last).exclude(end_on__lte=first).select_related("rep")
    before, after = working_calendar(), calendar_if(day, works)
    known: dict[tuple[tuple[int, ...], int], tuple[Lines, Lines]] = {}
    found: list[tuple[Route, dt.date, LineDay | None, LineDay | None]] = []
    for route in routes.order_by("rep__display_name", "number"):
        shape = (tuple(route.base.get("weekdays", [0, 1, 2, 3, 4])), route.weeks)
        if shape not in known:
            known[shape] = (_lines(shape, first, last, before), _lines(shape, first, last, after))
        old, new = known[shape]
        found += [
            (route, each, old.get(each), new.get(each))
            for each in sorted({*old, *new})
            if old.get(each) != new.get(each) and route.holds_on(each)
        ]
    return _counted(found)


def sums(changed: list[ChangedLine]) -> dict[str, int]:
    """What the audit keeps of it; empty where nothing of the past changes."""
    if not changed:
        return {}
    return {
        "lines": len(changed),
        "people": len({each.rep.pk for each in changed}),
        "planned_before": sum(each.before for each in changed),
        "planned_after": sum(each.after for each in changed),
    }


def _lines(shape: tuple[tuple[int, ...], int], first: dt.date, last: dt.date, calendar: Calendar) -> Lines:
    return line_days(first, last, weekdays=shape[0], weeks=shape[1], calendar=calendar)


def _counted(found: list[tuple[Route, dt.date, LineDay | None, LineDay | None]]) -> list[ChangedLine]:
    """With the number of stops and of check-ins; a day without customers before and after does not change."""
    if not found:
        return []
    stops = {
        (route, week, weekday): number
        for route, week, weekday, number in RouteStop.objects.filter(route__in={row[0].pk for row in found})
        .order_by()
        .values_list("route", "week", "weekday")
        .annotate(number=Count("pk"))
    }
    days = sorted({row[1] for row in found})
    came = Visit.objects.filter(
        Q(came_at__gte=first_moment(days[0]), came_at__lt=first_moment(days[-1] + dt.timedelta(days=1))),
        rep__in={row[0].rep_id for row in found},
    )
    made = Counter((rep, timezone.localdate(at)) for rep, at in came.values_list("rep", "came_at"))

    def planned(route: Route, line: LineDay | None) -> int:
        return 0 if line is None else stops.get((route.pk, line.week, line.weekday), 0)

    rows = [
        ChangedLine(route.rep, day, planned(route, old), planned(route, new), made[route.rep_id, day])
        for route, day, old, new in found
    ]
    return [row for row in rows if row.before or row.after]
