"""Series with known ways: those that ``shengce evaluate`` is measured on."""

from __future__ import annotations

from shengce.planning.forecast_trials import KINDS, SEASON, cdnow_weeks, made

__all__ = ["KINDS", "SEASON", "cdnow_weeks", "made"]
