"""HTTP of the customers' list, heads and contacts; the page of one customer spans rooms and lives in ``web``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers import actions, queries
from shengce.customers.forms import (
    CardForm,
    ContactForm,
    CustomerForm,
    HandOverForm,
    NewCustomerForm,
    carry_out,
)
from shengce.customers.lookalikes import Lookalike, lookalikes
from shengce.customers.models import Contact, Customer
from shengce.people.asked import page_number, whole_number, words
from shengce.people.models import Territory
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response


def _asked(request: SignedInRequest) -> dict[str, Any]:
    """What the address asks of the list; a wrong value asks nothing."""
    asked = request.GET
    return {
        "text": words(asked.get("q"), most=100),
        "kind": asked.get("kind", ""),
        "owner": whole_number(asked.get("owner")),
        "level": asked.get("level", ""),
        "territory": whole_number(asked.get("territory")),
        "value_class": asked.get("class", ""),
        "pool": asked.get("pool") == "1",
        "sort": asked.get("sort", ""),
    }


@require_GET
def customers(request: SignedInRequest) -> HttpResponse:
    """The list of one's customers."""
    require(request.user, "customers.see")
    number = page_number(request.GET.get("page"))
    rows, has_next = queries.customer_list(request.user, page=number, **_asked(request))
    context = {
        "customers": rows,
        "has_next": has_next,
        "number": number,
        "asked": request.GET,
        "kinds": Customer.Kind.choices,
        "levels": Customer.Level.choices,
        "classes": actions.CLASSES,
        "territories": Territory.objects.all(),
        "reps": queries.sellers_for(request.user),
        "sees_pool": queries.sees_all_customers(request.user),
        "may_edit": may(request.user, "customers.edit"),
    }
    return render(request, "customers/customers.html", context)


@require_GET
def customers_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The filtered rows as a file."""
    require(request.user, "customers.see")
    rows = queries.csv_rows(queries.found_customers(request.user, **_asked(request)))
    return table_response(rows, queries.csv_columns(), name=_("Customers"), file_format=file_format)


@require_GET
def names(request: SignedInRequest) -> HttpResponse:
    """Names that complete what is being typed, as options of a list."""
    require(request.user, "customers.see")
    typed = next(
        (request.GET[name] for name in ("supplied_by", "customer", "other", "q") if name in request.GET), ""
    )
    kind = request.GET.get("kind", "")
    text = words(typed, most=60)
    found = (
        queries.customer_names(request.user, text, kind=kind if kind in Customer.Kind.values else "")
        if text
        else []
    )
    return render(request, "customers/names.html", {"names": found})


@require_http_methods(["GET", "POST"])
def new_customer(request: SignedInRequest) -> HttpResponse:
    """Type a customer in; who looks like one that is there already is shown before he is saved."""
    require(request.user, "customers.edit")
    form = NewCustomerForm(
        request.POST or None,
        initial={"name": words(request.GET.get("name"))},
        user=request.user,
        sellers=queries.sellers_for(request.user),
    )
    alike: list[Lookalike] = []
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "sure"}
        if not form.cleaned_data["sure"]:
            alike = _alike(request, values)
        if not alike:
            customer = carry_out(form, lambda: actions.create_customer(by=request.user, **values))
            if customer is not None:
                return _to_customer(request, customer)
    context = {"form": form, "heading": _("New customer"), "alike": alike, "checks": True}
    return render(request, "customers/form.html", context, status=422 if form.errors or alike else 200)


@require_GET
def lookalikes_of(request: SignedInRequest) -> HttpResponse:
    """Who looks like the customer that is being typed in."""
    require(request.user, "customers.edit")
    fields = ("name", "city", "phone", "tax_number", "address")
    values = {field: words(request.GET.get(field)) for field in fields}
    return render(request, "customers/alike.html", {"alike": _alike(request, values)})


def _alike(request: SignedInRequest, values: dict[str, Any]) -> list[Lookalike]:
    fields = ("name", "city", "phone", "tax_number", "address")
    return lookalikes(request.user, **{field: values[field] for field in fields})


@require_http_methods(["GET", "POST"])
def edit_customer(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "customers.edit")
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("territory", "supplied_by"), pk=pk
    )
    standing = {name: getattr(customer, name) for name in CustomerForm.base_fields}
    if customer.supplied_by is not None:
        standing["supplied_by"] = customer.supplied_by.code or customer.supplied_by.name
    form = CustomerForm(request.POST or None, initial=standing, user=request.user)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in form.cleaned_data if name in request.POST}
        if carry_out(form, lambda: actions.update_customer(customer, by=request.user, **given)) is not None:
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
        "owner": (HandOverForm(request.POST, reps=queries.sellers_for(request.user)), actions.hand_over),
    }
    form, action = kinds[what]
    try:
        if not form.is_valid():
            raise ValidationError([reason for reasons in form.errors.values() for reason in reasons])
        action(customer, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return _to_customer(request, customer)


@require_http_methods(["GET", "POST"])
def edit_contact(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change a person at a customer, or take him away."""
    require(request.user, "customers.edit")
    contact = _contact(request, pk)
    form = ContactForm(
        request.POST or None, initial={name: getattr(contact, name) for name in ContactForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        saved = carry_out(form, lambda: actions.update_contact(contact, by=request.user, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("web:customer", pk=contact.customer_id)
    context = {"form": form, "contact": contact, "customer": contact.customer}
    return render(request, "customers/contact.html", context, status=422 if form.errors else 200)


@require_POST
def remove_contact(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "customers.edit")
    contact = _contact(request, pk)
    actions.remove_contact(contact, by=request.user)
    messages.success(request, _("%(name)s is no longer listed here.") % {"name": contact.name})
    return redirect("web:customer", pk=contact.customer_id)


def _contact(request: SignedInRequest, pk: int) -> Contact:
    visible = Customer.objects.visible_to(request.user).values("pk")
    return get_object_or_404(Contact.objects.filter(customer__in=visible).select_related("customer"), pk=pk)


def _to_customer(request: SignedInRequest, customer: Customer) -> HttpResponse:
    """To his page, or to the list where he is out of one's sight now."""
    if Customer.objects.visible_to(request.user).filter(pk=customer.pk).exists():
        return redirect("web:customer", pk=customer.pk)
    return redirect("customers:list")
