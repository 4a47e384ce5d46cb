"""HTTP of prices: the list of a tier on a day, a product over time, tiers, and what each role may give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.catalogue import price_lists
from shengce.catalogue import prices as actions
from shengce.catalogue.costs import costs_of
from shengce.catalogue.forms import AuthorityForm, CostForm, PriceForm, TierForm
from shengce.catalogue.models import PriceTier, Product, ProductLine
from shengce.people.asked import day, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import FORMATS, table_response


@require_GET
def prices(request: SignedInRequest) -> HttpResponseBase:
    """The price list of a tier on a day, to read, print or save."""
    require(request.user, "catalogue.see")
    asked = request.GET
    on = day(asked.get("on")) or timezone.localdate()
    tiers = list(PriceTier.objects.all())
    wanted = whole_number(asked.get("tier"))
    tier = next((one for one in tiers if one.pk == wanted), tiers[0] if tiers else None)
    text, line, sort = (
        words(asked.get("q"), most=100),
        words(asked.get("line"), most=100),
        asked.get("sort", ""),
    )
    rows = price_lists.price_list(tier, on, text=text, line=line, sort=sort) if tier else []
    file_format = asked.get("as", "")
    if file_format in FORMATS and tier:
        return _as_file(tier, on, rows, file_format)
    context = {
        "tiers": tiers,
        "tier": tier,
        "on": on,
        "rows": rows,
        "lines": ProductLine.objects.order_by("name"),
        "asked": asked,
        "may_edit": may(request.user, "prices.edit"),
    }
    return render(request, "catalogue/prices.html", context)


def _as_file(
    tier: PriceTier, on: dt.date, rows: list[price_lists.Line], file_format: str
) -> HttpResponseBase:
    columns = [
        _("Product code"), _("Product"), _("Product line"), _("Unit of measure"), _("Price tier"), _("Price"),
        _("Floor price"), _("Valid from"), _("Valid until before"),
    ]  # fmt: skip
    lines = (
        [
            row.product.code, row.product.name, str(row.product.line or ""), row.product.measure, tier.name,
            row.price and row.price.amount, row.price and row.price.floor, row.price and row.price.start_on,
            row.price and row.price.end_on,
        ]
        for row in rows
    )  # fmt: skip
    return table_response(lines, columns, name=f"prices-{tier.name}-{on}", file_format=file_format)


@require_http_methods(["GET", "POST"])
def product(request: SignedInRequest, pk: int) -> HttpResponse:
    """One product: what it is, what its price was and is in each tier, and what it costs, for who may see that."""
    require(request.user, "prices.edit" if request.method == "POST" else "catalogue.see")
    found = get_object_or_404(Product.objects.select_related("line"), pk=pk)
    form = PriceForm(request.POST or None, initial=_new_price(request))
    if request.method == "POST" and carried_out(
        form, lambda: actions.save_price(by=request.user, product=found, **form.cleaned_data)
    ):
        messages.success(request, _("The price is saved."))
        return redirect("catalogue:product", pk=pk)
    context = product_context(request, found) | {"form": form}
    return render(request, "catalogue/product.html", context, status=422 if form.errors else 200)


def product_context(request: SignedInRequest, found: Product) -> dict[str, Any]:
    """What the page of a product shows."""
    today = timezone.localdate()
    return {
        "product": found,
        "tiers": price_lists.history_of(found, today),
        "today": today,
        "form": PriceForm(initial=_new_price(request)),
        "may_price": may(request.user, "prices.edit"),
        "may_edit": may(request.user, "catalogue.edit"),
        "costs": costs_of(found, today) if may(request.user, "costs.see") else None,
        "cost_form": CostForm(auto_id="cost_%s", initial={"start_on": today})
        if may(request.user, "costs.edit")
        else None,
    }


def _new_price(request: SignedInRequest) -> dict[str, Any]:
    return {"tier": request.GET.get("tier"), "start_on": timezone.localdate()}


@require_http_methods(["GET", "POST"])
def tiers(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """The price tiers; one of them to change, or a new one."""
    require(request.user, "prices.edit")
    tier = get_object_or_404(PriceTier, pk=pk) if pk is not None else None
    standing = {name: getattr(tier, name) for name in TierForm.base_fields} if tier else {}
    form = TierForm(request.POST or None, initial=standing)
    if request.method == "POST" and carried_out(
        form, lambda: actions.save_tier(by=request.user, tier=tier, **form.cleaned_data)
    ):
        messages.success(request, _("Saved."))
        return redirect("catalogue:tiers")
    context = {"tiers": PriceTier.objects.all(), "tier": tier, "form": form}
    return render(request, "catalogue/tiers.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def authority(request: SignedInRequest) -> HttpResponse:
    """The largest discount that each role may give by itself."""
    require(request.user, "prices.edit" if request.method == "POST" else "catalogue.see")
    form = AuthorityForm(request.POST or None)
    if request.method == "POST":
        if carried_out(form, lambda: _save_authority(request, form) or True):
            messages.success(request, _("Saved."))
            return redirect("catalogue:authority")
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
    context = {"rows": price_lists.authorities(), "may_edit": may(request.user, "prices.edit")}
    return render(request, "catalogue/authority.html", context, status=422 if form.errors else 200)


def _save_authority(request: SignedInRequest, form: forms.Form) -> object:
    percent: Decimal | None = form.cleaned_data["percent"]
    most = percent / 100 if percent is not None else None
    return actions.save_authority(by=request.user, role=form.cleaned_data["role"], most=most)


def carried_out(form: forms.Form, action: Callable[[], object]) -> bool:
    """Whether the form was right and the action went through; else the reasons stand beside their fields."""
    if not form.is_valid():
        return False
    try:
        action()
    except ValidationError as problem:
        if hasattr(problem, "error_dict"):
            for field, reasons in problem.message_dict.items():
                form.add_error(field if field in form.fields else None, reasons)
        else:
            form.add_error(None, problem.messages)
        return False
    return True
