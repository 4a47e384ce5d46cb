"""What lies ahead of the demonstration company: deals, tasks, cards; and how every customer buys, worked out at the end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from shengce.cards.actions import draft_monthly_cards
from shengce.cards.activity import refresh_activity
from shengce.cards.figures import month_after, month_before
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

MONTHS_DRAFTED = 3


def look_ahead(year: Year) -> None:
    """Deals in all stages, tasks of those who held no talk, cards."""
    for number, row in enumerate(year.script["deals"]):
        _deal(year, row, number)
    for person, title, name, offset in year.script["tasks"]:
        rep = year.people[person]
        due = year.moment(year.day(0), 17) + dt.timedelta(days=offset)
        create_task(title=title, owner=rep, by=rep, customer=year.customers[name], due_at=due)
    told = year.script["cards"]
    for number, (name, row) in enumerate(year.habits.items()):
        values = told.get(name, {})
        if "buys" in row:
            values = year.script["generic_card"] | {"payment_days": str(row["days"])} | values
        _fill_card(year, year.customers[name], values, year.day(-(4 + number * 17 % 230)))


def draft_months(year: Year) -> None:
    """The monthly cards of the last months, as the sweep of each first of a month left them."""
    month = year.today.replace(day=1)
    months: list[dt.date] = []
    for _number in range(MONTHS_DRAFTED):
        month = month_before(month)
        months.insert(0, month)
    for first in months:
        draft_monthly_cards(month=first, at=year.moment(month_after(first), 1))


def take_stock(year: Year) -> None:
    """Suspected duplicates, and how every customer buys."""
    refresh_activity(now=timezone.now())
    draft_months(year)
    find_duplicates(by=year.credit)
    compute_standings(today=year.today, by=year.credit)


def _owner(customer: Customer) -> User:
    assert customer.owner is not None
    return customer.owner


def _deal(year: Year, row: Row, number: int) -> None:
    """Made in the talk behind it, else some weeks ago."""
    customer = year.customers[row["customer"]]
    by = _owner(customer)
    evidence, heard_at = _heard(customer, row.get("heard"))
    closed_at = year.moment(year.day(row.get("closed", 0)), 15, 40)
    made_at = heard_at or year.moment(year.day(row.get("closed", 0) - 12 - number * 7 % 45), 11, 20)
    deal = deals.create_deal(
        by=by,
        customer=customer,
        name=row["name"],
        stage=row.get("stage", "proposal"),
        amount=Decimal(row["amount"]),
        expected_on=year.day(row["expected"]) if "expected" in row else None,
        next_step=row.get("next_step", ""),
        next_step_on=year.day(row["next_on"]) if "next_on" in row else None,
        evidence=evidence,
        at=made_at,
    )
    if "lost" in row:
        deals.lose_deal(deal, by=by, reason=row["lost"], at=max(made_at, closed_at))
    elif row.get("won"):
        deals.move_deal(deal, by=by, stage="won", at=max(made_at, closed_at))


def _heard(customer: Customer, kind: str | None) -> tuple[dict[str, Any], dt.datetime | None]:
    """The newest passage of that kind and when it was said, where one was recognised."""
    if kind is None:
        return {}, None
    fact = Fact.objects.filter(conversation__customer=customer, kind=kind).order_by(
        "-conversation__started_at", "pk"
    )
    found = fact.select_related("conversation").first()
    return (passage_of(found), found.conversation.started_at) if found is not None else ({}, None)


def _fill_card(year: Year, customer: Customer, values: Row, day: dt.date) -> None:
    """Typed by the owner on that day; what belongs to a month is that of last month, written on its last day."""
    month = year.today.replace(day=1) - dt.timedelta(days=1)
    fields = known_fields()
    for name, value in values.items():
        card, _field = fields[name]
        monthly = card == "monthly"
        set_card_field(
            customer,
            name,
            value,
            by=_owner(customer),
            month=month if monthly else None,
            at=year.moment(month if monthly else day, 17, 30),
        )
