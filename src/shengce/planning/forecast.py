"""What the next periods will bring, with a range: the way that would have been best so far, and how far off it was.

Every way of :mod:`planning.smoothing` is tried on the past: from each of the last origins it says what was then ahead, and
is compared with what came (rolling origin, Hyndman and Athanasopoulos, fpp3, chapter 5.10). The one with the least mean
absolute error is taken; a single way must beat the mean of the smoothings clearly, because the best of many looks better
than it is. The range comes from the same errors, those of single periods and those of sums from now on: they are brought
to one scale by a power law of the distance and their quantiles are taken with the correction of split conformal
prediction for few errors (V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World, 2005; fpp3 5.5 for ranges
from residuals). The sum of n orders scatters with the root of n (compound Poisson), so an error is first brought to the level
that is said now by the root of both levels: a busy time's errors narrow, a slack time's widen.

Where the working days of the periods are known, every way is also tried on what a working day brought: the Spring Festival
follows the moon, lies in January or February, and empties one week or two. It is taken where the past proves it.

Errors: MAE, MASE (R. Hyndman, A. Koehler, Int. J. Forecasting 22 (2006) 679–688) and sMAPE in per cent (M4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shengce.planning.smoothing import Floats, candidates

LEVEL = 0.8
"""So much of what comes should lie within the range."""

LEAST_PERIODS = 10
"""With fewer periods nothing is forecast: six to begin with and four to be tried on."""
BEGUN = 0.1
"""A history begins with the first period that has so much of the median of those with anything at all."""
LEAST_SOLD = 4
"""Periods in which there was anything at all."""
BY_DAY = " by working day"
"""Ends the name of a way that was gone on what a working day brought."""
FIRST_ORIGIN = 6
MOST_ORIGINS = 24
CLEARLY = 0.95
"""A single way must have at most so much of the error of the combination."""
PROVEN = 0.9
"""A way by working days must have at most so much of the error of the one without: the calendar is no reason by itself."""
LEAST_LEVEL = 0.2
"""A level counts at least so much of the history's mean."""
WIDER_SUMS = 1.25
"""Ranges of sums are widened by this: the way was chosen by the errors from which its range is made, and sums of many
periods that do not overlap are few. Measured, see docs/decisions/0010-forecast.md."""


class NoForecast(Exception):
    """This history says too little. ``code``: ``short``, ``rare`` (``found`` of at least ``least``), ``far``
    (of at most ``least``) or ``not_a_number``.
    """

    def __init__(self, code: str, found: int = 0, least: int = 0) -> None:
        super().__init__(f"{code}: {found} of at least {least}" if least else code)
        self.code, self.found, self.least = code, found, least


