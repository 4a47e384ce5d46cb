"""The work that waits: large files are checked, imported and taken back by the worker, a slice at a time.

Between two slices the worker looks after recordings, so nobody waits for a file of 200,000 rows.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import OperationalError, close_old_connections
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shengce.exchange import leases, running, undoing
from shengce.exchange.leases import Lease, LeaseLost
from shengce.exchange.models import ImportJob

log = logging.getLogger(__name__)

SLICE_S = 3.0
LOOK_AGAIN_S = 0.1
State = ImportJob.State


def work_once(go_on: Callable[[], bool]) -> bool:
    """One slice of the oldest import that waits; whether there was one. ``go_on`` says whether the worker may stay at it."""
    lease = leases.claim()
    if lease is None:
        return False
    work_on(lease, go_on, until=time.monotonic() + SLICE_S)
    return True


def work_now(job: ImportJob, *, patience_s: float = 60.0) -> None:
    """Do all that is to be done with the job in this process. Where a worker was faster, wait for it, but not for ever."""
    waited_since = time.monotonic()
    while True:
        if (lease := leases.claim(job=job.pk)) is not None:
            try:
                work_on(lease, lambda: True)
            except (
                OperationalError
            ):  # the database is away or overloaded: nothing is lost, it goes on from there
                if time.monotonic() - waited_since > patience_s:
                    raise
                log.exception("database trouble; trying again")
                _set_free(lease)
            else:
                waited_since = time.monotonic()
        job.refresh_from_db()
        if not job.is_at_work or time.monotonic() - waited_since > patience_s:
            return
        if lease is None:
            time.sleep(LOOK_AGAIN_S)


def _set_free(lease: Lease) -> None:
    """Wait a little, and give the job back so that it need not wait for the lease to run out."""
    close_old_connections()
    time.sleep(1)
    with suppress(OperationalError):
        leases.release(lease)


def work_on(lease: Lease, go_on: Callable[[], bool], *, until: float | None = None) -> None:
    """Check, import or take back, as the job's state says; then give it back where it has not ended."""
    job = ImportJob.objects.select_related("by__unit").get(pk=lease.job_id)

    def may_stay() -> bool:
        leases.beat(lease)
        return go_on()

    try:
        if job.state == State.CHECKING:
            ended = running.check(job, lease, may_stay)
        elif job.state == State.RUNNING:
            ended = running.run(job, lease, may_stay, until=until)
        else:
            ended = undoing.undo(job, lease, may_stay, until=until)
    except LeaseLost:
        log.warning("import %d: the lease was lost; nothing was written", job.pk)
    except OperationalError:
        raise  # the lease runs out by itself
    except Exception:
        log.exception("import %d broke down", job.pk)
        with translation.override(job.language):
            words = _("Something went wrong in the program; it is written down in its log.")
        lease.row.update(state=State.FAILED, message=words, lease_until=None, finished_at=timezone.now())
    else:
        if not ended:
            leases.release(lease)
