"""HTTP of costs: a new one of a product, and taking one back. They are seen on the product's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shengce.catalogue import costs as actions
from shengce.catalogue.forms import CostForm
from shengce.catalogue.models import Product, ProductCost
from shengce.catalogue.price_views import carried_out, product_context
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest


@require_POST
def save(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one unit costs from a day on."""
    require(request.user, "costs.edit")
    product = get_object_or_404(Product.objects.select_related("line"), pk=pk)
    form = CostForm(request.POST, auto_id="cost_%s")
    if carried_out(form, lambda: actions.save_cost(by=request.user, product=product, **form.cleaned_data)):
        messages.success(request, _("The cost is saved. Gross profit follows within the hour."))
        return redirect("catalogue:product", pk=pk)
    return render(
        request, "catalogue/product.html", product_context(request, product) | {"cost_form": form}, status=422
    )


@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a cost back."""
    require(request.user, "costs.edit")
    cost = get_object_or_404(ProductCost.objects.select_related("product"), pk=pk)
    actions.remove_cost(cost, by=request.user)
    messages.success(request, _("The cost is taken back."))
    return redirect("catalogue:product", pk=cost.product_id)
