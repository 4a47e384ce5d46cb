"""Needs: what the customer wants to achieve or have, told unasked or in answer to the question for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_text
from shengce.language.heard import Heard, Turn
from shengce.language.values import Fact, FactKind

_LEAD = re.compile(
    r"^(?:嗯|哦|啊|那个|就是说?|其实|主要是?|对|好的?|是这样|这样|我其实|那|然后|另外|还有|不过|但是)+[,，]?"
)
_ADDRESSED = re.compile(r"^(?:那)?(?:你|您|我(?:正|跟|和|先|再|等|在))")
_SHORTEST = 5
_SHORTEST_ANSWER = 6
_ELSEWHERE = (
    "objections.price",
    "objections.price_ask",
    "objections.authority",
    "objections.timing",
    "objections.need",
    "payments.money",
    "interest.refused",
    "appointments.when_asked",
)


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    told: set[str] = set()
    for turn in heard.by("customer"):
        chosen = [c for c in turn.clauses if _wants(turn, c, earlier)]
        if not chosen and (answer := _answer(heard, turn, earlier)):
            chosen = [answer]
        for clause in chosen[:2]:
            text = wanted_text(turn, clause)
            if text not in told:
                told.add(text)
                yield heard.fact("need", {"text": text}, turn, clause.start, clause.end, confidence=0.75)


def wanted_text(turn: Turn, clause: Clause) -> str:
    """The clause as said, without 嗯 and 主要是 before it."""
    text = turn.segment.text[clause.start : clause.end]
    return _LEAD.sub("", text) or text


def _wants(turn: Turn, clause: Clause, earlier: Earlier) -> bool:
    cues = [c for c in turn.labelled("needs.want") if clause.holds(c.start) and not turn.negated(c)]
    if not cues or clause.end - clause.start < _SHORTEST or _excluded(turn, clause, earlier):
        return False
    only_buys = all("想" not in turn.text[c.start : c.end] for c in cues)
    return not (only_buys and turn.asks(clause))


def _excluded(turn: Turn, clause: Clause, earlier: Earlier) -> bool:
    if turn.has("needs.excluded", within=clause) or turn.has(*_ELSEWHERE, within=clause):
        return True
    if turn.supposed(clause) or polarity.is_past(clause.text):
        return True
    kinds: tuple[FactKind, ...] = (
        "decision_maker",
        "payment_promise",
        "appointment",
        "complaint",
        "diversion",
        "contact",
        "budget",
    )
    return claimed(earlier, turn.index, clause.start, clause.end, *kinds)


def _answer(heard: Heard, turn: Turn, earlier: Earlier) -> Clause | None:
    """What follows 您主要想解决什么问题, even without a word of wanting."""
    if not any(q.has("needs.asked") for q in heard.before(turn)[-1:]):
        return None
    for clause in turn.clauses[:3]:
        long_enough = clause.end - clause.start >= _SHORTEST_ANSWER
        if _ADDRESSED.match(clause.text) or any(
            m.kind == "product" and clause.holds(m.start) for m in turn.mentions
        ):
            continue
        if not long_enough or turn.asks(clause) or _excluded(turn, clause, earlier):
            continue
        if not turn.has("contacts.wechat", within=clause) and not _is_phatic(clause.text):
            return clause
    return None


def _is_phatic(text: str) -> bool:
    return bool(re.search(r"先看看|随便看|没什么|没有|还没想|不方便|不知道|说不好|再说", text))


NEED = Extractor("need", 2, find, same_text)
