"""Files to import, made in the test; and the worker's part done at once where a test asks for it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from shengce.catalogue.models import Product
from shengce.exchange import actions, running, work
from shengce.exchange.models import ImportJob
from shengce.people.models import User
from tests.world import World


def as_csv(*rows: Sequence[Any]) -> bytes:
    import csv

    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


Give = Callable[..., ImportJob]
ORDER_HEAD = ("订单号", "客户名称", "订单日期", "产品名称", "数量", "单价", "金额")
HEAD = ("客户编号", "客户名称", "客户类型", "城市", "电话", "业务员")


@pytest.fixture
def give(db: None) -> Give:
    """``give(by, kind, *rows)``: the file is received and its columns matched; the first row is the heading."""

    def receive(
        by: User, kind: str, *rows: Sequence[Any], name: str = "t.csv", content: bytes = b""
    ) -> ImportJob:
        return actions.receive_file(by=by, kind=kind, file=io.BytesIO(content or as_csv(*rows)), name=name)

    return receive


@pytest.fixture
def bring(give: Give) -> Give:
    """``bring(by, kind, *rows)``: received, checked and imported."""

    def everything(
        by: User, kind: str, *rows: Sequence[Any], good_only: bool = False, again: bool = False
    ) -> ImportJob:
        job = actions.check_file(give(by, kind, *rows), by=by)
        return actions.run_import(job, by=by, good_only=good_only, again=again)

    return everything


def faults(job: ImportJob) -> list[tuple[int, str, str]]:
    """(row, column, code) of every fault."""
    return list(job.faults.order_by("row", "pk").values_list("row", "column", "code"))


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


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file with more than two rows waits for the worker, in slices of one entry."""
    for module in (running, actions):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(running, "BATCH_S", 0.0)
    monkeypatch.setattr(work, "SLICE_S", 0.0)
