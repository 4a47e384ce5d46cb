"""Who works on an import, and for how long; as ``intake.lease`` does it for recordings.

A claim raises ``attempt`` by one; that number is the token of whoever holds the row. Whatever is written for the job
happens in a transaction that begins with a conditional update on the token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from shengce.exchange.models import AT_WORK, ImportJob

LEASE_S = 120


class LeaseLost(Exception):
    """The job belongs to somebody else now; whatever was in hand must be dropped."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one import, as long as ``token`` is its attempt number."""

    job_id: int
    token: int

    @property
    def row(self) -> Any:
        """The job, where it is still ours."""
        return ImportJob.objects.filter(pk=self.job_id, attempt=self.token, state__in=AT_WORK)


def claim(*, job: int | None = None) -> Lease | None:
    """Take this job, or the oldest that waits; ``None`` where nobody may take it or others were faster."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())
    waiting = ImportJob.objects.filter(free, state__in=AT_WORK)
    if job is not None:
        waiting = waiting.filter(pk=job)
    for pk, attempt in waiting.order_by("pk").values_list("pk", "attempt")[:3]:
        mine = ImportJob.objects.filter(free, pk=pk, attempt=attempt, state__in=AT_WORK)
        if mine.update(attempt=F("attempt") + 1, lease_until=_until()):
            return Lease(pk, attempt + 1)
    return None


def beat(lease: Lease, *, position: int | None = None) -> None:
    """Prolong the lease and tell how far it is, in rows. Raises ``LeaseLost``."""
    changes: dict[str, Any] = {"lease_until": _until()}
    if position is not None:
        changes["position"] = position
    if not lease.row.update(**changes):
        raise LeaseLost


def release(lease: Lease) -> None:
    """Give the job back: the next one to look goes on with it."""
    lease.row.update(lease_until=None)


def _until() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_S)
