"""Facts in words and in forms: every kind, both languages, absent parts, and a form that changes nothing by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from shengce.facts.forms import fields_of, typed_moment, typed_value
from shengce.facts.models import Fact
from shengce.facts.values import PARTS, clean_value
from shengce.facts.wording import describe, money, money_range, time_span

FRIDAY = {"start": "2026-11-27T00:00:00+08:00", "end": "2026-11-28T00:00:00+08:00"}
WORDS: list[tuple[str, dict[str, Any], str, str]] = [
    # kind, value, Chinese, English
    ("need", {"text": "三十台净水器"}, "三十台净水器", "三十台净水器"),
    ("budget", {"min": "150000", "max": "150000"}, "¥150,000", "¥150,000"),
    ("budget", {"min": "200000", "max": "300000"}, "¥200,000–300,000", "¥200,000–300,000"),
    ("budget", {"min": None, "max": "150000"}, "不超过¥150,000", "up to ¥150,000"),
    ("budget", {"min": "4800.5", "max": None}, "¥4,800.50起", "from ¥4,800.50"),
    ("decision_maker", {"who": "李总"}, "李总", "李总"),
    ("objection", {"reason": "price"}, "价格", "Price"),
    ("objection", {"reason": "never heard of"}, "其他原因", "Other reason"),
    ("competitor", {"name": "蓝泉"}, "蓝泉", "蓝泉"),
    (
        "price",
        {"min": "4500", "max": "4500", "product": "A5", "of": "competitor"},
        "竞品报价 · A5 · ¥4,500",
        "",
    ),
    ("price", {"min": "4800", "max": None, "product": None, "of": "own"}, "", "Our price · from ¥4,800"),
    (
        "price",
        {"min": "0.85", "max": "0.85", "unit": "discount", "of": "own"},
        "",
        "Our price · 85% of the price",
    ),
    (
        "price",
        {"min": "0.9", "max": "0.95", "unit": "discount", "of": "own"},
        "",
        "Our price · 90%–95% of the price",
    ),
    ("product_interest", {"product": "清泉500"}, "清泉500", "清泉500"),
    ("promise", {"text": "发方案", "due": FRIDAY}, "发方案 · 2026-11-27 周五", "发方案 · 2026-11-27 Fri"),
    ("promise", {"text": "发方案", "due": None}, "发方案", "发方案"),
    (
        "appointment",
        {"start": "2026-11-25T15:00:00+08:00", "end": "2026-11-25T16:00:00+08:00", "place": "工厂"},
        "2026-11-25 周三 15:00–16:00 · 工厂",
        "2026-11-25 Wed 15:00–16:00 · 工厂",
    ),
    (
        "appointment",
        {"start": "2026-11-25T07:00:00+00:00", "end": None, "place": None},
        "2026-11-25 周三 15:00",
        "2026-11-25 Wed 15:00",
    ),
    ("payment_promise", {"min": "200000", "max": "200000", "due": FRIDAY}, "¥200,000 · 2026-11-27 周五", ""),
    (
        "payment_promise",
        {"min": None, "max": None, "due": {"start": None, "end": FRIDAY["end"]}},
        "",
        "by 2026-11-27 Fri",
    ),
    ("complaint", {"about": "delivery"}, "交付", "Delivery"),
    ("contact", {"kind": "phone", "value": "13812340001"}, "电话 · 13812340001", "Phone · 13812340001"),
    (
        "diversion",
        {"product": "A5", "place": "浙江", "price": "3900"},
        "A5 · 浙江 · ¥3,900",
        "A5 · 浙江 · ¥3,900",
    ),
    ("next_step", {"text": "试装", "due": None}, "试装", "试装"),
]


@pytest.mark.parametrize(("kind", "value", "chinese", "english"), WORDS)
def test_every_kind_in_both_languages(kind: str, value: dict[str, Any], chinese: str, english: str) -> None:
    for language, words in (("zh-hans", chinese), ("en", english)):
        with translation.override(language):
            said = describe(kind, value)
        if words:
            assert said == words
        assert said


def test_the_table_knows_every_kind() -> None:
    assert {kind for kind, *_ in WORDS} == set(Fact.Kind.values) == set(PARTS)


@pytest.mark.parametrize("kind", Fact.Kind.values)
@pytest.mark.parametrize("unit", [None, "yuan", "discount"])
def test_absent_parts_never_break_a_page(kind: str, unit: str | None) -> None:
    for value in (
        {},
        dict.fromkeys(PARTS[kind]),
        dict.fromkeys(PARTS[kind], ""),
        dict.fromkeys(PARTS[kind], 7),
    ):
        for full in (value, {**value, "unit": unit}):
            assert isinstance(describe(kind, full), str)
            assert isinstance(fields_of(Fact(kind=kind, value=full)), list)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["NaN", "1e9"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["start", "end"]), inner)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("kind", Fact.Kind.values)
@given(data=st.data())
def test_whatever_an_extractor_stored_is_shown(kind: str, data: st.DataObject) -> None:
    value = {part: data.draw(JSON) for part in PARTS[kind]}
    assert isinstance(describe(kind, value), str)
    assert isinstance(fields_of(Fact(kind=kind, value=value)), list)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("200000", "¥200,000"),
        ("4800.5", "¥4,800.50"),
        (0, "¥0"),
        (None, ""),
        ("", ""),
        ("much", ""),
        ("NaN", ""),
        ("Infinity", ""),
    ],
)
def test_money(text: object, shown: str) -> None:
    assert money(text) == shown


def test_ranges_of_nothing() -> None:
    assert money_range(None, None) == ""
    assert time_span(None, None) == ""
    assert time_span("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00") == ""


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-11-27T00:00:00+08:00", "2026-11-30T00:00:00+08:00", "2026-11-27 Fri – 2026-11-29 Sun"),
        ("2026-11-27T15:00:00+08:00", "2026-11-27T15:01:00+08:00", "2026-11-27 Fri 15:00"),
        (
            "2026-11-27T15:00:00+08:00",
            "2026-11-28T09:30:00+08:00",
            "2026-11-27 Fri 15:00 – 2026-11-28 Sat 09:30",
        ),
        ("2026-11-27T00:00:00+08:00", None, "2026-11-27 Fri"),
    ],
)
def test_spans(start: str, end: str | None, shown: str) -> None:
    with translation.override("en"):
        assert time_span(start, end) == shown


def posted(fact: Fact) -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    return {f"value.{field.name}": field.text for field in fields_of(fact)}


@pytest.mark.parametrize(("kind", "value", "_chinese", "_english"), WORDS)
def test_an_untouched_form_changes_nothing(
    kind: str, value: dict[str, Any], _chinese: str, _english: str
) -> None:
    fact = Fact(kind=kind, value=value)
    typed = typed_value(fact, posted(fact))
    assert {part: read for part, read in typed.items() if read is not None} == {
        part: read for part, read in value.items() if read is not None
    }
    assert set(typed) == set(PARTS[kind]) | set(value)


def test_seconds_and_other_time_zones_survive_an_untouched_form() -> None:
    value = {"start": "2026-11-25T07:00:59+00:00", "end": None, "place": "工厂"}
    fact = Fact(kind="appointment", value=value)
    form = posted(fact)
    assert form["value.start"] == "2026-11-25T15:00"
    assert typed_value(fact, {**form, "value.place": "总部"}) == {**value, "place": "总部"}


def test_what_was_typed_is_read_and_emptied_is_not_stated() -> None:
    fact = Fact(kind="payment_promise", value={"min": "200000", "max": "200000", "due": FRIDAY})
    form = {
        "value.min": " 100000 ",
        "value.max": "",
        "value.due.start": "2026-12-01T09:30",
        "value.due.end": "",
    }
    typed = typed_value(fact, form)
    assert typed == {
        "min": "100000",
        "max": None,
        "due": {"start": "2026-12-01T09:30:00+08:00", "end": None},
    }
    assert clean_value("payment_promise", typed)["min"] == "100000"
    emptied = typed_value(fact, {"value.due.start": "", "value.due.end": ""})
    assert emptied["due"] is None
    assert emptied["min"] == "200000"  # a part that the form did not send stays


def test_a_part_that_was_left_out_can_be_added() -> None:
    fact = Fact(kind="diversion", value={})
    assert [field.name for field in fields_of(fact)] == ["product", "place", "price"]
    assert typed_value(fact, {"value.place": "浙江"}) == {"product": None, "place": "浙江", "price": None}


def test_closed_lists_offer_their_answers() -> None:
    with translation.override("en"):
        (reason,) = fields_of(Fact(kind="objection", value={"reason": "price"}))
    assert ("price", "Price") in reason.choices
    assert len(reason.choices) == 8


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-13-01T00:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "x" * 10_000,
    ],
)
def test_what_is_no_moment_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        typed_moment(text)
    assert len(refused.value.messages[0]) < 120


def test_typed_moments_are_local() -> None:
    assert typed_moment("2026-11-25T15:00") == dt.datetime(2026, 11, 25, 7, tzinfo=dt.timezone.utc)  # noqa: UP017
    assert typed_moment("2026-11-25T15:00").tzinfo == timezone.get_current_timezone()
