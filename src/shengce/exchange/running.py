"""Checking a file and importing it: entry by entry, through the actions of the rooms that own the tables.

Checking a small file is importing it and rolling back, so the preview says exactly what would happen. A large one is
understood and looked up without writing. Importing commits in short batches together with the
position reached: others write between two batches, and whoever goes on after a power cut does nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F, Model
from django.utils import timezone, translation

from shengce.exchange import understanding
from shengce.exchange.cells import Choice, text_of
from shengce.exchange.entries import Tally, Touched, faults_before, import_entry
from shengce.exchange.foreseeing import AT_ONCE as FORESEEN_AT_ONCE
from shengce.exchange.foreseeing import Credit, foresee
from shengce.exchange.kind import Field, Kind
from shengce.exchange.kinds import kind_of
from shengce.exchange.leases import Lease, LeaseLost, beat
from shengce.exchange.lookup import Lookup
from shengce.exchange.models import ImportedRow, ImportFault, ImportJob
from shengce.exchange.snapshots import difference, snapshot
from shengce.exchange.understanding import Columns, Fault, Line
from shengce.recordings import files

AT_ONCE = 2_000
"""Rows of a small file: checked by trying, imported in one transaction while the person waits."""
SHOWN = 20
"""Rows of the preview."""
BATCH_S = 0.09
BREATH_S = 0.03
"""Between two batches on SQLite, which has one writer at a time. Who waits for it looks again every 25 ms at first, but after
128 ms only every 50 to 100 ms: a batch and a breath must fit into the first stretch, and the breath must be longer than
25 ms, or he misses one breath after the other (measured: p95 837 ms with 150 and 20 ms, 108 ms with 100 and 30 ms).
"""
FAULTS_AT_ONCE = 1_000

GoOn = Callable[[], bool]
State = ImportJob.State


# --- checking


def check(job: ImportJob, lease: Lease, go_on: GoOn) -> bool:
    """Understand every row, and store counts, faults and preview. False where it was asked to stop before the end."""
    kind, columns = kind_of(job.kind), Columns.of(job.columns, job.matching)
    with translation.override(job.language), files.on_disk(job.rows_path) as path:
        understanding.gather(kind, columns, path)
        if files.local_path(job.rows_path) is None:
            files.write(job.rows_path, path)
        tally = Tally()
        shown: list[Line] = []
        whole = _tried if job.rows <= AT_ONCE else _looked_up
        if not whole(kind, columns, path, Lookup(job.by), tally, shown, lease, go_on):
            return False
        preview = [_as_shown(kind, line, tally) for line in shown]
    with transaction.atomic():
        _hold(lease, State.CHECKING)
        ImportFault.objects.filter(job=job).delete()
        _store_faults(job.pk, tally.faults)
        ImportJob.objects.filter(pk=job.pk).update(
            state=State.PREVIEWED,
            position=0,
            made=tally.made,
            changed=tally.changed,
            unchanged=tally.unchanged,
            faulty_rows=tally.faulty_rows,
            preview=preview,
            message=tally.notice,
            lease_until=None,
        )
    return True


def _tried(
    kind: Kind,
    columns: Columns,
    path: Path,
    lookup: Lookup,
    tally: Tally,
    shown: list[Line],
    lease: Lease,
    go_on: GoOn,
) -> bool:
    """Import everything and take it back at once."""
    with transaction.atomic():
        seen: dict[Hashable, int] = {}
        for entry in _understood(kind, columns, understanding.lines_of(path), lookup):
            _keep(shown, entry)
            import_entry(kind, columns, entry, lookup, tally, seen)
        transaction.set_rollback(True)
    return True


def _looked_up(
    kind: Kind,
    columns: Columns,
    path: Path,
    lookup: Lookup,
    tally: Tally,
    shown: list[Line],
    lease: Lease,
    go_on: GoOn,
) -> bool:
    """Understand and foresee without writing; what only writing shows is heard while it is imported."""
    seen: dict[Hashable, int] = {}
    credit = Credit()
    told = time.monotonic()
    batch: list[tuple[list[Line], list[Fault]]] = []
    for entry in _understood(kind, columns, understanding.lines_of(path), lookup):
        _keep(shown, entry)
        faults = faults_before(kind, columns, entry, seen)
        if kind.coming is not None and not faults:
            lookup.coming |= kind.coming(entry[0].values)
        batch.append((entry, faults))
        if len(batch) == FORESEEN_AT_ONCE:
            _predict(kind, columns, batch, lookup, tally, credit)
            batch.clear()
        if time.monotonic() - told > 1:
            told = time.monotonic()
            beat(lease, position=tally.rows)
            if not go_on():
                return False
    _predict(kind, columns, batch, lookup, tally, credit)
    tally.notice = credit.words
    return True


def _predict(
    kind: Kind,
    columns: Columns,
    batch: list[tuple[list[Line], list[Fault]]],
    lookup: Lookup,
    tally: Tally,
    credit: Credit,
) -> None:
    """What will become of these entries; those without a fault in their cells are looked up together."""
    said = [[line.values for line in entry] for entry, faults in batch if not faults]
    foreseen = iter(foresee(kind, said, lookup, credit) if said else [])
    for entry, known in batch:
        tally.rows += len(entry)
        faults = known
        if not faults:
            found = next(foreseen)
            if found.problem is None:
                tally.expect(entry, found.outcome)
                continue
            faults = understanding.faults_of(entry[0].row, columns, found.problem)
        tally.refuse(entry, faults)


# --- importing


def run(job: ImportJob, lease: Lease, go_on: GoOn, *, until: float | None = None) -> bool:
    """Import from where it stands; until the end, a fault that stops it, or the time ``until``. Whether it has ended.

    A small file is one transaction. In a large one that is all or nothing, a fault begins the taking back.
    """
    kind, columns = kind_of(job.kind), Columns.of(job.columns, job.matching)
    left_out = _left_out(job)
    with translation.override(job.language), files.on_disk(job.rows_path) as path:
        lookup = Lookup(job.by)
        lines = understanding.lines_of(path, start=job.position)
        entries = understanding.entries_of(kind, columns, lines)
        at_once = job.rows <= AT_ONCE
        while True:
            tally = _batch(job, lease, kind, columns, entries, lookup, left_out, None if at_once else BATCH_S)
            if tally.faults and not job.good_only:
                return _stop(job, lease, tally)
            if at_once or not tally.rows:
                _finish(job, lease)
                return True
            if connection.vendor == "sqlite":
                time.sleep(BREATH_S)
            if not go_on() or (until is not None and time.monotonic() >= until):
                return False


def _batch(
    job: ImportJob,
    lease: Lease,
    kind: Kind,
    columns: Columns,
    entries: Iterator[list[Line]],
    lookup: Lookup,
    left_out: set[int],
    seconds: float | None,
) -> Tally:
    """One transaction's worth of entries, committed with the position that was reached."""
    tally = Tally()
    with transaction.atomic():
        _hold(lease, State.RUNNING)
        started = time.monotonic()
        for entry in entries:
            if any(line.row in left_out for line in entry):
                tally.rows += len(entry)
            else:
                for line in entry:
                    understanding.understand(kind, columns, line, lookup)
                import_entry(kind, columns, entry, lookup, tally, {})
            if tally.faults and not job.good_only and seconds is not None:
                break
            if seconds is not None and time.monotonic() - started > seconds:
                break
        if tally.faults and not job.good_only:
            transaction.set_rollback(True)
            return tally
        _store_touched(job.pk, tally.touched)
        _store_faults(job.pk, tally.faults)
        ImportJob.objects.filter(pk=job.pk).update(
            position=F("position") + tally.rows,
            made=F("made") + tally.made,
            changed=F("changed") + tally.changed,
            unchanged=F("unchanged") + tally.unchanged,
            faulty_rows=F("faulty_rows") + tally.faulty_rows,
        )
    return tally


