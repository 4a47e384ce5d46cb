"""Every change of price tiers, prices and what a role may give away."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shengce.catalogue.models import DiscountAuthority, Price, PriceTier, Product
from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text

MOST_YUAN = Decimal("1e10")


@transaction.atomic
def save_tier(
    *, by: User, name: str, holds_for: str = "", position: int = 0, tier: PriceTier | None = None
) -> PriceTier:
    """Change ``tier``; without it, add one or change the one of this name. One tier holds for a kind of customer."""
    require(by, "prices.edit")
    name = typed_text(name, most=40)
    row = tier or PriceTier.objects.filter(name=name).first() or PriceTier()
    row.name, row.holds_for, row.position = name, holds_for, position
    taken = PriceTier.objects.filter(holds_for=holds_for).exclude(pk=row.pk).first() if holds_for else None
    if taken is not None:
        raise ValidationError({"holds_for": _("“%(tier)s” holds for them already.") % {"tier": taken}})
    row.full_clean()
    row.save()
    record("catalogue.tier_saved", row, by=by, name=name, holds_for=holds_for)
    return row


@transaction.atomic
def save_price(
    *,
    by: User,
    product: Product,
    tier: PriceTier,
    amount: Decimal,
    floor: Decimal | None = None,
    start_on: dt.date,
    end_on: dt.date | None = None,
) -> Price:
    """A price in yuan from ``start_on`` until before ``end_on``; a product has one price in a tier on a day.

    The price that held before is closed on ``start_on``; where the new one ends earlier, as in a promotion, it holds again
    afterwards. An open-ended price ends where a later one is known to begin. A price that begins on the same day is
    replaced. Raises ``ValidationError`` where it would run into a later price, or the floor is above the price.
    """
    require(by, "prices.edit")
    _check(amount, floor, start_on, end_on)
    Product.objects.select_for_update().get(pk=product.pk)  # one at a time may change a product's prices
    others = Price.objects.filter(product=product, tier=tier)
    later = others.filter(start_on__gt=start_on).order_by("start_on").first()
    if later is not None and end_on is not None and end_on > later.start_on:
        raise ValidationError(
            {"end_on": _("From %(day)s another price holds already.") % {"day": later.start_on.isoformat()}},
            code="overlap",
        )
    if later is not None and end_on is None:
        end_on = later.start_on
    row = others.filter(start_on=start_on).first()
    if row is None:
        _close_earlier(others, start_on, end_on)
        row = Price(product=product, tier=tier, start_on=start_on)
    old = str(row.amount) if row.pk else None
    row.amount, row.floor, row.end_on = amount, floor, end_on
    row.full_clean()
    row.save()
    record(
        "catalogue.price_saved", row, by=by, product=product.pk, tier=tier.pk, old=old, amount=str(amount),
        floor=str(floor) if floor is not None else None, start_on=start_on.isoformat(),
        end_on=end_on.isoformat() if end_on else None,
    )  # fmt: skip
    return row


def _check(amount: Decimal, floor: Decimal | None, start_on: dt.date, end_on: dt.date | None) -> None:
    if not amount.is_finite() or not 0 < amount < MOST_YUAN:
        raise ValidationError({"amount": _("A price must be more than 0 yuan.")}, code="amount")
    if floor is not None and (not floor.is_finite() or not 0 <= floor <= amount):
        raise ValidationError({"floor": _("The floor must lie between 0 and the price.")}, code="floor")
    if end_on is not None and end_on <= start_on:
        raise ValidationError({"end_on": _("The price ends before it begins.")}, code="order")


def _close_earlier(others: QuerySet[Price], start_on: dt.date, end_on: dt.date | None) -> None:
    """End the price that holds on ``start_on``; after a price with an end it goes on."""
    holds = others.filter(Q(end_on__isnull=True) | Q(end_on__gt=start_on), start_on__lt=start_on).first()
    if holds is None:
        return
    until, holds.end_on = holds.end_on, start_on
    holds.save(update_fields=["end_on"])
    if end_on is not None and (until is None or until > end_on):
        Price.objects.create(
            product_id=holds.product_id,
            tier_id=holds.tier_id,
            amount=holds.amount,
            floor=holds.floor,
            start_on=end_on,
            end_on=until,
        )


@transaction.atomic
def save_authority(*, by: User, role: str, most: Decimal | None) -> DiscountAuthority | None:
    """The largest discount from the list price that a role may give by itself, as a fraction: 0.1 is 九折.

    ``None`` takes the rule away: then only the floor binds this role.
    """
    require(by, "prices.edit")
    if role not in Role.values:
        raise ValidationError({"role": _("There is no such role.")}, code="role")
    if most is None:
        DiscountAuthority.objects.filter(role=role).delete()
        record("catalogue.authority_removed", DiscountAuthority(), by=by, role=role)
        return None
    if not most.is_finite() or not 0 <= most < 1:
        raise ValidationError(
            {"most": _("A discount lies between 0 and less than 100 per cent.")}, code="most"
        )
    row, _made = DiscountAuthority.objects.update_or_create(role=role, defaults={"most": most})
    record("catalogue.authority_saved", row, by=by, role=role, most=str(most))
    return row
