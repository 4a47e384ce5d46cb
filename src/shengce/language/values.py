"""The values that pass between the parts of this room: facts, hits, measures. See docs/cli.md for their JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from shengce.speech.transcript import Role

FactKind = Literal[
    "need",
    "budget",
    "decision_maker",
    "objection",
    "competitor",
    "price",
    "product_interest",
    "promise",
    "appointment",
    "payment_promise",
    "complaint",
    "contact",
    "diversion",
    "next_step",
]
FACT_KINDS: tuple[FactKind, ...] = get_args(FactKind)
CUSTOMER_KINDS: frozenset[FactKind] = frozenset(
    ("need", "budget", "objection", "product_interest", "payment_promise", "complaint", "diversion")
)
"""Kinds that only the customer can state."""

REASONS = ("price", "quality", "service", "competitor", "timing", "authority", "need", "other")
"""Of an objection."""
ABOUTS = ("product", "service", "delivery", "staff", "other")
"""Of a complaint."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one segment: characters ``[start, end)`` of segment number ``turn``, and when it sounds."""

    turn: int
    start: int
    end: int
    quote: str
    role: Role
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was said, normalised, with the passage that proves it.

    ``value`` has the shape of its kind (docs/cli.md); absent parts are ``None``, never guessed.
    ``confidence`` is in (0, 1]. ``extractor`` is ``name/version``.
    """

    kind: FactKind
    value: dict[str, Any]
    passage: Passage
    confidence: float
    extractor: str
