"""What an extractor is: a kind of fact, the rule that finds it, and how its values are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shengce.language.heard import Heard
from shengce.language.values import Fact, FactKind


@dataclass(slots=True)
class Earlier:
    """The facts of the extractors that ran before, at hand by turn and by kind."""

    _by_turn: dict[int, list[Fact]] = field(default_factory=dict)
    _by_kind: dict[FactKind, list[Fact]] = field(default_factory=dict)

    def add(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self._by_turn.setdefault(fact.passage.turn, []).append(fact)
            self._by_kind.setdefault(fact.kind, []).append(fact)

    def in_turn(self, turn: int) -> Sequence[Fact]:
        return self._by_turn.get(turn, ())

    def of_kind(self, kind: FactKind) -> Sequence[Fact]:
        return self._by_kind.get(kind, ())


Find = Callable[[Heard, Earlier], Iterator[Fact]]
"""Yields the facts of one kind."""

Same = Callable[[dict[str, Any], dict[str, Any]], bool]
"""Whether a value found (second) says what a labelled value (first) says. Fields that are not labelled are free."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """``version`` rises with every change of the rule, so that old facts can be told from new ones."""

    kind: FactKind
    version: int
    find: Find
    same: Same

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.version}"


def same_fields(labelled: dict[str, Any], found: dict[str, Any]) -> bool:
    """Every labelled field is equal; a labelled moment may be shortened (``2026-11-12T10:00``)."""
    return all(_same(value, found.get(field)) for field, value in labelled.items())


def same_text(labelled: dict[str, Any], found: dict[str, Any]) -> bool:
    """As :func:`same_fields`, but free text (``text``, ``who``, ``place``) need only contain or be contained."""
    free = ("text", "who", "place")
    strict = {field: value for field, value in labelled.items() if field not in free}
    loose = [(value, found.get(field)) for field, value in labelled.items() if field in free]
    return same_fields(strict, found) and all(_overlap(a, b) for a, b in loose)


def _same(labelled: Any, found: Any) -> bool:
    if isinstance(labelled, dict):
        return isinstance(found, dict) and same_fields(labelled, found)
    if isinstance(labelled, str) and isinstance(found, str) and labelled[4:5] == "-":
        return found.startswith(labelled)
    return bool(labelled == found)


def _overlap(labelled: str | None, found: str | None) -> bool:
    if not labelled or not found:
        return labelled == found
    return labelled in found or found in labelled or len(set(labelled) & set(found)) * 2 >= len(set(labelled))


def overlaps(fact: Fact, turn: int, start: int, end: int) -> bool:
    """Whether a fact's quote touches characters ``[start, end)`` of a turn."""
    passage = fact.passage
    return passage.turn == turn and passage.start < end and start < passage.end


def claimed(earlier: Earlier, turn: int, start: int, end: int, *kinds: FactKind) -> bool:
    """Whether an earlier fact (of these kinds, if any are given) already rests on these characters."""
    return any(
        (not kinds or fact.kind in kinds) and overlaps(fact, turn, start, end)
        for fact in earlier.in_turn(turn)
    )
