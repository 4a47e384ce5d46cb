"""What holds for every talk: a fact quotes what was said, at the right place, and nothing raises."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.language.clauses import split
from shengce.language.extract import EXTRACTORS, extract_facts
from shengce.language.lexicon import Entry, Lexicon
from shengce.language.roles import guess_roles
from shengce.language.scoring.facts import load_dialogues
from shengce.language.summary import summarise
from shengce.language.values import FACT_KINDS
from shengce.speech.transcript import Role, Transcript, from_turns

AT = datetime.fromisoformat("2026-11-10T10:00:00+08:00")
LEXICON = Lexicon([Entry("天工叉车", ("叉车",))], [Entry("海川重工", ("海川",))])
LABELLED = Path(__file__).resolve().parents[1] / "labelled"

_PIECES = st.sampled_from(
    [
        "我",
        "我们",
        "您",
        "你们",
        "预算",
        "大概",
        "十五万",
        "左右",
        "太贵了",
        "不",
        "没",
        "拍板",
        "王总",
        "下周三",
        "下午三点",
        "可以",
        "行",
        "好的",
        "海川",
        "叉车",
        "多少钱",
        "报价",
        "三千八",
        "打款",
        "尾款",
        "月底前",
        "发给您",
        "明天",
        "送货",
        "晚了三天",
        "漏水",
        "从江西拿货",
        "便宜三百",
        "一三八一二三四五六七八",
        "微信",
        "abc_123",
        "想换",
        "如果",
        "吗",
        "，",
        "。",
        "？",
        "改成",
        "周四",
        "地址",
        "科技路八号",
    ]
)
_TEXT = st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=40)
_ROLE = st.sampled_from(["rep", "customer", "colleague", "other", "unknown"])
_TALK = st.lists(st.tuples(_ROLE, _TEXT), max_size=8)


def _check(transcript: Transcript) -> None:
    for fact in extract_facts(transcript, at=AT, lexicon=LEXICON):
        passage, segment = fact.passage, transcript.segments[fact.passage.turn]
        assert passage.quote and passage.quote == segment.text[passage.start : passage.end]
        assert segment.start_ms <= passage.start_ms <= passage.end_ms <= segment.end_ms
        assert 0 < fact.confidence <= 1
        assert fact.extractor.startswith(fact.kind)


@given(_TALK)
@settings(max_examples=150, deadline=None)
def test_every_fact_quotes_the_talk(turns: list[tuple[Role, str]]) -> None:
    _check(from_turns(turns))


@given(_TEXT)
@settings(max_examples=100, deadline=None)
def test_clauses_lie_in_the_text(text: str) -> None:
    end = 0
    for clause in split(text):
        assert clause.start >= end
        assert text[clause.start : clause.end] == clause.text
        end = clause.end


def test_naughty_strings_do_no_harm(naughty_strings: list[str]) -> None:
    _check(from_turns([("customer" if i % 2 else "rep", s) for i, s in enumerate(naughty_strings)]))


def test_every_kind_has_one_extractor() -> None:
    assert sorted(e.kind for e in EXTRACTORS) == sorted(FACT_KINDS)


def test_customer_only_kinds_are_never_said_by_the_rep() -> None:
    swapped: dict[str, Role] = {"rep": "customer", "customer": "rep"}
    only = {"need", "budget", "objection", "product_interest", "payment_promise", "complaint", "diversion"}
    for dialogue in load_dialogues(LABELLED):
        segments = tuple(replace(s, role=swapped[s.role]) for s in dialogue.transcript.segments)
        facts = extract_facts(
            replace(dialogue.transcript, segments=segments), at=dialogue.at, lexicon=dialogue.lexicon
        )
        assert {f.passage.role for f in facts if f.kind in only} <= {"customer"}


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        extract_facts(from_turns([]), at=datetime(2026, 1, 1), lexicon=LEXICON)


def _mono(turns: list[tuple[str, str]]) -> Transcript:
    transcript = from_turns([("unknown", text) for _, text in turns])
    speakers = [speaker for speaker, _ in turns]
    return replace(
        transcript,
        segments=tuple(replace(s, speaker=who) for s, who in zip(transcript.segments, speakers, strict=True)),
    )


def test_roles_are_guessed_from_the_way_people_talk() -> None:
    talk = _mono(
        [
            ("s1", "您好我是远帆软件的小郑给您介绍一下我们的产品"),
            ("s0", "你们这个多少钱一年"),
            ("s1", "标准价三千六给您打九折"),
            ("s0", "太贵了我们预算两千以内"),
        ]
    )
    assert guess_roles(talk) == {"s1": "rep", "s0": "customer"}
    kinds = {f.kind for f in extract_facts(talk, at=AT, lexicon=LEXICON)}
    assert {"budget", "objection", "price"} <= kinds


def test_roles_stay_unknown_where_words_do_not_tell() -> None:
    talk = _mono([("s0", "今天真冷"), ("s1", "是啊")])
    assert guess_roles(talk) == {"s0": "unknown", "s1": "unknown"}


def test_right_guesses_on_the_labelled_talks() -> None:
    """With the labels of both speakers hidden, most talks get their roles back and almost none gets them wrong."""
    right = wrong = 0
    dialogues = load_dialogues(LABELLED)
    for dialogue in dialogues:
        hidden = replace(
            dialogue.transcript,
            segments=tuple(replace(s, role="unknown") for s in dialogue.transcript.segments),
        )
        roles = guess_roles(hidden)
        right += roles == {"rep": "rep", "customer": "customer"}
        wrong += roles.get("rep") == "customer"
    print(f"roles guessed right in {right} of {len(dialogues)} talks, wrong in {wrong}")
    assert right >= 0.8 * len(dialogues)
    assert wrong <= 0.03 * len(dialogues)


def test_a_summary_quotes_and_keeps_the_order() -> None:
    for dialogue in load_dialogues(LABELLED):
        facts = extract_facts(dialogue.transcript, at=dialogue.at, lexicon=dialogue.lexicon)
        summary = summarise(dialogue.transcript, facts)
        assert bool(summary.lines) == bool(facts)
        assert len(summary.lines) <= 6
        turns = [line.passage.turn for line in summary.lines]
        assert turns == sorted(set(turns))
        for line in (*summary.lines, *summary.next_steps):
            assert dialogue.transcript.segments[line.passage.turn].text.find(line.text.rstrip("…")) >= 0


def test_an_empty_talk_has_no_summary() -> None:
    summary = summarise(from_turns([]), [])
    assert (summary.lines, summary.next_steps, summary.stage) == ((), (), None)


@pytest.mark.parametrize(
    ("turns", "stage"),
    [
        ([("customer", "我要投诉，你们送的机器漏水"), ("rep", "抱歉，我马上安排师傅维修")], "service"),
        ([("customer", "有点贵，能不能便宜点"), ("rep", "给您打九折，底价了")], "negotiation"),
        ([("rep", "合同收到了吗，定金怎么付"), ("customer", "下周五先打二十万")], "closing"),
    ],
)
def test_stage(turns: list[tuple[Role, str]], stage: str) -> None:
    transcript = from_turns(turns)
    summary = summarise(transcript, extract_facts(transcript, at=AT, lexicon=LEXICON))
    assert summary.stage == stage
    assert summary.grounds


def test_no_letter_is_too_strange() -> None:
    _check(from_turns([("customer", string.printable), ("rep", "\u202e预算\x00十万\ufeff")]))
