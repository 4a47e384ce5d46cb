"""The pages: what stands on them, what their forms do, what they cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from shengce.plans import actions, spending
from shengce.plans.activities import activities
from shengce.plans.models import Budget, Expense, Measure
from tests.world import World


@pytest.fixture
def boss(world: World, client: Client) -> Client:
    client.force_login(world.executive)
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def test_a_measure_from_plan_to_result(world: World, client: Client) -> None:
    client.force_login(world.manager_a)
    today = timezone.localdate()
    form = {
        "title": "城西酒店走访",
        "owner": world.rep_a1.pk,
        "start_on": today,
        "last_on": today,
        "place": "城西",
    }
    answer = client.post(reverse("plans:new"), form)
    measure = Measure.objects.get()
    assert answer.headers["Location"] == reverse("plans:measure", args=[measure.pk])
    assert (measure.start_on, measure.end_on) == (today, today + dt.timedelta(days=1))
    assert "城西酒店走访" in page(client, reverse("plans:plan"))
    client.post(reverse("plans:begin", args=[measure.pk]))
    client.force_login(world.rep_a1)
    answer = client.post(reverse("plans:end", args=[measure.pk]), {"result": "", "done": "1"})
    assert answer.status_code == 422
    client.post(reverse("plans:end", args=[measure.pk]), {"result": "三家留了样机", "done": "1"})
    assert "三家留了样机" in page(client, reverse("plans:measure", args=[measure.pk]))


@pytest.mark.parametrize(
    "query",
    ["?year=x", "?year=99999", "?year=-1", "?quarter=9", "?owner=x", "?owner=" + "9" * 40, "?state=nonsense", "?page=0",
     "?page=99", "?territory=-3", "?q=%00", "?q=" + "长" * 500],
)  # fmt: skip
def test_questions_that_make_no_sense(boss: Client, query: str) -> None:
    page(boss, reverse("plans:plan") + query)
    assert boss.get(reverse("plans:csv") + query).status_code == 200


def test_a_budget_is_distributed_and_spent(world: World, boss: Client) -> None:
    start = timezone.localdate().replace(month=1, day=1)
    boss.post(reverse("plans:budgets"), {"name": "市场费用", "start_on": start, "total": "100000"})
    budget = Budget.objects.get()
    line = {"activity": activities()[0].pk, "unit": world.team_a.pk, "amount": "120000"}
    answer = boss.post(reverse("plans:set_line", args=[budget.pk]), line)
    assert answer.status_code == 422 and "20000.00" in answer.content.decode()
    boss.post(reverse("plans:set_line", args=[budget.pk]), {**line, "amount": "30000"})
    boss.post(reverse("plans:spread", args=[budget.pk]))
    assert budget.lines.get().amount == 100000
    boss.post(reverse("plans:approve", args=[budget.pk]))
    boss.force_login(world.rep_a1)
    claim = {
        "line": budget.lines.get().pk,
        "spent_on": timezone.localdate(),
        "amount": "800",
        "what": "展位费",
    }
    boss.post(reverse("plans:claim"), claim)
    expense = Expense.objects.get()
    assert "展位费" in page(boss, reverse("plans:expenses"))
    boss.force_login(world.manager_a)
    boss.post(reverse("plans:decide", args=[expense.pk]), {"approve": "1"})
    expense.refresh_from_db()
    assert expense.state == "approved"
    assert "800" in page(boss, reverse("plans:budget", args=[budget.pk]) + "?by=unit")
    assert "800" in page(boss, reverse("plans:line", args=[expense.line_id]))


def test_the_pages_cost_the_same_with_one_and_with_many(world: World, boss: Client) -> None:
    today = timezone.localdate()
    budget = spending.create_budget(
        by=world.executive, name="b", start_on=today.replace(month=1, day=1), total=Decimal(10**6)
    )

    def add(number: int) -> None:
        line = spending.set_line(
            budget,
            by=world.executive,
            activity=activities()[number],
            unit=world.team_a,
            amount=Decimal(10),
        )
        for each in range(5):
            actions.plan_measure(
                by=world.manager_a, title=f"{number}-{each}", owner=world.rep_a1, start_on=today,
                end_on=today + dt.timedelta(days=3), line=line, cost=Decimal(2),
            )  # fmt: skip

    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page(boss, address)
        return len(caught)

    add(0)
    addresses = [reverse("plans:plan"), reverse("plans:budget", args=[budget.pk])]
    few = [cost(address) for address in addresses]
    for number in range(1, 5):
        add(number)
    many = [cost(address) for address in addresses]
    assert many == few
    assert max(many) <= 18
