"""Targets are made before the year before is over: what has not come yet is taken from a year earlier."""

from __future__ import annotations

import datetime as dt

import pytest

from shengce.planning.periods import FiscalYear, Span
from shengce.targets.history import months_before

JUNE = FiscalYear(dt.date(2027, 6, 1))


@pytest.mark.parametrize(
    ("today", "first", "end"),
    [
        ("2026-11-27", "2025-11-01", "2026-11-01"),  # the year before is half over
        ("2027-06-01", "2026-06-01", "2027-06-01"),  # it is over
        ("2028-02-29", "2026-06-01", "2027-06-01"),
        ("2027-05-31", "2026-05-01", "2027-05-01"),
    ],
)
def test_twelve_months_that_are_over(today: str, first: str, end: str) -> None:
    found = months_before(JUNE, dt.date.fromisoformat(today))
    assert found == Span(dt.date.fromisoformat(first), dt.date.fromisoformat(end))
