"""A small market: two territories, a dealer in each, a product with a price."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from shengce.catalogue.models import Price, PriceTier, Product
from shengce.channel.models import DealerContract
from shengce.customers.models import Customer
from shengce.people.models import Territory
from tests.world import World


@dataclass(frozen=True, slots=True)
class Market:
    """``home`` is the dealer of team A in 苏州, ``away`` the one of team B in 徐州."""

    province: Territory
    suzhou: Territory
    xuzhou: Territory
    home: Customer
    away: Customer
    product: Product
    tier: PriceTier
    today: dt.date


def make_territory(name: str, parent: Territory | None = None, places: tuple[str, ...] = ()) -> Territory:
    made = Territory.objects.create(name=name, parent=parent, places=list(places))
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def make_market(world: World) -> Market:
    province = make_territory("江苏", places=("江苏省",))
    suzhou = make_territory("苏州区", province, ("苏州", "昆山"))
    xuzhou = make_territory("徐州区", province, ("徐州",))
    dealers = [
        Customer.objects.create(
            name=name, kind=Customer.Kind.DEALER, level=Customer.Level.FIRST, owner=owner, unit=owner.unit,
            territory=territory,
        )
        for name, owner, territory in (("润石商贸", world.rep_a1, suzhou), ("沐川商贸", world.rep_b1, xuzhou))
    ]  # fmt: skip
    product = Product.objects.create(name="清泉500", list_price=Decimal(5600), code="Q500", measure="台")
    tier = PriceTier.objects.create(name="终端价", holds_for="end_customer")
    today = timezone.localdate()
    Price.objects.create(
        product=product, tier=tier, amount=Decimal(5600), floor=Decimal(4800), start_on=dt.date(2020, 1, 1)
    )
    for number, dealer in enumerate(dealers):
        DealerContract.objects.create(
            dealer=dealer, number=f"HT-{number}", territory=dealer.territory,
            start_on=today.replace(month=1, day=1), end_on=dt.date(today.year + 1, 1, 1),
            target=Decimal(365_000), deposit=Decimal(20_000),
        )  # fmt: skip
    return Market(province, suzhou, xuzhou, dealers[0], dealers[1], product, tier, today)
