"""Every change of the register of lots: which went to whom, for which territory."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.channel.matching import of_code, shipped, write_finding
from shengce.channel.models import DealerContract, DiversionCase, Shipment, Sighting
from shengce.channel.reach import require_customer
from shengce.channel.typed import past_day, typed_quantity, typed_range
from shengce.customers.models import Customer
from shengce.people.models import Territory, User, record
from shengce.planning.serials import Serials, lot_key, serials

MOST_NEAR = 5_000
"""So many shipments beside a new range are looked at for one that holds a number of it."""


@transaction.atomic
def record_shipment(
    *,
    by: User,
    lot: str,
    product: Product,
    customer: Customer,
    shipped_on: dt.date,
    quantity: Decimal | None = None,
    territory: Territory | None = None,
    lot_to: str = "",
) -> Shipment:
    """A lot that left for a customer. Without ``territory``: that of his contract on the day, else his own.

    With ``lot_to`` (or ``A100~A199`` as ``lot``) it is every serial number from the first to the last; ``quantity`` is then
    their number where it is left out. Sightings that wait outside a case are judged anew. Raises ``ValidationError``
    where this lot went to this customer on this day already, or where one of the numbers was shipped before.
    """
    require_customer(by, customer)
    lot, lot_to, numbers = typed_range(lot, lot_to)
    past_day(shipped_on, field="shipped_on")
    if quantity is None and numbers is None:
        raise ValidationError({"quantity": _("The quantity must be more than 0.")}, code="quantity")
    quantity = typed_quantity(Decimal(numbers.count) if quantity is None and numbers else quantity)  # type: ignore[arg-type]
    if Shipment.objects.filter(lot=lot, customer=customer, shipped_on=shipped_on).exists():
        words = _("Lot %(lot)s is recorded for this customer and day already.") % {"lot": lot}
        raise ValidationError({"lot": words}, code="duplicate")
    _refuse_overlap(lot, numbers)
    row: Shipment = Shipment.objects.create(
        lot=lot,
        lot_key=lot_key(lot),
        product=product,
        customer=customer,
        territory=territory or home_of(customer, shipped_on),
        shipped_on=shipped_on,
        quantity=quantity,
        lot_to=lot_to,
        **_found_by(numbers),
    )
    record(
        "channel.shipment_recorded", row, by=by, lot=row.label, customer=customer.pk, quantity=str(quantity)
    )
    _judge_again(row)
    return row


def _found_by(numbers: Serials | None) -> dict[str, Any]:
    if numbers is None:
        return {}
    return {
        "stem_key": numbers.stem_key, "digits": numbers.digits, "first": numbers.first, "last": numbers.last,
    }  # fmt: skip


def _refuse_overlap(lot: str, numbers: Serials | None) -> None:
    """A serial number is one piece and leaves once. A lot that is no range may leave in many parts."""
    if numbers is None:
        near = Shipment.objects.filter(of_code(lot)).exclude(lot_to="")
        taken = [row for row in near.select_related("customer") if shipped(row).is_of(lot)]
    else:
        first, last = numbers.keys
        ranges = Q(
            stem_key=numbers.stem_key, digits=numbers.digits, first__lte=numbers.last, last__gte=numbers.first
        )
        near = Shipment.objects.filter(
            (~Q(lot_to="") & ranges) | Q(lot_to="", lot_key__gte=first, lot_key__lte=last)
        )
        taken = [row for row in near.select_related("customer")[:MOST_NEAR] if _meet(row, numbers)]
    if taken:
        row = taken[0]
        words = _("%(numbers)s went to %(customer)s on %(day)s already: a serial number is shipped once.")
        told = {"numbers": row.label, "customer": row.customer.name, "day": row.shipped_on.isoformat()}
        raise ValidationError({"lot": words % told}, code="overlap")


def _meet(row: Shipment, numbers: Serials) -> bool:
    if not row.lot_to:
        return numbers.holds(row.lot)
    other = serials(row.lot, row.lot_to)
    return other is not None and other.overlaps(numbers)


@transaction.atomic
def withdraw_shipment(shipment: Shipment, *, by: User) -> None:
    """Remove a shipment that was recorded by mistake. One that a case rests on stays."""
    require_customer(by, shipment.customer)
    if (case := DiversionCase.objects.filter(shipment=shipment).first()) is not None:
        words = _("Case %(number)s rests on this shipment.") % {"number": case.number}
        raise ValidationError(words, code="in_case")
    record(
        "channel.shipment_withdrawn", shipment, by=by, lot=shipment.label, customer=shipment.customer_id,
        shipped_on=shipment.shipped_on.isoformat(), quantity=str(shipment.quantity),
    )  # fmt: skip
    again = Shipment(lot=shipment.lot, lot_key=shipment.lot_key, lot_to=shipment.lot_to)
    shipment.delete()
    _judge_again(again)


def home_of(customer: Customer, day: dt.date) -> Territory | None:
    """Where a customer may sell on a day: by his contract, else where he is."""
    contract = (
        DealerContract.objects.filter(dealer=customer, start_on__lte=day, end_on__gt=day)
        .select_related("territory")
        .order_by("-start_on", "-pk")
        .first()
    )
    return contract.territory if contract else customer.territory


def _judge_again(shipment: Shipment) -> None:
    """Sightings that wait outside a case and may be of this shipment."""
    numbers = serials(shipment.lot, shipment.lot_to) if shipment.lot_to else None
    first, last = numbers.keys if numbers else (shipment.lot_key, shipment.lot_key)
    waiting = Sighting.objects.filter(lot_key__gte=first, lot_key__lte=last, case__isnull=True)
    for sighting in waiting.select_related("territory"):
        if numbers is None or numbers.holds_alike(sighting.lot):
            write_finding(sighting)
            sighting.save(update_fields=["finding", "shipment", "confidence"])
