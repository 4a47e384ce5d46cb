"""Weekly lines of a rep: planned anew as a draft, put in force, changed by hand.

The search runs in a child process with a limit of seconds: the web process never loads the solver, its memory goes back to
the system with the child, and a search that hangs is killed. Whoever pressed the button waits for the answer anyway, so that no queue
is needed; more than :data:`AT_ONCE` searches at a time are refused with a word.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.planning import line_job
from shengce.planning.line_search import Slot
from shengce.visits.models import Place, Route, RouteStop
from shengce.visits.rules import WEEKS, Day, day_of, places_of, visit_rules, where

SECONDS = 8.0
AT_ONCE = 2
_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Order:
    """What the solver is asked, and what is needed to write its answer down."""

    request: dict[str, Any]
    day: Day
    every: dict[int, int]
    minutes: dict[int, int]
    fixed: set[int]


def plan_route(rep: User, *, by: User, seconds: float = SECONDS, anew: bool = False) -> Route:
    """A draft of the rep's lines for his customers of today. Lines that stand are changed as little as possible, unless
    ``anew``; what a person fixed stays in any case. An older draft goes.
    """
    _require(by, rep)
    order = _order(rep, anew=anew)
    answer = _search(order.request, seconds=seconds)
    return _write_draft(rep, order, answer, by=by)


def _order(rep: User, *, anew: bool) -> Order:
    customers = list(Customer.objects.filter(owner=rep, merged_into__isnull=True).order_by("pk"))
    known = places_of(customers)
    day = day_of(rep, [place.point for place in known.values() if place.point is not None])
    if day is None:
        raise ValidationError(
            _("Say first where the day begins: no customer has a place yet."), code="no_base"
        )
    rules = visit_rules()
    standing, fixed = _standing(rep)
    every = {c.pk: rules.get(c.value_class, rules[""]).every_weeks for c in customers}
    minutes = {c.pk: rules.get(c.value_class, rules[""]).minutes for c in customers}
    rows = [
        line_job.customer_row(
            c.pk,
            known[c.pk].point,
            every[c.pk],
            minutes[c.pk],
            known[c.pk].opens,
            known[c.pk].closes,
            known[c.pk].weekdays,
            known[c.pk].rough,
        )
        for c in customers
    ]
    kept = {pk: slot for pk, slot in standing.items() if not anew or pk in fixed}
    request = {
        "customers": rows, "base": [day.base.latitude, day.base.longitude], "weekdays": list(day.weekdays),
        "weeks": WEEKS, "starts": day.starts, "minutes": day.minutes,
        "standing": [[pk, slot.week, slot.weekday] for pk, slot in kept.items()], "fixed": sorted(fixed & set(every)),
    }  # fmt: skip
    return Order(request, day, every, minutes, fixed)


def _standing(rep: User) -> tuple[dict[int, Slot], set[int]]:
    """Slots of the draft, else of the lines in force; and whom a person fixed."""
    route = draft_of(rep) or route_on(rep, timezone.localdate())
    if route is None:
        return {}, set()
    slots: dict[int, Slot] = {}
    fixed: set[int] = set()
    for stop in route.stops.all():
        slots.setdefault(stop.customer_id, Slot(stop.week, stop.weekday))
        if stop.fixed:
            fixed.add(stop.customer_id)
    return slots, fixed


def _search(request: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """Ask the child. ``ValidationError`` in words where it finds nothing, breaks down, or too many ask at once."""
    if not _turns.acquire(timeout=2):
        raise ValidationError(
            _("Others are planning at this moment. Try again in a few seconds."), code="busy"
        )
    try:
        done = subprocess.run(
            [sys.executable, "-m", "shengce.planning.line_job"],
            input=json.dumps({**request, "seconds": seconds}).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=3 * seconds + 20,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ValidationError(
            _("No lines were found in time. Fewer customers may help."), code="timeout"
        ) from None
    finally:
        _turns.release()
    if done.returncode:
        raise ValidationError(_("The lines could not be planned on this machine."), code="broken")
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer.get("error"):
        raise ValidationError(
            _("The lines could not be planned: %(reason)s"),
            params={"reason": answer["error"]},
            code="refused",
        )
    return answer


@transaction.atomic
def _write_draft(rep: User, order: Order, answer: dict[str, Any], *, by: User) -> Route:
    User.objects.select_for_update(of=("self",)).get(pk=rep.pk)  # one writer for each rep
    Route.objects.filter(rep=rep, start_on__isnull=True).delete()
    last = Route.objects.filter(rep=rep).aggregate(last=Max("number"))["last"] or 0
    route = Route.objects.create(
        rep=rep, unit=rep.unit, number=last + 1, weeks=WEEKS, left_out=answer["left_out"],
        base=order.day.to_json(), made_by=by,
    )  # fmt: skip
    RouteStop.objects.bulk_create(
        RouteStop(
            route=route, week=line["week"], weekday=line["weekday"], position=position, customer_id=call["key"],
            every_weeks=order.every[call["key"]], minutes=order.minutes[call["key"]], fixed=call["key"] in order.fixed,
            **_times(call),
        )
        for line in answer["lines"]
        for position, call in enumerate(line["calls"])
    )  # fmt: skip
    stops = sum(len(line["calls"]) for line in answer["lines"])
    record("route.planned", route, by=by, stops=stops, left_out=len(answer["left_out"]))
    return route


def _times(call: dict[str, Any]) -> dict[str, Any]:
    return {name: call[name] for name in ("arrives", "km", "drive", "waits", "late")}


@transaction.atomic
def start_route(route: Route, *, by: User, start_on: dt.date | None = None) -> Route:
    """Put the draft in force, from today or a later day; what was in force ends there. A second tap changes nothing."""
    row = _locked(route, by)
    if row.start_on is not None:
        return row
    day = start_on or timezone.localdate()
    _supersede(row, day)
    row.start_on = day
    row.save(update_fields=["start_on"])
    record("route.started", row, by=by, start_on=day.isoformat())
    return row


def _supersede(route: Route, day: dt.date) -> None:
    """Versions that would still hold on ``day`` end there; those that would only begin then never hold."""
    others = Route.objects.filter(rep=route.rep, start_on__isnull=False).exclude(pk=route.pk)
    others.filter(start_on__gte=day).update(end_on=day, start_on=day)
    others.filter(start_on__lt=day, end_on__isnull=True).update(end_on=day)


@transaction.atomic
def discard_route(route: Route, *, by: User) -> None:
    """Throw a draft away."""
    row = _locked(route, by)
    if row.start_on is not None:
        raise ValidationError(_("This version was in force: it stays."), code="in_force")
    record("route.discarded", row, by=by, number=row.number)
    row.delete()


@transaction.atomic
def move_stop(stop: RouteStop, *, by: User, week: int, weekday: int, position: int | None = None) -> Route:
    """Put a customer on another day of the cycle, or at another place of his day. He is fixed there from now on.

    On another day, all his visits go: who is visited every two weeks stays on one weekday. Lines in force that were driven
    already are not changed: a new version begins today.
    """
    route, changed = _writable(stop, by)
    rows = list(route.stops.filter(customer=changed.customer_id))
    day = Day.from_json(route.base)
    if weekday not in day.weekdays or not 0 <= week < route.weeks:
        raise ValidationError(_("Nothing is driven on this day."), code="day")
    if position is not None and not 0 <= position <= 10_000:
        raise ValidationError(_("There is no such place in the day."), code="position")
    touched = {(row.week, row.weekday) for row in rows}
    moved = (week, weekday) != (changed.week, changed.weekday)
    if moved:
        weeks = range(week % changed.every_weeks, route.weeks, changed.every_weeks)
        for row, new_week in zip(rows, weeks, strict=True):
            row.week, row.weekday, row.position = new_week, weekday, 10_000
        touched |= {(row.week, row.weekday) for row in rows}
    for row in rows:
        row.fixed = True
        row.save(update_fields=["week", "weekday", "position", "fixed"])
    target = changed.pk if not moved else next(row.pk for row in rows if row.week == week)
    for each in sorted(touched):
        _renumber(route, day, *each, first=(target, position) if each == (week, weekday) else None)
    record("route.stop_moved", route, by=by, customer=changed.customer_id, week=week, weekday=weekday)
    return route


@transaction.atomic
def free_stop(stop: RouteStop, *, by: User) -> Route:
    """Planning anew may move the customer again."""
    route, row = _writable(stop, by)
    route.stops.filter(customer=row.customer_id).update(fixed=False)
    record("route.stop_freed", route, by=by, customer=row.customer_id)
    return route


def _writable(stop: RouteStop, by: User) -> tuple[Route, RouteStop]:
    """The version that may be written, and the same stop in it."""
    route = _locked(stop.route, by)
    row = route.stops.filter(pk=stop.pk).first()
    if row is None:
        raise ValidationError(_("Somebody else changed these lines. Look at them again."), code="gone")
    today = timezone.localdate()
    if route.start_on is None or route.start_on == today:
        return route, row
    if route.end_on is not None:
        raise ValidationError(_("This version is no longer in force."), code="ended")
    if route.start_on > today:
        return route, row
    copy = _copied(route, today, by)
    return copy, copy.stops.get(
        week=row.week, weekday=row.weekday, position=row.position, customer=row.customer_id
    )


def _copied(route: Route, today: dt.date, by: User) -> Route:
    last = Route.objects.filter(rep=route.rep).aggregate(last=Max("number"))["last"] or 0
    stops = list(route.stops.all())
    copy = Route.objects.get(pk=route.pk)
    copy.pk, copy.number, copy.start_on, copy.made_at, copy.made_by = (
        None,
        last + 1,
        today,
        timezone.now(),
        by,
    )
    copy._state.adding = True
    copy.save()
    for stop in stops:
        stop.pk, stop.route = None, copy
        stop._state.adding = True
    RouteStop.objects.bulk_create(stops)
    Route.objects.filter(pk=route.pk).update(end_on=today)
    return copy


def _renumber(
    route: Route, day: Day, week: int, weekday: int, first: tuple[int, int | None] | None = None
) -> None:
    """Order and times of one day anew; ``first`` is a stop, and the position that it shall have."""
    stops = list(
        route.stops.filter(week=week, weekday=weekday).select_related("customer").order_by("position", "pk")
    )
    if first is not None and first[1] is not None:
        chosen = next(stop for stop in stops if stop.pk == first[0])
        stops.remove(chosen)
        stops.insert(min(first[1], len(stops)), chosen)
    places = {p.customer_id: p for p in Place.objects.filter(customer__in=[s.customer_id for s in stops])}
    known = {s.customer_id: where(s.customer, places.get(s.customer_id)) for s in stops}
    calls = line_job.times_of_day(
        [
            line_job.customer_row(
                s.customer_id, known[s.customer_id].point or day.base, s.every_weeks, s.minutes,
                known[s.customer_id].opens, known[s.customer_id].closes, (), known[s.customer_id].rough,
            )
            for s in stops
        ],
        base=day.base, starts=day.starts, minutes=day.minutes,
    )  # fmt: skip
    for position, (stop, call) in enumerate(zip(stops, calls, strict=True)):
        stop.position = position
        for name, value in _times(call).items():
            setattr(stop, name, value)
    RouteStop.objects.bulk_update(stops, ["position", "arrives", "km", "drive", "waits", "late"])


def draft_of(rep: User) -> Route | None:
    return Route.objects.filter(rep=rep, start_on__isnull=True).first()


def route_on(rep: User, day: dt.date) -> Route | None:
    """The version that holds on a day."""
    rows = Route.objects.filter(rep=rep, start_on__lte=day).exclude(end_on__lte=day)
    return rows.order_by("-number").first()


def _locked(route: Route, by: User) -> Route:
    require(by, "routes.edit")
    row: Route | None = (
        Route.objects.visible_to(by)
        .select_related("rep__unit")
        .select_for_update(of=("self",))
        .filter(pk=route.pk)
        .first()
    )
    if row is None or not may_act_for(by, row.rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return row


def _require(by: User, rep: User) -> None:
    require(by, "routes.edit")
    if not may_act_for(by, rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
