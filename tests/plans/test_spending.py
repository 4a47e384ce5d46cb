"""Budgets: lines and reserve add up to the cent, nothing is spent that nobody approved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from shengce.people.models import Role, Unit, User
from shengce.plans import actions, queries, spending
from shengce.plans.activities import activities
from shengce.plans.models import Budget, BudgetLine, Expense
from shengce.targets.models import Metric
from tests.world import World


def budget_of(world: World, total: str = "10000") -> Budget:
    start = timezone.localdate().replace(month=1, day=1)
    return spending.create_budget(by=world.executive, name="市场费用", start_on=start, total=Decimal(total))


def line_of(world: World, budget: Budget, amount: str = "1000", place: int = 0) -> BudgetLine:
    activity = activities()[place]
    line = spending.set_line(
        budget, by=world.executive, activity=activity, unit=world.team_a, amount=Decimal(amount)
    )
    assert line is not None
    return line


def claimed(world: World, line: BudgetLine, amount: str, by: User | None = None) -> Expense:
    return spending.claim_expense(
        by=by or world.rep_a1, line=line, amount=Decimal(amount), spent_on=timezone.localdate(), what="展位费"
    )


def code(problem: pytest.ExceptionInfo[ValidationError]) -> str:
    return problem.value.error_list[0].code or ""


def test_lines_never_hold_more_than_the_total_nor_less_than_was_spent(world: World) -> None:
    budget = budget_of(world)
    line = line_of(world, budget, "6000")
    with pytest.raises(ValidationError) as over:
        line_of(world, budget, "4000.01", place=1)
    with pytest.raises(ValidationError) as low:
        spending.set_total(budget, by=world.executive, total=Decimal("5999.99"))
    assert [code(over), code(low)] == ["over", "over"]
    assert budget.lines.count() == 1
    spending.approve_budget(budget, by=world.executive)
    spending.decide_expense(claimed(world, line, "2500"), by=world.manager_a, approve=True)
    with pytest.raises(ValidationError) as spent:
        line_of(world, budget, "2499.99")
    assert code(spent) == "spent"
    assert line_of(world, budget, "2500").pk == line.pk


def test_nothing_takes_an_unused_line_away(world: World) -> None:
    budget = budget_of(world)
    line_of(world, budget)
    activity = activities()[0]
    assert (
        spending.set_line(budget, by=world.executive, activity=activity, unit=world.team_a, amount=Decimal(0))
        is None
    )
    assert not budget.lines.exists()


class TestReserve(TestCase):
    @given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.integers(1, 10**9))
    def test_the_reserve_goes_out_to_the_cent(self, cents: list[int], more: int) -> None:
        boss = User.objects.create(username="boss", role=Role.EXECUTIVE)
        total = Decimal(sum(cents) + more) / 100
        budget = spending.create_budget(by=boss, name="b", start_on=dt.date(2026, 4, 1), total=total)
        for number, amount in enumerate(cents):
            unit = Unit.objects.create(name=str(number), path=f"/{number}/")
            BudgetLine.objects.create(
                budget=budget, activity=activities()[0], unit=unit, amount=Decimal(amount) / 100
            )
        before = list(budget.lines.order_by("pk").values_list("amount", flat=True))
        spending.spread_reserve(budget, by=boss)
        after = list(budget.lines.order_by("pk").values_list("amount", flat=True))
        assert sum(after) == total
        assert all(new >= old for new, old in zip(after, before, strict=True))


def test_an_expense_counts_once_somebody_above_said_yes(world: World) -> None:
    budget = budget_of(world)
    line = line_of(world, budget)
    with pytest.raises(ValidationError) as draft:
        claimed(world, line, "10")
    assert code(draft) == "draft"
    spending.approve_budget(budget, by=world.executive)
    expense = claimed(world, line, "400")
    row = queries.standing(line)
    assert (row.spent, row.waiting, row.left) == (0, 400, 1000)
    with pytest.raises(ValidationError) as why:
        spending.decide_expense(expense, by=world.manager_a, approve=False)
    assert code(why) == "empty"
    spending.decide_expense(expense, by=world.manager_a, approve=True)
    with pytest.raises(ValidationError) as again:
        spending.decide_expense(expense, by=world.executive, approve=False, reason="迟了")
    assert code(again) == "decided"
    row = queries.standing(line)
    assert (row.spent, row.waiting, row.left) == (400, 0, 600)


def test_nobody_decides_on_his_own_and_over_the_line_only_an_executive(world: World) -> None:
    budget = budget_of(world)
    line = line_of(world, budget)
    spending.approve_budget(budget, by=world.executive)
    with pytest.raises(PermissionDenied):
        spending.decide_expense(
            claimed(world, line, "10", by=world.manager_a), by=world.manager_a, approve=True
        )
    over = claimed(world, line, "1000.01")
    with pytest.raises(ValidationError) as problem:
        spending.decide_expense(over, by=world.manager_a, approve=True)
    assert code(problem) == "over"
    spending.decide_expense(over, by=world.executive, approve=True)
    assert queries.standing(line).over
    for stranger in (world.manager_b, world.rep_a1, world.inspector):
        with pytest.raises(PermissionDenied):
            spending.decide_expense(claimed(world, line, "1"), by=stranger, approve=True)


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e12"])
def test_a_claim_without_a_sensible_sum(world: World, amount: str) -> None:
    budget = budget_of(world)
    line = line_of(world, budget)
    spending.approve_budget(budget, by=world.executive)
    with pytest.raises(ValidationError) as problem:
        claimed(world, line, amount)
    assert code(problem) == "number"


def test_a_claim_has_a_day_of_the_year_and_a_line_of_ones_own(world: World) -> None:
    budget = budget_of(world)
    line = line_of(world, budget)
    spending.approve_budget(budget, by=world.executive)
    today = timezone.localdate()
    for day in (today + dt.timedelta(days=1), budget.start_on - dt.timedelta(days=1)):
        with pytest.raises(ValidationError) as problem:
            spending.claim_expense(by=world.rep_a1, line=line, amount=Decimal(5), spent_on=day, what="x")
        assert code(problem) == "spent_on"
    with pytest.raises(PermissionDenied):
        claimed(world, line, "5", by=world.rep_b1)


def test_what_a_result_cost(world: World) -> None:
    budget = budget_of(world)
    line = line_of(world, budget)
    spending.approve_budget(budget, by=world.executive)
    metric, today = Metric.objects.get(code="customers"), timezone.localdate()
    measure = actions.plan_measure(
        by=world.manager_a, title="展会", owner=world.rep_a1, start_on=today, end_on=today + dt.timedelta(days=3),
        line=line, cost=Decimal(700), metric=metric, expected=Decimal(4),
    )  # fmt: skip
    assert queries.standing(line).bound == 700
    expense = spending.claim_expense(
        by=world.rep_a1, line=line, amount=Decimal(600), spent_on=today, what="展位", measure=measure
    )
    spending.decide_expense(expense, by=world.manager_a, approve=True)
    assert queries.standing(line).bound == 100
    actions.end_measure(measure, by=world.rep_a1, result="三家", achieved=Decimal(3))
    (row,) = queries.cost_of_results(world.executive, budget)
    assert (row.measures, row.spent, row.achieved, row.each) == (1, 600, 3, 200)
    assert queries.cost_of_results(world.manager_b, budget) == []
    assert queries.standing(line).bound == 0
