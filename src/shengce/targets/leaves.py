"""Leaves as a table of numbers: read in one query, changed in memory, written back with the edit that can undo it.

Writing goes past the ORM: a rebalance of 200,000 leaves is one statement with many rows, where the ORM would build thousands of
statements.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from shengce.people.models import User
from shengce.planning.allocation import Bools, Ints
from shengce.targets.dimensions import DIMENSIONS
from shengce.targets.models import MONTHS, Metric, TargetEdit, TargetRow, TargetVersion

COLUMNS: tuple[str, ...] = tuple(dimension.column for dimension in DIMENSIONS)
"""The dimensions' columns, in the order of a leaf's key."""
PLACE = {dimension.code: place for place, dimension in enumerate(DIMENSIONS)}

Key = tuple[Any, ...]
_BITS = 1 << np.arange(12)


@dataclass(slots=True)
class Leaves:
    """``keys`` are the dimensions of each leaf, ``values`` n × 12 minor units, ``locked`` n × 12."""

    ids: Ints
    keys: list[Key]
    values: Ints
    locked: Bools
    revisions: Ints

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def read(cls, rows: QuerySet[TargetRow]) -> Leaves:
        """All of a query, in the order of their ids."""
        size = len(COLUMNS)
        found = list(rows.order_by("pk").values_list(*COLUMNS, *MONTHS, "locked", "revision", "pk"))
        numbers = np.array([row[size:] for row in found], dtype=np.int64).reshape(len(found), 15)
        return cls(
            ids=numbers[:, 14],
            keys=[row[:size] for row in found],
            values=numbers[:, :12],
            locked=(numbers[:, 12][:, None] & _BITS) > 0,
            revisions=numbers[:, 13],
        )


def key_of(dimensions: dict[str, Any]) -> Key:
    """The key of a leaf of these dimensions; what is not said is empty."""
    return tuple(
        dimensions.get(dimension.code) or (None if dimension.model else "") for dimension in DIMENSIONS
    )


def write_edit(
    version: TargetVersion,
    metric: Metric,
    leaves: Leaves,
    *,
    by: User | None,
    act: str,
    level: str,
    values: Ints | None = None,
    locked: Bools | None = None,
    created: Sequence[tuple[Key, Ints]] = (),
    cell: dict[str, Any],
    totals: tuple[int, int],
) -> TargetEdit | None:
    """Write what differs from ``leaves`` and the new leaves as one edit; ``None`` where nothing differs.

    Call it with the version's row locked. ``totals`` are the cell's sum before and after.
    """
    after = leaves.values if values is None else values
    locks = leaves.locked if locked is None else locked
    changed = np.flatnonzero((after != leaves.values).any(axis=1) | (locks != leaves.locked).any(axis=1))
    if not changed.size and not created:
        return None
    version.revision += 1
    version.save(update_fields=["revision"])
    revision = version.revision
    before = np.c_[
        leaves.ids[changed],
        leaves.values[changed],
        _packed(leaves.locked[changed]),
        leaves.revisions[changed],
    ]
    _update(leaves.ids[changed], after[changed], _packed(locks[changed]), np.full(len(changed), revision))
    _insert(version, metric, level, revision, created)
    known = set(leaves.ids[changed].tolist())
    made = []
    if created:
        rows = TargetRow.objects.filter(version=version, metric=metric, level=level, revision=revision)
        made = [pk for pk in rows.values_list("pk", flat=True) if pk not in known]
    return TargetEdit.objects.create(
        version=version,
        metric=metric,
        level=level,
        revision=revision,
        act=act,
        cell=cell,
        old_total=totals[0],
        new_total=totals[1],
        before=packed_numbers(before),
        created=packed_numbers(np.array(made, dtype=np.int64)),
        by=by,
    )


def restore(before: Ints) -> None:
    """Put leaves back as a table of :func:`write_edit` says: id, twelve months, locks, revision."""
    _update(before[:, 0], before[:, 1:13], before[:, 13], before[:, 14])


def packed_numbers(numbers: Ints) -> bytes:
    return zlib.compress(np.ascontiguousarray(numbers, dtype="<i8").tobytes(), 1)


def unpacked_numbers(packed: bytes | memoryview, width: int) -> Ints:
    """The table back, ``width`` numbers a row."""
    flat = np.frombuffer(zlib.decompress(bytes(packed)), dtype="<i8") if packed else np.zeros(0, "<i8")
    return flat.reshape(-1, width).astype(np.int64)


def _packed(locked: Bools) -> Ints:
    packed: Ints = (locked * _BITS).sum(axis=1).astype(np.int64)
    return packed


def _update(ids: Ints, values: Ints, locked: Ints, revisions: Ints) -> None:
    """PostgreSQL takes the columns as arrays in one statement; SQLite, in the same process, is as fast row by row."""
    if not len(ids):
        return
    table, names = TargetRow._meta.db_table, (*MONTHS, "locked", "revision")
    rows = np.c_[values, locked, revisions, ids]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sets = ", ".join(f"{name} = new.{name}" for name in names)
            arrays = ", ".join(["%s::bigint[]"] * (len(names) + 1))
            cursor.execute(
                f"UPDATE {table} AS old SET {sets} FROM unnest({arrays}) AS new ({', '.join(names)}, id) WHERE old.id = new.id",
                rows.T.tolist(),
            )
        else:
            sets = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", rows.tolist())


def _insert(
    version: TargetVersion, metric: Metric, level: str, revision: int, created: Sequence[tuple[Key, Ints]]
) -> None:
    """New leaves without locks; by COPY where the database has it."""
    if not created:
        return
    table = TargetRow._meta.db_table
    columns = ("version_id", "metric_id", "level", *COLUMNS, *MONTHS, "locked", "revision")
    head = (version.pk, metric.pk, str(level))
    rows = [(*head, *key, *months.tolist(), 0, revision) for key, months in created]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
