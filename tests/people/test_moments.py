"""Moments that are told: never ahead, never without a zone; actions take them and the audit row keeps them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.customers import actions as customers
from shengce.customers import deals, pool
from shengce.customers.queries import story_of
from shengce.people.models import AuditEntry
from shengce.people.moments import moment_on, past_day, past_moment
from shengce.sales import actions as sales
from tests.sales import books
from tests.world import World

HOUR = dt.timedelta(hours=1)


def ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


@pytest.mark.parametrize(
    "at",
    [
        timezone.now() + dt.timedelta(days=3650),
        dt.datetime(2026, 1, 1),
        dt.datetime(1999, 12, 31, tzinfo=dt.UTC),
    ],
)
def test_moments_that_cannot_be_are_refused(at: dt.datetime) -> None:
    with pytest.raises(ValidationError):
        past_moment(at)


def test_days_that_cannot_be_are_refused(db: None) -> None:
    today = timezone.localdate()
    assert past_day(None) == past_day(today) == today
    assert moment_on(None) is None
    assert moment_on(today) <= timezone.now()
    for day in (today + dt.timedelta(days=1), dt.date(1999, 12, 31)):
        with pytest.raises(ValidationError):
            past_day(day)


def acts(world: World, at: dt.datetime) -> dict[str, Any]:
    """Every act that takes a moment, with one who may do it."""
    a, by, clerk = world.customer_a, world.rep_a1, world.customer_department
    deal = deals.create_deal(by=by, customer=a, name="老商机", at=ago(300))
    bill = books.invoice(world, 100, due=60)
    asked = sales.ask_write_off(bill, by=clerk, amount=Decimal(10), reason="减免", at=ago(300))
    day = timezone.localdate(at)
    return {
        "create": lambda: customers.create_customer(by=by, name="新", kind="prospect", at=at).created_at,
        "card": lambda: customers.set_card_field(a, "note", "记", by=by, at=at).set_at,
        "deal": lambda: deals.create_deal(by=by, customer=a, name="商机", at=at).made_at,
        "won": lambda: deals.move_deal(deal, by=by, stage="won", at=at).closed_at,
        "promise": lambda: sales.note_payment_promise(
            customer=a, rep=by, by=by, amount=Decimal(5), made_at=at
        ).made_at,
        "credit": lambda: sales.set_credit(a, by=clerk, limit=Decimal(5), days=5, on=day).set_at,
        "write_off": lambda: sales.decide_write_off(asked, by=world.executive, approve=True, at=at).decided_at,
        "dunning": lambda: sales.send_dunning(bill, by=clerk, on=day).at,
        "hand_over": lambda: customers.hand_over(a, by=world.manager_a, to=world.rep_a2, at=at).owned_since,
        "release": lambda: pool.release_customer(a, by=world.manager_a, reason="不做了", at=at).pooled_at,
    }  # fmt: skip


def test_acts_carry_the_moment_that_was_told(world: World) -> None:
    at = ago(20)
    for name, act in acts(world, at).items():
        assert timezone.localdate(act()) == timezone.localdate(at), name
    entry = AuditEntry.objects.get(action="customer.released")
    assert entry.at > timezone.now() - HOUR and entry.happened_at == at
    assert [e.happened_at for e in story_of(world.customer_a)] == sorted(
        (e.happened_at for e in story_of(world.customer_a)), reverse=True
    )


@pytest.mark.parametrize("name", ["create", "card", "deal", "won", "promise", "credit", "write_off", "dunning", "hand_over", "release"])  # fmt: skip
def test_no_act_takes_a_moment_to_come(world: World, name: str) -> None:
    act = acts(world, timezone.now() + dt.timedelta(days=2))[name]
    with pytest.raises(ValidationError):
        act()


def test_an_earlier_moment_gives_no_right(world: World) -> None:
    with pytest.raises(PermissionDenied):
        customers.hand_over(world.customer_a, by=world.rep_b1, to=world.rep_b1, at=ago(5))
    with pytest.raises(PermissionDenied):
        customers.set_card_field(world.customer_a, "note", "x", by=world.rep_b1, at=ago(5))


def test_what_follows_is_not_earlier(world: World) -> None:
    deal = deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="商机", at=ago(3))
    with pytest.raises(ValidationError):
        deals.lose_deal(deal, by=world.rep_a1, reason="贵", at=ago(4))
    bill = books.invoice(world, 100, due=60)
    asked = sales.ask_write_off(bill, by=world.customer_department, amount=Decimal(10), reason="减免")
    with pytest.raises(ValidationError):
        sales.decide_write_off(asked, by=world.executive, approve=True, at=ago(1))
    with pytest.raises(ValidationError):
        sales.send_dunning(bill, by=world.customer_department, on=bill.due_on)  # it was not late yet
