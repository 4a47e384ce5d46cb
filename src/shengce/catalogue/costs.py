"""What goods cost the firm: every change of it, and what a unit cost on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product, ProductCost
from shengce.people.models import User, record
from shengce.people.permissions import require

MOST_YUAN = Decimal(10**10)
EARLIEST = dt.date(1990, 1, 1)
LATEST = dt.date(2100, 1, 1)


@transaction.atomic
def save_cost(*, by: User, product: Product, amount: Decimal, start_on: dt.date) -> ProductCost:
    """One unit costs ``amount`` yuan from ``start_on`` until the next cost begins; of the same day it is corrected.

    The amount is not in the audit row: who reads that need not be one who sees costs.
    """
    require(by, "costs.edit")
    if not amount.is_finite() or not 0 <= amount < MOST_YUAN:
        raise ValidationError(
            {"amount": _("A cost lies between 0 and ten thousand million yuan.")}, code="amount"
        )
    if not EARLIEST <= start_on < LATEST:
        raise ValidationError({"start_on": _("This day cannot be right.")}, code="day")
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    row = ProductCost.objects.filter(product=product, start_on=start_on).first()
    corrected = row is not None
    row = row or ProductCost(product=product, start_on=start_on)
    row.amount = amount
    row.full_clean()
    row.save()
    record(
        "catalogue.cost_saved", row, by=by, product=product.pk, start_on=start_on.isoformat(), corrected=corrected
    )  # fmt: skip
    return row


@transaction.atomic
def remove_cost(cost: ProductCost, *, by: User) -> None:
    """It was never so: the cost before holds again, or none is known."""
    require(by, "costs.edit")
    record("catalogue.cost_removed", cost, by=by, product=cost.product_id, start_on=cost.start_on.isoformat())
    cost.delete()


def cost_on(product: str, day: str) -> Subquery:
    """The cost of a row's product on the row's day, both given by lookups; nothing where none is known."""
    held = ProductCost.objects.filter(product=OuterRef(product), start_on__lte=OuterRef(day))
    return Subquery(held.order_by("-start_on").values("amount")[:1])


@dataclass(frozen=True, slots=True)
class CostHistory:
    """The costs of a product, newest first, and the one that holds today."""

    costs: tuple[ProductCost, ...]
    today: ProductCost | None


def costs_of(product: Product, day: dt.date) -> CostHistory:
    """One query."""
    costs = tuple(product.costs.order_by("-start_on"))
    return CostHistory(costs, next((cost for cost in costs if cost.start_on <= day), None))


def with_cost(products: QuerySet[Any], day: dt.date, *, missing: bool = False) -> QuerySet[Any]:
    """Each with ``unit_cost``: what it costs on a day, or nothing; ``missing``: only those without."""
    held = ProductCost.objects.filter(product=OuterRef("pk"), start_on__lte=day).order_by("-start_on")
    found: QuerySet[Any] = products.annotate(unit_cost=Subquery(held.values("amount")[:1]))
    return found.filter(unit_cost__isnull=True) if missing else found
