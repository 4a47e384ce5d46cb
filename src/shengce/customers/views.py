"""HTTP of the customers' list and forms; the page of one customer spans rooms and lives in ``web``."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers import actions, queries
from shengce.customers.forms import CardForm, ContactForm, CustomerForm, HandOverForm
from shengce.customers.models import Customer
from shengce.people.asked import page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest


@require_GET
def customers(request: SignedInRequest) -> HttpResponse:
    """The list of one's customers."""
    require(request.user, "customers.see")
    asked = request.GET
    number = page_number(asked.get("page"))
    rows, has_next = queries.customer_list(
        request.user,
        text=words(asked.get("q"), most=100),
        kind=asked.get("kind", ""),
        owner=whole_number(asked.get("owner")),
        sort=asked.get("sort", ""),
        page=number,
    )
    context = {
        "customers": rows,
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "kinds": Customer.Kind.choices,
        "reps": visible_reps(request.user),
        "may_edit": may(request.user, "customers.edit"),
    }
    return render(request, "customers/customers.html", context)


@require_http_methods(["GET", "POST"])
def new_customer(request: SignedInRequest) -> HttpResponse:
    require(request.user, "customers.edit")
    form = CustomerForm(request.POST or None, initial={"name": request.GET.get("name", "")})
    if request.method == "POST" and form.is_valid():
        customer = actions.create_customer(by=request.user, **form.cleaned_data)
        return redirect("web:customer", pk=customer.pk)
    return render(
        request,
        "customers/form.html",
        {"form": form, "heading": _("New customer")},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def edit_customer(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "customers.edit")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    standing = {name: getattr(customer, name) for name in CustomerForm.base_fields}
    form = CustomerForm(request.POST or None, initial=standing)
    if request.method == "POST" and form.is_valid():
        actions.update_customer(customer, by=request.user, **form.cleaned_data)
        return redirect("web:customer", pk=pk)
    context = {"form": form, "heading": customer.name, "customer": customer}
    return render(request, "customers/form.html", context, status=422 if form.errors else 200)


@require_POST
def change(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Add a contact, set a field of the card, or hand the customer over."""
    require(request.user, "customers.edit")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    kinds: dict[str, tuple[forms.Form, Callable[..., object]]] = {
        "contact": (ContactForm(request.POST), actions.add_contact),
        "card": (CardForm(request.POST), actions.set_card_field),
        "owner": (HandOverForm(request.POST, reps=visible_reps(request.user)), actions.hand_over),
    }
    form, action = kinds[what]
    try:
        if not form.is_valid():
            raise ValidationError([reason for reasons in form.errors.values() for reason in reasons])
        action(customer, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    still_visible = Customer.objects.visible_to(request.user).filter(pk=pk).exists()
    return redirect("web:customer", pk=pk) if still_visible else redirect("customers:list")
