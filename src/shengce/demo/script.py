"""What the chapters of the demonstration company's year share: the script ``data/year.yaml``, the people, the day, chance."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml
from django.utils import timezone

from shengce.catalogue.models import PriceTier, Product
from shengce.customers.models import Customer
from shengce.demo.company import DATA
from shengce.people.models import Territory, User

Say = Callable[[str], None]
Row = dict[str, Any]


@dataclass(slots=True)
class Year:
    """What the chapters share. ``customers`` by name (``key`` where two have one name); ``habits`` are their rows of the script."""

    script: Row
    people: dict[str, User]
    today: dt.date
    chance: random.Random
    products: dict[str, Product] = field(default_factory=dict)
    territories: dict[str, Territory] = field(default_factory=dict)
    tiers: dict[str, PriceTier] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    habits: dict[str, Row] = field(default_factory=dict)
    bought: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # by dealer and product: when how much arrived

    @property
    def credit(self) -> User:
        """Who keeps invoices, receipts and contracts."""
        return self.people["credit"]

    def day(self, offset: int) -> dt.date:
        return self.today + dt.timedelta(days=offset)

    def moment(self, day: dt.date, hour: int = 10, minute: int = 0) -> dt.datetime:
        """A time of day; never ahead of now."""
        at = timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))
        return min(at, timezone.now())


@lru_cache(maxsize=1)
def read_year() -> Row:
    """The script; it is ours, so it is trusted."""
    script: Row = yaml.safe_load((DATA / "year.yaml").read_text(encoding="utf-8"))
    return script
