"""Sightings against the register of shipments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from shengce.catalogue.models import Product
from shengce.channel.models import Shipment, Sighting
from shengce.people.models import Territory
from shengce.planning.diversion import Matching, Seen, Shipped, lot_key, match

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
    if key := lot_key(seen.lot):
        return rows.filter(lot_key=key).order_by("-shipped_on", "-pk")[:MOST_OF_A_LOT]
    if seen.product is None or seen.territory is None:
        return ()
    since = seen.seen_on - dt.timedelta(days=GUESSED_DAYS)
    recent = rows.filter(product=seen.product, shipped_on__gte=since)
    return recent.order_by("-shipped_on", "-pk")[:MOST_GUESSED_FROM]


def _shipped(rows: Iterable[Shipment]) -> list[Shipped]:
    return [
        Shipped(
            key=row.pk,
            lot=row.lot,
            product=row.product_id,
            customer=row.customer_id,
            territory=row.territory.path if row.territory else None,
            shipped_on=row.shipped_on,
            quantity=row.quantity,
        )
        for row in rows
    ]


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
    return shipment.product if shipment is not None and lot_key(sighting.lot) == shipment.lot_key else None
