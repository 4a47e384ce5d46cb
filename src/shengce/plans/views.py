"""HTTP of the market development plan: the year at a glance, one measure, a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.facts.models import Fact
from shengce.people.asked import page_number, whole_number, words
from shengce.people.models import Role, Territory, User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_users
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.planning.periods import FiscalYear
from shengce.plans import actions, queries
from shengce.plans.activities import activities
from shengce.plans.forms import EndForm, MeasureForm
from shengce.plans.models import SEES_ALL_PLANS, Budget, Measure
from shengce.plans.timeline import timeline

_STATES = ("open", "late", *Measure.State.values)
_PROOF_DAYS = 60
_PROOFS_OFFERED = 60


@require_GET
def plan(request: SignedInRequest) -> HttpResponse:
    """What is done to develop the market this year, by whom, where, when; late ones first in the figures."""
    require(request.user, "plans.see")
    today = timezone.localdate()
    year, asked = fiscal_year(request, today=today), asked_of(request, today=today)
    everything = queries.measures(request.user, queries.Asked(year.start_on, year.end_on))
    rows = _rows(request, today=today)
    page = Paginator(rows, queries.PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    counts = {state: everything.filter(state=state).count() for state in Measure.State.values}
    context = {
        "year": year,
        "last_on": year.end_on - dt.timedelta(days=1),
        "years": _years(year, today),
        "asked": asked,
        "state": request.GET.get("state", ""),
        "filtered": any(value and name not in ("page", "year") for name, value in request.GET.items()),
        "page": page,
        "today": today,
        "late": queries.late(everything, today=today).count(),
        "counts": counts,
        "picture": timeline(list(page), year, today=today, label=_("Measures over the year"))
        if len(page)
        else "",
        "states": Measure.State.choices,
        "owners": _owners(request.user),
        "territories": Territory.objects.all(),
        "activities": activities(),
        "may_edit": may(request.user, "plans.edit"),
        "may_see_budgets": may(request.user, "budgets.see"),
    }
    return render(request, "plans/plan.html", context)


def fiscal_year(request: SignedInRequest, *, today: dt.date) -> FiscalYear:
    """The year asked for; years begin where the newest budget's does, else in January."""
    newest = Budget.objects.order_by("-start_on").values_list("start_on", flat=True).first()
    month = newest.month if newest else 1
    asked = whole_number(request.GET.get("year"))
    first = asked if asked and 2000 <= asked < 2100 else today.year - (today.month < month)
    return FiscalYear(dt.date(first, month, 1))


def asked_of(request: SignedInRequest, *, today: dt.date) -> queries.Asked:
    asked, year = request.GET, fiscal_year(request, today=today)
    span = year.span
    quarter = whole_number(asked.get("quarter"))
    if quarter in (1, 2, 3, 4):
        span = year.quarters[quarter - 1]
    state = asked.get("state", "")
    return queries.Asked(
        start_on=span.start_on,
        end_on=span.end_on,
        state=state if state in _STATES and state != "late" else "",
        owner=whole_number(asked.get("owner")),
        territory=whole_number(asked.get("territory")),
        activity=whole_number(asked.get("activity")),
        text=words(asked.get("q"), most=100),
    )


def _rows(request: SignedInRequest, *, today: dt.date) -> QuerySet[Measure]:
    rows = queries.measures(request.user, asked_of(request, today=today))
    return queries.late(rows, today=today) if request.GET.get("state") == "late" else rows


def _years(shown: FiscalYear, today: dt.date) -> list[int]:
    return sorted({shown.start_on.year, today.year - 1, today.year, today.year + 1})


def _owners(user: User) -> QuerySet[User]:
    """For whom one may plan."""
    people = User.objects.filter(is_active=True).exclude(role=Role.ADMINISTRATOR).order_by("display_name")
    if user.role in SEES_ALL_PLANS:
        return people
    if user.role == Role.MANAGER:
        return people.filter(pk__in=visible_users(user).values("pk"))
    return people.filter(pk=user.pk)


