"""Series with known ways: made by a fixed die, and the weekly sales of the CDNOW sample."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

SEASON = np.array([0.7, 0.5, 0.8, 1.0, 1.2, 1.5, 1.7, 1.5, 1.0, 0.9, 0.8, 0.7])
KINDS = ("level", "trend", "season", "trend_season", "shift", "rare", "walk")


def made(kind: str, length: int, *, seed: int) -> np.ndarray:
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


def cdnow_weeks(folder: Path) -> np.ndarray:
    """Dollars a week of the one-tenth sample, 1997-01-01 onwards: 78 whole weeks. A cohort: all begin in the first twelve."""
    start = dt.date(1997, 1, 1)
    sums = np.zeros(78)
    for line in (folder / "CDNOW_sample.txt").read_text(encoding="ascii").splitlines():
        _customer, _number, day, _discs, dollars = line.split()
        week = (dt.datetime.strptime(day, "%Y%m%d").date() - start).days // 7
        if 0 <= week < 78:
            sums[week] += float(dollars)
    return sums
