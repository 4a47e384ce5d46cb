"""Strange text, old workbooks, numbers that are none."""

from __future__ import annotations

from shengce.customers.models import Customer
from shengce.exchange import actions
from tests.exchange.conftest import Give, as_csv, as_xlsx
from tests.world import World


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
