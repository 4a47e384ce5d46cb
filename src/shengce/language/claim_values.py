"""The values of the claim check: what a person typed, what was said, when people met, and what comes of comparing them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args

ClaimKind = Literal[
    "visit",
    "price",
    "promise",
    "payment_promise",
    "appointment",
    "reason_lost",
    "competitor",
    "budget",
    "decider",
    "other",
]
CLAIM_KINDS: tuple[ClaimKind, ...] = get_args(ClaimKind)

Verdict = Literal["agrees", "contradicts", "not_mentioned"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Owner = Literal["own", "competitor"]
Interval = tuple[datetime | None, datetime | None]
"""Half-open, ``None`` where open."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What one typed sentence says, normalised. Parts that are not stated are empty, never guessed.

    ``low`` and ``high`` are yuan, or a fraction of the price where ``unit`` is ``discount``. ``names`` are competitors
    or who decides; ``reasons`` those of an objection. ``denied``: the sentence says that it is not so (未约时间, 没有竞品).
    """

    kind: ClaimKind
    text: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = "yuan"
    when: Interval | None = None
    names: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    owner: Owner | None = None
    product: str | None = None
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A stated thing with its customer and the days ``[start_on, end_on)`` whose talks can prove it.

    ``at`` is the aware moment of typing, ``rep`` who is meant to have been there (empty: whoever).
    """

    stated: Stated
    customer: Hashable
    at: datetime
    start_on: date
    end_on: date
    rep: Hashable = None


@dataclass(frozen=True, slots=True)
class Said:
    """A fact of a talk: kind and value as in docs/cli.md; ``ref`` is the caller's own key, ``talk`` that of its talk.

    ``at`` is the aware moment at which the talk began; ``place`` orders what was said within it (milliseconds, or the turn).
    """

    ref: Hashable
    kind: str
    value: dict[str, Any]
    quote: str
    customer: Hashable
    at: datetime
    place: int = 0
    talk: Hashable = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A recorded talk, ``[at, until)``; ``on_site``: face to face at the customer's."""

    customer: Hashable
    at: datetime
    until: datetime
    on_site: bool
    rep: Hashable = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody registered at a customer's; ``at_place`` is ``False`` where the device was elsewhere, ``None`` if unknown."""

    customer: Hashable
    at: datetime
    at_place: bool | None = None
    rep: Hashable = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict was reached: a code of docs/claims.md with plain values, for others to put into words."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict, why, and the ``ref`` of the facts that decide, the weightiest first."""

    verdict: Verdict
    reason: Reason
    facts: tuple[Hashable, ...] = ()
