"""HTTP of the catalogue: products, competitors, and the words for them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.catalogue import actions
from shengce.catalogue.costs import with_cost
from shengce.catalogue.forms import CompetitorForm, NamesForm, ProductForm
from shengce.catalogue.models import Competitor, Product
from shengce.people.asked import day
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


@require_GET
def catalogue(request: SignedInRequest) -> HttpResponse:
    """What we sell and against whom; ``?without=cost&on=DAY`` is what had no cost on a day, for who may see that."""
    require(request.user, "catalogue.see")
    products = Product.objects.select_related("line").order_by("line__name", "name")
    may_see_costs = may(request.user, "costs.see")
    today = timezone.localdate()
    on = day(request.GET.get("on")) or today
    without = may_see_costs and request.GET.get("without") == "cost"
    if may_see_costs:
        products = with_cost(products, on, missing=without)
    context = {
        "products": products,
        "may_see_costs": may_see_costs,
        "without": without,
        "cost_day": None if on == today else on,
        "competitors": Competitor.objects.order_by("name"),
        "may_edit": may(request.user, "catalogue.edit"),
    }
    return render(request, "catalogue/catalogue.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, what: str, pk: int | None = None) -> HttpResponse:
    """Add or change one product or competitor."""
    require(request.user, "catalogue.edit")
    if what not in ("product", "competitor"):
        raise Http404
    edit_one = _edit_product if what == "product" else _edit_competitor
    form, save = edit_one(request, pk)
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except ValidationError as problem:
            _add_errors(form, problem)
        else:
            messages.success(request, _("Saved. Talks from now on are searched for these words."))
            return redirect("catalogue:list")
    heading = _("Product") if what == "product" else _("Competitor")
    return render(
        request, "catalogue/form.html", {"form": form, "heading": heading}, status=422 if form.errors else 200
    )


def _edit_product(request: SignedInRequest, pk: int | None) -> tuple[NamesForm, Callable[[], object]]:
    product = (
        get_object_or_404(Product.objects.select_related("line"), pk=pk) if pk is not None else Product()
    )
    initial = {
        "line": product.line.name if product.line else "",
        "list_price": product.list_price,
        "code": product.code,
        "measure": product.measure,
    }
    form = ProductForm(request.POST or None, initial=initial | _names(product))
    return form, lambda: actions.save_product(by=request.user, product=product, **form.cleaned_data)


def _edit_competitor(request: SignedInRequest, pk: int | None) -> tuple[NamesForm, Callable[[], object]]:
    competitor = get_object_or_404(Competitor, pk=pk) if pk is not None else Competitor()
    form = CompetitorForm(request.POST or None, initial=_names(competitor))
    return form, lambda: actions.save_competitor(by=request.user, competitor=competitor, **form.cleaned_data)


def _names(found: Product | Competitor) -> dict[str, object]:
    return {"name": found.name, "aliases": "\n".join(found.aliases), "active": found.active}


def _add_errors(form: NamesForm, problem: ValidationError) -> None:
    """Beside the fields they belong to; a name that is taken is the common one."""
    reasons = problem.message_dict if hasattr(problem, "error_dict") else {"name": problem.messages}
    for field, words in reasons.items():
        form.add_error(field if field in form.fields else None, words)
