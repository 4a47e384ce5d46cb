"""A year of targets and orders that the tests of plan against actual share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.catalogue.models import Product, ProductLine
from shengce.sales.models import Order, OrderLine
from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.metrics import built_in
from shengce.targets.versions import approve_version, create_target_set, open_for_negotiation
from tests.world import World


@pytest.fixture
def line(db: None) -> ProductLine:
    return ProductLine.objects.create(name="净水机")


@pytest.fixture
def year(world: World, line: ProductLine) -> dict[str, int]:
    """1,200,000.00 yuan for rep_a1 over the calendar year, and an order of 1,000 yuan a month for 14 months."""
    today = timezone.localdate()
    start = dt.date(today.year, 1, 1)
    version = create_target_set(by=world.executive, name="财年", start_on=start)
    cell = Cell({"rep": world.rep_a1.pk, "product_line": line.pk})
    type_figure(version, built_in("sales"), cell, by=world.executive, total=1_200_000_00)
    approve_version(open_for_negotiation(version, by=world.executive), by=world.executive)
    product = Product.objects.create(name="云瀑", line=line, aliases=["云铺"])
    month = today.replace(day=1)
    for number in range(14):
        order = Order.objects.create(
            number=f"暗{number}",
            customer=world.customer_a,
            rep=world.rep_a1,
            unit=world.team_a,
            ordered_on=month,
        )
        OrderLine.objects.create(order=order, product=product, quantity=1, price=1000, amount=Decimal(1000))
        month = (month - dt.timedelta(days=1)).replace(day=1)
    refresh(today=today)
    return {"version": version.pk, "line": line.pk}
