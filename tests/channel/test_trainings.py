"""Trainings at dealers: who notes them, the talk behind, the page, and what they do to the score."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from shengce.channel import actions
from shengce.channel.models import Cooperation, Training
from shengce.people.models import AuditEntry
from tests.channel.market import Market
from tests.talks import make_talk
from tests.world import World

DAY = dt.timedelta(days=1)


def train(world: World, market: Market, **more: Any) -> Training:
    values: dict[str, Any] = {
        "by": world.rep_a1, "dealer": market.home, "held_on": market.today, "subject": "安装与保养", "people": 6,
        "trainer": "林晓",
    }  # fmt: skip
    return actions.save_training(**(values | more))


def test_a_training_is_noted_changed_and_taken_back(world: World, market: Market) -> None:
    talk = make_talk(world.rep_a1, customer=market.home)
    row = train(world, market, conversation=talk)
    changed = train(world, market, training=row, people=8, by=world.customer_department)
    assert (changed.pk, changed.people, changed.by, changed.conversation) == (row.pk, 8, world.rep_a1, None)
    actions.withdraw_training(row, by=world.manager_a)
    assert not Training.objects.exists()
    said = AuditEntry.objects.filter(action__startswith="channel.training").values_list("action", flat=True)
    assert list(said.order_by("pk")) == [
        "channel.training_saved", "channel.training_saved", "channel.training_withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [{"people": 0}, {"people": 10_001}, {"held_on": dt.date(2100, 1, 1)}, {"held_on": dt.date(1999, 1, 1)}],
)
def test_trainings_that_are_none(world: World, market: Market, bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        train(world, market, **bad)
    assert set(refused.value.message_dict) == set(bad)


def test_once_a_day_and_only_with_a_talk_of_his(world: World, market: Market) -> None:
    train(world, market)
    with pytest.raises(ValidationError, match=r"noted|已"):
        train(world, market)
    train(world, market, held_on=market.today - DAY)
    for talk in (
        make_talk(world.rep_a1, customer=world.customer_a),
        make_talk(world.rep_b1, customer=market.home),
    ):
        with pytest.raises(ValidationError) as refused:
            train(world, market, subject="话术", conversation=talk)
        assert set(refused.value.message_dict) == {"conversation"}


def test_who_notes_trainings(world: World, market: Market) -> None:
    row = train(world, market)
    for by in (world.rep_a2, world.rep_b1, world.manager_b, world.inspector, world.administrator):
        with pytest.raises(PermissionDenied):
            train(world, market, by=by, subject="话术")
        with pytest.raises(PermissionDenied):
            actions.withdraw_training(row, by=by)
    with pytest.raises(PermissionDenied):
        train(world, market, dealer=world.customer_a)
    with pytest.raises(PermissionDenied):  # he sees the whole channel, and may note, but this is not his
        actions.withdraw_training(row, by=world.marketing)


def training_ground(market: Market, dealer: Any) -> Any:
    actions.compute_cooperation(month=market.today)
    grounds = Cooperation.objects.get(dealer=dealer).grounds
    return next((ground for ground in grounds if ground["code"] == "training"), None)


def test_a_training_counts_for_a_quarter(world: World, market: Market) -> None:
    assert training_ground(market, market.home) is None
    quarter = (market.today.replace(day=1) - 32 * DAY).replace(day=1)
    row = train(world, market, held_on=quarter)
    assert training_ground(market, market.home)["points"] == "5.00"
    assert training_ground(market, market.away)["points"] == "0.00"
    train(world, market, training=row, held_on=quarter - DAY)
    assert training_ground(market, market.home) is None


def test_from_the_dealers_page_to_the_list(world: World, market: Market, client: Client) -> None:
    client.force_login(world.rep_a1)
    talk = make_talk(world.rep_a1, customer=market.home)
    address = f"/channel/dealers/trainings/new/?dealer={market.home.pk}"
    assert address in client.get(f"/channel/dealers/{market.home.pk}/").text.replace("&amp;", "&")
    assert f'<option value="{talk.pk}"' in client.get(address).text
    values = {
        "dealer": market.home.name, "held_on": market.today.isoformat(), "subject": "=安装", "people": 6,
        "trainer": "林晓", "conversation": talk.pk,
    }  # fmt: skip
    assert client.post(address, {**values, "people": 0}).status_code == 422
    assert client.post(address, values).status_code == 302
    for page in (f"/channel/dealers/{market.home.pk}/", "/channel/dealers/trainings/?q=安装"):
        shown = client.get(page).text
        assert "=安装" in shown and f"/conversations/{talk.pk}/#t=" in shown, page
    assert "'=安装" in b"".join(client.get("/channel/dealers/trainings/?as=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    client.force_login(world.customer_department)
    assert f"/conversations/{talk.pk}/#t=" not in client.get("/channel/dealers/trainings/?q=不存在").text
    client.force_login(world.rep_b1)
    assert "=安装" not in client.get("/channel/dealers/trainings/").text
