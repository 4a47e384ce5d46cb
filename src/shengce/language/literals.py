"""What a regular expression needs to find in a text before it can match at all.

An expression such as ``不(?:制冷|加热)了?`` matches only where 不制冷 or 不加热 is written. Looking for thousands of such
pieces at once is far cheaper than trying the expressions one after the other, so they only run where a piece is.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_MOST = 64
"""Pieces of one expression, or of one place in it, beyond which they are not written out."""
_LONG = 3
"""Characters beyond which a longer piece rules out no more."""

Pieces = frozenset[str]


def needed(expression: str) -> Pieces:
    """Pieces of text of which every match holds at least one; empty where nothing can be said."""
    return _needed(parser.parse(expression)) or frozenset()


def split_alternatives(expression: str) -> list[str]:
    """``a|b`` as ``a`` and ``b``, and ``(?:a|b)`` too; a ``|`` inside a group or a set separates nothing."""
    cuts, depth, in_set, escaped = [-1], 0, False, False
    closings: list[int] = []
    for place, letter in enumerate(expression):
        if escaped or letter == "\\":
            escaped = not escaped
        elif in_set:
            in_set = letter != "]"
        elif letter == "[":
            in_set = True
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                closings.append(place)
        elif letter == "|" and depth == 0:
            cuts.append(place)
    if len(cuts) == 1 and expression.startswith("(?:") and closings == [len(expression) - 1]:
        return split_alternatives(expression[3:-1])
    cuts.append(len(expression))
    return [expression[begin + 1 : end] for begin, end in pairwise(cuts)]


def _needed(items: Iterable[tuple[Any, Any]]) -> Pieces | None:
    """The best pieces of a sequence: its stretches of plain text, written out, and what its groups need."""
    candidates: list[Pieces] = []
    stretch: Pieces = frozenset([""])
    for kind, argument in items:
        written = _written(kind, argument)
        longer = _joined(stretch, written) if written is not None else None
        if longer is not None:
            stretch = longer
            continue
        candidates.append(stretch)
        stretch = written if written is not None else frozenset([""])
        if written is None and (inner := _within(kind, argument)):
            candidates.append(inner)
    candidates.append(stretch)
    usable = [_shortest(pieces) for pieces in candidates if all(pieces)]
    return max(usable, key=_strength, default=None)


def _written(kind: Any, argument: Any) -> Pieces | None:
    """Everything that one item can match, where that is a short list."""
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return frozenset([""])
    if kind is op.LITERAL:
        return frozenset([chr(argument)])
    if kind is op.IN:
        return _of_set(argument)
    if kind is op.SUBPATTERN:
        return _of_sequence(argument[-1])
    if kind is op.BRANCH:
        branches = [_of_sequence(branch) for branch in argument[1]]
        together = frozenset().union(*(b for b in branches if b is not None))
        return together if None not in branches and len(together) <= _MOST else None
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and argument[:2] in ((0, 1), (1, 1)):
        body = _of_sequence(argument[2])
        return None if body is None else body | ({""} if argument[0] == 0 else set())
    return None


def _of_set(members: Iterable[tuple[Any, Any]]) -> Pieces | None:
    found: set[str] = set()
    for kind, argument in members:
        if kind is op.LITERAL:
            found.add(chr(argument))
        elif kind is op.RANGE and argument[1] - argument[0] < _MOST:
            found.update(chr(code) for code in range(argument[0], argument[1] + 1))
        else:
            return None
    return frozenset(found) if len(found) <= _MOST else None


def _of_sequence(items: Iterable[tuple[Any, Any]]) -> Pieces | None:
    whole: Pieces = frozenset([""])
    for kind, argument in items:
        written = _written(kind, argument)
        longer = _joined(whole, written) if written is not None else None
        if longer is None:
            return None
        whole = longer
    return whole


def _joined(before: Pieces, after: Pieces) -> Pieces | None:
    if len(before) * len(after) > _MOST:
        return None
    return frozenset(a + b for a, b in product(before, after))


def _within(kind: Any, argument: Any) -> Pieces | None:
    """What an item needs that cannot be written out: one of what its branches need, what its body needs."""
    if kind is op.SUBPATTERN:
        return _needed(argument[-1])
    if kind is op.BRANCH:
        branches = [_needed(branch) for branch in argument[1]]
        return frozenset().union(*(b for b in branches if b)) if all(branches) else None
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and argument[0] > 0:
        return _needed(argument[2])
    return None


def _shortest(pieces: Pieces) -> Pieces:
    """Without the pieces that hold another one."""
    return frozenset(p for p in pieces if not any(other != p and other in p for other in pieces))


def _strength(pieces: Pieces) -> tuple[int, int]:
    return min(_LONG, min(map(len, pieces))), -len(pieces)
