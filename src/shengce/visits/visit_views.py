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
from shengce.visits import check_in as doing
from shengce.visits import queries
from shengce.visits.after_saving import back_of
from shengce.visits.forms import CheckInForm, LeaveForm
from shengce.visits.maps import point_map
from shengce.visits.models import Visit
from shengce.visits.rules import places_of
from shengce.visits.weeks import weeks_of


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
    context = {
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "before": monday - dt.timedelta(days=7),
        "after": monday + dt.timedelta(days=7),
        "weeks": weeks,
        "said": days_said(monday, monday + dt.timedelta(days=7)),
        "rep": rep,
        "one": weeks[0] if rep is not None and len(weeks) == 1 else None,
    }
    return render(request, "visits/week.html", context)


@require_http_methods(["GET", "POST"])
def check_in(request: SignedInRequest) -> HttpResponse:
    """I am here: at whom? Today's line first, then everybody."""
    require(request.user, "visits.edit")
    customers = _own(request)
    form = CheckInForm(request.POST or None, customers=customers)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
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
            return redirect("visits:visit", pk=made.pk)
    return _check_in_page(request, form, customers)


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
        "stops": [(stop, here.get(stop.customer_id)) for stop in stops],
        "running": next((visit for visit in done if visit.left_at is None), None),
        "text": text,
        "found": found,
        "chosen": customers.filter(pk=whole_number(request.GET.get("customer")) or 0).first(),
    }
    return render(request, "visits/check_in.html", context, status=422 if form.errors else 200)


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
    form = LeaveForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        if what == "leave":
            doing.leave(row, by=request.user, note=note)
        elif what == "place":
            doing.take_place_of_visit(row, by=request.user)
            messages.success(request, _("The customer's place is where this check-in was."))
        else:
            doing.withdraw_visit(row, by=request.user)
            return redirect(back_of(request, "visits:check_in"))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("visits:visit", pk=row.pk)
    if request.POST.get("back"):
        return redirect(back_of(request, "visits:check_in"))
    return redirect("visits:visit", pk=row.pk)
