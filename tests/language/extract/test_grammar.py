"""Rules that hold in any trade: whose price, which week, an undertaking by its grammar, what is no interest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shengce.language.dialogue import parse_dialogue
from shengce.language.extract import extract_facts
from shengce.language.lexicon import Entry, Lexicon
from shengce.language.values import Fact, FactKind

AT = datetime.fromisoformat("2026-11-10T10:00:00+08:00")  # a Tuesday
LEXICON = Lexicon([Entry("打谷机"), Entry("星野X6", ("X6",)), Entry("锐克")], [Entry("汇通重工", ("汇通",))])


def facts_of(talk: str, kind: FactKind) -> list[Fact]:
    """Facts of one kind; turns are separated by ``|`` and begin with R or C."""
    lines = (turn.strip() for turn in talk.split("|"))
    text = "\n".join(("销售：" if line[0] == "R" else "客户：") + line[1:].strip() for line in lines)
    return [f for f in extract_facts(parse_dialogue(text), at=AT, lexicon=LEXICON) if f.kind == kind]


def values_of(talk: str, kind: FactKind, field: str) -> list[Any]:
    return [fact.value[field] for fact in facts_of(talk, kind)]


@pytest.mark.parametrize(
    ("talk", "start"),
    [
        ("R 下周三上午方便见面吗？| C 下周三不行，周四上午十点吧。| R 好的。", "2026-11-19T10:00"),
        ("R 下周二我上门拜访行吗 | C 下周二出差，周五下午吧 | R 那就周五下午两点 | C 好", "2026-11-20T14:00"),
        ("R 这周四上午方便见面吗？| C 周五上午十点吧。| R 好的。", "2026-11-13T10:00"),
    ],
)
def test_a_plain_weekday_stays_in_the_week_spoken_of(talk: str, start: str) -> None:
    assert [value[:16] for value in values_of(talk, "appointment", "start")] == [start]


@pytest.mark.parametrize(
    ("talk", "prices"),
    [
        ("C 佳邦那边一台报四千八", [("4800", "competitor")]),
        ("C 佳邦才四千二", [("4200", "competitor")]),
        ("C 我同学说佳邦只要三千九", [("3900", "competitor")]),
        ("C 上次在汇通拿的是三千二", [("3200", "competitor")]),
        ("R 汇通现在卖多少钱？| C 一台合下来三千三", [("3300", "competitor")]),
        ("C 你们家报五千一", [("5100", "own")]),
        ("R 我们报的是五千一", [("5100", "own")]),
        ("R X6十三万九", [("139000", "own")]),
        ("R 打谷机八千二，锐克六十五", [("8200", "own"), ("65", "own")]),
        ("C 预算才六万", []),
        ("C 我们去年才四千二", []),
        ("C 工资才四千二", []),
    ],
)
def test_whose_price(talk: str, prices: list[tuple[str, str]]) -> None:
    assert [(f.value["max"], f.value["of"]) for f in facts_of(talk, "price")] == prices


def test_an_unknown_firm_is_not_given_a_product() -> None:
    assert values_of("R 我们打谷机五千 | C 佳邦才四千二", "price", "product") == ["打谷机", None]


def test_a_product_stays_the_subject_until_another_is_named() -> None:
    talk = "R 打谷机的样本给您带来了 | C 嗯 | R 对 | C 多少钱一台 | R 一台八千二"
    assert values_of(talk, "price", "product") == ["打谷机"]


@pytest.mark.parametrize(
    "talk",
    [
        "R 我把合同寄到您公司",
        "R 我后天带样本到现场",
        "R 我们会先行赔付",
        "R 运费我们承担",
        "R 我跟会计打声招呼",
        "R 五个工作日内送到您仓库",
        "C 我晚上传给你",
        "R 我明天下午过去跟您当面谈",
    ],
)
def test_grammar_makes_an_undertaking(talk: str) -> None:
    assert len(facts_of(talk, "promise")) == 1


@pytest.mark.parametrize(
    "talk",
    [
        "R 给您打九折",
        "R 这批我可以给您做到三百二",
        "R 我上次给您送过样品",
        "R 我带了样本过来",
        "R 我想当面跟他汇报",
        "R 改天再来看您",
        "C 我有客户来",
        "R 我们包送的",
        "C 汇通送到门口才三千",
    ],
)
def test_terms_wishes_and_what_is_done_are_no_promises(talk: str) -> None:
    assert facts_of(talk, "promise") == []


def test_the_day_in_the_next_clause_belongs_to_the_promise() -> None:
    [promise] = facts_of("R 我把两种方案列个表，周四发您。", "promise")
    assert promise.value["due"]["start"].startswith("2026-11-12")


@pytest.mark.parametrize(
    ("talk", "wanted"),
    [
        ("C 打谷机一小时能打多少？", True),
        ("R 打谷机要补货吗？| C 先来三十台", True),
        ("R 打谷机还够吗？| C 还有三十台", False),
        ("C 比打谷机轻多了，挺好", False),
    ],
)
def test_interest_is_what_the_customer_wants(talk: str, wanted: bool) -> None:
    assert bool(facts_of(talk, "product_interest")) is wanted


@pytest.mark.parametrize(
    ("talk", "due"),
    [
        ("C 这个月二十五号以前，一定付清。", "2026-11-"),
        ("R 余款什么时候结？| C 货到现结", None),
        ("C 剩下的卖完一定清掉", None),
    ],
)
def test_a_firm_word_makes_a_payment_promise(talk: str, due: str | None) -> None:
    [promise] = facts_of("R 上次的货款您看 | " + talk if talk[0] == "C" else talk, "payment_promise")
    assert (promise.value["max"], bool(promise.value["due"])) == (None, due is not None)


def test_a_call_is_no_payment() -> None:
    assert facts_of("R 我明年三月给您打个电话您看行吗 | C 行吧", "payment_promise") == []


def test_cue_words_inside_a_name_are_the_name() -> None:
    """打谷机 holds 打 (to pay) and 汇通 holds 汇 (to remit)."""
    assert facts_of("C 打谷机下周要两万", "payment_promise") == []


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ("C 主要是怕漏水", "quality"),
        ("C 三百二不便宜啊", "price"),
        ("C 怎么又涨了", "price"),
        ("C 等搬完家再说", "timing"),
    ],
)
def test_objections(talk: str, reason: str) -> None:
    assert values_of(talk, "objection", "reason") == [reason]


@pytest.mark.parametrize(
    ("talk", "place", "price"),
    [
        ("C 城东批发市场有人在卖打谷机，七千一台，比我进价还低", "城东", "7000"),
        ("C 有一批是河西那边流过来的，箱码不是我们区域的", "河西", None),
    ],
)
def test_diversion_in_other_words(talk: str, place: str, price: str | None) -> None:
    [hint] = facts_of(talk, "diversion")
    assert (hint.value["place"], hint.value["price"]) == (place, price)


def test_goods_sold_at_our_price_are_no_diversion() -> None:
    assert facts_of("C 城东批发市场也在卖打谷机，卖得还不错", "diversion") == []
