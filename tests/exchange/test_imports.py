"""The way of a file: received, matched, checked, imported, taken back."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.catalogue.models import Product
from shengce.customers.actions import update_customer
from shengce.customers.models import Contact, Customer
from shengce.exchange import actions, running, work
from shengce.exchange.models import ColumnMatching, ImportedRow, ImportJob
from shengce.people.models import AuditEntry, Territory
from shengce.sales.models import Invoice, Order, OrderLine, Receipt
from tests.exchange.conftest import Give, as_csv, as_xlsx, faults
from tests.world import World

HEAD = ("客户编号", "客户名称", "客户类型", "城市", "电话", "业务员")


def test_customers_come_in(world: World, bring: Give) -> None:
    job = bring(
        world.manager_a,
        "customers",
        HEAD,
        ("K001", "宝带桥大酒店", "终端客户", "苏州", "0512-8888 6666", "林晓"),
        ("K002", "松陵商贸", "经销商", "吴江", "", "rep_a2"),
    )
    assert (job.state, job.made, job.changed, job.faulty_rows) == (ImportJob.State.DONE, 2, 0, 0)
    first, second = Customer.objects.filter(code__in=("K001", "K002")).order_by("code")
    assert (first.name, first.kind, first.city, first.phone) == (
        "宝带桥大酒店",
        "end_customer",
        "苏州",
        "051288886666",
    )
    assert (first.owner, second.owner, second.kind) == (world.rep_a1, world.rep_a2, "dealer")
    assert AuditEntry.objects.filter(action="customer.created", by=world.manager_a).count() == 2


def test_nothing_is_stored_before_a_person_says_so(world: World, give: Give) -> None:
    job = actions.check_file(
        give(world.manager_a, "customers", HEAD, ("K1", "新客户", "", "", "", "")), by=world.manager_a
    )
    assert (job.state, job.made) == ("previewed", 1)
    assert job.preview[0]["cells"]["name"] == "新客户"
    assert job.preview[0]["outcome"] == "new"
    assert not Customer.objects.filter(code="K1").exists()
    assert not AuditEntry.objects.filter(action="customer.created").exists()


def test_a_customer_that_is_there_is_changed_and_blank_cells_change_nothing(
    world: World, bring: Give
) -> None:
    customer = world.customer_a
    update_customer(customer, by=world.rep_a1, code="K9", city="苏州", industry="酒店")
    job = bring(world.rep_a1, "customers", HEAD, ("K9", "云海大酒店（苏州）", "经销商", "", "-", ""))
    customer.refresh_from_db()
    assert (job.made, job.changed) == (0, 1)
    assert (customer.name, customer.kind, customer.city, customer.industry) == (
        "云海大酒店（苏州）", "dealer", "苏州", "酒店",
    )  # fmt: skip
    same = bring(world.rep_a1, "customers", ("客户编号", "客户名称"), ("K9", "云海大酒店（苏州）"))
    assert (same.made, same.changed, same.unchanged) == (0, 0, 1)
    assert not ImportedRow.objects.filter(job=same).exists()


def test_found_by_number_then_tax_number_then_the_only_one_of_the_name(world: World, bring: Give) -> None:
    update_customer(world.customer_a, by=world.rep_a1, tax_number="91320500MA1A2B3C4D")
    bring(
        world.rep_a1, "customers", ("客户名称", "税号", "城市"), ("另一个名字", "91320500MA1A2B3C4D", "苏州")
    )
    bring(world.rep_a1, "customers", ("客户名称", "行业"), ("另一个名字", "酒店"))
    world.customer_a.refresh_from_db()
    assert (world.customer_a.city, world.customer_a.industry) == ("苏州", "酒店")


def test_one_name_is_not_one_customer(world: World, give: Give) -> None:
    Customer.objects.create(name="云海大酒店", owner=world.rep_a1, unit=world.team_a)
    job = actions.check_file(
        give(world.rep_a1, "customers", ("客户名称", "城市"), ("云海大酒店", "苏州")), by=world.rep_a1
    )
    assert faults(job) == [(2, "客户名称", "ambiguous_customer")]
    assert "2 位客户" in job.faults.get().text or "2" in job.faults.get().text
    update_customer(world.customer_a, by=world.rep_a1, code="K1")
    other = actions.check_file(
        give(world.rep_a1, "customers", ("客户编号", "客户名称"), ("K2", "云海大酒店"), name="2"),
        by=world.rep_a1,
    )
    assert (
        other.preview[0]["outcome"] == "changed"
    )  # the one without a number; the one with another is somebody else


def test_faults_are_told_by_row_and_column(world: World, give: Give) -> None:
    job = actions.check_file(
        give(
            world.manager_a,
            "customers",
            HEAD,
            ("K1", "甲", "终端客户", "苏州", "abc", "林晓"),
            ("K2", "", "随便", "苏州", "", ""),
            ("K3", "丙", "", "", "", "陈果"),
            ("K4", "丁", "", "", "", "查无此人"),
            ("K1", "戊", "", "", "", ""),
            ("K6", "己", "", "", "", ""),
        ),
        by=world.manager_a,
    )
    assert faults(job) == [
        (2, "电话", "phone"),
        (3, "客户类型", "choice"),
        (3, "客户名称", "missing"),
        (4, "业务员", "owner"),
        (5, "业务员", "no_person"),
    ]
    assert (job.rows, job.faulty_rows, job.made) == (6, 4, 2)
    with pytest.raises(ValidationError) as refused:
        actions.run_import(job, by=world.manager_a)
    assert refused.value.code == "faults"
    done = actions.run_import(job, by=world.manager_a, good_only=True)
    assert (done.state, done.made, done.faulty_rows) == ("done", 2, 4)
    assert set(Customer.objects.exclude(code="").values_list("name", flat=True)) == {"戊", "己"}


def test_twice_in_one_file(world: World, give: Give) -> None:
    rows = (("客户编号", "客户名称"), ("K1", "甲"), ("K2", "乙"), ("K1", "甲甲"))
    job = actions.check_file(give(world.rep_a1, "customers", *rows), by=world.rep_a1)
    assert faults(job) == [(4, "", "duplicate")]
    assert "2" in job.faults.get().text
    actions.run_import(job, by=world.rep_a1, good_only=True)
    assert Customer.objects.get(code="K1").name == "甲"


def test_an_import_within_one_transaction_is_all_or_nothing(
    world: World, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = actions.check_file(
        give(world.rep_a1, "customers", ("客户编号", "客户名称"), ("K1", "甲"), ("K2", "乙")), by=world.rep_a1
    )
    Customer.objects.create(
        name="别人的", code="K2", owner=world.rep_b1, unit=world.team_b
    )  # since the check
    job = actions.run_import(job, by=world.rep_a1)
    assert job.state == "failed"
    assert faults(job) == [(3, "客户编号", "code")] or faults(job)[0][0] == 3
    assert not Customer.objects.filter(code="K1").exists()
    assert not ImportedRow.objects.filter(job=job).exists()


def test_the_same_file_is_recognised(world: World, give: Give, bring: Give) -> None:
    rows = (("客户编号", "客户名称"), ("K1", "甲"))
    bring(world.rep_a1, "customers", *rows)
    job = actions.check_file(give(world.rep_a1, "customers", *rows), by=world.rep_a1)
    with pytest.raises(ValidationError) as refused:
        actions.run_import(job, by=world.rep_a1)
    assert refused.value.code == "already"
    assert "林晓" in refused.value.messages[0]
    again = actions.run_import(job, by=world.rep_a1, again=True)
    assert (again.made, again.unchanged) == (0, 1)
    waiting = give(world.rep_a1, "customers", ("客户名称",), ("新",))
    assert give(world.rep_a1, "customers", ("客户名称",), ("新",)).pk == waiting.pk


def test_running_twice_at_once_imports_once(world: World, give: Give) -> None:
    job = actions.check_file(give(world.rep_a1, "customers", ("客户名称",), ("新",)), by=world.rep_a1)
    actions.run_import(ImportJob.objects.get(pk=job.pk), by=world.rep_a1)
    with pytest.raises(ValidationError) as refused:
        actions.run_import(job, by=world.rep_a1)
    assert refused.value.code == "state"
    assert Customer.objects.filter(name="新").count() == 1


def test_columns_are_matched_remembered_and_checked(world: World, give: Give) -> None:
    rows = (("往来户", "所在地", "忽略"), ("甲", "苏州", "x"))
    job = give(world.rep_a1, "customers", *rows)
    assert "name" not in job.matching
    with pytest.raises(ValidationError) as refused:
        actions.check_file(job, by=world.rep_a1)
    assert refused.value.error_list[0].code == "matching"
    for wrong in ({"name": "没有"}, {"name": "往来户", "city": "往来户"}, {"nonsense": "往来户"}):
        with pytest.raises(ValidationError):
            actions.check_file(job, by=world.rep_a1, matching=wrong)
    actions.check_file(job, by=world.rep_a1, matching={"name": "往来户", "city": "所在地"})
    assert ColumnMatching.objects.count() == 1
    later = give(world.rep_a2, "customers", rows[0], ("乙", "无锡", "y"))
    assert later.matching == {"name": "往来户", "city": "所在地"}


def test_another_sheet(world: World) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["客户名称", "城市"])
    book.active.append(["甲", "苏州"])
    book.create_sheet("第二").append(["客户名称", "客户编号", "城市"])
    book["第二"].append(["乙", "K2", "无锡"])
    content = io.BytesIO()
    book.save(content)
    job = actions.receive_file(
        by=world.rep_a1, kind="customers", file=io.BytesIO(content.getvalue()), name="t.xlsx", sheet="Sheet"
    )
    assert (job.sheet, job.sheets) == ("Sheet", ["Sheet", "第二"])
    job = actions.choose_sheet(job, by=world.rep_a1, sheet="第二")
    job = actions.run_import(actions.check_file(job, by=world.rep_a1), by=world.rep_a1)
    assert Customer.objects.get(code="K2").name == "乙"
    assert not Customer.objects.filter(name="甲").exists()


def test_what_cannot_be_read_is_refused_in_words(world: World) -> None:
    for content, code in (
        (b"", "empty"),
        (b"PK\x03\x04nothing", "broken_workbook"),
        (b"<html><table>", "web_page"),
    ):
        with pytest.raises(ValidationError) as refused:
            actions.receive_file(by=world.rep_a1, kind="customers", file=io.BytesIO(content), name="t.xlsx")
        assert refused.value.code == code
        assert len(refused.value.messages[0]) > 5
    assert not ImportJob.objects.exists()


def test_only_who_may(world: World, give: Give) -> None:
    for who, kind in (
        (world.inspector, "customers"),
        (world.rep_a1, "products"),
        (world.rep_a1, "invoices"),
        (world.marketing, "customers"),
    ):
        with pytest.raises(PermissionDenied):
            give(who, kind, ("客户名称",), ("甲",))
    job = give(world.rep_a1, "customers", ("客户名称",), ("甲",))
    for act in (actions.check_file, actions.run_import, actions.undo_import, actions.discard_import):
        with pytest.raises(PermissionDenied):
            act(job, by=world.rep_a2)  # type: ignore[operator]
    assert not ImportJob.objects.visible_to(world.manager_a).exists()


def test_discarding_removes_row_and_files(
    world: World, give: Give, django_capture_on_commit_callbacks: Any
) -> None:
    from shengce.recordings import files

    job = give(world.rep_a1, "customers", ("客户名称",), ("要扔掉的",))
    assert files.exists(job.path)
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard_import(job, by=world.rep_a1)
    assert not files.exists(job.path)
    assert not files.exists(job.rows_path)
    assert not ImportJob.objects.exists()


# --- the other kinds


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


@pytest.fixture
def products(world: World, bring: Give) -> dict[str, Product]:
    bring(
        world.marketing,
        "products",
        ("产品编码", "产品名称", "品种", "单位", "标价", "别名"),
        ("QQ500", "清泉500", "商用净水", "台", "￥3,800", "清泉五百，五百型"),
        ("LX", "滤芯", "耗材", "支", "120", ""),
    )
    return {product.code: product for product in Product.objects.all()}


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


ORDER_HEAD = ("订单号", "客户名称", "订单日期", "产品名称", "数量", "单价", "金额")


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


# --- undo


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


# --- large files


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file with more than two rows waits for the worker, in slices of one entry."""
    for module in (running, actions):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(running, "BATCH_S", 0.0)
    monkeypatch.setattr(work, "SLICE_S", 0.0)


