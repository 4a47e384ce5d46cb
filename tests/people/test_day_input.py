"""A browser's field of a day understands one way of writing it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from shengce.people.day_input import DayInput


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_day_comes_back_as_the_browser_wants_it(language: str) -> None:
    with translation.override(language):
        field = DayInput().render("on", dt.date(2026, 3, 5))
    assert 'type="date"' in field
    assert 'value="2026-03-05"' in field
