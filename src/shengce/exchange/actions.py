"""Every step that a person takes with a file: give it, match its columns, import it, take it back, throw it away."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shengce.exchange import matching as columns_of
from shengce.exchange import work
from shengce.exchange.kind import Kind
from shengce.exchange.kinds import kind_of
from shengce.exchange.models import AT_WORK, ImportedRow, ImportJob
from shengce.exchange.reading.guard import read_table
from shengce.exchange.reading.limits import MEGABYTE, MOST_BYTES, Unreadable
from shengce.exchange.running import AT_ONCE
from shengce.exchange.wording import reason_of
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.recordings import files, nudge
from shengce.recordings.refusal import Refused

State = ImportJob.State
OPEN = (State.READ, State.PREVIEWED)
"""Nothing is stored yet, and nobody is at it."""
ENDED = (State.DONE, State.FAILED)


def receive_file(
    *, by: User, kind: str, file: IO[bytes], name: str, sheet: str = "", size: int | None = None
) -> ImportJob:
    """Take a table, find its heading and match its columns. ``ValidationError`` in words where it cannot be read.

    The same file for the same kind that still waits for this person is given back instead of a second one.
    """
    chosen = _kind(by, kind)
    if size is not None and size > MOST_BYTES:
        raise _unreadable(Unreadable("too_large", most_mb=MOST_BYTES // MEGABYTE))
    try:
        with files.staged(file, size=size) as staged:
            if staged.size > MOST_BYTES:
                raise Unreadable("too_large", most_mb=MOST_BYTES // MEGABYTE)
            if waiting := _waiting(by, kind, staged.sha256, sheet):
                return waiting
            job = ImportJob(
                kind=chosen.key,
                file_name=_file_name(name),
                sha256=staged.sha256,
                path=f"imports/{staged.sha256[:2]}/{staged.sha256}",
                language=get_language() or "zh-hans",
                by=by,
            )
            rows = _read(job, chosen, staged.path, sheet)
            files.store(staged, job.path)
    except Unreadable as error:
        raise _unreadable(error) from error
    except Refused as error:
        raise ValidationError(refused_words(error), code=error.code) from error
    job.matching = columns_of.suggest_matching(chosen, job.columns)
    with transaction.atomic():
        job.save()
        _move_rows(job, rows)
        record("import.received", job, by=by, kind=kind, file=job.file_name, sha256=job.sha256, rows=job.rows)
    return job


def choose_sheet(job: ImportJob, *, by: User, sheet: str) -> ImportJob:
    """Read another sheet of the workbook."""
    kind = _own(job, by)
    _require_state(job, OPEN)
    try:
        with files.on_disk(job.path) as path:
            rows = _read(job, kind, path, sheet)
    except Unreadable as error:
        raise _unreadable(error) from error
    job.matching = columns_of.suggest_matching(kind, job.columns)
    job.state = State.READ
    with transaction.atomic():
        _move_rows(job, rows)
        job.save()
    return job


def check_file(job: ImportJob, *, by: User, matching: Mapping[str, str] | None = None) -> ImportJob:
    """Understand every row with these columns (``{field: header}``); nothing is stored. A large file waits for the worker.

    ``ValidationError`` in words where a column that is needed is not matched.
    """
    kind = _own(job, by)
    wanted = dict(job.matching if matching is None else matching)
    columns_of.check_matching(kind, job.columns, wanted)
    changes = {
        "matching": wanted,
        "state": State.CHECKING,
        "position": 0,
        "language": get_language() or "zh-hans",
    }
    if not ImportJob.objects.filter(pk=job.pk, state__in=OPEN).update(**changes, lease_until=None):
        raise _not_now()
    columns_of.remember_matching(kind, job.columns, wanted)
    return _begin(job)


def run_import(job: ImportJob, *, by: User, good_only: bool = False, again: bool = False) -> ImportJob:
    """Import what was checked: all rows or none; with ``good_only`` without those that have faults.

    ``ValidationError``: it has faults and not ``good_only``, or no row is good, or (without ``again``) this file was imported
    before.
    """
    _own(job, by)
    if job.faulty_rows and not good_only:
        raise ValidationError(
            _("%(count)d rows have faults. Mend the file, or import only the good rows.")
            % {"count": job.faulty_rows},
            code="faults",
        )
    if job.faulty_rows >= job.rows:
        raise ValidationError(_("No row can be imported."), code="no_good_rows")
    earlier = imported_before(job)
    if earlier is not None and not again:
        raise ValidationError(already_words(earlier), code="already")
    changes = {
        "state": State.RUNNING,
        "good_only": good_only,
        "message": "",
        "position": 0,
        "made": 0,
        "changed": 0,
        "unchanged": 0,
    }
    with transaction.atomic():
        fresh = ImportJob.objects.filter(pk=job.pk, state=State.PREVIEWED)
        if not fresh.update(**changes, language=get_language() or "zh-hans", lease_until=None):
            raise _not_now()
        record("import.started", job, by=by, kind=job.kind, good_only=good_only)
    return _begin(job)


def undo_import(job: ImportJob, *, by: User) -> ImportJob:
    """Take back what it made and changed, as far as nothing depends on it (``undoing``)."""
    _own(job, by)
    if not ImportedRow.objects.filter(job=job).exists():
        raise ValidationError(_("There is nothing to take back."), code="nothing")
    with transaction.atomic():
        fresh = ImportJob.objects.filter(pk=job.pk, state__in=ENDED)
        if not fresh.update(state=State.UNDOING, position=0, faulty_rows=0, message="", lease_until=None):
            raise _not_now()
        job.faults.all().delete()
        record("import.undone", job, by=by, kind=job.kind)
    return _begin(job, rows=ImportedRow.objects.filter(job=job).count())


def discard_import(job: ImportJob, *, by: User) -> None:
    """Throw away a file that was not imported, or whose import was taken back entirely."""
    _own(job, by)
    keys = [job.path, job.rows_path]
    with transaction.atomic():
        locked = (
            ImportJob.objects.select_for_update().filter(pk=job.pk).exclude(state__in=(*AT_WORK, State.DONE))
        )
        if not locked.exists() or ImportedRow.objects.filter(job=job).exists():
            raise _not_now()
        record("import.discarded", job, by=by, kind=job.kind, file=job.file_name)
        ImportJob.objects.filter(pk=job.pk).delete()
        kept = ImportJob.objects.filter(path=job.path).exists()
        transaction.on_commit(lambda: _remove(keys[1:] if kept else keys))


def note_export(*, by: User, kind: str, file_format: str) -> None:
    """Write down who took which list out of the house."""
    require(by, "exchange.use")
    require(by, kind_of(kind).sees)
    record("table.exported", by, by=by, kind=kind, format=file_format)


def refused_words(error: Refused) -> str:
    """Why a file was not taken, in words."""
    if error.code == "disk_full":
        return _("There is no room on the disk for this file.")
    if error.code == "empty":
        return reason_of(Unreadable("empty"))
    if error.code == "too_large":
        return reason_of(Unreadable("too_large", most_mb=MOST_BYTES // MEGABYTE))
    return _("The file could not be stored.")


def imported_before(job: ImportJob) -> ImportJob | None:
    """An import of the same file as the same kind that stands, whoever did it."""
    same = ImportJob.objects.filter(sha256=job.sha256, kind=job.kind, sheet=job.sheet, state=State.DONE)
    found: ImportJob | None = same.exclude(pk=job.pk).select_related("by").order_by("-finished_at").first()
    return found


def already_words(earlier: ImportJob) -> str:
    """When, by whom and how much."""
    return _("%(name)s imported this file on %(day)s: %(made)d new, %(changed)d changed.") % {
        "name": earlier.by,
        "day": timezone.localtime(earlier.finished_at).strftime("%Y-%m-%d %H:%M"),
        "made": earlier.made,
        "changed": earlier.changed,
    }


# ---


def _kind(by: User, key: str) -> Kind:
    require(by, "exchange.use")
    try:
        kind = kind_of(key)
    except KeyError:
        raise ValidationError(_("There is nothing of this kind to import."), code="kind") from None
    require(by, kind.permission)
    return kind


def _own(job: ImportJob, by: User) -> Kind:
    if not ImportJob.objects.visible_to(by).filter(pk=job.pk).exists():
        raise PermissionDenied(_("This import is somebody else's."))
    return _kind(by, job.kind)


def _waiting(by: User, kind: str, sha256: str, sheet: str) -> ImportJob | None:
    waiting = ImportJob.objects.visible_to(by).filter(kind=kind, sha256=sha256, state__in=OPEN)
    if sheet:
        waiting = waiting.filter(sheet=sheet)
    found: ImportJob | None = waiting.order_by("-pk").first()
    return found


def _read(job: ImportJob, kind: Kind, path: Path, sheet: str) -> Path:
    """Fill the job with what the child found; its rows lie in the incoming folder until :func:`_move_rows`."""
    with tempfile.NamedTemporaryFile(
        dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="rows-", suffix=".jsonl", delete=False
    ) as handle:
        rows = Path(handle.name)
    try:
        reading = read_table(path, rows, name=job.file_name, known=columns_of.known_names(kind), sheet=sheet)
    except BaseException:
        rows.unlink(missing_ok=True)
        raise
    job.sheets, job.sheet = reading.sheets[:200], reading.sheet[:100]
    job.columns, job.header_row = reading.columns, reading.header_row
    job.rows, job.left_out = reading.rows, reading.left_out
    return rows


def _move_rows(job: ImportJob, rows: Path) -> None:
    """Put the rows that were read beside the file, under the job's own key."""
    try:
        job.rows_path = f"{job.path}-{job.pk}.jsonl"
        files.write(job.rows_path, rows)
        ImportJob.objects.filter(pk=job.pk).update(rows_path=job.rows_path)
    except Refused as error:
        raise ValidationError(refused_words(error), code=error.code) from error
    finally:
        rows.unlink(missing_ok=True)


def _begin(job: ImportJob, rows: int | None = None) -> ImportJob:
    """Small files now, in this request; large ones when the worker comes by."""
    job.refresh_from_db()
    if (job.rows if rows is None else rows) <= AT_ONCE:
        work.work_now(job)
    else:
        transaction.on_commit(nudge.give)
    return job


def _require_state(job: ImportJob, states: tuple[str, ...]) -> None:
    if not ImportJob.objects.filter(pk=job.pk, state__in=states).exists():
        raise _not_now()


def _not_now() -> ValidationError:
    return ValidationError(_("This import has moved on meanwhile: look at it again."), code="state")


def _unreadable(error: Unreadable) -> ValidationError:
    return ValidationError(reason_of(error), code=error.code)


def _file_name(name: str) -> str:
    short = " ".join(Path(name.replace("\\", "/").replace("\x00", "")).name.split())
    return short.encode("utf-8", "replace").decode()[-200:] or "-"


def _remove(keys: list[str]) -> None:
    for key in keys:
        if key:
            default_storage.delete(key)
