"""How much a customer may owe: grading from what he did, with the points of each reason; and what is left of a limit.

The grading is a points table, so that a person can check it by hand: from ``START``, points for and against, held within
0 and 100. All weights are an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Record:
    """What a customer did, over the last twelve months where nothing else is said.

    ``days_late`` is the average over settled invoices, weighted by amount (early is 0); ``None`` where none was settled.
    ``overdue_share`` is the overdue part of what he owes now, from 0 to 1. ``turnover`` is invoiced, in yuan.
    """

    settled: int = 0
    days_late: float | None = None
    overdue_share: float = 0.0
    promises_kept: int = 0
    promises_late: int = 0
    promises_broken: int = 0
    turnover: Decimal = ZERO
    months: int = 0
    disputes: int = 0
    written_off: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Weights:
    """Points. ``turnover`` and ``months`` are steps ``(from, points)``, the highest one reached counts."""

    start: int = 50
    on_time: int = 20
    per_day_late: float = -0.8
    most_late: int = -35
    overdue: int = -20
    per_kept: int = 3
    most_kept: int = 10
    per_late: int = -3
    per_broken: int = -8
    most_broken: int = -32
    turnover: tuple[tuple[Decimal, int], ...] = (
        (Decimal(100_000), 4),
        (Decimal(500_000), 8),
        (Decimal(2_000_000), 12),
    )
    months: tuple[tuple[int, int], ...] = ((12, 4), (36, 8))
    per_dispute: int = -4
    most_disputes: int = -12
    written_off: int = -40


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the grading: what it is about, the figure behind it, and its points."""

    code: str
    value: str
    points: int


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade holds from ``least`` points; ``limit`` is the most that it allows, in yuan; ``days`` of credit."""

    name: str
    least: int
    limit: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Grade, limit and days for a customer, and why. ``score`` is from 0 to 100."""

    grade: str
    limit: Decimal
    days: int
    score: int
    reasons: tuple[Reason, ...]


DEFAULT = Weights()
PEAK = Decimal("1.5")
"""How far the busiest weeks lie above the average."""
STEP = Decimal(1000)


def reasons_of(record: Record, weights: Weights = DEFAULT) -> list[Reason]:
    """The points of each thing that is known; what is not known gives no reason."""
    w = weights
    found: list[tuple[str, object, float]] = []
    if record.days_late is not None:
        points = w.on_time + w.per_day_late * record.days_late
        found.append(("days_late", round(record.days_late, 1), max(w.most_late, points)))
    if record.overdue_share > 0:
        found.append(("overdue", f"{record.overdue_share:.0%}", w.overdue * min(1.0, record.overdue_share)))
    if record.promises_kept:
        found.append(
            ("promises_kept", record.promises_kept, min(w.most_kept, w.per_kept * record.promises_kept))
        )
    if record.promises_late:
        found.append(("promises_late", record.promises_late, w.per_late * min(4, record.promises_late)))
    if record.promises_broken:
        points = max(w.most_broken, w.per_broken * record.promises_broken)
        found.append(("promises_broken", record.promises_broken, points))
    if points := _step(record.turnover, w.turnover):
        found.append(("turnover", record.turnover, points))
    if points := _step(Decimal(record.months), [(Decimal(least), points) for least, points in w.months]):
        found.append(("months", record.months, points))
    if record.disputes:
        found.append(("disputes", record.disputes, max(w.most_disputes, w.per_dispute * record.disputes)))
    if record.written_off > 0:
        found.append(("written_off", record.written_off, w.written_off))
    return [Reason(code, str(value), round(points)) for code, value, points in found]


def suggest(record: Record, grades: Sequence[Grade], weights: Weights = DEFAULT) -> Suggestion:
    """The grade that the points reach, and a limit that his turnover needs.

    ``grades`` are in any order; below the least of all the last one holds. The limit is what he buys within the credit
    days at one and a half times his average pace, rounded up to thousands, and never above the grade's; a customer
    without a turnover gets the lowest grade's limit, as nothing is known of him.
    """
    if not grades:
        raise ValueError("a grading needs at least one grade")
    ordered = sorted(grades, key=lambda grade: -grade.least)
    reasons = reasons_of(record, weights)
    score = max(0, min(100, weights.start + sum(reason.points for reason in reasons)))
    grade = next((grade for grade in ordered if score >= grade.least), ordered[-1])
    if record.turnover > 0:
        needed = record.turnover / 365 * max(grade.days, 1) * PEAK
        limit = min(grade.limit, (needed / STEP).to_integral_value(ROUND_CEILING) * STEP)
    else:
        limit = min(grade.limit, ordered[-1].limit)
        reasons.append(Reason("no_turnover", "", 0))
    return Suggestion(grade.name, limit, grade.days, score, tuple(reasons))


def _step(value: Decimal, steps: Sequence[tuple[Decimal, int]]) -> int:
    return max((points for least, points in steps if value >= least), default=0)


def owed(*, open_invoices: Decimal, counted: Decimal, invoiced: Decimal, unallocated: Decimal) -> Decimal:
    """What counts against the limit: open invoices, what was ordered or delivered and not invoiced yet, less money
    that came in and is not allocated. ``counted`` is all that was ever ordered or delivered, ``invoiced`` all invoices;
    where invoices count, both are 0. Never below 0.
    """
    return max(ZERO, open_invoices + max(ZERO, counted - invoiced) - unallocated)
