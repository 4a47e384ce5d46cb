"""Whose money a receipt may be that nobody claimed."""

from __future__ import annotations

import pytest
from django.test import Client

from shengce.customers.models import Customer
from shengce.sales.payers import likely_payers, pieces_of
from tests.sales.books import invoice, receipt
from tests.world import World


@pytest.mark.parametrize(
    ("payer", "pieces"),
    [
        ("绍兴同福餐饮管理部", ["绍兴", "兴同", "同福", "福餐", "饮管"]),
        ("有限公司", []),
        ("", []),
        ("A 1", []),
        ("王五", ["王五"]),
    ],
)
def test_the_pieces_of_a_name(payer: str, pieces: list[str]) -> None:
    assert pieces_of(payer) == pieces


def test_who_paid_so_before_comes_first_then_who_owes_the_sum_then_names(
    world: World, client: Client
) -> None:
    named = Customer.objects.create(name="同福酒楼", owner=world.rep_a1, unit=world.team_a)
    receipt(world, 70, payer="绍兴同福餐饮管理部", customer=world.customer_b)
    invoice(world, 500)
    lost = receipt(world, 500, payer="绍兴同福餐饮管理部", customer=None)
    clerk = world.customer_department
    found = likely_payers(clerk, lost)
    assert [one.customer for one in found] == [world.customer_b, world.customer_a, named]
    assert all(one.reasons for one in found)
    client.force_login(clerk)
    page = client.get(f"/sales/money/receipts/{lost.pk}/").text
    assert page.index(world.customer_b.name) < page.index("同福酒楼")


def test_nothing_known_nothing_shown(world: World) -> None:
    assert likely_payers(world.customer_department, receipt(world, 3, payer="个人汇款", customer=None)) == []
