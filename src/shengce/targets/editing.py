"""Changes of figures: a number is typed, cells are locked, an edit is taken back. Every one is an edit that can be undone.

Nobody overwrites what he has not seen: the caller says what the page showed (``seen``, and the page's ``revision``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.planning.allocation import Bools, Ints, Unsplittable, apportion, apportion_groups, retarget
from shengce.planning.biproportion import fit
from shengce.targets.cells import ALL_MONTHS, Cell, new_leaf
from shengce.targets.dimensions import BY_CODE
from shengce.targets.figures import exact, problem_words
from shengce.targets.leaves import PLACE, Leaves, key_of, restore, unpacked_numbers, write_edit
from shengce.targets.membership import Membership
from shengce.targets.models import Level, Metric, TargetEdit, TargetRow, TargetVersion
from shengce.targets.queries import leaves as leaves_of

KEEP = ("change", "row", "column", "all", "both")
"""What stays when a number is typed: nothing, the row's sum, the column's, the sum of the page, all sums of rows and columns."""


@transaction.atomic
def type_figure(
    version: TargetVersion,
    metric: Metric,
    cell: Cell,
    *,
    by: User,
    total: int,
    keep: str = "change",
    filters: dict[str, Any] | None = None,
    row: str = "",
    column: str = "",
    seen: int | None = None,
    revision: int | None = None,
    level: str = Level.TARGET,
) -> TargetEdit | None:
    """Give a cell the sum ``total`` (minor units); its leaves follow in proportion, locked ones stay.

    ``row`` and ``column`` are the dimensions (or times) that the page shows; with ``keep`` they say who gives or takes the
    difference, within ``filters``. An empty cell gets a leaf of its own. Raises ``ValidationError``.
    """
    version = locked_version(version, by)
    if keep not in KEEP:
        raise ValidationError(_("Choose what is to stay."), code="keep")
    require_positive(total)
    reach = cell.where if keep == "change" else filters or {}
    everything = Leaves.read(leaves_of(version, metric.code, user=by, where=reach, level=level))
    cell_rows = _members(version, metric, cell, everything, by, level)
    mask = cell_rows[:, None] & cell.mask(len(everything))
    old = int(everything.values[mask].sum())
    _require_seen(version, everything, cell_rows, by=by, seen=seen, now=old, revision=revision, metric=metric)
    try:
        if not cell_rows.any():
            cell = open_months_of(version, cell)
            values, created = _with_new_leaf(everything, cell, total, keep, row, column, filters or {}, by)
        else:
            created = []
            values = _retargeted(everything, mask, total, keep, row, column, cell, filters or {})
    except Unsplittable as problem:
        raise refusal(problem, metric) from problem
    edit = write_edit(
        version,
        metric,
        everything,
        by=by,
        act=TargetEdit.Act.FITTED if keep == "both" else TargetEdit.Act.TYPED,
        level=level,
        values=values,
        created=created,
        cell=described(cell) | {"keep": keep},
        totals=(old, total),
    )
    if edit is not None:
        record("targets.typed", version, by=by, metric=metric.code, old=old, new=total, cell=edit.cell)
    return edit


@transaction.atomic
def lock_cell(
    version: TargetVersion, metric: Metric, cell: Cell, *, by: User, locked: bool, level: str = Level.TARGET
) -> TargetEdit | None:
    """Lock all leaves of a cell, or unlock them. Locked figures stay whatever is typed elsewhere."""
    version = locked_version(version, by)
    rows = Leaves.read(leaves_of(version, metric.code, user=by, where=cell.where, level=level))
    if not len(rows):
        raise ValidationError(_("The cell is empty: there is nothing to lock."), code="empty")
    locks = rows.locked.copy()
    locks[cell.mask(len(rows))] = locked
    total = int(rows.values[cell.mask(len(rows))].sum())
    edit = write_edit(
        version,
        metric,
        rows,
        by=by,
        act=TargetEdit.Act.LOCKED if locked else TargetEdit.Act.UNLOCKED,
        level=level,
        locked=locks,
        cell=described(cell),
        totals=(total, total),
    )
    if edit is not None:
        record("targets.locked" if locked else "targets.unlocked", version, by=by, cell=edit.cell)
    return edit


@transaction.atomic
def undo_edit(version: TargetVersion, *, by: User) -> TargetEdit:
    """Take back one's own newest edit. Refused where somebody has changed the same leaves since."""
    version = locked_version(version, by)
    edit = last_edit(version, by)
    if edit is None:
        raise ValidationError(_("There is nothing of yours to take back."), code="nothing")
    before = unpacked_numbers(edit.before, 15)
    created = unpacked_numbers(edit.created, 1).ravel().tolist()
    touched = np.r_[before[:, 0], np.array(created, dtype=np.int64)]
    now = dict(
        TargetRow.objects.filter(
            version=version, metric=edit.metric, level=edit.level, revision__gte=edit.revision
        ).values_list("pk", "revision")
    )
    newer = max((now[pk] for pk in touched.tolist() if now.get(pk, 0) > edit.revision), default=None)
    if newer is not None:
        raise changed_since(version, newer, words=_("It cannot be taken back any more."))
    restore(before)
    _delete(created)
    edit.undone_at = timezone.now()
    edit.save(update_fields=["undone_at"])
    version.revision += 1
    version.save(update_fields=["revision"])
    record("targets.undone", version, by=by, edit=edit.pk, cell=edit.cell)
    return edit


