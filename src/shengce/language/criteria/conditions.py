"""The conditions that a criterion can set on a talk. Values only: nothing here reads a talk.

A :class:`Wording` says what to look for and where; the conditions say what must be true of its hits. All are
frozen and compare by value, so equal wordings in different criteria are looked for once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from shengce.speech.transcript import Role

MeasureName = Literal[
    "talk_ratio",
    "silence_share",
    "longest_silence_s",
    "speed",
    "interruptions",
    "longest_monologue_s",
    "questions",
    "patience_s",
]
MEASURE_NAMES: tuple[MeasureName, ...] = get_args(MeasureName)

ALWAYS_BY_SOUND_FROM = 3
"""Phrases of so many Chinese characters are found by sound unless told otherwise; shorter ones only if asked."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is looked for, by whom and when. Exactly one of ``phrases``, ``groups`` and ``regex`` is set.

    ``phrases``: any of them. ``groups``: one phrase of every group, all in one segment; the hit spans them.
    ``regex``: RE2 syntax, case does not matter, searched in each segment by itself.
    ``unless``: a hit with one of these phrases in the same segment, at most ``unless_within`` characters away
    or overlapping, is no hit (不保证 is not 保证). The seconds count from the first and to the last word said.
    """

    phrases: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    regex: str | None = None
    by: Role | None = None
    unless: tuple[str, ...] = ()
    unless_within: int = 10
    within_first_s: Decimal | None = None
    within_last_s: Decimal | None = None
    homophones: bool | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Said at least and at most so many times. ``at_most`` alone (``at_least=0``) is a limit."""

    wording: Wording
    at_least: int = 1
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class NotSaid:
    """Never said; its hits are the proof that it was."""

    wording: Wording


@dataclass(frozen=True, slots=True)
class Order:
    """Every step is said, and their first hits stand in this order."""

    steps: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """``first`` and ``second`` close together: in characters of one segment, or in seconds of the talk.

    Distances are between the end of one and the beginning of the other; overlapping is near. ``ordered`` asks
    for ``first`` to begin first.
    """

    first: Wording
    second: Wording
    within_chars: int | None = None
    within_s: Decimal | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of the talk lies in the closed range; ``role`` for those that each side has."""

    measure: MeasureName
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    role: Role = "rep"


@dataclass(frozen=True, slots=True)
class Combined:
    """``all`` must be met, ``any`` one, ``none`` none. Parts that do not apply are left out of the judgement."""

    how: Literal["all", "any", "none"]
    parts: tuple[Condition, ...]


Condition = Said | NotSaid | Order | Near | Measured | Combined


def wordings_of(condition: Condition) -> Iterator[Wording]:
    """Every wording that a condition needs to be looked for, in order."""
    match condition:
        case Said(wording=wording) | NotSaid(wording=wording):
            yield wording
        case Order(steps=steps):
            yield from steps
        case Near(first=first, second=second):
            yield first
            yield second
        case Combined(parts=parts):
            for part in parts:
                yield from wordings_of(part)
        case Measured():
            pass
