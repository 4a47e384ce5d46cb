"""Every kind of condition, on talks where the answer is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.criteria import CompiledConditions, Verdict, condition_from_data, condition_to_data
from shengce.language.criteria.evaluation import MAX_PASSAGES, required_literal
from shengce.speech.transcript import Role, Segment, Transcript, from_turns

Turn = tuple[Role, str]

# One second a character: 0-4 rep, 4-10 customer, 10-20 rep, 20-27 customer, 27-37 rep.
TALK: tuple[Turn, ...] = (
    ("rep", "您好打扰"),
    ("customer", "多少钱一台呢"),
    ("rep", "我们质保两年报价三千"),
    ("customer", "太贵了能便宜吗"),
    ("rep", "保证全市最低价您放心"),
)


def judge(data: dict[str, Any], turns: tuple[Turn, ...] = TALK, *, channels: int = 1) -> Verdict:
    condition = condition_from_data(data)
    assert condition_from_data(condition_to_data(condition)) == condition
    talk = from_turns(turns, ms_per_character=1000)
    heard = Transcript(talk.segments, talk.duration_ms, channels, "test")
    return CompiledConditions([condition]).read(heard).verdict(condition)


def answer(data: dict[str, Any], turns: tuple[Turn, ...] = TALK) -> tuple[str, str | None, list[str]]:
    verdict = judge(data, turns)
    return verdict.state, verdict.reason, [p.quote for p in verdict.passages]


@pytest.mark.parametrize(
    ("data", "state", "reason", "quotes"),
    [
        ({"phrases": ["您好", "你好"]}, "met", None, ["您好"]),
        ({"phrases": ["再见"]}, "not_met", "not_said", []),
        ({"phrases": ["太贵"], "by": "customer"}, "met", None, ["太贵"]),
        ({"phrases": ["太贵"], "by": "rep"}, "not_met", "not_said", []),
        ({"phrases": ["您"], "at_least": 2}, "met", None, ["您", "您"]),
        ({"phrases": ["您"], "at_least": 3}, "not_met", "too_seldom", ["您", "您"]),
        ({"phrases": ["您"], "at_most": 1}, "not_met", "too_often", ["您", "您"]),
        ({"phrases": ["您"], "at_most": 2}, "met", None, ["您", "您"]),
        ({"phrases": ["再见"], "at_most": 2}, "met", None, []),
        ({"phrases": ["保证全市", "全市最低"], "at_most": 1}, "met", None, ["保证全市最低"]),
        ({"phrases": ["您好"], "within_first_s": 1}, "met", None, ["您好"]),
        ({"phrases": ["质保"], "within_first_s": 12}, "not_met", "too_late", ["质保"]),
        ({"phrases": ["质保"], "within_first_s": 13}, "met", None, ["质保"]),
        ({"phrases": ["放心"], "within_last_s": 1}, "met", None, ["放心"]),
        ({"phrases": ["太贵"], "within_last_s": 10}, "not_met", "too_early", ["太贵"]),
        ({"phrases": ["您"], "within_last_s": 10}, "met", None, ["您"]),
        ({"groups": [["质保", "保修"], ["两年", "三年"]]}, "met", None, ["质保两年"]),
        ({"groups": [["质保", "保修"], ["最低价"]]}, "not_met", "not_said", []),
        ({"groups": [["三千"], ["质保"]]}, "met", None, ["质保两年报价三千"]),
        ({"regex": "报价.{0,3}[一二三]千"}, "met", None, ["报价三千"]),
        ({"regex": "报价.{0,3}[一二三]万"}, "not_met", "not_said", []),
        ({"regex": "^您.$|^您好"}, "met", None, ["您好"]),
        ({"regex": "台.*质"}, "not_met", "not_said", []),
        ({"phrases": ["便宜"], "unless": ["能便宜"], "unless_within": 0}, "not_met", "not_said", []),
        ({"phrases": ["便宜"], "unless": ["太贵"], "unless_within": 2}, "not_met", "not_said", []),
        ({"phrases": ["便宜"], "unless": ["太贵"], "unless_within": 1}, "met", None, ["便宜"]),
        ({"phrases": ["便宜"], "unless": ["您好"]}, "met", None, ["便宜"]),
        ({"phrases": ["全是最低价"]}, "met", None, ["全市最低价"]),
        ({"phrases": ["全是最低价"], "homophones": False}, "not_met", "not_said", []),
        ({"phrases": ["治保"]}, "not_met", "not_said", []),
        ({"phrases": ["治保"], "homophones": True}, "met", None, ["质保"]),
    ],
)
def test_said(data: dict[str, Any], state: str, reason: str | None, quotes: list[str]) -> None:
    assert answer({"said": data}) == (state, reason, quotes)


@pytest.mark.parametrize(
    ("data", "state", "reason", "quotes"),
    [
        ({"phrases": ["最低价"], "by": "rep"}, "not_met", "said", ["最低价"]),
        ({"phrases": ["最低价"], "by": "customer"}, "met", None, []),
        ({"phrases": ["最低价"], "within_first_s": 10}, "met", None, []),
        ({"regex": "保证.{0,4}最低"}, "not_met", "said", ["保证全市最低"]),
    ],
)
def test_not_said(data: dict[str, Any], state: str, reason: str | None, quotes: list[str]) -> None:
    assert answer({"not_said": data}) == (state, reason, quotes)


@pytest.mark.parametrize(
    ("steps", "state", "reason", "quotes"),
    [
        (["您好", "质保", "最低价"], "met", None, ["您好", "质保", "最低价"]),
        (["质保", "您好"], "not_met", "wrong_order", ["质保", "您好"]),
        (["质保", "再见"], "not_met", "not_said", ["质保"]),
        (["您好", "您"], "not_met", "wrong_order", ["您好", "您"]),
    ],
)
def test_order(steps: list[str], state: str, reason: str | None, quotes: list[str]) -> None:
    assert answer({"order": [{"phrases": [step]} for step in steps]}) == (state, reason, quotes)


@pytest.mark.parametrize(
    ("first", "second", "limit", "state", "quotes"),
    [
        ("质保", "报价", {"within_chars": 2}, "met", ["质保", "报价"]),
        ("质保", "报价", {"within_chars": 1}, "not_met", []),
        ("报价", "质保", {"within_chars": 2}, "met", ["质保", "报价"]),
        ("报价", "质保", {"within_chars": 2, "ordered": True}, "not_met", []),
        ("质保", "报价", {"within_chars": 2, "ordered": True}, "met", ["质保", "报价"]),
        ("三千", "太贵", {"within_chars": 1000}, "not_met", []),
        ("三千", "太贵", {"within_s": 0}, "met", ["三千", "太贵"]),
        ("质保", "太贵", {"within_s": 6}, "met", ["质保", "太贵"]),
        ("质保", "太贵", {"within_s": 5.5}, "not_met", []),
        ("太贵", "质保", {"within_s": 6, "ordered": True}, "not_met", []),
        ("您", "您", {"within_chars": 50}, "not_met", []),
        ("保证全市", "全市最低", {"within_chars": 0}, "met", ["保证全市", "全市最低"]),
    ],
)
def test_near(first: str, second: str, limit: dict[str, Any], state: str, quotes: list[str]) -> None:
    data = {"near": {"first": {"phrases": [first]}, "second": {"phrases": [second]}, **limit}}
    assert answer(data)[::2] == (state, quotes)


YES = {"said": {"phrases": ["您好"]}}
NO = {"said": {"phrases": ["再见"]}}
UNKNOWN = {"measure": {"name": "interruptions", "at_most": 0}}


@pytest.mark.parametrize(
    ("how", "parts", "state"),
    [
        ("all", [YES, YES], "met"),
        ("all", [YES, NO], "not_met"),
        ("all", [YES, UNKNOWN], "met"),
        ("all", [NO, UNKNOWN], "not_met"),
        ("any", [NO, YES], "met"),
        ("any", [NO, NO], "not_met"),
        ("any", [NO, UNKNOWN], "not_met"),
        ("none", [NO, NO], "met"),
        ("none", [NO, YES], "not_met"),
        ("none", [UNKNOWN], "not_applicable"),
        ("any", [UNKNOWN], "not_applicable"),
        ("all", [{"any": [NO, {"none": [NO]}]}, YES], "met"),
    ],
)
def test_combined(how: str, parts: list[dict[str, Any]], state: str) -> None:
    assert judge({how: parts}).state == state


@pytest.mark.parametrize(
    ("data", "state", "reason", "value"),
    [
        ({"name": "talk_ratio", "at_most": 0.6}, "not_met", "above", "0.6486"),
        ({"name": "talk_ratio", "at_least": 0.3, "at_most": 0.7}, "met", None, "0.6486"),
        ({"name": "questions", "role": "customer", "at_least": 2}, "met", None, "2"),
        ({"name": "questions", "at_least": 1}, "not_met", "below", "0"),
        ({"name": "speed", "at_most": 60}, "met", None, "60.0"),
        ({"name": "silence_share", "at_most": 0}, "met", None, "0.0"),
        ({"name": "longest_monologue_s", "at_most": 9.9}, "not_met", "above", "10.0"),
        ({"name": "longest_silence_s", "at_most": 3}, "not_applicable", None, None),
        ({"name": "patience_s", "at_most": 3}, "met", None, "0.0"),
        ({"name": "interruptions", "at_most": 3}, "not_applicable", None, None),
    ],
)
def test_measured(data: dict[str, Any], state: str, reason: str | None, value: str | None) -> None:
    verdict = judge({"measure": data})
    shown = None if verdict.value is None else str(verdict.value)
    assert (verdict.state, verdict.reason, shown) == (state, reason, value)


def test_every_hit_can_be_played() -> None:
    (passage,) = judge({"said": {"phrases": ["质保"]}}).passages
    assert (passage.turn, passage.start, passage.end, passage.role) == (2, 2, 4, "rep")
    assert (passage.start_ms, passage.end_ms) == (12_000, 14_000)


def test_ringing_before_the_first_word_does_not_count() -> None:
    segment = Segment("ch0", "rep", 60_000, 62_000, "您好")
    condition = condition_from_data({"said": {"phrases": ["您好"], "within_first_s": 5}})
    heard = Transcript((segment,), 70_000, 2, "test")
    assert CompiledConditions([condition]).read(heard).verdict(condition).state == "met"


def test_nothing_is_judged_where_nothing_is_said_or_nobody_has_a_role() -> None:
    assert judge({"not_said": {"phrases": ["最低价"]}}, ()).state == "not_applicable"
    assert judge({"measure": {"name": "questions", "at_most": 1}}, ()).state == "not_applicable"
    unknown: tuple[Turn, ...] = (("unknown", "保证最低价"),)
    assert judge({"not_said": {"phrases": ["最低价"], "by": "rep"}}, unknown).state == "not_applicable"
    assert judge({"not_said": {"phrases": ["最低价"]}}, unknown).state == "not_met"


def test_hits_are_all_counted_but_not_all_shown() -> None:
    verdict = judge({"said": {"phrases": ["对"], "at_least": 300}}, (("rep", "对，" * 400),))
    assert verdict.state == "met"
    assert verdict.value == 400
    assert len(verdict.passages) == MAX_PASSAGES


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("保证.{0,6}最低价", "最低价"),
        ("保证?最低", "最低"),
        ("保证|承诺", None),
        ("(保证)", None),
        ("[保证]", None),
        ("保.证", None),
        ("abc", None),
        ("最低{2}", None),
        ("最低价+", "最低价"),
        (r"\x{4fdd}证明", None),
    ],
)
def test_required_literal(pattern: str, literal: str | None) -> None:
    assert required_literal(pattern) == literal


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*)*x", "a.{0,400}b.{0,400}c", "(a?){400}b"])
def test_hostile_expressions_come_back(pattern: str) -> None:
    """Backtracking engines need longer than the world for these; the bound is the test runner's patience."""
    assert judge({"said": {"regex": pattern}}, (("rep", "a" * 20_000),)).state == "not_met"


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_any_text_can_be_said_and_looked_for(phrase: str, text: str) -> None:
    if not phrase.strip():
        return
    verdict = judge({"said": {"phrases": [phrase]}}, (("rep", text), ("customer", f"，{phrase.strip()}，")))
    assert verdict.state == "met"
    judge({"said": {"regex": "[^x]{1,3}$"}}, (("rep", text + "\ud800"),))
