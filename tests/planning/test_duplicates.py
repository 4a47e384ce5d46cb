"""Names of firms taken apart, pairs judged, and the search: properties, traps, and a labelled set."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning.duplicates import (
    DEFAULT,
    Background,
    Firm,
    background_of,
    find_pairs,
    judge,
    prepare,
    tax_checks,
    tax_key,
)
from shengce.planning.firm_names import parse, place_of

LABELLED = Path(__file__).resolve().parent.parent / "customers" / "duplicates.yaml"
TAX = "91110108MA01234567"


@pytest.mark.parametrize(
    ("name", "distinct", "branch"),
    [
        ("苏州云海大酒店有限公司（观前店）", "云海", "观前"),
        ("江苏省苏州市姑苏区润石商贸有限公司", "润石", ""),
        ("润石商贸（苏州）有限公司", "润石", ""),
        ("如家酒店观前街店", "如家", "观前街"),
        ("如家酒店-石路店", "如家", "石路"),
        ("老百姓大药房第二分店", "老百姓", "2"),
        ("老百姓大药房2号店", "老百姓", "2"),
        ("绿洲幼儿园东校区", "绿洲", "东"),
        ("大明眼镜店", "大明眼镜店", ""),
        ("苏州大学", "苏州", ""),
        ("中国石化销售股份有限公司江苏苏州分公司", "中国石化销售", "苏州"),
        ("朝阳轮胎", "朝阳轮胎", ""),
        ("有限公司", "有限", ""),
    ],
)
def test_names_come_apart(name: str, distinct: str, branch: str) -> None:
    parsed = parse(name)
    assert (parsed.distinct, parsed.branch) == (distinct, branch)


def test_a_name_of_generic_words_keeps_all_of_them() -> None:
    assert parse("苏州大学").core != parse("苏州科技大学").core
    assert parse("第一中学").generic
    assert not parse("云海大酒店").generic


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("苏州市", "苏州"),
        ("江苏苏州", "苏州"),
        ("江苏省苏州市", "苏州"),
        ("苏州", "苏州"),
        ("Suzhou", "Suzhou"),
        ("", ""),
    ],
)
def test_places_have_one_spelling(text: str, place: str) -> None:
    assert place_of(text) == place


def test_tax_numbers() -> None:
    assert tax_key("91350100M000100Y43") == "M000100Y4"  # the example of GB 32100-2015
    assert tax_checks("91350100M000100Y43")
    assert not tax_checks("91350100M000100Y44")
    assert tax_key("320500M000100Y4") == "M000100Y4"  # the old number of the same firm
    for nothing in ("", "000000000000000000", "123456789012345", "不详", "91", "１" * 18):
        assert tax_key(nothing) == ""


texts = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [
            "苏州",
            "市",
            "云海",
            "酒店",
            "有限公司",
            "(",
            ")",
            "（",
            "店",
            "第二",
            "分公司",
            "-",
            "大学",
            "厂",
            "a",
            "1",
        ]
    ),
    max_size=8,
).map("".join)
firms = st.builds(
    Firm,
    key=st.integers(),
    name=texts,
    city=st.sampled_from(["", "苏州", "苏州市", "杭州", "x"]) | texts,
    phones=st.lists(st.sampled_from(["13812340001", "051288886666", "88886666", "4001"]), max_size=2).map(
        tuple
    ),
    tax_number=st.sampled_from(["", TAX, "91350100M000100Y43"]) | texts,
    address=texts,
)


@settings(deadline=None)
@given(texts)
def test_any_text_is_a_name(text: str) -> None:
    parsed = parse(text)
    assert bool(parsed.distinct) == bool(text.strip())


@settings(deadline=None)
@given(firms, firms)
def test_judging_is_symmetric_and_bounded(one: Firm[int], other: Firm[int]) -> None:
    a, b = prepare(one), prepare(other)
    there, back = judge(a, b), judge(b, a)
    assert there.score == back.score
    assert sorted(there.reasons) == sorted(back.reasons)
    assert 0 <= there.score <= 100
    total = sum(reason.points for reason in there.reasons)
    assert there.suspect == (total >= DEFAULT.suspect)


@settings(deadline=None)
@given(firms)
def test_a_firm_is_like_itself(firm: Firm[int]) -> None:
    own = prepare(firm)
    verdict = judge(own, own)
    assert not any(reason.points < 0 and reason.code != "name_common" for reason in verdict.reasons)


@settings(max_examples=60, deadline=None)
@given(st.lists(firms, max_size=9))
def test_the_search_finds_what_comparing_everybody_finds(found: list[Firm[int]]) -> None:
    """Blocking loses nothing but a slip in the name whose only support is a street."""
    numbered = [Firm(n, f.name, f.city, f.phones, f.tax_number, f.address) for n, f in enumerate(found)]
    profiles = [prepare(firm) for firm in numbered]
    known = background_of(profiles)
    searched = {frozenset((pair.one, pair.other)): pair.verdict for pair in find_pairs(numbered)}
    for a, b in combinations(profiles, 2):
        verdict = judge(a, b, known=known)
        pair = searched.pop(frozenset((a.key, b.key)), None)
        if pair is not None:
            assert pair == verdict
        elif verdict.suspect:
            codes = {reason.code for reason in verdict.reasons}
            assert codes & {"address_street", "address_same"} and not codes & {"name_same", "name_short"}
    assert not searched


def test_a_phone_that_many_have_says_little() -> None:
    one, other = (
        prepare(Firm(key, name, "苏州", ("13812340001",)))
        for key, name in enumerate(("云海酒店", "芸海酒店"))
    )
    assert judge(one, other).suspect
    assert not judge(one, other, known=Background(phones=frozenset({"13812340001"}))).suspect


def test_a_name_that_many_have_says_little() -> None:
    one, other = (prepare(Firm(key, "华丰商贸", "苏州")) for key in (1, 2))
    assert judge(one, other).suspect
    assert not judge(one, other, known=Background(cores=frozenset({"华丰商贸"}))).suspect


def test_a_chain_of_five_hundred_shops_makes_no_pairs_but_the_doubled_one() -> None:
    shops = [
        Firm(n, f"如家酒店（{chr(0x4E00 + n)}{chr(0x5E00 + n)}店）", "苏州", (f"0512{n:08}",))
        for n in range(500)
    ]
    twin = Firm(999, "如家酒店-一帀店".replace("一帀", shops[0].name[5:7]), "苏州", shops[0].phones)
    assert [{pair.one, pair.other} for pair in find_pairs([*shops, twin])] == [{0, 999}]


def labelled_pairs() -> list[dict[str, Any]]:
    return yaml.safe_load(LABELLED.read_text(encoding="utf-8"))


def firm_of(key: int, data: dict[str, Any]) -> Firm[int]:
    phone = data.get("phone", ())
    phones = (phone,) if isinstance(phone, str) else tuple(phone)
    return Firm(key, data["name"], data.get("city", ""), phones, data.get("tax", ""), data.get("address", ""))


def test_the_labelled_set_is_judged_as_people_judge_it() -> None:
    """122 pairs, with 69 traps; the bounds leave room for one error more than was measured."""
    rows = labelled_pairs()
    assert len(rows) >= 120
    assert sum(not row["same"] for row in rows) >= 60
    hits = [
        (row["same"], judge(prepare(firm_of(1, row["a"])), prepare(firm_of(2, row["b"]))).suspect)
        for row in rows
    ]
    true = sum(same and found for same, found in hits)
    assert true / sum(found for _same, found in hits) >= 0.95
    assert true / sum(same for same, _found in hits) >= 0.95