def _stop(job: ImportJob, lease: Lease, tally: Tally) -> bool:
    """All or nothing, and something is wrong: what is in already goes out again."""
    with transaction.atomic():
        _hold(lease, State.RUNNING)
        _store_faults(job.pk, tally.faults)
        something = ImportedRow.objects.filter(job=job.pk).exists()
        ImportJob.objects.filter(pk=job.pk).update(
            state=State.UNDOING if something else State.FAILED,
            faulty_rows=F("faulty_rows") + tally.faulty_rows,
            made=0,
            changed=0,
            unchanged=0,
            position=0,
            lease_until=None,
            finished_at=None if something else timezone.now(),
        )
    return True


def _finish(job: ImportJob, lease: Lease) -> None:
    with transaction.atomic():
        _hold(lease, State.RUNNING)
        ImportJob.objects.filter(pk=job.pk).update(
            state=State.DONE, lease_until=None, finished_at=timezone.now()
        )


def _understood(kind: Kind, columns: Columns, lines: Iterator[Line], lookup: Lookup) -> Iterator[list[Line]]:
    for entry in understanding.entries_of(kind, columns, lines):
        for line in entry:
            understanding.understand(kind, columns, line, lookup)
        yield entry


# --- storing


def _hold(lease: Lease, state: str) -> None:
    """The update comes first: on PostgreSQL it locks the row, so nobody takes it over until all is written."""
    if not lease.row.filter(state=state).update(attempt=lease.token):
        raise LeaseLost


