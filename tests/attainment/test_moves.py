"""Somebody changes the unit in mid-year: what he sold stays where he stood, and every way to sum it is the same."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.attainment.queries import actuals
from shengce.attainment.tiles import tiles_of
from shengce.catalogue.costs import save_cost
from shengce.catalogue.models import Product, ProductLine
from shengce.customers.models import Customer
from shengce.people.actions import move_user
from shengce.people.models import Role
from shengce.planning.periods import FiscalYear
from shengce.sales.models import Order, OrderLine
from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.handing_over import hand_over
from shengce.targets.metrics import built_in
from shengce.targets.queries import planned, total
from shengce.targets.versions import approve_version, create_target_set, open_for_negotiation
from tests.attainment.test_attainment_pages import signed_in
from tests.world import World

TODAY = timezone.localdate()
START = (TODAY.replace(day=1) - dt.timedelta(days=150)).replace(day=1)
YEAR = FiscalYear(START)
MOVE = YEAR.months[2].start_on + dt.timedelta(days=14)
DIMENSIONS = ("unit", "rep", "product_line", "territory", "customer", "settlement_method", "sales_method")


@pytest.fixture
def moved(world: World) -> World:
    """rep_a1 sells 100 yuan a week, and goes from team A to team B amid the third month; his targets follow him."""
    line = ProductLine.objects.create(name="净水")
    product = Product.objects.create(name="云瀑", line=line)
    save_cost(by=world.executive, product=product, amount=Decimal(60), start_on=START)
    version = create_target_set(by=world.executive, name="财年", start_on=START)
    for metric in ("sales", "gross_profit"):
        cell = Cell({"rep": world.rep_a1.pk, "unit": world.team_a.pk, "product_line": line.pk})
        type_figure(version, built_in(metric), cell, by=world.executive, total=1_200_000_01)
    move_user(world.rep_a1, by=world.administrator, unit=world.team_b, role=Role.REP, on=MOVE)
    world.rep_a1.refresh_from_db()
    hand_over(version, by=world.executive, rep=world.rep_a1, to=world.rep_a1, on=MOVE)
    approve_version(open_for_negotiation(version, by=world.executive), by=world.executive)
    day, number = START, 0
    while day <= TODAY:
        unit = world.team_a if day < MOVE else world.team_b
        order = Order.objects.create(
            number=f"M{number}", customer=world.customer_a, rep=world.rep_a1, unit=unit, ordered_on=day
        )
        OrderLine.objects.create(order=order, product=product, quantity=1, price=100, amount=Decimal(100))
        day, number = day + dt.timedelta(days=7), number + 1
    Customer.objects.filter(pk=world.customer_a.pk).update(owner=world.rep_a1, unit=world.team_b)
    refresh(today=TODAY)
    return world


def test_every_way_to_sum_it_is_the_same(client: Client, moved: World) -> None:
    weeks = (TODAY - START).days // 7 + 1
    for metric, each in (("sales", 100_00), ("gross_profit", 40_00)):
        for by in DIMENSIONS:
            page = signed_in(client, "executive").get(f"/attainment/?metric={metric}&period=year&by={by}")
            found = page.context["found"]
            assert found.total.actual == weeks * each, (metric, by)
            assert found.total.target == 1_200_000_01, (metric, by)
            assert sum(row.progress.actual for row in found.rows) == found.total.actual
            assert sum(row.progress.target for row in found.rows) == found.total.target


def test_what_he_sold_stays_where_he_stood(moved: World) -> None:
    before = sum(1 for n in range((TODAY - START).days // 7 + 1) if START + dt.timedelta(days=7 * n) < MOVE)
    after = (TODAY - START).days // 7 + 1 - before
    parts = actuals("sales", by=("unit",), span=YEAR.span, user=None)
    assert parts == {(moved.team_a.pk,): before * 100_00, (moved.team_b.pk,): after * 100_00}
    for boss, amount in ((moved.manager_a, before), (moved.manager_b, after), (moved.rep_a1, before + after)):
        (mine,) = (tile for tile in tiles_of(boss, today=TODAY).tiles if tile.metric.code == "sales")
        assert mine.year.progress.actual == amount * 100_00
    version_plan = [
        sum(
            tile.year.progress.target
            for tile in tiles_of(boss, today=TODAY).tiles
            if tile.metric.code == "sales"
        )
        for boss in (moved.manager_a, moved.manager_b)
    ]
    assert sum(version_plan) == 1_200_000_01
    assert all(version_plan)


def test_his_former_manager_can_open_every_row(client: Client, moved: World) -> None:
    for by in ("rep", "customer"):
        page = signed_in(client, "manager_a").get(f"/attainment/?metric=sales&period=year&by={by}")
        (row,) = (line for line in page.context["page"].object_list if line.row.key is not None)
        assert row.row.progress.actual > 0
        for address in ("", "records/", "target/"):
            assert client.get(f"/attainment/{address}{row.cell}").status_code == 200
        records = client.get(f"/attainment/records/{row.cell}").context["page"].object_list
        assert sum(one.amount for one in records) * 100 == row.row.progress.actual
        assert {one.order.unit_id for one in records} == {moved.team_a.pk}
    for who in ("rep_a2", "rep_b2"):
        assert signed_in(client, who).get(f"/attainment/?rep={moved.rep_a1.pk}").status_code == 404


def test_the_table_to_save_is_the_page(client: Client, moved: World) -> None:
    address = f"?metric=sales&period=year&by=product_line&rep={moved.rep_a1.pk}&settlement_method=credit"
    page = signed_in(client, "executive").get(f"/attainment/{address}").context["page"].object_list
    answer = client.get(f"/attainment/table.csv{address}")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    lines = body.decode("utf-8-sig").splitlines()[1:]
    assert len(lines) == len(page)
    for line, row in zip(lines, page, strict=True):
        cells = line.split(",")
        assert cells[0] == row.name
        assert Decimal(cells[3]) * 100 == row.row.progress.actual
        assert Decimal(cells[1]) * 100 == row.row.progress.target


def test_two_dimensions_and_a_method_narrow_together(client: Client, moved: World) -> None:
    whole = actuals("sales", span=YEAR.span, user=None)[()]
    method = Order.objects.values_list("settlement_method", flat=True).first()
    base = f"/attainment/?metric=sales&period=year&by=customer&unit={moved.region.pk}&rep={moved.rep_a1.pk}"
    client = signed_in(client, "executive")
    assert client.get(f"{base}&settlement_method={method}").context["total"].actual == whole
    other = "acceptance" if method != "acceptance" else "cash"
    assert client.get(f"{base}&settlement_method={other}").context["total"].actual == 0
    page = client.get(f"{base}&settlement_method={method}")
    assert len(page.context["crumb_links"]) == 3
    for _name, link in page.context["crumb_links"]:
        assert client.get(f"/attainment/{link}").status_code == 200


def test_the_plan_of_the_whole_is_the_sum_of_both_units(moved: World) -> None:
    from shengce.targets.queries import approved_version

    version = approved_version(TODAY)
    assert version is not None
    by_unit = planned(version, "sales", by=("unit",), user=None)
    assert set(by_unit) == {(moved.team_a.pk,), (moved.team_b.pk,)}
    assert sum(total(by_unit)) == 1_200_000_01
