"""Promises by either side: what the speaker says he will do, and by when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.cues import Cue
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_text
from shengce.language.heard import Heard, Turn, moment
from shengce.language.questions import is_question
from shengce.language.times import Time
from shengce.language.values import Fact

LEAD = re.compile(
    r"^(?:好[的嘞啊]?呀?|行|嗯+|哦|啊|那个?|就|没问题|可以|对了?|明白|收到|然后|您?放心|这样(?:吧)?|要不这?样?|所以|不过|但是?|是的?|没事|[,，、\s])+(?![您你]?的)"
)
_ORDER = re.compile(
    r"(?:您|你|你们|麻烦您?|请您?)(?!放心|看|稍等|那边|这边)[^我]{0,12}(?:发|给|拍|送|寄|加|打|告诉|通知|联系|提供|带|传|准备)[^我]{0,4}(?:给|到)?我"
)
_ADDRESSED = re.compile(
    r"^(?:那|好|行)?(?:您|你们?)(?!放心|看|的|要的|那(?:边|个)|这)(?:先|就|再|把|得|要|可以|帮|给|让|去|尽快|赶紧|快)"
)
_RECEIVES = re.compile(r"(?:您|你)(?!们?的)")
_OFFER = re.compile(r"^(?:那|要不|这样|您看|你看)*(?:我|[^,。?]{0,6}我)")
_WHEN = re.compile(r"什么时候|哪[天个儿里]|几[点号]|何时|多少|怎么")
_THINKING = re.compile(r"考虑|想想|比较")
_NO_UNDERTAKING = re.compile(r"(?:就行|就可以|就好|即可|就成)[了吧的]?$|投诉|曝光|起诉|告你们")
"""What the other side is to do (送到门口就行), and threats."""
_IN_GENERAL = re.compile(r"一般|通常|平时|正常(?:情况|来说|是)|历来|向来")
_PERFECTIVE = re.compile(r"[发送寄带买派给做换问查报拿打写付交拍](?:过(?!去|来)|了(?!吧|我|就|再|以?后))")
_HANDED_OVER = re.compile(r"[给发寄送传答复](?:您|你)")
_WITHIN = re.compile(r"[天日周月时](?:之|以)?内")
_TERMS = re.compile(
    r"包(?:送|邮|安装|运费)|(?:打|按)个?[一二三四五六七八九\d.]{1,3}折|(?:做|给|算|让|降|优惠)(?:到|您|你)?(?:个|您|你)*[一二两三四五六七八九十百千万\d.]+[块元万千百]?(?:[一二三四五六七八九\d])?(?:$|[一/每的])"
)
"""Terms of an offer (给您打九折, 给您做到两百四十五): a price, with nothing left to do."""
_SHORTEST = 4
_LONGEST_DUE = timedelta(days=31)


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    said: set[tuple[str, str]] = set()
    for turn in heard.turns:
        if not turn.has(
            "promises.verb",
            "promises.guarantee",
            "promises.delivery",
            "promises.undertaken",
            "promises.going",
        ):
            continue
        last: Clause | None = None
        for clause in turn.clauses:
            if (
                clause is last
                or not is_promise(turn, clause)
                or claimed(earlier, turn.index, clause.start, clause.end, "payment_promise")
            ):
                continue
            text = spoken_text(turn, clause)
            if (turn.role, text) not in said:
                said.add((turn.role, text))
                last = _handed_over(turn, clause)
                value = {"text": text, "due": moment(due_in(turn, last))}
                end = max([last.end, *(c.end for c in _in(turn, clause, "promises.guarantee"))])
                yield heard.fact("promise", value, turn, clause.start, end, confidence=0.75)


def is_promise(turn: Turn, clause: Clause) -> bool:
    if clause.end - clause.start < _SHORTEST or unfit(turn, clause):
        return False
    guarantees = [c for c in _in(turn, clause, "promises.guarantee") if not turn.negated(c)]
    if guarantees:
        return turn.role != "customer" or "我" in clause.text[: guarantees[0].start - clause.start]
    if only_talks(turn, clause) or offers_terms(turn, clause):
        return False
    if "要不" in clause.text and "我" not in clause.text:
        return False
    if _ORDER.search(clause.text) or _ADDRESSED.match(clause.text):
        return False
    verbs = [c for c in _in(turn, clause, "promises.verb") if not turn.negated(c)]
    deliveries = [c for c in _in(turn, clause, "promises.delivery") if not turn.negated(c)]
    future = (
        bool(_in(turn, clause, "promises.will"))
        or due_in(turn, clause) is not None
        or _WITHIN.search(clause.text) is not None
    )
    if deliveries and (future or _in(turn, clause, "promises.self")):
        return True
    if turn.role == "rep" and verbs and (_in(turn, clause, "promises.plain") or _unspoken(turn, clause)):
        return True
    if future and [c for c in _in(turn, clause, "promises.going") if not turn.negated(c)]:
        return True
    if [c for c in _in(turn, clause, "promises.undertaken") if not turn.negated(c)]:
        return True
    return future and _own_act(turn, clause, verbs)


def only_talks(turn: Turn, clause: Clause) -> bool:
    """Whether the speaker only announces what he says next: 我先给您介绍一下."""
    return bool(_in(turn, clause, "promises.talking")) and due_in(turn, clause) is None


def offers_terms(turn: Turn, clause: Clause) -> bool:
    """Whether the clause only names what an offer costs or holds: 给您打九折, 包安装."""
    return _TERMS.search(clause.text) is not None and due_in(turn, clause) is None


def _handed_over(turn: Turn, clause: Clause) -> Clause:
    """我把方案做出来，周三发您 is one promise: the clause that says when, or the clause itself."""
    position = turn.position_of(clause)
    for following in turn.clauses[position + 1 : position + 2]:
        if clause.ends_sentence or due_in(turn, clause) is not None or due_in(turn, following) is None:
            break
        if "我" not in following.text and _HANDED_OVER.search(following.text) and not unfit(turn, following):
            return following
    return clause


def _unspoken(turn: Turn, clause: Clause) -> bool:
    """收到款两天之内发货: the rep leaves himself out and names a day."""
    due = due_in(turn, clause)
    if due is None or (due.begin and due.until and due.until - due.begin > _LONGEST_DUE):
        return False
    return not re.search(r"(?:成|到|好|过)了|现在", clause.text) and not re.search(
        r"[您你他她谁]|客户|贵公司|财务", clause.text
    )


def _own_act(turn: Turn, clause: Clause, verbs: Sequence[Cue]) -> bool:
    """我 … verb: the speaker, or somebody he sends, is the one who acts."""
    selves = _in(turn, clause, "promises.self")
    return any(me.start < verb.end and me.start <= verb.start for me in selves for verb in verbs)


def unfit(turn: Turn, clause: Clause) -> bool:
    """Whether the clause asks, supposes, doubts or tells of the past: nothing is undertaken."""
    if (
        (turn.asks(clause) and not _offers(clause))
        or turn.supposed(clause)
        or _unsure(turn, clause)
        or "稍等" in turn.text
        or _IN_GENERAL.search(clause.text)
        or _NO_UNDERTAKING.search(clause.text)
    ):
        return True
    if (
        any(m.kind == "competitor" and clause.holds(m.start) for m in turn.mentions)
        and "我" not in clause.text
    ):
        return True
    if _PERFECTIVE.search(clause.text):
        return True
    return polarity.is_done(clause.text) or polarity.is_past(clause.text)


def _unsure(turn: Turn, clause: Clause) -> bool:
    """可能, 看情况; thinking it over is none where a day for the answer is named: 我考虑一下周五给您答复."""
    doubts = _in(turn, clause, "promises.unsure")
    if not doubts or not all(_THINKING.match(turn.text, cue.start) for cue in doubts):
        return bool(doubts)
    return due_in(turn, clause) is None or not _in(turn, clause, "promises.delivery")


def _offers(clause: Clause) -> bool:
    """您看我后天带样板过去？ offers to do something: only the mark asks."""
    if _WHEN.search(clause.text):
        return False
    return _OFFER.match(clause.text) is not None and not is_question(clause.text)


def _in(turn: Turn, clause: Clause, label: str) -> list[Cue]:
    return [cue for cue in turn.labelled(label) if clause.holds(cue.start)]


def due_in(turn: Turn, clause: Clause) -> Time | None:
    """The last time named in the clause."""
    times = [t for t in turn.times if clause.start <= t.start < clause.end]
    return times[-1] if times else None


def spoken_text(turn: Turn, clause: Clause) -> str:
    """The clause as said, without 好的 and 那 before it."""
    text = turn.segment.text[clause.start : clause.end]
    return LEAD.sub("", text) or text


PROMISE = Extractor("promise", 3, find, same_text)
