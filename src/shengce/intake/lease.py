"""Who works on a recording, and for how long: claim, beat, commit, fail, release, sweep.

The recording's row is the job. A claim raises ``attempt`` by one; that number is the token of the worker that holds
the row. Everything a worker writes happens in a transaction that begins with a conditional update on the token, so a
worker that lost its lease (paused, cut off, taken for dead) writes nothing. See docs/decisions/0001-the-row-is-the-job.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from shengce.intake.checkpoints import checkpoint
from shengce.recordings.models import Recording

BACKOFF_S = (30, 120, 600)
"""Seconds before the next try after the first, second … failure since the last committed stage; then it is FAILED."""

WORKER_LOST = "worker_lost"
"""Reason of a recording during which workers died again and again."""

_Status = Recording.Status


class LeaseLost(Exception):
    """The row belongs to somebody else now; whatever was in hand must be dropped."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one recording, as long as ``token`` is its attempt number."""

    recording_id: int
    token: int

    @property
    def row(self) -> Any:
        """The recording, where it is still ours."""
        return Recording.objects.filter(pk=self.recording_id, attempt=self.token, status=_Status.RUNNING)


def lease_until() -> datetime:
    return timezone.now() + timedelta(seconds=settings.SHENGCE_LEASE_S)


def claim(*, after: int = 0) -> tuple[Lease, int] | None:
    """Take a due recording; ``None`` where nothing is due or others were faster.

    Uploaders take turns: the one behind ``after`` is served, with the recording that has waited longest, so that one
    person's five hundred files do not keep everybody waiting. Returns the lease and the ``after`` of the next call.
    """
    due = Recording.objects.filter(status=_Status.WAITING, due_at__lte=timezone.now())
    uploaders = due.order_by().values_list("uploaded_by", flat=True).distinct()
    waiting = sorted(uploader or 0 for uploader in uploaders)
    for uploader in [*(u for u in waiting if u > after), *(u for u in waiting if u <= after)]:
        oldest = (
            due.filter(uploaded_by=uploader or None).order_by("due_at", "pk").values_list("pk", "attempt")
        )
        for pk, attempt in oldest[:3]:
            mine = Recording.objects.filter(pk=pk, attempt=attempt, status=_Status.WAITING)
            if mine.update(
                status=_Status.RUNNING, attempt=F("attempt") + 1, lease_until=lease_until(), progress=0
            ):
                return Lease(pk, attempt + 1), uploader
    return None


def beat(lease: Lease, *, progress: int | None = None) -> None:
    """Prolong the lease and tell how far the stage is, in per cent. Raises ``LeaseLost``."""
    changes: dict[str, Any] = {"lease_until": lease_until()}
    if progress is not None:
        changes["progress"] = progress
    if not lease.row.update(**changes):
        raise LeaseLost


def commit_stage(lease: Lease, *, before: str, stage: str, write: Callable[[], None], last: bool) -> None:
    """Write what a stage found and that it is done, in one transaction; with ``last`` the recording is DONE.

    Raises ``LeaseLost`` before anything is written where the token is no longer ours, or where somebody has set the
    recording back to another stage than ``before``, the one this work was built on.
    """
    changes: dict[str, Any] = {"stage": stage, "progress": 0, "failures": 0, "lease_until": lease_until()}
    if last:
        changes |= {
            "status": _Status.DONE,
            "lease_until": None,
            "finished_at": timezone.now(),
            "progress": 100,
        }
        changes |= {"error_code": "", "error_details": {}}
    with transaction.atomic():
        # The update comes first: on PostgreSQL it locks the row, so nobody takes it over until all is written.
        if not lease.row.filter(stage=before).update(**changes):
            raise LeaseLost
        write()
        checkpoint(f"{stage}:written")


def finish(lease: Lease) -> None:
    """A recording whose stages are all committed is done."""
    changes = {"status": _Status.DONE, "lease_until": None, "finished_at": timezone.now(), "progress": 100}
    lease.row.update(**changes, error_code="", error_details={})


def fail(lease: Lease, *, code: str, details: dict[str, Any]) -> None:
    """A try failed for a reason that may pass: wait longer each time, then end as FAILED."""
    failures = lease.row.values_list("failures", flat=True).first()
    if failures is None:
        return
    changes: dict[str, Any] = {"failures": failures + 1, "lease_until": None, "progress": 0}
    changes |= {"error_code": code, "error_details": details}
    if failures < len(BACKOFF_S):
        changes |= {
            "status": _Status.WAITING,
            "due_at": timezone.now() + timedelta(seconds=BACKOFF_S[failures]),
        }
    else:
        changes |= {"status": _Status.FAILED, "finished_at": timezone.now()}
    lease.row.update(**changes)


def refuse(lease: Lease, *, code: str, details: dict[str, Any]) -> None:
    """The recording cannot be used and never will be: no other try."""
    lease.row.update(
        status=_Status.REFUSED,
        lease_until=None,
        progress=0,
        error_code=code,
        error_details=details,
        finished_at=timezone.now(),
    )


def release(lease: Lease) -> None:
    """Give the recording back, because this worker is asked to stop: no failure, due at once."""
    lease.row.update(status=_Status.WAITING, lease_until=None, progress=0, due_at=timezone.now())


def sweep() -> int:
    """Put back recordings whose worker has vanished; returns how many. Every worker does it, at any time.

    A lost lease counts as a failure, so a recording that kills its workers comes to an end too, but it waits for
    nothing: usually it was the machine.
    """
    lost = Recording.objects.filter(status=_Status.RUNNING).filter(
        Q(lease_until__lt=timezone.now()) | Q(lease_until__isnull=True)
    )
    if not lost.exists():  # an idle worker writes nothing
        return 0
    ended = lost.filter(failures__gte=len(BACKOFF_S)).update(
        status=_Status.FAILED,
        failures=F("failures") + 1,
        lease_until=None,
        error_code=WORKER_LOST,
        error_details={},
        finished_at=timezone.now(),
    )
    return ended + lost.update(
        status=_Status.WAITING,
        failures=F("failures") + 1,
        lease_until=None,
        progress=0,
        due_at=timezone.now(),
    )
