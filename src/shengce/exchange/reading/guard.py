"""The parent's side: reads a file in a child process, so that whatever the file does costs the child and nobody else."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from shengce.exchange.reading.limits import Limits, Unreadable

log = logging.getLogger(__name__)

_OUT_OF_MEMORY = (b"MemoryError", b"memory allocation", b"alloc", b"Cannot allocate")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found. ``sheets`` is empty for text files; ``left_out`` rows held sums."""

    sheets: list[str]
    sheet: str
    columns: list[str]
    header_row: int
    rows: int
    left_out: int


def read_table(
    path: Path,
    rows_path: Path,
    *,
    name: str,
    known: Collection[str],
    sheet: str = "",
    limits: Limits | None = None,
) -> Reading:
    """Read ``path`` (called ``name`` by whoever sent it) and write its rows as JSON lines to ``rows_path``.

    ``known`` are names of columns as ``laying_out.plain_header`` gives them. Raises ``Unreadable``.
    """
    allowed = limits or Limits()
    request = {
        "path": str(path),
        "name": name,
        "sheet": sheet,
        "known": sorted(known),
        "rows_path": str(rows_path),
        "processor_s": allowed.processor_s,
        "memory_bytes": allowed.memory_bytes,
        "written_bytes": allowed.written_bytes,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "shengce.exchange.reading.child"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=allowed.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("too_slow", limit_s=round(allowed.wall_s)) from None
    if done.returncode:
        raise _died(done.returncode, done.stderr, allowed)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise Unreadable(answer["error"]["code"], **answer["error"]["details"])
    return Reading(**answer)


def _died(status: int, words: bytes, limits: Limits) -> Unreadable:
    """Why the child gave no answer, as far as its end tells."""
    log.warning("reading a table ended with %d: %s", status, words[-500:].decode(errors="replace"))
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return Unreadable("too_slow", limit_s=limits.processor_s)
    if any(sign in words for sign in _OUT_OF_MEMORY):
        return Unreadable("too_much_memory")
    return Unreadable("broken_workbook")
