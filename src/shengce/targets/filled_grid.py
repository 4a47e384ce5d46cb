"""A filled table understood: which figures of the grid would change, which cannot, and why. Nothing is written here.

A table that was downloaded says by itself what its rows and columns are and what they held. One made by hand is read by
names: of rows in the first column, of columns in the heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.people.models import User
from shengce.people.plain_cells import meant_cell
from shengce.targets.cells import read_cell
from shengce.targets.columns import Asked, tree_rows
from shengce.targets.dimensions import BY_CODE
from shengce.targets.figures import exact, is_filled, read_filled
from shengce.targets.filling import Typed, weigh
from shengce.targets.grid import Grid, Row, grid
from shengce.targets.grid_file import ROW_KEY, TOTAL, Identity, column_tokens, held_by
from shengce.targets.models import TargetVersion
from shengce.targets.overlaps import Overlaps
from shengce.targets.page_state import PageState, read_state

MOST_ROWS = 5_000
MOST_CELLS = 20_000
"""Most figures that one table may change."""


@dataclass(frozen=True, slots=True)
class Table:
    """What was read from a file: headings, and rows with their numbers in the file. ``left_out`` rows held sums."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Any]]]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the file: its row's number there, and its names."""

    number: int
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Change:
    """``row`` and ``column`` are tokens, the column's empty for the sum of the row; ``old`` and ``new`` minor units."""

    place: Place
    row: str
    column: str
    old: int
    new: int

    @property
    def token(self) -> str:
        return f"{self.row}.{self.column}" if self.column else self.row

    @property
    def difference(self) -> int:
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell (or, without a column, a row) that is not taken over, with what stands in the file, and why."""

    place: Place
    written: str
    reason: str


@dataclass(slots=True)
class Filled:
    """The outcome. ``follows`` are sums that somebody changed together with figures below them: those count.

    ``notes`` are things to know about the table as a whole.
    """

    state: PageState
    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    follows: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    before: int = 0
    read: int = 0

    @property
    def after(self) -> int:
        """The total of the page afterwards. Changes never overlap."""
        return self.before + sum(change.difference for change in self.changes)


def state_of(version: TargetVersion, identity: Identity | None, state: PageState, user: User) -> PageState:
    """The choices for which the file was made; of one made by hand, those of the page, with everything open.

    Raises ``ValidationError`` where the file belongs to other targets.
    """
    if identity is None:
        opened = None
        if BY_CODE[state.asked.rows].tree:
            opened = frozenset(tree_rows(state.asked.rows, user).values_list("pk", flat=True))
        return replace(state, asked=replace(state.asked, opened=opened, page=1, size=MOST_ROWS))
    if identity.version != version.pk:
        other = TargetVersion.objects.select_related("target_set").filter(pk=identity.version).first()
        words = _("This file belongs to other targets: %(name)s.") % {"name": other or "?"}
        raise ValidationError(words, code="other_version")
    given = QueryDict(identity.query.removeprefix("?"), mutable=True)
    given["page"] = str(identity.page)
    made_for = read_state(version, given, user)
    if made_for.asked.metric.code != identity.metric or made_for.address() != identity.query:
        raise ValidationError(
            _("What this file was made for can no longer be chosen here. Download it anew."), code="choices"
        )
    return made_for


def understand(
    version: TargetVersion,
    table: Table,
    identity: Identity | None,
    state: PageState,
    *,
    by: User,
    shown_in: int = 1,
) -> Filled:
    """What the table would change. ``state`` is that of :func:`state_of`; ``shown_in`` the unit of bare numbers."""
    reader = _Reader(version, table, identity, state, by, shown_in)
    reader.read()
    return reader.filled


def typed_cells(asked: Asked, changes: Iterable[tuple[str, int, int]]) -> list[Typed]:
    """``(token, seen, total)`` as cells. Raises ``ValidationError``."""
    return [
        Typed(read_cell(token, asked.filters, asked.months), seen, total) for token, seen, total in changes
    ]


class _Reader:
    def __init__(
        self, version: TargetVersion, table: Table, identity: Identity | None, state: PageState, by: User,
        shown_in: int,
    ) -> None:  # fmt: skip
        self.version, self.table, self.identity, self.state = version, table, identity, state
        self.by, self.shown_in, self.metric = by, shown_in, state.asked.metric
        self.grid: Grid = grid(version, state.asked, user=by)
        self.rows = {row.token: row for row in (*self.grid.rows, self.grid.total)}
        self.tokens = column_tokens(self.grid)
        self.filled = Filled(state, before=self.grid.total.total)

    def read(self) -> None:
        columns = self._columns()
        changes = self._changes(columns)
        if len(changes) > MOST_CELLS:
            raise ValidationError(
                _("The file changes more than %(most)s figures. Divide it.") % {"most": MOST_CELLS},
                code="too_many",
            )
        overlaps = Overlaps(self.state.asked.rows, self.by)
        taken, above = overlaps.finest(changes, key=lambda change: (change.row, change.column))
        cells = typed_cells(self.state.asked, [(each.token, each.old, each.new) for each in taken])
        weighed = weigh(self.version, self.state.asked, cells, by=self.by)
        for place, change in enumerate(taken):
            if place in weighed.faults:
                self._refuse(change.place, exact(change.new, self.metric), weighed.faults[place])
            else:
                self.filled.changes.append(change)
        for change in above:
            cell = read_cell(change.token, self.state.asked.filters, self.state.asked.months)
            becomes = weighed.sum_of(cell)
            if becomes != change.new:
                words = _("Figures below it were changed too, and those count: it becomes %(sum)s.")
                reason = words % {"sum": exact(becomes, self.metric)}
                self.filled.follows.append(Refusal(change.place, exact(change.new, self.metric), reason))
        if self.table.left_out:
            self.filled.notes.append(
                _("%(count)d rows of sums were not read: sums follow from their parts.")
                % {"count": self.table.left_out}
            )

    # --- columns and rows

    def _columns(self) -> dict[int, str]:
        """Place in the file → token. Columns that say something else are named in a note."""
        names = self.identity.columns if self.identity else {}
        known = column_names(self.version, self.grid)
        ignored = {
            _plain(name) for name in (ROW_KEY, str(BY_CODE[self.state.asked.rows].label), _("Last year"))
        }
        found: dict[int, str] = {}
        unknown: list[str] = []
        first = 2 if self.identity else 1
        for place, name in enumerate(self.table.columns):
            if place < first or not any(is_filled(cells[place]) for _n, cells in self.table.rows):
                continue
            token = names.get(name, known.get(_plain(name)))
            if token is not None and token not in found.values():
                found[place] = token
            elif _plain(name) not in ignored:
                unknown.append(name)
        if unknown:
            self.filled.notes.append(
                _("These columns are not part of the grid and were not read: %(names)s.")
                % {"names": "、".join(unknown[:12])}
            )
        if not found:
            raise ValidationError(
                _("No column of the file is a column of this grid. Download the grid and fill that in."),
                code="columns",
            )
        return found

    def _changes(self, columns: Mapping[int, str]) -> list[Change]:
        by_name = _by_name(self.grid)
        changes: list[Change] = []
        seen: set[str] = set()
        for number, cells in self.table.rows:
            written = [(place, token) for place, token in columns.items() if is_filled(cells[place])]
            label = self._label(cells)
            row = self._row(number, label, cells, by_name, touched=bool(written))
            if row is None:
                continue
            if row.token in seen:
                self._refuse(Place(number, label, ""), "", _("This row stands in the file more than once; the first counts."))  # fmt: skip
                continue
            seen.add(row.token)
            for place, token in columns.items():
                change = self._cell(Place(number, label, self.table.columns[place]), row, token, cells[place])
                if change is not None:
                    changes.append(change)
        return changes

    def _label(self, cells: Sequence[Any]) -> str:
        place = 1 if self.identity else 0
        text = "" if cells[place] is None else str(cells[place])
        return meant_cell(" ".join(text.replace("\u3000", " ").split()))[:100]

    def _row(
        self, number: int, label: str, cells: Sequence[Any], by_name: Mapping[str, list[Row]], *, touched: bool
    ) -> Row | None:  # fmt: skip
        if self.identity and (token := str(cells[0] or "")):
            row = self.rows.get(token)
            if row is None and self._was_changed(token, cells):
                self._refuse(Place(number, label or token, ""), "", _("This row is not in the grid any more, or it is not yours."))  # fmt: skip
            return row
        found = by_name.get(_plain(label), []) if label else []
        if len(found) == 1:
            return found[0]
        if touched:
            reason = (
                _("Several rows have this name: fill in the file that is downloaded here.")
                if found
                else _("There is no such row in the grid, or it is not yours.")
            )
            self._refuse(Place(number, label or "?", ""), "", reason)
        return None

    def _was_changed(self, token: str, cells: Sequence[Any]) -> bool:
        """Whether anything in a row that is gone differs from what the file was made with."""
        assert self.identity is not None
        held = self.identity.held.get(token)
        if held is None:
            return True
        for name, cell in zip(self.table.columns, cells, strict=True):
            column = self.identity.columns.get(name)
            if not column or column not in held:
                continue
            try:
                figure = read_filled(cell, self.metric)
            except ValidationError:
                return True
            if (figure or 0) != held[column]:
                return True
        return False

    # --- one cell

    def _cell(self, place: Place, row: Row, token: str, cell: Any) -> Change | None:
        now = held_by(row)[self.tokens.index(token)] if token in self.tokens else 0
        base = self.identity.held.get(row.token, {}).get(token) if self.identity else None
        if not is_filled(cell):
            if base:
                self._refuse(place, "", _("The cell is empty and was left as it is; type 0 to set it to nothing. A formula without a result looks empty too."))  # fmt: skip
            return None
        try:
            new = read_filled(cell, self.metric, shown_in=self.shown_in, current=now)
            if new is None or new in (base, now):
                return None
            self._require_open(row, token, base, now)
        except ValidationError as problem:
            self._refuse(place, _written(cell), " ".join(problem.messages))
            return None
        self.filled.read += 1
        return Change(place, row.token, "" if token == TOTAL else token, now, new)

    def _require_open(self, row: Row, token: str, base: int | None, now: int) -> None:
        if token.startswith("week-"):
            raise ValidationError(_("Weeks follow from the months: change the month."), code="week")
        if token not in self.tokens:
            raise ValidationError(_("This column is not in the grid any more."), code="column")
        place = -1 if token == TOTAL else self.tokens.index(token)
        if place in row.closed:
            raise ValidationError(_("This row and this column do not go together."), code="nobody")
        if base is not None and base != now:
            words = _(
                "It was %(was)s when the file was made and is %(now)s now: somebody changed it meanwhile."
            )
            raise ValidationError(
                words % {"was": exact(base, self.metric), "now": exact(now, self.metric)}, code="conflict"
            )
        if 0 <= place < len(row.locked) and row.locked[place] == "all":
            raise ValidationError(_("The figure is locked."), code="locked")

    def _refuse(self, place: Place, written: str, reason: str) -> None:
        self.filled.refusals.append(Refusal(place, written, reason))


def column_names(version: TargetVersion, shown: Grid) -> dict[str, str]:
    """Every name that a column of the grid goes by → its token; names that two of them have lead nowhere."""
    names: dict[str, set[str]] = {}
    for token, column in zip(column_tokens(shown), shown.columns, strict=False):
        words = {column.label, column.title} if shown.asked.columns != "quarter" else {column.label}
        if token.startswith("month-"):
            first = version.target_set.year.months[int(token.removeprefix("month-")) - 1].start_on
            words |= {
                f"{first:%Y-%m}", f"{first:%Y-%m-%d}", f"{first.month}月", f"{first.year}年{first.month}月", f"{first:%b}",
            }  # fmt: skip
        for word in filter(None, map(_plain, words)):
            names.setdefault(word, set()).add(token)
    for word in (pgettext("sum", "Total"), "合计", "总计", "total"):
        names.setdefault(_plain(word), set()).add(TOTAL)
    return {word: next(iter(tokens)) for word, tokens in names.items() if len(tokens) == 1}


def _by_name(shown: Grid) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in (*shown.rows, shown.total):
        found.setdefault(_plain(row.label), []).append(row)
    return found


def _plain(text: Any) -> str:
    return "".join(str(text).split()).casefold()


def _written(cell: Any) -> str:
    return str(cell.get("at", "") if isinstance(cell, dict) else cell)[:40]
