"""What the page of a rep's lines shows: a week of the cycle day by day, its map, sums, and who has no line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.asked import whole_number
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import DaysSaid, days_said
from shengce.planning.cycle import LineDay, monday_of, week_of_cycle
from shengce.visits import lines as doing
from shengce.visits.forms import WEEKDAYS
from shengce.visits.maps import route_map
from shengce.visits.models import Appointment, Route, RouteStop
from shengce.visits.queries import ahead_of, day_lines, kept_before
from shengce.visits.rules import places_of


def _reason(code: str) -> str:
    return {
        "no_place": _("no place: neither coordinates nor a city that is known"),
        "not_visited": _("his class is not visited"),
        "hours": _("his hours do not fit into the day"),
        "no_time": _("no day has room for him"),
        "too_far": _("too far: there and back is longer than a day"),
    }.get(code, code)


@dataclass(slots=True)
class DayRow:
    """One day of the week that is shown."""

    weekday: int
    label: str
    stops: list[RouteStop]
    km: float
    ends: int
    over: int
    on: dt.date | None  # none: its day is off, and no other day makes up for it
    made_up: bool
    occasion: str
    appointments: list[Appointment] = field(default_factory=list)


def content_of(request: SignedInRequest, shown: Route) -> dict[str, Any]:
    today = timezone.localdate()
    asked = whole_number(request.GET.get("week"))
    week = asked if asked is not None and asked < shown.weeks else week_of_cycle(today, shown.weeks)
    weekday = whole_number(request.GET.get("day"))
    stops = list(shown.stops.select_related("customer").order_by("week", "weekday", "position"))
    places = places_of({stop.customer_id: stop.customer for stop in stops}.values())
    monday = monday_of(today) + dt.timedelta(weeks=(week - week_of_cycle(today, shown.weeks)) % shown.weeks)
    said = days_said(monday, monday + dt.timedelta(days=7))
    rows = _days(shown, stops, week, monday, said)
    _add_appointments(rows, shown, today)
    chosen = weekday if weekday in [row.weekday for row in rows] else None
    others = {v: _sum(v) for v in _compared(shown)}
    left = [(int(pk), str(reason)) for pk, reason in shown.left_out]
    names = Customer.objects.visible_to(request.user).in_bulk([pk for pk, _why in left])
    writable = shown.is_draft or (shown.end_on is None)
    return {
        "week": week,
        "weeks": range(shown.weeks),
        "this_week": week_of_cycle(today, shown.weeks),
        "day": chosen,
        "rows": rows,
        "said": said,
        "kept": kept_before(stop.customer_id for row in rows for stop in row.stops),
        "monday": monday,
        "map": route_map(shown, stops, places, week=week, weekday=chosen),
        "rough": sum(places[pk].rough for pk in {stop.customer_id for stop in stops}),
        "customers": len({stop.customer_id for stop in stops}),
        "sums": _sums(shown, stops),
        "compared": others,
        "left_out": [(names[pk], _reason(why), why) for pk, why in left if pk in names],
        "writable": writable,
        "slots": [(w, d, label) for w in range(shown.weeks) for d, label in _labels(shown)],
    }


def _labels(route: Route) -> list[tuple[int, str]]:
    names = {int(digit): str(label) for digit, label in WEEKDAYS}
    return [(day, names[day]) for day in route.base.get("weekdays", [])]


def _days(route: Route, stops: list[RouteStop], week: int, monday: dt.date, said: DaysSaid) -> list[DayRow]:
    """The lines of a week with the day on which each is driven: another one where its own day is off."""
    around = dt.timedelta(days=14)  # how far a day that makes up for another may lie from it
    lines = day_lines(route, monday - around, monday + dt.timedelta(days=7) + around, said.calendar)
    rows = []
    for weekday, label in _labels(route):
        own = [stop for stop in stops if (stop.week, stop.weekday) == (week, weekday)]
        day = monday + dt.timedelta(days=weekday)
        line = _driven(lines, LineDay(day, week, weekday))
        ends = _ends(route, own)
        rows.append(
            DayRow(
                weekday, label, own, round(sum(stop.km for stop in own), 1), ends,
                max(0, ends - route.base["starts"] - route.base["minutes"]), line.day if line else None,
                line is not None and line.made_up, said.free.get(day, ""),
            )
        )  # fmt: skip
    return rows


def _add_appointments(rows: list[DayRow], shown: Route, today: dt.date) -> None:
    """Who expects him on the days to come: what stands, and who was not there before, is seen before the trip."""
    days = [row.on for row in rows if row.on is not None and row.on >= today]
    if not days or shown.end_on is not None:
        return
    by_day: dict[dt.date, list[Appointment]] = {}
    for each in ahead_of(shown.rep, min(days), max(days) + dt.timedelta(days=1)):
        by_day.setdefault(timezone.localdate(each.start_at), []).append(each)
    for row in rows:
        row.appointments = by_day.get(row.on, []) if row.on is not None else []


def _driven(lines: dict[dt.date, LineDay], own: LineDay) -> LineDay | None:
    """The line on its own day, or on the one near it that makes up for it."""
    if own.day in lines:
        return lines[own.day]
    same = (line for line in lines.values() if (line.week, line.weekday) == (own.week, own.weekday))
    return next((line for line in same if line.made_up and abs(line.day - own.day).days < 14), None)


def _ends(route: Route, stops: list[RouteStop]) -> int:
    """The minute of the day at which the last visit is over; the way home comes after it."""
    return stops[-1].arrives + stops[-1].minutes if stops else route.base["starts"]


def _sums(route: Route, stops: list[RouteStop]) -> dict[str, Any]:
    busy: dict[tuple[int, int], int] = {}
    for stop in stops:
        key = (stop.week, stop.weekday)
        busy[key] = busy.get(key, 0) + stop.drive + stop.minutes
    lengths = sorted(busy.values()) or [0]
    return {
        "visits": len(stops),
        "km": round(sum(stop.km for stop in stops) / max(1, route.weeks)),
        "shortest": lengths[0],
        "longest": lengths[-1],
        "late": sum(stop.late > 0 for stop in stops),
    }


def _compared(shown: Route) -> list[Route]:
    """A draft is held against what holds today."""
    today = timezone.localdate()
    held = doing.route_on(shown.rep, today) if shown.is_draft else None
    return [held] if held is not None else []


def _sum(route: Route) -> dict[str, Any]:
    return _sums(route, list(route.stops.all()))
