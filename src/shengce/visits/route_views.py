"""HTTP of weekly lines: whose there are, one rep's lines with map, what is planned and changed, places and rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers.models import Customer
from shengce.people.asked import page_number, whole_number, words
from shengce.people.models import Role
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.planning.cycle import LineDay, monday_of, week_of_cycle
from shengce.visits import lines as doing
from shengce.visits import places as place_actions
from shengce.visits.forms import WEEKDAYS, BaseForm, PlaceForm, RuleForm
from shengce.visits.maps import route_map
from shengce.visits.models import Place, Route, RouteStop
from shengce.visits.queries import day_lines, weeks_of
from shengce.visits.rules import WEEKS, Where, day_of, places_of, visit_rules

PAGE_SIZE = 30


def _reason(code: str) -> str:
    return {
        "no_place": _("no place: neither coordinates nor a city that is known"),
        "not_visited": _("his class is not visited"),
        "hours": _("his hours do not fit into the day"),
        "no_time": _("no day has room for him"),
        "too_far": _("too far: there and back is longer than a day"),
    }.get(code, code)


@require_GET
def routes(request: SignedInRequest) -> HttpResponse:
    """Everybody's lines, and how this week went; a rep comes to his own."""
    require(request.user, "routes.see")
    if request.user.role == Role.REP:
        return route(request, request.user.pk)
    monday = monday_of(timezone.localdate())
    weeks = {week.rep.pk: week for week in weeks_of(request.user, monday)}
    reps = list(visible_reps(request.user).filter(role=Role.REP).select_related("unit"))
    versions: dict[int, Route] = {}
    drafts: set[int] = set()
    for each in Route.objects.visible_to(request.user).filter(end_on__isnull=True).order_by("number"):
        if each.is_draft:
            drafts.add(each.rep_id)
        else:
            versions[each.rep_id] = each
    rows = [(rep, versions.get(rep.pk), rep.pk in drafts, weeks.get(rep.pk)) for rep in reps]
    return render(request, "visits/routes.html", {"rows": rows, "monday": monday})


@dataclass(slots=True)
class DayRow:
    """One day of the week that is shown."""

    weekday: int
    label: str
    stops: list[RouteStop]
    km: float
    ends: int
    over: int
    on: dt.date | None


@require_GET
def route(request: SignedInRequest, pk: int) -> HttpResponse:
    """One rep's lines: a week of the cycle at a time, on the map and as lists."""
    require(request.user, "routes.see")
    rep = get_object_or_404(visible_reps(request.user).select_related("unit"), pk=pk)
    versions = list(Route.objects.visible_to(request.user).filter(rep=rep).order_by("-number")[:12])
    shown = _shown(request, versions)
    context: dict[str, Any] = {
        "rep": rep,
        "route": shown,
        "versions": [v for v in versions if v.is_draft or v.start_on != v.end_on],
        "today": timezone.localdate(),
        "may_edit": may(request.user, "routes.edit") and may_act_for(request.user, rep),
        "may_rules": may(request.user, "visits.rules"),
    }
    if shown is not None:
        context |= _content(request, shown)
    else:
        context["customers"] = Customer.objects.filter(owner=rep, merged_into__isnull=True).count()
    return render(request, "visits/route.html", context)


def _shown(request: SignedInRequest, versions: list[Route]) -> Route | None:
    """The version that was asked for; else the draft, else what holds today, else the newest."""
    number, today = whole_number(request.GET.get("version")), timezone.localdate()
    for fits in (
        lambda v: v.number == number,
        lambda v: v.is_draft,
        lambda v: v.holds_on(today),
        lambda v: True,
    ):
        if found := next((version for version in versions if fits(version)), None):
            return found
    return None


def _content(request: SignedInRequest, shown: Route) -> dict[str, Any]:
    today = timezone.localdate()
    asked = whole_number(request.GET.get("week"))
    week = asked if asked is not None and asked < shown.weeks else week_of_cycle(today, shown.weeks)
    weekday = whole_number(request.GET.get("day"))
    stops = list(shown.stops.select_related("customer").order_by("week", "weekday", "position"))
    places = places_of({stop.customer_id: stop.customer for stop in stops}.values())
    rows = _days(shown, stops, week, today)
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


