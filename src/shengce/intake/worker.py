"""The worker: takes recordings that are due, one after the other, and walks them along ``STEPS``.

Start as many as there are processors to spare; they need to know nothing of each other. A worker may be killed at any
moment: what it had committed stays, the rest is done again by whoever claims the recording next.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, OperationalError, close_old_connections
from django.utils import timezone

from shengce.intake import lease as leases
from shengce.intake.checkpoints import checkpoint
from shengce.intake.lease import Lease, LeaseLost
from shengce.intake.steps import STEPS, Work, steps_after
from shengce.recordings import nudge
from shengce.recordings.models import Recording
from shengce.recordings.models import Worker as WorkerRow
from shengce.recordings.refusal import Refused
from shengce.speech.errors import AudioError
from shengce.speech.limits import Limits
from shengce.speech.recognise import Recogniser

log = logging.getLogger(__name__)

POLL_S = 0.5
SWEEP_S = 1.0
CHORES_S = 3600.0
HEARTBEAT_S = 5.0
PROGRESS_S = 1.0
FORGET_AFTER = timedelta(days=1)

UNUSABLE = frozenset(
    {
        "empty",
        "not_audio",
        "no_sound",
        "unsupported_codec",
        "truncated",
        "too_short",
        "too_long",
        "too_large",
        "silent",
        "no_speech",
    }
)
"""Reasons that lie in the recording itself: another try would end the same way. All others may pass."""


class Worker:
    """One process's work. Use as a context manager: the recogniser's child and the heartbeat row end with it.

    ``chores`` is called at the start and once an hour, between two recordings: what is due without a recording.
    ``errand`` is asked for a short piece of other work in every round; it is given a function that says whether to stay
    at it, and returns whether there was any.
    """

    def __init__(
        self,
        *,
        model_dir: Path | None = None,
        chores: Callable[[], object] | None = None,
        errand: Callable[[Callable[[], bool]], bool] | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"[:120]
        self._recogniser = Recogniser(model_dir=model_dir, limits=_limits())
        self._stop = threading.Event()
        self._chores = chores
        self._errand = errand
        self._chores_due = 0.0
        self._after = 0
        self._swept = 0.0
        self._beaten = 0.0

    def __enter__(self) -> Self:
        WorkerRow.objects.filter(beat_at__lt=timezone.now() - FORGET_AFTER).delete()
        WorkerRow.objects.update_or_create(
            name=self.name,
            defaults={"started_at": timezone.now(), "beat_at": timezone.now(), "recording": None},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recogniser.close()
        with suppress(DatabaseError):
            WorkerRow.objects.filter(name=self.name).delete()

    def stop(self) -> None:
        """Ask it to end soon: a short step is finished, a long one is given back. Safe in a signal handler."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def run(self, *, once: bool = False, drain: bool = False) -> int:
        """Work until asked to stop; ``once``: one recording at most; ``drain``: until nothing is left to do.

        Draining waits for recordings that are due later or in other workers' hands. Returns how many it worked on.
        """
        number = 0
        while not self.stopping:
            try:
                worked = self.work_once()
                ran = self._errand is not None and self._errand(self._stays)
            except OperationalError:
                # The database is away or overloaded: nothing is lost, leases run out by themselves.
                log.exception("database trouble; trying again")
                close_old_connections()
                self._stop.wait(2 * POLL_S)
                continue
            number += worked
            if once or (drain and not (worked or ran) and not _unfinished()):
                break
            if not (worked or ran):
                nudge.wait(POLL_S)
        return number

    def work_once(self) -> bool:
        """Sweep, claim and process one recording; whether there was one."""
        close_old_connections()
        self._heartbeat()
        if time.monotonic() - self._swept >= SWEEP_S:
            self._swept = time.monotonic()
            if returned := leases.sweep():
                log.warning("%d recordings taken back from workers that vanished", returned)
        if self._chores is not None and time.monotonic() >= self._chores_due:
            self._chores_due = time.monotonic() + CHORES_S
            self._chores()
        claimed = leases.claim(after=self._after)
        if claimed is None:
            return False
        lease, self._after = claimed
        self._process(lease)
        return True

    def _stays(self) -> bool:
        """Keep the heartbeat while an errand runs; whether it may go on."""
        self._heartbeat()
        return not self.stopping

    def _process(self, lease: Lease) -> None:
        recording = Recording.objects.select_related("rep__unit", "unit", "customer", "contact").get(
            pk=lease.recording_id
        )
        self._heartbeat(recording)
        finished: bool | None = None
        try:
            finished = self._walk(lease, recording)
        except LeaseLost:
            log.warning("recording %d: the lease was lost; nothing was written", recording.pk)
        except (AudioError, Refused) as error:
            finished = self._give_up(lease, error)
        except OperationalError:
            raise  # the lease runs out by itself
        except Exception as error:
            finished = False
            log.exception("recording %d: a step broke down", recording.pk)
            leases.fail(lease, code="internal", details={"what": type(error).__name__})
        self._heartbeat(None, finished=finished, ended=True)

    def _walk(self, lease: Lease, recording: Recording) -> bool | None:
        """The steps after the last committed one. True: done; ``None``: given back."""
        left = steps_after(recording.stage)
        if not left:
            leases.finish(lease)
        for stage, step in left:
            if self.stopping:
                leases.release(lease)
                return None
            keeper = Keeper(self, lease)
            write = step(Work(recording, self._recogniser, keeper.progress, keeper.beat))
            checkpoint(f"{stage}:worked")
            last = stage == STEPS[-1][0]
            leases.commit_stage(lease, before=recording.stage, stage=stage, write=write, last=last)
            checkpoint(f"{stage}:committed")
            recording.stage = stage
        return True

    def _give_up(self, lease: Lease, error: AudioError | Refused) -> bool | None:
        """Refused for good or to be tried again later (False), or given back because this worker is to stop."""
        details = error.message_args if isinstance(error, AudioError) else error.details
        if isinstance(error, AudioError) and error.detail:
            log.warning("recording %d: %s: %s", lease.recording_id, error.code, error.detail)
        if self.stopping or error.code == "cancelled":
            leases.release(lease)
            return None
        if error.code in UNUSABLE:
            leases.refuse(lease, code=error.code, details=details)
        else:
            leases.fail(lease, code=error.code, details=details)
        return False

    def _heartbeat(
        self, recording: Recording | None = None, *, ended: bool = False, finished: bool | None = None
    ) -> None:
        """Keep the worker's row fresh; at once when it takes or ends a recording."""
        changed = recording is not None or ended
        if not changed and time.monotonic() - self._beaten < HEARTBEAT_S:
            return
        self._beaten = time.monotonic()
        row, _made = WorkerRow.objects.get_or_create(name=self.name)
        row.beat_at = timezone.now()
        if changed:
            row.recording = recording
        row.finished += finished is True
        row.failed += finished is False
        row.save()


