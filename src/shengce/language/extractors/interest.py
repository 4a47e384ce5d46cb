"""Product interest: the customer asks for a product of ours by name, or takes up one that the rep named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_fields
from shengce.language.heard import Heard, Turn
from shengce.language.values import Fact

_IN_STOCK = re.compile(r"(?:还?剩(?:下)?(?:了)?|还有|还存|[有卖用坏]了?|库存)(?:了|着|大概|差不多|得)*$")
"""Before a quantity: what the customer has or had, not what he wants."""
_COMPARED = re.compile(r"^(?:嗯|哦|是)?比")
_ORDERS = re.compile(
    r"^(?:嗯|那|好|行|就|要|先|再|可以)*[,，]?(?:那|就|先|再|给我|帮我)*(?:来|要|拿|补|订|进|上|发)(?![不的了])"
)
_RECENT = 3
"""Turns back in which a product that is taken up without its name was spoken of."""


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    shown: set[str] = set()
    for turn in heard.by("customer"):
        for name, start, end in (*_named(turn, earlier), *_taken_up(heard, turn)):
            if name not in shown:
                shown.add(name)
                yield heard.fact("product_interest", {"product": name}, turn, start, end, confidence=0.8)


def _named(turn: Turn, earlier: Earlier) -> Iterator[tuple[str, int, int]]:
    for mention in turn.mentions:
        clause = turn.clause_at(mention.start)
        if turn.text[: mention.start].endswith("比"):
            continue
        if mention.kind != "product" or claimed(
            earlier, turn.index, mention.start, mention.end, "diversion", "complaint"
        ):
            continue
        if refused(turn, clause) or turn.supposed(clause) or _sold_by_others(turn, earlier):
            continue
        position = turn.position_of(clause)
        near = (clause, *turn.clauses[position + 1 : position + 2])
        for candidate in near:
            if _interested(turn, candidate, mention.end) and not refused(turn, candidate):
                yield mention.name, clause.start, candidate.end
                break


def _sold_by_others(turn: Turn, earlier: Earlier) -> bool:
    told = any(fact.kind == "diversion" for fact in earlier.in_turn(turn.index))
    return told or re.search(r"(?:他们|有人|人家|那家)[^,。]{0,6}卖", turn.text) is not None


def _interested(turn: Turn, clause: Clause, mention_end: int) -> bool:
    if (
        polarity.is_past(clause.text)
        or _COMPARED.search(clause.text)
        or turn.has("complaints.", within=clause)
    ):
        return False
    if clause.holds(mention_end - 1) and turn.asks(clause) and not turn.has("prices.rival", within=clause):
        return True
    return any(
        not turn.negated(cue)
        and not (cue.label == "interest.quantity" and _IN_STOCK.search(turn.text[clause.start : cue.start]))
        for cue in turn.labelled("interest.interest", "interest.quantity")
        if clause.holds(cue.start)
    )


def refused(turn: Turn, clause: Clause) -> bool:
    """Whether the clause says that the product is not wanted."""
    return turn.has("interest.refused", "objections.need", "objections.competitor", within=clause)


def _taken_up(heard: Heard, turn: Turn) -> Iterator[tuple[str, int, int]]:
    """The rep asks how many of a product or whether; the customer names a quantity, or orders."""
    for question in heard.before(turn)[-1:]:
        names = {m.name for m in question.mentions if m.kind == "product"}
        if len(names) != 1 or question.role == "customer" or not question.has("interest.asked"):
            continue
        if not question.asks(question.clauses[-1]):
            continue
        for clause in turn.clauses[:2]:
            wanted = turn.has("interest.quantity", within=clause) and not _IN_STOCK.search(
                clause.text[: turn.labelled("interest.quantity")[0].start - clause.start]
            )
            if (wanted or _ORDERS.match(clause.text)) and not refused(turn, clause):
                yield names.pop(), clause.start, clause.end
                return


PRODUCT_INTEREST = Extractor("product_interest", 2, find, same_fields)
