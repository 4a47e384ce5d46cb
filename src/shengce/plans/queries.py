"""Reads of the plan and the budget: measures asked for, lines with what is spent and bound, what a result cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from shengce.people.models import User
from shengce.plans.models import Budget, BudgetLine, Expense, Measure

PAGE_SIZE = 60
ZERO = Decimal(0)
_MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the plan is asked for; what is empty does not narrow it. ``start_on`` and ``end_on``: half-open, any overlap."""

    start_on: dt.date
    end_on: dt.date
    state: str = ""
    owner: int | None = None
    territory: int | None = None
    activity: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of a budget. ``spent`` is approved, ``waiting`` claimed, ``bound`` what open measures still plan to cost."""

    line: BudgetLine
    spent: Decimal
    waiting: Decimal
    bound: Decimal

    @property
    def left(self) -> Decimal:
        amount: Decimal = self.line.amount
        return amount - self.spent

    @property
    def share(self) -> float | None:
        """What is spent of it; ``None`` where the line is empty."""
        return float(self.spent / self.line.amount) if self.line.amount else None

    @property
    def over(self) -> bool:
        return self.left < 0

    @property
    def tight(self) -> bool:
        """What is claimed and planned would take more than is left."""
        return 0 <= self.left < self.waiting + self.bound


@dataclass(frozen=True, slots=True)
class CostOfResult:
    """What the measures of one activity that aim at one metric brought, and what one unit of it cost in yuan."""

    activity: str
    metric: str
    measures: int
    spent: Decimal
    achieved: Decimal

    @property
    def each(self) -> Decimal | None:
        return self.spent / self.achieved if self.achieved > 0 else None


def measures(user: User, asked: Asked) -> QuerySet[Measure]:
    """The visible measures that fall into the days asked for, in order of their beginning, with what was spent."""
    rows = Measure.objects.visible_to(user).filter(start_on__lt=asked.end_on, end_on__gt=asked.start_on)
    if asked.state == "open":
        rows = rows.filter(state__in=(Measure.State.PLANNED, Measure.State.RUNNING))
    elif asked.state == "late":
        raise ValueError("late depends on today: see late()")
    elif asked.state:
        rows = rows.filter(state=asked.state)
    if asked.owner is not None:
        rows = rows.filter(owner=asked.owner)
    if asked.territory is not None:
        rows = rows.filter(Q(territory=asked.territory) | Q(territory__path__contains=f"/{asked.territory}/"))
    if asked.activity is not None:
        rows = rows.filter(line__activity=asked.activity)
    if asked.text:
        rows = rows.filter(
            Q(title__icontains=asked.text) | Q(means__icontains=asked.text) | Q(place__icontains=asked.text)
        )
    return with_spent(rows).order_by("start_on", "end_on", "pk")


def with_spent(rows: QuerySet[Measure]) -> QuerySet[Measure]:
    """Each measure with ``spent``, what was approved for it, and what its page and its row need."""
    return _spending(rows).select_related(
        "owner", "territory", "metric", "line__activity", "line__unit", "line__territory", "fact", "within"
    )


def _spending(rows: QuerySet[Measure]) -> QuerySet[Measure]:
    approved = Expense.objects.filter(measure=OuterRef("pk"), state=Expense.State.APPROVED)
    total = approved.order_by().values("measure").annotate(sum=Sum("amount")).values("sum")
    return rows.annotate(
        spent=Coalesce(Subquery(total, output_field=_MONEY), Value(ZERO), output_field=_MONEY)
    )


def late(rows: QuerySet[Measure], *, today: dt.date) -> QuerySet[Measure]:
    """Those whose days are over and that nobody has ended."""
    return rows.filter(end_on__lte=today, state__in=(Measure.State.PLANNED, Measure.State.RUNNING))


def standings(user: User, budget: Budget) -> list[Standing]:
    """The visible lines of a budget and how they stand; two queries."""
    lines = list(
        BudgetLine.objects.visible_to(user)
        .filter(budget=budget)
        .select_related("activity", "unit", "territory")
    )
    return _standings(lines)


def standing(line: BudgetLine) -> Standing:
    return _standings([line])[0]


def _standings(lines: Sequence[BudgetLine]) -> list[Standing]:
    keys = [line.pk for line in lines]
    state = Expense.State
    money = {
        row["line"]: row
        for row in Expense.objects.filter(line__in=keys)
        .order_by()
        .values("line")
        .annotate(
            spent=Coalesce(Sum("amount", filter=Q(state=state.APPROVED)), Value(ZERO), output_field=_MONEY),
            waiting=Coalesce(Sum("amount", filter=Q(state=state.WAITING)), Value(ZERO), output_field=_MONEY),
        )
    }
    planned = Measure.objects.filter(line__in=keys, state__in=(Measure.State.PLANNED, Measure.State.RUNNING))
    bound: dict[int, Decimal] = {}
    for measure in _spending(planned):
        rest = max(ZERO, measure.cost - measure.spent)  # type: ignore[attr-defined]
        bound[measure.line_id or 0] = bound.get(measure.line_id or 0, ZERO) + rest
    return [
        Standing(
            line,
            money[line.pk]["spent"] if line.pk in money else ZERO,
            money[line.pk]["waiting"] if line.pk in money else ZERO,
            bound.get(line.pk, ZERO),
        )
        for line in lines
    ]


def totals(rows: Sequence[Standing], *, by: str) -> list[tuple[str, Decimal, Decimal]]:
    """``(name, amount, spent)`` by ``activity``, ``unit`` or ``territory``; what has none comes last, under ""."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        part = getattr(row.line, by)
        amount, spent = sums.get(str(part or ""), (ZERO, ZERO))
        sums[str(part or "")] = (amount + row.line.amount, spent + row.spent)
    return [(name, *sums[name]) for name in sorted(sums, key=lambda name: (not name, -sums[name][0]))]


def cost_of_results(user: User, budget: Budget) -> list[CostOfResult]:
    """By activity and metric, of the visible measures that are done and say what they brought."""
    done = (
        Measure.objects.visible_to(user)
        .filter(state=Measure.State.DONE, line__budget=budget, metric__isnull=False, achieved__isnull=False)
        .order_by()
    )
    keys = ("line__activity__name", "line__activity__position", "metric")
    brought = done.values(*keys).annotate(count=Count("pk"), achieved=Sum("achieved"))
    approved = Expense.objects.filter(measure__in=done, state=Expense.State.APPROVED).order_by()
    spent = {
        (row["activity"], row["measure__metric"]): row["sum"]
        for row in approved.values("measure__metric", activity=F("measure__line__activity__name")).annotate(
            sum=Sum("amount")
        )
    }
    names = {measure.metric_id: str(measure.metric) for measure in done.select_related("metric")}
    return [
        CostOfResult(
            row["line__activity__name"],
            names[row["metric"]],
            row["count"],
            spent.get((row["line__activity__name"], row["metric"]), ZERO),
            row["achieved"],
        )
        for row in brought.order_by("line__activity__position", "metric")
    ]


def lines_to_spend_from(user: User) -> QuerySet[BudgetLine]:
    """The lines that one may plan and claim on: those one sees, those of the whole firm, and those of the units above."""
    above = [int(part) for part in (user.unit.path if user.unit else "").split("/") if part]
    mine = BudgetLine.objects.visible_to(user)
    return (
        BudgetLine.objects.filter(Q(pk__in=mine.values("pk")) | Q(unit__isnull=True) | Q(unit__in=above))
        .select_related("activity", "unit", "territory", "budget")
        .order_by("-budget__start_on", "activity__position", "pk")
    )
