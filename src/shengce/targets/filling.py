"""Many cells at once, as one edit: what comes back in a filled workbook. The rules are those of typing.

The cells do not overlap (see :mod:`targets.filled_grid`), so the order in which they are taken does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.planning.allocation import Ints, Unsplittable, apportion, retarget
from shengce.targets.cells import Cell, new_leaf
from shengce.targets.columns import Asked
from shengce.targets.editing import locked_version, open_months_of, refusal, require_positive
from shengce.targets.figures import exact
from shengce.targets.leaves import Key, Leaves, key_of, write_edit
from shengce.targets.membership import Membership
from shengce.targets.models import Metric, TargetEdit, TargetVersion
from shengce.targets.queries import leaves as leaves_of


@dataclass(frozen=True, slots=True)
class Typed:
    """One cell, what the person saw in it, and what it is to be; minor units."""

    cell: Cell
    seen: int
    total: int


@dataclass(slots=True)
class Weighed:
    """What the leaves would be. ``faults``: place of a cell → why it cannot be so; nothing of it is in the leaves."""

    leaves: Leaves
    values: Ints
    created: dict[Key, Ints] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    membership: Membership | None = None

    def sum_of(self, cell: Cell) -> int:
        """What a cell would come to, with the leaves that would be new."""
        assert self.membership is not None
        months = list(cell.months)
        old = int(self.values[self.membership.rows(cell.where)][:, months].sum())
        fresh = Leaves(np.zeros(0, int), list(self.created), np.zeros((0, 12), int), np.zeros((0, 12), bool), np.zeros(0, int))  # fmt: skip
        marked = Membership(fresh).of(cell.where)
        return old + sum(int(v[months].sum()) for v, in_it in zip(self.created.values(), marked, strict=True) if in_it)  # fmt: skip


def weigh(version: TargetVersion, asked: Asked, typed: Sequence[Typed], *, by: User) -> Weighed:
    """Reckon all cells without writing anything. Reads the leaves of the page once."""
    where = dict(asked.filters)
    found = leaves_of(version, asked.metric.code, user=by, where=where, level=asked.level)
    leaves = Leaves.read(found)
    weighed = Weighed(leaves, leaves.values.copy(), membership=Membership(leaves))
    homes: dict[Any, Key] = {}
    for place, each in enumerate(typed):
        try:
            _weigh_one(weighed, version, asked.metric, each, by, homes)
        except Unsplittable as problem:
            weighed.faults[place] = refusal(problem, asked.metric).messages[0]
        except ValidationError as problem:
            weighed.faults[place] = " ".join(problem.messages)
    return weighed


def _weigh_one(
    weighed: Weighed, version: TargetVersion, metric: Metric, typed: Typed, by: User, homes: dict[Any, Key]
) -> None:
    require_positive(typed.total)
    assert weighed.membership is not None
    rows = weighed.membership.rows(typed.cell.where)
    months = list(typed.cell.months)
    now = int(weighed.leaves.values[rows][:, months].sum())
    if now != typed.seen:
        words = _("It is %(now)s now, because somebody changed it: look at it and type again.")
        raise ValidationError(words % {"now": exact(now, metric)}, code="conflict")
    if rows.size:
        values = weighed.values[rows]
        mask = np.zeros(values.shape, dtype=bool)
        mask[:, months] = True
        weighed.values[rows] = retarget(values, mask, typed.total, locked=weighed.leaves.locked[rows])
        return
    if not typed.total:
        return
    cell = open_months_of(version, typed.cell)
    name = tuple(sorted((code, str(value)) for code, value in cell.where.items()))
    if name not in homes:
        homes[name] = key_of(new_leaf(cell, user=by))
    into = weighed.created.setdefault(homes[name], np.zeros(12, dtype=np.int64))
    into[list(cell.months)] += np.array(apportion(typed.total, [1] * len(cell.months)), dtype=np.int64)


@transaction.atomic
def fill_cells(
    version: TargetVersion, asked: Asked, typed: Sequence[Typed], *, by: User, source: str = ""
) -> TargetEdit | None:
    """Give all cells their sums as one edit, which one undo takes back; ``source`` is the name of the file.

    All or nothing. Raises ``ValidationError`` where one of them cannot be so, or has changed since it was looked at.
    """
    version = locked_version(version, by)
    weighed = weigh(version, asked, typed, by=by)
    if weighed.faults:
        raise ValidationError(
            _("%(count)d figures cannot be taken over any more. Nothing was changed: give the file again.")
            % {"count": len(weighed.faults)},
            code="changed",
        )
    edit = write_edit(
        version,
        asked.metric,
        weighed.leaves,
        by=by,
        act=TargetEdit.Act.IMPORTED,
        level=asked.level,
        values=weighed.values,
        created=list(weighed.created.items()),
        cell={
            "where": dict(asked.filters),
            "months": list(asked.months),
            "cells": len(typed),
            "file": source[:200],
        },
        totals=(sum(each.seen for each in typed), sum(each.total for each in typed)),
    )
    if edit is not None:
        record(
            "targets.imported", version, by=by, metric=asked.metric.code, level=asked.level, cells=len(typed),
            old=edit.old_total, new=edit.new_total, file=source[:200],
        )  # fmt: skip
    return edit