def test_large_files_wait_for_the_worker(
    world: World, give: Give, products: dict[str, Product], small_is_large: None
) -> None:
    lines = [(f"S{n // 2}", "云海大酒店", "2026-03-05", "滤芯", n + 1, "100", "") for n in (0, 2, 4, 1, 3, 5)]
    job = actions.check_file(give(world.rep_a1, "orders", ORDER_HEAD, *lines), by=world.rep_a1)
    assert job.state == "checking"
    assert work.work_once(lambda: True)
    job.refresh_from_db()
    assert (job.state, job.made, job.faulty_rows) == ("previewed", 3, 0)
    job = actions.run_import(job, by=world.rep_a1)
    assert job.state == "running"
    positions = []
    while work.work_once(lambda: True):
        job.refresh_from_db()
        positions.append((job.position, Order.objects.count()))
    assert positions == [(2, 1), (4, 2), (6, 3), (6, 3)]
    assert (job.state, job.made) == ("done", 3)
    assert [order.lines.count() for order in Order.objects.all()] == [2, 2, 2]
    job = actions.undo_import(job, by=world.rep_a1)
    while work.work_once(lambda: True):
        pass
    job.refresh_from_db()
    assert (job.state, Order.objects.count()) == ("undone", 0)


def test_a_fault_in_the_middle_of_a_large_file_takes_everything_out_again(
    world: World, give: Give, small_is_large: None
) -> None:
    job = actions.check_file(
        give(world.rep_a1, "customers", ("客户编号", "客户名称"), *((f"K{n}", f"客户{n}") for n in range(5))),
        by=world.rep_a1,
    )
    work.work_once(lambda: True)
    job.refresh_from_db()
    Customer.objects.create(name="别人的", code="K3", owner=world.rep_b1, unit=world.team_b)
    job = actions.run_import(job, by=world.rep_a1)
    while work.work_once(lambda: True):
        pass
    job.refresh_from_db()
    assert job.state == "failed"
    assert faults(job)[0][0] == 5
    assert list(Customer.objects.exclude(code="").values_list("code", flat=True)) == ["K3"]


