"""HTTP of the catalogue: products, competitors, and the words for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.catalogue import actions
from shengce.catalogue.forms import CompetitorForm, NamesForm, ProductForm
from shengce.catalogue.models import Competitor, Product
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


@require_GET
def catalogue(request: SignedInRequest) -> HttpResponse:
    """What we sell and against whom."""
    require(request.user, "catalogue.see")
    context = {
        "products": Product.objects.select_related("line").order_by("line__name", "name"),
        "competitors": Competitor.objects.order_by("name"),
        "may_edit": may(request.user, "catalogue.edit"),
    }
    return render(request, "catalogue/catalogue.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, what: str, pk: int | None = None) -> HttpResponse:
    """Add or change one product or competitor."""
    require(request.user, "catalogue.edit")
    form = _form(request, what, pk)
    if request.method == "POST" and form.is_valid():
        save = actions.save_product if what == "product" else actions.save_competitor
        values = {k: v for k, v in form.cleaned_data.items() if not (k == "line" and not v)}
        save(by=request.user, **values)
        messages.success(request, _("Saved. Talks from now on are searched for these words."))
        return redirect("catalogue:list")
    heading = _("Product") if what == "product" else _("Competitor")
    return render(request, "catalogue/form.html", {"form": form, "heading": heading})


def _form(request: SignedInRequest, what: str, pk: int | None) -> NamesForm:
    if what not in ("product", "competitor"):
        raise Http404
    kind = ProductForm if what == "product" else CompetitorForm
    initial: dict[str, object] = {}
    if pk is not None and what == "product":
        product = get_object_or_404(Product.objects.select_related("line"), pk=pk)
        initial = {"line": product.line.name if product.line else "", "list_price": product.list_price}
        initial |= _names(product)
    elif pk is not None:
        initial = _names(get_object_or_404(Competitor, pk=pk))
    return kind(request.POST or None, initial=initial)


def _names(found: Product | Competitor) -> dict[str, object]:
    return {"name": found.name, "aliases": "\n".join(found.aliases)}
