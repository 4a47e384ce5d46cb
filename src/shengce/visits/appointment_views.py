"""HTTP of appointments: the days, a new one, and what becomes of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
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
from shengce.facts.models import Fact
from shengce.people.asked import day, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import days_said
from shengce.planning.working_time import Calendar
from shengce.visits import appointments as doing
from shengce.visits import queries
from shengce.visits.after_saving import back_of, warn_of_day_off
from shengce.visits.forms import AppointmentForm, MoveForm, NoteForm
from shengce.visits.models import AHEAD, Appointment

DAYS = (1, 7, 14)
MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """An appointment of the list; ``heard``: its passage may be played; ``offered``: what can be done with it."""

    row: Appointment
    heard: bool
    offered: tuple[str, ...]
    other_times: list[dt.datetime]
    clash: Appointment | None
    """Another one of the same person at the same time."""


def days_of(request: SignedInRequest) -> tuple[dt.date, int]:
    """From which day, and how many, the address asks for."""
    days = whole_number(request.GET.get("days")) or 7
    return day(request.GET.get("day")) or timezone.localdate(), days if days in DAYS else 7


def appointments_asked(request: SignedInRequest) -> QuerySet[Appointment]:
    """The appointments that the address asks for."""
    asked, (start, days) = request.GET, days_of(request)
    unclosed = asked.get("state") == "unclosed"
    return queries.appointments(
        request.user,
        start_on=start - dt.timedelta(days=30) if unclosed else start,
        end_on=start + dt.timedelta(days=1 if unclosed else days),
        state=asked.get("state", ""),
        rep=whole_number(asked.get("rep")),
        text=words(asked.get("q"), most=100),
    )


@require_GET
def appointments(request: SignedInRequest) -> HttpResponse:
    """Day by day: who is to be confirmed, who was not there before."""
    require(request.user, "appointments.see")
    asked, today = request.GET, timezone.localdate()
    start, days = days_of(request)
    state = asked.get("state", "")
    rows = list(appointments_asked(request)[:MOST_ROWS])
    facts = [row.fact_id for row in rows if row.fact_id]
    heard = set(Fact.objects.visible_to(request.user).filter(pk__in=facts).values_list("pk", flat=True))
    now = timezone.now()
    said = days_said(start, start + dt.timedelta(days=days))
    clash = queries.clashes(row for row in rows if row.start_at > now)
    lines = [
        Line(
            row,
            row.fact_id in heard,
            _offered(row, now),
            _other_times(row.start_at, said.calendar),
            clash.get(row.pk),
        )
        for row in rows
    ]
    context = {
        "by_day": [(each, said.works(each), list(group)) for each, group in groupby(lines, key=_day_of)],
        "start": start,
        "before": start - dt.timedelta(days=days),
        "after": start + dt.timedelta(days=days),
        "days": days,
        "choices": DAYS,
        "state": state,
        "states": [(value, label) for value, label in Appointment.State.choices if value != "moved"],
        "reps": queries.arrangeable(request.user),
        "rep": whole_number(asked.get("rep")),
        "text": words(asked.get("q"), most=100),
        "more": len(rows) == MOST_ROWS,
        "may_edit": may(request.user, "appointments.edit"),
        "sees_customers": may(request.user, "customers.see"),
        "today": today,
        "said": said,
    }
    return render(request, "visits/appointments.html", context)


def _day_of(line: Line) -> dt.date:
    return timezone.localdate(line.row.start_at)


def _other_times(start_at: dt.datetime, calendar: Calendar) -> list[dt.datetime]:
    """Where a tap moves it, at the same hour: the next working day, and the first one a week later or after that."""
    here = timezone.localtime(start_at)
    days = {_working_day_from(here.date() + dt.timedelta(days=later), calendar) for later in (1, 7)}
    return [timezone.make_aware(dt.datetime.combine(day, here.time())) for day in sorted(days)]


def _working_day_from(day: dt.date, calendar: Calendar) -> dt.date:
    """The first working day from ``day`` on, within the two months that no holidays fill."""
    days = (day + dt.timedelta(days=number) for number in range(60))
    return next((each for each in days if calendar.works(each)), day)


def _offered(row: Appointment, now: dt.datetime) -> tuple[str, ...]:
    """What can be done with an appointment as it stands."""
    if row.state == "cancelled" and row.start_at > now:
        return ("stands",)
    if row.state in ("moved", "cancelled"):
        return ()
    if row.start_at <= now:
        return ("kept", "no-show") if row.state in AHEAD else ()
    return ("confirm", "move", "cancel") if row.state == "planned" else ("move", "cancel")


def customers_of(request: SignedInRequest) -> QuerySet[Customer]:
    """Customers whose owner's appointments the person arranges."""
    owners = queries.arrangeable(request.user).values("pk")
    return Customer.objects.filter(owner__in=owners, merged_into__isnull=True).order_by("name")


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """An appointment that was made on the phone."""
    require(request.user, "appointments.edit")
    initial: dict[str, Any] = {
        "owner": request.user.pk,
        "customer": whole_number(request.GET.get("customer")),
    }
    customers = customers_of(request)
    known = customers.filter(pk=initial["customer"]).first() if initial["customer"] else None
    if known is not None:
        initial["owner"] = known.owner_id
    form = AppointmentForm(
        request.POST or None, owners=queries.arrangeable(request.user), customers=customers, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = doing.arrange_appointment(by=request.user, **form.values())
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved."))
            _warn_of_clash(request, made)
            warn_of_day_off(request, made.start_at)
            return redirect(f"/visits/appointments/?day={timezone.localdate(made.start_at):%Y-%m-%d}")
    context = {"form": form, "heading": _("New appointment"), "back": "visits:appointments"}
    return render(request, "visits/form.html", context, status=422 if form.errors else 200)


@require_POST
def change(request: SignedInRequest, pk: str, what: str) -> HttpResponse:
    """Confirm, move, cancel; afterwards: kept, or not there."""
    require(request.user, "appointments.edit")
    row = get_object_or_404(Appointment.objects.visible_to(request.user), pk=pk)
    form: MoveForm | NoteForm = MoveForm(request.POST) if what == "move" else NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose the new day and time."))
        return redirect(back_of(request, "visits:appointments"))
    values = form.cleaned_data
    try:
        if what == "confirm":
            doing.confirm_appointment(row, by=request.user, **values)
        elif what == "move":
            _say_moved(request, doing.move_appointment(row, by=request.user, **values))
            return redirect(back_of(request, "visits:appointments"))
        elif what == "cancel":
            doing.call_off_appointment(row, by=request.user, **values)
        else:
            doing.close_appointment(row, by=request.user, came=what == "kept", **values)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect(back_of(request, "visits:appointments"))


def _say_moved(request: SignedInRequest, made: Appointment) -> None:
    """Where to: it may be on another day than those that are shown."""
    at = timezone.localtime(made.start_at)
    words_ = _("%(name)s: moved to %(at)s, confirmed.")
    messages.success(request, words_ % {"name": made.customer or "", "at": f"{at:%m-%d %H:%M}"})
    _warn_of_clash(request, made)
    warn_of_day_off(request, made.start_at)


def _warn_of_clash(request: SignedInRequest, made: Appointment) -> None:
    """It is kept, since the specialist may know better; but nobody should be promised to two at once unawares."""
    other = queries.clashes([made]).get(made.pk)
    if other is None:
        return
    at = timezone.localtime(other.start_at)
    words_ = _("%(rep)s has another appointment at that time: %(at)s %(name)s.")
    values = {"rep": made.owner, "at": f"{at:%m-%d %H:%M}", "name": other.customer or ""}
    messages.warning(request, words_ % values)
