"""Decision maker: who says yes in the end. 得我们王总拍板, 这个事我说了算, 要报采购部批."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, same_text
from shengce.language.heard import Heard, Turn
from shengce.language.values import Fact

_TITLE = (
    r"(?:总工程师|总经理|董事长|办公会|董事会|业委会|委员会|理事会|院长|厂长|校长|园长|处长|局长|部长|科长|店长|所长|站长|队长|行长|区长|班长|组长|主任|主管|经理|总监|总裁|总部|"
    r"总公司|集团|老板娘?|老公|老婆|媳妇|爱人|先生|太太|丈夫|妻子|对象|男朋友|女朋友|父母|爸妈|他爸|她爸|他妈|她妈|孩子爸|孩子妈|[爸妈]|儿子|女儿|家里人?|家人|"
    r"(?<=[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文])(?:局|处|科|院|校|厂|队|行|主|部)(?![长里门])|"
    r"领导|财务|采购|[一-鿿]{2}部|部门?|科室?|院里|校里|厂里|上面|上级|股东|合伙人|甲方|业主|法人|书记|秘书|东家|总(?![共价体是算得])|董|[哥姐叔]|工(?![期程作厂地人业])|主任医师|教授|律师|班子|高层|管理层|股东会|老大|大领导)"
)
_NAME = r"[\u4e00-\u9fff]{0,8}?"
_WHO = rf"(?P<who>{_NAME}{_TITLE}|[\u4e00-\u9fff]?[老小][\u4e00-\u9fff](?=定|拍|批|说了|做主|签字|点头|决定))"
_DECIDES = (
    r"(?:拍板|说了算|做主|做决定|决定(?!不)|定夺|签字|签批|审批|批准|点头|同意才|(?:通过|同意|点头|签字)(?:了)?(?:才|再|以后)|过会|(?<=[^我你您])管(?=$|的|着)|把关|批(?![发次量号了评改])(?:了?才|一下|$|的|就|完|复)?|敲定|"
    r"说(?:行|可以)才|定(?![金制期时位价做点货]|下来|不了)(?:的|下|吧|了?算|$)?)"
)
_MUST = r"(?:得|要|需要|必须|还要|还得|只能|肯定要|都要|都得|可能要|可能得|最后要|要先|得先|由|归|听|全凭|得由|要由|看)"
_ASK = r"(?:回去|先|再|去)?(?:跟|和|与|问|问问|问一下|请示|报给?|报请|找|等|向|给|让|交给|听|经过?|通过|上报|看)(?:一下|我们?|咱们?)?"
_AFTER_ASK = r"(?:那边|的意见|的意思|才行|才能|一下|商量|汇报|请示|批|审|同意|点头|说|定|签|拍|过目|过会|看|确认|决定|来|讨论|沟通|研究|开会|$)"
_GLUE = r"(?:最后|最终|来|去|回来|过来|商量着?|亲自|那边|都|统一|才能|说了才|点个?头|一个人|那里|自己|一起|再|他|她)?"

_DECIDER = re.compile(rf"{_WHO}{_GLUE}(?:来)?{_DECIDES}")
_CONSULTED = re.compile(rf"{_MUST}{_ASK}{_WHO}{_AFTER_ASK}")
_OWNER = re.compile(rf"(?:归|由){_WHO}(?:管|负责|说了算|定|主管|牵头)")
_TALKED_OVER = re.compile(
    rf"我(?:要|得|再|先|还|回去|回家|肯定|也)*(?:跟|和|与|问问?|请示)(?:一下)?我?(?:们)?{_WHO}(?:商量|请示|合计)"
)
_MYSELF = re.compile(
    rf"(?P<who>我)(?:自己|本人|一个人|这边|来|就|就能|就可以|全权)*{_DECIDES}|我(?:这边)?(?:同意|点头|签字|说了?)(?:就|了就)(?:行|可以|成)|我(?:本人)?(?:就)?是(?:这里的?|公司的?)?(?:大?老板|负责人|法人|决策人|管事的|一把手|当家的)|(?:听|由|归)(?P<me>我)(?:自己)?(?:的$|定|做主|拍板|负责|决定)"
)
_HE_DECIDES = re.compile(
    r"(?:这[些块个]?|的?事|采购|进货|订货|合同|钱|价格|选型)[^,。您你我]{0,4}(?:都|全|是|归|由)*(?P<who>[他她])(?:一个人|自己|来)?(?:说了算|拍板|做主|决定|管|定|负责)(?![过不])"
)
_SHORT = re.compile(
    rf"^(?:是|得|要|由|主要是|肯定是|嗯|还是|就是|都是|应该是)*{_WHO}(?:吧|来|啊|那边|定|负责|管|审批|把关|拍板)*$"
)
_FILLERS = re.compile(
    r"^(?:(?:这个|那个|这件|那件|这种|这)?(?:事情?|项目|东西|合同|方案|单子|采购|价格|钱)?(?:儿)?(?:的话)?(?:最后|最终|都|还|也|主要|其实|一般|反正|是|得|要|由|看|归|让|听|需要|必须|都是|就是|肯定|"
    r"应该|可能|只要|只有|我们?(?!$)|咱们?|他们|超过|以上|的|回去|先|再|跟|和|问|请示|报|找|等|向|给|上|去|且|而|了|才|行|好像|如果|到时候|那|就|还是|不过|但是?|因为)+)+"
)
_BEFORE_WHO = re.compile(r"需要|必须|要|得|由|归|请示一?下?|问一?下?|报给?|是")
_NOT_ME = re.compile(
    r"不是我|我(?:说了|说话)不|我(?:做|作|定|决定)不|轮不到我|不归我|我不(?:能)?(?:做主|定|拍|管|负责)|不由我"
)


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    named: set[str] = set()
    for turn in heard.turns:
        asked = turn.role == "customer" and _asked(heard, turn)
        for clause in turn.clauses:
            who = None if turn.asks(clause) else _who(turn, clause, asked=asked)
            if who and who not in named:
                named.add(who)
                yield heard.fact(
                    "decision_maker", {"who": who}, turn, clause.start, clause.end, confidence=0.85
                )


def _asked(heard: Heard, turn: Turn) -> bool:
    return any(question.has("decision.asked") for question in heard.before(turn)[-2:])


def _who(turn: Turn, clause: Clause, *, asked: bool) -> str | None:
    text = clause.text
    if polarity.is_supposed(clause) and "就" not in text:
        return None
    if turn.role != "customer" and not re.search(r"您|你|贵", text):
        return None
    if not _NOT_ME.search(text) and (match := _MYSELF.search(text)) and turn.role == "customer":
        return "我"
    for pattern in (_DECIDER, _CONSULTED, _OWNER, _TALKED_OVER, _HE_DECIDES, *([_SHORT] if asked else [])):
        match = pattern.search(text)
        if match is None or polarity.is_negated(text, match.start()) or _denied(text, match):
            continue
        if who := _trim(match["who"]):
            return who
    return None


def decider_in(turn: Turn, clause: Clause) -> str | None:
    """Who decides, in a clause that is known to say so; the rules' reading first, else the person it names."""
    if who := _who(turn, clause, asked=True):
        return who
    if match := re.search(rf"(?P<who>[\u4e00-\u9fff]{{0,4}}?{_TITLE})", clause.text):
        return _trim(match["who"])
    if match := re.search(r"[他她]", clause.text):
        return match.group()
    return (
        "我" if turn.role == "customer" and "我" in clause.text and not _NOT_ME.search(clause.text) else None
    )


def _denied(text: str, match: re.Match[str]) -> bool:
    around = text[max(0, match.start() - 3) : match.end() + 4]
    return bool(
        re.search(r"不是|不用|不需要|没(?:有)?(?:拍板|定|批|同意|决定)|(?:做|定|批|决定)不|说了不算", around)
    )


def _trim(who: str) -> str | None:
    """The person as said, without 这件事最后由我们."""
    trimmed = _FILLERS.sub("", _BEFORE_WHO.split(who)[-1])
    return trimmed if trimmed and trimmed not in ("的", "我们", "我", "您", "你", "工", "总") else None


DECISION_MAKER = Extractor("decision_maker", 2, find, same_text)