def _days(route: Route, stops: list[RouteStop], week: int, today: dt.date) -> list[DayRow]:
    monday = monday_of(today) + dt.timedelta(weeks=(week - week_of_cycle(today, route.weeks)) % route.weeks)
    driven: dict[tuple[int, int], LineDay] = {
        (line.week, line.weekday): line
        for line in day_lines(route, monday, monday + dt.timedelta(days=7)).values()
    }
    rows = []
    for weekday, label in _labels(route):
        own = [stop for stop in stops if (stop.week, stop.weekday) == (week, weekday)]
        line = driven.get((week, weekday))
        ends = _ends(route, own)
        rows.append(
            DayRow(
                weekday, label, own, round(sum(stop.km for stop in own), 1), ends,
                max(0, ends - route.base["starts"] - route.base["minutes"]), line.day if line else None,
            )
        )  # fmt: skip
    return rows


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


@require_POST
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plan a draft."""
    require(request.user, "routes.edit")
    rep = get_object_or_404(visible_reps(request.user).select_related("unit"), pk=pk)
    try:
        made = doing.plan_route(rep, by=request.user, anew=request.POST.get("anew") == "1")
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        number = made.stops.values("customer").distinct().count()
        words_ = ngettext("%(n)d customer has his day.", "%(n)d customers have their day.", number)
        messages.success(request, words_ % {"n": number})
    return redirect("visits:route", pk=rep.pk)


@require_POST
def change_route(request: SignedInRequest, pk: str, what: str) -> HttpResponse:
    """Put a draft in force, or throw it away."""
    require(request.user, "routes.edit")
    row = get_object_or_404(Route.objects.visible_to(request.user), pk=pk)
    try:
        if what == "start":
            doing.start_route(row, by=request.user)
            messages.success(request, _("These lines hold from today on."))
        else:
            doing.discard_route(row, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("visits:route", pk=row.rep_id)


@require_POST
def change_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Up, down, to a position, to another day, or free for planning again."""
    require(request.user, "routes.edit")
    rows = RouteStop.objects.filter(route__in=Route.objects.visible_to(request.user)).select_related("route")
    stop = get_object_or_404(rows, pk=pk)
    week, weekday = stop.week, stop.weekday
    try:
        moved = _move(request, stop)
        week, weekday = moved if moved else (week, weekday)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    address = f"?week={week}" + (f"&day={weekday}" if request.POST.get("one_day") == "1" else "")
    return redirect(f"/visits/routes/of/{stop.route.rep_id}/{address}#day-{weekday}")


def _move(request: SignedInRequest, stop: RouteStop) -> tuple[int, int] | None:
    do = request.POST.get("do", "")
    if do == "free":
        doing.free_stop(stop, by=request.user)
        return None
    if do in ("up", "down"):
        position = max(0, stop.position + (-1 if do == "up" else 1))
        doing.move_stop(stop, by=request.user, week=stop.week, weekday=stop.weekday, position=position)
        return None
    slot = (request.POST.get("slot") or "").split("-")
    week, weekday = (whole_number(part) for part in slot) if len(slot) == 2 else (None, None)
    if week is None or weekday is None:
        raise ValidationError(_("Choose a day."), code="day")
    doing.move_stop(
        stop, by=request.user, week=week, weekday=weekday, position=whole_number(request.POST.get("position"))
    )
    return week, weekday


