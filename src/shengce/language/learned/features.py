"""What the second reader sees of a talk: character sequences of every clause and of its neighbours, and flags.

Each sequence of one to four characters is hashed to a row of the weight table; a clause is the sum of its rows, those
of the clauses around it coming from tables of their own. Numbers are read as one sign and names of the lexicon as
another, so that what is learned about one trade holds in the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.cues import shipped
from shengce.language.heard import Heard, Turn
from shengce.language.values import FACT_KINDS, Fact

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

OWN_ROWS = 1 << 15
AROUND_ROWS = 1 << 13
OWN_LENGTHS = (1, 2, 3, 4)
BY_ROLE_LENGTHS = (2, 3)
AROUND_LENGTHS = (2, 3)
AROUND = ("previous", "next", "before", "after")
"""The clause before and after in the same turn; what the other side said last, and what it answers."""
ROWS = OWN_ROWS + AROUND_ROWS * len(AROUND)

_NUMBER, _PRODUCT, _COMPETITOR, _EDGE = "№", "▲", "■", "\x02"
_MULTIPLIER = 1_000_003
_LATE = 0.7
"""The share of the talk from which a turn counts as late: goodbyes and next steps."""
_SHORT, _LONG = 4, 15
"""Characters of a clause."""
_A_TALK = 5
"""Turns from which on a talk has a beginning and an end."""

_PLAIN_FLAGS = (
    "rep",
    "customer",
    "asks",
    "supposed",
    "past",
    "done",
    "time",
    "amount",
    "number",
    "phone",
    "product",
    "competitor",
    "first_in_turn",
    "last_in_turn",
    "only_in_turn",
    "first_turn",
    "late",
    "short",
    "long",
    "answered_yes",
    "answered_no",
    "answers_question",
    "says_yes",
    "ends_sentence",
)


@dataclass(frozen=True, slots=True)
class Block:
    """Sequences of every clause, as rows of the weight table.

    The rows of clause ``i`` are ``rows[starts[i]:starts[i + 1]]``; clause ``j`` reads those of clause ``source[j]`` (-1: of
    none), times ``scale[j]``.
    """

    rows: Ints
    starts: Ints
    source: Ints
    scale: Floats


@dataclass(frozen=True, slots=True)
class Features:
    """One talk: its clauses in order, their blocks of sequences, and a row of flags for each."""

    clauses: tuple[Clause, ...]
    roles: tuple[str, ...]
    blocks: tuple[Block, ...]
    flags: Floats


@lru_cache(maxsize=1)
def flag_names() -> tuple[str, ...]:
    """The columns of ``Features.flags``; a model that was made for others does not fit."""
    cues = sorted(shipped().labels)
    rules = [f"{place}:{kind}" for kind in FACT_KINDS for place in ("rule", "rule_in_turn", "rule_by_rep")]
    return (*_PLAIN_FLAGS, *(f"cue:{label}" for label in cues), *rules)


def features_of(heard: Heard, facts: Sequence[Fact]) -> Features:
    """``facts`` are what the rules found."""
    turns = [turn for turn in heard.turns if turn.clauses]
    clauses = tuple(clause for turn in turns for clause in turn.clauses)
    roles = tuple(turn.role for turn in turns for _ in turn.clauses)
    if not clauses:
        return Features((), (), (), np.zeros((0, len(flag_names())), np.float32))
    codes, starts = _codes(turns)
    own = np.arange(len(clauses), dtype=np.int64)
    is_customer = np.array([role == "customer" for role in roles], np.int64)
    of_length = {length: _Sequences.of(codes, starts, length) for length in OWN_LENGTHS}
    blocks = [of_length[length].block(own, OWN_ROWS) for length in OWN_LENGTHS]
    by_role = 11 + 6 * is_customer
    blocks += [of_length[length].block(own, OWN_ROWS, salt=by_role) for length in BY_ROLE_LENGTHS]
    for number, source in enumerate(_sources(heard, turns)):
        offset = OWN_ROWS + number * AROUND_ROWS
        blocks += [of_length[length].block(source, AROUND_ROWS, offset=offset) for length in AROUND_LENGTHS]
    return Features(clauses, roles, tuple(blocks), _flags(heard, turns, facts, len(clauses)))


def _codes(turns: Sequence[Turn]) -> tuple[Ints, Ints]:
    """The characters of all clauses in a row, each between two edges, and where each clause begins."""
    pieces: list[str] = []
    starts = [0]
    for turn in turns:
        masked = _masked(turn)
        for clause in turn.clauses:
            piece = f"{_EDGE}{masked[clause.start : clause.end]}{_EDGE}"
            pieces.append(piece)
            starts.append(starts[-1] + len(piece))
    text = "".join(pieces).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(text, np.uint32).astype(np.int64), np.array(starts, np.int64)


def _masked(turn: Turn) -> str:
    """The folded text with numbers and names as signs; the length stays."""
    signs = [(n.start, n.end, _NUMBER) for n in turn.numerals]
    signs += [(m.start, m.end, _PRODUCT if m.kind == "product" else _COMPETITOR) for m in turn.mentions]
    text = turn.text
    for start, end, sign in signs:
        text = text[:start] + sign * (end - start) + text[end:]
    return text


@dataclass(frozen=True, slots=True)
class _Sequences:
    """All sequences of one length that lie within a clause: a number for each, its clause, and where clauses begin."""

    hashed: Ints
    owner: Ints
    counts: Ints
    begins: Ints

    @classmethod
    def of(cls, codes: Ints, starts: Ints, length: int) -> _Sequences:
        count = max(0, len(codes) - length + 1)
        hashed = codes[:count].copy()
        for step in range(1, length):
            hashed = hashed * _MULTIPLIER + codes[step : step + count]
            hashed &= 0x7FFF_FFFF_FFFF
        owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[:count]
        inside = np.arange(count) + length <= starts[owner + 1]
        hashed, owner = hashed[inside] + length, owner[inside]
        counts = np.bincount(owner, minlength=len(starts) - 1)
        return cls(hashed, owner, counts, np.concatenate(([0], np.cumsum(counts))).astype(np.int64))

    def block(self, source: Ints, size: int, *, offset: int = 0, salt: int | Ints = 0) -> Block:
        """The sequences as rows of a table of ``size`` rows; ``salt`` moves those of each clause elsewhere."""
        salted = self.hashed + (salt if isinstance(salt, int) else salt[self.owner])
        mixed = (salted * 0x9E37_79B1) & 0x7FFF_FFFF_FFFF
        lengths = np.where(source >= 0, self.counts[source], 0)
        scale = np.where(lengths > 0, 1.0 / np.sqrt(np.maximum(lengths, 1)), 0.0).astype(np.float32)
        return Block((mixed >> 13) % size + offset, self.begins, source, scale)


def _sources(heard: Heard, turns: Sequence[Turn]) -> Iterator[Ints]:
    """For every clause the number of the clause that stands in each of the places of :data:`AROUND`."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    number = 0
    for turn in turns:
        first[turn.index], last[turn.index] = number, number + len(turn.clauses) - 1
        number += len(turn.clauses)
    before, after, previous, following = [], [], [], []
    for turn in turns:
        said = [t for t in heard.before(turn) if t.clauses]
        answers = [t for t in heard.after(turn) if t.clauses]
        at, end = first[turn.index], last[turn.index]
        for here in range(at, end + 1):
            previous.append(here - 1 if here > at else -1)
            following.append(here + 1 if here < end else -1)
            before.append(last[said[-1].index] if said else -1)
            after.append(first[answers[0].index] if answers else -1)
    for places in (previous, following, before, after):
        yield np.array(places, np.int64)


