"""Dealers, lots, cases, prices."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from shengce.catalogue.models import Price, PriceTier, Product, ProductCost, ProductLine
from shengce.channel import actions
from shengce.customers.models import Customer
from shengce.people.models import Territory
from tests.routes.route import ADMIN, CLERK, LEADERS, OWN, SELLERS, TALKERS, Route
from tests.world import World

MARKETING = {"marketing"}
SEERS = SELLERS | {"executive"} | CLERK | MARKETING
REPORTERS = SELLERS | MARKETING
EDITORS = LEADERS | CLERK
OF_TEAM = OWN | {"executive"} | CLERK | MARKETING  # belongs to rep_a1
PRICERS = MARKETING | {"executive"}
CATALOGUE = TALKERS | ADMIN | MARKETING | CLERK
COSTERS = {"executive"} | CLERK

ROUTES: dict[str, Route] = {
    "channel:dealers": Route(get=SEERS, query="?q=%E6%B6%A6%E7%9F%B3&sort=-score"),
    "channel:contracts": Route(get=SEERS, query="?state=running"),
    "channel:new_contract": Route(get=EDITORS, post=EDITORS),
    "channel:contract": Route(
        get={"manager_a", "executive"} | CLERK, post={"manager_a", "executive"} | CLERK, args=("contract",)
    ),
    "channel:compute": Route(post=EDITORS),
    "channel:stock": Route(get=OF_TEAM, post=OF_TEAM, args=("dealer",)),
    "channel:trainings": Route(get=SEERS, query="?q=%E5%AE%89%E8%A3%85&sort=-people"),
    "channel:new_training": Route(
        get=EDITORS | REPORTERS, post=EDITORS | REPORTERS, query="?dealer={dealer}"
    ),
    "channel:training": Route(get=OF_TEAM, post=OF_TEAM, args=("training",)),
    "channel:withdraw_training": Route(post=OWN | {"executive"} | CLERK, args=("spare_training",)),
    "channel:cases": Route(get=SEERS, query="?state=running&suspect={dealer}"),
    "channel:new_case": Route(get=EDITORS, post=EDITORS),
    "channel:case": Route(get=OF_TEAM, args=("case",)),
    "channel:step": Route(post={"manager_a", "executive"} | CLERK, args=("case", "note")),
    "channel:add_sighting": Route(post={"manager_a", "executive"} | CLERK, args=("case",)),
    "channel:scan": Route(get=REPORTERS, post=REPORTERS, query="?lot=A1203"),
    "channel:sightings": Route(get=SEERS, query="?finding=waiting"),
    "channel:new_sighting": Route(get=REPORTERS, post=REPORTERS),
    "channel:sighting": Route(get=OF_TEAM, args=("sighting",)),
    "channel:withdraw_sighting": Route(post=OWN, args=("sighting",)),
    "channel:shipments": Route(get=SEERS, query="?q=A1203"),
    "channel:new_shipment": Route(get=EDITORS, post=EDITORS),
    "channel:withdraw_shipment": Route(post={"manager_a", "executive"} | CLERK, args=("shipment",)),
    "channel:price_cases": Route(get=SEERS, query="?state=open"),
    "channel:settle": Route(post={"manager_a", "executive"}, args=("price_case",)),
    "web:dealer": Route(get=OF_TEAM, args=("dealer",)),
    "web:diversion_statistics": Route(get=SEERS, query="?days=365"),
    "catalogue:prices": Route(get=CATALOGUE),
    "catalogue:product": Route(get=CATALOGUE, post=PRICERS, args=("product",)),
    "catalogue:cost": Route(post=COSTERS, args=("product",)),
    "catalogue:remove_cost": Route(post=COSTERS, args=("cost",)),
    "catalogue:tiers": Route(get=PRICERS, post=PRICERS),
    "catalogue:tier": Route(get=PRICERS, post=PRICERS, args=("tier",)),
    "catalogue:authority": Route(get=CATALOGUE, post=PRICERS),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his dealer."""
    territory = Territory.objects.create(name="渠道片区", path="/9001/")
    dealer = Customer.objects.create(
        name="润石商贸", kind=Customer.Kind.DEALER, owner=world.rep_a1, unit=world.team_a, territory=territory
    )
    product = Product.objects.create(name="清泉900", list_price=Decimal(900))
    tier = PriceTier.objects.create(name="渠道终端价")
    Price.objects.create(product=product, tier=tier, amount=Decimal(900), start_on=dt.date(2020, 1, 1))
    today = timezone.localdate()
    cost = ProductCost.objects.create(product=product, amount=Decimal(417), start_on=today)
    contract = actions.save_contract(
        by=world.manager_a, dealer=dealer, number="HT-1", territory=territory, start_on=today,
        end_on=today + dt.timedelta(days=365),
    )  # fmt: skip
    shipments = [
        actions.record_shipment(
            by=world.manager_a,
            lot=lot,
            product=product,
            customer=dealer,
            shipped_on=today,
            quantity=Decimal(1),
        )
        for lot in ("A1203", "A1204")
    ]
    sightings = [
        actions.note_sighting(by=world.rep_a1, source="scan", lot="A1203", place="徐州", price=Decimal(500))
        for _number in range(2)
    ]
    case = actions.open_case(by=world.manager_a, sighting=sightings[0], text="疑似窜货")
    trainings = [
        actions.save_training(
            by=world.rep_a1, dealer=dealer, held_on=today, subject=subject, people=3, trainer="林晓"
        )
        for subject in ("润石安装培训", "润石话术培训")
    ]
    counted = actions.Counted(product, Decimal(3), Decimal(1))
    actions.report_stock(by=world.rep_a1, dealer=dealer, reported_on=today, lines=[counted])
    return {
        "product_line": ProductLine.objects.create(name="渠道品种").pk,
        "dealer": dealer.pk, "contract": contract.pk, "shipment": shipments[1].pk, "sighting": sightings[1].pk,
        "training": trainings[0].pk, "spare_training": trainings[1].pk, "case": case.pk, "price_case": sightings[0].price_case.pk, "tier": tier.pk, "note": "note",
        "cost": cost.pk,
    }  # fmt: skip