@dataclass(frozen=True, slots=True)
class Range:
    """What is expected, and between what it will lie with the asked probability."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """``periods`` one by one; ``sums[i]`` is of the first ``i + 1`` together. ``error`` and ``naive_error`` are mean absolute
    errors of the chosen way and of the seasonal naive one on the past, over ``origins`` tries.
    """

    method: str
    periods: tuple[Range, ...]
    sums: tuple[Range, ...]
    level: float
    error: float
    naive_error: float
    origins: int
    seasonal: bool

    @property
    def total(self) -> Range:
        """All periods together."""
        return self.sums[-1]


def forecast(
    history: Sequence[float] | npt.ArrayLike,
    *,
    horizon: int,
    season: int = 12,
    level: float = LEVEL,
    days: Sequence[float] | None = None,
) -> Forecast:
    """The next ``horizon`` periods after ``history`` (oldest first; whole periods only, the current one left out).

    ``days`` are the working days of each period of the history and of the horizon, where they are known.
    Raises :class:`NoForecast` with the reason; ``ValueError`` for a horizon, season, level or number of days that cannot be.
    """
    if horizon < 1 or season < 1 or not 0 < level < 1:
        raise ValueError("horizon and season are at least 1, the level lies between 0 and 1")
    values = checked(history)
    work = _days_of(days, np.size(history), len(values), horizon)
    origins = _origins(len(values), season)
    errors, levels = _errors(values, origins, horizon, season, work)
    scores = {name: _score(found) for name, found in errors.items()}
    method = _chosen(scores)
    means = _ways(values, horizon, season, work)[method]
    floor = 0.0 if values.min() >= 0 else -math.inf
    tried = errors[method] * _to_level(values, levels[method], means)[:, np.newaxis]
    single = _ranges(means, tried, level, (0.0, 0.5), floor, widen=1.0)
    sums = np.cumsum(tried, axis=1)
    summed = _ranges(np.cumsum(means), sums, level, (0.5, 1.5), floor, widen=WIDER_SUMS)
    return Forecast(
        method=method,
        periods=single,
        sums=summed,
        level=level,
        error=float(np.nanmean(np.abs(errors[method]))),
        naive_error=float(np.nanmean(np.abs(errors["naive"]))),
        origins=len(origins),
        seasonal=len(values) >= 2 * season > 2,
    )


def checked(history: Sequence[float] | npt.ArrayLike) -> Floats:
    """The history as numbers, without the time before anything was sold in earnest. Raises :class:`NoForecast`."""
    values = np.asarray(history, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise NoForecast("not_a_number")
    sizes = np.abs(values)
    usual = float(np.median(sizes[sizes > 0])) if sizes.any() else 0.0
    begun = np.flatnonzero(sizes >= BEGUN * usual) if usual else np.zeros(0, dtype=int)
    values = values[begun[0] :] if len(begun) else values[:0]
    if len(values) < LEAST_PERIODS:
        raise NoForecast("short", len(values), LEAST_PERIODS)
    if (sold := int(np.count_nonzero(values))) < LEAST_SOLD:
        raise NoForecast("rare", sold, LEAST_SOLD)
    return values


def _origins(length: int, season: int) -> list[int]:
    """How many periods were known at each try, newest last. Seasons are tried where two of them were known."""
    first = FIRST_ORIGIN
    if season > 1 and length >= 2 * season + 4:
        first = 2 * season
    return list(range(max(first, length - MOST_ORIGINS), length))


def _days_of(days: Sequence[float] | None, given: int, kept: int, horizon: int) -> Floats | None:
    """The days that belong to the kept end of the history and to the horizon; nothing where they tell nothing apart."""
    if days is None:
        return None
    work = np.asarray(days, dtype=float)
    if work.shape != (given + horizon,) or not (np.isfinite(work) & (work >= 0)).all():
        raise ValueError(
            "days are one number, not below zero, for each period of the history and of the horizon"
        )
    work = work[given - kept :]
    return None if work.min() == work.max() else work


def _ways(known: Floats, horizon: int, season: int, days: Floats | None) -> dict[str, Floats]:
    """The means of the next periods by each way; with days, also by what a day of work brought.

    Of a period without a working day nothing is known of such a day: the one before stands for it.
    """
    found = candidates(known, horizon, season)
    if days is None:
        return found
    behind, ahead = days[: len(known)], days[len(known) : len(known) + horizon]
    worked = np.flatnonzero(behind > 0)
    if len(worked) < FIRST_ORIGIN:
        return found
    nearest = worked[np.maximum(0, np.searchsorted(worked, np.arange(len(known)), side="right") - 1)]
    daily = known[nearest] / behind[nearest]
    by_day = candidates(daily, horizon, season)
    return found | {name + BY_DAY: means * ahead for name, means in by_day.items() if name != "naive"}


def _errors(
    values: Floats, origins: list[int], horizon: int, season: int, days: Floats | None
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """What came less what was said, by way: a row for each origin, a column for each step, nan where nothing came yet; and
    how much was said a period, by way and origin.
    """
    found: dict[str, Floats] = {}
    levels: dict[str, Floats] = {}
    for row, known in enumerate(origins):
        came = values[known : known + horizon]
        for name, means in _ways(values[:known], horizon, season, days).items():
            table = found.setdefault(name, np.full((len(origins), horizon), np.nan))
            table[row, : len(came)] = came - means[: len(came)]
            levels.setdefault(name, np.zeros(len(origins)))[row] = np.abs(means).mean()
    return {name: table for name, table in found.items() if np.isfinite(table[:, 0]).all()}, levels


def _to_level(values: Floats, levels: Floats, means: Floats) -> Floats:
    """By what the errors of each origin are multiplied: the root of the level said now to the one said then.

    Levels count at least a fifth of the history's mean. Where something is below zero they say nothing of the scatter.
    """
    least = LEAST_LEVEL * float(np.abs(values).mean())
    if values.min() < 0 or least <= 0:
        return np.ones(len(levels))
    now = max(least, float(np.abs(means).mean()))
    factors: Floats = np.sqrt(now / np.maximum(least, levels))
    return factors


def _score(errors: Floats) -> float:
    """How far off sums from now on were, per period: what is planned is a sum, and a rare order missed by a month is no miss."""
    steps = np.arange(1, errors.shape[1] + 1)
    return float(np.nanmean(np.abs(np.cumsum(errors, axis=1)) / steps))


def _chosen(scores: dict[str, float]) -> str:
    """The mean of the smoothings, or a single way that was clearly better; those by working days where they were better still."""
    plain = _clearly(
        {name: score for name, score in scores.items() if not name.endswith(BY_DAY)}, "combination"
    )
    by_day = {name: score for name, score in scores.items() if name.endswith(BY_DAY)}
    if "combination" + BY_DAY not in by_day:
        return plain
    worked = _clearly(by_day, "combination" + BY_DAY)
    return worked if scores[worked] <= PROVEN * scores[plain] else plain


def _clearly(scores: dict[str, float], usual: str) -> str:
    best = min(scores, key=lambda name: scores[name])
    return best if scores[best] <= CLEARLY * scores[usual] else usual


def _ranges(
    means: Floats, errors: Floats, level: float, growth: tuple[float, float], floor: float, *, widen: float
) -> tuple[Range, ...]:
    """Means with the quantiles of the errors, which grow with the distance by a power between the two of ``growth``."""
    steps = np.arange(1, len(means) + 1)
    scale = _scale(errors, steps, growth)
    known = np.isfinite(errors)
    pooled = np.sort((errors / scale)[known]) if scale.min() > 0 else np.zeros(1)
    tries = int(known[:, 0].sum())
    low, high = (widen * edge for edge in _quantiles(pooled, level, tries))
    return tuple(
        Range(max(floor, float(mean)), max(floor, float(mean + low * s)), max(floor, float(mean + high * s)))
        for mean, s in zip(means, scale, strict=True)
    )


def _scale(errors: Floats, steps: npt.NDArray[np.int64], growth: tuple[float, float]) -> Floats:
    """How large errors are at each distance: c·h^g through their root mean squares, where at least four are known."""
    counts = np.isfinite(errors).sum(axis=0)
    sizes = np.sqrt(np.nansum(errors**2, axis=0) / np.maximum(counts, 1))
    usable = (counts >= 4) & (sizes > 0)
    if not usable.any():
        usable = sizes > 0
    if not usable.any():
        return np.zeros(len(steps))
    x, y, w = np.log(steps[usable]), np.log(sizes[usable]), counts[usable].astype(float)
    centre = float(w @ x / w.sum())
    spread = float(w @ (x - centre) ** 2)
    slope = float(w @ ((x - centre) * y)) / spread if spread > 0 else sum(growth) / 2
    slope = min(max(slope, growth[0]), growth[1])
    base = float(w @ (y - slope * x) / w.sum())
    scale: Floats = np.exp(base + slope * np.log(steps))
    return scale


def _quantiles(pooled: Floats, level: float, tries: int) -> tuple[float, float]:
    """Lower and upper quantile of scaled errors, further out the fewer tries there were; always around zero."""
    outside = (1 - level) / 2
    share = min(1.0, (1 - outside) * (tries + 1) / tries)
    low = float(np.quantile(pooled, 1 - share))
    high = float(np.quantile(pooled, share))
    return min(0.0, low), max(0.0, high)


def mase(errors: npt.ArrayLike, history: npt.ArrayLike, season: int = 1) -> float:
    """Mean absolute error, scaled by that of the seasonal naive way one step ahead within the history; nan where it is 0."""
    known = np.asarray(history, dtype=float)
    lag = season if len(known) > season else 1
    scale = float(np.abs(known[lag:] - known[:-lag]).mean())
    return float(np.abs(np.asarray(errors, dtype=float)).mean()) / scale if scale else math.nan


def smape(came: npt.ArrayLike, said: npt.ArrayLike) -> float:
    """Symmetric mean absolute percentage error, from 0 to 200; pairs of two zeros count as right."""
    actual, expected = np.asarray(came, dtype=float), np.asarray(said, dtype=float)
    size = np.abs(actual) + np.abs(expected)
    ratios = np.divide(np.abs(actual - expected), size, out=np.zeros_like(size), where=size > 0)
    return float(200 * ratios.mean())
