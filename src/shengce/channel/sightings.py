"""Every change of what was seen or heard in the market; each sighting is matched and its price checked at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.channel.evidence import passage_of
from shengce.channel.matching import write_finding
from shengce.channel.models import PriceCase, Sighting
from shengce.channel.price_cases import check_price, open_price_case, withdraw_price_case
from shengce.channel.typed import past_moment, typed_lot, typed_price
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, Territory, User, record
from shengce.people.permissions import require
from shengce.people.queries import territory_of_place
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.planning.serials import lot_key


@transaction.atomic
def note_sighting(
    *,
    by: User,
    source: str,
    product: Product | None = None,
    lot: str = "",
    place: str = "",
    price: Decimal | None = None,
    seller: str = "",
    note: str = "",
    customer: Customer | None = None,
    rep: User | None = None,
    fact: Fact | None = None,
    seen_at: dt.datetime | None = None,
) -> Sighting:
    """Goods or a price seen or heard; one sighting for one fact. ``customer`` is who told us, ``rep`` whom he told.

    It is matched against the shipments at once: a lot that was never shipped is kept and says so. The territory is what
    ``place`` means; where no place was named, that of ``customer``. A price below the list opens a price case.
    """
    holder = _holder(by, rep)
    known: Sighting | None = Sighting.objects.filter(fact=fact).first() if fact else None
    if known is not None:
        return known
    if source not in Sighting.Source.values:
        raise ValidationError(_("There is no such source."), code="source")
    lot = typed_lot(lot, required=False)
    sighting = Sighting(
        source=source,
        product=product,
        lot=lot,
        lot_key=lot_key(lot),
        place=typed_text(place, most=100, required=False),
        price=typed_price(price),
        seller=typed_text(seller, most=200, required=False),
        note=typed_text(note, most=500, required=False),
        customer=customer,
        rep=holder,
        unit=holder.unit if holder else by.unit,
        fact=fact,
        evidence=passage_of(fact) if fact else {},
        seen_at=past_moment(seen_at or timezone.now(), field="seen_at"),
    )
    said = (lot, product, sighting.place, sighting.price, sighting.seller, sighting.note, fact)
    if not any(said):
        raise ValidationError(_("Say what was seen: a lot, a product, a place or a price."), code="empty")
    sighting.territory = _territory(sighting)
    write_finding(sighting)
    sighting.save()
    record("sighting.noted", sighting, by=by, fact=fact.pk if fact else None, finding=sighting.finding)
    if (checked := check_price(sighting)) is not None:
        open_price_case(checked, by=by)
    return sighting


@transaction.atomic
def withdraw_sighting(sighting: Sighting, *, by: User) -> None:
    """Remove a sighting that was noted by mistake, with its open price case. One that belongs to a case stays."""
    _holder(by, sighting.rep)
    if not Sighting.objects.visible_to(by).filter(pk=sighting.pk).exists():
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    if sighting.case is not None:
        words = _("This sighting is evidence in case %(number)s.") % {"number": sighting.case.number}
        raise ValidationError(words, code="in_case")
    for case in PriceCase.objects.filter(sighting=sighting):
        if case.state != PriceCase.State.OPEN:
            raise ValidationError(_("The price case of this sighting is settled already."), code="settled")
        withdraw_price_case(case, by=by)
    record("sighting.withdrawn", sighting, by=by, lot=sighting.lot, place=sighting.place, note=sighting.note)
    sighting.delete()


def _holder(by: User, rep: User | None) -> User | None:
    """Whose sighting it is: the rep's that was told, else the one's who notes it where he sells."""
    require(by, "channel.report")
    if rep is None:
        return by if by.role in (Role.REP, Role.MANAGER) else None
    if not may_act_for(by, rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return rep


def _territory(sighting: Sighting) -> Territory | None:
    if sighting.place:
        return territory_of_place(sighting.place)
    return sighting.customer.territory if sighting.customer else None
