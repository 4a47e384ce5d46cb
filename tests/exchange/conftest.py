"""Files to import, made in the test; and the worker's part done at once where a test asks for it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from shengce.exchange import actions
from shengce.exchange.models import ImportJob
from shengce.people.models import User


def as_csv(*rows: Sequence[Any]) -> bytes:
    import csv

    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


Give = Callable[..., ImportJob]


@pytest.fixture
def give(db: None) -> Give:
    """``give(by, kind, *rows)``: the file is received and its columns matched; the first row is the heading."""

    def receive(
        by: User, kind: str, *rows: Sequence[Any], name: str = "t.csv", content: bytes = b""
    ) -> ImportJob:
        return actions.receive_file(by=by, kind=kind, file=io.BytesIO(content or as_csv(*rows)), name=name)

    return receive


@pytest.fixture
def bring(give: Give) -> Give:
    """``bring(by, kind, *rows)``: received, checked and imported."""

    def everything(
        by: User, kind: str, *rows: Sequence[Any], good_only: bool = False, again: bool = False
    ) -> ImportJob:
        job = actions.check_file(give(by, kind, *rows), by=by)
        return actions.run_import(job, by=by, good_only=good_only, again=again)

    return everything


def faults(job: ImportJob) -> list[tuple[int, str, str]]:
    """(row, column, code) of every fault."""
    return list(job.faults.order_by("row", "pk").values_list("row", "column", "code"))
