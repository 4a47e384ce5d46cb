"""What customers of many trades say and mean, and what only sounds alike: solved, supposed, asked, of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shengce.language.dialogue import parse_dialogue
from shengce.language.extract import extract_facts
from shengce.language.lexicon import Entry, Lexicon
from shengce.language.values import Fact, FactKind

AT = datetime.fromisoformat("2026-11-10T10:00:00+08:00")  # a Tuesday
LEXICON = Lexicon(
    [Entry("松涛空压机", ("空压机",)), Entry("青禾饲料", ("青禾",)), Entry("云岭乳胶枕", ("乳胶枕",))],
    [Entry("北川"), Entry("瑞丰", ("瑞丰牌",))],
)


def facts_of(talk: str, kind: FactKind) -> list[Fact]:
    """Facts of one kind; turns are separated by ``|`` and begin with R or C."""
    lines = (turn.strip() for turn in talk.split("|"))
    text = "\n".join(("销售：" if line[0] == "R" else "客户：") + line[1:].strip() for line in lines)
    return [f for f in extract_facts(parse_dialogue(text), at=AT, lexicon=LEXICON) if f.kind == kind]


def values_of(talk: str, kind: FactKind, field: str) -> list[Any]:
    return [fact.value[field] for fact in facts_of(talk, kind)]


@pytest.mark.parametrize(
    ("talk", "about"),
    [
        ("C 上个月买的豆浆机，用了两回就不转了", "product"),
        ("C 这批瓷砖拆开有一半是裂的", "product"),
        ("C 你们那个鞋底穿了一个礼拜就断了", "product"),
        ("C 窗帘洗了一水颜色全掉了", "product"),
        ("C 面粉里头都长虫了", "product"),
        ("C 打印机动不动就卡纸", "product"),
        ("C 你们这个软件一到月底就崩", "product"),
        ("C 门锁指纹识别不了，老得按好几遍", "product"),
        ("C 空压机才用半年压力就上不去了", "product"),
        ("C 这玩意儿刚到手就是坏的", "product"),
        ("C 涂料刷上去没几天就起皮", "product"),
        ("C 衣服起球起得厉害", "product"),
        ("C 我上次订的十箱，到手才八箱", "delivery"),
        ("C 订的是蓝色，你们给我发的是灰色", "delivery"),
        ("C 货都过了约定的日子了还没影", "delivery"),
        ("C 包裹到的时候外箱都压扁了", "delivery"),
        ("C 说好周一送，周四才到", "delivery"),
        ("C 你们物流也太慢了吧", "delivery"),
        ("C 货少了两件", "delivery"),
        ("C 报修一个星期了，到现在没见人来", "service"),
        ("C 我都催了好几回了，也没个准话", "service"),
        ("C 打你们客服，永远占线", "service"),
        ("C 每次一说问题就让我等，等到什么时候去", "service"),
        ("C 这都第三次了，修完又犯", "service"),
        ("C 卖的时候说得好好的，卖完就没人管了", "service"),
        ("C 你们那边来回推，谁也不给个说法", "service"),
        ("C 退个款拖了我二十天", "service"),
        ("C 你们那个导购说话特别冲", "staff"),
        ("C 上次来的小伙子活儿干得马马虎虎", "staff"),
        ("C 你们业务员收了钱就不见人了", "staff"),
        ("C 教练上课老玩手机", "staff"),
        ("C 账单上多扣了我两百块", "other"),
        ("C 发票抬头给我开错了", "other"),
        ("C 宣传的跟实际的根本不是一回事", "other"),
    ],
)
def test_complaint(talk: str, about: str) -> None:
    assert about in values_of(talk, "complaint", "about")


@pytest.mark.parametrize(
    "talk",
    [
        "C 上次漏水那个你们修好了，现在没问题了",
        "C 去年坏过一次，早就处理好了",
        "C 会不会用久了掉色？",
        "C 万一半路断了找谁",
        "C 瑞丰的发货老是晚",
        "C 我们自己的仓库漏水了，想修一下",
        "C 用了两年了，一次都没坏过",
        "C 东西坏了你们管修吗",
        "C 你们师傅态度挺好的",
        "C 没催过你们，一直都挺准时",
        "C 如果晚到了怎么赔",
        "R 上次少发的两箱给您补上了",
        "C 别给我发错了啊",
        "C 就怕天热了会变质",
    ],
)
def test_no_complaint(talk: str) -> None:
    assert facts_of(talk, "complaint") == []


@pytest.mark.parametrize(
    "talk",
    [
        "C 我们这边想上一套自动包装线",
        "C 下半年要开两家分店，得配收银系统",
        "C 我们现在缺一台大功率的发电机",
        "C 打算把老的锅炉换掉",
        "C 孩子马上小升初了，想给他补补数学",
        "C 我想找个能带宠物的民宿",
        "C 我们就是想把次品率降下来",
        "C 关键是噪音要小",
        "C 最好能带个自动清洗功能",
        "C 我们主要是做婴儿服装的，面料必须环保",
        "C 我要给老人买个按摩椅",
        "C 准备年底之前把厂里照明都改成节能的",
        "C 希望能缩短出货时间",
        "C 正在找一家能长期供蔬菜的",
        "C 我们食堂需要一批餐盘，要耐高温的",
        "C 想要个三室的，离地铁近点",
        "C 店里还差两个展示柜",
        "C 我就想要省油的",
        "R 您这边主要是什么需求 | C 招工难，人手老是不够",
        "R 您想解决什么问题呢 | C 主要就是库存对不上",
        "C 我们想提高一下客户的复购",
        "C 我们在考虑上一套门禁",
    ],
)
def test_need(talk: str) -> None:
    assert len(facts_of(talk, "need")) >= 1


@pytest.mark.parametrize(
    "talk",
    [
        "C 我想问下你们几点关门",
        "C 我要开会去了",
        "C 我们不打算换",
        "C 需要多少钱",
        "C 需要我提供什么资料吗",
        "R 我们希望能跟您长期合作",
        "C 如果以后想扩产再找你",
        "C 我想想再说",
        "C 去年想换一套来着，后来没换",
        "C 希望下次别再迟到了",
        "C 你要是来的话提前打电话",
        "C 我要投诉你们",
        "C 准备开饭了，晚点说",
        "C 这个还要等领导通知",
    ],
)
def test_no_need(talk: str) -> None:
    assert facts_of(talk, "need") == []


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ("C 这价钱都够买两台了", "price"),
        ("C 你这价我可拿不下来", "price"),
        ("C 比我想的高出一大截", "price"),
        ("C 有没有再实惠一点的", "price"),
        ("C 能给个折扣不", "price"),
        ("C 别人家同样的东西便宜三成", "price"),
        ("C 老客户了还不给优惠点", "price"),
        ("C 手续费收得太狠了", "price"),
        ("C 这个报价老板肯定不同意", "price"),
        ("C 这料子摸着有点薄", "quality"),
        ("C 你们是新牌子，心里没谱", "quality"),
        ("C 看着不太结实啊", "quality"),
        ("C 网上评价不怎么样", "quality"),
        ("C 国产的精度能行吗", "quality"),
        ("C 听说你们这个容易坏", "quality"),
        ("C 你们在我们这儿连个维修点都没有", "service"),
        ("C 到时候坏了找谁修去", "service"),
        ("C 就怕买完了没人理", "service"),
        ("C 我们跟老供应商处了十来年了", "competitor"),
        ("C 现在瑞丰给我们供货，挺稳定的", "competitor"),
        ("C 我们刚跟北川续的约", "competitor"),
        ("C 换供应商太折腾了", "competitor"),
        ("C 眼下淡季，等旺季了再看", "timing"),
        ("C 今年的指标已经用完了，明年吧", "timing"),
        ("C 过了这阵子再联系吧", "timing"),
        ("C 现在没精力弄这个", "timing"),
        ("C 不急，先放放", "timing"),
        ("C 这个得上会，我一个人定不了", "authority"),
        ("C 我就是个跑腿的，说了不算", "authority"),
        ("C 这种事不归我管", "authority"),
        ("C 我没这个权限", "authority"),
        ("C 家里已经有一个了", "need"),
        ("C 现有的还能用，没必要换", "need"),
        ("C 我们量小，用不着这么大的", "need"),
        ("C 我们不做这一块", "need"),
        ("C 功能太多了，我们用不到", "need"),
        ("C 起订量五百件我们吃不下", "other"),
        ("C 交货期要四十天，我们等不了", "other"),
        ("C 合同一签三年太死了", "other"),
        ("C 还要先交押金，这个不行", "other"),
        ("C 操作太复杂了，工人学不会", "other"),
    ],
)
def test_objection(talk: str, reason: str) -> None:
    assert reason in values_of(talk, "objection", "reason")


@pytest.mark.parametrize(
    "talk",
    [
        "C 你们这个不算贵",
        "C 价格可以接受",
        "C 这个价还行",
        "C 质量没得说",
        "C 你们售后挺及时的",
        "C 不是钱的事",
        "C 贵点没关系",
        "C 我们没有固定供应商",
        "C 需要的，你发我吧",
        "C 你们的账期是多久？",
        "C 维修点在哪里",
        "C 我能定",
        "C 一年保修够用吗",
        "R 您是不是担心质量",
        "R 现在不买过年就涨价了",
        "C 我不担心质量",
    ],
)
def test_no_objection(talk: str) -> None:
    assert facts_of(talk, "objection") == []


@pytest.mark.parametrize(
    ("talk", "who"),
    [
        ("C 这个最后要过采购委员会", "采购委员会"),
        ("C 要老板娘点头才行", "老板娘"),
        ("C 家里装修都是我爱人做主", "我爱人"),
        ("C 这种金额得总部审批", "总部"),
        ("C 我们校长签了字才能走流程", "校长"),
        ("C 我自己开的店，我说买就买", "我"),
        ("C 设备这块是张工说了算", "张工"),
        ("C 技术上过了还得财务总监批", "财务总监"),
        ("C 我得听我儿子的", "我儿子"),
        ("C 最终还是马总来拍这个板", "马总"),
        ("C 我把方案交上去，由区里统一定", "区里"),
        ("C 进货的事全是我妈在管", "我妈"),
        ("R 这个事一般谁拍板 | C 我和我哥一起定", "我哥"),
        ("R 那这边谁负责定 | C 后勤的刘主任", "刘主任"),
        ("C 我就是老板，不用问别人", "我"),
        ("C 老板不点头我不敢签", "老板"),
        ("C 合同要经法务和副总两道审", "法务"),
        ("C 你得跟我们孙经理谈，他管这个", "孙经理"),
    ],
)
def test_decision_maker(talk: str, who: str) -> None:
    found = values_of(talk, "decision_maker", "who")
    assert len(found) == 1
    assert who in found[0] or found[0] in who


@pytest.mark.parametrize(
    "talk",
    [
        "C 王经理上次来过",
        "C 你们经理能批吗",
        "R 我去跟我们总监申请一下价格",
        "C 这事我老婆不管",
        "C 老板最近出差了",
        "R 谁来拍板呢",
        "C 你让师傅定个时间",
        "C 我先看看样品再定",
        "C 财务说发票收到了",
        "C 签字的单子我发你了",
    ],
)
def test_no_decision_maker(talk: str) -> None:
    assert facts_of(talk, "decision_maker") == []


@pytest.mark.parametrize(
    ("talk", "product"),
    [
        ("C 空压机能不能先拿一台来试机", "松涛空压机"),
        ("C 青禾给我发个报价单", "青禾饲料"),
        ("C 你们那个乳胶枕有样品吗", "云岭乳胶枕"),
        ("C 乳胶枕高的那种还有货没", "云岭乳胶枕"),
        ("C 听说你们的空压机挺省电", "松涛空压机"),
        ("C 青禾这款蛋白含量多高", "青禾饲料"),
        ("R 我们主推的是松涛空压机 | C 这款多少钱", "松涛空压机"),
        ("R 您可以看看乳胶枕 | C 有样品让我看一下吗", "云岭乳胶枕"),
        ("R 乳胶枕最近搞活动 | C 是吗，那个怎么卖", "云岭乳胶枕"),
        ("R 空压机可以先试用 | C 行，那个型号我们试试", "松涛空压机"),
        ("C 空压机帮我留意一下", "松涛空压机"),
        ("C 就定空压机吧", "松涛空压机"),
        ("C 我就看中你们青禾了", "青禾饲料"),
    ],
)
def test_product_interest(talk: str, product: str) -> None:
    assert values_of(talk, "product_interest", "product") == [product]


@pytest.mark.parametrize(
    "talk",
    [
        "C 乳胶枕我家有了",
        "C 空压机用不上",
        "C 上次买的空压机坏了",
        "R 空压机您看需要吗",
        "R 乳胶枕您看要一个吗 | C 这个就算了吧",
        "R 我们有空压机 | C 我再想想",
        "C 如果青禾降价了再说",
        "C 青禾的货款我下周打",
        "R 青禾现在一袋一百八 | C 太贵了",
        "C 空压机的发票给我开一下",
        "C 北川的机器多少钱一台",
    ],
)
def test_no_product_interest(talk: str) -> None:
    assert facts_of(talk, "product_interest") == []
