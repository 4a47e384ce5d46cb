"""The form of a criterion: what goes in comes out, whatever the rule; faults stand beside their field."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from django.utils.translation import gettext, override

import shengce.language
from shengce.inspection.card_files import as_yaml, read_card
from shengce.inspection.criterion_fields import initial_of
from shengce.inspection.forms import CriterionForm
from shengce.inspection.wording import FAULTS, describe_condition, fault_words
from shengce.language.criteria import CardError, condition_from_data
from shengce.language.inspection import card_from_data, criterion_from_data
from tests.inspection.card_world import card_data

CARD = card_from_data(card_data())
DEMO = Path(shengce.language.__file__).parent.parent / "demo" / "data" / "score_card.yaml"

RULES = {
    "said": {"said": {"phrases": ["您好", "你好"], "by": "rep", "within_first_s": 20}},
    "said by anyone": {"said": {"phrases": ["合同"]}},
    "said, exceptions": {
        "said": {"phrases": ["保证"], "unless": ["不能"], "unless_within": 3, "homophones": False}
    },
    "said at the end": {
        "said": {"phrases": ["再见"], "by": "customer", "within_last_s": 12.5, "homophones": True}
    },
    "by a colleague": {"said": {"phrases": ["一"], "by": "colleague"}},
    "not said": {"not_said": {"phrases": ["滚"], "by": "rep"}},
    "times": {"said": {"phrases": ["好"], "at_least": 2, "at_most": 5}},
    "at most": {"said": {"phrases": ["好"], "at_most": 5}},
    "order": {"order": [{"phrases": ["预算"], "by": "rep"}, {"phrases": ["报价"]}]},
    "share": {"measure": {"name": "talk_ratio", "at_least": 0.3, "at_most": 0.65}},
    "fraction": {"measure": {"name": "silence_share", "at_most": 0.12345}},
    "speed": {"measure": {"name": "speed", "at_most": 300, "role": "customer"}},
}
RICH = {
    "pattern": {"said": {"regex": "保证.{0,6}最低", "by": "rep"}},
    "groups": {"said": {"groups": [["质保"], ["两年", "三年"]]}},
    "order of three": {"order": [{"phrases": ["一"]}, {"phrases": ["二"]}, {"phrases": ["三"]}]},
    "order with times": {"order": [{"phrases": ["一"], "within_first_s": 9}, {"phrases": ["二"]}]},
    "near": {"near": {"first": {"phrases": ["合同"]}, "second": {"phrases": ["签"]}, "within_chars": 9, "ordered": True}},
    "combined": {"all": [{"said": {"phrases": ["一"]}}, {"none": [{"said": {"phrases": ["二"]}}]}]},
    "line break": {"said": {"phrases": ["一\n二"]}},
}  # fmt: skip


def criterion_of(when, **changes):
    data = {"id": "x", "name": {"zh": "名", "en": "name"}, "section": "opening", "points": 5, "when": when}
    return criterion_from_data(data | changes)


def sent(criterion):
    """What a browser sends when the form is saved as it was shown."""
    initial = initial_of(criterion)
    return {name: value for name, value in initial.items() if value is not None and value is not False}


def post(**changes):
    return sent(criterion_of(RULES["said"])) | changes


def saved(data, criterion=None):
    form = CriterionForm(data, card=CARD, criterion=criterion)
    assert form.is_valid(), form.errors
    return form.cleaned_data["criterion"]


@pytest.mark.parametrize("name", [*RULES, *RICH])
def test_saving_without_a_change_changes_nothing(name):
    criterion = criterion_of((RULES | RICH)[name], note={"zh": "注", "en": "note"}, fatal=True)
    assert saved(sent(criterion), criterion) == criterion


@pytest.mark.parametrize("name", [*RULES, *RICH])
def test_experts_edit_only_what_fields_cannot_hold(name):
    assert (initial_of(criterion_of((RULES | RICH)[name]))["kind"] == "free") == (name in RICH)


@pytest.mark.parametrize("name", [*RULES, *RICH])
def test_where_it_is_judged_survives_too(name):
    criterion = criterion_of(RULES["said"], applies_if=(RULES | RICH)[name])
    assert saved(sent(criterion), criterion) == criterion


def test_every_criterion_of_the_demonstration_card_survives():
    card = read_card(DEMO.read_text(encoding="utf-8"))
    for criterion in card.criteria:
        form = CriterionForm(sent(criterion), card=card, criterion=criterion)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["criterion"] == criterion


def test_a_card_survives_its_file():
    card = read_card(DEMO.read_text(encoding="utf-8"))
    assert read_card(as_yaml(card.to_data())) == card


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phrases": "\n \n"}, "phrases"),
        ({"phrases": "x" * 101}, "phrases"),
        ({"points": "0"}, "points"),
        ({"points": "-1"}, "points"),
        ({"points": "NaN"}, "points"),
        ({"name_zh": "  "}, "name_zh"),
        ({"section": "nowhere"}, "section"),
        ({"kind": "magic"}, "kind"),
        ({"within_first_s": "soon"}, "within_first_s"),
        ({"unless": "x" * 101}, "unless"),
        ({"kind": "times", "at_least": "3", "at_most": "2"}, "phrases"),
        ({"kind": "times", "at_least": "0"}, "at_least"),
        ({"kind": "order", "then_phrases": ""}, "then_phrases"),
        ({"kind": "measure", "measure": "talk_ratio"}, "measure_least"),
        ({"kind": "free", "rule": ""}, "rule"),
        ({"kind": "free", "rule": "said: {phrases: [a}"}, "rule"),
        ({"kind": "free", "rule": "said: {regex: '('}"}, "rule"),
        ({"kind": "free", "rule": "&a [*a]"}, "rule"),
        ({"kind": "free", "rule": "[" * 200}, "rule"),
        ({"kind": "free", "rule": "said: {phrases: [a], at_least: " + "0x" + "f" * 9000 + "}"}, "rule"),
        ({"kind": "free", "rule": 'said: {phrases: ["a\\0b"]}'}, "rule"),
        ({"applies": "said", "applies_phrases": ""}, "applies_phrases"),
        ({"applies": "free", "applies_rule": "nonsense"}, "applies_rule"),
    ],
)
def test_a_fault_stands_beside_its_field(changes, field):
    form = CriterionForm(post(**changes), card=CARD)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_a_fault_in_a_rule_is_told_with_its_place_in_the_language_of_the_page():
    data = post(kind="free", rule="said: {phrases: [您好], at_least: many}")
    with override("zh-hans"):
        form = CriterionForm(data, card=CARD)
        assert form.errors["rule"] == ["when.said.at_least 处：必须是 0 至 1000 的整数"]


def test_shares_are_written_in_per_cent():
    data = post(kind="measure", measure="talk_ratio", measure_most="65", measure_role="customer")
    assert saved(data).when == condition_from_data(
        RULES["share"] | {"measure": {"name": "talk_ratio", "at_most": 0.65}}
    )


def test_naughty_strings_in_every_field_are_kept_or_refused(naughty_strings):
    texts = ("name_zh", "name_en", "note_zh", "note_en", "phrases", "unless")
    others = ("points", "within_first_s", "unless_within", "section", "kind", "applies", "by", "homophones")
    kept = 0
    for text in naughty_strings:
        for changes in (
            dict.fromkeys(texts, text),
            dict.fromkeys(others, text),
            {"kind": "free", "rule": text, "applies": "free", "applies_rule": text},
        ):
            form = CriterionForm(post(**changes), card=CARD)
            if form.is_valid():
                kept += 1
                criterion = form.cleaned_data["criterion"]
                assert saved(sent(criterion), criterion) == criterion
            else:
                assert all(reason for reasons in form.errors.values() for reason in reasons)
    assert kept > len(naughty_strings) / 2


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (RULES["said"], "销售在开头 20 秒内说到：您好、你好"),
        (RULES["said by anyone"], "任何一方说到：合同"),
        (RULES["not said"], "销售没有说过：滚"),
        (RULES["times"], "任何一方 2 至 5 次说到：好"),
        (RULES["order"], "按以下先后说到：销售说到：预算；任何一方说到：报价"),
        (RULES["share"], "销售说话占比，%：30 至 65"),
        (RICH["near"], "在同一句话里先后说到，相隔不超过 9 个字：任何一方说到：合同；任何一方说到：签"),
    ],
)
def test_rules_in_words(when, words):
    with override("zh-hans"):
        assert str(describe_condition(condition_from_data(when))) == words


def test_every_message_of_the_language_room_is_translated():
    root = Path(shengce.language.__file__).parent
    said = set()
    for source in ("inspection.py", "criteria/form.py", "documents.py"):
        for node in ast.walk(ast.parse((root / source).read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("CardError", "DocumentError"):
                template = node.args[1 if name == "CardError" else 0]
                if isinstance(template, ast.Constant):
                    said.add(template.value)
    assert said and said <= set(FAULTS)
    with override("zh-hans"):
        for template in FAULTS:
            told = gettext(template)
            assert told != template
            assert set(re.findall(r"%\((\w+)\)", told)) == set(re.findall(r"%\((\w+)\)", template))


def test_a_fault_without_its_parameters_is_still_told():
    error = CardError("a", "must be a list")
    error.template = "unknown key %(key)r; use: %(keys)s"
    assert "a" in fault_words(error)


def test_yaml_of_a_rule_is_plain():
    assert yaml.safe_load(initial_of(criterion_of(RICH["pattern"]))["rule"]) == RICH["pattern"]