def test_good_rows_of_a_large_file(world: World, give: Give, small_is_large: None) -> None:
    rows = [("K0", "甲"), ("K1", ""), ("K2", "丙"), ("K0", "丁"), ("K4", "戊")]
    job = actions.check_file(
        give(world.rep_a1, "customers", ("客户编号", "客户名称"), *rows), by=world.rep_a1
    )
    work.work_once(lambda: True)
    job.refresh_from_db()
    assert [code for _row, _column, code in faults(job)] == ["missing", "duplicate"]
    job = actions.run_import(job, by=world.rep_a1, good_only=True)
    while work.work_once(lambda: True):
        pass
    job.refresh_from_db()
    assert (job.state, job.made, job.faulty_rows, job.position) == ("done", 3, 2, 5)


def checked(job: ImportJob, by: Any) -> ImportJob:
    """A large file, as the worker checked it."""
    job = actions.check_file(job, by=by)
    while work.work_once(lambda: True):
        pass
    job.refresh_from_db()
    return job


def test_a_large_file_of_customers_is_told_of_numbers_that_others_have(
    world: World, give: Give, small_is_large: None
) -> None:
    Customer.objects.create(name="别人的", code="K3", owner=world.rep_b1, unit=world.team_b)
    Customer.objects.filter(pk=world.customer_a.pk).update(code="K9")
    rows = [
        ("K1", "甲", "", ""),
        ("K3", "乙", "", ""),
        ("K9", "云海大酒店", "", ""),
        ("K4", "丁", "终端客户", "一批"),
    ]
    head = ("客户编号", "客户名称", "客户类型", "经销商级别")
    job = checked(give(world.rep_a1, "customers", head, *rows), world.rep_a1)
    assert faults(job) == [(3, "客户编号", "code"), (5, "经销商级别", "")]
    assert (job.made, job.changed, job.faulty_rows) == (1, 1, 2)
    assert "别人的" not in " ".join(job.faults.values_list("text", flat=True))


