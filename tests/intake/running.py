"""Real worker and server processes on the database under test, and what a recording's processing left behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

from shengce.demo import __file__ as demo_package
from shengce.facts.models import Fact, SearchDocument
from shengce.inspection.models import Alert, Outcome, Score
from shengce.proposals.models import Proposal
from shengce.recordings import files
from shengce.recordings.models import Conversation, Recording, Transcript
from shengce.results.models import CountedTalk, RepDay

RECORDINGS = Path(demo_package).parent / "data" / "recordings"
PATIENCE_S = 60.0
LEASE_S = "1"


def environment(**extra: str) -> dict[str, str]:
    """The test's own environment, pointing at the test database."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{settings['NAME']}"
    else:
        login = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
        url = f"postgres://{login}@{settings['HOST']}:{settings['PORT'] or 5432}/{settings['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "SHENGCE_LEASE_S": LEASE_S, "PYTHONUNBUFFERED": "1", **extra}


@contextlib.contextmanager
def command(*arguments: str, **extra: str) -> Iterator[subprocess.Popen[str]]:
    """``shengce …`` as a process; whatever is left of it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "shengce.project.cli", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(**extra),
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                stream.close()


@contextlib.contextmanager
def worker_stopped_at(place: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that waits at a checkpoint."""
    with command("worker", SHENGCE_STOP_AT=place) as process:
        assert select.select([process.stdout], [], [], PATIENCE_S)[0], f"the worker did not come to {place}"
        assert process.stdout.readline() == f"stopped at {place}\n"
        yield process


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a worker leave its checkpoint, and every later one of that name."""
    process.stdin.close()


def drain() -> None:
    """A worker that does everything there is to do."""
    with command("worker", "--drain") as process:
        assert process.wait(PATIENCE_S) == 0


def children(pid: int) -> list[int]:
    """Processes that any thread of a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for children_of_thread in lists for child in children_of_thread.read_text().split()]


def until(condition: Any) -> Any:
    """Ask until there is an answer; the patience is long because only a broken program needs all of it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{condition} did not come true in {PATIENCE_S:g} s")


def is_gone(pid: int) -> bool:
    """Whether a process has ended (a zombie that nobody collects has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def outcome(recording: Recording) -> dict[str, Any]:
    """Everything that processing leaves behind, without row numbers and moments of the run."""
    recording.refresh_from_db()
    talks = Conversation.objects.filter(recording=recording)
    facts = Fact.objects.filter(conversation__in=talks)
    proposals = Proposal.objects.filter(conversation__in=talks)
    return {
        "job": (recording.status, recording.stage, recording.error_code, recording.failures, recording.lease_until),
        "sound": (recording.duration_ms, recording.channels, recording.codec, files.exists(files.peaks_key(recording))),
        "talks": list(talks.values("number", "start_ms", "end_ms", "started_at", "rep", "unit", "customer", "measures", "summary", "sales_stage")),
        "transcripts": list(Transcript.objects.filter(conversation__in=talks).values("data", "engine", "edited")),
        "facts": list(facts.order_by("start_ms", "kind", "char_start").values("kind", "value", "quote", "role", "turn", "char_start", "char_end", "start_ms", "end_ms", "extractor", "state")),
        "documents": list(SearchDocument.objects.filter(conversation__in=talks).values("text", "owners")),
        "scores": list(Score.objects.filter(conversation__in=talks).values("score", "fatal", "version")),
        "outcomes": list(Outcome.objects.filter(score__conversation__in=talks).order_by("position").values("criterion", "state", "points", "hits")),
        "alerts": list(Alert.objects.filter(conversation__in=talks).order_by("start_ms", "title").values("kind", "title", "quote", "start_ms", "end_ms", "seen_at")),
        "proposals": list(proposals.order_by("fact__start_ms", "fact__kind", "target", "field", "fact__char_start").values("target", "field", "old", "new", "state", "rep", "customer", "fact__quote")),
        "days": list(RepDay.objects.order_by("rep", "day").values("rep", "unit", "day", "talks", "talk_ms", "customers", "questions", "score_sum", "score_count", "fatal", "facts", "payment_promises")),
        "counted": list(CountedTalk.objects.filter(conversation__in=talks).values("rep", "day")),
    }  # fmt: skip
