"""The way of a file: received, matched, checked, imported."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.customers.actions import update_customer
from shengce.customers.models import Customer
from shengce.exchange import actions
from shengce.exchange.models import ColumnMatching, ImportedRow, ImportJob
from shengce.people.models import AuditEntry
from tests.exchange.conftest import HEAD, Give, faults
from tests.world import World


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
