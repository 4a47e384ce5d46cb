"""The second reader's word on what the rules found: what is kept, and what is added.

A fact of the rules stays where the reader finds its kind likely enough in one of its clauses. A clause that the reader is
sure of and no rule has claimed becomes a fact too, if the parts that its kind cannot do without are there to be quoted:
a budget needs a sum, a decision maker a person. Names and numbers to be reached at are certain or absent: no reader is
asked about them. ``confidence`` is the reader's chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors import budget, interest, payments, promises
from shengce.language.extractors.decision import decider_in
from shengce.language.extractors.diversion import place_in
from shengce.language.extractors.extractor import overlaps
from shengce.language.extractors.needs import wanted_text
from shengce.language.extractors.promises import due_in, spoken_text
from shengce.language.extractors.sums import Sum, numbers_in, sums_in
from shengce.language.heard import Heard, Turn, moment
from shengce.language.learned.features import Features, Floats, features_of
from shengce.language.learned.model import Reader, chance, columns_of, shipped_reader
from shengce.language.numerals import plain
from shengce.language.values import ABOUTS, CUSTOMER_KINDS, FACT_KINDS, REASONS, Fact, FactKind

CERTAIN: frozenset[FactKind] = frozenset(("competitor", "contact"))
"""Kinds that are left to the rules."""
ONE_A_TURN: frozenset[FactKind] = frozenset(("budget", "diversion", "payment_promise"))
"""Kinds whose rules gather all that a turn says: where they found one, nothing is added to that turn."""
VERSION = 1
_COMMA = 1
"""Characters between two clauses of a sentence."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A clause that the reader takes for a fact, and what it makes of its words."""

    heard: Heard
    turn: Turn
    clause: Clause
    reason: str
    about: str


Value = Callable[[_Place], dict[str, Any] | None]
"""The value of a fact that rests on a clause; ``None`` where a part is missing without which it says nothing."""


def reconsider(heard: Heard, facts: list[Fact], *, reader: Reader | None = None) -> list[Fact]:
    """The facts that stand after the second reading."""
    reader = reader or shipped_reader()
    features = features_of(heard, facts)
    if not features.clauses:
        return facts
    scores = reader.weights.scores(features)
    chances = chance(scores[:, columns_of("kind")])
    column = {kind: number for number, kind in enumerate(FACT_KINDS)}
    rows = _rows_by_turn(features)
    kept = []
    for fact in facts:
        if fact.kind in CERTAIN:
            kept.append(fact)
            continue
        touched = [r for r in rows[fact.passage.turn] if _touches(fact, features.clauses[r])]
        likely = max((float(chances[r, column[fact.kind]]) for r in touched), default=0.0)
        if likely >= reader.doubts[fact.kind]:
            kept.append(replace(fact, confidence=_share(likely)))
    return kept + list(_added(heard, features, scores, kept, reader))


def _added(
    heard: Heard, features: Features, scores: Floats, kept: list[Fact], reader: Reader
) -> Iterator[Fact]:
    """The facts of the clauses that the reader is sure of and no rule has claimed; ``scores`` are log odds."""
    told = {(fact.kind, _told(fact)) for fact in kept}
    turns = {turn.index: turn for turn in heard.turns}
    likely = chance(scores[:, columns_of("kind")])
    reasons = scores[:, columns_of("reason")].argmax(axis=1)
    abouts = scores[:, columns_of("about")].argmax(axis=1)
    for column, kind in enumerate(FACT_KINDS):
        if kind in CERTAIN:
            continue
        for row in np.flatnonzero(likely[:, column] >= reader.thresholds[kind]):
            clause = features.clauses[row]
            turn = turns[clause.turn]
            if kind in CUSTOMER_KINDS and features.roles[row] != "customer":
                continue
            if _is_told(kind, clause, kept) or _is_ruled_out(kind, heard, turn, clause):
                continue
            place = _Place(heard, turn, clause, REASONS[reasons[row]], ABOUTS[abouts[row]])
            value = _VALUES[kind](place)
            if value is None:
                continue
            confidence = _share(float(likely[row, column]))
            fact = heard.fact(kind, value, turn, clause.start, clause.end, confidence=confidence)
            if (kind, _told(fact)) not in told:
                told.add((kind, _told(fact)))
                yield replace(fact, extractor=f"{kind}-reader/{VERSION}")


def _is_told(kind: FactKind, clause: Clause, kept: list[Fact]) -> bool:
    """Whether the rules have it already. An agreed appointment is theirs alone: they know what replaces what."""
    of_kind = [fact for fact in kept if fact.kind == kind]
    if kind == "appointment":
        return bool(of_kind)
    if kind in ONE_A_TURN:
        return any(fact.passage.turn == clause.turn for fact in of_kind)
    return any(_touches(fact, clause) or _goes_on(fact, clause) for fact in of_kind)


