"""Tickets."""

from __future__ import annotations

from typing import Any

from tests.routes.route import Route
from tests.world import World

ROUTES: dict[str, Route] = {}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    return {}
