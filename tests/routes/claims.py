"""Typed statements beside what was said."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from shengce.claims.actions import check_recent
from shengce.claims.models import ClaimCheck
from shengce.customers.models import CardField
from tests.routes.route import SELLERS, Route
from tests.world import World

ROUTES: dict[str, Route] = {
    "claims:checks": Route(get=SELLERS | {"executive"}, query="?verdict="),
    "claims:totals": Route(get=SELLERS | {"executive"}, query="?kind=budget"),
    "claims:csv": Route(get=SELLERS | {"executive"}, query="?verdict="),
    "claims:xlsx": Route(get=SELLERS | {"executive"}, query="?verdict="),
    "claims:answer": Route(post={"manager_a", "executive"}, args=("claim",)),
}


def things(world: World) -> dict[str, Any]:
    """A budget that rep_a1 typed on the card of his customer."""
    customer, rep = world.customer_a, world.rep_a1
    CardField.objects.create(
        customer=customer, field="budget", value="预算暗号七三", source="typed", set_by=rep
    )
    check_recent(now=timezone.now())
    return {"claim": ClaimCheck.objects.get(typed_by=rep, kind="budget").pk}
