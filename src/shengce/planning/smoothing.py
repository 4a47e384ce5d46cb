"""Ways to continue a row of numbers: seasonal naive, exponential smoothing, Theta, damped trend, and TSB for rare demand.

Each takes a history (oldest first) and says the means of the next ``horizon`` periods. numpy alone; parameters are chosen
from a small grid by the squared errors one step ahead, all of them at once.

Sources: R. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (otexts.com/fpp3), chapters 5.2
(naive), 8 (smoothing, damped trend after Gardner and McKenzie 1985); R. Hyndman, B. Billah, Unmasking the Theta method,
Int. J. Forecasting 19 (2003) 287–290 (Theta is simple smoothing with half the slope of the trend line as drift);
R. Teunter, A. Syntetos, M. Babai, Intermittent demand: linking forecasting to inventory obsolescence, Eur. J. Op. Res. 214
(2011) 606–615 (TSB); S. Makridakis, E. Spiliotis, V. Assimakopoulos, The M4 competition, Int. J. Forecasting 36 (2020)
54–74 (the mean of three smoothings as the benchmark that is hard to beat); D. Miller, D. Williams, Shrinkage estimators of
time series seasonal factors, Int. J. Forecasting 19 (2003) 669–684 (seasonal factors drawn towards none where they are
uncertain, after James and Stein).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALPHAS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
TREND_GRID = np.array(list(product((0.05, 0.1, 0.2, 0.4, 0.7), (0.05, 0.2, 0.5), (0.8, 0.9, 0.97))))
"""Smoothing of the level, smoothing of the trend as a share of it, damping."""
TSB_GRID = np.array(list(product((0.05, 0.1, 0.2, 0.3), (0.05, 0.1, 0.2, 0.3))))
START = 6
"""So many first values make the level from which smoothing starts."""


def candidates(history: Floats, horizon: int, season: int) -> dict[str, Floats]:
    """The means of the next ``horizon`` periods by each way that can be gone with this history.

    ``season`` is the number of periods after which a pattern comes again, 1 for none. Seasonal factors are used from
    two whole seasons on.
    """
    found = {"naive": seasonal_naive(history, horizon, season)}
    factors = seasonal_factors(history, season)
    ahead = factors.ahead(horizon)
    plain = factors.taken_out(history)
    smooth: Mapping[str, Floats] = {
        "smoothing": smoothed(plain, horizon),
        "theta": theta(plain, horizon),
        "damped_trend": damped_trend(plain, horizon),
    }
    found |= {name: factors.put_back(means, ahead) for name, means in smooth.items()}
    together: Floats = np.asarray(np.mean([found[name] for name in smooth], axis=0), dtype=np.float64)
    found["combination"] = together
    if np.any(history == 0) and np.all(history >= 0):
        found["rare_demand"] = rare_demand(history, horizon)
    return found


def seasonal_naive(history: Floats, horizon: int, season: int) -> Floats:
    """What was one season ago; the last value where a whole season is not known yet."""
    lag = season if len(history) >= season else 1
    last = history[-lag:]
    return last[np.arange(horizon) % lag]


def smoothed(history: Floats, horizon: int) -> Floats:
    """Simple exponential smoothing: the level, carried forward."""
    return np.full(horizon, _best_level(history))


def theta(history: Floats, horizon: int) -> Floats:
    """Simple smoothing with half the slope of the straight line through the history as drift."""
    slope = _slope(history) / 2
    level = _best_level(history)
    steps: Floats = level + slope * np.arange(1, horizon + 1, dtype=np.float64)
    return steps


def damped_trend(history: Floats, horizon: int) -> Floats:
    """Holt's level and trend, the trend fading step by step."""
    alpha, share, phi = TREND_GRID.T
    beta = alpha * share
    level = np.full(len(TREND_GRID), history[:START].mean())
    trend = np.zeros(len(TREND_GRID))
    squares = np.zeros(len(TREND_GRID))
    for value in history:
        expected = level + phi * trend
        error = value - expected
        squares += error * error
        level = expected + alpha * error
        trend = phi * trend + beta * error
    best = int(np.argmin(squares))
    fading = np.cumsum(phi[best] ** np.arange(1, horizon + 1))
    steps: Floats = level[best] + trend[best] * fading
    return steps


