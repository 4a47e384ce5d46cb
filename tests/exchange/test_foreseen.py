"""What the check of a large file says beforehand, in few questions to the database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.exchange import actions, work
from shengce.exchange.models import ImportJob
from shengce.sales.models import Order
from tests.exchange.conftest import ORDER_HEAD, Give, faults
from tests.world import World


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
