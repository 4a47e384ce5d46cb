"""Sightings against the register of shipments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from shengce.catalogue.models import Product
from shengce.channel.models import Shipment, Sighting
from shengce.people.models import Territory
from shengce.planning.diversion import Matching, Seen, Shipped, match
from shengce.planning.serials import lot_key, readings

MOST_OF_A_LOT = 500
MOST_GUESSED_FROM = 500
GUESSED_DAYS = 365
"""How far back goods are looked for where no lot was read."""


def matching_of(sighting: Sighting) -> Matching:
    """What the sighting means by the shipments that are known today. One query."""
    return look_up(
        lot=sighting.lot,
        product=sighting.product_id,
        territory=sighting.territory,
        seen_on=timezone.localdate(sighting.seen_at),
        place_said=bool(sighting.place),
    )


def look_up(
    *,
    lot: str,
    seen_on: dt.date,
    territory: Territory | None = None,
    product: int | None = None,
    place_said: bool = True,
) -> Matching:
    """The same for goods that nobody noted yet."""
    seen = Seen(
        seen_on=seen_on,
        lot=lot,
        product=product,
        territory=territory.path if territory else None,
        place_said=place_said,
    )
    return match(seen, _shipped(_candidates(seen)))


def _candidates(seen: Seen) -> Iterable[Shipment]:
    rows = Shipment.objects.select_related("territory").filter(shipped_on__lte=seen.seen_on)
    if lot_key(seen.lot):
        return rows.filter(of_code(seen.lot)).order_by("-shipped_on", "-pk")[:MOST_OF_A_LOT]
    if seen.product is None or seen.territory is None:
        return ()
    since = seen.seen_on - dt.timedelta(days=GUESSED_DAYS)
    recent = rows.filter(product=seen.product, shipped_on__gte=since)
    return recent.order_by("-shipped_on", "-pk")[:MOST_GUESSED_FROM]


def of_code(code: str) -> Q:
    """Shipments that what stands on a label may belong to: of this lot, or with a range that holds the number."""
    found = Q(lot_key=lot_key(code) or "-", lot_to="")
    for stem, digits, number in readings(code):
        found |= ~Q(lot_to="") & Q(stem_key=stem, digits=digits, first__lte=number, last__gte=number)
    return found


def _shipped(rows: Iterable[Shipment]) -> list[Shipped]:
    return [shipped(row) for row in rows]


def shipped(row: Shipment) -> Shipped:
    """A row of the register as a plain value."""
    return Shipped(
        key=row.pk,
        lot=row.lot,
        product=row.product_id,
        customer=row.customer_id,
        territory=row.territory.path if row.territory else None,
        shipped_on=row.shipped_on,
        quantity=row.quantity,
        lot_to=row.lot_to,
    )


def write_finding(sighting: Sighting) -> Matching:
    """Put what matching made of it on the sighting, unsaved. Without a lot a shipment is a guess and is not kept."""
    found = matching_of(sighting)
    best = found.best if sighting.lot else None
    sighting.finding = found.finding.value
    sighting.shipment_id = best.shipment.key if best else None
    sighting.confidence = best.confidence if best else 0.0
    return found


def product_of(sighting: Sighting) -> Product | None:
    """The product as it was said, else that of the lot."""
    if sighting.product is not None:
        return sighting.product
    shipment = sighting.shipment
    return shipment.product if shipment is not None and shipped(shipment).looks_like(sighting.lot) else None
