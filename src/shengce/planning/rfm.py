"""How customers buy: recency, frequency and amount with scores, classes by share of turnover, activity by their own pace.

Everything is computed for all customers at once, from one row per order. Days are ordinals (``date.toordinal``), money is
whole cents; both stay exact. Every rule is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

CUTS = (0.80, 0.95)
"""A: the customers who together bring the first 80 % of turnover; B: those up to 95 %; C: the others (Pareto's rule)."""
CLASSES = ("A", "B", "C")
ACTIVITIES = ("new", "active", "dormant", "lost")
MOST_CENTS = 2.0**62


@dataclass(frozen=True, slots=True)
class Purchases:
    """One row per customer and day with an order, sorted by both: several orders of a day are one purchase.

    A day on which as much came back as was sold is no purchase, but counts in the turnover.
    """

    customers: Whole
    days: Whole
    cents: Whole

    def until(self, last: date) -> Purchases:
        """What was known at the end of that day."""
        known = self.days <= last.toordinal()
        return Purchases(self.customers[known], self.days[known], self.cents[known])


@dataclass(frozen=True, slots=True)
class Summary:
    """One row per customer who ever bought; ``days`` counts days with a purchase.

    ``gap`` is the median of the days between two purchases, NaN where there was only one purchase. ``pace`` is the mean
    of the same. ``value`` is the mean of a purchase, ``repeat_value`` that without the first one (0 where only one), in cents.
    """

    customers: Whole
    first: Whole
    last: Whole
    days: Whole
    gap: Floats
    pace: Floats
    value: Floats
    repeat_value: Floats


@dataclass(frozen=True, slots=True)
class ActivityRules:
    """When a customer is new, dormant or lost. Days without a purchase are compared with his own usual interval.

    Dormant after ``dormant`` times his interval, but never before ``dormant_floor`` days and always after
    ``dormant_ceiling``; lost likewise. ``new_days`` is how long after the first purchase somebody counts as new.
    ``usual`` is the interval of who bought only once; ``None`` takes the median of all others, and ``unknown`` where
    there is none.
    """

    new_days: int = 60
    dormant: float = 2.0
    dormant_floor: int = 30
    dormant_ceiling: int = 180
    lost: float = 4.0
    lost_floor: int = 90
    lost_ceiling: int = 365
    usual: float | None = None
    unknown: float = 45.0

    def __post_init__(self) -> None:
        if not (
            0 < self.dormant <= self.lost
            and 0 < self.dormant_floor <= self.dormant_ceiling <= self.lost_ceiling
            and self.dormant_floor <= self.lost_floor <= self.lost_ceiling
            and self.new_days >= 0
        ):
            raise ValueError("a customer is dormant before he is lost, and a floor is below its ceiling")


def purchases_of(rows: Iterable[tuple[int, date, Decimal]]) -> Purchases:
    """Orders as (customer, day, amount in yuan), in any order, to purchases.

    Amounts have two decimals; goods taken back are negative. ``ValueError`` where sums are beyond what can be added exactly.
    """
    taken = list(rows)
    customers = np.fromiter((row[0] for row in taken), np.int64, len(taken))
    days = np.fromiter((row[1].toordinal() for row in taken), np.int64, len(taken))
    try:
        cents = np.fromiter((int(row[2] * 100) for row in taken), np.int64, len(taken))
    except OverflowError:
        raise ValueError("an amount is too large to be added exactly") from None
    if np.abs(cents.astype(float)).sum() > MOST_CENTS:
        raise ValueError("the amounts are too large to be added exactly")
    order = np.lexsort((days, customers))
    customers, days, cents = customers[order], days[order], cents[order]
    starts = _starts(customers, days)
    summed = np.add.reduceat(cents, starts) if len(starts) else cents
    return Purchases(customers[starts], days[starts], summed)


def summarise(purchases: Purchases, *, least: int = 1) -> Summary:
    """First and last day, number, usual interval and mean value of each customer.

    A day that brought less than ``least`` cents is no purchase: goods for nothing, or as many taken back.
    """
    bought = purchases.cents >= least
    customers, days, cents = purchases.customers[bought], purchases.days[bought], purchases.cents[bought]
    starts = _starts(customers)
    counts = np.diff(np.append(starts, len(customers)))
    ends = starts + counts - 1
    total = np.add.reduceat(cents, starts) if len(starts) else cents
    first, last = days[starts], days[ends]
    again = np.maximum(counts - 1, 1)
    one = counts == 1
    return Summary(
        customers=customers[starts],
        first=first,
        last=last,
        days=counts,
        gap=_median_gaps(customers, days, counts),
        pace=np.where(one, np.nan, (last - first) / again),
        value=total / np.maximum(counts, 1),
        repeat_value=np.where(one, 0.0, (total - cents[starts]) / again),
    )


def between(purchases: Purchases, customers: Whole, start: date, end: date) -> tuple[Whole, Whole]:
    """Purchases and turnover (cents, less what came back) of each of ``customers`` (sorted) in ``[start, end)``."""
    within = (purchases.days >= start.toordinal()) & (purchases.days < end.toordinal())
    within &= np.isin(purchases.customers, customers)
    place, money = np.searchsorted(customers, purchases.customers[within]), purchases.cents[within]
    counts, cents = np.zeros(len(customers), np.int64), np.zeros(len(customers), np.int64)
    np.add.at(counts, place, (money > 0).astype(np.int64))
    np.add.at(cents, place, money)
    return counts, cents


def quintiles(values: npt.ArrayLike) -> Whole:
    """1 (lowest fifth) to 5 (highest fifth). Equal values share the fifth in which the middle of them stands, so a score
    never depends on the order of rows; where all are equal, all have 3.
    """
    given = np.asarray(values, dtype=float)
    _levels, place, counts = np.unique(given, return_inverse=True, return_counts=True)
    highest = np.cumsum(counts)
    middle = highest - (counts - 1) / 2  # the mean rank of those who are equal
    scores = np.ceil(5 * (middle - 0.5) / max(1, len(given)) - 1e-9)
    clipped: Whole = np.clip(scores, 1, 5).astype(np.int64)[place]
    return clipped


def classes(turnover: npt.ArrayLike, cuts: Sequence[float] = CUTS, names: Sequence[str] = CLASSES) -> Names:
    """The class of each customer by his place in the turnover of all, largest first.

    A customer belongs to the class in which his share begins: who crosses 80 % is still A. Equal turnovers are of one
    class; without turnover, the last class.
    """
    if len(names) != len(cuts) + 1 or any(a >= b for a, b in pairwise((0.0, *cuts, 1.0 + 1e-12))):
        raise ValueError("cuts rise between 0 and 1, and there is one name more than cuts")
    given = np.maximum(np.asarray(turnover, dtype=float), 0.0)
    levels, place, counts = np.unique(-given, return_inverse=True, return_counts=True)
    sums = -levels * counts
    whole = sums.sum()
    before = (np.cumsum(sums) - sums) / whole if whole > 0 else np.ones(len(sums))
    rank = np.searchsorted(np.asarray(cuts), before + 1e-12, side="right")
    rank = np.where(levels == 0, len(cuts), rank)
    ranked: Names = np.asarray(names)[rank][place]
    return ranked


def usual_intervals(gap: Floats, rules: ActivityRules) -> Floats:
    """Each customer's interval; who bought only once is given that of the others. At least one day."""
    known = gap[~np.isnan(gap)]
    others = rules.usual or (float(np.median(known)) if len(known) else rules.unknown)
    intervals: Floats = np.maximum(1.0, np.where(np.isnan(gap), others, gap))
    return intervals


def limits(intervals: Floats, rules: ActivityRules) -> tuple[Floats, Floats]:
    """Days without a purchase after which each customer is dormant, and lost."""
    dormant = np.clip(rules.dormant * intervals, rules.dormant_floor, rules.dormant_ceiling)
    lost = np.clip(rules.lost * intervals, rules.lost_floor, rules.lost_ceiling)
    return dormant, lost


def activity(summary: Summary, on: date, rules: ActivityRules) -> Names:
    """``new``, ``active``, ``dormant`` or ``lost`` on that day. Who is dormant or lost is not new any more."""
    today = on.toordinal()
    silent = today - summary.last
    dormant, lost = limits(usual_intervals(summary.gap, rules), rules)
    found: Names = np.select(
        [silent > lost, silent > dormant, today - summary.first <= rules.new_days],
        ["lost", "dormant", "new"],
        "active",
    )
    return found


def _starts(*keys: Whole) -> npt.NDArray[np.intp]:
    """Where in sorted rows a new combination of keys begins."""
    if not len(keys[0]):
        return np.zeros(0, np.intp)
    changed = np.ones(len(keys[0]), bool)
    changed[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.flatnonzero(changed)


def _median_gaps(customers: Whole, days: Whole, counts: Whole) -> Floats:
    same = customers[1:] == customers[:-1] if len(customers) else np.zeros(0, bool)
    gaps, owners = np.diff(days)[same], customers[1:][same]
    gaps = gaps[np.lexsort((gaps, owners))]
    number = counts - 1
    begin = np.cumsum(number) - number
    found = np.full(len(counts), np.nan)
    some = number > 0
    low, high = begin[some] + (number[some] - 1) // 2, begin[some] + number[some] // 2
    found[some] = (gaps[low] + gaps[high]) / 2
    return found
