"""How long money has been owed: debts sorted into buckets by the days past their due date.

The day of the question is an argument. A debt that falls due on that day is not late yet; one day after it is 1 day late.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Generic, TypeVar

EDGES = (0, 30, 60, 90, 180, 365)
"""Last day of each bucket but the final one, in days past due: not due, 1–30, 31–60, 61–90, 91–180, 181–365, over 365."""

ZERO = Decimal(0)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Debt(Generic[Key]):
    """So much is owed by ``key`` since ``due_on``."""

    key: Key
    due_on: date
    amount: Decimal


def names(edges: Sequence[int] = EDGES) -> list[str]:
    """The buckets as short names: ``0`` (not due), ``1-30`` …, ``over-365``."""
    spans = [f"{first + 1}-{last}" for first, last in pairwise(edges)]
    return [str(edges[0]), *spans, f"over-{edges[-1]}"]


def days_late(due_on: date, on: date) -> int:
    """Days past due; 0 where it is not due yet."""
    return max(0, (on - due_on).days)


def bucket_of(due_on: date, on: date, edges: Sequence[int] = EDGES) -> int:
    """Place of the bucket, from 0 (not due)."""
    late = (on - due_on).days
    return next((place for place, edge in enumerate(edges) if late <= edge), len(edges))


def due_between(place: int, on: date, edges: Sequence[int] = EDGES) -> tuple[date | None, date | None]:
    """Due dates of the bucket at ``place`` as a half-open range; ``None`` is an open end."""
    start = None if place == len(edges) else on - timedelta(days=edges[place])
    end = None if place == 0 else on - timedelta(days=edges[place - 1])
    return start, end


def age(debts: Iterable[Debt[Key]], *, on: date, edges: Sequence[int] = EDGES) -> dict[Key, list[Decimal]]:
    """Sums per key and bucket; keys in the order in which they first appear."""
    sums: dict[Key, list[Decimal]] = {}
    for debt in debts:
        row = sums.setdefault(debt.key, [ZERO] * (len(edges) + 1))
        row[bucket_of(debt.due_on, on, edges)] += debt.amount
    return sums
