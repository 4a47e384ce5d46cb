"""Plan against actual: everybody who sees targets; the records need orders, the talk behind a gap needs customers."""

from __future__ import annotations

from typing import Any

from tests.routes.route import OWN, SELLERS, Route
from tests.world import World

SEE = SELLERS | {"executive", "marketing"}
OPEN = SELLERS | {"executive"}

ROUTES: dict[str, Route] = {
    "attainment:comparison": Route(get=SEE),
    "attainment:csv": Route(get=SEE),
    "attainment:xlsx": Route(get=SEE),
    "attainment:records": Route(get=OPEN),
    "attainment:target": Route(get=SEE),
    "attainment:judged": Route(get=SEE),
    "attainment:talks": Route(get=OWN | {"executive"}, query="?customer={customer}&metric=sales"),
    "attainment:plan": Route(post=OWN, form={"customer": "{customer}", "title": "暗号九七"}),
}


def things(world: World) -> dict[str, Any]:
    """Nothing but what every table has."""
    return {}
