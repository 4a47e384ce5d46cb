"""An import taken back: what it made, what it changed, and what stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from shengce.catalogue.models import Product
from shengce.customers.actions import update_customer
from shengce.customers.models import Contact, Customer
from shengce.exchange import actions
from shengce.sales.models import Order, OrderLine
from tests.exchange.conftest import ORDER_HEAD, Give
from tests.world import World


def test_undo_deletes_what_was_made_and_restores_what_was_changed(world: World, bring: Give) -> None:
    before = Customer.objects.filter(pk=world.customer_a.pk).values().get()
    job = bring(
        world.rep_a1,
        "customers",
        ("客户名称", "城市", "联系人", "联系人电话"),
        ("云海大酒店", "苏州", "", ""),
        ("新客户", "无锡", "赵总", "13700000009"),
    )
    assert (job.made, job.changed) == (1, 1)
    assert Contact.objects.filter(name="赵总").exists()
    job = actions.undo_import(job, by=world.rep_a1)
    assert (job.state, job.faults.count()) == ("undone", 0)
    assert not Customer.objects.filter(name="新客户").exists()
    assert not Contact.objects.filter(name="赵总").exists()
    assert Customer.objects.filter(pk=world.customer_a.pk).values().get() == before


def test_what_others_depend_on_stays_with_words(
    world: World, bring: Give, products: dict[str, Product]
) -> None:
    job = bring(
        world.rep_a1, "customers", ("客户编号", "客户名称"), ("K1", "有订单"), ("K2", "没有"), ("K3", "改过")
    )
    bring(world.rep_a1, "orders", ORDER_HEAD, ("S1", "K1", "2026-03-05", "滤芯", "1", "100", ""))
    update_customer(Customer.objects.get(code="K3"), by=world.rep_a1, city="苏州")
    job = actions.undo_import(job, by=world.rep_a1)
    assert set(Customer.objects.exclude(code="").values_list("code", flat=True)) == {"K1", "K3"}
    kept = {fault.row: fault.text for fault in job.faults.all()}
    assert set(kept) == {2, 4}
    assert "有订单" in kept[2] and "1" in kept[2]
    assert job.message


def test_undo_keeps_what_somebody_wrote_after_the_import(world: World, bring: Give) -> None:
    job = bring(world.rep_a1, "customers", ("客户名称", "城市", "行业"), ("云海大酒店", "苏州", "酒店"))
    update_customer(world.customer_a, by=world.rep_a1, city="昆山")
    job = actions.undo_import(job, by=world.rep_a1)
    world.customer_a.refresh_from_db()
    assert (world.customer_a.city, world.customer_a.industry) == ("昆山", "")
    assert job.faults.count() == 1
    with pytest.raises(ValidationError):
        actions.undo_import(job, by=world.rep_a1)


def test_an_order_whose_invoice_stands_stays(world: World, bring: Give, products: dict[str, Product]) -> None:
    from shengce.sales.actions import issue_invoice

    job = bring(
        world.rep_a1,
        "orders",
        ORDER_HEAD,
        ("S1", "云海大酒店", "2026-03-05", "滤芯", "1", "100", ""),
        ("S2", "云海大酒店", "2026-03-05", "滤芯", "1", "100", ""),
    )
    issue_invoice(
        by=world.customer_department,
        customer=world.customer_a,
        issued_on=dt.date(2026, 3, 6),
        amount=Decimal(100),
        order=Order.objects.get(number="S1"),
    )
    actions.undo_import(job, by=world.rep_a1)
    assert list(Order.objects.values_list("number", flat=True)) == ["S1"]
    assert OrderLine.objects.count() == 1
