"""The market development plan of the demonstration company, its budget, and what the measures brought."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import yaml

from shengce.demo.company import DATA
from shengce.demo.script import Row, Year
from shengce.people.models import Territory
from shengce.plans import actions, spending
from shengce.plans.activities import activities
from shengce.plans.models import BudgetLine, Measure
from shengce.targets.models import Metric


def plan_the_market(year: Year) -> int:
    """Budget, measures, expenses; how many measures. What lies behind today has ended, with its result."""
    script: Row = yaml.safe_load((DATA / "market_plan.yaml").read_text(encoding="utf-8"))
    lines = _distribute(script, year)
    known: dict[str, Measure] = {}
    for row in script["measures"]:
        measure = _plan(row, year, lines, known)
        if "key" in row:
            known[row["key"]] = measure
    return Measure.objects.count()


def _distribute(script: Row, year: Year) -> list[BudgetLine]:
    boss = year.people["director"]
    start = year.today.replace(month=1, day=1)
    budget = spending.create_budget(
        by=boss,
        name=f"{start.year} {script['budget']['name']}",
        start_on=start,
        total=Decimal(script["budget"]["total"]),
    )
    lines = []
    for activity, unit, territory, yuan in script["lines"]:
        line = spending.set_line(
            budget,
            by=boss,
            activity=activities().get(name=activity),
            unit=year.people[script["units"][unit]].unit if unit else None,
            territory=Territory.objects.get(name=territory) if territory else None,
            amount=Decimal(yuan),
        )
        assert line is not None
        lines.append(line)
    spending.approve_budget(budget, by=boss)
    return lines


def _plan(row: Row, year: Year, lines: list[BudgetLine], known: dict[str, Measure]) -> Measure:
    owner, boss = year.people[row["owner"]], year.people["director"]
    start = year.today.replace(month=row["from"][0], day=row["from"][1])
    metric = Metric.objects.get(code=row["metric"]) if "metric" in row else None
    measure = actions.plan_measure(
        by=boss,
        title=row["title"],
        owner=owner,
        start_on=start,
        end_on=start + dt.timedelta(days=row["days"]),
        means=row["means"],
        place=row.get("place", ""),
        territory=Territory.objects.get(name=row["territory"]) if "territory" in row else None,
        within=known.get(row.get("within", "")),
        line=lines[row["line"]],
        cost=Decimal(row["cost"]),
        metric=metric,
        expected=Decimal(row["expected"]) if "expected" in row else None,
    )
    if measure.start_on > year.today:
        return measure
    actions.begin_measure(measure, by=owner)
    if "spent" in row:
        _spend(row, measure, year)
    if measure.end_on <= year.today and "result" in row:
        achieved = Decimal(row["achieved"]) if "achieved" in row else None
        actions.end_measure(measure, by=owner, result=row["result"], achieved=achieved)
    return measure


def _spend(row: Row, measure: Measure, year: Year) -> None:
    """Two claims, the first one approved; the second of what still runs waits."""
    boss, total = year.people["director"], Decimal(row["spent"])
    for number, yuan in enumerate((total * 6 / 10, total * 4 / 10)):
        day = min(measure.start_on + dt.timedelta(days=3 + 7 * number), year.today)
        expense = spending.claim_expense(
            by=measure.owner,
            line=measure.line,  # type: ignore[arg-type]
            amount=yuan,
            spent_on=day,
            what=(measure.title, f"{measure.title}（尾款）")[number],
            measure=measure,
        )
        if number == 0 or measure.end_on <= year.today:
            spending.decide_expense(expense, by=boss, approve=True)
