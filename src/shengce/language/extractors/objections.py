"""Objections of the customer with their reason. 价格不贵 and 我不是嫌贵 are none, 能不能便宜点 is one although it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language.clauses import Clause
from shengce.language.cues import Cue
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_fields
from shengce.language.heard import Heard, Turn
from shengce.language.values import Fact

_REASONS: tuple[tuple[str, str], ...] = (
    ("price", "price"),
    ("price_ask", "price"),
    ("rival_cheaper", "price"),
    ("authority", "authority"),
    ("timing", "timing"),
    ("need", "need"),
    ("service", "service"),
    ("quality", "quality"),
    ("competitor", "competitor"),
    ("other", "other"),
)
_WORRIES: tuple[tuple[str, str], ...] = (
    ("worry_service", "service"),
    ("worry_quality", "quality"),
    ("worry_delivery", "other"),
)
_NEVER = re.compile(r"没(?:有)?(?:跟|和)?[^,。]{0,6}(?:合作|用)过?|没合作|不用")
_OF_OTHERS = re.compile(r"(?:朋友|同事|邻居|亲戚|隔壁)[^,。你您]{0,8}$")
_BOUND = re.compile(
    r"^(?!.*(?:同事|朋友|邻居|别人|他们|以前|之前|去年|试过|用过|没|不用|不在)).*(?:在用|用的|用着|合作|签了|签的|续了|绑定)"
)
_ASKS_AND_MEANS = frozenset(
    ("objections.price_ask", "objections.price", "objections.worry", "objections.service")
)
"""Questions of these kinds are objections all the same: 怎么这么贵, 能不能便宜点."""


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    for turn in heard.by("customer"):
        if not turn.has("objections.") and not turn.mentions:
            continue
        given: dict[str, tuple[int, int]] = {}
        for clause in turn.clauses:
            if claimed(earlier, turn.index, clause.start, clause.end, "diversion"):
                continue
            complained = claimed(earlier, turn.index, clause.start, clause.end, "complaint")
            for reason in _reasons(turn, clause):
                if not (complained and reason in ("quality", "service", "other")):
                    start, _ = given.get(reason, (clause.start, clause.end))
                    given[reason] = (start, clause.end)
        for reason, (start, end) in given.items():
            yield heard.fact("objection", {"reason": reason}, turn, start, end, confidence=0.85)


def _reasons(turn: Turn, clause: Clause) -> Iterator[str]:
    cues = [c for c in turn.labelled("objections.") if clause.holds(c.start) and _meant(turn, clause, c)]
    labels = {cue.label.removeprefix("objections.") for cue in cues}
    if "worry" in labels:
        yield _worry(turn, clause)
        labels -= {"worry", "quality", "service"}
    found = [reason for label, reason in _REASONS if label in labels]
    if "timing" in found and "need" in found and "暂时不" in clause.text:
        found.remove("timing")
    elif "timing" in found and "need" in found:
        found.remove("need")
    if "competitor" in found and (_NEVER.search(clause.text) or not _uses_another(turn, clause)):
        found.remove("competitor")
    elif "competitor" not in found and _is_bound(turn, clause):
        found.append("competitor")
    yield from dict.fromkeys(found)


def _meant(turn: Turn, clause: Clause, cue: Cue) -> bool:
    if turn.supposed(clause) and cue.label != "objections.service":
        return False
    if turn.negated(cue) or _OF_OTHERS.search(turn.text[clause.start : cue.start]):
        return False
    if cue.label in _ASKS_AND_MEANS:
        return not _asks_whether(turn, clause, cue)
    if cue.label == "objections.quality":
        return True
    return not turn.asks(clause)


def _asks_whether(turn: Turn, clause: Clause, cue: Cue) -> bool:
    """A neutral question for the price level: 贵吗, 会不会太贵."""
    if cue.label != "objections.price" or not turn.asks(clause):
        return False
    return any(word in clause.text for word in ("是不是", "会不会", "贵吗", "贵不贵", "高吗", "多贵"))


def _worry(turn: Turn, clause: Clause) -> str:
    """What the customer fears: in this clause, else in the two around it."""
    position = turn.position_of(clause)
    for near in ((position,), (position - 1, position + 1)):
        clauses = [turn.clauses[i] for i in near if 0 <= i < len(turn.clauses)]
        for label, reason in _WORRIES:
            if any(turn.has(f"objections.{label}", within=c) for c in clauses):
                return reason
    return "other"


def _is_bound(turn: Turn, clause: Clause) -> bool:
    """我们用的博锐的: the customer has a rival's goods, and it is he who has them."""
    if turn.asks(clause) or turn.supposed(clause) or not _BOUND.search(clause.text):
        return False
    return any(m.kind == "competitor" and clause.holds(m.start) for m in turn.mentions)


def _uses_another(turn: Turn, clause: Clause) -> bool:
    """A rival is named near by, or the wording itself speaks of another supplier."""
    if "你们" in clause.text or any(m.kind == "product" for m in turn.mentions):
        return False
    near = [m for m in turn.mentions if m.kind == "competitor" and m.start < clause.end]
    return bool(near) or any(
        word in clause.text
        for word in ("供应商", "供货商", "合作", "厂家", "别家", "别人", "另一家", "签了", "服务商", "渠道")
    )


OBJECTION = Extractor("objection", 2, find, same_fields)
