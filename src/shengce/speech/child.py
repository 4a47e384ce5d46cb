"""Native work in a child process: whatever a file or a model does to the library costs one child, never the worker.

The parent starts ``python -m shengce.speech.child`` and both speak JSON, one object a line, over the child's standard
input and output::

    parent → {"job": "recognise", "memory_bytes": …, "request": {…}}
    child  → {"progress": ["recognise", 0.42]}          any number of times
    child  → {"result": {…}}  or  {"error": {"code", "args", "detail"}}

A child serves one job after the other, so that a model is loaded once. It ends by itself when its parent is gone.
Works from any thread: no signals, no fork of this process's threads.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from shengce.speech.errors import AudioError
from shengce.speech.limits import MEGABYTE, Limits

Progress = Callable[[str, float], None]
"""Called with the name of the stage and the share of it that is done, 0 to 1."""

Beat = Callable[[], bool | None]
"""Called at least about once a second while the parent waits; returns True to stop the work."""

JOBS: tuple[tuple[str, str, str], ...] = (
    ("recognise", "shengce.speech.hearing", "recognise"),
    ("probe", "shengce.speech.hearing", "probe"),
    ("listen", "shengce.speech.listen", "transcode"),
)
"""Name of each job, and the module and function that do it in the child."""

TICK_S = 0.5
LINE_BYTES = 512 * MEGABYTE
DETAIL_CHARACTERS = 2_000
OUT_OF_MEMORY = (
    "bad_alloc",
    "MemoryError",
    "emory allocation",
    "allocate memory",
    "map segment",
    "start new thread",
)
"""What libraries say in their last words, or in an error, when the memory limit stopped them."""

SCRATCH_BYTES = 2_000 * MEGABYTE
"""Most that a child may write into one file: a library that fills the disk with complaints is stopped."""


class Child:
    """The parent's hold on one child process. Not for use by two threads at once."""

    def __init__(self) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        # Threads of the mathematics libraries would only take memory: the engines bring their own.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shengce.speech.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=environment,
            bufsize=0,
        )
        self._received = bytearray()
        self.jobs_done = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def call(
        self,
        job: str,
        request: dict[str, Any],
        *,
        limits: Limits,
        progress: Progress | None = None,
        beat: Beat | None = None,
    ) -> dict[str, Any]:
        """Run one job and return its result. Raises ``AudioError``; where the child cannot go on, it is ended."""
        try:
            self._send({"job": job, "memory_bytes": limits.memory_bytes, "request": request})
            return self._wait(limits, progress, beat)
        except AudioError as error:
            if error.code in ("timeout", "stalled", "crashed", "memory", "cancelled"):
                self.close()
            if error.code == "crashed" and any(words in error.detail for words in OUT_OF_MEMORY):
                raise _out_of_memory(limits.memory_bytes, error.detail) from None
            raise
        except BaseException:
            self.close()
            raise
        finally:
            self.jobs_done += 1

    def close(self) -> None:
        """End the child and collect it, so that no zombie is left. May be called twice."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream is not None:
                stream.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
        except OSError:
            raise self._crashed() from None

    def _wait(self, limits: Limits, progress: Progress | None, beat: Beat | None) -> dict[str, Any]:
        assert self._process.stdout is not None
        started = heard = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            beaten = started
            while True:
                ready = selector.select(TICK_S)
                now = time.monotonic()
                if beat is not None and (not ready or now - beaten >= TICK_S):
                    beaten = now
                    if beat():
                        raise AudioError("cancelled")
                if ready:
                    heard = now
                    for message in self._read():
                        if "result" in message:
                            result: dict[str, Any] = message["result"]
                            return result
                        self._handle(message, progress)
                if now - started > limits.wall_s:
                    raise AudioError("timeout", {"limit_s": round(limits.wall_s)})
                if now - heard > limits.stall_s:
                    raise AudioError("stalled", {"limit_s": round(limits.stall_s)})

    def _read(self) -> list[dict[str, Any]]:
        assert self._process.stdout is not None
        piece = os.read(self._process.stdout.fileno(), 1 << 20)
        if not piece or len(self._received) + len(piece) > LINE_BYTES:
            raise self._crashed()
        self._received += piece
        if b"\n" not in piece:
            return []
        *lines, rest = bytes(self._received).split(b"\n")
        self._received = bytearray(rest)
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            raise self._crashed() from None

    def _handle(self, message: dict[str, Any], progress: Progress | None) -> None:
        if "error" in message:
            error = message["error"]
            raise AudioError(error["code"], error["args"], detail=error["detail"])
        if progress is not None:
            stage, done = message["progress"]
            progress(stage, done)

    def _crashed(self) -> AudioError:
        self._process.kill()
        status = self._process.wait()
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - DETAIL_CHARACTERS))
        words = self._stderr.read().decode(errors="replace").strip()
        return AudioError("crashed", detail=f"exit status {status}: {words}")


class Speaker:
    """The child's end of the pipe: sends progress, at most ten times a second for one stage."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}

    def send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()

    def progress(self, stage: str, done: float) -> None:
        now = time.monotonic()
        if done < 1 and now - self._said.get(stage, 0.0) < 0.1:
            return
        self._said[stage] = now
        self.send({"progress": [stage, round(min(max(done, 0.0), 1.0), 4)]})


def limit_memory(memory_bytes: int) -> None:
    """Cap the private memory, the core dump and the largest written file of this process (where the system can)."""
    import resource

    for name, value in (("RLIMIT_DATA", memory_bytes), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", SCRATCH_BYTES)):
        which = getattr(resource, name, None)
        if which is None:
            continue
        hard = resource.getrlimit(which)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (wanted, hard))


def run_job(message: dict[str, Any], speaker: Speaker) -> dict[str, Any]:
    """Do one job in this process; every failure that Python can see becomes an error message."""
    limit = message["memory_bytes"]
    try:
        limit_memory(limit)
        module, function = next((m, f) for name, m, f in JOBS if name == message["job"])
        work = getattr(importlib.import_module(module), function)
        return {"result": work(message["request"], speaker.progress)}
    except AudioError as error:
        return _as_message(error)
    except MemoryError as error:
        return _as_message(_out_of_memory(limit, str(error)))
    except Exception as error:
        return _as_message(AudioError("crashed", detail=f"{type(error).__name__}: {error}"))


def _as_message(error: AudioError) -> dict[str, Any]:
    return {"error": {"code": error.code, "args": error.message_args, "detail": error.detail}}


def _out_of_memory(memory_bytes: int, detail: str) -> AudioError:
    return AudioError("memory", {"limit_mb": memory_bytes // MEGABYTE}, detail=detail)


def serve() -> None:
    """The child's main loop: jobs from standard input until it closes."""
    # Native calls are short: a thread that returns from one should not wait long for Python's lock.
    sys.setswitchinterval(0.0005)
    # The pipe moves to a descriptor of its own, so that a library that prints cannot spoil the protocol.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    speaker = Speaker(pipe)
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            jobs.put(json.loads(line))
        # The parent has gone or wants no more: leave at once, in the middle of native work too.
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        speaker.send(run_job(jobs.get(), speaker))


if __name__ == "__main__":
    serve()
