"""HTTP of development quotas: everybody's progress, what was counted, and the quotas themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers.models import Customer
from shengce.people.asked import day
from shengce.people.models import Role, User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps, visible_units
from shengce.people.requests import SignedInRequest
from shengce.recordings.models import Conversation, Recording
from shengce.visits import quotas as doing
from shengce.visits.forms import QuotaForm
from shengce.visits.models import Appointment, Quota, Task, Visit

MOST_ROWS = 300


def _month(request: SignedInRequest) -> dt.date:
    return (day(request.GET.get("month")) or timezone.localdate()).replace(day=1)


@require_GET
def quotas(request: SignedInRequest) -> HttpResponse:
    """A line for each person, a column for each quota."""
    require(request.user, "quotas.see")
    month, people = _month(request), doing.people_with_quotas(request.user)
    progress = doing.progress_of(people, month)
    columns = {(p.goal.name, p.goal.measure): p.goal for rows in progress.values() for p in rows}
    table = [
        (rep, [_of(progress[rep.pk], key) for key in columns], sum(p.reached for p in progress[rep.pk]))
        for rep in people
    ]
    context = {
        "month": month,
        "before": month - dt.timedelta(days=1),
        "after": (month + dt.timedelta(days=32)).replace(day=1),
        "columns": list(columns.values()),
        "table": table,
        "quotas": _editable(request)
        .filter(start_on__lte=month)
        .exclude(end_on__lte=month)
        .select_related("unit", "rep"),
        "measures": {measure.key: measure for measure in doing.MEASURES},
        "may_edit": may(request.user, "quotas.edit"),
    }
    return render(request, "visits/quotas.html", context)


def _of(rows: list[doing.Progress], key: tuple[str, str]) -> doing.Progress | None:
    return next((row for row in rows if (row.goal.name, row.goal.measure) == key), None)


@require_GET
def counted(request: SignedInRequest, pk: int, measure: str) -> HttpResponse:
    """What stands behind one number."""
    require(request.user, "quotas.see")
    rep = get_object_or_404(visible_reps(request.user), pk=pk)
    if measure not in doing.BY_KEY:
        raise Http404
    month, how = _month(request), doing.BY_KEY[measure]
    span = doing.month_span(month)
    ids = how.count([rep.pk], span).get(rep.pk, set())
    context = {
        "rep": rep,
        "month": month,
        "measure": how,
        "number": len(ids),
        **_rows(request, how.of, ids, rep, span),
    }
    return render(request, "visits/counted.html", context)


def _days_at(
    request: SignedInRequest, days: Set[doing.DayAt], rep: User, span: doing.Span
) -> list[tuple[Customer, Conversation | None, Visit | None]]:
    """Each day at a customer with its check-in and its talk, the newest first; a talk only where one may hear it. Three queries."""
    seen: dict[doing.DayAt, Visit] = {}
    for visit in Visit.objects.filter(rep=rep, came_at__gte=span[0], came_at__lt=span[1]):
        seen.setdefault((visit.customer_id, timezone.localdate(visit.came_at)), visit)
    talks = Conversation.objects.visible_to(request.user).filter(
        rep=rep, direction=Recording.Direction.ONSITE, started_at__gte=span[0], started_at__lt=span[1]
    )
    heard = {(talk.customer_id or 0, timezone.localdate(talk.started_at)): talk for talk in talks}
    shown = sorted(days, key=lambda each: (each[1], each[0]), reverse=True)[:MOST_ROWS]
    customers = Customer.objects.visible_to(request.user).in_bulk([pk for pk, _day in shown])
    return [(customers[pk], heard.get((pk, on)), seen.get((pk, on))) for pk, on in shown if pk in customers]


def _rows(request: SignedInRequest, of: str, ids: Set[Any], rep: User, span: doing.Span) -> dict[str, Any]:
    if of == "days":
        return {"customers": _days_at(request, ids, rep, span)}
    if of == "appointments":
        rows = Appointment.objects.visible_to(request.user).filter(pk__in=ids)
        return {"appointments": rows.select_related("customer")[:MOST_ROWS]}
    if of == "tasks":
        return {
            "tasks": Task.objects.visible_to(request.user)
            .filter(pk__in=ids)
            .select_related("customer", "fact")[:MOST_ROWS]
        }
    customers = Customer.objects.visible_to(request.user).filter(pk__in=ids).order_by("name")[:MOST_ROWS]
    first: dict[int, Conversation] = {}
    talks = Conversation.objects.visible_to(request.user).filter(
        rep=rep, customer__in=ids, started_at__gte=span[0], started_at__lt=span[1]
    )
    for talk in talks.order_by("started_at"):
        first.setdefault(talk.customer_id or 0, talk)
    seen: dict[int, Visit] = {}
    for visit in Visit.objects.filter(rep=rep, customer__in=ids, came_at__gte=span[0], came_at__lt=span[1]):
        seen.setdefault(visit.customer_id, visit)
    return {"customers": [(c, first.get(c.pk), seen.get(c.pk)) for c in customers]}


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """A new quota, or one that is changed."""
    require(request.user, "quotas.edit")
    quota = None if pk is None else get_object_or_404(_editable(request), pk=pk)
    initial = {"start_on": timezone.localdate().replace(day=1)}
    if quota is not None:
        names = ("measure", "name", "least", "most", "unit", "rep", "start_on")
        initial = {name: getattr(quota, name) for name in names}
        initial["start_on"] = max(quota.start_on, timezone.localdate().replace(day=1))
    form = QuotaForm(
        request.POST or None,
        units=visible_units(request.user).order_by("path"),
        reps=visible_reps(request.user),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = doing.save_quota(by=request.user, quota=quota, **form.cleaned_data)
        except (ValidationError, PermissionDenied) as problem:
            form.add_error(None, problem if isinstance(problem, ValidationError) else str(problem))
        else:
            messages.success(request, _in_words(saved))
            return redirect("visits:quotas" if may(request.user, "quotas.see") else "visits:new_quota")
    context = {"form": form, "heading": _("Quota"), "back": "visits:quotas", "quota": quota}
    return render(request, "visits/form.html", context, status=422 if form.errors else 200)


def _in_words(quota: Quota) -> str:
    """What holds now, so that a slip of the hand is seen."""
    values = {
        "what": quota.name or doing.BY_KEY[quota.measure].label,
        "who": quota.rep or quota.unit or _("everybody"),
        "month": f"{quota.start_on:%Y-%m}",
        "number": f"{quota.least}–{quota.most}" if quota.most is not None else f"{quota.least}",
    }
    if not quota.least and not quota.most:
        return _("Saved: “%(what)s” does not hold for %(who)s from %(month)s on (0).") % values
    return _("Saved: “%(what)s”, %(number)s a month, holds for %(who)s from %(month)s on.") % values


def _editable(request: SignedInRequest) -> QuerySet[Quota]:
    if request.user.role != Role.MANAGER:
        return Quota.objects.all()
    own = Q(unit__in=visible_units(request.user)) | Q(rep__in=visible_reps(request.user))
    return Quota.objects.filter(own)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """It holds no longer from this month on."""
    require(request.user, "quotas.edit")
    quota = get_object_or_404(_editable(request), pk=pk)
    doing.end_quota(quota, by=request.user, month=timezone.localdate())
    messages.success(request, _("Saved."))
    return redirect("visits:quotas" if may(request.user, "quotas.see") else "visits:new_quota")
