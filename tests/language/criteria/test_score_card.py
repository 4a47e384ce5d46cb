"""Score cards: reading, refusing, scoring, and the card of the demonstration company."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from shengce.language.criteria import CardError
from shengce.language.inspection import card_from_data, compile_card, inspect, load_card
from shengce.language.measures import measure
from shengce.speech.transcript import Role, Transcript, from_turns

CARD: dict[str, Any] = {
    "id": "card",
    "name": {"zh": "评分表", "en": "Card"},
    "sections": [{"id": "s", "name": "全部"}],
    "criteria": [
        {
            "id": "greets",
            "name": {"zh": "问候", "en": "Greets"},
            "section": "s",
            "points": 10,
            "when": {"said": {"phrases": ["您好"], "by": "rep"}},
        },
        {
            "id": "answers",
            "name": "应对异议",
            "section": "s",
            "points": 20,
            "applies_if": {"said": {"phrases": ["太贵"], "by": "customer"}},
            "when": {"said": {"phrases": ["质保"], "by": "rep"}},
        },
        {
            "id": "over",
            "name": "过度承诺",
            "section": "s",
            "fatal": True,
            "when": {"not_said": {"phrases": ["最低价"], "by": "rep"}},
        },
    ],
}
DEMO = load_card((files("shengce.demo") / "data" / "score_card.yaml").read_text(encoding="utf-8"))


def talk(*turns: tuple[Role, str]) -> Transcript:
    return from_turns(turns)


@pytest.mark.parametrize(
    ("turns", "score", "fatal", "states"),
    [
        ([("rep", "您好"), ("customer", "你好")], "100.0", False, ["met", "not_applicable", "met"]),
        ([("rep", "喂"), ("customer", "太贵"), ("rep", "有质保")], "66.7", False, ["not_met", "met", "met"]),
        ([("rep", "您好"), ("customer", "太贵"), ("rep", "哦")], "33.3", False, ["met", "not_met", "met"]),
        ([("rep", "您好，最低价")], "0", True, ["met", "not_applicable", "not_met"]),
        ([], None, False, ["not_applicable"] * 3),
        ([("unknown", "您好，最低价")], None, False, ["not_applicable"] * 3),
    ],
)
def test_scores(turns: list[tuple[Role, str]], score: str | None, fatal: bool, states: list[str]) -> None:
    inspection = inspect(talk(*turns), card_from_data(CARD))
    assert inspection.score == (None if score is None else Decimal(score))
    assert inspection.fatal is fatal
    assert [outcome.state for outcome in inspection.criteria] == states


def test_the_json_of_an_inspection() -> None:
    inspection = inspect(talk(("rep", "您好")), card_from_data(CARD))
    data = json.loads(json.dumps(inspection.to_json(language="en")))
    assert {k: data[k] for k in ("score_card", "score", "fatal")} == {
        "score_card": "card",
        "score": 100.0,
        "fatal": False,
    }
    first = data["criteria"][0]
    assert (first["name"], first["points"], first["max_points"], first["state"]) == (
        "Greets",
        10.0,
        10.0,
        "met",
    )
    assert first["hits"][0]["quote"] == "您好"
    assert (first["hits"][0]["start_ms"], first["hits"][0]["end_ms"]) == (0, 400)


def test_given_measures_are_used() -> None:
    data = copy.deepcopy(CARD)
    data["criteria"] = [data["criteria"][0] | {"when": {"measure": {"name": "questions", "at_least": 1}}}]
    asked, silent = talk(("rep", "您几位？")), talk(("rep", "您好"))
    assert inspect(silent, card_from_data(data)).score == 0
    assert inspect(silent, card_from_data(data), measures=measure(asked)).score == 100


def test_equal_cards_share_one_compiled_form_and_data_comes_back_whole() -> None:
    card = card_from_data(CARD)
    assert compile_card(card) is compile_card(card_from_data(copy.deepcopy(CARD)))
    for whole in (card, DEMO):
        assert card_from_data(json.loads(json.dumps(whole.to_data()))) == whole


def changed(path: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(CARD)
    at: Any = data
    *parents, last = path.split("/")
    for key in parents:
        at = at[int(key)] if isinstance(at, list) else at[key]
    at[int(last) if isinstance(at, list) else last] = value
    return data


WHEN = "criteria/0/when"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("nmae", 1, "unknown key 'nmae'"),
        ("id", 7, "id: must be text, not 7"),
        ("name", {"zh": "表"}, "name.en: must be text"),
        ("version", -1, "version: must be a whole number"),
        ("sections", [], "sections: must have 1 to 50 items"),
        ("sections/0", "s", "sections[0]: must be a mapping"),
        ("criteria", {}, "criteria: must be a list"),
        ("criteria/1/id", "greets", "criteria[1].id: 'greets' is there twice"),
        ("criteria/0/section", "x", "criteria[0].section: no section has the id 'x'"),
        ("criteria/0/points", 0, "criteria[0].points: must be more than 0"),
        ("criteria/0/points", "viele", "criteria[0].points: must be a number from 0 to 1000"),
        ("criteria/0/points", float("nan"), "criteria[0].points: must be a number"),
        ("criteria/0/points", True, "criteria[0].points: must be a number"),
        ("criteria/0/fatal", "ja", "criteria[0].fatal: must be true or false"),
        ("criteria/0/name", "", "criteria[0].name: must have 1 to 200"),
        (WHEN, None, "criteria[0]: needs when"),
        (WHEN, {}, "criteria[0].when: must have exactly one of"),
        (WHEN, {"said": {"phrases": ["a"]}, "all": []}, "criteria[0].when: must have exactly one of"),
        (WHEN, {"sagt": {}}, "unknown condition 'sagt'"),
        (WHEN, {"said": {}}, "criteria[0].when.said: needs exactly one of: phrases, groups, regex"),
        (WHEN, {"said": {"phrases": ["a"], "regex": "a"}}, "needs exactly one of"),
        (WHEN, {"said": {"phrases": []}}, "criteria[0].when.said.phrases: must have 1 to"),
        (WHEN, {"said": {"phrases": ["a", " "]}}, "criteria[0].when.said.phrases[1]: must have 1 to 100"),
        (WHEN, {"said": {"phrases": ["长" * 101]}}, "must have 1 to 100 characters"),
        (WHEN, {"said": {"phrases": ["a"], "by": "boss"}}, "criteria[0].when.said.by: must be one of: rep"),
        (
            WHEN,
            {"said": {"phrases": ["a"], "at_least": 3, "at_most": 2}},
            "at_most (2) is less than at_least (3)",
        ),
        (WHEN, {"said": {"phrases": ["a"], "at_least": 0}}, "0 is always true"),
        (WHEN, {"said": {"phrases": ["a"], "within_first_s": 0}}, "must be a number from 1 to 86400"),
        (WHEN, {"said": {"phrases": ["a"], "homophones": "yes"}}, "homophones: must be true or false"),
        (WHEN, {"said": {"groups": [["a"]]}}, "groups: must have 2 to"),
        (
            WHEN,
            {"said": {"regex": "(?=a)"}},
            "criteria[0].when.said.regex: is no valid regular expression: invalid",
        ),
        (WHEN, {"said": {"regex": "(a"}}, "is no valid regular expression: missing"),
        (WHEN, {"said": {"regex": "\\1"}}, "is no valid regular expression"),
        (WHEN, {"said": {"regex": "a*"}}, "matches the empty text"),
        (WHEN, {"said": {"regex": "a" * 501}}, "must have 1 to 500 characters"),
        (WHEN, {"said": {"regex": "((a{100}){100}){100}"}}, "is no valid regular expression"),
        (WHEN, {"said": {"regex": "\ud800"}}, "is no valid regular expression"),
        (WHEN, {"not_said": {"phrases": ["a"], "at_least": 2}}, "unknown key 'at_least'"),
        (WHEN, {"order": [{"phrases": ["a"]}]}, "criteria[0].when.order: must have 2 to"),
        (WHEN, {"order": [{"phrases": ["a"]}, {"x": 1}]}, "criteria[0].when.order[1]: unknown key 'x'"),
        (WHEN, {"near": {"first": {"phrases": ["a"]}}}, "criteria[0].when.near: needs second"),
        (
            WHEN,
            {"near": {"first": {"phrases": ["a"]}, "second": {"phrases": ["b"]}}},
            "needs either within_chars or within_s",
        ),
        (WHEN, {"measure": {"name": "mood", "at_least": 1}}, "measure.name: must be one of: talk_ratio"),
        (WHEN, {"measure": {"name": "speed"}}, "needs at_least or at_most"),
        (
            WHEN,
            {"measure": {"name": "talk_ratio", "at_most": 1, "role": "customer"}},
            "role: must be one of: rep",
        ),
        (WHEN, {"all": []}, "criteria[0].when.all: must have 1 to 100"),
        (WHEN, {"all": [{"any": 3}]}, "criteria[0].when.all[0].any: must be a list"),
        ("criteria/0/applies_if", {"said": 3}, "criteria[0].applies_if.said: must be a mapping"),
    ],
)
def test_a_bad_card_names_the_field_and_the_fault(path: str, value: Any, message: str) -> None:
    with pytest.raises(CardError) as error:
        card_from_data(changed(path, value))
    assert message in str(error.value)


def test_limits_of_depth_and_phrases() -> None:
    deep: dict[str, Any] = {"said": {"phrases": ["a"]}}
    for _ in range(8):
        deep = {"all": [deep]}
    with pytest.raises(CardError, match="nested more than 6"):
        card_from_data(changed(WHEN, deep))
    many = {"said": {"phrases": [f"词{i}" for i in range(15_000)]}}
    with pytest.raises(CardError, match="have 30003 phrases; the limit is 20000"):
        card_from_data(changed("criteria/0/when", {"all": [many, {"not_said": many["said"]}]}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping"),
        ("a: [", "not valid YAML at line"),
        ("[" * 100_000, "nested too deeply"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("\x00", "not valid YAML"),
    ],
)
def test_bad_text(text: str, message: str) -> None:
    with pytest.raises(CardError, match=message):
        load_card(text)


def test_bad_file(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"none\.yaml can't be read"):
        load_card(tmp_path / "none.yaml")


def test_json_is_a_card_too() -> None:
    assert load_card(json.dumps(CARD, ensure_ascii=False)) == card_from_data(CARD)


GOOD: list[tuple[Role, str]] = [
    ("rep", "您好，我是溪石净水的小李，打扰您两分钟。"),
    ("customer", "你好，你说。"),
    ("rep", "您那边现在用的是桶装水还是净水机？一共多少人？"),
    ("customer", "桶装水，两百人左右。"),
    ("rep", "这件事是您能定，还是要走审批流程？预算大概多少？"),
    ("customer", "我和王总一起定。多少钱一台？"),
    ("rep", "云瀑的报价是三千八百元，反渗透，热水直饮，含两年质保和上门安装。"),
    ("customer", "有点贵了。"),
    ("rep", "理解您，算下来平均每天不到十块钱。"),
    ("customer", "那下周三你过来看现场吧，我们有三个楼层，每层都要看一下，还要看看机房和水管。"),
    ("rep", "好的，我给您安排，谢谢您，再见。"),
]


def states(turns: list[tuple[Role, str]]) -> dict[str, str]:
    return {outcome.id: outcome.state for outcome in inspect(talk(*turns), DEMO).criteria}


def test_a_good_talk_meets_the_demonstration_card() -> None:
    result = states(GOOD)
    assert [i for i, state in result.items() if state == "not_met"] == []
    assert result["answers-price-objection"] == result["needs-before-price"] == "met"
    assert inspect(talk(*GOOD), DEMO).score == 100


@pytest.mark.parametrize(
    ("said", "fatal"),
    [
        ("我保证全市最低价", "over-promise"),
        ("滤芯终身免费换", "over-promise"),
        ("滤芯中生免费换", "over-promise"),
        ("我承诺给您最便宜的", "over-promise"),
        ("这个我不能保证是最低的", None),
        ("我们没办法承诺终身免费", None),
        ("价格最低的是雪涧", None),
        ("您加我私人微信，转账给我就行", "private-deal"),
        ("钱打到我个人账户", "private-deal"),
        ("这单不走公司", "private-deal"),
        ("公司规定不能转到我个人账户", None),
        ("您加我微信，我发资料给您", None),
        ("爱买不买", "abuse"),
    ],
)
def test_fatal_criteria_of_the_demonstration_card(said: str, fatal: str | None) -> None:
    inspection = inspect(talk(*GOOD, ("rep", said)), DEMO)
    hit = [o for o in inspection.criteria if o.fatal and o.state == "not_met"]
    assert [o.id for o in hit] == ([fatal] if fatal else [])
    assert inspection.fatal is bool(fatal)
    assert (inspection.score == 0) is bool(fatal)
    assert all(o.hits and o.hits[0].quote in said for o in hit)


def test_what_a_customer_says_is_no_breach_of_the_rep() -> None:
    assert not inspect(talk(*GOOD, ("customer", "你能保证全市最低价吗，终身免费吗")), DEMO).fatal


def test_price_first_is_the_wrong_order_and_no_objection_does_not_apply() -> None:
    first: list[tuple[Role, str]] = [
        ("rep", "您好，我们的价格是三千八百元一台，您那边多少人？"),
        ("customer", "价格不贵。"),
    ]
    result = states(first)
    assert result["needs-before-price"] == "not_met"
    assert result["answers-price-objection"] == "not_applicable"
    assert states([("rep", "您好"), ("customer", "你好")])["needs-before-price"] == "not_applicable"


def test_naughty_strings_as_talk_as_phrases_and_as_expressions() -> None:
    folder = Path(__file__).parents[3].parent / "shared" / "data" / "naughty-strings"
    source = next(folder.glob("*.json"), None)
    if source is None:
        pytest.skip(f"no test data at {folder}")
    strings = [s for s in json.loads(source.read_text(encoding="utf-8")) if isinstance(s, str)]
    said = talk(*(("rep", s) for s in strings))
    json.dumps(inspect(said, DEMO).to_json())
    for text in strings:
        for body in ({"phrases": [text]}, {"regex": text}):
            try:
                card = card_from_data(changed(WHEN, {"said": body}))
            except CardError:
                continue
            if "phrases" in body:
                assert inspect(said, card).criteria[0].state == "met"
            else:
                inspect(said, card)