def _store_touched(job: int, touched: Sequence[Touched]) -> None:
    """Each thing once, with its values as they are stored now: read again, because actions tidy what they are given."""
    first: dict[tuple[str, int], Touched] = {}
    for item in touched:
        first.setdefault((item.thing._meta.label, item.thing.pk), item)
    now: dict[tuple[str, int], Model] = {}
    for label in {label for label, _pk in first}:
        manager = apps.get_model(label)._base_manager
        ids = [pk for name, pk in first if name == label]
        for start in range(0, len(ids), 500):
            now |= {(label, pk): thing for pk, thing in manager.in_bulk(ids[start : start + 500]).items()}
    rows = []
    for key, item in first.items():
        if key not in now:
            continue
        after = snapshot(now[key])
        values = (
            {name: [None, value] for name, value in after.items()}
            if item.made
            else difference(item.before, after)
        )
        if values:
            rows.append(
                ImportedRow(
                    job_id=job,
                    row=item.row,
                    model=key[0],
                    row_id=key[1],
                    name=str(now[key])[:200],
                    made=item.made,
                    values=values,
                )
            )
    ImportedRow.objects.bulk_create(rows, batch_size=500)


def _store_faults(job: int, faults: Sequence[Fault]) -> None:
    for start in range(0, len(faults), FAULTS_AT_ONCE):
        ImportFault.objects.bulk_create(
            ImportFault(job_id=job, row=f.row, field=f.field, column=f.column, code=f.code[:40], text=f.text)
            for f in faults[start : start + FAULTS_AT_ONCE]
        )


def _left_out(job: ImportJob) -> set[int]:
    """Rows that the check found faulty: what the preview said is what happens."""
    return set(ImportFault.objects.filter(job=job).values_list("row", flat=True))


def _keep(shown: list[Line], entry: Sequence[Line]) -> None:
    if len(shown) < SHOWN:
        shown += entry[: SHOWN - len(shown)]


def _as_shown(kind: Kind, line: Line, tally: Tally) -> dict[str, Any]:
    """A row of the preview: ``{"row", "outcome", "cells": {field: text}, "faults": {field: text}}``."""
    faults = [fault for fault in tally.faults if fault.row == line.row]
    return {
        "row": line.row,
        "outcome": tally.outcomes.get(line.row, ""),
        "cells": {
            item.key: _words(item, line.values[item.key]) for item in kind.fields if item.key in line.values
        },
        "faults": {fault.field: fault.text for fault in faults},
    }


def _words(item: Field, value: Any) -> str:
    if isinstance(item.read, Choice):
        return item.read.words(value)
    if isinstance(value, list):
        return "；".join(str(item) for item in value)
    return (
        timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if hasattr(value, "hour") else text_of(value)
    )[:200]
