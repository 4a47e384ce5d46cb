"""Lists as files: every kind as one may see it, the faults of an import beside its rows, empty templates.

The writer itself (:func:`to_csv`, :func:`to_xlsx`) is ``people.table_files``, where every room can reach it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from shengce.exchange.cells import is_blank
from shengce.exchange.kind import Kind
from shengce.exchange.models import ImportJob
from shengce.exchange.understanding import lines_of
from shengce.people.models import User
from shengce.people.table_files import to_csv, to_xlsx

__all__ = (
    "exported_columns",
    "exported_rows",
    "fault_columns",
    "fault_rows",
    "template_rows",
    "to_csv",
    "to_xlsx",
)


def exported_columns(kind: Kind) -> list[str]:
    """Headings in the language of the page; an import of the file knows them again."""
    return [str(field.label) for field in kind.fields]


def exported_rows(kind: Kind, user: User) -> Iterator[list[Any]]:
    """What the person may see of this kind, row by row."""
    for thing in kind.exported(user):
        yield [field.shown(thing) for field in kind.fields]


def template_rows(kind: Kind) -> list[list[str]]:
    """One row as an example, for a file to fill in."""
    return [[field.example for field in kind.fields]]


def fault_columns(job: ImportJob) -> list[str]:
    """The columns of the file, and why."""
    return [*job.columns, _("Row in the file"), _("What is wrong")]


def fault_rows(job: ImportJob, path: Path) -> Iterator[list[Any]]:
    """The faulty rows as they came, each with its row number and all its reasons. ``path`` holds the rows of the file.

    Rows of one document may stand apart in the file and together here: the reasons are looked up by row.
    """
    reasons: dict[int, str] = {}
    faults = job.faults.order_by("row", "pk").values_list("row", "column", "text")
    for row, found in groupby(faults.iterator(chunk_size=2_000), key=lambda fault: fault[0]):
        reasons[row] = "；".join(f"{column}: {text}" if column else text for _row, column, text in found)
    for line in lines_of(path):
        if line.row in reasons:
            cells = [None if is_blank(cell) else _as_given(cell) for cell in line.cells]
            yield [*cells, line.row, reasons[line.row]]


def _as_given(cell: Any) -> Any:
    return cell["at"].replace("T00:00:00", "").replace("T", " ") if isinstance(cell, dict) else cell
