"""How business is spoken, in many trades: what is promised, paid, agreed, met for and budgeted, and what only sounds so."""

from __future__ import annotations

from datetime import datetime

import pytest

from shengce.language.dialogue import parse_dialogue
from shengce.language.extract import extract_facts
from shengce.language.lexicon import Entry, Lexicon
from shengce.language.values import Fact, FactKind

AT = datetime.fromisoformat("2026-11-10T10:00:00+08:00")  # a Tuesday
LEXICON = Lexicon([Entry("青禾播种机"), Entry("稳达电梯"), Entry("润田复合肥", ("复合肥",))], [Entry("宏岳")])


def facts_of(talk: str, kind: FactKind) -> list[Fact]:
    """Facts of one kind; turns are separated by ``|`` and begin with R or C."""
    lines = (turn.strip() for turn in talk.split("|"))
    text = "\n".join(("销售：" if line[0] == "R" else "客户：") + line[1:].strip() for line in lines)
    return [f for f in extract_facts(parse_dialogue(text), at=AT, lexicon=LEXICON) if f.kind == kind]


@pytest.mark.parametrize(
    ("talk", "high", "due_until"),
    [
        ("C 定金我今天下午就安排财务走账，三万块", "30000", "2026-11-10T18"),
        ("R 设计费那边什么时候方便结一下？| C 这周五吧，我让会计给你汇过去", None, "2026-11-14T00"),
        ("C 首付我先交百分之三十，剩下的等装完电梯再说", None, None),
        ("C 发票一到我就给你打款", None, None),
        ("C 票到了我们三天之内付款", None, None),
        ("C 我月底之前把苗款给你结了", None, "2026-12-01T00"),
        ("C 这批饲料钱下周一转给你，一共四万六", "46000", "2026-11-17T00"),
        ("R 印刷的尾款还有一万二 | C 嗯，后天我给您清掉", "12000", "2026-11-13T00"),
        ("C 我们走承兑，二十号给你开一张八万的", "80000", "2026-11-21T00"),
        ("C 先付五千订金，你帮我把车位留着", "5000", None),
        ("R 服务费明天能到账吗 | C 能，明天上午打", None, "2026-11-11T12"),
        ("C 预付款我明天安排出纳付过去", None, "2026-11-12T00"),
        ("R 那欠的两万什么时候能还上？| C 月底一定还清", "20000", "2026-12-01T00"),
        ("C 余款我分两次给，十五号先给两万", "20000", "2026-11-16T00"),
    ],
)
def test_payment_promise(talk: str, high: str | None, due_until: str | None) -> None:
    found = [
        (f.value["max"], ((f.value["due"] or {}).get("end") or "")[:13])
        for f in facts_of(talk, "payment_promise")
    ]
    assert [due for _, due in found] == [due_until or ""]
    assert high is None or found[0][0] in (high, None)


@pytest.mark.parametrize(
    "talk",
    [
        "C 我们一般都是月结三十天",
        "C 公司规定验收以后付款",
        "C 上个月那笔货款已经打给你们了",
        "C 要是这周能发货我马上打款",
        "C 你们是先付款还是先发货？",
        "R 合同签完付三成，到货付六成",
        "C 人家宏岳都是货到付款",
        "C 现在账上没钱，这个月付不了",
        "C 全款多少钱？",
        "C 你们什么时候给我退那两千块押金？",
        "C 去年的苗款早就结清了",
    ],
)
def test_no_payment_promise(talk: str) -> None:
    assert facts_of(talk, "payment_promise") == []


@pytest.mark.parametrize(
    "talk",
    [
        "R 我晚点把检测报告传您邮箱",
        "R 模具的事我回去问下师傅，明天给您准信",
        "R 这个我来协调，您不用操心",
        "R 我这就让仓库给您调一箱过去",
        "R 坏的那几盏灯我们负责换新的",
        "C 我回头把图纸发给你",
        "C 我周四之前把人数报给你",
        "R 报价单今晚八点前发到您微信",
        "R 我盯着物流，到了第一时间通知您",
        "C 行，我下午跟院长说一声",
        "R 样布我让人明天一早送到您店里",
        "R 合同我拟好了就发给您过目",
        "C 我把身份证照片拍给你",
        "R 少的那两包明天给您补上",
    ],
)
def test_promise(talk: str) -> None:
    assert len(facts_of(talk, "promise")) == 1


