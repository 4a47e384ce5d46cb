"""Gross profit: worked out to the cent, never guessed, counted again when a cost changes, and learnt by nobody who may not."""

from __future__ import annotations

import datetime as dt
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.attainment.queries import actuals, history, records, without_cost
from shengce.catalogue.costs import remove_cost, save_cost
from shengce.catalogue.models import Product, ProductCost, ProductLine
from shengce.exchange.kinds import exportable, importable
from shengce.people.models import AuditEntry, User
from shengce.planning.periods import Span
from shengce.sales.models import Order, OrderLine
from shengce.targets.candidates import weights_for
from shengce.targets.history import reached
from shengce.targets.versions import create_target_set
from tests.world import World

TODAY = timezone.localdate()
MONTH = TODAY.replace(day=1)
ALL = Span(TODAY - dt.timedelta(days=900), TODAY + dt.timedelta(days=1))
SECRET = Decimal("613.57")  # a cost that is to be found on no page
PROFIT = Decimal("386.43")


def sold(
    world: World,
    product: Product,
    number: str,
    *,
    day: dt.date = TODAY,
    quantity: str = "1",
    price: str = "1000",
) -> Order:
    order = Order.objects.create(
        number=number, customer=world.customer_a, rep=world.rep_a1, unit=world.team_a, ordered_on=day
    )
    amount = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    OrderLine.objects.create(
        order=order, product=product, quantity=Decimal(quantity), price=Decimal(price), amount=amount
    )
    return order


@pytest.fixture
def product(world: World) -> Product:
    line = ProductLine.objects.create(name="净水")
    found = Product.objects.create(name="云瀑", line=line, list_price=1000)
    save_cost(by=world.executive, product=found, amount=SECRET, start_on=TODAY - dt.timedelta(days=800))
    return found


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_the_cost_of_the_orders_day_counts(world: World, product: Product) -> None:
    change = TODAY - dt.timedelta(days=10)
    save_cost(by=world.customer_department, product=product, amount=Decimal(500), start_on=change)
    sold(world, product, "A", day=change - dt.timedelta(days=1))
    sold(world, product, "B", day=change)
    sold(world, product, "C", day=change, quantity="-2")  # taken back
    refresh(today=TODAY)
    assert actuals("gross_profit", span=ALL, user=None) == {(): 386_43 + 500_00 - 1000_00}


def test_every_way_to_sum_it_is_the_sum_of_its_lines(world: World) -> None:
    chance = random.Random(5)
    products = [
        Product.objects.create(name=f"品{n}", line=ProductLine.objects.create(name=f"线{n}"))
        for n in range(4)
    ]
    expected = Decimal(0)
    costs = dict(zip(products, ("2.01", "0.15", "0.01", ""), strict=True))
    for product, cost in costs.items():
        if cost:
            save_cost(by=world.executive, product=product, amount=Decimal(cost), start_on=dt.date(2020, 1, 1))
    for number in range(150):
        product, quantity = chance.choice(products), Decimal(chance.randint(-5000, 5000) or 1) / 1000
        order = sold(
            world, product, f"N{number}", day=TODAY - dt.timedelta(days=number), quantity=f"{quantity}"
        )
        if cost := costs[product]:
            line = order.lines.get()
            expected += line.amount - (quantity * Decimal(cost)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    refresh(today=TODAY)
    assert sum(actuals("gross_profit", span=ALL, user=None).values()) == expected * 100
    part = Span(TODAY - dt.timedelta(days=77), TODAY - dt.timedelta(days=3))
    total = sum(actuals("gross_profit", span=part, user=None).values())
    for by in ("rep", "unit", "product_line", "territory", "settlement_method", "sales_method", "customer"):
        assert sum(actuals("gross_profit", by=(by,), span=part, user=None).values()) == total, by
    lines = records("gross_profit", span=part, user=world.executive)
    assert lines is not None
    assert sum(line.profit for line in lines if line.profit is not None) * 100 == total


def test_what_has_no_cost_is_said_and_not_guessed(world: World, product: Product) -> None:
    strange = [Product.objects.create(name=f"新{n}", line=product.line) for n in range(2)]
    save_cost(
        by=world.executive, product=strange[0], amount=Decimal(1), start_on=TODAY + dt.timedelta(days=9)
    )
    sold(world, product, "A", quantity="3")
    for number, one in enumerate(strange):
        sold(world, one, f"S{number}", price="500")
    refresh(today=TODAY)
    missing = without_cost(span=ALL, user=world.executive)
    assert missing is not None
    assert (missing.sales, missing.products, missing.share) == (1000_00, 2, pytest.approx(1000 / 4000))
    assert actuals("gross_profit", span=ALL, user=None)[()] == 3 * 386_43
    page = (
        signed_in(Client(), world.executive)
        .get("/attainment/?metric=gross_profit&period=day")
        .content.decode()
    )
    assert "2 products without a cost: 25% of sales is not in it." in page
    assert without_cost(span=ALL, user=world.manager_a) is None


def test_a_new_cost_recounts_days_long_ago(world: World, product: Product) -> None:
    sold(world, product, "A", day=TODAY - dt.timedelta(days=400))
    refresh(today=TODAY)
    assert refresh(today=TODAY) == 0
    cost = ProductCost.objects.get()
    save_cost(by=world.executive, product=product, amount=Decimal(600), start_on=cost.start_on)
    assert refresh(today=TODAY) == 1
    assert actuals("gross_profit", span=ALL, user=None)[()] == 400_00
    remove_cost(ProductCost.objects.get(), by=world.executive)
    assert refresh(today=TODAY) == 1  # without any cost nothing is gross profit, and nothing is summed apart
    assert actuals("gross_profit", span=ALL, user=None) == {(): 0}
    missing = without_cost(span=ALL, user=world.executive)
    assert missing is not None
    assert (missing.sales, missing.share) == (1000_00, 1.0)
    assert refresh(today=TODAY) == 0


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "marketing", "administrator"])
def test_costs_are_set_by_few(world: World, product: Product, who: str) -> None:
    user = getattr(world, who)
    with pytest.raises(PermissionDenied):
        save_cost(by=user, product=product, amount=Decimal(1), start_on=TODAY)
    with pytest.raises(PermissionDenied):
        remove_cost(ProductCost.objects.get(), by=user)
    assert "costs" not in {kind.key for kind in (*importable(user), *exportable(user))}


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "10000000000", "1.234"])
def test_wrong_costs(world: World, product: Product, amount: str) -> None:
    with pytest.raises(ValidationError):
        save_cost(by=world.executive, product=product, amount=Decimal(amount), start_on=TODAY)
    page = signed_in(Client(), world.executive).post(
        f"/catalogue/products/{product.pk}/cost/", {"amount": amount, "start_on": "9999-12-31"}
    )
    assert page.status_code == 422
    assert ProductCost.objects.count() == 1


