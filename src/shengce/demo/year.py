"""Twelve months of the demonstration company, told by the actions that the pages call; ``data/year.yaml`` is the script.

What was sold, paid and complained of before the talks comes first (:func:`tell_year`); what follows from the talks comes
after them (:func:`end_year`). Days count from today, and chance has a seed, so that a build can be repeated.
"""

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
from django.db import transaction
from django.utils import timezone

from shengce.catalogue.models import PriceTier, Product
from shengce.customers.models import Customer
from shengce.demo.company import DATA, Company
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


def tell_year(company: Company, *, say: Say) -> Year:
    """What stood in the books before the visitor came. All or nothing."""
    from shengce.demo import dealers, ground, tickets, trade

    script = read_year()
    year = Year(script, company.people, timezone.localdate(), random.Random(script["seed"]))
    with transaction.atomic():
        ground.lay_out(year, administrator=company.administrator)
        say(
            f"{len(year.customers)} customers in {len(year.territories)} territories, price lists and pool rules."
        )
        dealers.sign_contracts(year)
        orders = trade.trade(year)
        say(f"{orders} orders of twelve months, delivered, invoiced and paid as customers do.")
        trade.keep_credit(year)
        dealers.count_stock(year)
        say(f"{tickets.work_on_tickets(year)} service tickets.")
    return year


def end_year(year: Year, *, say: Say) -> None:
    """What follows from the talks: promises, deals, cards, cases, scores of dealers and of customers. All or nothing."""
    from shengce.demo import dealers, ground, outlook, promises

    with transaction.atomic():
        promises.tell_promises(year)
        dealers.see_goods(year)
        dealers.score_dealers(year)
        outlook.look_ahead(year)
        ground.let_go(year)
        outlook.take_stock(year)
    say("Promises judged, cases opened, deals and cards filled, customers and dealers scored.")
