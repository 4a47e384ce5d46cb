"""Budget: what the customer says he can spend, unasked or in answer to the question for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_fields
from shengce.language.extractors.sums import Sum, numbers_in, sums_in
from shengce.language.heard import Heard, Turn
from shengce.language.numerals import plain
from shengce.language.values import Fact

_CAP_BEFORE = re.compile(r"(?:上限|天花板|红线|顶格|封顶|极限)(?:就|也|大概)?(?:是|在|为|到)?$")
_BARGAINS = re.compile(r"(?:以内|以下|之内)")


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    for turn in heard.by("customer"):
        found = _stated(turn, earlier) or _answered(heard, turn, earlier)
        if found:
            clause, total = found
            yield _fact(heard, turn, clause, total)
        elif fact := _confirmed(heard, turn):
            yield fact


def _stated(turn: Turn, earlier: Earlier) -> tuple[Clause, Sum] | None:
    """A budget word and a sum: in one clause, or the sum in the next."""
    chosen: tuple[Clause, Sum] | None = None
    for position, clause in enumerate(turn.clauses):
        if not turn.has("budget.word", within=clause) or unfit(turn, clause):
            continue
        for candidate in turn.clauses[position : position + 2]:
            if unfit(turn, candidate) or turn.has("payments.pay", within=candidate):
                continue
            sums = [s for s in sums_in(turn, candidate) if not _taken(turn, s, earlier)]
            if not sums and turn.has("budget.word", within=candidate):
                sums = [s for s in numbers_in(turn, candidate) if not _taken(turn, s, earlier)]
            if sums:
                chosen = (candidate, sums[-1])
                break
    return _corrected(turn, chosen) if chosen else None


def _answered(heard: Heard, turn: Turn, earlier: Earlier) -> tuple[Clause, Sum] | None:
    """The short answer 十五万左右 to the question for the budget."""
    if not heard.opens_run(turn) or not _asked(heard, turn):
        return None
    for clause in turn.clauses:
        if unfit(turn, clause) or turn.has("prices.rival", "payments.pay", within=clause):
            continue
        sums = [s for s in numbers_in(turn, clause) if not _taken(turn, s, earlier)]
        if sums:
            return _corrected(turn, (clause, sums[-1]))
    return None


def _confirmed(heard: Heard, turn: Turn) -> Fact | None:
    """The rep says the sum in his question (预算是十万对吧) and the customer says yes."""
    if not polarity.assents(turn.text) or polarity.declines(turn.text):
        return None
    for question in heard.before(turn)[-1:]:
        clauses = [c for c in question.clauses if question.has("budget.word", within=c) and question.asks(c)]
        for clause in clauses:
            if sums := sums_in(question, clause):
                end = turn.clauses[0].end
                value = {"min": _text(sums[-1].low), "max": _text(sums[-1].high)}
                return heard.fact("budget", value, turn, 0, end, confidence=0.7)
    return None


def _asked(heard: Heard, turn: Turn) -> bool:
    before = [t for t in heard.before(turn) if t.role != "customer"]
    return any(
        question.has("budget.asked", within=clause)
        and (question.asks(clause) or clause is question.clauses[-1])
        for question in before
        for clause in question.clauses[-3:]
    ) or any(
        question.has("budget.asked")
        for question in before
        if question.clauses and question.asks(question.clauses[-1])
    )


def unfit(turn: Turn, clause: Clause) -> bool:
    """Whether the clause is about a rival, our price, the past, a supposition, or asks."""
    if any(m.kind == "competitor" and clause.holds(m.start) for m in turn.mentions) or turn.has(
        "prices.rival", "prices.ours", within=clause
    ):
        return True
    bargains = _BARGAINS.search(clause.text) is not None
    return (
        (turn.asks(clause) and not bargains)
        or turn.supposed(clause)
        or turn.has("budget.past", within=clause)
    )


def _taken(turn: Turn, total: Sum, earlier: Earlier) -> bool:
    if claimed(earlier, turn.index, total.start, total.end, "payment_promise", "diversion"):
        return True
    clause = turn.clause_at(total.start)
    over = turn.text[total.end : clause.end]
    return "超预算" in over or "超出" in over or "贵" in over


def _corrected(turn: Turn, chosen: tuple[Clause, Sum]) -> tuple[Clause, Sum]:
    """二十万，不对，十五万: the sum after the correction."""
    for clause in turn.clauses:
        if clause.start > chosen[0].start:
            sums = numbers_in(turn, clause)
            if sums and polarity.taken_back_before(turn.text, sums[-1].start):
                chosen = (clause, sums[-1])
    return chosen


def _fact(heard: Heard, turn: Turn, clause: Clause, total: Sum) -> Fact:
    capped = any(cue.start >= total.end for cue in turn.labelled("budget.capped_after"))
    capped = capped or _CAP_BEFORE.search(turn.text, clause.start, total.start) is not None
    if capped and total.high is not None:
        total = replace(total, low=None)
    start = min([clause.start, *(c.start for c in turn.clauses if _speaks_of_it(turn, c, clause))])
    value = {"min": _text(total.low), "max": _text(total.high)}
    return heard.fact("budget", value, turn, start, max(clause.end, total.end), confidence=0.9)


def _speaks_of_it(turn: Turn, candidate: Clause, clause: Clause) -> bool:
    position = turn.position_of(clause)
    return (
        position > 0 and candidate == turn.clauses[position - 1] and turn.has("budget.word", within=candidate)
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


BUDGET = Extractor("budget", 2, find, same_fields)
