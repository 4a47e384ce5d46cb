"""Pages of orders and money: a clerk's day by its forms, bad input, files, and the number of queries."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.sales import actions
from shengce.sales.models import Allocation, CreditLine, CreditPolicy, Invoice, Order, Receipt, Statement
from tests.sales.books import allocate, day, holds, invoice, order, product, promise, receipt
from tests.sales.test_orders import limit
from tests.world import World


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.customer_department)
    return client


def head(**more: Any) -> dict[str, Any]:
    return {
        "ordered_on": f"{day()}", "settlement_method": "credit", "sales_method": "direct", "currency": "CNY",
        "number": "", "rep": "", "note": "",
    } | more  # fmt: skip


def test_an_order_is_written_with_the_credit_in_sight(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    limit(world, 1000)
    product()
    page = client.get("/sales/orders/new/")
    assert "云海大酒店" in page.text
    assert "松岭学校" not in page.text
    address = f"/sales/orders/new/?customer={world.customer_a.pk}"
    assert "¥1,000.00" in client.get(address).text
    lines = {
        "product": ["清泉500", "", "清泉500"],
        "quantity": ["１", "", "2"],
        "price": ["", "", "１，０００．５０元"],
    }
    beside = client.get("/sales/orders/credit/", {"customer": world.customer_a.pk, **lines}).text
    assert "¥6,801.00" in beside  # the list price 4800, and twice 1000.50
    assert "message warning" in beside
    answer = client.post(address, head() | lines)
    made = Order.objects.get()
    assert answer["Location"] == f"/sales/orders/{made.pk}/"
    assert (made.total, made.state, made.lines.count()) == (Decimal("6801.00"), "waiting", 2)


def test_more_lines_keep_what_is_typed(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    address = f"/sales/orders/new/?customer={world.customer_a.pk}"
    lines = {"product": ["没有的"] * 5, "quantity": ["1"] * 5, "price": [""] * 5, "more": "1"}
    page = client.post(address, head(note="加急") | lines)
    assert page.status_code == 200
    assert page.text.count('name="quantity"') == 10
    assert page.text.count("没有的") == 5
    assert "加急" in page.text


@pytest.mark.parametrize(
    "lines",
    [
        {},
        {"product": ["没有的"], "quantity": ["1"], "price": ["1"]},
        {"product": ["清泉500"], "quantity": ["NaN"], "price": ["1"]},
        {"product": ["清泉500"], "quantity": ["many"], "price": ["1"]},
        {"product": ["清泉500"], "quantity": ["1"], "price": ["1e400"]},
        {"product": ["清泉500"], "quantity": ["9" * 400], "price": ["1"]},
        {"product": ["清泉500"], "quantity": ["-1"], "price": ["1"]},
        {"product": ["清泉500"], "quantity": ["0"], "price": ["1"]},
        {"product": ["a\x00b"], "quantity": ["1"], "price": ["1"]},
        {"product": ["清泉500"], "quantity": ["1"]},
        {"product": [""], "quantity": ["1"], "price": ["1"]},
    ],
)
def test_lines_that_make_no_order_come_back_with_words(world: World, client: Client, lines: Any) -> None:
    client.force_login(world.rep_a1)
    Product.objects.create(name="清泉500")
    page = client.post(f"/sales/orders/new/?customer={world.customer_a.pk}", head() | lines)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "more",
    [{"ordered_on": "2026-13-01"}, {"ordered_on": "9999-12-31"}, {"note": "x\x00"}, {"number": "9" * 50},
     {"settlement_method": "barter"}, {"currency": "¥"}, {"rep": "999999999999999999999"}],
)  # fmt: skip
def test_heads_that_make_no_order(world: World, client: Client, more: Any) -> None:
    client.force_login(world.rep_a1)
    product()
    lines = {"product": ["清泉500"], "quantity": ["1"], "price": ["1"]}
    page = client.post(f"/sales/orders/new/?customer={world.customer_a.pk}", head(**more) | lines)
    assert page.status_code == 422
    assert not Order.objects.exists()


def test_approving_from_the_list(world: World, client: Client) -> None:
    limit(world, 0)
    waiting = order(world)
    client.force_login(world.manager_a)
    page = client.get("/sales/money/approvals/")
    assert waiting.number in page.text
    address = f"/sales/orders/{waiting.pk}"
    client.post(f"{address}/refuse/", {"comment": ""}, follow=True)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    answer = client.post(f"{address}/approve/", {"comment": "可以", "next": "approvals"})
    assert answer["Location"] == "/sales/money/approvals/"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decision) == ("confirmed", "可以")
    page = client.post(f"{address}/delivery/", {"delivered_on": f"{day()}", "amount": "x", "number": ""})
    assert page.status_code == 422
    client.post(f"{address}/delivery/", {"delivered_on": f"{day()}", "amount": "１００", "number": ""})
    assert waiting.deliveries.get().amount == 100


def test_from_order_to_invoice_to_money(world: World, clerk: Client) -> None:
    made = order(world)
    page = clerk.get(f"/sales/money/invoices/new/?order={made.pk}")
    assert 'value="100.00"' in page.text
    form = {"issued_on": f"{day()}", "due_on": "", "amount": "100", "currency": "CNY", "number": ""}
    answer = clerk.post(f"/sales/money/invoices/new/?order={made.pk}", form)
    bill = Invoice.objects.get()
    assert answer["Location"] == f"/sales/money/invoices/{bill.pk}/"
    assert (bill.order, bill.due_on) == (made, day(-30))
    form = {
        "received_on": f"{day()}", "amount": "60.00", "currency": "CNY", "payer": "云海大酒店有限公司",
        "bank_reference": "R 1", "settlement_method": "credit", "note": "",
    }  # fmt: skip
    clerk.post("/sales/money/receipts/new/", form)
    money = Receipt.objects.get()
    page = clerk.get(f"/sales/money/receipts/{money.pk}/")
    assert "云海大酒店 <small" in page.text  # found by the payer's name
    assert clerk.post("/sales/money/receipts/new/", form).status_code == 422  # the reference stands already
    clerk.post(f"/sales/money/receipts/{money.pk}/assign/", {"customer": world.customer_a.pk})
    page = clerk.get(f"/sales/money/receipts/{money.pk}/")
    assert f'name="part-{bill.pk}" value="60.00"' in page.text
    answer = clerk.post(f"/sales/money/receipts/{money.pk}/allocate/", {f"part-{bill.pk}": "４０"})
    assert answer.status_code == 302
    holds(bill, money)
    assert (bill.open_amount, money.open_amount) == (60, 20)
    clerk.post(f"/sales/money/allocations/{Allocation.objects.get().pk}/take-back/")
    clerk.post(f"/sales/money/receipts/{money.pk}/oldest/")
    holds(bill, money)
    assert bill.open_amount == 40
    clerk.post(f"/sales/money/receipts/{money.pk}/reverse/", {"reason": ""})
    assert Receipt.objects.get().reversed_at is None
    clerk.post(f"/sales/money/receipts/{money.pk}/reverse/", {"reason": "退票"})
    holds(bill, money)
    assert "退票" in clerk.get(f"/sales/money/receipts/{money.pk}/").text


def test_one_wrong_part_books_nothing(world: World, clerk: Client) -> None:
    bills, money = [invoice(world, 50, due=n) for n in (5, 9)], receipt(world, 80)
    address = f"/sales/money/receipts/{money.pk}/allocate/"
    for wrong in ("50.01", "NaN", "-1", "0.001", "much", "1e30", "9" * 99):
        page = clerk.post(address, {f"part-{bills[0].pk}": "50", f"part-{bills[1].pk}": wrong})
        assert page.status_code == 422, wrong
        assert 'aria-invalid="true"' in page.text
        assert page.text.count('class="error"') == 1
    page = clerk.post(address, {f"part-{bills[0].pk}": "50", f"part-{bills[1].pk}": "50"})
    assert page.status_code == 422  # together more than came
    theirs = actions.issue_invoice(
        by=world.customer_department, customer=world.customer_b, issued_on=day(), amount=Decimal(9)
    )
    assert clerk.post(address, {f"part-{theirs.pk}": "9"}).status_code == 422
    assert clerk.post(address, {"part-x": "9", "part-999999999999999999999999": "9"}).status_code == 302
    holds(*bills, money)
    assert not Allocation.objects.exists()


def test_ageing_leads_down_to_its_invoices(world: World, clerk: Client) -> None:
    old, young = invoice(world, "1234.50", due=70), invoice(world, 77, due=5)
    page = clerk.get("/sales/money/")
    assert page.status_code == 200
    assert "林晓" in page.text
    link = f"/sales/money/invoices/?on={day()}&amp;rep={world.rep_a1.pk}&amp;bucket=3"
    assert link in page.text
    behind = clerk.get(link.replace("&amp;", "&")).text
    assert old.number in behind
    assert young.number not in behind
    down = clerk.get(f"/sales/money/?by=customer&rep={world.rep_a1.pk}").text
    assert f"/sales/money/customers/{world.customer_a.pk}/" in down
    for by in ("unit", "territory", "nonsense"):
        assert clerk.get(f"/sales/money/?by={by}").status_code == 200
    allocate(world, receipt(world, "1234.50", ago=2), old, "1234.50")
    assert old.number not in clerk.get("/sales/money/invoices/?bucket=3").text
    assert old.number in clerk.get(f"/sales/money/invoices/?bucket=3&on={day(3)}").text


@pytest.mark.parametrize(
    "address",
    [
        "/sales/money/?on=x&page=0&rep=x&unit=99999999999999999999&currency=%00&sort=%27",
        "/sales/money/?on=1999-01-01&by=rep&territory=0&page=999999999",
        "/sales/money/invoices/?bucket=99&on=2000-02-30&currency=%F0%9F%92%A9",
        "/sales/money/invoices/?state=nonsense&sort=nonsense&customer=x&from=x&to=2026-11-31&q=%00%27%25",
        "/sales/money/receipts/?state=nonsense&from=9999-99-99&q=%00",
        "/sales/money/promises/?state=x&rep=x&sort=x&page=-1",
        "/sales/money/statements/?state=x&customer=99999999999999999999",
        "/sales/money/dunning/?page=x",
        "/sales/orders/?state=x&rep=%00&page=1e9&q=%5C",
        "/sales/orders/?format=exe",
    ],
)
def test_strange_questions_are_answered(world: World, clerk: Client, address: str) -> None:
    invoice(world, 5, due=5)
    assert clerk.get(address).status_code == 200


def test_files_of_every_list_say_what_the_page_says(world: World, clerk: Client) -> None:
    Customer.objects.filter(pk=world.customer_a.pk).update(name="=cmd|' /C calc'!A0")
    world.customer_a.refresh_from_db()
    order(world, note="+note")
    invoice(world, 100, due=40)
    receipt(world, 30, payer="@payer")
    promise(world, 9, made=5, due=0)
    account = actions.make_statement(
        world.customer_a, by=world.customer_department, start_on=day(99), end_on=day(-1)
    )
    for address in (
        "/sales/orders/", "/sales/money/", "/sales/money/invoices/", "/sales/money/receipts/", "/sales/money/promises/",
        "/sales/money/calls/", f"/sales/money/statements/{account.pk}/", "/sales/money/?by=customer",
    ):  # fmt: skip
        answer = clerk.get(address, {"format": "csv", "by": "customer"})
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) > 1, address
        cells = [cell for row in rows for cell in row]
        assert not any(cell.startswith(("=", "@", "+")) for cell in cells), address
        assert any(cell in ("100.00", "30.00", "9.00") for cell in cells), address
        workbook = clerk.get(address, {"format": "xlsx"})
        assert b"".join(workbook.streaming_content)[:2] == b"PK", address  # type: ignore[attr-defined]


def test_credit_is_set_as_suggested_or_otherwise(world: World, clerk: Client) -> None:
    page = clerk.get(f"/sales/money/customers/{world.customer_a.pk}/")
    assert page.status_code == 200
    address = f"/sales/money/customers/{world.customer_a.pk}/credit/"
    clerk.post(address, {"suggested": "1"})
    assert CreditLine.objects.get().reasons[0]["code"] == "no_turnover"
    assert clerk.post(address, {"limit": "NaN", "days": "1"}).status_code == 422
    assert clerk.post(address, {"limit": "1", "days": "9999"}).status_code == 422
    clerk.post(address, {"limit": "50,000", "days": "30", "grade": "A", "why": "老板担保"})
    line = CreditLine.objects.latest("pk")
    assert (line.limit, line.reasons) == (50_000, [{"text": "老板担保", "points": 0}])
    assert "老板担保" in clerk.get(f"/sales/money/customers/{world.customer_a.pk}/").text


def test_rules_are_edited_as_lines(world: World, clerk: Client) -> None:
    page = clerk.get("/sales/money/credit-rules/")
    assert "A, 75, 500000, 60" in page.text
    form = {
        "counts": "orders", "over_limit": "stop", "days": "15",
        "grades": "甲，60，10000，30\n乙,0,0,0\n", "dunning": "5：{customer}请付款\n20: 再次",
    }  # fmt: skip
    assert clerk.post("/sales/money/credit-rules/", form).status_code == 302
    policy = CreditPolicy.objects.get()
    assert [row["grade"] for row in policy.grades] == ["甲", "乙"]
    assert [row["text"] for row in policy.dunning] == ["{customer}请付款", "再次"]
    for wrong in (
        {"grades": "甲,60"}, {"grades": "甲,x,1,1"}, {"grades": "甲,60,NaN,1\n乙,0,0,0"}, {"grades": "甲,60,1,1"},
        {"dunning": "soon: x"}, {"dunning": "99999: x"}, {"counts": "x"}, {"days": "-1"}, {"dunning": "5: a\x00"},
    ):  # fmt: skip
        assert clerk.post("/sales/money/credit-rules/", form | wrong).status_code == 422, wrong
    policy.refresh_from_db()
    assert policy.days == 15


def test_statement_and_reminder_by_hand(world: World, clerk: Client) -> None:
    bill = invoice(world, 100, due=20)
    address = f"/sales/money/customers/{world.customer_a.pk}/statement/"
    for bad in ({}, {"start_on": "x", "last_on": "y"}, {"start_on": "2026-02-01", "last_on": "2026-01-01"},
                {"start_on": "0001-01-01", "last_on": "9999-12-31"}):  # fmt: skip
        clerk.post(address, bad)
    assert not Statement.objects.exists()
    clerk.post(address, {"start_on": f"{day(60)}", "last_on": f"{day()}"})
    made = Statement.objects.get()
    page = clerk.get(f"/sales/money/statements/{made.pk}/")
    assert bill.number in page.text
    clerk.post(f"/sales/money/statements/{made.pk}/answer/", {"answer": "yes", "comment": "盖章寄回"})
    made.refresh_from_db()
    assert (made.state, made.comment) == ("confirmed", "盖章寄回")
    assert bill.number in clerk.get("/sales/money/dunning/").text
    clerk.post("/sales/money/dunning/", {"invoice": ["x", "99999999999999999999", str(bill.pk)]})
    assert bill.dunnings.get().level == 2
    assert "请于三个工作日内付款" in clerk.get(f"/sales/money/dunning/{bill.dunnings.get().pk}/").text


def test_disputing_and_giving_up_by_hand(world: World, clerk: Client, client: Client) -> None:
    bill = invoice(world, 100, due=20)
    address = f"/sales/money/invoices/{bill.pk}"
    assert clerk.post(f"{address}/dispute/", {"reason": ""}).status_code == 422
    clerk.post(f"{address}/dispute/", {"reason": "少货"})
    assert "少货" in clerk.get(f"{address}/").text
    clerk.post(f"{address}/end-dispute/")
    assert clerk.post(f"{address}/write-off/", {"amount": "x", "reason": "x"}).status_code == 422
    clerk.post(f"{address}/write-off/", {"amount": "１０", "reason": "尾数"})
    asked = bill.write_offs.get()
    client.force_login(world.executive)
    assert "尾数" in client.get("/sales/money/approvals/").text
    client.post(f"/sales/money/write-offs/{asked.pk}/", {"answer": "yes"})
    holds(bill)
    assert bill.open_amount == 90


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "customer_department", "executive"])
def test_what_was_said_stands_there_and_plays(world: World, client: Client, who: str) -> None:
    promise(world, 100, made=5, due=0)
    client.force_login(getattr(world, who))
    for address in (
        "/sales/money/calls/",
        "/sales/money/promises/",
        f"/sales/money/customers/{world.customer_a.pk}/",
    ):
        page = client.get(address).text
        assert "下周五先打二十万" in page
        assert 'class="play"' in page


PAGES = [
    "/sales/orders/", "/sales/orders/?sort=-total", "/sales/money/", "/sales/money/?by=customer", "/sales/money/?by=unit",
    "/sales/money/?by=territory", "/sales/money/invoices/", "/sales/money/invoices/?state=overdue",
    "/sales/money/invoices/?bucket=1", "/sales/money/receipts/", "/sales/money/promises/", "/sales/money/calls/",
    "/sales/money/statements/", "/sales/money/dunning/", "/sales/money/approvals/",
]  # fmt: skip


def test_lists_cost_the_same_whatever_they_show(world: World, client: Client) -> None:
    client.force_login(world.customer_department)
    counts: list[dict[str, int]] = []
    for number in (3, 12):
        for n in range(number):
            customer = Customer.objects.create(
                name=f"客户{number}-{n}", owner=world.rep_a1, unit=world.team_a
            )
            order(world, customer=customer)
            actions.set_credit(customer, by=world.customer_department, limit=Decimal(0), days=1)
            order(world, customer=customer)
            bill = invoice(world, 100, due=20 + n, customer=customer)
            allocate(world, receipt(world, 30, customer=customer), bill, 10)
            receipt(world, 5, customer=None)
            promise(world, 100 + n, made=9, due=0)
            actions.make_statement(customer, by=world.customer_department, start_on=day(9), end_on=day())
        counts.append({page: measured(client, page) for page in PAGES})
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= 15, counts[1]


def measured(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len([q for q in captured.captured_queries if "django_session" not in q["sql"]]) - 1
