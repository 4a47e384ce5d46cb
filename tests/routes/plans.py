"""The market development plan and its budgets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from shengce.plans import actions, spending
from shengce.plans.activities import activities
from tests.routes.route import LEADERS, OWN, SELLERS, Route
from tests.world import World

SEE = SELLERS | {"executive", "marketing"}
PLANNERS = LEADERS | {"marketing"}
OURS = OWN | {"executive", "marketing"}
LINE = {"manager_a", "executive", "marketing"}

ROUTES: dict[str, Route] = {
    "plans:plan": Route(get=SEE, query="?state=open&quarter=2"),
    "plans:csv": Route(get=SEE),
    "plans:xlsx": Route(get=SEE),
    "plans:new": Route(get=PLANNERS, post=PLANNERS),
    "plans:measure": Route(get=OURS, args=("measure",)),
    "plans:edit": Route(get=LINE, post=LINE, args=("measure",)),
    "plans:begin": Route(post=OURS, args=("measure",)),
    "plans:end": Route(post=OURS, args=("measure",)),
    "plans:reopen": Route(post=OURS, args=("measure",)),
    "plans:budgets": Route(get=PLANNERS, post={"executive"}),
    "plans:add_activity": Route(post={"executive"}),
    "plans:budget": Route(get=PLANNERS, args=("budget",)),
    "plans:budget_xlsx": Route(get=PLANNERS, args=("budget",)),
    "plans:set_line": Route(post={"executive"}, args=("budget",)),
    "plans:set_total": Route(post={"executive"}, args=("budget",)),
    "plans:spread": Route(post={"executive"}, args=("budget",)),
    "plans:approve": Route(post={"executive"}, args=("budget",)),
    "plans:line": Route(get=LINE, args=("budget_line",)),
    "plans:expenses": Route(get=SEE, query="?state=all"),
    "plans:claim": Route(get=SEE, post=SEE),
    "plans:decide": Route(post={"manager_a", "executive"}, args=("expense",)),
}


def things(world: World) -> dict[str, Any]:
    """A measure of rep_a1, paid from a line of his team."""
    today = timezone.localdate()
    boss = world.executive
    budget = spending.create_budget(
        by=boss, name="市场费用", start_on=today.replace(month=1, day=1), total=Decimal(9000)
    )
    line = spending.set_line(
        budget, by=boss, activity=activities()[0], unit=world.team_a, amount=Decimal(5000)
    )
    assert line is not None
    spending.approve_budget(budget, by=boss)
    measure = actions.plan_measure(
        by=world.manager_a,
        title="走访城西",
        owner=world.rep_a1,
        start_on=today,
        end_on=today + dt.timedelta(days=9),
        line=line,
    )
    expense = spending.claim_expense(
        by=world.rep_a1, line=line, amount=Decimal(80), spent_on=today, what="展位费", measure=measure
    )
    return {"measure": measure.pk, "budget": budget.pk, "budget_line": line.pk, "expense": expense.pk}