@require_http_methods(["GET", "POST"])
def base(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where and when the rep's day begins."""
    require(request.user, "routes.edit")
    rep = get_object_or_404(visible_reps(request.user).select_related("unit"), pk=pk)
    customers = Customer.objects.filter(owner=rep, merged_into__isnull=True)
    known = [place.point for place in places_of(customers).values() if place.point is not None]
    day = day_of(rep, known)
    initial = {"weekdays": list("01234"), "starts_at": "09:00", "minutes": 480}
    if day is not None:
        initial = {
            "name": day.name, "latitude": day.base.latitude, "longitude": day.base.longitude,
            "starts_at": f"{day.starts // 60:02}:{day.starts % 60:02}", "minutes": day.minutes,
            "weekdays": [str(each) for each in day.weekdays],
        }  # fmt: skip
    form = BaseForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            place_actions.save_base(rep, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved. Plan the lines again so that they follow it."))
            return redirect("visits:route", pk=rep.pk)
    context = {"form": form, "heading": _("The day of %(name)s") % {"name": rep}, "back": "visits:routes"}
    return render(request, "visits/form.html", context, status=422 if form.errors else 200)


@require_GET
def places(request: SignedInRequest) -> HttpResponse:
    """Where customers are: those without a place first."""
    require(request.user, "places.edit")
    which, text, number = (
        request.GET.get("which", ""),
        words(request.GET.get("q"), most=100),
        page_number(request.GET.get("page")),
    )
    found = _customers(request)
    if text:
        found = found.filter(name__icontains=text)
    if rep := whole_number(request.GET.get("rep")):
        found = found.filter(owner=rep)
    exact = Place.objects.filter(latitude__isnull=False).values("customer")
    if which == "exact":
        found = found.filter(pk__in=exact)
    elif which in ("rough", "none"):
        rest = found.exclude(pk__in=exact)
        known = {pk for pk, where_ in places_of(rest[:2000]).items() if where_.point is not None}
        found = rest.filter(pk__in=known) if which == "rough" else rest.exclude(pk__in=known)
    first = (number - 1) * PAGE_SIZE
    rows = list(found.select_related("owner")[first : first + PAGE_SIZE + 1])
    places_ = places_of(rows)
    context = {
        "rows": [(customer, places_[customer.pk]) for customer in rows[:PAGE_SIZE]],
        "has_next": len(rows) > PAGE_SIZE,
        "number": number,
        "which": which,
        "text": text,
        "reps": visible_reps(request.user),
        "rep": rep,
        "weekday_names": dict(WEEKDAYS),
    }
    return render(request, "visits/places.html", context)


def _customers(request: SignedInRequest) -> QuerySet[Customer]:
    return Customer.objects.visible_to(request.user).order_by("name", "pk")


@require_http_methods(["GET", "POST"])
def place(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where one customer is, and when he receives visits."""
    require(request.user, "places.edit")
    customer = get_object_or_404(_customers(request), pk=pk)
    row = Place.objects.filter(customer=customer).first()
    initial: dict[str, Any] = {}
    if row is not None:
        names = ("latitude", "longitude", "opens_at", "closes_at")
        initial = {**{name: getattr(row, name) for name in names}, "weekdays": list(row.weekdays)}
    form = PlaceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            place_actions.save_place(customer, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved. Plan the lines again so that they follow it."))
            return redirect("visits:places")
    known: Where = places_of([customer])[customer.pk]
    context = {
        "form": form, "heading": _("Place of %(name)s") % {"name": customer}, "back": "visits:places",
        "hint": _hint(customer, known),
    }  # fmt: skip
    return render(request, "visits/form.html", context, status=422 if form.errors else 200)


def _hint(customer: Customer, known: Where) -> str:
    if known.point is None:
        return _("Neither coordinates nor a city that is known: no line can lead here.")
    if known.rough:
        return _("Only the city is known (%(city)s): its middle is taken until you write coordinates.") % {
            "city": customer.city or customer.address
        }
    return ""


@require_http_methods(["GET", "POST"])
def rules(request: SignedInRequest) -> HttpResponse:
    """How often each class is visited."""
    require(request.user, "visits.rules")
    data = request.POST if request.method == "POST" else None
    forms = [
        (
            rule,
            RuleForm(
                data,
                prefix=f"class-{rule.value_class or 'none'}",
                initial={"every_weeks": rule.every_weeks, "minutes": rule.minutes},
            ),
        )
        for rule in visit_rules().values()
    ]
    valid = [form.is_valid() for _rule, form in forms]
    if data is not None and all(valid):
        for rule, form in forms:
            if form.has_changed():
                place_actions.save_visit_rule(
                    by=request.user, value_class=rule.value_class, **form.cleaned_data
                )
        messages.success(request, _("Saved. It holds for lines that are planned from now on."))
        return redirect("visits:rules")
    wrong = data is not None
    return render(
        request, "visits/rules.html", {"forms": forms, "weeks": WEEKS}, status=422 if wrong else 200
    )