@pytest.mark.parametrize(
    "talk",
    [
        "R 您明天把营业执照发给我",
        "R 我昨天已经给您发过去了",
        "R 我们一般三天发货吗？",
        "C 你能不能帮我查一下？",
        "C 要是下雨我们就不去了",
        "R 您看什么时候方便我给您送过去？",
        "C 宏岳说他们明天就送货",
        "R 我先给您介绍一下我们的课程",
        "C 我考虑考虑再给你答复吧",
        "R 我们公司是做电梯维保的",
        "C 上次你们说第二天送，结果没送",
    ],
)
def test_no_promise(talk: str) -> None:
    assert facts_of(talk, "promise") == []


@pytest.mark.parametrize(
    "talk",
    [
        "R 那咱们周五先把样品做出来您看看？| C 行，就这么办",
        "R 我建议先在一个车间试一个月 | C 可以，先试一个月",
        "C 那你先出个方案，我们再碰 | R 好的，没问题",
        "R 要不这样，我先给您寄两斤茶样，您喝了再定 | C 成",
        "C 这样吧，你先派个师傅来看看现场 | R 好，我安排",
        "R 下一步我们把合同走一下流程？| C 嗯，走吧",
        "R 那我们先签个意向书？| C 可以",
        "R 明天我带设计师过去量尺 | C 好，明天见",
        "C 你把检测报告发我，我转给采购 | R 好的，我马上发",
        "R 我先给孩子约一节试听课吧 | C 好的",
    ],
)
def test_next_step(talk: str) -> None:
    assert len(facts_of(talk, "next_step")) >= 1


@pytest.mark.parametrize(
    "talk",
    [
        "R 那咱们周五先把样品做出来您看看？| C 先不用了，再说吧",
        "R 我们的电梯都是自己的师傅装 | C 哦，好",
        "R 您一年大概用多少吨？| C 好几百吨吧",
        "C 复合肥多少钱一袋？| R 好的，一百二",
        "R 要不先试一个月？| C 我再想想",
        "R 上次给您寄的茶样喝了吗？| C 嗯，喝了",
    ],
)
def test_no_next_step(talk: str) -> None:
    assert facts_of(talk, "next_step") == []


@pytest.mark.parametrize(
    ("talk", "start", "place"),
    [
        ("R 我后天上午十点去您厂里看一下设备，行吗？| C 行，来吧", "2026-11-12T10", "厂"),
        ("C 你们周四下午三点过来验厂 | R 好的，准时到", "2026-11-12T15", None),
        ("R 明早九点我带师傅上门量窗户？| C 可以", "2026-11-11T09", None),
        ("R 那咱们下周一下午两点线上开个会？| C 好，下周一两点", "2026-11-16T14", None),
        ("C 周六上午带孩子过来试课可以吗？| R 可以的，周六上午十点", "2026-11-14T10", None),
        ("R 周三演示给您看？| C 周三没空，周四下午两点吧 | R 好的", "2026-11-12T14", None),
        ("R 今晚七点一起吃个饭？| C 行，七点见", "2026-11-10T19", None),
        ("R 十二号上午九点交房，您过来一下 | C 好的没问题", "2026-11-12T09", None),
        ("R 明天下午三点我在茶楼等您 | C 嗯，三点到", "2026-11-11T15", "茶楼"),
        ("C 后天下午一点半你到工地找我 | R 好嘞", "2026-11-12T13", "工地"),
    ],
)
def test_appointment(talk: str, start: str, place: str | None) -> None:
    found = facts_of(talk, "appointment")
    assert [f.value["start"][:13] for f in found] == [start]
    assert place is None or place in (found[0].value["place"] or "")


@pytest.mark.parametrize(
    "talk",
    [
        "R 明天下午三点我过去行吗？| C 明天不行，改天吧",
        "C 你们上周三下午三点来的那个师傅不错",
        "R 明天下午三点前发货 | C 好的",
        "C 我们每天下午三点开例会",
        "R 您周六有空来店里看看吗？| C 没空，再说吧",
        "C 宏岳的人明天上午十点来我们厂",
        "R 仓库六点下班 | C 哦好的",
        "C 货后天上午十点能到吗？| R 能到",
    ],
)
def test_no_appointment(talk: str) -> None:
    assert facts_of(talk, "appointment") == []


