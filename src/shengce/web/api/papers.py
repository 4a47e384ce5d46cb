"""Papers that were handed in, with their lines: what a cell names by id beside the name as it was written."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from shengce.people.permissions import require
from shengce.sheets.models import Line, Paper
from shengce.sheets.queries import parts_of
from shengce.web.api.answers import Named, Page, Passage, page, with_passages
from shengce.web.api.asking import Between, Id, OneOf, Words, found_id
from shengce.web.api.door import ApiRequest

router = Router(tags=["Papers"])
STATES = tuple(state for state in Paper.State.values if state != Paper.State.DRAFT)


class PaperRow(Schema):
    """``from`` and ``to`` are the days that it is about, both included. What is excused is not expected: ``absence`` says why."""

    id: int
    code: str
    title: dict[str, str]
    owner: Named
    unit: Named | None
    start_on: dt.date
    last_on: dt.date
    state: str
    due_at: dt.datetime
    first_submitted_at: dt.datetime | None
    submitted_at: dt.datetime | None
    is_late: bool
    excused: bool
    absence: str | None
    reviewed_by: Named | None
    reviewed_at: dt.datetime | None
    comment: str

    @staticmethod
    def resolve_title(row: Paper) -> dict[str, str]:
        return dict(row.template.title)

    @staticmethod
    def resolve_absence(row: Paper) -> str | None:
        return row.absence.kind if row.absence is not None else None


class LineRow(Schema):
    """``values`` are the cells of a row by the key of its column, as text; ``ids`` what was picked for them."""

    id: int
    source: str
    edited: bool
    text: str
    values: dict[str, str]
    ids: dict[str, int]
    passage: Passage | None


class ColumnRow(Schema):
    key: str
    type: str
    title: dict[str, str]


class SectionRow(Schema):
    key: str
    title: dict[str, str]
    columns: list[ColumnRow]
    lines: list[LineRow]


class PaperFile(PaperRow):
    sections: list[SectionRow]


class PapersAsked(Between):
    code: Words = ""
    state: Annotated[str, OneOf(STATES)] = ""
    owner: Id | None = None


def _visible(request: ApiRequest) -> QuerySet[Paper]:
    """Papers that were handed in once, and one's own drafts."""
    require(request.user, "reports.see")
    rows = Paper.objects.visible_to(request.user)
    related = rows.select_related("template", "owner", "unit", "reviewed_by", "absence")
    return related.filter(Q(owner=request.user) | ~Q(state=Paper.State.DRAFT))


def _evidence(line: Line) -> dict[str, Any]:
    if line.conversation_id is None:
        return {}
    quote = line.fact.quote if line.fact is not None else ""
    return {"conversation": line.conversation_id, "fact": line.fact_id, "quote": quote, "start_ms": line.start_ms,
            "end_ms": line.end_ms}  # fmt: skip


@router.get("/papers", response=Page[PaperRow], summary="Papers")
def papers(request: ApiRequest, asked: Query[PapersAsked]) -> Any:
    """Papers in one's scope, the newest first; the days are those on which their periods begin."""
    found = _visible(request).order_by("-start_on", "-pk")
    narrowed = {
        "code": asked.code or None,
        "state": asked.state or None,
        "owner": asked.owner,
        "start_on__gte": asked.from_,
        "start_on__lte": asked.to,
    }
    return page(found.filter(**{name: value for name, value in narrowed.items() if value is not None}), asked)


@router.get("/papers/{pk}", response=PaperFile, summary="One paper")
def paper(request: ApiRequest, pk: int) -> Any:
    """A paper with its sections and lines as they stand there."""
    found: Any = get_object_or_404(_visible(request), pk=found_id(pk))
    parts = parts_of(found)
    lines = [line for part in parts for line in part.lines]
    line: Any
    for line in lines:
        line.ids = {key: tie for key, tie in line.ties.items() if isinstance(tie, int)}
        line.evidence = _evidence(line)
    with_passages(request.user, lines)
    found.sections = [
        {
            "key": part.section.key,
            "title": part.section.title,
            "columns": list(part.section.columns),
            "lines": part.lines,
        }
        for part in parts
    ]
    return found
