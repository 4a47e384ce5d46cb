"""Two people at once, with real threads and real connections: nothing is booked twice, nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from shengce.sales import actions
from shengce.sales.models import Allocation, Invoice, Order, Receipt
from tests.sales.books import allocate, day, holds, invoice, line, order, receipt
from tests.sales.test_orders import limit
from tests.world import World, make_world


@pytest.fixture
def company(transactional_db: Any) -> World:
    return make_world()


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Each call in a thread of its own, started together; what each returned, or why it was refused."""
    start = threading.Barrier(len(calls))
    answers: list[object] = [None] * len(calls)

    def run(place: int) -> None:
        try:
            start.wait(10)
            answers[place] = calls[place]()
        except Exception as problem:
            answers[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return answers


def refusals(answers: list[object]) -> int:
    wrong = [a for a in answers if isinstance(a, Exception) and not isinstance(a, ValidationError)]
    assert not wrong, wrong
    return sum(isinstance(answer, ValidationError) for answer in answers)


def test_one_receipt_allocated_by_two_people(company: World) -> None:
    one, other, money = invoice(company, 100), invoice(company, 100), receipt(company, 100)
    answers = at_once(
        lambda: allocate(company, money, one, 100),
        lambda: allocate(company, money, other, 100),
        lambda: actions.allocate_oldest_first(money, by=company.customer_department),
    )
    refusals(answers)
    holds(one, other, money)
    assert sum(a.amount for a in Allocation.objects.all()) == 100


def test_one_invoice_paid_by_two_receipts(company: World) -> None:
    bill, moneys = invoice(company, 100), [receipt(company, 80) for _ in range(3)]
    answers = at_once(*[lambda m=m: allocate(company, m, bill, 80) for m in moneys])  # type: ignore[misc]
    assert refusals(answers) == 2
    holds(bill, *moneys)


def test_allocating_while_it_is_taken_back_and_reversed(company: World) -> None:
    bills = [invoice(company, 50, due=n) for n in range(4)]
    moneys = [receipt(company, 100) for _ in range(2)]
    first = allocate(company, moneys[0], bills[2], 20)
    clerk = company.customer_department
    answers = at_once(
        lambda: actions.allocate_oldest_first(moneys[0], by=clerk),
        lambda: actions.allocate_oldest_first(moneys[1], by=clerk),
        lambda: actions.take_back_allocation(first, by=clerk),
        lambda: actions.reverse_receipt(moneys[1], by=clerk, reason="退票"),
    )
    refusals(answers)
    holds(*bills, *moneys)
    assert Receipt.objects.get(pk=moneys[1].pk).open_amount == 0


def test_one_bank_reference_entered_twice(company: World) -> None:
    answers = at_once(*[lambda: receipt(company, 100, bank_reference="X1")] * 3)
    assert refusals(answers) == 2
    assert Receipt.objects.count() == 1


def test_two_orders_share_one_limit_and_get_different_numbers(company: World) -> None:
    limit(company, 150)
    rules = actions.save_credit_policy
    rules(by=company.customer_department, counts="orders", over_limit="approve", days=30,
          grades=[{"grade": "A", "least": 0, "limit": "1", "days": 1}], dunning=[])  # fmt: skip
    line()  # the product is made once, before the race
    answers = at_once(*[lambda: order(company, line(1, 100))] * 3)
    assert refusals(answers) == 0
    states = sorted(Order.objects.values_list("state", flat=True))
    assert states == ["confirmed", "waiting", "waiting"]
    assert len(set(Order.objects.values_list("number", flat=True))) == 3


def test_a_write_off_and_money_do_not_both_take_the_same(company: World) -> None:
    bill, money = invoice(company, 100), receipt(company, 100)
    asked = actions.ask_write_off(bill, by=company.customer_department, amount=Decimal(60), reason="x")
    answers = at_once(
        lambda: actions.decide_write_off(asked, by=company.executive, approve=True),
        lambda: allocate(company, money, bill, 80),
    )
    assert refusals(answers) == 1
    holds(bill, money)
    assert Invoice.objects.get(pk=bill.pk).issued_on <= day()
