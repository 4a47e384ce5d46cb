"""Loyalty and loss."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shengce.facts.models import Fact
from shengce.sales.models import CustomerStanding
from tests.routes.route import ADMIN, CLERK, OWN, SELLERS, Route
from tests.world import World

READERS = SELLERS | {"executive"} | CLERK

ROUTES: dict[str, Route] = {
    "web:loyalty": Route(get=READERS, query="?owner={rep}&q=云海"),
    "web:loyalty_table": Route(get=READERS, query="?format=csv"),
    "web:win_back": Route(get=READERS),
    "web:win_back_table": Route(get=READERS),
    "web:compute_standings": Route(post={"executive"} | CLERK | ADMIN),
    "web:ask_back": Route(post=OWN | {"executive"} | CLERK, args=("customer",)),
}


def things(world: World) -> dict[str, Any]:
    """customer_a stays away, and said why in the talk of the house."""
    fact = Fact.objects.filter(kind="objection").latest("pk")
    reason = {
        "kind": fact.kind, "value": fact.value, "text": "价格", "fact": fact.pk, "conversation": fact.conversation_id,
        "start_ms": fact.start_ms, "end_ms": fact.end_ms, "quote": fact.quote, "on": "2025-03-01",
    }  # fmt: skip
    CustomerStanding.objects.create(
        customer=world.customer_a, computed_on=dt.date(2026, 1, 1), first_on=dt.date(2025, 1, 1),
        last_on=dt.date(2025, 3, 1), orders=3, amount=970, interval_days=20, recency_score=1, frequency_score=1,
        amount_score=1, value_class="A", activity="lost", usual_amount=970, at_stake=970, reasons=[reason],
    )  # fmt: skip
    return {}