def test_a_large_file_of_documents_is_held_against_what_is_booked(
    world: World, give: Give, bring: Give, products: dict[str, Product], small_is_large: None
) -> None:
    from shengce.sales import actions as sales

    for number, quantity in (("S1", "2"), ("S2", "3")):
        sales.create_order(
            by=world.rep_a1, customer=world.customer_a, ordered_on=dt.date(2026, 3, 5), number=number,
            lines=[sales.OrderLineDraft(products["LX"], Decimal(quantity), Decimal(100))],
        )  # fmt: skip
    lines = [
        ("S1", "云海大酒店", "2026-03-05", "滤芯", "2", "100", ""),
        ("S2", "云海大酒店", "2026-03-05", "滤芯", "4", "100", ""),
        ("S3", "云海大酒店", "2026-03-05", "滤芯", "-1", "100", ""),
        ("S4", "云海大酒店", "2099-03-05", "滤芯", "1", "100", ""),
        ("S5", "没有的客户", "2026-03-05", "滤芯", "1", "100", ""),
        ("S6", "云海大酒店", "2026-03-05", "没有的产品", "1", "100", ""),
        ("S7", "云海大酒店", "2026-03-05", "滤芯", "1", "100", ""),
    ]
    job = checked(give(world.rep_a1, "orders", ORDER_HEAD, *lines), world.rep_a1)
    assert [(row, code) for row, _column, code in faults(job)] == [
        (3, "differs"), (4, "return_note"), (5, "future"), (6, "no_customer"), (7, "no_product"),
    ]  # fmt: skip
    assert (job.made, job.changed, job.unchanged) == (1, 0, 1)

    sales.record_receipt(
        by=world.customer_department,
        received_on=dt.date(2026, 3, 5),
        amount=Decimal(50),
        bank_reference="BK 01",
    )
    rows = [
        ("2026-03-05", "50", "BK01"),
        ("2026-03-05", "60", "B K01"),
        ("2026-03-05", "70", "BK02"),
        ("2099-01-01", "1", "BK03"),
    ]
    job = checked(
        give(world.customer_department, "receipts", ("收款日期", "金额", "流水号"), *rows),
        world.customer_department,
    )
    assert [(row, code) for row, _column, code in faults(job)] == [(3, "duplicate"), (5, "future")]
    assert (job.made, job.unchanged) == (1, 1)


