"""Every change of the register of lots: which went to whom, for which territory."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.channel.matching import write_finding
from shengce.channel.models import DealerContract, DiversionCase, Shipment, Sighting
from shengce.channel.reach import require_customer
from shengce.channel.typed import past_day, typed_lot, typed_quantity
from shengce.customers.models import Customer
from shengce.people.models import Territory, User, record
from shengce.planning.diversion import lot_key


@transaction.atomic
def record_shipment(
    *,
    by: User,
    lot: str,
    product: Product,
    customer: Customer,
    shipped_on: dt.date,
    quantity: Decimal,
    territory: Territory | None = None,
) -> Shipment:
    """A lot that left for a customer. Without ``territory``: that of his contract on the day, else his own.

    Sightings of the lot that wait outside a case are judged anew. Raises ``ValidationError`` where this lot went to this
    customer on this day already.
    """
    require_customer(by, customer)
    lot = typed_lot(lot)
    past_day(shipped_on, field="shipped_on")
    quantity = typed_quantity(quantity)
    if Shipment.objects.filter(lot=lot, customer=customer, shipped_on=shipped_on).exists():
        words = _("Lot %(lot)s is recorded for this customer and day already.") % {"lot": lot}
        raise ValidationError({"lot": words}, code="duplicate")
    row: Shipment = Shipment.objects.create(
        lot=lot,
        lot_key=lot_key(lot),
        product=product,
        customer=customer,
        territory=territory or home_of(customer, shipped_on),
        shipped_on=shipped_on,
        quantity=quantity,
    )
    record("channel.shipment_recorded", row, by=by, lot=lot, customer=customer.pk, quantity=str(quantity))
    _judge_again(row.lot_key)
    return row


@transaction.atomic
def withdraw_shipment(shipment: Shipment, *, by: User) -> None:
    """Remove a shipment that was recorded by mistake. One that a case rests on stays."""
    require_customer(by, shipment.customer)
    if (case := DiversionCase.objects.filter(shipment=shipment).first()) is not None:
        words = _("Case %(number)s rests on this shipment.") % {"number": case.number}
        raise ValidationError(words, code="in_case")
    record(
        "channel.shipment_withdrawn", shipment, by=by, lot=shipment.lot, customer=shipment.customer_id,
        shipped_on=shipment.shipped_on.isoformat(), quantity=str(shipment.quantity),
    )  # fmt: skip
    key = shipment.lot_key
    shipment.delete()
    _judge_again(key)


def home_of(customer: Customer, day: dt.date) -> Territory | None:
    """Where a customer may sell on a day: by his contract, else where he is."""
    contract = (
        DealerContract.objects.filter(dealer=customer, start_on__lte=day, end_on__gt=day)
        .select_related("territory")
        .order_by("-start_on", "-pk")
        .first()
    )
    return contract.territory if contract else customer.territory


def _judge_again(key: str) -> None:
    waiting = Sighting.objects.filter(lot_key=key, case__isnull=True).select_related("territory")
    for sighting in waiting:
        write_finding(sighting)
        sighting.save(update_fields=["finding", "shipment", "confidence"])