@pytest.mark.parametrize(
    ("talk", "low", "high"),
    [
        ("R 您这次装修准备花多少？| C 十来万吧，最多十二万", None, "120000"),
        ("R 咱们课时这块预算是多少呢 | C 一年两万上下", "20000", "20000"),
        ("C 我就想找个三四千的跑步机", "3000", "4000"),
        ("C 我们今年这块拨了八十万", "800000", "800000"),
        ("R 您心理价位多少 | C 五千以内", None, "5000"),
        ("C 老板给的上限是六万", None, "60000"),
        ("C 婚宴一桌控制在两千八以内", None, "2800"),
        ("R 您想租什么价位的？| C 三千到四千一个月", "3000", "4000"),
        ("C 年会我们打算花五万左右", "50000", "50000"),
        ("C 手里就二十万，多了拿不出来", None, None),
        ("R 广告这块打算投多少？| C 先投三万试试", "30000", "30000"),
    ],
)
def test_budget(talk: str, low: str | None, high: str | None) -> None:
    found = [(f.value["min"], f.value["max"]) for f in facts_of(talk, "budget")]
    assert found == [(low, high)] or (high is None and len(found) == 1)


@pytest.mark.parametrize(
    "talk",
    [
        "R 您预算多少？| C 还没定",
        "C 你们这个五千太贵了",
        "C 去年我们花了八万",
        "R 您打算要几台？| C 二十台",
        "C 宏岳报了四万二",
        "R 我们最低三万 | C 三万啊",
        "R 您那边多少人？| C 三百来人",
        "C 要是有二十万预算我就买好的了",
    ],
)
def test_no_budget(talk: str) -> None:
    assert facts_of(talk, "budget") == []


@pytest.mark.parametrize(
    ("talk", "place"),
    [
        ("C 最近有外省的货流到我们县来了", None),
        ("C 临江那边有人把复合肥拉到我们这边卖", "临江"),
        ("C 有人从安庆窜货过来，复合肥比我进价还低", "安庆"),
        ("C 我看到箱码不是我们区的", None),
        ("C 镇上那家店也在卖复合肥，比我拿货价还便宜十块", None),
        ("C 隔壁县的经销商跑到我这边来抢客户，低价甩货", None),
        ("C 网上有人低价抛你们的复合肥，比我批的还低", None),
        ("C 批号一查是南边的货，怎么到我这儿来了", None),
    ],
)
def test_diversion(talk: str, place: str | None) -> None:
    found = facts_of(talk, "diversion")
    assert len(found) == 1
    assert place is None or found[0].value["place"] == place


@pytest.mark.parametrize(
    "talk",
    [
        "C 我们从厂里直接进货",
        "C 外地客户也挺多的",
        "C 宏岳在我们这边卖得便宜",
        "C 你们会不会把货窜到我们这边？",
        "C 隔壁那家饭店生意好",
    ],
)
def test_no_diversion(talk: str) -> None:
    assert facts_of(talk, "diversion") == []


@pytest.mark.parametrize(
    ("talk", "high", "of"),
    [
        ("C 这个多少钱？| R 播种机裸机一万八千六", "18600", "own"),
        ("R 维保一年一台三千二", "3200", "own"),
        ("C 宏岳那边给我报的是四万五", "45000", "competitor"),
        ("R 这套房子总价一百九十八万", "1980000", "own"),
        ("R 课时费一节两百六，包年一万一", "260", "own"),
        ("R 给您按两块八一斤走", "2.8", "own"),
        ("R 全包下来六万八", "68000", "own"),
        ("R 一平方八十五，连工带料", "85", "own"),
    ],
)
def test_price(talk: str, high: str, of: str) -> None:
    assert (high, of) in [(f.value["max"], f.value["of"]) for f in facts_of(talk, "price")]


@pytest.mark.parametrize(
    "talk",
    [
        "R 首付六万，剩下的分三年",
        "R 我们厂一年产值八千万",
        "R 比原来便宜两百块",
        "C 我去年赚了二十万",
        "R 全国有三千家门店",
    ],
)
def test_no_price(talk: str) -> None:
    assert facts_of(talk, "price") == []
