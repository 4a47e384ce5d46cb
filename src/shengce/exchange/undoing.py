"""Taking an import back: what it made goes where nothing depends on it, what it changed gets its old values.

Newest first, so that what refers to something else of the same import goes before it. A thing stays, with words that say
why, where other records depend on it or somebody has changed it since.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shengce.exchange.kind import Kind
from shengce.exchange.kinds import kind_of
from shengce.exchange.leases import Lease, LeaseLost
from shengce.exchange.models import ImportedRow, ImportFault, ImportJob
from shengce.exchange.snapshots import restored, snapshot
from shengce.exchange.wording import things
from shengce.people.models import User, record

BATCH = 100
BREATH_S = 0.02
KEPT = "kept"
State = ImportJob.State


def undo(job: ImportJob, lease: Lease, go_on: Callable[[], bool], *, until: float | None = None) -> bool:
    """Go on taking back until nothing is left or the time ``until``. Whether it has ended."""
    kind = kind_of(job.kind)
    with translation.override(job.language):
        while True:
            with transaction.atomic():
                if not lease.row.filter(state=State.UNDOING).update(attempt=lease.token):
                    raise LeaseLost
                rows = list(ImportedRow.objects.filter(job=job).order_by("-pk")[:BATCH])
                if not rows:
                    _finish(job)
                    return True
                kept = _take_back(kind, rows, job.by)
                ImportFault.objects.bulk_create(
                    ImportFault(job=job, row=row.row, code=KEPT, text=f"{row.name}: {words}"[:500])
                    for row, words in kept
                )
                ImportedRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
            if connection.vendor == "sqlite":
                time.sleep(BREATH_S)
            if not go_on() or (until is not None and time.monotonic() >= until):
                return False


def _finish(job: ImportJob) -> None:
    """FAILED where a fault began the taking back, UNDONE where a person did."""
    failed = job.faulty_rows and not job.good_only
    kept = ImportFault.objects.filter(job=job, code=KEPT).count()
    words = _("%(count)d things stay, see below.") % {"count": kept} if kept else ""
    ImportJob.objects.filter(pk=job.pk).update(
        state=State.FAILED if failed else State.UNDONE,
        message=words,
        lease_until=None,
        finished_at=timezone.now(),
    )


def _take_back(kind: Kind, rows: list[ImportedRow], by: User) -> list[tuple[ImportedRow, str]]:
    """The rows that stay, and why."""
    kept: dict[int, str] = {}
    things_now = _things(rows)
    for row in rows:
        thing = things_now.get((row.model, row.row_id))
        if thing is not None and row.made and (words := _changed_since(row, thing)):
            kept[row.pk] = words
    kept |= _depended_on(kind, [row for row in rows if row.made and row.pk not in kept], things_now)
    for row in rows:
        thing = things_now.get((row.model, row.row_id))
        if thing is None or row.pk in kept:
            continue
        try:
            with transaction.atomic():
                words = _delete(kind, thing, by) if row.made else _restore(kind, row, thing, by)
        except (ProtectedError, RestrictedError):
            words = _("other records depend on it.")
        except (ValidationError, PermissionDenied) as problem:
            words = " ".join(getattr(problem, "messages", [str(problem)]))
        except DatabaseError:
            words = _("its old values contradict what is there now.")
        if words:
            kept[row.pk] = words
    return [(row, kept[row.pk]) for row in rows if row.pk in kept]


def _things(rows: Iterable[ImportedRow]) -> dict[tuple[str, int], Model]:
    """What the rows stand for, as far as it is still there."""
    ids: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        ids[row.model].append(row.row_id)
    return {
        (label, pk): thing
        for label, wanted in ids.items()
        for pk, thing in apps.get_model(label)._base_manager.in_bulk(wanted).items()
    }


def _changed_since(row: ImportedRow, thing: Model) -> str:
    now = snapshot(thing)
    changed = [name for name, (_before, after) in row.values.items() if name in now and now[name] != after]
    return _("somebody has changed it since.") if changed else ""


def _depended_on(
    kind: Kind, rows: list[ImportedRow], things_now: dict[tuple[str, int], Model]
) -> dict[int, str]:
    """Rows whose thing others refer to; a thing of the same batch that goes too does not hold it."""
    going = {(row.model, row.row_id): row for row in rows if (row.model, row.row_id) in things_now}
    holders: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    for label in {label for label, _pk in going}:
        ids = [pk for name, pk in going if name == label]
        for other, target, pk in _references(apps.get_model(label), ids, kind.parts):
            holders[(label, target)].append((other, pk))
    kept: dict[int, str] = {}
    while True:
        held = {
            key: [holder for holder in holders[key] if holder not in going] for key in going if holders[key]
        }
        held = {key: found for key, found in held.items() if found}
        if not held:
            return kept
        for key, found in held.items():
            row = going.pop(key)
            counts = Counter(other for other, _pk in found)
            named = _(", ").join(things(other, number) for other, number in counts.items())
            kept[row.pk] = _("others depend on it: %(things)s.") % {"things": named}


def _references(model: type[Model], ids: list[int], parts: tuple[str, ...]) -> Iterable[tuple[str, int, int]]:
    """``(model, id that it refers to, its own id)`` of every row that refers to one of ``ids``."""
    for relation in model._meta.get_fields(include_hidden=True):
        field: Any = getattr(relation, "field", None)
        other: Any = getattr(relation, "related_model", None)
        if not relation.auto_created or relation.concrete or field is None or other._meta.label in parts:
            continue
        if field.many_to_many:
            continue  # its table has a row model of its own, which is asked
        found = other._base_manager.filter(**{f"{field.name}__in": ids})
        for target, pk in found.values_list(field.attname, "pk")[: 10 * BATCH]:
            yield other._meta.label, target, pk


def _delete(kind: Kind, thing: Any, by: User) -> str:
    if kind.take_back is not None and isinstance(thing, kind.model):
        kind.take_back(thing, by)
        return ""
    record("import.taken_back", thing, by=by, was=snapshot(thing))
    thing.delete()
    return ""


def _restore(kind: Kind, row: ImportedRow, thing: Model, by: User) -> str:
    """The old values, in the columns that still hold what the import wrote."""
    now = snapshot(thing)
    untouched = {name: before for name, (before, after) in row.values.items() if now.get(name) == after}
    if untouched:
        old = restored(type(thing), untouched)
        if kind.restore is not None and isinstance(thing, kind.model):
            kind.restore(thing, old, by)
        else:
            type(thing)._base_manager.filter(pk=thing.pk).update(**old)
        record("import.restored", thing, by=by, values=untouched)
    if len(untouched) < len(row.values):
        return _("somebody has changed it since; what he wrote stays.")
    return ""
