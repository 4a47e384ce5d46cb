"""Lots shipped and seen: what matching makes of them, and who may note what."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.channel.actions import (
    note_sighting,
    open_case,
    record_shipment,
    withdraw_shipment,
    withdraw_sighting,
)
from shengce.channel.matching import matching_of
from shengce.channel.models import DealerContract, PriceCase, Shipment, Sighting
from tests.channel.market import Market
from tests.talks import make_fact, make_talk
from tests.world import World

Finding = Sighting.Finding
WEEK = dt.timedelta(days=7)


def ship(world: World, market: Market, lot: str = "A1203", **more: object) -> Shipment:
    values: dict[str, object] = {
        "by": world.customer_department, "product": market.product, "customer": market.away,
        "shipped_on": market.today - WEEK, "quantity": D(20),
    }  # fmt: skip
    return record_shipment(lot=lot, **(values | more))  # type: ignore[arg-type]


def scan(world: World, **more: object) -> Sighting:
    values: dict[str, object] = {"by": world.rep_a1, "source": "scan", "lot": "A1203", "place": "苏州观前街"}
    return note_sighting(**(values | more))  # type: ignore[arg-type]


def test_a_lot_seen_elsewhere_has_strayed(world: World, market: Market) -> None:
    shipment = ship(world, market)
    sighting = scan(world, lot=" ａ12-03 ")
    assert (sighting.finding, sighting.shipment, sighting.territory) == (
        Finding.STRAYED,
        shipment,
        market.suzhou,
    )
    assert sighting.confidence >= 0.85
    assert (sighting.rep, sighting.unit, sighting.lot) == (world.rep_a1, world.team_a, "A12-03")
    assert scan(world, place="徐州火车站").finding == Finding.AT_HOME
    assert scan(world, place="江苏省某地").finding == Finding.UNCLEAR
    assert scan(world, place="火星").finding == Finding.UNCLEAR


def test_an_unknown_lot_is_kept_and_judged_when_its_shipment_comes(world: World, market: Market) -> None:
    sighting = scan(world)
    assert (sighting.finding, sighting.shipment, sighting.confidence) == (Finding.UNKNOWN_LOT, None, 0)
    shipment = ship(world, market)
    sighting.refresh_from_db()
    assert (sighting.finding, sighting.shipment) == (Finding.STRAYED, shipment)
    withdraw_shipment(shipment, by=world.customer_department)
    sighting.refresh_from_db()
    assert (sighting.finding, sighting.shipment) == (Finding.UNKNOWN_LOT, None)


def test_the_territory_of_a_shipment_is_the_contracts_of_the_day(world: World, market: Market) -> None:
    assert ship(world, market).territory == market.xuzhou
    DealerContract.objects.filter(dealer=market.away).update(territory=market.province)
    assert ship(world, market, "B1").territory == market.province
    last_year = market.today.replace(month=1, day=1) - WEEK
    assert ship(world, market, "B2", shipped_on=last_year).territory == market.xuzhou
    assert ship(world, market, "B3", territory=market.suzhou).territory == market.suzhou


def test_a_lot_goes_to_a_customer_once_a_day(world: World, market: Market) -> None:
    ship(world, market)
    with pytest.raises(ValidationError) as refused:
        ship(world, market, "a1203")
    assert "A1203" in str(refused.value)
    ship(world, market, customer=market.home)
    assert scan(world).finding == Finding.UNCLEAR


@pytest.mark.parametrize(
    "bad",
    [
        {"lot": ""}, {"lot": " - "}, {"lot": "x" * 61}, {"quantity": D(0)}, {"quantity": D(-1)},
        {"quantity": D("NaN")}, {"quantity": D("1e12")}, {"shipped_on": dt.date(2100, 1, 1)},
        {"shipped_on": dt.date(1900, 1, 1)},
    ],
)  # fmt: skip
def test_shipments_that_are_none(world: World, market: Market, bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        ship(world, market, **bad)  # type: ignore[arg-type]
    assert set(refused.value.message_dict) == set(bad)
    assert not Shipment.objects.exists()


def test_the_lot_says_which_product_it_was(world: World, market: Market) -> None:
    ship(world, market)
    scan(world, price=D(4500))
    case = PriceCase.objects.get()
    assert (case.product, case.customer, case.broken) == (market.product, market.away, "market_below_list")


def test_a_hint_from_a_talk_is_noted_once_and_keeps_its_passage(world: World, market: Market) -> None:
    ship(world, market)
    talk = make_talk(world.rep_a1, customer=market.home, turns=(("customer", "昆山有人卖清泉500，五千一台"),))
    value = {"product": "清泉500", "place": "昆山", "price": "5000"}
    fact = make_fact(talk, "diversion", value, "昆山有人卖清泉500")
    calls = [
        note_sighting(
            by=world.manager_a, source="talk", product=market.product, place="昆山", price=D(5000),
            customer=market.home, rep=world.rep_a1, fact=fact,
        )
        for _again in range(2)
    ]  # fmt: skip
    sighting = calls[0]
    assert Sighting.objects.get() == sighting == calls[1]
    assert (sighting.finding, sighting.shipment, sighting.territory) == (Finding.NO_LOT, None, market.suzhou)
    assert [m.shipment.customer for m in matching_of(sighting).matches] == [market.away.pk]
    fact.delete()
    sighting.refresh_from_db()
    assert sighting.fact is None
    assert sighting.evidence["quote"] == "昆山有人卖清泉500"
    assert sighting.evidence["conversation"] == talk.pk


def test_where_no_place_was_named_it_is_that_of_who_told(world: World, market: Market) -> None:
    ship(world, market)
    told = scan(world, place="", customer=market.home)
    assert (told.territory, told.finding) == (market.suzhou, Finding.STRAYED)
    assert told.confidence < scan(world).confidence
    assert scan(world, place="").territory is None


@pytest.mark.parametrize(
    "bad",
    [
        {"source": "dream"}, {"lot": "", "place": ""}, {"lot": "??"}, {"lot": "a" * 61}, {"price": D(0)},
        {"price": D("NaN")}, {"price": D("1e20")}, {"place": "p" * 101}, {"note": "n" * 501}, {"seller": "s" * 201},
        {"seen_at": timezone.make_aware(dt.datetime(2100, 1, 1))},
        {"seen_at": timezone.make_aware(dt.datetime(1999, 1, 1))},
    ],
)  # fmt: skip
def test_sightings_that_are_none(world: World, market: Market, bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        scan(world, **bad)
    assert all(refused.value.messages)
    assert not Sighting.objects.exists()


def test_strange_text_is_kept_without_harm(world: World, market: Market, naughty_strings: list[str]) -> None:
    for text in naughty_strings:
        kept = "".join(c for c in text if c.isprintable())[:100]
        if kept.strip():
            scan(world, lot="", place=kept, note=text[:500], seller=text[:200])
    assert Sighting.objects.count() > 400


def test_who_notes_what(world: World, market: Market) -> None:
    for user in (world.inspector, world.administrator, world.executive, world.customer_department):
        with pytest.raises(PermissionDenied):
            scan(world, by=user)
    for by in (world.rep_a2, world.rep_b1, world.manager_b, world.marketing):
        with pytest.raises(PermissionDenied):
            scan(world, by=by, rep=world.rep_a1)
    assert scan(world, by=world.manager_a, rep=world.rep_a1).rep == world.rep_a1
    of_marketing = scan(world, by=world.marketing)
    assert (of_marketing.rep, of_marketing.unit) == (None, world.company)
    seen = {
        user.username: Sighting.objects.visible_to(user).count()
        for user in (
            world.rep_a1,
            world.rep_a2,
            world.manager_a,
            world.manager_b,
            world.marketing,
            world.inspector,
        )
    }
    assert seen == {"rep_a1": 1, "rep_a2": 0, "manager_a": 1, "manager_b": 0, "marketing": 2, "inspector": 0}
    for by in (world.rep_b1, world.rep_a1):
        with pytest.raises(PermissionDenied):
            ship(world, market, by=by)
    with pytest.raises(PermissionDenied):
        ship(world, market, by=world.manager_a)  # the dealer is of team B


def test_a_sighting_is_taken_back_unless_something_rests_on_it(world: World, market: Market) -> None:
    ship(world, market)
    mistake = scan(world, price=D(4000))
    with pytest.raises(PermissionDenied):
        withdraw_sighting(mistake, by=world.rep_a2)
    withdraw_sighting(mistake, by=world.rep_a1)
    assert not Sighting.objects.exists()
    assert not PriceCase.objects.exists()
    proof = scan(world)
    case = open_case(by=world.manager_a, sighting=proof, text="外区货")
    proof.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        withdraw_sighting(proof, by=world.rep_a1)
    assert case.number in str(refused.value)
    assert proof.shipment
    with pytest.raises(ValidationError):
        withdraw_shipment(proof.shipment, by=world.customer_department)