def last_edit(version: TargetVersion, user: User) -> TargetEdit | None:
    """The edit that *undo* would take back."""
    return (
        version.edits.filter(by=user, undone_at__isnull=True)
        .exclude(act=TargetEdit.Act.LEVELS)
        .select_related("metric")
        .order_by("-revision")
        .first()
    )


def split_by(version: TargetVersion, metric: Metric, level: str) -> set[str]:
    """Along what figures of a metric were split already, and not taken back: what a page marks as done."""
    edits = version.edits.filter(metric=metric, level=level, act=TargetEdit.Act.SPLIT, undone_at__isnull=True)
    done = set(edits.values_list("cell__split", flat=True))
    return done | {"unit"} if "rep" in done else done


def locked_version(version: TargetVersion, by: User, permission: str = "targets.edit") -> TargetVersion:
    """The version, held until the transaction ends; refused where its figures stand for good."""
    require(by, permission)
    held = (
        TargetVersion.objects.select_for_update(of=("self",)).select_related("target_set").get(pk=version.pk)
    )
    if not held.is_open:
        raise ValidationError(
            _("This version is closed: make an adjustment, which is a new version based on it."),
            code="closed",
        )
    return held


def refusal(problem: Unsplittable, metric: Metric) -> ValidationError:
    """The reason in words."""
    return ValidationError(
        problem_words(problem.code, amount=problem.amount, metric=metric), code=problem.code
    )


def described(cell: Cell) -> dict[str, Any]:
    """The cell as it is kept in the log."""
    return {"where": dict(cell.where), "months": list(cell.months)}


def require_positive(total: int) -> None:
    if total < 0:
        raise ValidationError(_("A target is 0 or more."), code="negative")


def _members(
    version: TargetVersion, metric: Metric, cell: Cell, everything: Leaves, by: User, level: str
) -> Bools:
    """Which of the leaves belong to the cell."""
    rows = leaves_of(version, metric.code, user=by, where=cell.where, level=level)
    ids = np.fromiter(rows.values_list("pk", flat=True).iterator(), dtype=np.int64)
    return np.isin(everything.ids, ids)


def _require_seen(
    version: TargetVersion,
    leaves: Leaves,
    rows: Bools,
    *,
    by: User,
    seen: int | None,
    now: int,
    revision: int | None,
    metric: Metric,
) -> None:
    """Another's edit of this cell that the page did not show is never overwritten."""
    newest = int(leaves.revisions[rows].max(initial=0))
    others = revision is not None and newest > revision
    if others and version.edits.filter(revision=newest, by=by).exists():
        others = False
    if others or (seen is not None and seen != now):
        words = _("It is %(now)s now. Your figure was not saved: look at it and type again.")
        raise changed_since(version, newest, words=words % {"now": exact(now, metric)})


def changed_since(version: TargetVersion, revision: int, *, words: str) -> ValidationError:
    edit = version.edits.filter(revision=revision).select_related("by").first()
    if edit is None or edit.by is None:
        return ValidationError(f"{_('This cell has changed meanwhile.')} {words}", code="conflict")
    who = _("%(name)s changed this cell at %(time)s.") % {
        "name": edit.by,
        "time": timezone.localtime(edit.at).strftime("%H:%M"),
    }
    return ValidationError(f"{who} {words}", code="conflict")


def open_months_of(version: TargetVersion, cell: Cell) -> Cell:
    """An adjustment puts nothing new into months that were over when it began."""
    months = tuple(month for month in cell.months if month not in version.closed_months)
    if not months:
        raise ValidationError(_("This month is over: an adjustment leaves it as it was."), code="over")
    return Cell(cell.where, months)


