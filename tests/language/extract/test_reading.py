"""What extraction rests on: clauses without punctuation, homophones put right, and what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

import shengce.language
from shengce.language import polarity
from shengce.language.clauses import Clause, split
from shengce.language.cues import CueIndex, listen, shipped
from shengce.language.dialogue import DialogueError, parse_dialogue


def clause(text: str) -> Clause:
    return split(text)[0]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("五千六有点贵，霖沃报四千八。", ["五千六有点贵", "霖沃报四千八"]),
        (
            "好的我明天把方案发到您邮箱您帮我转给王处长",
            ["好的", "我明天把方案发到您邮箱", "您帮我转给王处长"],
        ),
        ("这个多少钱啊我们要十台", ["这个多少钱啊", "我们要十台"]),
        ("邮箱是 a.b@c.com 你记一下", ["邮箱是", "a.b@c.com", "你记一下"]),
        ("。。。", []),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    assert [c.text for c in split(text)] == clauses


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("我们玉算十五万以内", "我们预算十五万以内"),
        ("这个我作不了主", "这个我做不了主"),
        ("尾款", "尾款"),
        ("今天天气不错", "今天天气不错"),
        ("你好\n再见", "你好 再见"),
    ],
)
def test_homophones_are_put_right_in_place(heard: str, meant: str) -> None:
    assert listen([heard]) == [meant]


def test_cues_have_places_in_their_own_turn() -> None:
    index = CueIndex({"a.b": ["贵…了", "^好"]})
    assert [[(c.start, c.end) for c in cues] for cues in index.scan(["好不好", "", "贵死了"])] == [
        [(0, 1)],
        [],
        [(0, 3)],
    ]


@pytest.mark.parametrize(
    ("text", "word", "negated"),
    [
        ("价格不贵", "贵", True),
        ("我没说你们贵", "贵", True),
        ("不是嫌贵", "嫌贵", True),
        ("能不能便宜点", "便宜", False),
        ("有点贵", "贵", False),
    ],
)
def test_negation(text: str, word: str, negated: bool) -> None:
    assert polarity.is_negated(text, text.index(word)) is negated


@pytest.mark.parametrize("text", ["可以", "行，就这么定", "嗯好的", "没问题", "对的", "好啊"])
def test_yes(text: str) -> None:
    assert polarity.assents(text)
    assert not polarity.declines(text)


@pytest.mark.parametrize("text", ["不行，我出差", "没空", "改天再说", "不用了", "周六我有事"])
def test_no(text: str) -> None:
    assert polarity.declines(text)


@pytest.mark.parametrize("text", ["行不行", "好像是", "行业不同", "对面那家"])
def test_neither_yes_nor_no(text: str) -> None:
    assert not polarity.declines(text) or not polarity.assents(text)


def test_suppositions_and_the_past() -> None:
    assert polarity.is_supposed(clause("要是贵了我就不要"))
    assert polarity.is_past("我们以前用过")
    assert not polarity.is_past("周五之前给您")
    assert polarity.is_done("我已经打给你们了")


def test_every_shipped_label_is_read_by_a_rule() -> None:
    """A list of cue words that no rule looks at would be a mistake of naming."""
    folder = Path(shengce.language.__file__).parent
    code = "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))
    assert {
        label
        for label in shipped().labels
        if f'"{label}"' not in code and f'"{label.split(".")[1]}"' not in code
    } == set()


def test_times_of_a_dialogue() -> None:
    transcript = parse_dialogue("[00:03] 销售：您好\n[01:02:05]客户: 你好\nrep：好\n")
    assert [s.start_ms for s in transcript.segments][:2] == [3_000, 3_725_000]
    assert [s.role for s in transcript.segments] == ["rep", "customer", "rep"]
    assert all(
        a.end_ms <= b.end_ms for a, b in zip(transcript.segments, transcript.segments[1:], strict=False)
    )


@pytest.mark.parametrize("text", ["你好", "路人：你好", "：你好", "[aa:bb] 销售：好"])
def test_lines_that_are_no_dialogue(text: str) -> None:
    with pytest.raises(DialogueError, match="line 1"):
        parse_dialogue(text)
