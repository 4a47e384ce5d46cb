"""Shapes that all answers share: money as decimal text, names with ids, pages, and passages that can be played."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field, PlainSerializer, WithJsonSchema

from shengce.channel.queries import audible
from shengce.people.models import User
from shengce.sales.queries import page_of
from shengce.web.api.asking import Paging
from shengce.web.templatetags.shengce import evidence_address


def _plain(value: Decimal) -> str:
    return f"{value:f}"


Number = Annotated[Decimal, PlainSerializer(_plain), WithJsonSchema({"type": "string", "format": "decimal"})]
"""A decimal number as text: JSON has no decimals, and 0.1 must stay 0.1."""
Money = Number
"""Yuan, unless ``currency`` says otherwise."""
Row = TypeVar("Row")


class Named(Schema):
    """Something with an id and a name that people read."""

    id: int
    name: str

    @staticmethod
    def resolve_name(row: Any) -> str:
        return row["name"] if isinstance(row, dict) else str(row)


class Passage(Schema):
    """Where it was said. Times are milliseconds of the recording, half-open; ``url`` is a page that plays it."""

    conversation: int
    fact: int | None = None
    quote: str
    start_ms: int
    end_ms: int
    url: str


class Page(Schema, Generic[Row]):
    """One page of rows. Nothing is counted: ``has_next`` says whether there are more."""

    rows: list[Row]
    page: int = Field(description="From 1")
    page_size: int
    has_next: bool


def page(found: QuerySet[Any], asked: Paging) -> dict[str, Any]:
    """The page of a list that was asked for; one row more is read, nothing is counted."""
    rows, has_next = page_of(found, asked.page, asked.page_size)
    return in_pages(rows, asked, has_next=has_next)


def in_pages(rows: list[Any], asked: Paging, *, has_next: bool) -> dict[str, Any]:
    return {"rows": rows, "page": asked.page, "page_size": asked.page_size, "has_next": has_next}


def part(rows: list[Any], asked: Paging) -> dict[str, Any]:
    """The page of rows that are all there already."""
    first = (asked.page - 1) * asked.page_size
    shown = rows[first : first + asked.page_size]
    return in_pages(shown, asked, has_next=len(rows) > first + asked.page_size)


def with_passages(user: User, rows: Iterable[Any]) -> None:
    """Set ``passage`` on rows with ``evidence`` or ``fact``: filled where the user may hear the talk. At most one query."""
    proofs = [(row, _proof(row)) for row in rows]
    heard = audible(user, [proof for _row, proof in proofs])
    for row, proof in proofs:
        row.passage = _passage(proof) if proof.get("conversation") in heard else None


def _proof(row: Any) -> dict[str, Any]:
    evidence = getattr(row, "evidence", None)
    if evidence:
        return dict(evidence)
    fact = getattr(row, "fact", None)
    if fact is None:
        return {}
    return {
        "conversation": fact.conversation_id, "fact": fact.pk, "quote": fact.quote, "start_ms": fact.start_ms,
        "end_ms": fact.end_ms,
    }  # fmt: skip


def _passage(proof: dict[str, Any]) -> dict[str, Any] | None:
    if proof.get("start_ms") is None or proof.get("end_ms") is None:
        return None
    return {
        "conversation": proof["conversation"],
        "fact": proof.get("fact"),
        "quote": proof.get("quote", ""),
        "start_ms": proof["start_ms"],
        "end_ms": proof["end_ms"],
        "url": evidence_address(proof["conversation"], proof["start_ms"], proof["end_ms"]),
    }
