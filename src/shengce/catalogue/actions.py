"""Every change of products and competitors."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from shengce.catalogue.models import Competitor, Product, ProductLine
from shengce.people.models import User, record
from shengce.people.permissions import require


def save_product(
    *, by: User, name: str, aliases: Sequence[str] = (), line: str = "", list_price: Decimal | None = None
) -> Product:
    """Add a product or change the one of this name. Its names become words that talks are searched for."""
    require(by, "catalogue.edit")
    with transaction.atomic():
        product_line = ProductLine.objects.get_or_create(name=line)[0] if line else None
        product, _made = Product.objects.update_or_create(
            name=name, defaults={"aliases": list(aliases), "line": product_line, "list_price": list_price}
        )
        record("catalogue.product_saved", product, by=by, name=name)
    return product


def save_competitor(*, by: User, name: str, aliases: Sequence[str] = ()) -> Competitor:
    """Add a competitor or change the one of this name."""
    require(by, "catalogue.edit")
    with transaction.atomic():
        competitor, _made = Competitor.objects.update_or_create(
            name=name, defaults={"aliases": list(aliases)}
        )
        record("catalogue.competitor_saved", competitor, by=by, name=name)
    return competitor
