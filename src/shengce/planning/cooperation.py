"""How well a dealer works with us: a points table of one month that a person can check by hand.

Each ground has a share from 0 to 1 of its most points. A ground that nothing is known of counts neither for nor
against: the points of the others are scaled to 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Record:
    """What a dealer did in a month; ``None`` is what nobody knows. Sums are yuan.

    ``due`` and ``paid_in_time`` are of the invoices that fell due in it. ``counts`` are days with a stock report.
    ``open_cases`` and ``proven_cases`` are of diversion, ``price_cases`` of selling below the list. ``talks`` are talks and
    visits. ``trainings`` are those of the quarter that ends with the month; ``None``
    where no dealer at all was trained in it.
    """

    purchases: Decimal = Decimal(0)
    target: Decimal | None = None
    due: Decimal = Decimal(0)
    paid_in_time: Decimal = Decimal(0)
    counts: int | None = None
    open_cases: int = 0
    proven_cases: int = 0
    price_cases: int = 0
    talks: int = 0
    trainings: int | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points of each ground, and what takes them away. ``counts`` and ``talks`` are how many a month are full."""

    purchases: int = 30
    payment: int = 25
    stock: int = 15
    diversion: int = 15
    prices: int = 10
    talks: int = 5
    training: int = 5
    counts_expected: int = 1
    talks_expected: int = 2
    trainings_expected: int = 1
    per_proven: Decimal = Decimal(1)
    per_open: Decimal = Decimal("0.25")
    per_price: Decimal = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Ground:
    """One line of the score: what it is about, the two figures behind it, points of most."""

    code: str
    figure: str
    of: str
    points: Decimal
    most: int


@dataclass(frozen=True, slots=True)
class Cooperation:
    """``score`` from 0 to 100, two decimals; ``None`` where nothing at all is known."""

    score: Decimal | None
    grounds: tuple[Ground, ...]


DEFAULT = Weights()


def month_share(target: Decimal, start_on: date, end_on: date, month: date, next_month: date) -> Decimal:
    """The part of a contract's ``target`` that falls on a month, by days; ranges half-open."""
    days = (min(end_on, next_month) - max(start_on, month)).days
    whole = (end_on - start_on).days
    return (target * max(0, days) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def cooperation(record: Record, weights: Weights = DEFAULT) -> Cooperation:
    """The score of a month with its grounds, the weightiest first."""
    w = weights
    grounds = [*_trade(record, w), *_discipline(record, w)]
    most = sum(ground.most for ground in grounds)
    if not most:
        return Cooperation(None, ())
    points = sum((ground.points for ground in grounds), Decimal(0))
    return Cooperation(_two(points * 100 / most), tuple(grounds))


def _trade(record: Record, w: Weights) -> Sequence[Ground]:
    grounds = []
    if record.target is not None and record.target > 0:
        share = record.purchases / record.target
        grounds.append(_ground("purchases", record.purchases, record.target, share, w.purchases))
    if record.due > 0:
        share = record.paid_in_time / record.due
        grounds.append(_ground("payment", record.paid_in_time, record.due, share, w.payment))
    if record.counts is not None:
        share = Decimal(record.counts) / w.counts_expected
        grounds.append(_ground("stock", record.counts, w.counts_expected, share, w.stock))
    return grounds


def _discipline(record: Record, w: Weights) -> Sequence[Ground]:
    diversion = 1 - w.per_proven * record.proven_cases - w.per_open * record.open_cases
    prices = 1 - w.per_price * record.price_cases
    talks = Decimal(record.talks) / w.talks_expected
    grounds = [
        _ground("diversion", record.proven_cases, record.open_cases, diversion, w.diversion),
        _ground("prices", record.price_cases, 0, prices, w.prices),
        _ground("talks", record.talks, w.talks_expected, talks, w.talks),
    ]
    if record.trainings is not None:
        share = Decimal(record.trainings) / w.trainings_expected
        grounds.append(_ground("training", record.trainings, w.trainings_expected, share, w.training))
    return grounds


def _ground(code: str, figure: object, of: object, share: Decimal, most: int) -> Ground:
    held = max(Decimal(0), min(Decimal(1), share))
    return Ground(code, str(figure), str(of), _two(held * most), most)


def _two(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)
