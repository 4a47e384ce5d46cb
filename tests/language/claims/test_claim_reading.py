"""What typed sentences are taken for, and when two statements are the same."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shengce.language.claim_reading import read_claims
from shengce.language.claim_tolerance import same_matter, same_person, same_sum
from tests.language.claims.cases import lexicon

AT = datetime(2026, 3, 18, 18, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("客户答应下周五付20万", ["payment_promise"]),
        ("报价3980元/台，客户预算30万左右", ["price", "budget"]),
        ("今天上门拜访。决策人是王总。", ["visit", "decider"]),
        ("明天上午10点拜访", ["appointment"]),
        ("约了下周二下午3点演示", ["appointment"]),
        ("丢单，输给霖沃", ["reason_lost"]),
        ("客户现在用霖沃", ["competitor"]),
        ("承诺周五前发检测报告", ["promise"]),
        ("气氛很好", ["other"]),
        ("给客户打95折", ["price"]),
        ("新款式不错", ["other"]),
        ("   ", []),
        ("？！", []),
    ],
)
def test_kinds(text, kinds):
    assert [stated.kind for stated in read_claims(text, at=AT, lexicon=lexicon())] == kinds


def test_parts_of_a_promise_to_pay():
    (stated,) = read_claims("王总答应3月27日付尾款20万元", at=AT, lexicon=lexicon())
    assert (stated.low, stated.high) == (Decimal(200_000), Decimal(200_000))
    assert stated.when is not None and stated.when[0] is not None
    assert stated.when[0].isoformat() == "2026-03-27T00:00:00+08:00"


@pytest.mark.parametrize("name", ["采购部陈主管", "王总", "后勤处王处长"])
def test_a_field_that_holds_nothing_but_a_name(name):
    (stated,) = read_claims(name, at=AT, lexicon=lexicon(), kind="decider")
    assert stated.names == (name,)


def test_the_last_price_is_meant():
    (stated,) = read_claims("报价从4200降到3980元一台", at=AT, lexicon=lexicon())
    assert (stated.low, stated.owner) == (Decimal(3980), "own")


def test_a_moment_without_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        read_claims("今天拜访", at=datetime(2026, 3, 18), lexicon=lexicon())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("3980", "4000", True),
        ("3900", "4000", False),
        ("198600", "200000", True),
        ("154000", "150000", True),  # 15万 noted for 15.4
        ("155000", "150000", False),
        ("14000", "10000", False),
        ("200000", "150000", False),
        ("300000", "130000", False),
        ("99", "100", True),
        ("1540", "1500", False),
    ],
)
def test_sums(one, other, same):
    assert same_sum((Decimal(one),) * 2, (Decimal(other),) * 2) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("王总", "我们王总", True),
        ("王总", "李总", False),
        ("王总", "王经理", False),
        ("老板", "王总", True),
        ("老板", "李经理", None),
        ("王总", "我", None),
        ("李经理", "采购部李经理", True),
        ("采购部", "王经理", None),
        ("采购部陈主管", "后勤处王处长", False),
        ("采购部陈主管", "陈主管", True),
        ("后勤处王建国处长", "王处长", True),
        ("分管的宋院长", "宋院长", True),
        ("李经理", "设备科王经理", False),
    ],
)
def test_people(one, other, same):
    assert same_person(one, other) is same


def test_matters():
    assert same_matter("承诺周五前发检测报告", "检测报告我周五给您发过去")
    assert not same_matter("承诺周五前发检测报告", "我明天就把样品给您寄过去")
