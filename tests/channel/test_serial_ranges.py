"""Ranges of serial numbers in the register of shipments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from shengce.channel.actions import note_sighting, record_shipment, withdraw_shipment
from shengce.channel.matching import look_up
from shengce.channel.models import Shipment, Sighting
from shengce.channel.queries import shipments
from tests.channel.market import Market
from tests.world import World

WEEK = dt.timedelta(days=7)


def ship(world: World, market: Market, lot: str, lot_to: str = "", **more: object) -> Shipment:
    values: dict[str, object] = {
        "by": world.customer_department, "product": market.product, "customer": market.away,
        "shipped_on": market.today - WEEK,
    }  # fmt: skip
    return record_shipment(lot=lot, lot_to=lot_to, **(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lot", "lot_to"),
    [
        ("A-0100", "A-0199"),
        ("A-0100", "199"),
        ("A-0100~A-0199", ""),
        ("a-0100 至 a-0199", ""),
        ("A-0100—0199", ""),
    ],
)
def test_a_range_however_it_is_typed(world: World, market: Market, lot: str, lot_to: str) -> None:
    row = ship(world, market, lot, lot_to)
    assert (row.label, row.quantity, row.first, row.last) == ("A-0100 – A-0199", 100, 100, 199)
    assert ship(world, market, "A-0300", "A-0301", quantity=D(1)).quantity == 1


def test_a_single_number_is_found_in_its_range(world: World, market: Market) -> None:
    row = ship(world, market, "QQ500-000100", "QQ500-000199")
    for code in ("QQ500-000150", "qq500 000100", "QQ5OO-00019g".replace("g", "9")):
        sighting = note_sighting(by=world.rep_a1, source="scan", lot=code, place="苏州观前街")
        assert (sighting.finding, sighting.shipment) == (Sighting.Finding.STRAYED, row), code
    assert look_up(lot="QQ500-000200", seen_on=market.today).finding.value == "unknown_lot"
    assert list(shipments(world.executive, text="QQ500-000150")) == [row]


def test_a_number_seen_before_its_range_came_is_judged_anew(world: World, market: Market) -> None:
    inside = note_sighting(by=world.rep_a1, source="scan", lot="A-0150", place="苏州")
    beside = note_sighting(by=world.rep_a1, source="scan", lot="A-0250", place="苏州")
    row = ship(world, market, "A-0100", "A-0199")
    for sighting in (inside, beside):
        sighting.refresh_from_db()
    assert (inside.finding, inside.shipment) == (Sighting.Finding.STRAYED, row)
    assert beside.finding == Sighting.Finding.UNKNOWN_LOT
    withdraw_shipment(row, by=world.customer_department)
    inside.refresh_from_db()
    assert inside.finding == Sighting.Finding.UNKNOWN_LOT


@pytest.mark.parametrize(
    ("lot", "lot_to", "taken"),
    [
        ("A-0100", "A-0199", True), ("A-0199", "A-0300", True), ("A-0000", "A-0100", True), ("A-0120", "A-0130", True),
        ("A-0150", "", True), ("A-0200", "A-0299", False), ("A-0000", "A-0099", False), ("A-0200", "", False),
        ("B-0100", "B-0199", False), ("A-00150", "", False),
    ],
)  # fmt: skip
def test_a_serial_number_is_shipped_once(
    world: World, market: Market, lot: str, lot_to: str, taken: bool
) -> None:
    ship(world, market, "A-0100", "A-0199")
    if not taken:
        ship(world, market, lot, lot_to, customer=market.home, quantity=D(1))
        return
    with pytest.raises(ValidationError) as refused:
        ship(world, market, lot, lot_to, customer=market.home, quantity=D(1))
    said = refused.value.message_dict["lot"][0]
    assert "A-0100 – A-0199" in said and market.away.name in said
    assert Shipment.objects.count() == 1


def test_a_range_over_a_single_number_is_refused(world: World, market: Market) -> None:
    ship(world, market, "A-0150", quantity=D(1))
    with pytest.raises(ValidationError, match="A-0150"):
        ship(world, market, "A-0100", "A-0199", customer=market.home)


@pytest.mark.parametrize(
    ("lot", "lot_to"),
    [("A-0199", "A-0100"), ("A-01", "B-02"), ("AB", "AC"), ("A-0000001", "A-9999999"), ("", "A1")],
)
def test_what_is_no_range_is_refused_in_words(world: World, market: Market, lot: str, lot_to: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ship(world, market, lot, lot_to, quantity=D(1))
    assert set(refused.value.message_dict) <= {"lot", "lot_to"}
    assert not Shipment.objects.exists()


def test_a_lot_without_range_needs_its_quantity(world: World, market: Market) -> None:
    with pytest.raises(ValidationError) as refused:
        ship(world, market, "A1203")
    assert set(refused.value.message_dict) == {"quantity"}


def test_a_range_is_recorded_and_scanned_on_the_pages(world: World, market: Market, client: Client) -> None:
    client.force_login(world.customer_department)
    values = {"lot": "A-0100", "lot_to": "199", "product": market.product.pk, "customer": market.away.name,
              "shipped_on": market.today.isoformat(), "quantity": ""}  # fmt: skip
    assert client.post("/channel/diversion/shipments/new/", values).status_code == 302
    assert "A-0100 – A-0199" in client.get("/channel/diversion/shipments/?q=A-0142").text
    again = client.post("/channel/diversion/shipments/new/", {**values, "shipped_on": "2026-01-05"})
    assert again.status_code == 422 and market.away.name in again.text
    client.force_login(world.rep_a1)
    assert "A-0100 – A-0199" in client.get("/channel/diversion/scan/?lot=a0142&place=苏州").text
