"""Is a target too easy, sound, a stretch, or unreal? Its place in the range of what is to be expected.

The range of a forecast (its low and high edges and the mean between them) is read as two halves of a normal distribution,
one below and one above the mean, so a skewed range stays skewed. From it follows the chance that the target is reached,
and from the chance the verdict. The bars are arguments: a firm that wants more ambition moves them.

Open deals are a second, independent look: each counts with the share of such deals that were won before. A share from few
deals is drawn towards that of all deals (a beta prior of ``PRIOR_DEALS`` of them), and its range is Wilson's interval
(E. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from shengce.planning.forecast import LEVEL, Range

PRIOR_DEALS = 8
"""A group of deals counts as much as the share of all deals does when it has so many of its own."""
AGE_DAYS = 60
"""Deals older than this are a group of their own: what has lain long is won more rarely."""


class Verdict(StrEnum):
    """In words: see ``attainment.words``."""

    EASY = "easy"
    SOUND = "sound"
    STRETCH = "stretch"
    UNREAL = "unreal"


@dataclass(frozen=True, slots=True)
class Bars:
    """The least chance of being reached with which a target is still easy, sound, a stretch; below that it is unreal."""

    easy: float = 0.8
    sound: float = 0.4
    stretch: float = 0.1

    def __post_init__(self) -> None:
        if not 1 > self.easy > self.sound > self.stretch > 0:
            raise ValueError("the bars must go down from below 1 to above 0")


@dataclass(frozen=True, slots=True)
class Judgement:
    """``chance`` that the target is reached; ``ratio`` of the target to what is expected, ``None`` where that is nothing."""

    verdict: Verdict
    chance: float
    ratio: float | None


def judge(target: float, expected: Range, *, level: float = LEVEL, bars: Bars | None = None) -> Judgement:
    """The place of ``target`` in the range ``expected``. A range without width knows only yes and no.

    Raises ``ValueError`` where a number is none, or the range is upside down.
    """
    numbers = (target, expected.mean, expected.low, expected.high)
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("a target and its range are numbers")
    if not expected.low <= expected.mean <= expected.high:
        raise ValueError("the range is upside down")
    chance = _chance(target, expected, level)
    limits = bars or Bars()
    if chance >= limits.easy:
        verdict = Verdict.EASY
    elif chance >= limits.sound:
        verdict = Verdict.SOUND
    elif chance >= limits.stretch:
        verdict = Verdict.STRETCH
    else:
        verdict = Verdict.UNREAL
    return Judgement(verdict, chance, target / expected.mean if expected.mean > 0 else None)


def _chance(target: float, expected: Range, level: float) -> float:
    """That at least ``target`` comes."""
    edge = NormalDist().inv_cdf((1 + level) / 2)
    above = target >= expected.mean
    width = expected.high - expected.mean if above else expected.mean - expected.low
    if width <= 0:
        return 0.0 if target > expected.mean else 1.0 if target < expected.mean else 0.5
    return 1 - NormalDist().cdf((target - expected.mean) / width * edge)


@dataclass(frozen=True, slots=True)
class DealSeen:
    """A deal: the stage in which it is, or the last one before it was closed; its age in days then; ``won`` once closed."""

    stage: str
    age_days: int
    amount: float
    won: bool | None = None


@dataclass(frozen=True, slots=True)
class WinRate:
    """The share of a group of deals that is won: drawn towards that of all, with Wilson's range; from ``closed`` deals."""

    share: float
    low: float
    high: float
    closed: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What open deals bring: expected, and between what. ``deals`` counts those with an amount."""

    total: Range
    deals: int
    rates: Mapping[tuple[str, bool], WinRate]


def win_rates(closed: Iterable[DealSeen], *, level: float = LEVEL) -> dict[tuple[str, bool], WinRate]:
    """By stage and whether older than :data:`AGE_DAYS`; under ``("", False)`` that of all. Empty where none was closed."""
    counts: dict[tuple[str, bool], list[int]] = {}
    for deal in closed:
        if deal.won is not None:
            for key in (("", False), _group(deal)):
                of_group = counts.setdefault(key, [0, 0])
                of_group[0] += deal.won
                of_group[1] += 1
    if not counts:
        return {}
    won, known = counts[("", False)]
    overall = (won + 1) / (known + 2)
    return {key: _rate(wins, seen, overall, level) for key, (wins, seen) in counts.items()}


def _rate(won: int, known: int, overall: float, level: float) -> WinRate:
    """Wilson's interval around the share after ``PRIOR_DEALS`` more deals that went like all."""
    seen = known + PRIOR_DEALS
    share = (won + overall * PRIOR_DEALS) / seen
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = (share + z * z / (2 * seen)) / (1 + z * z / seen)
    half = z * math.sqrt(share * (1 - share) / seen + z * z / (4 * seen * seen)) / (1 + z * z / seen)
    return WinRate(share, max(0.0, centre - half), min(1.0, centre + half), known)


def _group(deal: DealSeen) -> tuple[str, bool]:
    return deal.stage, deal.age_days > AGE_DAYS


def pipeline(
    deals: Iterable[DealSeen], rates: Mapping[tuple[str, bool], WinRate], *, level: float = LEVEL
) -> Pipeline | None:
    """Amount times share won, summed. The range holds both: that each deal comes whole or not at all, and that shares are
    known from few deals only. ``None`` where nothing was ever closed: then there is no share to count with.
    """
    if not rates:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    mean = most = variance = unsure = 0.0
    count = 0
    for deal in deals:
        if deal.won is None and deal.amount > 0:
            rate = rates.get(_group(deal), rates[("", False)])
            mean += deal.amount * rate.share
            variance += deal.amount**2 * rate.share * (1 - rate.share)
            unsure += deal.amount * (rate.high - rate.low) / 2
            most += deal.amount
            count += 1
    width = math.sqrt(z * z * variance + unsure * unsure)
    return Pipeline(Range(mean, max(0.0, mean - width), min(most, mean + width)), count, dict(rates))
