"""Cells of exported tables: no formula leaves the house, numbers stay numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.people.plain_cells import plain_cell

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "data" / "formula-injection" / "payloads.txt"
STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def test_the_known_payloads_are_made_plain() -> None:
    if not PAYLOADS.is_file():
        pytest.skip("shared/data/formula-injection is not on this machine")
    payloads = PAYLOADS.read_text(encoding="utf-8").splitlines()
    assert len(payloads) >= 10
    for text in payloads:
        is_number = text in ("+86 138 0000 0000", "-100")
        risky = text.startswith(STARTERS) and not is_number
        assert plain_cell(text) == ("'" + text if risky else text)


@pytest.mark.parametrize(
    "text", ["-100", "+86 138 0000 0000", "-1,234.50", "+5%", "100", "", "林晓", "a=1", "3-1"]
)
def test_numbers_and_words_stay(text: str) -> None:
    assert plain_cell(text) == text


@pytest.mark.parametrize(
    "text",
    ["-1+1", "+1-cmd|'/c calc'!A1", "-2+3+cmd", "=1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-100\n=1", "--1"],
)
def test_formulas_do_not(text: str) -> None:
    assert plain_cell(text) == "'" + text


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    shown = plain_cell(text)
    assert shown.removeprefix("'") == text.removeprefix("'")
    if shown.startswith(STARTERS):
        assert not set(shown[1:]) - set("0123456789,. %")
