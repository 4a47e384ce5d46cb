"""The end of a half-open span in words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from shengce.web.templatetags.shengce import deadline

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("due_at", "words"),
    [
        (dt.datetime(2026, 11, 21, 0, 0, tzinfo=SHANGHAI), "11-20"),
        (dt.datetime(2026, 11, 20, 16, 0, tzinfo=dt.UTC), "11-20"),
        (dt.datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI), "12-31"),
        (dt.datetime(2026, 11, 20, 18, 30, tzinfo=SHANGHAI), "11-20 18:30"),
        (dt.datetime(2026, 11, 20, 0, 1, tzinfo=SHANGHAI), "11-20 00:01"),
        (None, ""),
    ],
)
def test_midnight_is_the_end_of_the_day_before(due_at: dt.datetime | None, words: str) -> None:
    assert deadline(due_at) == words