def _goes_on(fact: Fact, clause: Clause) -> bool:
    """Whether the fact is told in the clause that follows in the same sentence: 我盯着物流，到了通知您."""
    after = 0 <= fact.passage.start - clause.end <= _COMMA
    return fact.passage.turn == clause.turn and after and not clause.ends_sentence


def _is_ruled_out(kind: FactKind, heard: Heard, turn: Turn, clause: Clause) -> bool:
    """What grammar says for certain, whatever the words around it make likely."""
    if kind == "promise":
        idle = promises.only_talks(turn, clause) or promises.offers_terms(turn, clause)
        return idle or promises.unfit(turn, clause)
    if kind == "next_step":
        return promises.unfit(turn, clause) or _is_declined(heard, turn)
    if kind == "payment_promise":
        return payments.unfit(turn, clause)
    if kind == "budget":
        return budget.unfit(turn, clause)
    if kind == "appointment":
        return turn.asks(clause) or _is_declined(heard, turn)
    if kind == "product_interest":
        return interest.refused(turn, clause)
    if kind == "need":
        return turn.supposed(clause) or polarity.is_past(clause.text)
    return False


def _is_declined(heard: Heard, turn: Turn) -> bool:
    """Whether the other side said no, or never answered."""
    answers = heard.after(turn)
    return not answers or polarity.declines(answers[0].text)


def _told(fact: Fact) -> str:
    """What makes a fact of this kind the same one said again."""
    value = fact.value
    if fact.kind in ("objection", "complaint"):
        return f"{fact.passage.turn}:{fact.passage.start}"
    if fact.kind == "product_interest":
        return str(value["product"])
    if fact.kind == "decision_maker":
        return str(value["who"])
    if fact.kind in ("price", "budget"):
        return f"{value['min']}-{value['max']}"
    return f"{fact.passage.role}:{value.get('text') or fact.passage.quote}"


def _text(place: _Place) -> dict[str, Any]:
    return {
        "text": spoken_text(place.turn, place.clause),
        "due": moment(due_in(place.turn, place.clause)),
    }


def _need(place: _Place) -> dict[str, Any]:
    return {"text": wanted_text(place.turn, place.clause)}


def _sum_of(place: _Place, *, any_number: bool) -> Sum | None:
    find = numbers_in if any_number else sums_in
    found = find(place.turn, place.clause)
    return found[-1] if found else None


def _bounds(total: Sum | None) -> dict[str, Any]:
    return {
        "min": None if total is None or total.low is None else plain(total.low),
        "max": None if total is None or total.high is None else plain(total.high),
    }


def _budget(place: _Place) -> dict[str, Any] | None:
    total = _sum_of(place, any_number=True)
    return None if total is None else _bounds(total)


def _payment(place: _Place) -> dict[str, Any] | None:
    total, due = _sum_of(place, any_number=True), due_in(place.turn, place.clause)
    return {**_bounds(total), "due": moment(due)}


def _decision(place: _Place) -> dict[str, Any] | None:
    who = decider_in(place.turn, place.clause)
    return None if who is None else {"who": who}


def _interest(place: _Place) -> dict[str, Any] | None:
    """The product named in the clause, else the one that the other side just named."""
    near = [m.name for m in place.turn.mentions if m.kind == "product" and place.clause.holds(m.start)]
    asked = [m.name for t in place.heard.before(place.turn)[-1:] for m in t.mentions if m.kind == "product"]
    names = near or (asked if len(set(asked)) == 1 else [])
    return {"product": names[0]} if names else None


def _diversion(place: _Place) -> dict[str, Any]:
    products = [m.name for m in place.turn.mentions if m.kind == "product"]
    return {"product": products[0] if products else None, "place": place_in(place.turn), "price": None}


def _appointment(place: _Place) -> dict[str, Any] | None:
    due = due_in(place.turn, place.clause)
    if due is None or due.begin is None or due.begin < place.heard.at:
        return None
    return {**(moment(due) or {}), "place": None}


_VALUES: dict[str, Value] = {
    "need": _need,
    "budget": _budget,
    "decision_maker": _decision,
    "objection": lambda place: {"reason": place.reason},
    "price": lambda place: None,
    "product_interest": _interest,
    "promise": _text,
    "appointment": _appointment,
    "payment_promise": _payment,
    "complaint": lambda place: {"about": place.about},
    "diversion": _diversion,
    "next_step": _text,
}


def _rows_by_turn(features: Features) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, clause in enumerate(features.clauses):
        rows.setdefault(clause.turn, []).append(row)
    return rows


def _touches(fact: Fact, clause: Clause) -> bool:
    return overlaps(fact, clause.turn, clause.start, clause.end)


def _share(chance: float) -> float:
    """A chance as confidence, in (0, 1]."""
    return min(max(round(chance, 2), 0.01), 1.0)