def rare_demand(history: Floats, horizon: int) -> Floats:
    """TSB: the probability that anything is sold, times how much it is then; both smoothed."""
    for_size, for_chance = TSB_GRID.T
    sold = history > 0
    size = np.full(len(TSB_GRID), history[sold].mean() if sold.any() else 0.0)
    chance = np.full(len(TSB_GRID), sold[: 2 * START].mean())
    squares = np.zeros(len(TSB_GRID))
    for value in history:
        error = value - size * chance
        squares += error * error
        if value > 0:
            size = size + for_size * (value - size)
        chance = chance + for_chance * (float(value > 0) - chance)
    best = int(np.argmin(squares))
    return np.full(horizon, size[best] * chance[best])


class Factors:
    """What a season adds to the level (``additive``) or multiplies it with, by place in the season."""

    def __init__(self, values: Floats, *, additive: bool, length: int) -> None:
        self.values, self.additive, self.length = values, additive, length

    def ahead(self, horizon: int) -> Floats:
        """The factors of the periods after the history."""
        return self._at(np.arange(self.length, self.length + horizon))

    def taken_out(self, history: Floats) -> Floats:
        """The history as if there were no seasons."""
        known = self._at(np.arange(self.length))
        return history - known if self.additive else history / known

    def put_back(self, means: Floats, ahead: Floats) -> Floats:
        return means + ahead if self.additive else means * ahead

    def _at(self, places: npt.NDArray[np.int64]) -> Floats:
        return self.values[places % len(self.values)]


def seasonal_factors(history: Floats, season: int) -> Factors:
    """Ratios (differences, where something is not above zero) to the moving mean of a season, drawn towards none.

    Below two seasons, and for a season of 1: no factors.
    """
    length = len(history)
    if season < 2 or length < 2 * season:
        return Factors(np.ones(1), additive=False, length=length)
    additive = bool(history.min() <= 0)
    level = _moving_mean(history, season)
    additive = additive or bool(level.min() <= 0)
    parts = history - level if additive else history / level
    neutral = 0.0 if additive else 1.0
    places = np.arange(length) % season
    counts = np.bincount(places, minlength=season).astype(float)
    means = np.bincount(places, weights=parts, minlength=season) / counts
    left = parts - means[places]
    noise = float((left @ left) / max(1, length - season)) / counts.mean()
    between = max(0.0, float(means.var(ddof=1)) - noise)
    doubt = (season - 3) / (season - 1) * noise / (noise + between) if season > 3 and noise > 0 else 0.0
    shrunk = neutral + (1 - doubt) * (means - means.mean())
    if not additive:
        shrunk = np.maximum(shrunk, 0.05)
    return Factors(shrunk, additive=additive, length=length)


def _moving_mean(history: Floats, season: int) -> Floats:
    """The mean of the season around each period; at both ends continued with the trend from year to year."""
    weights = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        weights[0] = weights[-1] = 0.5
    inner = np.convolve(history, weights / weights.sum(), mode="valid")
    missing = len(weights) // 2
    slope = float((history[season:] - history[:-season]).mean()) / season
    steps = slope * np.arange(1, missing + 1)
    return np.concatenate([inner[0] - steps[::-1], inner, inner[-1] + steps])


def _best_level(history: Floats) -> float:
    """The last level of simple smoothing, with the parameter that foresaw each next value best."""
    alpha = np.array(ALPHAS)
    level = np.full(len(alpha), history[:START].mean())
    squares = np.zeros(len(alpha))
    for value in history:
        error = value - level
        squares += error * error
        level = level + alpha * error
    return float(level[int(np.argmin(squares))])


def _slope(history: Floats) -> float:
    """Of the straight line with the least squares."""
    times = np.arange(len(history)) - (len(history) - 1) / 2
    spread = float(times @ times)
    return float(times @ history) / spread if spread else 0.0