def _flags(heard: Heard, turns: Sequence[Turn], facts: Sequence[Fact], count: int) -> Floats:
    column = _columns()
    flags = np.zeros((count, len(column)), np.float32)
    yes = {turn.index: polarity.assents(turn.text) for turn in turns}
    no = {turn.index: polarity.declines(turn.text) for turn in turns}
    by_turn: dict[int, list[Fact]] = {}
    for fact in facts:
        by_turn.setdefault(fact.passage.turn, []).append(fact)
    rows: list[int] = []
    names: list[str] = []
    denied: list[tuple[int, int]] = []
    row = 0
    for turn in turns:
        found = by_turn.get(turn.index, ())
        shared = [*_turn_flags(heard, turn, yes, no), *(f"rule_in_turn:{fact.kind}" for fact in found)]
        marked = _marked(turn)
        for position, clause in enumerate(turn.clauses):
            here = [*shared, *_clause_flags(turn, clause, position), *_rule_flags(turn, clause, found)]
            here += [name for name, starts in marked if any(clause.start <= at < clause.end for at in starts)]
            rows += [row] * len(here)
            names += here
            row += 1
        first = row - len(turn.clauses)
        may_deny = polarity.may_deny(turn.text)
        for cue in turn.cues:
            held = first + turn.position_of(turn.clause_at(cue.start))
            rows.append(held)
            names.append(f"cue:{cue.label}")
            if may_deny and turn.negated(cue):
                denied.append((held, column[names[-1]]))
    flags[rows, [column[name] for name in names]] = 1
    for place in denied:
        flags[place] = -1
    return flags