def _with_new_leaf(
    leaves: Leaves,
    cell: Cell,
    total: int,
    keep: str,
    row: str,
    column: str,
    filters: dict[str, Any],
    by: User,
) -> tuple[Ints, list[Any]]:
    """A leaf for an empty cell; with ``keep``, the others give what it takes."""
    months = np.zeros(12, dtype=np.int64)
    months[list(cell.months)] = apportion(total, [1] * len(cell.months))
    created = [(key_of(new_leaf(cell, user=by)), months)] if total else []
    if keep == "change" or not total:
        return leaves.values, created
    if keep == "both":
        raise ValidationError(
            _("An empty cell cannot be filled while all sums stay: choose another rule."), code="keep"
        )
    others = _others(leaves, np.zeros(leaves.values.shape, dtype=bool), keep, row, column, cell, filters)
    rest = int(leaves.values[others].sum()) - total
    if rest < 0:
        raise Unsplittable("locked_above", amount=-rest)
    return retarget(leaves.values, others, rest, locked=leaves.locked), created


def _retargeted(
    leaves: Leaves,
    mask: Bools,
    total: int,
    keep: str,
    row: str,
    column: str,
    cell: Cell,
    filters: dict[str, Any],
) -> Ints:
    if keep == "both":
        return _fitted(leaves, mask, total, row, column)
    others = None if keep == "change" else _others(leaves, mask, keep, row, column, cell, filters)
    if others is not None and not others.any():
        raise ValidationError(_("There is nobody else to give or take the difference."), code="alone")
    return retarget(leaves.values, mask, total, locked=leaves.locked, others=others)


def _others(
    leaves: Leaves,
    mask: Bools,
    keep: str,
    row: str,
    column: str,
    cell: Cell,
    filters: dict[str, Any],
) -> Bools:
    """The leaves that give or take: the rest of the row, of the column, or of the page."""
    if keep == "all":
        return ~mask
    same, other = (row, column) if keep == "row" else (column, row)
    marked = np.ones(leaves.values.shape, dtype=bool)
    if same in BY_CODE:
        marked &= Membership(leaves).at(same, cell.where.get(same))[:, None]
    elif same:
        marked &= cell.mask(len(leaves))
    return marked & ~mask if other else ~mask


def _fitted(leaves: Leaves, mask: Bools, total: int, row: str, column: str) -> Ints:
    """All sums of rows and columns stay: the leaves are put together as the page shows them, fitted, and taken apart."""
    row_of, column_of = (_axis(leaves, code) for code in (row, column))
    height, width = int(row_of.max(initial=0)) + 1, int(column_of.max(initial=0)) + 1
    place = row_of * width + column_of
    typed = np.unique(place[mask])
    if len(typed) != 1 or (np.isin(place, typed) & ~mask).any():
        raise ValidationError(
            _("All sums can stay only where one single cell of the finest row and column is typed."),
            code="keep",
        )
    table = np.bincount(place.ravel(), weights=leaves.values.ravel().astype(float), minlength=height * width)
    now = np.rint(table).astype(np.int64).reshape(height, width)
    held = np.zeros(height * width, dtype=np.int64)
    np.add.at(held, place[leaves.locked], leaves.values[leaves.locked])
    wanted = now.copy().ravel()
    wanted[typed[0]] = total
    fixed = (held > 0) & (held == now.ravel())
    fixed[typed[0]] = True
    fitted = fit(
        now.astype(float),
        now.sum(axis=1),
        now.sum(axis=0),
        values=wanted.reshape(height, width),
        locked=fixed.reshape(height, width),
    )
    return _taken_apart(leaves, place, fitted.ravel())


def _taken_apart(leaves: Leaves, place: Ints, sums: Ints) -> Ints:
    flat = leaves.values.ravel()
    group = place.ravel()
    weights = np.abs(flat).astype(np.float64)
    empty = np.bincount(group, weights=weights, minlength=len(sums)) == 0
    weights = np.where(empty[group], 1.0, weights)
    there = np.bincount(group, minlength=len(sums)) > 0
    done = apportion_groups(
        np.where(there, sums, 0), weights, group, values=flat, locked=leaves.locked.ravel()
    )
    return done.reshape(leaves.values.shape)


def _axis(leaves: Leaves, code: str) -> Ints:
    """For every leaf and month the number of its row (or column) on the page."""
    shape = leaves.values.shape
    if code in BY_CODE:
        place = PLACE[code]
        known: dict[Any, int] = {}
        numbers = [known.setdefault(key[place], len(known)) for key in leaves.keys]
        return np.repeat(np.array(numbers, dtype=np.int64)[:, None], 12, axis=1)
    months = np.array([{"quarter": month // 3, "month": month}.get(code, 0) for month in ALL_MONTHS])
    return np.broadcast_to(months[None, :], shape).astype(np.int64)


def _delete(ids: list[int]) -> None:
    for start in range(0, len(ids), 500):
        TargetRow.objects.filter(pk__in=ids[start : start + 500]).delete()
