"""What asks and what does not, with and without punctuation."""

from __future__ import annotations

import pytest

from shengce.language.questions import is_question, question_spans


@pytest.mark.parametrize(
    "clause",
    [
        "多少钱一台",
        "你们那边有几个点位",
        "这个怎么用",
        "价格能不能便宜点",
        "您看周三方便吗",
        "您看周三方便吗？",
        "那安装呢",
        "是不是免费",
        "质保多久",
        "谁来定这个事",
        "哪天有空？",
        "您贵姓？",
        "现在用的是哪家的",
        "预算大概多少",
        "为什么这么贵",
        "有没有现货",
        "什么时候能到货",
        "您那边一共几层",
        "好么",
    ],
)
def test_questions(clause: str) -> None:
    assert is_question(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "没什么问题",
        "好几个客户都在用",
        "我们还没定呢",
        "我跟您说怎么用",
        "这几天比较忙",
        "不管什么价格",
        "什么都行",
        "多少都可以",
        "那就这样吧",
        "就这么定了",
        "我们忙着呢",
        "价格不贵",
        "要么算了",
        "十几个人",
        "差不多",
        "不不不",
        "？",
        "",
        "也没多少钱",
    ],
)
def test_no_questions(clause: str) -> None:
    assert not is_question(clause)


def test_spans_cover_the_clause_and_its_mark() -> None:
    text = "您好，多少人用？我们报价三千。什么时候装"
    assert [text[a:b] for a, b in question_spans(text)] == ["多少人用？", "什么时候装"]
