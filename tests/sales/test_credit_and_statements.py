"""The firm's rules, the grading from real rows, statements of account, reminders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.sales import actions
from shengce.sales.credit import credit_line_of, current_policy, record_of
from shengce.sales.models import CreditLine, CreditPolicy, Dunning, Statement
from shengce.sales.queries import dunning_due
from tests.sales.books import allocate, day, invoice, promise, receipt
from tests.sales.test_orders import limit, refused, rules
from tests.world import World


def test_the_record_is_read_from_the_rows(world: World) -> None:
    on_time, late = invoice(world, 300, due=100), invoice(world, 100, due=60)
    allocate(world, receipt(world, 300, ago=110), on_time, 300)
    allocate(world, receipt(world, 100, ago=20), late, 100)
    invoice(world, 50, due=10)
    invoice(world, 150, due=-10)
    cancelled = invoice(world, 999, due=10)
    actions.cancel_invoice(cancelled, by=world.customer_department)
    disputed = invoice(world, 100, due=-20)
    actions.dispute_invoice(disputed, by=world.customer_department, reason="x")
    promise(world, 1000, made=9, due=5)
    actions.check_promises(today=day())
    found = record_of(world.customer_a)
    assert (found.settled, found.days_late) == (2, 10.0)  # (0 × 300 + 40 × 100) / 400
    assert found.overdue_share == pytest.approx(50 / 300)
    assert (found.promises_broken, found.turnover, found.disputes) == (1, 700, 1)
    assert found.months == 130 // 30


def test_a_broken_promise_lowers_the_suggestion_and_says_so(world: World) -> None:
    for n in range(1, 7):
        bill = invoice(world, 60_000, due=n * 30)
        allocate(world, receipt(world, 60_000, ago=n * 30), bill, 60_000)
    before = actions.suggest_credit(world.customer_a)
    for n in range(3):
        promise(world, 1000 + n, made=9, due=5)
    actions.check_promises(today=day())
    after = actions.suggest_credit(world.customer_a)
    assert after.score < before.score
    assert after.limit < before.limit
    assert [r.points for r in after.reasons if r.code == "promises_broken"] == [-24]
    row = actions.set_credit(
        world.customer_a, by=world.customer_department, limit=after.limit, days=after.days, grade=after.grade,
        reasons=after.reasons,
    )  # fmt: skip
    assert {"code": "promises_broken", "value": "3", "points": -24} in row.reasons


def test_the_newest_line_is_in_force_and_the_old_ones_stay(world: World) -> None:
    assert credit_line_of(world.customer_a) is None
    for amount in (100, 200):
        limit(world, amount)
    line = credit_line_of(world.customer_a)
    assert line is not None
    assert line.limit == 200
    assert CreditLine.objects.count() == 2
    for code, values in {
        "amount": {"limit": Decimal(-1), "days": 1}, "days": {"limit": Decimal(1), "days": 721},
        "number": {"limit": Decimal("NaN"), "days": 1}, "too_large": {"limit": Decimal("1e12"), "days": 1},
    }.items():  # fmt: skip
        refused(code, actions.set_credit, world.customer_a, by=world.customer_department, **values)


def test_rules_are_checked_and_sorted(world: World) -> None:
    assert current_policy().pk is None  # the shipped ones
    grades = [
        {"grade": "乙", "least": 0, "limit": "10", "days": 5},
        {"grade": "甲", "least": 80, "limit": "20", "days": 9},
    ]
    saved = rules(
        world, grades=grades, dunning=[{"days": 20, "text": "二"}, {"days": 5, "text": "一"}], days=7
    )
    assert [row["grade"] for row in saved.grades] == ["甲", "乙"]
    assert [(row["level"], row["text"]) for row in saved.dunning] == [(1, "一"), (2, "二")]
    assert rules(world, days=8).pk == saved.pk == CreditPolicy.objects.get().pk
    bad: list[tuple[str, dict[str, Any]]] = [
        ("grades", {"grades": []}),
        ("grades", {"grades": grades[1:]}),
        ("grades", {"grades": [*grades, {"grade": "甲", "least": 10, "limit": "1", "days": 1}]}),
        ("grades", {"grades": [*grades, {"grade": "丙", "least": 101, "limit": "1", "days": 1}]}),
        ("dunning", {"dunning": [{"days": 0, "text": "x"}]}),
        ("dunning", {"dunning": [{"days": 3, "text": "x"}, {"days": 3, "text": "y"}]}),
        ("empty", {"dunning": [{"days": 3, "text": ""}]}),
    ]
    for code, values in bad:
        refused(code, rules, world, **values)
    for values in ({"counts": "smiles"}, {"over_limit": "shrug"}, {"days": -1}, {"days": 10**9}):
        with pytest.raises(ValidationError):
            rules(world, **values)
    for name in ("rep_a1", "manager_a", "marketing", "administrator"):
        with pytest.raises(PermissionDenied):
            actions.save_credit_policy(
                by=getattr(world, name), counts="orders", over_limit="stop", days=1, grades=grades, dunning=[]
            )


def test_a_statement_adds_up_line_by_line_and_stays_as_written(world: World) -> None:
    invoice(world, 500, issued=60, due=30)
    bill = invoice(world, 100, issued=20, due=0)
    receipt(world, 80, ago=40)
    receipt(world, 50, ago=10, bank_reference="B1")
    given_up = actions.ask_write_off(bill, by=world.customer_department, amount=Decimal(5), reason="尾数")
    actions.decide_write_off(given_up, by=world.executive, approve=True)
    made = actions.make_statement(
        world.customer_a, by=world.customer_department, start_on=day(30), end_on=day(-1)
    )
    assert (made.opening, made.closing) == (420, 465)
    assert [(line["kind"], line["number"], line["debit"], line["credit"], line["balance"]) for line in made.lines] == [
        ("invoice", bill.number, "100.00", "0", "520.00"),
        ("receipt", "B1", "0", "50.00", "470.00"),
        ("write_off", bill.number, "0", "5.00", "465.00"),
    ]  # fmt: skip
    receipt(world, 1, ago=10)
    made.refresh_from_db()
    assert made.closing == 465
    for start, end in ((day(), day()), (day(), day(5)), (dt.date(1990, 1, 1), day())):
        refused("period", actions.make_statement, world.customer_a, by=world.customer_department,
                start_on=start, end_on=end)  # fmt: skip


def test_a_statement_is_answered_once(world: World) -> None:
    made = actions.make_statement(
        world.customer_a, by=world.customer_department, start_on=day(9), end_on=day()
    )
    answer = actions.answer_statement
    refused("empty", answer, made, by=world.customer_department, confirmed=False)
    with pytest.raises(PermissionDenied):
        answer(made, by=world.manager_a, confirmed=True)
    answered = answer(made, by=world.customer_department, confirmed=False, comment="少一笔回款")
    assert (answered.state, answered.comment) == (Statement.State.DISPUTED, "少一笔回款")
    refused("state", answer, made, by=world.customer_department, confirmed=True)


def test_reminders_go_up_level_by_level(world: World) -> None:
    clerk = world.customer_department
    bill, fresh = invoice(world, 1200, due=20, number="IV-9"), invoice(world, 5, due=-40)
    disputed = invoice(world, 5, due=50)
    actions.dispute_invoice(disputed, by=clerk, reason="x")
    assert list(dunning_due(clerk, today=day())) == [bill]
    sent = actions.send_dunning(bill, by=clerk)
    assert sent.level == 2  # 15 days are past, 45 are not
    assert sent.text.startswith("云海大酒店：贵司发票 IV-9 逾期已 20 天，未付金额 ¥1,200.00")
    assert not dunning_due(clerk, today=day()).exists()
    assert list(dunning_due(clerk, today=day(-25))) == [bill]
    for level in (None, 1, 2, 3):
        refused("level", actions.send_dunning, bill, by=clerk, level=level)
    for other in (fresh, disputed):
        refused("state", actions.send_dunning, other, by=clerk)
    assert Dunning.objects.get() == sent
    for name in ("rep_b1", "manager_b", "marketing"):
        assert not dunning_due(getattr(world, name), today=day()).exists()


def test_a_letter_reaches_only_its_own_words(world: World) -> None:
    rules(world, dunning=[{"days": 1, "text": "{customer.owner.password} {amount} {0} {"}])
    bill = invoice(world, 10, due=5)
    assert (
        actions.send_dunning(bill, by=world.customer_department).text
        == "{customer.owner.password} ¥10.00 {0} {"
    )
