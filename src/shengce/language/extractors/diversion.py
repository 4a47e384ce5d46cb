"""Diversion hints: the customer tells of our goods coming from another territory, or of somebody selling below price."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shengce.language.clauses import Clause
from shengce.language.cues import Cue
from shengce.language.extractors.extractor import Earlier, Extractor, same_fields
from shengce.language.extractors.sums import Sum, numbers_in
from shengce.language.heard import Heard, Turn
from shengce.language.numerals import plain
from shengce.language.values import Fact

_FROM = re.compile(
    r"从(?P<place>[\u4e00-\u9fff]{2,7}?)(?:那边|那儿|那里|那头|市场|方面|代理商|经销商)*(?:直接|偷偷|悄悄|私自|大量|低价|批量|又)?"
    r"(?:拿|进|拉|窜|串|发|调|运|弄|搞|倒|过来|来|流|批|冲)"
)
_OF = re.compile(
    r"(?:听说|发现|看到|好像|是|有个?)?(?P<place>[\u4e00-\u9fff]{2,3}?)(?:那边|那儿|那里|过来|来|市场|的)的?(?:低价|便宜)?(?:货|产品|机器|经销商|代理商?|客户|老板|店)"
)
_AT = re.compile(
    r"(?:^|(?<=[,。!?\s嘛吧呢啊呀])|(?<=就是)|(?<=隔壁)|(?<=[是在]))(?:隔壁|就是|在)?(?P<place>[\u4e00-\u9fff]{2,4}?)(?:批发|综合|农贸|建材|商贸)?"
    r"(?:市场|那边|那家|那帮|那头|那里)"
)
_DIFFERENCE = re.compile(r"(?:便宜|低|少|差)(?:了|个|我|卖|不多|将近|快)*$")
_FEARS = re.compile(r"会不会|怎么防|能不能保证|怎么管")
"""Questions about what might come: nobody has seen goods yet."""
_OUR_SUPPLY = re.compile(r"我们?(?:是|都是|一直|自己|也|就|公司)?从|你们?从")
_NO_PLACE = re.compile(
    r"哪|什么|这|那|你|我|他|明|今|现在|开始|头|来|没|不|上次|小|网上|厂里|仓库|别(?:的|人)|其他|外"
)


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    for turn in heard.by("customer"):
        if not turn.has("diversion.named", "diversion.moved", "diversion.sold"):
            continue
        if fact := _hint(heard, turn):
            yield fact


def _hint(heard: Heard, turn: Turn) -> Fact | None:
    clauses = [c for c in turn.clauses if not turn.supposed(c) and not _asks_only(turn, c)]
    cues = [
        (clause, cue)
        for clause in clauses
        for cue in turn.labelled("diversion.named", "diversion.moved", "diversion.sold")
        if clause.holds(cue.start) and not turn.negated(cue)
    ]
    if not cues or _OUR_SUPPLY.search(turn.text) or not _is_about_our_goods(heard, turn, cues):
        return None
    clause = cues[0][0]
    total = _price(turn)
    start = min(clause.start, total.start if total and total.start > clause.start - 30 else clause.start)
    end = max(cues[-1][0].end, total.end if total and total.start < clause.end + 30 else clause.end)
    value = {
        "product": _product(heard, turn),
        "place": place_in(turn),
        "price": None if total is None or total.high is None else plain(total.high),
    }
    return heard.fact("diversion", value, turn, start, max(end, clause.end), confidence=0.8)


def _asks_only(turn: Turn, clause: Clause) -> bool:
    if not turn.asks(clause):
        return False
    return _FEARS.search(clause.text) is not None or not turn.has("diversion.third", within=clause)


def _is_about_our_goods(heard: Heard, turn: Turn, cues: Sequence[tuple[Clause, Cue]]) -> bool:
    if any(cue.label == "diversion.named" for _, cue in cues):
        return True
    if any(cue.label == "diversion.sold" for _, cue in cues):
        return _product(heard, turn) is not None and turn.has("diversion.cheap")
    third = turn.has("diversion.third")
    product = _product(heard, turn) is not None
    return third and (product or turn.has("diversion.hint"))


def place_in(turn: Turn) -> str | None:
    """Where the goods came from or are sold, as said."""
    for pattern in (_FROM, _OF, _AT):
        for match in pattern.finditer(turn.text):
            place = match["place"]
            if not _NO_PLACE.search(place):
                return turn.segment.text[match.start("place") : match.end("place")]
    return None


def _price(turn: Turn) -> Sum | None:
    """What the goods are sold for; a difference (便宜三百) and one's own purchase price are not it."""
    for clause in turn.clauses:
        for total in numbers_in(turn, clause):
            before = turn.text[clause.start : total.start]
            if (
                not _DIFFERENCE.search(before)
                and not re.search(r"进价|我(?:拿|进|卖)|少|[^\w]$", before[-6:])
                and total.low == total.high
            ):
                return total
    return None


def _product(heard: Heard, turn: Turn) -> str | None:
    near = [turn, *reversed(heard.before(turn))]
    for other in near:
        names = [m.name for m in other.mentions if m.kind == "product"]
        if names:
            return names[0]
    return None


DIVERSION = Extractor("diversion", 3, find, same_fields)
