from __future__ import annotations

import pytest

from tests.channel.market import Market, make_market
from tests.world import World


@pytest.fixture
def market(world: World) -> Market:
    return make_market(world)
