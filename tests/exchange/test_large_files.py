"""Large files wait for the worker, in parts that commit."""

from __future__ import annotations

import io

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.exchange import actions, work
from shengce.exchange.models import ImportJob
from shengce.sales.models import Order
from tests.exchange.conftest import ORDER_HEAD, Give, as_csv, faults
from tests.world import World


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