class Keeper:
    """Keeps one lease alive while a step works, and writes its progress at most once a second."""

    def __init__(self, worker: Worker, lease: Lease) -> None:
        self._worker = worker
        self._lease = lease
        self._written_at = time.monotonic()
        self._per_cent = 0
        self._told = 0

    def progress(self, stage: str, done: float) -> None:
        """How far recognition is, 0 to 1. Decoding runs ahead of it and is not shown."""
        checkpoint("listening")
        if stage == "recognise":
            self._per_cent = int(done * 100)

    def beat(self) -> bool:
        """Called about twice a second while a child works; True asks it to stop. Raises ``LeaseLost``."""
        waited = time.monotonic() - self._written_at
        moved = self._per_cent != self._told
        if waited >= settings.SHENGCE_LEASE_S / 3 or (moved and waited >= PROGRESS_S):
            self._written_at, self._told = time.monotonic(), self._per_cent
            leases.beat(self._lease, progress=self._per_cent)
            self._worker._heartbeat()
        return self._worker.stopping


def _limits() -> Limits:
    return Limits(
        file_bytes=settings.SHENGCE_MAX_FILE_BYTES,
        duration_ms=settings.SHENGCE_MAX_DURATION_S * 1000,
        memory_bytes=settings.SHENGCE_CHILD_MEMORY_BYTES,
    )


def _unfinished() -> bool:
    return Recording.objects.filter(status__in=(Recording.Status.WAITING, Recording.Status.RUNNING)).exists()
