"""What each kind of row becomes: contacts, products, orders, receipts, prices, shipments, stock, tickets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from shengce.catalogue.models import Product
from shengce.channel.models import Shipment
from shengce.customers.actions import update_customer
from shengce.customers.models import Contact
from shengce.exchange import actions
from shengce.people.models import Territory
from shengce.sales.models import Invoice, Order, Receipt
from tests.exchange.conftest import ORDER_HEAD, Give, faults
from tests.world import World


def test_contacts(world: World, bring: Give, give: Give) -> None:
    job = bring(
        world.rep_a1,
        "contacts",
        ("客户", "联系人", "职务", "手机"),
        ("云海大酒店", "刘经理", "采购总监", "138 1234 0001"),
        ("云海大酒店", "王主管", "工程", "13700000001"),
    )
    assert (job.made, job.changed) == (1, 1)
    world.contact_a.refresh_from_db()
    assert world.contact_a.position == "采购总监"
    assert Contact.objects.get(name="王主管").customer == world.customer_a
    other = actions.check_file(
        give(world.rep_a1, "contacts", ("客户", "联系人"), ("松岭学校", "陈校长")), by=world.rep_a1
    )
    assert faults(other) == [(2, "客户", "no_customer")]  # another team's


def test_products(world: World, bring: Give, products: dict[str, Product]) -> None:
    product = products["QQ500"]
    assert (product.list_price, product.measure, product.aliases) == (
        Decimal(3800),
        "台",
        ["清泉五百", "五百型"],
    )
    assert product.line is not None and product.line.name == "商用净水"
    job = bring(
        world.marketing,
        "products",
        ("产品编码", "产品名称", "标价"),
        ("QQ500", "清泉500", "4000"),
        ("LX", "滤芯", "120"),
    )
    product.refresh_from_db()
    assert (job.changed, job.unchanged) == (1, 1)
    assert (product.list_price, product.measure, product.aliases) == (
        Decimal(4000),
        "台",
        ["清泉五百", "五百型"],
    )
    actions.undo_import(job, by=world.marketing)
    product.refresh_from_db()
    assert product.list_price == Decimal(3800)


def test_lines_with_one_number_are_one_order(world: World, bring: Give, products: dict[str, Product]) -> None:
    job = bring(
        world.rep_a1,
        "orders",
        ORDER_HEAD,
        ("S1", "云海大酒店", "2026/3/5", "清泉500", "2", "3,600.00", "7200"),
        ("S2", "云海大酒店", "2026年3月6日", "LX", "10", "100", ""),
        ("S1", "云海大酒店", "20260305", "五百型", "1", "3600", ""),
    )
    assert (job.state, job.made, job.rows) == ("done", 2, 3)
    first = Order.objects.get(number="S1")
    assert (first.total, first.lines.count(), first.rep) == (Decimal(10800), 2, world.rep_a1)
    assert first.ordered_on == dt.date(2026, 3, 5)
    same = bring(
        world.rep_a1,
        "orders",
        ORDER_HEAD,
        ("S1", "云海大酒店", "2026-03-05", "清泉500", "1", "3600", ""),
        ("S1", "云海大酒店", "2026-03-05", "清泉500", "2", "3600", ""),
    )
    assert (same.made, same.unchanged) == (0, 1)


def test_orders_with_faults_are_left_out_whole(
    world: World, give: Give, products: dict[str, Product]
) -> None:
    bring_first = give(
        world.rep_a1,
        "orders",
        ORDER_HEAD,
        ("S1", "云海大酒店", "2026-03-05", "清泉500", "2", "3600", "7300"),
        ("S1", "云海大酒店", "2026-03-05", "滤芯", "1", "100", ""),
        ("S2", "云海大酒店", "2026-03-05", "滤芯", "1", "100", ""),
        ("S2", "云海大酒店", "2026-03-06", "滤芯", "2", "100", ""),
        ("S3", "云海大酒店", "2026-03-05", "没有的", "2", "100", ""),
        ("S4", "云海大酒店", "明天", "滤芯", "0", "100", ""),
        ("S5", "云海大酒店", "2026-03-05", "滤芯", "5", "100", "500"),
    )
    job = actions.check_file(bring_first, by=world.rep_a1)
    found = faults(job)
    assert (2, "金额", "amount") in found
    assert (3, "", "sibling") in found
    assert (4, "订单日期", "one_order") in found
    assert (6, "产品名称", "no_product") in found
    assert (7, "订单日期", "day") in found
    assert job.faulty_rows == 6
    actions.run_import(job, by=world.rep_a1, good_only=True)
    assert list(Order.objects.values_list("number", flat=True)) == ["S5"]


def test_documents_that_differ_are_refused(world: World, bring: Give, give: Give) -> None:
    clerk = world.customer_department
    head = ("发票号码", "购方名称", "开票日期", "价税合计")
    bring(clerk, "invoices", head, ("F1", "云海大酒店", "2026-03-05", "1,000.00"))
    same = bring(
        clerk,
        "invoices",
        head,
        ("F1", "云海大酒店", "2026-03-05", "1000"),
        ("F2", "松岭学校", "2026-03-05", "0.3万"),
    )
    assert (same.made, same.unchanged) == (1, 1)
    assert Invoice.objects.get(number="F2").amount == Decimal(3000)
    other = actions.check_file(
        give(clerk, "invoices", head, ("F1", "云海大酒店", "2026-03-05", "1001")), by=clerk
    )
    assert [code for _row, _column, code in faults(other)] == ["differs"]


def test_receipts(world: World, bring: Give, give: Give) -> None:
    clerk = world.customer_department
    head = ("到账日期", "金额", "客户", "流水号", "付款人")
    job = bring(
        clerk,
        "receipts",
        head,
        ("2026-03-20", "2万", "云海大酒店", "B1", ""),
        ("2026-03-20", "300", "", "B2", "某人"),
    )
    assert job.made == 2
    assert Receipt.objects.get(bank_reference="B1").customer == world.customer_a
    assert Receipt.objects.get(bank_reference="B2").customer is None
    again = actions.check_file(
        give(
            clerk,
            "receipts",
            head,
            ("2026-03-20", "20000", "云海大酒店", "B1", ""),
            ("2026-03-21", "5", "", "B9", ""),
            ("2026-03-21", "6", "", "B9", ""),
            ("2026-03-20", "400", "", "B2", ""),
        ),
        by=clerk,
    )
    assert [row["outcome"] for row in again.preview] == ["same", "new", "fault", "fault"]
    assert [code for _row, _column, code in faults(again)] == ["duplicate", "differs"]


def test_prices_shorten_the_one_before_and_undo_gives_it_back(
    world: World, bring: Give, products: dict[str, Product]
) -> None:
    from shengce.catalogue.models import Price
    from shengce.catalogue.prices import save_tier

    save_tier(by=world.marketing, name="一批价")
    head = ("产品", "价格档", "价格", "底价", "生效日期")
    bring(world.marketing, "prices", head, ("清泉500", "一批价", "3200", "3000", "2026-01-01"))
    job = bring(world.marketing, "prices", head, ("清泉500", "一批价", "3300", "3100", "2026-03-01"))
    old, new = Price.objects.order_by("start_on")
    assert (old.end_on, new.amount) == (dt.date(2026, 3, 1), Decimal(3300))
    job = actions.undo_import(job, by=world.marketing)
    assert job.state == "undone"
    assert list(Price.objects.values_list("amount", "end_on")) == [(Decimal(3200), None)]


def test_costs_come_in_are_corrected_and_go_again(
    world: World, bring: Give, products: dict[str, Product]
) -> None:
    from shengce.catalogue.models import ProductCost

    clerk = world.customer_department
    head = ("产品", "成本", "生效日期")
    first = bring(
        clerk, "costs", head, ("清泉500", "2100", "2026-01-01"), ("清泉500", "￥2,180.50", "2026-03-01"),
    )  # fmt: skip
    costs = ProductCost.objects.order_by("start_on").values_list("start_on", "amount")
    assert list(costs) == [(dt.date(2026, 1, 1), Decimal(2100)), (dt.date(2026, 3, 1), Decimal("2180.50"))]
    second = bring(clerk, "costs", head, ("清泉500", "2190", "2026-03-01"))
    assert costs.get(start_on=dt.date(2026, 3, 1))[1] == Decimal(2190)
    actions.undo_import(second, by=clerk)
    assert costs.get(start_on=dt.date(2026, 3, 1))[1] == Decimal("2180.50")
    actions.undo_import(first, by=clerk)
    assert not costs.all().exists()
    with pytest.raises(ValidationError):
        bring(clerk, "costs", head, ("没有的", "1", "2026-01-01"), ("清泉500", "-5", "2026-01-02"))
    assert not costs.all().exists()


def test_shipments_stock_and_tickets(world: World, bring: Give, products: dict[str, Product]) -> None:
    from shengce.channel.models import Shipment, StockReport
    from shengce.service.models import Ticket

    Territory.objects.create(name="苏南", places=["苏州"])
    update_customer(world.customer_a, by=world.rep_a1, kind="dealer")
    boss = world.manager_a
    shipped = bring(
        boss,
        "shipments",
        ("批号", "产品", "经销商", "发货日期", "数量", "区域"),
        ("qq500-01", "清泉500", "云海大酒店", "2026-03-06", "40", "苏州"),
    )
    assert (shipped.made, Shipment.objects.get().lot, Shipment.objects.get().territory.name) == (
        1,
        "QQ500-01",
        "苏南",
    )
    again = bring(
        boss,
        "shipments",
        ("批号", "产品", "经销商", "发货日期", "数量"),
        ("ＱＱ500-01", "清泉500", "云海大酒店", "2026-03-06", "40"),
    )
    assert again.unchanged == 1
    head = ("经销商", "产品", "盘点日期", "库存", "销量")
    bring(boss, "stock_reports", head, ("云海大酒店", "清泉500", "2026-03-31", "36", "4"))
    stock = bring(boss, "stock_reports", head, ("云海大酒店", "清泉500", "2026-03-31", "35", "5"))
    assert (stock.changed, StockReport.objects.get().stock) == (1, Decimal(35))
    actions.undo_import(stock, by=boss)
    assert (StockReport.objects.get().stock, StockReport.objects.get().sold) == (Decimal(36), Decimal(4))
    tickets = bring(
        boss,
        "tickets",
        ("客户", "标题", "类型", "优先级", "受理时间"),
        ("云海大酒店", "漏水", "报修", "紧急", "2026-03-05 09:30"),
    )
    assert (tickets.made, Ticket.objects.get().kind, Ticket.objects.get().priority) == (1, "repair", "urgent")
    same = bring(boss, "tickets", ("客户", "标题", "受理时间"), ("云海大酒店", "漏水", "2026-03-05"))
    assert same.unchanged == 1
    for job in (tickets, shipped):
        assert actions.undo_import(job, by=boss).state == "undone"
    assert not Ticket.objects.exists()
    assert not Shipment.objects.exists()


def test_shipments_of_ranges(world: World, bring: Give, give: Give, products: dict[str, Product]) -> None:
    head = ("起始序列号", "终止序列号", "产品名称", "客户名称", "发货日期", "数量")
    job = bring(
        world.customer_department, "shipments", head,
        ("A-0100", "A-0199", "清泉500", "云海大酒店", "2026-03-05", ""),
        ("A-0200~A-0209", "", "清泉500", "云海大酒店", "2026-03-05", "10"),
        ("B1", "", "清泉500", "云海大酒店", "2026-03-05", "3"),
    )  # fmt: skip
    assert (job.state, job.made) == ("done", 3)
    rows = Shipment.objects.order_by("lot").values_list("lot", "lot_to", "quantity", "first", "last")
    assert list(rows) == [
        ("A-0100", "A-0199", 100, 100, 199), ("A-0200", "A-0209", 10, 200, 209), ("B1", "", 3, None, None),
    ]  # fmt: skip
    again = bring(
        world.customer_department,
        "shipments",
        head,
        ("A-0100~A-0199", "", "清泉500", "云海大酒店", "2026-03-05", ""),
    )
    assert (again.made, again.unchanged) == (0, 1)
    bad = actions.check_file(
        give(
            world.customer_department, "shipments", head,
            ("A-0150", "", "清泉500", "松岭学校", "2026-03-06", "1"),
            ("C-09", "C-01", "清泉500", "松岭学校", "2026-03-06", "1"),
            ("D1", "", "清泉500", "松岭学校", "2026-03-06", ""),
            ("A-0100", "A-0150", "清泉500", "云海大酒店", "2026-03-05", ""),
        ),
        by=world.customer_department,
    )  # fmt: skip
    assert [(row, column) for row, column, _code in faults(bad)] == [
        (2, "起始序列号"), (3, "终止序列号"), (4, "数量"), (5, ""),
    ]  # fmt: skip
