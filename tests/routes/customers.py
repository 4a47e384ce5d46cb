"""Customers: cards, duplicates, deals, pool."""

from __future__ import annotations

from typing import Any

from tests.routes.route import CLERK, OWN, SELLERS, Route
from tests.world import World

ROUTES: dict[str, Route] = {
    "customers:list": Route(get=SELLERS | {"executive"} | CLERK, query="?q=云海&owner={rep}"),
    "customers:new": Route(get=SELLERS | CLERK, post=SELLERS | CLERK),
    "customers:edit": Route(get=OWN | CLERK, post=OWN | CLERK, args=("customer",)),
    "customers:change": Route(post=OWN | CLERK, args=("customer", "card_form")),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    return {}
