"""Each kind of fact by short talks of many trades: what must be found, and what must not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shengce.language.dialogue import parse_dialogue
from shengce.language.extract import extract_facts
from shengce.language.lexicon import Entry, Lexicon
from shengce.language.values import Fact

AT = datetime.fromisoformat("2026-11-10T10:00:00+08:00")  # a Tuesday
LEXICON = Lexicon(
    [Entry("智联考勤机", ("考勤机",)), Entry("天工叉车", ("叉车",)), Entry("护佳意外险", ("意外险",))],
    [Entry("博锐", ("博锐科技",)), Entry("海川重工", ("海川",))],
)


def facts_of(talk: str, kind: str) -> list[Fact]:
    """Facts of one kind; turns are separated by ``|`` and begin with R or C."""
    lines = (turn.strip() for turn in talk.split("|"))
    text = "\n".join(("销售：" if line[0] == "R" else "客户：") + line[1:].strip() for line in lines)
    return [f for f in extract_facts(parse_dialogue(text), at=AT, lexicon=LEXICON) if f.kind == kind]


def values_of(talk: str, kind: str, field: str) -> list[Any]:
    return [fact.value[field] for fact in facts_of(talk, kind)]


@pytest.mark.parametrize(
    ("talk", "low", "high"),
    [
        ("C 我们预算十五万以内", None, "150000"),
        ("C 大概二三十万的预算", "200000", "300000"),
        ("C 总价控制在两百万以内吧", None, "2000000"),
        ("C 经费不超过八万", None, "80000"),
        ("R 您预算大概多少 | C 十五万左右", "150000", "150000"),
        ("R 您今年的预算是多少呢？| C 批了，六十万到七十万之间。", "600000", "700000"),
        ("R 价格方面您能接受的范围是 | C 八千到一万之间吧", "8000", "10000"),
        ("R 您预算多少？| C 二十万，不对，十五万。", "150000", "150000"),
        ("C 预算我这边是八万，不能再多了", None, "80000"),
    ],
)
def test_budget(talk: str, low: str | None, high: str | None) -> None:
    assert [(f.value["min"], f.value["max"]) for f in facts_of(talk, "budget")] == [(low, high)]


@pytest.mark.parametrize(
    "talk",
    [
        "R 您预算大概多少？",
        "R 您预算大概多少？| C 这个不方便说",
        "R 这套在您十五万的预算里面",
        "C 要是十五万以上我就不投了",
        "C 十九万八有点超预算了",
        "C 去年装修花了三十多万，预算都超了",
        "R 您打算配几台？| C 十五台左右",
    ],
)
def test_no_budget(talk: str) -> None:
    assert facts_of(talk, "budget") == []


@pytest.mark.parametrize(
    ("talk", "who"),
    [
        ("C 得我们王总拍板", "王总"),
        ("C 这个事我说了算", "我"),
        ("C 这个要报采购部批", "采购部"),
        ("C 最后老板定", "老板"),
        ("C 超过五万要分管的宋院长签字", "分管的宋院长"),
        ("C 得回去跟我老婆商量一下", "老婆"),
        ("C 这事我得请示一下我们李局", "李局"),
        ("C 采购归王主任管", "王主任"),
        ("R 这个谁定呢 | C 我们厂长", "厂长"),
        ("R 您是最终决定的人吗？| C 对，我自己就能定", "我"),
    ],
)
def test_decision_maker(talk: str, who: str) -> None:
    assert values_of(talk, "decision_maker", "who") == [who]


@pytest.mark.parametrize(
    "talk",
    ["R 是您拍板还是老板拍板？", "C 我做不了主", "C 不是我定", "R 我跟经理申请一下", "C 我跟许总说一下"],
)
def test_no_decision_maker(talk: str) -> None:
    assert facts_of(talk, "decision_maker") == []


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ("C 你们太贵了", "price"),
        ("C 怎么这么贵", "price"),
        ("C 能不能便宜点", "price"),
        ("C 十九万八有点超预算了", "price"),
        ("C 同样的配置人家才卖八千", "price"),
        ("C 我担心你们售后跟不上", "service"),
        ("C 我担心用几年就坏了", "quality"),
        ("C 我们一直跟海川合作", "competitor"),
        ("C 有固定的供应商了", "competitor"),
        ("C 最近不考虑", "timing"),
        ("C 明年再说吧", "timing"),
        ("C 合同还没到期", "timing"),
        ("C 这个我做不了主", "authority"),
        ("C 暂时不需要", "need"),
        ("C 这个我们用不上", "need"),
        ("C 你们账期太短", "other"),
    ],
)
def test_objection(talk: str, reason: str) -> None:
    assert reason in values_of(talk, "objection", "reason")


@pytest.mark.parametrize(
    "talk",
    [
        "C 价格不贵",
        "C 我不是嫌贵",
        "C 我没说你们贵",
        "C 不算太贵",
        "C 你们是不是很贵？",
        "C 要是贵了我就不要",
        "R 您是不是觉得太贵了？| C 没有没有",
        "R 我们比别家贵",
        "C 没问题",
    ],
)
def test_no_objection(talk: str) -> None:
    assert facts_of(talk, "objection") == []


@pytest.mark.parametrize(
    ("talk", "low", "of", "product"),
    [
        ("R 叉车裸车价六万八", "68000", "own", "天工叉车"),
        ("C 考勤机多少钱一台 | R 四百八", "480", "own", "智联考勤机"),
        ("R 一节课一百六", "160", "own", None),
        ("C 博锐给我报的是一万二", "12000", "competitor", None),
        ("C 海川也来过，他们报五十八万", "580000", "competitor", None),
        ("C 我看报价单上写的是七千二", "7200", "own", None),
    ],
)
def test_price(talk: str, low: str, of: str, product: str | None) -> None:
    assert [(f.value["min"], f.value["of"], f.value["product"]) for f in facts_of(talk, "price")] == [
        (low, of, product)
    ]


@pytest.mark.parametrize(
    "talk",
    [
        "R 一年能给您省三万块",
        "R 比他们便宜三百",
        "R 一天产量六十吨",
        "R 您那批货款十一万八还没到账",
        "C 我买车花了二十万",
        "R 八个人一桌",
    ],
)
def test_no_price(talk: str) -> None:
    assert facts_of(talk, "price") == []


@pytest.mark.parametrize(
    ("talk", "start"),
    [
        ("R 周三下午三点可以吗？| C 可以", "2026-11-11T15:00"),
        ("R 周三下午三点可以吗？| C 周三不行，改成周四上午十点吧 | R 好的", "2026-11-12T10:00"),
        ("R 那我星期四，哦不，星期五上午十点去您公司？| C 没问题", "2026-11-13T10:00"),
        ("C 你后天过来一趟吧，上午十点 | R 好的没问题", "2026-11-12T10:00"),
        ("R 您看哪天有空 | C 下周二下午三点", "2026-11-17T15:00"),
        ("R 明天上午十点我去您那 | C 行 | R 好 | C 哎等等，改到后天上午九点吧 | R 好的", "2026-11-12T09:00"),
    ],
)
def test_appointment(talk: str, start: str) -> None:
    assert [value[:16] for value in values_of(talk, "appointment", "start")] == [start]


@pytest.mark.parametrize(
    "talk",
    [
        "R 周五下午两点见面聊可以吗 | C 不行，周五我出差",
        "R 周四上午方便见一面吗？| C 最近都没空",
        "R 我周四前把方案发您 | C 好",
        "C 海川上周三来过",
    ],
)
def test_no_appointment(talk: str) -> None:
    assert facts_of(talk, "appointment") == []


@pytest.mark.parametrize(
    ("talk", "high", "due"),
    [
        ("C 下周五先打二十万", "200000", "2026-11-20"),
        ("C 月底前把尾款结清", None, None),
        ("R 上次说的货款 | C 明天上午就给你打过去，十二万", "120000", "2026-11-11"),
        ("C 那批款子我下个月五号打，先打个七八万", "80000", "2026-12-05"),
    ],
)
def test_payment_promise(talk: str, high: str | None, due: str | None) -> None:
    (fact,) = facts_of(talk, "payment_promise")
    assert fact.value["max"] == high
    if due is not None:
        assert fact.value["due"]["start"].startswith(due)


@pytest.mark.parametrize(
    "talk",
    [
        "R 您下周五先打二十万",
        "C 假如我下周打款，货什么时候到",
        "C 我上周五就打给你们了，两万块",
        "R 这个月能回款吗 | C 这个月够呛",
        "C 回头打电话给你",
        "C 分期付款可以考虑",
    ],
)
def test_no_payment_promise(talk: str) -> None:
    assert facts_of(talk, "payment_promise") == []


@pytest.mark.parametrize(
    ("talk", "about"),
    [
        ("C 你们上次送的机器漏水", "product"),
        ("C 你们送货晚了三天", "delivery"),
        ("C 你们售后电话打了四次没人接", "service"),
        ("C 你们安装师傅态度太差", "staff"),
        ("C 你们给我开的发票税号写错了", "other"),
    ],
)
def test_complaint(talk: str, about: str) -> None:
    assert values_of(talk, "complaint", "about") == [about]


@pytest.mark.parametrize(
    "talk",
    [
        "C 东西挺好的，没有坏过",
        "C 要是漏水了怎么办",
        "C 海川的机器老是坏",
        "C 以前那家送货晚了三天",
        "R 我们上次送货晚了三天",
    ],
)
def test_no_complaint(talk: str) -> None:
    assert facts_of(talk, "complaint") == []


@pytest.mark.parametrize(
    ("talk", "kind", "value"),
    [
        ("C 我电话是幺三九幺零幺二幺零八八", "phone", "13910121088"),
        ("C 我手机一三九一零一二三零八八", "phone", "13910123088"),
        ("C 加我微信吧，zhou_2020", "wechat", "zhou_2020"),
        ("C 邮箱是 zhou@abc.com.cn", "email", "zhou@abc.com.cn"),
        ("C 我们在高新区科技路十八号创新大厦三楼", "address", None),
        ("R 电话还是一三九一零一二三零八八吗 | C 对的", "phone", "13910123088"),
    ],
)
def test_contact(talk: str, kind: str, value: str | None) -> None:
    facts = facts_of(talk, "contact")
    assert [f.value["kind"] for f in facts] == [kind]
    assert value is None or facts[0].value["value"] == value


def test_a_number_that_is_denied_is_no_contact() -> None:
    assert facts_of("R 电话还是一三九一零一二三零八八吗 | C 不是，换了", "contact") == []


@pytest.mark.parametrize(
    ("talk", "place", "price"),
    [
        ("C 有人从江西拿你们的考勤机，便宜三百", "江西", None),
        ("C 市场上有家店从广西拉过来的叉车，一台才卖五万", "广西", "50000"),
        ("C 听说有人窜货", None, None),
    ],
)
def test_diversion(talk: str, place: str | None, price: str | None) -> None:
    assert [(f.value["place"], f.value["price"]) for f in facts_of(talk, "diversion")] == [(place, price)]


@pytest.mark.parametrize("talk", ["C 我们一般从广东进货", "C 如果有人从江西拿货怎么办", "R 有人从江西窜货"])
def test_no_diversion(talk: str) -> None:
    assert facts_of(talk, "diversion") == []


@pytest.mark.parametrize(
    "talk",
    [
        "R 我明天把方案发给您",
        "C 我回头跟财务确认一下",
        "R 后天上午给您送到",
        "R 我保证全市最低价",
        "R 我让技术今天下午给您打电话",
        "C 好，我问问老板，周五前答复你",
    ],
)
def test_promise(talk: str) -> None:
    assert len(facts_of(talk, "promise")) == 1


@pytest.mark.parametrize(
    "talk",
    [
        "R 我昨天已经把资料发给您了",
        "R 您把需求发给我就行",
        "R 我给您介绍一下我们公司",
        "R 需要我把方案发给您吗？",
        "C 我再考虑考虑",
        "R 我理解您的顾虑",
    ],
)
def test_no_promise(talk: str) -> None:
    assert facts_of(talk, "promise") == []


@pytest.mark.parametrize(
    "talk",
    ["C 我们想换一批能自动算加班的", "C 车间要增加三个取水点", "C 我们最看重的是安全", "C 急需两台备用的"],
)
def test_need(talk: str) -> None:
    assert len(facts_of(talk, "need")) == 1


@pytest.mark.parametrize(
    "talk", ["C 我想问一下多少钱", "C 不需要", "C 我想想", "R 我们想换一批设备", "C 如果想换一批怎么办"]
)
def test_no_need(talk: str) -> None:
    assert facts_of(talk, "need") == []


def test_next_step_needs_the_yes_of_the_other() -> None:
    proposal = "R 要不我下周一先送一台样机过来试用，您看行吗？"
    assert len(facts_of(f"{proposal} | C 行，就这么定", "next_step")) == 1
    assert facts_of(f"{proposal} | C 不用了", "next_step") == []
    assert facts_of(proposal, "next_step") == []


def test_interest_in_a_named_product() -> None:
    assert values_of("C 叉车给我留两台，要现货", "product_interest", "product") == ["天工叉车"]
    assert facts_of("C 意外险我不要", "product_interest") == []
    assert facts_of("R 您要不要看看叉车", "product_interest") == []


def test_a_rival_is_given_once() -> None:
    assert values_of("C 博锐来过 | R 博锐怎么说 | C 博锐科技很便宜", "competitor", "name") == ["博锐"]
