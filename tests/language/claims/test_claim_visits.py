"""Visits against talks on site and check-ins."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from shengce.language.claim_check import check_claim
from shengce.language.claim_reading import read_claims
from shengce.language.claim_values import CheckIn, Claim, Talk
from tests.language.claims.cases import lexicon

ZONE = timezone(timedelta(hours=8))
AT = datetime(2026, 3, 18, 18, 0, tzinfo=ZONE)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


def _talk(moment: str, *, on_site: bool = True, customer: str = "A", rep: str = "r") -> Talk:
    return Talk(customer, _at(moment), _at(moment) + timedelta(minutes=50), on_site, rep)


CASES = [
    ("今天拜访", [_talk("03-18T09:00")], [], "agrees", "talk_on_site"),
    ("今天拜访", [_talk("03-18T09:00", on_site=False)], [], "not_mentioned", "only_by_phone"),
    ("今天拜访", [_talk("03-17T09:00")], [], "not_mentioned", "other_day"),
    ("今天拜访", [_talk("03-18T09:00", rep="x")], [], "not_mentioned", "no_talk"),
    ("今天拜访", [], [CheckIn("A", _at("03-18T09:00"), True, "r")], "agrees", "checked_in"),
    ("今天拜访", [], [CheckIn("A", _at("03-18T09:00"), None, "r")], "agrees", "checked_in"),
    ("今天拜访", [], [CheckIn("A", _at("03-18T09:00"), False, "r")], "contradicts", "checked_in_elsewhere"),
    (
        "今天拜访",
        [_talk("03-18T15:00")],
        [CheckIn("A", _at("03-18T09:00"), False, "r")],
        "agrees",
        "talk_on_site",
    ),
    ("今天拜访", [], [CheckIn("B", _at("03-18T09:00"), True, "r")], "not_mentioned", "no_talk"),
    ("今天上午10点拜访", [_talk("03-18T09:30", customer="B")], [], "contradicts", "with_another_then"),
    ("今天上午拜访", [_talk("03-18T09:30", customer="B")], [], "not_mentioned", "no_talk"),
    ("今天上午10点拜访", [_talk("03-18T09:30", customer="B", on_site=False)], [], "not_mentioned", "no_talk"),
    ("今天没去拜访", [_talk("03-18T09:00")], [], "contradicts", "visit_recorded"),
    ("今天没去拜访", [], [], "not_mentioned", "no_visit_recorded"),
    ("昨天拜访", [_talk("03-17T16:00")], [], "agrees", "talk_on_site"),
]


@pytest.mark.parametrize(("typed", "talks", "check_ins", "verdict", "code"), CASES)
def test_visit(typed, talks, check_ins, verdict, code):
    (stated,) = read_claims(typed, at=AT, lexicon=lexicon(), kind="visit")
    claim = Claim(stated, "A", AT, date(2026, 3, 12), date(2026, 3, 19), rep="r")
    found = check_claim(claim, said=[], talks=talks, check_ins=check_ins)
    assert (found.verdict, found.reason.code) == (verdict, code)
