"""The grid of targets comes back from a spreadsheet: give the file, look at what would change, take it over as one edit.

Between looking and taking over nothing is kept here: the page carries the figures, signed, and they are weighed again.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shengce.exchange.actions import refused_words
from shengce.exchange.reading.guard import read_table
from shengce.exchange.reading.laying_out import plain_header
from shengce.exchange.reading.limits import MEGABYTE, Limits, Unreadable
from shengce.exchange.wording import reason_of
from shengce.people.models import User
from shengce.recordings import files
from shengce.recordings.refusal import Refused
from shengce.targets.figures import WAN
from shengce.targets.filled_grid import (
    MOST_ROWS,
    Filled,
    Table,
    column_names,
    state_of,
    typed_cells,
    understand,
)
from shengce.targets.filling import fill_cells
from shengce.targets.grid import grid
from shengce.targets.grid_file import HEAD, ROW_KEY, SHEET, Identity, read_identity
from shengce.targets.models import TargetEdit, TargetVersion
from shengce.targets.page_state import PageState, read_state

MOST_BYTES = 10 * MEGABYTE
LIMITS = Limits(wall_s=30.0, processor_s=25, memory_bytes=800 * MEGABYTE, written_bytes=100 * MEGABYTE)
SALT = "shengce.filled_grid"
DAY_S = 24 * 60 * 60


class FilledGridForm(forms.Form):
    """The file, and the unit of its numbers where it was made by hand."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsb,.ods,.csv,.tsv,.txt"}),
        help_text=gettext_lazy(
            "Excel (.xlsx, .xls), OpenDocument (.ods) or CSV; at most 10 MB and 5,000 rows."
        ),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Numbers of a file of your own are in"),
        choices=[("yuan", gettext_lazy("yuan")), ("wan", gettext_lazy("10,000 yuan"))],
        help_text=gettext_lazy("A file that was downloaded here is always in yuan."),
    )

    def __init__(self, *args: Any, counts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if counts:
            del self.fields["unit"]

    @property
    def shown_in(self) -> int:
        """1 or 10,000; call it after ``is_valid``."""
        return WAN if self.cleaned_data.get("unit") == "wan" else 1


@dataclass(frozen=True, slots=True)
class Carried:
    """What a page carries from looking to taking over."""

    state: PageState
    changes: list[tuple[str, int, int]]
    source: str


def look_at(
    version: TargetVersion, state: PageState, *, by: User, file: IO[bytes], name: str, size: int | None,
    shown_in: int,
) -> Filled:  # fmt: skip
    """What a file would change. Raises ``ValidationError`` in words where it cannot be read, or belongs elsewhere."""
    try:
        if size is not None and size > MOST_BYTES:
            raise Unreadable("too_large", most_mb=MOST_BYTES // MEGABYTE)
        with files.staged(file, size=size) as staged:
            identity = _identity(staged.path, name)
            state = state_of(version, identity, state, by)
            if identity is not None:
                known = {ROW_KEY, *identity.columns}
            else:
                known = set(column_names(version, grid(version, state.asked, user=by)))
            table = _table(staged.path, name, known)
    except Unreadable as error:
        raise ValidationError(reason_of(error), code=error.code) from error
    except Refused as error:
        raise ValidationError(refused_words(error), code=error.code) from error
    if identity is not None and (
        not table.columns or plain_header(table.columns[0]) != plain_header(ROW_KEY)
    ):
        raise ValidationError(
            _(
                "The hidden first column of the file is gone. Download the grid anew, or use a table of your own."
            ),
            code="no_keys",
        )
    return understand(version, table, identity, state, by=by, shown_in=1 if identity else shown_in)


def carried(filled: Filled, *, version: TargetVersion, by: User, source: str) -> str:
    """The changes for the form of the page, signed: nobody takes over for others, and nothing can be slipped in."""
    return signing.dumps(
        {
            "version": version.pk,
            "by": by.pk,
            "query": filled.state.address(),
            "page": filled.state.asked.page,
            "source": source,
            "changes": [(change.token, change.old, change.new) for change in filled.changes],
        },
        salt=SALT,
        compress=True,
    )


def unpacked(text: str, *, version: TargetVersion, by: User) -> Carried:
    """What :func:`carried` packed. Raises ``ValidationError`` where it is not, or too old."""
    try:
        said = signing.loads(text, salt=SALT, max_age=DAY_S)
    except signing.BadSignature as error:
        raise ValidationError(_("This preview is out of date: give the file again."), code="stale") from error
    if said["version"] != version.pk or said["by"] != by.pk:
        raise ValidationError(_("This preview is out of date: give the file again."), code="stale")
    given = QueryDict(said["query"].removeprefix("?"), mutable=True)
    given["page"] = str(said["page"])
    return Carried(read_state(version, given, by), [tuple(each) for each in said["changes"]], said["source"])


def take_over(version: TargetVersion, found: Carried, *, by: User) -> TargetEdit | None:
    """Write the changes as one edit. Raises ``ValidationError`` where one of them cannot be any more."""
    cells = typed_cells(found.state.asked, found.changes)
    return fill_cells(version, found.state.asked, cells, by=by, source=found.source)


def _identity(path: Path, name: str) -> Identity | None:
    try:
        found, rows, sheet = _read(path, name, HEAD, sheet=SHEET)
    except Unreadable as error:
        if error.code in ("no_such_sheet", "no_rows"):
            return None
        raise
    return read_identity([cells for _number, cells in rows]) if sheet == SHEET and found else None


def _table(path: Path, name: str, known: Collection[str]) -> Table:
    columns, rows, _sheet, left_out = _read_all(path, name, known)
    if len(rows) > MOST_ROWS:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    return Table(columns, rows, left_out)


def _read(
    path: Path, name: str, known: Collection[str], *, sheet: str
) -> tuple[list[str], list[tuple[int, list[Any]]], str]:
    columns, rows, read_sheet, _left_out = _read_all(path, name, known, sheet=sheet)
    return columns, rows, read_sheet


def _read_all(
    path: Path, name: str, known: Collection[str], *, sheet: str = ""
) -> tuple[list[str], list[tuple[int, list[Any]]], str, int]:
    with tempfile.TemporaryDirectory() as folder:
        rows_path = Path(folder) / "rows"
        reading = read_table(
            path, rows_path, name=name, known={plain_header(word) for word in known}, sheet=sheet, limits=LIMITS
        )  # fmt: skip
        with rows_path.open(encoding="utf-8") as lines:
            rows = [(int(number), cells) for number, cells in map(json.loads, lines)]
    return reading.columns, rows, reading.sheet, reading.left_out
