"""Proof from a talk as a plain value."""

from __future__ import annotations

from typing import Any

from shengce.facts.models import Fact


def passage_of(fact: Fact) -> dict[str, Any]:
    """Where a fact was said, as a plain value that outlives it."""
    return {
        "conversation": fact.conversation_id,
        "fact": fact.pk,
        "quote": fact.quote,
        "start_ms": fact.start_ms,
        "end_ms": fact.end_ms,
    }
