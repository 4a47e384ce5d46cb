"""What lies ahead of the demonstration company: deals, tasks, cards; and how every customer buys, worked out at the end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from shengce.channel.evidence import passage_of
from shengce.customers import deals
from shengce.customers.actions import set_card_field
from shengce.customers.cards import known_fields
from shengce.customers.lookalikes import find_duplicates
from shengce.customers.models import Customer
from shengce.demo.script import Row, Year
from shengce.facts.models import Fact
from shengce.people.models import User
from shengce.sales.loyalty import compute_standings
from shengce.visits.actions import create_task


def look_ahead(year: Year) -> None:
    """Deals in all stages, tasks of those who held no talk, cards."""
    for row in year.script["deals"]:
        _deal(year, row)
    for person, title, name, offset in year.script["tasks"]:
        rep = year.people[person]
        due = year.moment(year.day(0), 17) + dt.timedelta(days=offset)
        create_task(title=title, owner=rep, by=rep, customer=year.customers[name], due_at=due)
    told = year.script["cards"]
    for name, row in year.habits.items():
        values = told.get(name, {})
        if "buys" in row:
            values = year.script["generic_card"] | {"payment_days": str(row["days"])} | values
        _fill_card(year, year.customers[name], values)


def take_stock(year: Year) -> None:
    """Suspected duplicates, and how every customer buys."""
    find_duplicates(by=year.credit)
    compute_standings(today=year.today, by=year.credit)


def _owner(customer: Customer) -> User:
    assert customer.owner is not None
    return customer.owner


def _deal(year: Year, row: Row) -> None:
    customer = year.customers[row["customer"]]
    by = _owner(customer)
    deal = deals.create_deal(
        by=by,
        customer=customer,
        name=row["name"],
        stage=row.get("stage", "proposal"),
        amount=Decimal(row["amount"]),
        expected_on=year.day(row["expected"]) if "expected" in row else None,
        next_step=row.get("next_step", ""),
        next_step_on=year.day(row["next_on"]) if "next_on" in row else None,
        evidence=_heard(customer, row.get("heard")),
    )
    if "lost" in row:
        deals.lose_deal(deal, by=by, reason=row["lost"])
    elif row.get("won"):
        deals.move_deal(deal, by=by, stage="won")


def _heard(customer: Customer, kind: str | None) -> dict[str, Any]:
    """The newest passage of that kind, where one was recognised."""
    if kind is None:
        return {}
    fact = Fact.objects.filter(conversation__customer=customer, kind=kind).order_by(
        "-conversation__started_at", "pk"
    )
    found = fact.first()
    return passage_of(found) if found is not None else {}


def _fill_card(year: Year, customer: Customer, values: Row) -> None:
    """Typed by the owner; what belongs to a month is that of last month."""
    month = year.today.replace(day=1) - dt.timedelta(days=1)
    fields = known_fields()
    for name, value in values.items():
        card, _field = fields[name]
        set_card_field(customer, name, value, by=_owner(customer), month=month if card == "monthly" else None)
