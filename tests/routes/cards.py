"""Monthly cards."""

from __future__ import annotations

from typing import Any

from tests.routes.customers import KEEPERS, OF_A, SEERS
from tests.routes.route import CLERK, OWN, Route
from tests.world import World

ROUTES: dict[str, Route] = {
    "cards:monthly": Route(get=SEERS, query="?q=云海&owner={rep}"),
    "cards:monthly_csv": Route(get=SEERS, query="?q=云海"),
    "cards:monthly_xlsx": Route(get=SEERS, query="?q=云海"),
    "cards:draft": Route(post=OWN | CLERK, args=("customer",)),
    "cards:draft_all": Route(post=KEEPERS),
    "web:customer_card_file": Route(get=OF_A, args=("customer", "card_name")),
    "web:customer_cards_file": Route(get=OF_A, args=("customer",)),
}


def things(world: World) -> dict[str, Any]:
    """Nothing that the other tables have not made."""
    return {}