@lru_cache(maxsize=1)
def _columns() -> dict[str, int]:
    return {name: number for number, name in enumerate(flag_names())}


def _rule_flags(turn: Turn, clause: Clause, found: Sequence[Fact]) -> Iterator[str]:
    for fact in found:
        if fact.passage.start < clause.end and clause.start < fact.passage.end:
            yield f"rule:{fact.kind}"
            if turn.role == "rep":
                yield f"rule_by_rep:{fact.kind}"


def _turn_flags(heard: Heard, turn: Turn, yes: Mapping[int, bool], no: Mapping[int, bool]) -> Iterator[str]:
    """``yes`` and ``no`` say by turn whether it begins with a yes, and whether it says no."""
    if turn.role in ("rep", "customer"):
        yield turn.role
    if len(heard.turns) >= _A_TALK:
        if turn.index == 0:
            yield "first_turn"
        if turn.index >= _LATE * len(heard.turns):
            yield "late"
    answers = heard.after(turn)
    if answers:
        if yes.get(answers[0].index):
            yield "answered_yes"
        if no.get(answers[0].index):
            yield "answered_no"
    if any(t.clauses and t.asks(t.clauses[-1]) for t in heard.before(turn)[-1:]):
        yield "answers_question"
    if yes[turn.index]:
        yield "says_yes"


def _clause_flags(turn: Turn, clause: Clause, position: int) -> Iterator[str]:
    if turn.asks(clause):
        yield "asks"
    if turn.supposed(clause):
        yield "supposed"
    if polarity.is_past(clause.text):
        yield "past"
    if polarity.is_done(clause.text):
        yield "done"
    if position == 0:
        yield "first_in_turn"
    if position == len(turn.clauses) - 1:
        yield "last_in_turn"
    if len(turn.clauses) == 1:
        yield "only_in_turn"
    if clause.end - clause.start <= _SHORT:
        yield "short"
    elif clause.end - clause.start >= _LONG:
        yield "long"
    if clause.ends_sentence:
        yield "ends_sentence"


def _marked(turn: Turn) -> list[tuple[str, list[int]]]:
    """Flags of what is named in a clause, with the places in the turn where it begins."""
    found: tuple[tuple[str, Sequence[Any]], ...] = (
        ("time", turn.times),
        ("amount", turn.amounts),
        ("number", turn.numerals),
        ("phone", turn.phones),
        ("product", [mention for mention in turn.mentions if mention.kind == "product"]),
        ("competitor", [mention for mention in turn.mentions if mention.kind == "competitor"]),
    )
    return [(name, [item.start for item in items]) for name, items in found if items]
