"""How good forecasts were: series with known ways, and a measure that tries every origin against what came.

Printed by ``shengce evaluate``. The made series come from fixed dice; weeks with the official working days from 2019 on, so that
the Spring Festival lies where it lay.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shengce.planning.forecast import NoForecast, forecast, mase
from shengce.planning.periods import Span, working_days
from shengce.planning.smoothing import Floats, seasonal_naive
from shengce.planning.working_time import Calendar

SEASON = np.array([0.7, 0.5, 0.8, 1.0, 1.2, 1.5, 1.7, 1.5, 1.0, 0.9, 0.8, 0.7])
KINDS = ("level", "trend", "season", "trend_season", "shift", "rare", "walk")
WEEK_KINDS = ("worked", "worked_rare", "level", "season", "rare", "swell")
FIRST_MONDAY = dt.date(2019, 1, 7)


@dataclass(frozen=True, slots=True)
class Trial:
    """A series, from how many periods on it is tried and every how many, and how far ahead."""

    values: Floats
    first: int
    every: int
    horizon: int
    season: int
    days: Floats | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """``against_naive`` is the mean absolute error over that of "as a season ago" (the last value in a first season); ``covered``
    and ``sums_covered`` how often single periods and the sum lay within the range; ``width`` that of the sum's range over
    the mean. ``none`` counts tries that said "no forecast".
    """

    tries: int
    none: int
    against_naive: float
    mase: float
    covered: float
    sums_covered: float
    width: float


def measured(trials: Iterable[Trial]) -> Score:
    """All tries of all series together."""
    ours, naive, scaled, single, sums, widths, none = [], [], [], [], [], [], 0
    for trial in trials:
        values, horizon = trial.values, trial.horizon
        for known in range(trial.first, len(values) - horizon + 1, trial.every):
            history, came = values[:known], values[known : known + horizon]
            days = None if trial.days is None else list(trial.days[: known + horizon])
            try:
                said = forecast(history, horizon=horizon, season=trial.season, days=days)
            except NoForecast:
                none += 1
                continue
            size = max(1e-9, float(np.abs(history).mean()))
            errors = came - np.array([each.mean for each in said.periods])
            ours.append(float(np.abs(errors).mean()) / size)
            naive.append(float(np.abs(came - seasonal_naive(history, horizon, trial.season)).mean()) / size)
            scaled.append(mase(errors, history, trial.season))
            single += [each.low <= value <= each.high for each, value in zip(said.periods, came, strict=True)]
            sums.append(said.total.low <= came.sum() <= said.total.high)
            widths.append((said.total.high - said.total.low) / (size * horizon))
    return Score(
        tries=len(ours),
        none=none,
        against_naive=_mean(ours) / _mean(naive) if ours and _mean(naive) else math.nan,
        mase=_mean([value for value in scaled if math.isfinite(value)]),
        covered=_mean(single),
        sums_covered=_mean(sums),
        width=_mean(widths),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def made(kind: str, length: int, *, seed: int) -> Floats:
    """Months of one kind: steady, rising, with the trade's season, both, with a break, with few orders, wandering."""
    dice = np.random.default_rng([seed, KINDS.index(kind)])
    t = np.arange(length)
    season = (SEASON / SEASON.mean())[t % 12]
    noise = dice.normal(1, 0.12, length)
    if kind == "level":
        found = 100 * dice.normal(1, 0.2, length)
    elif kind == "trend":
        found = (100 + dice.choice([-1, 1, 2]) * t) * noise
    elif kind == "season":
        found = 100 * season * noise
    elif kind == "trend_season":
        found = (100 + 1.5 * t) * season * noise
    elif kind == "shift":
        at = dice.integers(length // 3, 2 * length // 3)
        found = np.where(t < at, 100, dice.choice([60, 160])) * noise
    elif kind == "rare":
        found = (dice.random(length) < 0.3) * dice.gamma(2, 20, length)
    else:
        found = 100 + np.cumsum(dice.normal(0, 6, length))
    return np.maximum(0, found)


def made_weeks(kind: str, length: int, *, seed: int) -> tuple[Floats, Floats]:
    """Weeks from a Monday on, and their working days.

    ``worked`` follows the working days, ``worked_rare`` is few orders on working days, ``level``, ``season`` and ``rare`` know
    no calendar, ``swell`` is few large orders in a year's wave, as a single rep has them.
    """
    dice = np.random.default_rng([seed, 100 + WEEK_KINDS.index(kind)])
    t = np.arange(length)
    wave = 1 + 0.45 * np.sin(2 * np.pi * (t + dice.integers(52)) / 52)
    days = week_days(length, skip=int(dice.integers(52)))
    if kind == "worked":
        found = 20 * days * dice.normal(1, 0.2, length)
    elif kind == "worked_rare":
        found = np.array([dice.gamma(1.2, 30, orders).sum() for orders in dice.poisson(0.5 * days)])
    elif kind == "level":
        found = 100 * dice.normal(1, 0.25, length)
    elif kind == "season":
        found = 100 * wave * dice.normal(1, 0.2, length)
    elif kind == "rare":
        found = (dice.random(length) < 0.5) * dice.gamma(1.2, 30, length)
    else:
        found = np.array([dice.gamma(0.8, 40, orders).sum() for orders in dice.poisson(2 * wave)])
    return np.maximum(0, found), days


def week_days(length: int, *, skip: int = 0) -> Floats:
    """The official working days of ``length`` weeks, with make-up days."""
    calendar = Calendar(dt.UTC)
    monday = FIRST_MONDAY + dt.timedelta(days=7 * skip)
    mondays = [monday + dt.timedelta(days=7 * number) for number in range(length)]
    return np.array(
        [float(len(working_days(Span(day, day + dt.timedelta(days=7)), calendar))) for day in mondays]
    )


def cdnow_weeks(folder: Path) -> npt.NDArray[np.float64]:
    """Dollars a week of the one-tenth sample, 1997-01-01 onwards: 78 whole weeks. A cohort: all begin in the first twelve."""
    start = dt.date(1997, 1, 1)
    sums = np.zeros(78)
    for line in (folder / "CDNOW_sample.txt").read_text(encoding="ascii").splitlines():
        _customer, _number, day, _discs, dollars = line.split()
        week = (dt.date.fromisoformat(day) - start).days // 7
        if 0 <= week < 78:
            sums[week] += float(dollars)
    return sums


def standard_trials(data: Path, *, series: int = 20) -> dict[str, list[Trial]]:
    """The trials that ``shengce evaluate`` prints; those on CDNOW where the folder has it."""
    found: dict[str, list[Trial]] = {}
    for known, horizon in ((36, 3), (60, 6)):
        for kind in KINDS:
            found[f"{known} months, {horizon} ahead: {kind}"] = [
                Trial(made(kind, known + horizon, seed=seed), known, 1, horizon, 12) for seed in range(series)
            ]
    for kind in WEEK_KINDS:
        rows = [made_weeks(kind, 124, seed=seed) for seed in range(series)]
        found[f"weeks, 4 ahead: {kind}"] = [Trial(values, 40, 40, 4, 52, days) for values, days in rows]
    if (data / "cdnow" / "CDNOW_sample.txt").is_file():
        found["CDNOW, 4 weeks ahead"] = [Trial(cdnow_weeks(data / "cdnow"), 30, 1, 4, 52)]
    return found
