"""Complaints about what we sold, delivered or did. Trouble with another maker's goods is no complaint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_fields
from shengce.language.heard import Heard, Turn
from shengce.language.values import Fact

_REPROACH = re.compile(r"怎么(?:到现在)?(?:都)?(?:还|又|老|总|这么|一直)|你们?[^,。]{0,4}怎么[^,。]{1,6}的$")
"""Questions that want no answer: 你们怎么还不发货, 你们怎么装车的."""
_ABOUT = ("staff", "delivery", "service", "product", "other")
"""In order of weight: 送货的师傅态度差 is about the staff."""


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    angry = False
    found = False
    general: Fact | None = None
    for turn in heard.by("customer"):
        if not turn.has("complaints."):
            continue
        angry = angry or _complains_openly(turn)
        if general is None and _complains_openly(turn):
            cue = turn.labelled("complaints.generic")[0]
            clause = turn.clause_at(cue.start)
            general = heard.fact(
                "complaint", {"about": "other"}, turn, clause.start, clause.end, confidence=0.6
            )
        for about, first, last in _grouped(turn, earlier):
            if _is_ours(heard, turn, first, angry=angry):
                found = True
                yield heard.fact("complaint", {"about": about}, turn, first.start, last.end, confidence=0.8)
    if general is not None and not found:
        yield general


def _grouped(turn: Turn, earlier: Earlier) -> list[tuple[str, Clause, Clause]]:
    """Neighbouring clauses about the same thing make one complaint."""
    groups: list[tuple[str, Clause, Clause]] = []
    for clause in turn.clauses:
        about = _about(turn, clause)
        if about is None or claimed(earlier, turn.index, clause.start, clause.end, "diversion"):
            continue
        same = [i for i, (other, _, last) in enumerate(groups) if other == about]
        if same:
            groups[same[-1]] = (about, groups[same[-1]][1], clause)
        else:
            groups.append((about, clause, clause))
    return groups


def _about(turn: Turn, clause: Clause) -> str | None:
    if (
        turn.supposed(clause)
        or (turn.asks(clause) and not _REPROACH.search(clause.text))
        or turn.has("objections.worry", "objections.other", "objections.need", within=clause)
    ):
        return None
    for about in _ABOUT:
        for cue in turn.labelled(f"complaints.{about}"):
            if clause.holds(cue.start) and not turn.negated(cue):
                return about
    return None


def _complains_openly(turn: Turn) -> bool:
    return any(
        not turn.negated(cue) and not turn.asks(turn.clause_at(cue.start))
        for cue in turn.labelled("complaints.generic")
    )


def _is_ours(heard: Heard, turn: Turn, clause: Clause, *, angry: bool) -> bool:
    """Whose trouble it is: ours unless a rival or a former supplier is spoken of and we do not say sorry."""
    rivals = any(m.kind == "competitor" and m.start <= clause.end for m in turn.mentions)
    if angry or "你们" in clause.text or any(t.has("complaints.sorry") for t in heard.after(turn)[:2]):
        return not (rivals and "你们" not in clause.text)
    foreign = any(t.has("complaints.foreign") for t in (turn, *heard.before(turn)[-1:]))
    return not (rivals or foreign)


COMPLAINT = Extractor("complaint", 2, find, same_fields)
