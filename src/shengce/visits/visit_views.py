"""HTTP of visits: the check-in on a phone, one visit with its talks, the list, plan against done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers.models import Customer
from shengce.people.asked import day, page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.people.working_days import days_said
from shengce.planning.cycle import monday_of
from shengce.planning.geography import Point
from shengce.recordings.models import Conversation
from shengce.visits import added_stops, queries
from shengce.visits import check_in as doing
from shengce.visits.after_saving import back_of
from shengce.visits.forms import AddStopForm, CheckInForm, LeaveForm
from shengce.visits.free_day import all_added, free_day
from shengce.visits.maps import point_map
from shengce.visits.models import AddedStop, Visit
from shengce.visits.rules import places_of
from shengce.visits.weeks import WeekOfRep, weeks_of


def visits_asked(request: SignedInRequest) -> queries.AskedVisits:
    """What the address asks for; ``to`` is the last day itself."""
    asked, last = request.GET, day(request.GET.get("to"))
    return queries.AskedVisits(
        rep=whole_number(asked.get("rep")),
        customer=whole_number(asked.get("customer")),
        start_on=day(asked.get("from")),
        end_on=last + dt.timedelta(days=1) if last else None,
        which=asked.get("which", ""),
        text=words(asked.get("q"), most=100),
        sort=asked.get("sort", ""),
    )


@require_GET
def visits(request: SignedInRequest) -> HttpResponse:
    """Who was where, and what proves it."""
    require(request.user, "visits.see")
    asked, number, wanted = request.GET, page_number(request.GET.get("page")), visits_asked(request)
    first = (number - 1) * queries.PAGE_SIZE
    rows = list(queries.visits(request.user, wanted)[first : first + queries.PAGE_SIZE + 1])
    shown = rows[: queries.PAGE_SIZE]
    talks = queries.talks_of(shown)
    context = {
        "rows": [(row, talks.get(row.pk, [])) for row in shown],
        "has_next": len(rows) > queries.PAGE_SIZE,
        "number": number,
        "asked": wanted,
        "reps": visible_reps(request.user),
        "filtered": any(asked.get(name) for name in ("rep", "customer", "from", "to", "which", "q")),
        "may_check_in": may(request.user, "visits.edit"),
    }
    return render(request, "visits/visits.html", context)


@require_GET
def week(request: SignedInRequest) -> HttpResponse:
    """Plan against done, a week at a time."""
    require(request.user, "visits.see")
    monday = monday_of(day(request.GET.get("week")) or timezone.localdate())
    rep = whole_number(request.GET.get("rep"))
    weeks = weeks_of(request.user, monday, rep=rep)
    one = weeks[0] if rep is not None and len(weeks) == 1 else None
    context = {
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "before": monday - dt.timedelta(days=7),
        "after": monday + dt.timedelta(days=7),
        "weeks": weeks,
        "said": days_said(monday, monday + dt.timedelta(days=7)),
        "rep": rep,
        "one": one,
        **(_narrowed(request, one) if one is not None else {}),
    }
    return render(request, "visits/week.html", context)


def _narrowed(request: SignedInRequest, one: WeekOfRep) -> dict[str, Any]:
    """The visits of one number of the week, and the numbers to choose from; a talk only where one may hear it."""
    names = {
        "": _("All"),
        "due": _("Due so far"),
        "done": _("Done"),
        "other_day": _("On another day"),
        "missed": _("Missed"),
        "proven": _("Proven by a talk"),
        "extra": _("Besides the line"),
    }
    state = request.GET.get("state", "")
    state = state if state in names else ""
    planned, extra = one.of(state)
    numbers = {code: sum(len(rows) for rows in one.of(code)) for code in names}
    return {
        "planned": planned,
        "extra": extra,
        "state": state,
        "choices": [(code, label, numbers[code]) for code, label in names.items()],
    }


@require_http_methods(["GET", "POST"])
def check_in(request: SignedInRequest) -> HttpResponse:
    """I am here: at whom? Today's line first, then everybody."""
    require(request.user, "visits.edit")
    customers = _own(request)
    form = CheckInForm(request.POST or None, customers=customers)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        open_before = queries.running_visit(request.user)
        try:
            made = doing.check_in(
                values["customer"],
                by=request.user,
                latitude=values["latitude"],
                longitude=values["longitude"],
                accuracy_m=values["accuracy"],
                note=values["note"],
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            _say_what_ended(request, open_before, made)
            return redirect("visits:visit", pk=made.pk)
    return _check_in_page(request, form, customers)


def _say_what_ended(request: SignedInRequest, before: Visit | None, made: Visit) -> None:
    """Coming to the next customer ends the visit that was open: never unsaid."""
    if before is None or before.pk == made.pk:
        return
    before.refresh_from_db(fields=["left_at"])
    if before.left_at is not None:
        words_ = _("Your visit at %(name)s ended with this check-in, at %(at)s.")
        at = timezone.localtime(before.left_at)
        messages.warning(request, words_ % {"name": before.customer, "at": f"{at:%m-%d %H:%M}"})


def _own(request: SignedInRequest) -> QuerySet[Customer]:
    return Customer.objects.visible_to(request.user).order_by("name", "pk")


def _check_in_page(
    request: SignedInRequest, form: CheckInForm, customers: QuerySet[Customer]
) -> HttpResponse:
    today = timezone.localdate()
    said = days_said(today, today + dt.timedelta(days=1))
    stops = queries.line_of(request.user, today, said.calendar)
    start = queries.first_moment(today)
    done = Visit.objects.filter(rep=request.user, came_at__gte=start).select_related("customer")
    here = {visit.customer_id: visit for visit in done}
    text = words(request.GET.get("q"), most=100)
    found = customers.filter(name__icontains=text)[:20] if text else []
    context = {
        "form": form,
        "said": said,
        "today": today,
        "stops": [(stop, here.get(stop.customer_id)) for stop in stops],
        "free": free_day(request.user, today, said) if all_added(stops) else None,
        "running": queries.running_visit(request.user),
        "text": text,
        "found": found,
        "chosen": customers.filter(pk=whole_number(request.GET.get("customer")) or 0).first(),
    }
    return render(request, "visits/check_in.html", context, status=422 if form.errors else 200)


@require_POST
def add_stop(request: SignedInRequest) -> HttpResponse:
    """One tap puts a customer on a day."""
    require(request.user, "visits.edit")
    form = AddStopForm(request.POST, customers=_own(request))
    if not form.is_valid():
        messages.error(request, _("Choose a customer and a day."))
        return redirect(back_of(request, "visits:check_in"))
    try:
        added_stops.add_stop(by=request.user, **form.cleaned_data)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(back_of(request, "visits:check_in"))


@require_POST
def take_off_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """A stop that was added is taken off again."""
    require(request.user, "visits.edit")
    stop = get_object_or_404(AddedStop.objects.filter(rep=request.user), pk=pk)
    try:
        added_stops.take_off_stop(stop, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(back_of(request, "visits:check_in"))


@require_GET
def visit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One visit: when, where, and the talks that prove it."""
    require(request.user, "visits.see")
    rows = Visit.objects.visible_to(request.user).select_related("customer", "rep__unit")
    row = get_object_or_404(rows, pk=pk)
    place = places_of([row.customer])[row.customer_id]
    drawn: dict[str, Any] = {}
    if place.point is not None and row.latitude is not None and row.longitude is not None:
        drawn["spots"] = point_map(place.point, Point(row.latitude, row.longitude))
    found = [talk.pk for talk in queries.talks_of([row])[row.pk]]
    talks = Conversation.objects.visible_to(request.user).filter(pk__in=found).order_by("started_at")
    own = may(request.user, "visits.edit") and may_act_for(request.user, row.rep)
    context = {
        "visit": row,
        "place": place,
        "talks": talks,
        "span": queries.span_of(row),
        "own": own,
        "of_today": timezone.localdate(row.came_at) == timezone.localdate(),
        **drawn,
    }
    return render(request, "visits/visit.html", context)


@require_POST
def change(request: SignedInRequest, pk: str, what: str) -> HttpResponse:
    """Leave, take a check-in back, or say that the customer is where the check-in was."""
    require(request.user, "visits.edit")
    row = get_object_or_404(Visit.objects.visible_to(request.user), pk=pk)
    try:
        if what == "leave":
            _leave(request, row)
        elif what == "place":
            doing.take_place_of_visit(row, by=request.user)
            messages.success(request, _("The customer's place is where this check-in was."))
        else:
            doing.withdraw_visit(row, by=request.user)
            return redirect(back_of(request, "visits:check_in"))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    if request.POST.get("back"):
        return redirect(back_of(request, "visits:check_in"))
    return redirect("visits:visit", pk=row.pk)


def _leave(request: SignedInRequest, row: Visit) -> None:
    form = LeaveForm(request.POST)
    if not form.is_valid():
        raise ValidationError(_("Say the time at which you left, and at most 300 characters of a note."))
    clock, note = form.cleaned_data["at"], form.cleaned_data["note"]
    came_on = timezone.localdate(row.came_at)
    at = None if clock is None else timezone.make_aware(dt.datetime.combine(came_on, clock))
    doing.leave(row, by=request.user, note=note, at=at)