def test_the_audit_row_holds_no_cost(world: World, product: Product) -> None:
    entry = AuditEntry.objects.get(action="catalogue.cost_saved")
    assert "613" not in str(entry.details)


PAGES = [
    "/attainment/?metric=gross_profit&by=product_line&period=year",
    "/attainment/table.csv?metric=gross_profit&by=product_line&period=year",
    "/attainment/table.xlsx?metric=gross_profit&period=year",
    "/attainment/records/?metric=gross_profit&period=year",
    "/attainment/target/?metric=gross_profit&period=year",
    "/attainment/soundness/?metric=gross_profit&period=year",
    "/attainment/talks/?metric=gross_profit&period=year",
    "/api/v1/attainment?metric=gross_profit&period=year",
    "/catalogue/",
    "/catalogue/?without=cost",
    "/catalogue/prices/",
    "/cockpit/",
    "/my-day/",
    "/exchange/export/costs.csv",
]


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "marketing"])
def test_who_may_not_see_costs_learns_no_gross_profit(world: World, product: Product, who: str) -> None:
    for number in range(14):
        sold(world, product, f"G{number}", day=TODAY - dt.timedelta(days=31 * number))
    version = create_target_set(by=world.executive, name="财年", start_on=dt.date(TODAY.year, 1, 1))
    refresh(today=TODAY)
    user = getattr(world, who)
    client = signed_in(Client(), user)
    grid = f"/targets/{version.pk}/?metric=gross_profit"
    for address in (*PAGES, f"/catalogue/products/{product.pk}/", grid):
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode("utf-8", "replace").replace(",", "")
        for said in ("613.57", "386.43", "386", "772.86"):
            assert said not in text.replace("/", " ").split() and f">{said}<" not in text, (address, said)
        if "gross_profit" in address and address != grid:
            assert answer.status_code == 403, address
    assert actuals("gross_profit", span=ALL, user=user) == {}
    assert history("gross_profit", ALL.start_on, ALL.end_on, user=user) == {}
    assert records("gross_profit", span=ALL, user=user) is None


def test_who_may_sees_it(world: World, product: Product) -> None:
    sold(world, product, "A")
    refresh(today=TODAY)
    client = signed_in(Client(), world.executive)
    page = client.get("/attainment/records/?metric=gross_profit&period=month").content.decode()
    assert "613.57" in page
    assert "386.43" in page
    answer = client.get("/api/v1/attainment?metric=gross_profit&period=month").json()
    assert (answer["total"]["actual"], answer["without_cost"]) == ("386.43", None)
    assert "613.57" in client.get(f"/catalogue/products/{product.pk}/").content.decode()


def test_a_split_by_history_tells_no_costs(world: World, product: Product) -> None:
    dear = Product.objects.create(name="贵", line=ProductLine.objects.create(name="滤芯"))
    save_cost(by=world.executive, product=dear, amount=Decimal(999), start_on=dt.date(2020, 1, 1))
    last_year = dt.date(TODAY.year - 1, 6, 1)
    for number, one in enumerate((product, dear)):
        sold(world, one, f"H{number}", day=last_year)
    version = create_target_set(by=world.executive, name="财年", start_on=dt.date(TODAY.year, 1, 1))
    year = version.target_set.year
    for who, last in ((world.executive, 387_43), (world.manager_a, 0)):
        page = signed_in(Client(), who).get(f"/targets/{version.pk}/?metric=gross_profit")
        assert page.context["grid"].total.last_total == last, who
    found = reached("gross_profit", year.previous, by=("product_line",))
    assert {key[0]: sum(months) for key, months in found.items()} == {
        product.line_id: 386_43, dear.line_id: 1_00,
    }  # fmt: skip
    from shengce.targets.candidates import Candidate

    among = [Candidate(product.line_id, "净水"), Candidate(dear.line_id, "滤芯")]
    weights = weights_for("history", "product_line", among, metric_code="gross_profit", year=year, where={})
    assert list(weights) == [1000_00, 1000_00]
