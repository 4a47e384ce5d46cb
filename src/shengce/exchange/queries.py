"""Reads over imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from shengce.exchange.kind import Kind
from shengce.exchange.models import ImportedRow, ImportFault, ImportJob
from shengce.people.models import User

PAGE_SIZE = 20
ROWS_PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Became:
    """Something that an import made or changed, and where it is to be seen."""

    row: int
    name: str
    made: bool
    url: str


def every_import(user: User, *, kind: str = "", state: str = "", sort: str = "") -> QuerySet[ImportJob]:
    """One's imports, newest first unless ``sort`` says otherwise."""
    found = ImportJob.objects.visible_to(user)
    if kind:
        found = found.filter(kind=kind)
    if state in ImportJob.State.values:
        found = found.filter(state=state)
    order = {"made": "made_at", "-rows": "-rows", "rows": "rows", "file": "file_name", "-file": "-file_name"}
    return found.defer("preview", "columns").order_by(order.get(sort, "-made_at"), "-pk")


def imports(
    user: User, *, kind: str = "", state: str = "", sort: str = "", page: int = 1
) -> tuple[list[ImportJob], bool]:
    """One page of :func:`every_import`, and whether there is another."""
    return _page(every_import(user, kind=kind, state=state, sort=sort), page, PAGE_SIZE)


def faults_of_job(job: ImportJob, *, page: int = 1) -> tuple[list[ImportFault], bool]:
    """One page of the faults of an import, by row."""
    return _page(job.faults.order_by("row", "pk"), page, ROWS_PAGE_SIZE)


def rows_of_job(job: ImportJob, kind: Kind, *, page: int = 1) -> tuple[list[Became], bool]:
    """One page of what an import made and changed."""
    rows: list[ImportedRow]
    rows, more = _page(ImportedRow.objects.filter(job=job).order_by("pk"), page, ROWS_PAGE_SIZE)
    label = kind.model._meta.label
    return [
        Became(row.row, row.name, row.made, address_of(kind, row.row_id) if row.model == label else "")
        for row in rows
    ], more


def address_of(kind: Kind, pk: int) -> str:
    """Where one thing of a kind is to be seen; empty where it has no page of its own."""
    if not kind.page:
        return ""
    try:
        return reverse(kind.page, args=[pk])
    except NoReverseMatch:
        return ""


def _page(rows: QuerySet[Any], page: int, size: int) -> tuple[list[Any], bool]:
    first = (page - 1) * size
    found = list(rows[first : first + size + 1])
    return found[:size], len(found) > size
