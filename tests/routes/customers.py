"""Customers: cards, duplicates, deals, pool, territories."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shengce.customers.actions import create_customer, set_card_field
from shengce.customers.deals import create_deal
from shengce.customers.merging import merge_customers
from shengce.customers.models import PoolRule
from shengce.people.actions import create_territory
from tests.routes.route import ADMIN, CLERK, MANAGERS, OWN, SELLERS, Route
from tests.world import World

SEERS = SELLERS | {"executive"} | CLERK
OF_A = OWN | {"executive"} | CLERK
KEEPERS = {"executive"} | CLERK | ADMIN
MERGERS = MANAGERS | CLERK
MERGERS_OF_A = {"manager_a"} | CLERK
MAPMAKERS = {"executive", "marketing"} | ADMIN

ROUTES: dict[str, Route] = {
    "customers:list": Route(get=SEERS, query="?q=云海&owner={rep}"),
    "customers:csv": Route(get=SEERS, query="?q=云海"),
    "customers:xlsx": Route(get=SEERS, query="?q=云海"),
    "customers:names": Route(get=SEERS, query="?q=云海"),
    "customers:new": Route(get=SELLERS | CLERK, post=SELLERS | CLERK),
    "customers:lookalikes": Route(get=SELLERS | CLERK, query="?name=云海&phone=13812340001"),
    "customers:edit": Route(get=OWN | CLERK, post=OWN | CLERK, args=("customer",)),
    "customers:change": Route(post=OWN | CLERK, args=("customer", "card_form")),
    "customers:contact": Route(get=OWN | CLERK, post=OWN | CLERK, args=("contact",)),
    "customers:remove_contact": Route(post=OWN | CLERK, args=("spare_contact",)),
    "customers:deals": Route(get=SEERS, query="?view=list&q=云海"),
    "customers:deals_csv": Route(get=SEERS, query="?q=云海"),
    "customers:deals_xlsx": Route(get=SEERS, query="?q=云海"),
    "customers:new_deal": Route(get=SELLERS, post=SELLERS, query="?customer={customer}"),
    "customers:deal": Route(get=OF_A, args=("deal",)),
    "customers:edit_deal": Route(get=OWN, post=OWN, args=("deal",)),
    "customers:move_deal": Route(post=OWN, args=("deal",)),
    "customers:lose_deal": Route(post=OWN, args=("deal",)),
    "customers:withdraw_deal": Route(post=OWN, args=("deal",)),
    "customers:pool": Route(get=SELLERS, query="?q=云海"),
    "customers:take": Route(args=("pooled",), post=set()),
    "customers:pool_moves": Route(get=SELLERS | KEEPERS),
    "customers:rules": Route(get=KEEPERS),
    "customers:new_rule": Route(get=KEEPERS, post=KEEPERS),
    "customers:rule": Route(get=KEEPERS, post=KEEPERS, args=("pool_rule",)),
    "customers:remove_rule": Route(post=KEEPERS, args=("pool_rule",)),
    "customers:release_idle": Route(post=KEEPERS),
    "customers:template": Route(get=KEEPERS, post=KEEPERS, args=("card_name",)),
    "customers:duplicates": Route(get=MERGERS),
    "customers:search_duplicates": Route(post=MERGERS),
    "customers:undo_merge": Route(post=MERGERS_OF_A, args=("merge",)),
    "customers:withdraw_value": Route(post=OWN | CLERK, args=("card_value",)),
    "customers:release": Route(get=OWN | CLERK, post=OWN | CLERK, args=("customer",)),
    "customers:merge": Route(get=MERGERS_OF_A, post=set(), args=("customer",)),
    "customers:apart": Route(post=set(), args=("customer",)),
    "customers:card_field": Route(
        get=OWN | CLERK, post=OWN | CLERK, args=("customer", "card_name", "card_key")
    ),
    "web:customer_card": Route(get=OF_A, args=("customer", "card_name")),
    "web:customer_story": Route(get=OF_A, args=("customer",)),
    "people:territories": Route(get=MAPMAKERS),
    "people:new_territory": Route(get=MAPMAKERS, post=MAPMAKERS),
    "people:territory": Route(get=MAPMAKERS, post=MAPMAKERS, args=("territory",)),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    customer = world.customer_a
    deal = create_deal(by=world.rep_a1, customer=customer, name="暗号九七", amount=Decimal(20_000))
    twin = create_customer(by=world.rep_a1, name="云海大酒店", kind="prospect")
    gone = merge_customers(customer, twin, by=world.manager_a)
    return {
        "contact": world.contact_a.pk,
        "spare_contact": customer.contacts.create(name="刘经理").pk,
        "deal": deal.pk,
        "pooled": customer.pk,  # not in the pool: nobody takes what is owned
        "pool_rule": PoolRule.objects.create(idle_days=3000).pk,
        "merge": gone.pk,
        "card_name": "profile",
        "card_key": "website",
        "card_value": set_card_field(customer, "website", "暗号九七", by=world.rep_a1).pk,
        "territory": create_territory(by=world.marketing, name="苏南", places=["苏州"]).pk,
    }
