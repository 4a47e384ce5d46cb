"""Figures over tickets by the day on which they were opened: against the rule, satisfaction, cost.

What is late is counted whether it is done or not: a ticket that nobody answered until its deadline was answered late.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, cast

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from shengce.people.models import User
from shengce.service.models import Kind, Ticket
from shengce.service.queries import first_moment, late_condition


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some tickets: counts, and sums from which the means and shares follow. Minutes are of working time.

    ``answer_due`` and ``solve_due`` are those of which one can say whether they were in time. Shares are from 0 to 1; what
    cannot be said is ``None``.
    """

    tickets: int = 0
    answered: int = 0
    answered_late: int = 0
    answer_due: int = 0
    answer_sum: int = 0
    solved: int = 0
    solved_late: int = 0
    solve_due: int = 0
    solve_sum: int = 0
    rated: int = 0
    rating_sum: int = 0
    reopened: int = 0
    cost: Decimal = Decimal(0)

    @property
    def answered_in_time(self) -> float | None:
        return 1 - self.answered_late / self.answer_due if self.answer_due else None

    @property
    def solved_in_time(self) -> float | None:
        return 1 - self.solved_late / self.solve_due if self.solve_due else None

    @property
    def answer_minutes(self) -> float | None:
        return self.answer_sum / self.answered if self.answered else None

    @property
    def solve_minutes(self) -> float | None:
        return self.solve_sum / self.solved if self.solved else None

    @property
    def satisfaction(self) -> float | None:
        return self.rating_sum / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class MonthRow:
    """The tickets that were opened in a month; ``last_on`` is its last day."""

    start_on: dt.date
    last_on: dt.date
    figures: Figures


@dataclass(frozen=True, slots=True)
class KindRow:
    """The tickets of one kind."""

    kind: str
    label: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Statistics:
    """A period as a whole, by month (also those without tickets), and by kind (those of which there were tickets).

    ``grades`` is how many customers said 5, 4, 3, 2, 1.
    """

    total: Figures
    months: list[MonthRow]
    kinds: list[KindRow]
    grades: dict[int, int]


def opened(user: User, *, start_on: dt.date, end_on: dt.date) -> QuerySet[Ticket]:
    """The visible tickets opened from ``start_on`` until before ``end_on``: what the figures are counted from."""
    return Ticket.objects.visible_to(user).filter(
        opened_at__gte=first_moment(start_on), opened_at__lt=first_moment(end_on)
    )


def statistics(rows: QuerySet[Ticket], *, start_on: dt.date, end_on: dt.date) -> Statistics:
    """The figures of a period, from one query over its tickets."""
    firsts = _firsts(start_on, end_on)
    grouped = (
        rows.annotate(month=_month(firsts)).values("month", "kind", "satisfaction").annotate(**_measures())
    )
    said: Counter[int | None] = Counter()
    cells = []
    for row in cast(Iterable[dict[str, Any]], grouped.order_by()):
        cells.append((firsts[row["month"]], row["kind"], _cell(row)))
        said[row["satisfaction"]] += row["tickets"]
    months = []
    for month in firsts:
        following = (month + dt.timedelta(days=32)).replace(day=1)
        figures = _together(cell for first, _kind, cell in cells if first == month)
        months.append(MonthRow(month, following - dt.timedelta(days=1), figures))
    by_kind = [
        KindRow(kind, str(label), _together(cell for _first, each, cell in cells if each == kind))
        for kind, label in Kind.choices
    ]
    total = _together(cell for _first, _kind, cell in cells)
    grades = {grade: said[grade] for grade in range(5, 0, -1)}
    return Statistics(total, months, [row for row in by_kind if row.figures.tickets], grades)


def _firsts(start_on: dt.date, end_on: dt.date) -> list[dt.date]:
    """First days of the months from ``start_on`` until before ``end_on``."""
    firsts = [start_on.replace(day=1)]
    while (following := (firsts[-1] + dt.timedelta(days=32)).replace(day=1)) < end_on:
        firsts.append(following)
    return firsts


def _month(firsts: list[dt.date]) -> Case:
    """Which of the months, from 0. Compared with moments: SQLite would call Python for each row to cut a day to its month."""
    later = [
        When(opened_at__gte=first_moment(first), then=Value(place)) for place, first in enumerate(firsts)
    ]
    return Case(*reversed(later), default=Value(0), output_field=IntegerField())


def _cell(row: Any) -> Figures:
    values: dict[str, Any] = {each.name: row[each.name] or each.default for each in fields(Figures)}
    return Figures(**values)


def _together(cells: Iterable[Figures]) -> Figures:
    sums: dict[str, Any] = {}
    for cell in cells:
        for each in fields(Figures):
            sums[each.name] = sums.get(each.name, 0) + getattr(cell, each.name)
    return Figures(**sums)


def _measures() -> dict[str, Any]:
    late_answer, late_solution = late_condition("answer"), late_condition("solve")
    return {
        "tickets": Count("pk"),
        "answered": Count("answered_at"),
        "answered_late": Count("pk", filter=late_answer),
        "answer_due": Count("pk", filter=late_answer | Q(answered_at__isnull=False)),
        "answer_sum": Sum("answered_after"),
        "solved": Count("solved_at"),
        "solved_late": Count("pk", filter=late_solution),
        "solve_due": Count("pk", filter=late_solution | Q(solved_at__isnull=False)),
        "solve_sum": Sum("solved_after"),
        "rated": Count("satisfaction"),
        "rating_sum": Sum("satisfaction"),
        "cost": Sum("cost"),
        "reopened": Count("pk", filter=Q(reopened__gt=0)),
    }