@require_GET
def export(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The measures asked for as a table to save."""
    require(request.user, "plans.see")
    columns = [
        _("What is done"), _("State"), _("Owner"), _("Territory"), _("Place"), _("From"), _("Until"), _("Means"),
        _("Serves the target"), _("Expected result"), _("Result"), _("Planned cost, yuan"), _("Spent, yuan"),
        _("What came of it"),
    ]  # fmt: skip
    today = timezone.localdate()
    rows = (
        [
            m.title, m.get_state_display(), str(m.owner), str(m.territory or ""), m.place, m.start_on,
            m.last_on, m.means, str(m.metric or ""), m.expected, m.achieved, m.cost,
            m.spent, m.result,  # type: ignore[attr-defined]
        ]
        for m in _rows(request, today=today)
    )  # fmt: skip
    return table_response(rows, columns, name=f"measures-{today}", file_format=file_format)


@require_http_methods(["GET", "POST"])
def new_measure(request: SignedInRequest) -> HttpResponse:
    require(request.user, "plans.edit")
    begun = _begun(request)
    form = _form(request, request.POST if request.method == "POST" else None, initial=begun)
    if form.is_valid():
        try:
            made = actions.plan_measure(by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Planned."))
            return redirect("plans:measure", pk=made.pk)
    return render(request, "plans/edit.html", {"form": form}, status=422 if form.errors else 200)


def _begun(request: SignedInRequest) -> dict[str, Any]:
    """What the address fills in beforehand: what is done, where, for which target."""
    today = timezone.localdate()
    return {
        "owner": request.user.pk,
        "start_on": today,
        "last_on": today + dt.timedelta(days=30),
        "title": words(request.GET.get("title")),
        "territory": whole_number(request.GET.get("territory")),
        "within": whole_number(request.GET.get("within")),
    }


def _form(
    request: SignedInRequest, data: Any, *, initial: dict[str, Any], of: Measure | None = None
) -> MeasureForm:
    user = request.user
    wider = Measure.objects.visible_to(user).filter(within__isnull=True).order_by("-start_on", "pk")
    return MeasureForm(
        data,
        initial=initial,
        owners=_owners(user),
        lines=queries.lines_to_spend_from(user),
        wider=wider.exclude(pk=of.pk) if of else wider,
    )


def found(request: SignedInRequest, pk: int) -> Measure:
    return get_object_or_404(queries.with_spent(Measure.objects.visible_to(request.user)), pk=pk)


@require_GET
def measure(request: SignedInRequest, pk: int) -> HttpResponse:
    """One measure: what, who, where, when, how, for what, and what came of it."""
    require(request.user, "plans.see")
    return _page(request, found(request, pk))


def _page(request: SignedInRequest, row: Measure, *, failed: forms.Form | None = None) -> HttpResponse:
    user = request.user
    audible = row.fact_id is not None and Fact.objects.visible_to(user).filter(pk=row.fact_id).exists()
    context = {
        "measure": row,
        "late": row.is_open and row.end_on <= timezone.localdate(),
        "audible": audible,
        "parts": queries.with_spent(row.parts.filter(pk__in=Measure.objects.visible_to(user).values("pk"))),
        "expenses": row.expenses.select_related("claimed_by", "decided_by"),
        "may_edit": may(user, "plans.edit") and row.is_open,
        "may_do": may(user, "plans.do"),
        "may_spend": may(user, "budgets.spend") and row.line is not None,
        "form": failed or EndForm(facts=_proofs(user)),
    }
    return render(request, "plans/measure.html", context, status=422 if failed else 200)


def _proofs(user: User) -> QuerySet[Fact]:
    """Passages of the last weeks that may prove a result."""
    since = timezone.now() - dt.timedelta(days=_PROOF_DAYS)
    kinds = (
        "next_step",
        "payment_promise",
        "product_interest",
        "appointment",
        "competitor",
        "decision_maker",
    )
    rows = Fact.objects.visible_to(user).filter(kind__in=kinds, conversation__started_at__gte=since)
    newest = rows.order_by("-conversation__started_at").values_list("pk", flat=True)[:_PROOFS_OFFERED]
    return (
        Fact.objects.filter(pk__in=list(newest))
        .select_related("conversation__customer")
        .order_by("-conversation__started_at", "start_ms")
    )


@require_http_methods(["GET", "POST"])
def edit_measure(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "plans.edit")
    row = found(request, pk)
    data = request.POST if request.method == "POST" else None
    form = _form(request, data, initial=MeasureForm.initial_of(row), of=row)
    if form.is_valid():
        try:
            actions.change_measure(row, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved."))
            return redirect("plans:measure", pk=row.pk)
    context = {"form": form, "measure": row}
    return render(request, "plans/edit.html", context, status=422 if form.errors else 200)


@require_POST
def begin(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, actions.begin_measure, pgettext("measure", "It has begun."))


@require_POST
def reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    return _do(request, pk, actions.reopen_measure, pgettext("measure", "It goes on."))


def _do(request: SignedInRequest, pk: int, action: Callable[..., Measure], said: str) -> HttpResponse:
    require(request.user, "plans.do")
    row = found(request, pk)
    try:
        action(row, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, said)
    return redirect("plans:measure", pk=row.pk)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Done or dropped, with words, a number, and the passage that proves it."""
    require(request.user, "plans.do")
    row = found(request, pk)
    form = EndForm(request.POST, facts=_proofs(request.user))
    if form.is_valid():
        try:
            actions.end_measure(row, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved."))
            return redirect("plans:measure", pk=row.pk)
    return _page(request, row, failed=form)
