"""Whether words are meant: negated, asked, supposed, told of the past, or taken back."""

from __future__ import annotations

import re
from functools import lru_cache

from shengce.language.clauses import Clause
from shengce.language.questions import is_question

_NEGATED = re.compile(
    r"(?:(?<![能可行好会要是])不|(?<![有])没有?|(?<![分区差])别|未|并非|从没|毫无|谈不上|说不上)"
    r"(?:是|算|会|能|要|太|怎么|那么|这么|很|特别|嫌|觉得|说|想|再|用|必|怎么说|感觉|认为|你们?|您|我们?|什么|出过?|有过?|见)*$"
)
_SUPPOSED = re.compile(
    r"如果|(?<![主只重不需首最])要是|假如|假设|万一|倘若|若是|的话|要不是|除非|就算|即使|哪怕|别到时候|不然|否则|不怕|再…就"
)
_SUPPOSED_BEFORE = re.compile(r"^(?:那|但|不过|可是)?(?:如果|要是|假如|假设|万一|倘若|若是|除非|等到?)")
_PAST = re.compile(
    r"去年|前年|上个月|上周|上星期|昨天|前天|(?:^|我们?|你们?|您|他们?|是|跟|比|都|说)(?:以前|之前)|当时|那时候|那会儿|已经|早就|刚刚|刚才|前几天|过了|(?<!晚)上回|"
    r"[一二]零[一二]\w年"
)
_DONE = re.compile(
    r"(?:发|打|付|转|汇|交|结清?|寄|送|做好?|办好?|查|问|报|说|联系|安排好?|处理好?|反馈)(?:过去|出去|给你们?|给您)?(?:过了?|了)(?:啊|呀|吧|的|呢)?$"
)
_TAKEN_BACK = re.compile(
    r"(?:^|[,。!?;\s…吧吗呢])(?:哦?不对|哦不是?|不不|啊不|不是|不,|说错了?|错了|记错了?|口误|更正|应该是|不对不对)"
)
_ASSENT = re.compile(
    r"^(?:嗯+|哦|啊|那|就|对|是|是的|您?放心|谢谢)?[,，\s]*(?:好(?!像|贵|多|几|不|久|难)|行(?!不|业|吗|李|政)|可以(?!吗|考虑|再|商)|没问题|没事|对(?!不|面|了|比|接|方|账)|是的|是啊|嗯|成(?!本|交)|中(?!午|间|心)|"
    r"ok|okay|同意|就这么|就这样|那就|方便(?!吗)|有空|有时间|明白|收到|没错|确定|欢迎|当然|必须的|要得|得嘞|妥|在家|在的|能(?!不))"
)
_DECLINE = re.compile(
    r"(?<!行)不行|(?<!可)不可以|不用(?!担心|客气)|不方便|没空|没时间|没有时间|来不了|去不了|不在(?!乎)|有事|要开会|出差|不了|算了|改天|再说|再看|到时候看|不需要|不好意思|不合适|不太行|"
    r"不去|不要|不想|恐怕|赶不上|忙不过来|要加班|不是"
)

_DENIALS = frozenset("不没别未非毫谈说低")
NEGATION_REACH = 10
"""Characters before a word in which the "not" that governs it is looked for."""

_DENIED = re.compile(
    r"(?:不|没有?|不是|不算)(?:算|是|太|很|怎么|那么|会|特别|说|嫌|觉得)*(?:贵|高|低|慢|差|坏|离谱)[了的]?$"
)
_EITHER = re.compile(r"(?:您|你)[^,。]{0,8}还是|还是(?:您|你|老板|上面|领导)[^,。]{0,6}(?:定|管|决定)")


def may_deny(text: str) -> bool:
    """Whether a word of the text may be denied at all: cheap, and true too often."""
    return not _DENIALS.isdisjoint(text)


def is_negated(clause: str, start: int) -> bool:
    """Whether a "not" governs the words at ``start`` of the clause: 不太贵, 我没说你们贵, 不是嫌贵."""
    return _NEGATED.search(clause[max(0, start - NEGATION_REACH) : start]) is not None


def denies(wording: str) -> bool:
    """Whether the wording of a cue itself ends in a denied judgement: 价格不贵, 报价不算高."""
    if wording.startswith(("预算", "经费")):
        return False
    return "低得" in wording or _DENIED.search(wording) is not None


@lru_cache(maxsize=4096)
def is_supposed(clause: Clause) -> bool:
    """Whether the clause supposes something: 要是贵了, 出问题的话, 万一."""
    return _SUPPOSED.search(clause.text) is not None


def opens_supposition(clause: Clause) -> bool:
    """Whether a condition begins here that also governs the clauses after it in the sentence."""
    return _SUPPOSED_BEFORE.search(clause.text) is not None or clause.text.endswith("的话")


@lru_cache(maxsize=4096)
def is_past(clause: str) -> bool:
    """Whether the clause tells of something before the talk."""
    return _PAST.search(clause) is not None


@lru_cache(maxsize=4096)
def is_done(clause: str) -> bool:
    """Whether what would be a commitment has already happened: 我上周打给你们了."""
    return _DONE.search(clause) is not None


@lru_cache(maxsize=4096)
def asks(clause: Clause) -> bool:
    """Whether the clause is a question, by its mark, its particle or its words."""
    if _EITHER.search(clause.text):
        return True
    return is_question(clause.text + ("？" if "?" in clause.mark or "？" in clause.mark else ""))


def taken_back_before(text: str, start: int) -> bool:
    """Whether the speaker corrects himself just before ``start``: 二十万，不对，十五万."""
    return _TAKEN_BACK.search(text[:start]) is not None


def assents(text: str) -> bool:
    """Whether an answer begins with a yes."""
    return _ASSENT.match(text) is not None


def declines(text: str) -> bool:
    """Whether an answer says no: 不行, 没空, 改天再说."""
    return _DECLINE.search(text[:30]) is not None
