"""Every change of products and competitors."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.catalogue.models import Competitor, Product, ProductLine
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import refuse_unstorable


def save_product(
    *,
    by: User,
    name: str,
    aliases: Sequence[str] = (),
    line: str = "",
    list_price: Decimal | None = None,
    active: bool = True,
    product: Product | None = None,
    code: str | None = None,
    measure: str | None = None,
) -> Product:
    """Change ``product``; without it, add one or change the one of this name.

    Its names become words that talks are searched for, as long as it is active. ``code`` and ``measure`` (台, 箱 …) stay as
    they are where they are not given; a code belongs to one product.
    """
    require(by, "catalogue.edit")
    refuse_unstorable(name, line, code or "", measure or "", *aliases)
    with transaction.atomic():
        row = product or Product.objects.filter(name=name).first() or Product()
        row.name, row.aliases, row.list_price, row.active = name, list(aliases), list_price, active
        row.line = ProductLine.objects.get_or_create(name=line)[0] if line else None
        if row.line and not row.line.active and active:
            closed = _("The product line “%(name)s” is closed: open it first.")
            raise ValidationError({"line": closed % {"name": row.line}}, code="closed")
        row.code = row.code if code is None else code.strip()
        row.measure = row.measure if measure is None else measure.strip()
        if row.code and Product.objects.filter(code=row.code).exclude(pk=row.pk).exists():
            raise ValidationError({"code": _("Another product has this code.")})
        row.full_clean()
        row.save()
        record("catalogue.product_saved", row, by=by, name=name, active=active)
    return row


def save_competitor(
    *,
    by: User,
    name: str,
    aliases: Sequence[str] = (),
    active: bool = True,
    competitor: Competitor | None = None,
) -> Competitor:
    """Change ``competitor``; without it, add one or change the one of this name."""
    require(by, "catalogue.edit")
    refuse_unstorable(name, *aliases)
    with transaction.atomic():
        row = competitor or Competitor.objects.filter(name=name).first() or Competitor()
        row.name, row.aliases, row.active = name, list(aliases), active
        row.full_clean()
        row.save()
        record("catalogue.competitor_saved", row, by=by, name=name, active=active)
    return row
