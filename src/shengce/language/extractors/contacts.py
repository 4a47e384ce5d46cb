"""Ways to reach someone: phone, WeChat, e-mail, address. A number that is read back is given once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language import polarity
from shengce.language.extractors.extractor import Earlier, Extractor
from shengce.language.heard import Heard, Turn
from shengce.language.values import Fact

_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII)
_WECHAT = re.compile(r"(?<![A-Za-z0-9@._-])[A-Za-z][A-Za-z0-9_-]{4,19}(?![A-Za-z0-9@.])")
_LOCAL = re.compile(r"(?<![\d零一二三四五六七八九幺-])[2-8]\d{6,7}(?!\d|[万元块])")
_NUMBER = r"[\d零一二三四五六七八九十百千两幺]{1,8}"
_ROAD = rf"[\u4e00-\u9fff]{{2,16}}?(?:路|街|大道|巷|弄|胡同|道|里)(?:[\u4e00-\u9fff]{{0,3}}段)?(?:甲|乙)?{_NUMBER}(?:-{_NUMBER})?号"
_ESTATE = rf"[\u4e00-\u9fff]{{2,12}}?(?:花园|小区|新村|家园|公寓|大厦|大楼|广场|中心|苑|园区?|城|村|府|院|里|镇|工业区|科技园|产业园)(?:[\u4e00-\u9fff]?区)?{_NUMBER}(?:号|栋|幢|座|楼|单元|层|室)"
_REST = rf"(?:[,\s]?(?:[A-Za-z甲乙丙东西南北]座|{_NUMBER}(?:号楼?|栋|幢|座|单元|层|楼|室|户|门)|{_NUMBER}(?![个台套点分年月日号天块万])|[\u4e00-\u9fff]{{2,10}}(?:大厦|大楼|广场|中心|公司|电子|厂|店|仓库|花园|小区)))*"
_ADDRESS = re.compile(rf"(?:{_ROAD}|{_ESTATE}){_REST}")
_LEAD = re.compile(
    r"^(?:.*?(?:地址(?:就?是|在|:)?|住址是?|送到|寄到|发到|发货到|住在|位于|定位到?|导航到?|就在|[司店厂家库]在|我们?(?:就|是)?在|(?<![存现])在|到|是|就))+"
)


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    given: set[tuple[str, str]] = set()
    for turn in heard.turns:
        for kind, value, start, end in _in_turn(heard, turn):
            if (kind, value) not in given and not _denied(heard, turn, start):
                given.add((kind, value))
                yield heard.fact("contact", {"kind": kind, "value": value}, turn, start, end, confidence=0.9)


def _in_turn(heard: Heard, turn: Turn) -> Iterator[tuple[str, str, int, int]]:
    original = turn.segment.text
    for phone in turn.phones:
        yield "phone", phone.number, phone.start, phone.end
    if _cued(heard, turn, "contacts.phone"):
        for match in _LOCAL.finditer(turn.text):
            if not any(p.start < match.end() and match.start() < p.end for p in turn.phones):
                yield "phone", match.group(), match.start(), match.end()
    for match in _EMAIL.finditer(turn.text):
        yield "email", original[match.start() : match.end()], match.start(), match.end()
    if _cued(heard, turn, "contacts.wechat"):
        for match in _WECHAT.finditer(turn.text):
            if match.group() not in ("wechat", "weixin"):
                yield "wechat", original[match.start() : match.end()], match.start(), match.end()
    yield from _addresses(heard, turn)


def _addresses(heard: Heard, turn: Turn) -> Iterator[tuple[str, str, int, int]]:
    if not _cued(heard, turn, "contacts.address"):
        return
    for match in _ADDRESS.finditer(turn.text):
        lead = _LEAD.match(match.group())
        start = match.start() + (lead.end() if lead else 0)
        if match.end() - start >= 5:
            yield "address", turn.segment.text[start : match.end()], start, match.end()


def _cued(heard: Heard, turn: Turn, label: str) -> bool:
    """The word stands in this turn, or in the question before it."""
    return turn.has(label) or any(question.has(label) for question in heard.before(turn)[-2:])


def _denied(heard: Heard, turn: Turn, start: int) -> bool:
    """您的电话还是…吗 is a fact only if the answer says so."""
    clause = turn.clause_at(start)
    if polarity.is_negated(clause.text, start - clause.start):
        return True
    answers = heard.after(turn)
    if not turn.asks(clause) or not answers:
        return turn.asks(clause) and "吗" in clause.text
    return not polarity.assents(answers[0].text) or answers[0].text.startswith(("不是", "不对"))


def _same(labelled: dict[str, object], found: dict[str, object]) -> bool:
    if labelled.get("kind") != found.get("kind"):
        return False
    wanted, got = labelled.get("value"), str(found.get("value"))
    return wanted is None or got == wanted or (found["kind"] == "address" and str(wanted) in got)


CONTACT = Extractor("contact", 1, find, _same)
