"""HTTP of what lines are planned from: where a rep's day begins, where customers are, how often each class is visited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.customers.models import Customer
from shengce.people.asked import page_number, whole_number, words
from shengce.people.permissions import require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.visits import places as place_actions
from shengce.visits.forms import WEEKDAYS, BaseForm, PlaceForm, RuleForm
from shengce.visits.models import Place
from shengce.visits.rules import WEEKS, Where, day_of, places_of, visit_rules

PAGE_SIZE = 30


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
    form, unlikely = PlaceForm(request.POST or None, initial=initial), False
    if request.method == "POST" and form.is_valid():
        try:
            place_actions.save_place(customer, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
            unlikely = problem.code == "unlikely"
        else:
            messages.success(request, _("Saved. Plan the lines again so that they follow it."))
            return redirect("visits:places")
    if not unlikely:
        del form.fields["sure"]
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
