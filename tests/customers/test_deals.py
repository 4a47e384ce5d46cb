"""Deals: made, moved, lost with a reason, shown by stage with their sums."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.customers import deals
from shengce.customers.models import Deal
from tests.talks import make_full_talk
from tests.world import World


@pytest.fixture
def deal(world: World) -> Deal:
    return deals.create_deal(
        by=world.rep_a1, customer=world.customer_a, name="三十台净水机", amount=Decimal(168000),
        next_step="报方案", next_step_on=dt.date(2026, 3, 1),
    )  # fmt: skip


def test_a_deal_goes_its_way(world: World, deal: Deal) -> None:
    assert (deal.owner, deal.unit, deal.stage) == (world.rep_a1, world.team_a, "lead")
    moved = deals.move_deal(deal, by=world.rep_a1, stage="negotiation")
    assert (moved.stage, moved.closed_at) == ("negotiation", None)
    won = deals.move_deal(deal, by=world.manager_a, stage="won")
    assert won.closed_at is not None
    again = deals.move_deal(deal, by=world.rep_a1, stage="need")
    assert again.closed_at is None
    lost = deals.lose_deal(deal, by=world.rep_a1, reason="价格")
    assert (lost.stage, lost.lost_reason) == ("lost", "价格")
    actions = [entry.action for entry in deals.history_of(deal)]
    assert actions == ["deal.lost", "deal.moved", "deal.moved", "deal.moved", "deal.created"]


def test_lost_needs_a_reason(world: World, deal: Deal) -> None:
    for call in (
        lambda: deals.move_deal(deal, by=world.rep_a1, stage="lost"),
        lambda: deals.lose_deal(deal, by=world.rep_a1, reason="  "),
        lambda: deals.move_deal(deal, by=world.rep_a1, stage="heaven"),
    ):
        with pytest.raises(ValidationError):
            call()
    deal.refresh_from_db()
    assert deal.stage == "lead"


def test_only_the_team_touches_a_deal(world: World, deal: Deal) -> None:
    for user in (world.rep_a2, world.rep_b1, world.manager_b, world.executive, world.customer_department):
        for call in (
            lambda by: deals.move_deal(deal, by=by, stage="need"),
            lambda by: deals.lose_deal(deal, by=by, reason="x"),
            lambda by: deals.update_deal(deal, by=by, name="x"),
            lambda by: deals.withdraw_deal(deal, by=by),
            lambda by: deals.create_deal(by=by, customer=deal.customer, name="x"),
        ):
            with pytest.raises(PermissionDenied):
                call(user)
    assert Deal.objects.get().stage == "lead"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "n" * 201}, {"amount": Decimal(-1)}, {"amount": Decimal("NaN")}, {"amount": Decimal(10) ** 15},
        {"stage": "won"}, {"stage": "x"}, {"next_step": "x" * 301},
    ],
)  # fmt: skip
def test_deals_that_make_no_sense_are_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        deals.create_deal(by=world.rep_a1, customer=world.customer_a, **{"name": "x", **wrong})
    assert not Deal.objects.exists()


def test_a_deal_out_of_a_talk_plays_it(world: World, client: Client) -> None:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    fact = talk.facts.all()[0]
    evidence = {
        "conversation": talk.pk,
        "fact": fact.pk,
        "quote": fact.quote,
        "start_ms": 1000,
        "end_ms": 2000,
    }
    deal = deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="三十台", evidence=evidence)
    client.force_login(world.rep_a1)
    for page in (f"/customers/deals/{deal.pk}/", "/customers/deals/", "/customers/deals/?view=list"):
        assert f"/conversations/{talk.pk}/audio/" in client.get(page).text
    # who held the talk with a colleague's customer may make a deal of it
    mine = deals.create_deal(by=world.rep_a2, customer=world.customer_a, name="另一单", evidence=evidence)
    assert mine.owner == world.rep_a2


def test_a_mistake_is_removed_a_story_is_not(world: World, deal: Deal) -> None:
    other = deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="误建")
    deals.withdraw_deal(other, by=world.rep_a1)
    deals.move_deal(deal, by=world.rep_a1, stage="need")
    with pytest.raises(ValidationError):
        deals.withdraw_deal(deal, by=world.rep_a1)
    assert list(Deal.objects.all()) == [deal]


def test_the_board_sums_by_stage(world: World, deal: Deal) -> None:
    deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="二", amount=Decimal("0.50"))
    deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="三", stage="proposal")
    old = deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="四", amount=Decimal(7))
    deals.lose_deal(old, by=world.rep_a1, reason="x")
    Deal.objects.filter(pk=old.pk).update(closed_at=timezone.now() - dt.timedelta(days=100))
    since = timezone.localdate() - dt.timedelta(days=90)
    columns = {
        column.stage: column for column in deals.board(deals.deals_of(world.manager_a), closed_since=since)
    }
    assert [column.count for column in columns.values()] == [2, 0, 1, 0, 0, 0]
    assert columns["lead"].amount == Decimal("168000.50")
    assert columns["lead"].deals[0] == deal  # what is to be done comes first
    assert columns["negotiation"].next == ("won", str(Deal.Stage.WON.label))
    assert not any(column.count for column in deals.board(deals.deals_of(world.rep_b1), closed_since=since))


def test_the_list_filters_and_sorts(world: World, deal: Deal) -> None:
    small = deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="小单", amount=Decimal(5))
    none = deals.create_deal(by=world.rep_a1, customer=world.customer_a, name="未报价")
    found = deals.deals_of(world.rep_a1)
    assert list(deals.deal_rows(found, sort="amount")) == [small, deal, none]
    assert list(deals.deal_rows(found, sort="-amount")) == [deal, small, none]
    assert list(deals.deals_of(world.rep_a1, overdue_on=dt.date(2026, 3, 2))) == [deal]
    assert list(deals.deals_of(world.rep_a1, overdue_on=dt.date(2026, 3, 1))) == []
    assert list(deals.deals_of(world.rep_a1, text="小单")) == [small]
    assert deals.deals_of(world.rep_a1, text="云海").count() == 3
    deals.move_deal(small, by=world.rep_a1, stage="won")
    assert set(deals.deal_rows(found, stage="open")) == {deal, none}
    assert list(deals.deal_rows(found, stage="won")) == [small]


def test_the_pages(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    form = {
        "customer": "云海大酒店",
        "name": "三十台",
        "stage": "need",
        "amount": "168000",
        "next_step_on": "2026-03-01",
    }
    answer = client.post("/customers/deals/new/", form)
    deal = Deal.objects.get()
    assert answer["Location"] == f"/customers/deals/{deal.pk}/"
    for wrong in (
        {"customer": "松岭学校"},
        {"customer": ""},
        {"amount": "9" * 40},
        {"amount": "-1"},
        {"name": "a\x00b"},
        {"stage": "won"},
    ):
        assert client.post("/customers/deals/new/", {**form, **wrong}).status_code == 422, wrong
    here = f"/customers/deals/{deal.pk}"
    client.post(f"{here}/move/", {"stage": "proposal"})
    assert 'class="message error"' in client.post(f"{here}/move/", {"stage": "lost"}, follow=True).text
    assert 'class="message error"' in client.post(f"{here}/lose/", {"reason": ""}, follow=True).text
    client.post(f"{here}/edit/", {"name": "=1+1", "amount": "5"})
    deal.refresh_from_db()
    assert (deal.stage, deal.name, deal.amount) == ("proposal", "=1+1", Decimal(5))
    exported = b"".join(client.get("/customers/deals/deals.csv").streaming_content).decode("utf-8-sig")
    assert "'=1+1" in exported
    assert client.get("/customers/deals/deals.xlsx").status_code == 200
    client.post(f"{here}/lose/", {"reason": "价格"})
    assert "价格" in client.get(here + "/").text
    assert (
        client.get(
            "/customers/deals/?view=list&stage=%00&sort=x&owner=9999999999999999999&page=-1"
        ).status_code
        == 200
    )
