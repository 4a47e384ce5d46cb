"""Grading: more harm never helps, reasons add up to the score, limits stay within the grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shengce.planning.credit import DEFAULT, Grade, Record, owed, suggest

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy

GRADES = [
    Grade("C", 40, Decimal(50_000), 30),
    Grade("A", 75, Decimal(500_000), 60),
    Grade("D", 0, Decimal(0), 0),
    Grade("B", 60, Decimal(200_000), 45),
]
RECORDS = st.builds(
    Record,
    settled=st.integers(0, 50),
    days_late=st.none() | st.floats(0, 400),
    overdue_share=st.floats(0, 1),
    promises_kept=st.integers(0, 20),
    promises_late=st.integers(0, 20),
    promises_broken=st.integers(0, 20),
    turnover=st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100),
    months=st.integers(0, 200),
    disputes=st.integers(0, 10),
    written_off=st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100),
)
GOOD = Record(settled=20, days_late=1, promises_kept=3, turnover=Decimal(900_000), months=40)


@UNHURRIED
@given(RECORDS)
def test_reasons_add_up_and_the_limit_stays_within_the_grade(record: Record) -> None:
    found = suggest(record, GRADES)
    points = DEFAULT.start + sum(reason.points for reason in found.reasons)
    assert found.score == max(0, min(100, points))
    grade = next(grade for grade in GRADES if grade.name == found.grade)
    assert found.score >= grade.least
    assert not any(found.score >= g.least > grade.least for g in GRADES)
    assert 0 <= found.limit <= grade.limit
    assert found.days == grade.days


@UNHURRIED
@given(RECORDS, st.integers(1, 5))
def test_one_more_broken_promise_never_helps(record: Record, more: int) -> None:
    worse = suggest(replace(record, promises_broken=record.promises_broken + more), GRADES)
    before = suggest(record, GRADES)
    assert worse.score <= before.score
    assert worse.limit <= before.limit


@UNHURRIED
@given(RECORDS, st.floats(1, 100))
def test_paying_later_never_helps(record: Record, days: float) -> None:
    if record.days_late is not None:
        worse = replace(record, days_late=record.days_late + days)
        assert suggest(worse, GRADES).score <= suggest(record, GRADES).score


def test_broken_promises_bring_a_good_customer_down() -> None:
    good = suggest(GOOD, GRADES)
    assert (good.grade, good.days) == ("A", 60)
    assert good.limit == 222_000  # 900000 / 365 × 60 × 1.5 = 221918, up to thousands
    broken = suggest(replace(GOOD, promises_broken=3), GRADES)
    assert broken.grade == "B"
    assert broken.limit < good.limit
    reason = next(reason for reason in broken.reasons if reason.code == "promises_broken")
    assert (reason.value, reason.points) == ("3", -24)


def test_of_a_stranger_nothing_is_known() -> None:
    found = suggest(Record(), GRADES)
    assert (found.grade, found.limit, found.score) == ("C", 0, 50)
    assert [reason.code for reason in found.reasons] == ["no_turnover"]


def test_no_grades_no_answer() -> None:
    with pytest.raises(ValueError, match="grade"):
        suggest(GOOD, [])


def test_what_counts_against_the_limit() -> None:
    sums = {"open_invoices": Decimal(100), "invoiced": Decimal(300), "unallocated": Decimal(0)}
    assert owed(**sums, counted=Decimal(300)) == 100
    assert owed(**sums, counted=Decimal(450)) == 250
    assert owed(**sums, counted=Decimal(200)) == 100
    assert owed(**sums | {"unallocated": Decimal(130)}, counted=Decimal(300)) == 0
