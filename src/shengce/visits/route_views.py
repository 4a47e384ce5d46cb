"""HTTP of weekly lines: whose there are, one rep's lines with map, planning them and changing them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from shengce.customers.models import Customer
from shengce.people.asked import whole_number
from shengce.people.models import Role
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.planning.cycle import monday_of
from shengce.visits import lines as doing
from shengce.visits.models import Route, RouteStop
from shengce.visits.route_page import content_of
from shengce.visits.weeks import weeks_of


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
        context |= content_of(request, shown)
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
