"""The tree of product lines: what lies in each and what it sold, and how it is changed without losing a product."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.catalogue.actions import save_product
from shengce.catalogue.lines import close_line, open_line, save_line
from shengce.catalogue.models import Product, ProductLine
from shengce.sales.models import Order, OrderLine
from shengce.targets.candidates import candidates
from shengce.targets.versions import create_target_set
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(world: World) -> dict[str, ProductLine]:
    by = world.marketing
    water = save_line(by=by, name="净水")
    return {
        "净水": water,
        "家用": save_line(by=by, name="家用", parent=water),
        "商用": save_line(by=by, name="商用", parent=water),
        "滤芯": save_line(by=by, name="滤芯"),
    }


def sell(world: World, line: str, amount: int, *, rep: str = "rep_a1") -> None:
    today, seller = timezone.localdate(), getattr(world, rep)
    product = save_product(by=world.marketing, name=f"{line}一号", line=line)
    order = Order.objects.create(
        number=f"N{Order.objects.count()}", customer=world.customer_a, rep=seller, unit=seller.unit, ordered_on=today
    )  # fmt: skip
    OrderLine.objects.create(
        order=order, product=product, quantity=1, price=Decimal(amount), amount=Decimal(amount)
    )
    refresh(today=today)


def page(client: Client, address: str = "/catalogue/lines/") -> str:
    response = client.get(address, headers={"accept-language": "zh-hans"})
    assert response.status_code == 200
    return response.content.decode()


def test_products_and_sales_are_those_of_a_line_with_all_below_it(
    world: World, client: Client, tree: dict[str, ProductLine]
) -> None:
    sell(world, "家用", 1200)
    sell(world, "商用", 3400, rep="rep_b1")
    client.force_login(world.executive)
    shown = {b.line.name: (b.products, b.sold) for b in client.get("/catalogue/lines/").context["branches"]}
    assert shown == {
        "净水": (2, Decimal(4600)),
        "家用": (1, Decimal(1200)),
        "商用": (1, Decimal(3400)),
        "滤芯": (0, 0),
    }
    assert "4,600" in page(client)
    file = b"".join(client.get("/catalogue/lines/table.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "净水 / 家用" in file and "4600.00" in file
    client.force_login(world.manager_a)
    shown = {b.line.name: b.sold for b in client.get("/catalogue/lines/").context["branches"]}
    assert shown["净水"] == Decimal(1200)  # his own people's
    client.force_login(world.inspector)
    assert "1,200" not in page(client)


def test_added_renamed_and_moved_by_the_page(
    world: World, client: Client, tree: dict[str, ProductLine]
) -> None:
    client.force_login(world.marketing)
    assert (
        client.post("/catalogue/lines/new/", {"name": " 厨下 ", "parent": tree["家用"].pk}).status_code == 302
    )
    under = ProductLine.objects.get(name="厨下")
    assert under.depth == 2
    address = f"/catalogue/lines/{tree['家用'].pk}/"
    assert client.post(address, {"name": "家庭", "parent": tree["滤芯"].pk}).status_code == 302
    under.refresh_from_db()
    assert under.path.startswith(tree["滤芯"].path) and under.depth == 2
    for data in (
        {"name": ""},
        {"name": "商用"},
        {"name": "x", "parent": under.pk},
        {"name": "x", "parent": "z"},
    ):
        assert client.post(address, data).status_code == 422
    assert ProductLine.objects.get(pk=tree["家用"].pk).name == "家庭"


def test_a_tree_has_an_end(world: World) -> None:
    line = None
    for number in range(8):
        line = save_line(by=world.marketing, name=f"第{number}", parent=line)
    with pytest.raises(ValidationError):
        save_line(by=world.marketing, name="太深", parent=line)
    root = ProductLine.objects.get(name="第0")
    with pytest.raises(ValidationError):
        save_line(
            by=world.marketing, line=root, name="第0", parent=save_line(by=world.marketing, name="上面")
        )


def test_a_line_is_closed_only_when_nothing_is_orphaned(
    world: World, client: Client, tree: dict[str, ProductLine]
) -> None:
    sell(world, "家用", 1200)
    client.force_login(world.marketing)
    close = f"/catalogue/lines/{tree['家用'].pk}/close/"
    refused = client.post(close, follow=True).content.decode()
    assert "家用一号" in refused and ProductLine.objects.get(name="家用").active
    with pytest.raises(ValidationError, match=r"商用|家用"):
        close_line(tree["净水"], by=world.marketing)
    Product.objects.update(active=False)
    client.post(close)
    assert not ProductLine.objects.get(name="家用").active
    assert "家用" not in [b.line.name for b in client.get("/catalogue/lines/").context["branches"]]
    closed = page(client, "/catalogue/lines/?closed=1")
    assert "家用" in closed and "已关闭" in closed
    with pytest.raises(ValidationError):
        save_product(by=world.marketing, name="家用二号", line="家用")
    with pytest.raises(ValidationError):
        save_line(by=world.marketing, name="新", parent=ProductLine.objects.get(name="家用"))
    version = create_target_set(by=world.executive, name="年", start_on=dt.date(2026, 1, 1))
    among = candidates("product_line", {}, world.executive, version.target_set.year)
    assert [each.label for each in among] == ["商用", "滤芯"]
    close_line(tree["商用"], by=world.marketing)
    close_line(tree["净水"], by=world.marketing)
    with pytest.raises(ValidationError):
        open_line(tree["商用"], by=world.marketing)
    open_line(tree["净水"], by=world.marketing)
    client.post(f"/catalogue/lines/{tree['家用'].pk}/open/")
    assert ProductLine.objects.get(name="家用").active


def test_few_queries_however_many_lines(world: World, client: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(40):
        save_line(by=world.marketing, name=f"第{number}")
    client.force_login(world.executive)
    client.get("/catalogue/lines/")
    with django_assert_max_num_queries(14):
        client.get("/catalogue/lines/")