def test_a_large_file_says_how_many_orders_go_over_the_limit(
    world: World, give: Give, products: dict[str, Product], small_is_large: None
) -> None:
    from shengce.sales.credit import set_credit

    set_credit(world.customer_a, by=world.customer_department, limit=Decimal(250), days=30)
    lines = [(f"S{n}", "云海大酒店", "2026-03-05", "滤芯", n, "100", "") for n in (1, 2, 3, 4)]
    job = checked(give(world.rep_a1, "orders", ORDER_HEAD, *lines), world.rep_a1)
    assert job.faulty_rows == 0 and "2" in job.message
    job = actions.run_import(job, by=world.rep_a1)
    while work.work_once(lambda: True):
        pass
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "")
    assert Order.objects.filter(state=Order.State.WAITING).count() == 2


def test_checking_a_large_file_asks_the_database_little(
    world: World, give: Give, products: dict[str, Product], small_is_large: None
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for start, number in ((0, 20), (1000, 300)):
        lines = [(f"S{start + n}", "云海大酒店", "2026-03-05", "滤芯", 1, "100", "") for n in range(number)]
        job = actions.check_file(give(world.rep_a1, "orders", ORDER_HEAD, *lines), by=world.rep_a1)
        with CaptureQueriesContext(connection) as asked:
            work.work_once(lambda: True)
        job.refresh_from_db()
        assert job.made == number
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 2


def test_whoever_lost_the_lease_writes_nothing(world: World, give: Give, small_is_large: None) -> None:
    from shengce.exchange import leases

    job = actions.check_file(
        give(world.rep_a1, "customers", ("客户编号", "客户名称"), *((f"K{n}", f"客户{n}") for n in range(5))),
        by=world.rep_a1,
    )
    work.work_once(lambda: True)
    actions.run_import(ImportJob.objects.get(pk=job.pk), by=world.rep_a1)
    first = leases.claim()
    assert first is not None
    assert leases.claim() is None
    ImportJob.objects.filter(pk=job.pk).update(lease_until="2020-01-01T00:00:00Z")  # it was taken for dead
    second = leases.claim()
    assert second is not None
    work.work_on(first, lambda: True)
    assert Customer.objects.exclude(code="").count() == 0
    work.work_on(second, lambda: True)
    assert Customer.objects.exclude(code="").count() == 5


def test_a_dealer_may_be_supplied_by_one_further_up_in_the_file(
    world: World, give: Give, small_is_large: None
) -> None:
    rows = [
        ("K0", "一批", "经销商", ""),
        ("K1", "二批", "经销商", "K0"),
        ("K2", "零售", "经销商", "二批"),
        ("K3", "孤", "经销商", "没有"),
    ]
    job = actions.check_file(
        give(world.rep_a1, "customers", ("客户编号", "客户名称", "类型", "上级经销商"), *rows),
        by=world.rep_a1,
    )
    work.work_once(lambda: True)
    job.refresh_from_db()
    assert faults(job) == [(5, "上级经销商", "no_customer")]
    actions.run_import(job, by=world.rep_a1, good_only=True)
    while work.work_once(lambda: True):
        pass
    assert Customer.objects.get(code="K2").supplied_by.supplied_by.code == "K0"
    job.refresh_from_db()
    actions.undo_import(job, by=world.rep_a1)
    while work.work_once(lambda: True):
        pass
    assert not Customer.objects.exclude(code="").exists()


# --- bad input


def test_naughty_strings_are_stored_or_refused(world: World, give: Give, naughty_strings: list[str]) -> None:
    rows = [(f"N{n}", text, text, text) for n, text in enumerate(naughty_strings)]
    job = give(world.rep_a1, "customers", ("客户编号", "客户名称", "城市", "电话"), *rows)
    job = actions.check_file(job, by=world.rep_a1)
    assert job.rows - job.faulty_rows == job.made
    done = actions.run_import(job, by=world.rep_a1, good_only=True)
    assert done.state == "done"
    assert Customer.objects.filter(code__startswith="N").count() == done.made > 0


def test_an_old_workbook_end_to_end(world: World, give: Give) -> None:
    from pathlib import Path

    content = (Path(__file__).parent / "files" / "customers.xls").read_bytes()
    job = give(world.rep_a1, "customers", content=content, name="客户.xls")
    job = actions.run_import(actions.check_file(job, by=world.rep_a1), by=world.rep_a1)
    assert (job.made, job.changed) == (1, 1)
    world.customer_a.refresh_from_db()
    assert world.customer_a.phone == "13812340001"
    assert Customer.objects.get(name="松岭学校", owner=world.rep_a1).phone == "051088886666"


def test_numbers_of_a_workbook_are_no_floats(world: World, give: Give) -> None:
    job = give(
        world.rep_a1,
        "customers",
        content=as_xlsx(("客户编号", "客户名称", "电话"), (1001, "甲", 13812345678.0)),
        name="t.xlsx",
    )
    actions.run_import(actions.check_file(job, by=world.rep_a1), by=world.rep_a1)
    assert Customer.objects.get(code="1001").phone == "13812345678"
    assert as_csv(("a", "b")) == b"a,b\r\n"


def test_the_worker_does_it_between_recordings(transactional_db: None, small_is_large: None) -> None:
    from shengce.intake.worker import Worker
    from tests.world import make_world

    world = make_world()
    rows = (("客户编号", "客户名称"), *((f"K{n}", f"客户{n}") for n in range(5)))
    job = actions.receive_file(
        by=world.rep_a1, kind="customers", file=io.BytesIO(as_csv(*rows)), name="t.csv"
    )
    actions.check_file(job, by=world.rep_a1)
    with Worker(errand=work.work_once) as worker:
        worker.run(drain=True)
        actions.run_import(ImportJob.objects.get(pk=job.pk), by=world.rep_a1)
        worker.run(drain=True)
    job.refresh_from_db()
    assert (job.state, job.made) == ("done", 5)
