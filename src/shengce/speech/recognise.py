"""From a recording to its transcript: the door of this room for everything above it.

All native work runs in a child process (``child.py``), so this module is cheap to import and safe to call from any
thread. Keep one ``Recogniser`` for many recordings: its child keeps the model loaded. ::

    with Recogniser(model_dir=path) as recogniser:
        recognition = recogniser.recognise(recording, roles=("rep", "customer"))
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shengce.speech.child import Beat, Child, Progress
from shengce.speech.errors import AudioError
from shengce.speech.limits import Limits
from shengce.speech.models.places import DEMO_MODEL_DIR
from shengce.speech.transcript import Role, Transcript

JOBS_PER_CHILD = 200
"""A child is replaced after this many recordings, so that a slow leak in a library never fills the machine."""

STEREO_ROLES: tuple[Role, Role] = ("rep", "customer")


@dataclass(frozen=True, slots=True)
class Recognition:
    """Everything that one pass over a recording gives.

    ``transcript``: speakers "ch0" and "ch1" with the given roles where the recording has two channels; "s0" and,
    where a second voice stands apart, "s1" with the role "unknown" where it has one. ``peaks``: see ``peaks.py``.
    ``timings_ms``: decode, activity, recognise; they overlap. ``warnings``: keys of ``errors.WARNINGS``. The last
    three say what the engine can do: hot words are ignored where ``hot_words`` is False.
    """

    transcript: Transcript
    peaks: bytes
    timings_ms: dict[str, int]
    sha256: str
    warnings: tuple[str, ...]
    codec: str
    container: str
    sample_rate: int
    punctuation: bool
    word_times: bool
    hot_words: bool

    @property
    def duration_ms(self) -> int:
        return self.transcript.duration_ms

    @property
    def channels(self) -> int:
        return self.transcript.channels


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What a recording states about itself; ``duration_ms`` is None where it states none."""

    duration_ms: int | None
    channels: int
    codec: str
    container: str
    sample_rate: int


class Recogniser:
    """One model in one warm child process. Thread-safe: one recording at a time, others wait.

    A recording or a model that kills the child costs that recording (``AudioError``, code "crashed"); the next one
    gets a new child. No child runs before the first recording and after ``close``.
    """

    def __init__(
        self,
        *,
        model_dir: Path | None = None,
        limits: Limits = Limits(),
        threads: int = 1,
        jobs_per_child: int = JOBS_PER_CHILD,
    ) -> None:
        self.model_dir = Path(model_dir) if model_dir is not None else default_model_dir()
        self.limits = limits
        self._threads = threads
        self._jobs_per_child = jobs_per_child
        self._lock = threading.Lock()
        self._child: Child | None = None

    def __enter__(self) -> Recogniser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def child_pid(self) -> int | None:
        """The process that holds the model now, for health pages and tests."""
        child = self._child
        return child.pid if child is not None and child.is_alive() else None

    def recognise(
        self,
        path: Path,
        *,
        roles: Sequence[Role] = STEREO_ROLES,
        hot_words: Sequence[str] = (),
        progress: Progress | None = None,
        beat: Beat | None = None,
    ) -> Recognition:
        """The transcript of one recording. Raises ``AudioError``.

        ``progress(stage, done)`` hears of the stages load, decode and recognise. ``beat()`` is called at least
        about once a second while this waits; where it returns True the work is stopped (code "cancelled").
        """
        request = {
            "path": os.fspath(Path(path).absolute()),
            "model_dir": os.fspath(self.model_dir.absolute()),
            "roles": list(roles),
            "hot_words": list(hot_words),
            "threads": self._threads,
            "limits": self.limits.to_json(),
        }
        return _recognition(self._call("recognise", request, progress=progress, beat=beat))

    def probe(self, path: Path) -> RecordingInfo:
        """What the container states, in some milliseconds once the child is warm. Raises ``AudioError``."""
        request = {"path": os.fspath(Path(path).absolute()), "limits": self.limits.to_json()}
        return RecordingInfo(**self._call("probe", request))

    def close(self) -> None:
        """Drop the child. The next recording starts a new one."""
        with self._lock:
            self._drop()

    def _call(
        self, job: str, request: dict[str, Any], *, progress: Progress | None = None, beat: Beat | None = None
    ) -> dict[str, Any]:
        with self._lock:
            if self._child is not None and (
                self._child.jobs_done >= self._jobs_per_child or not self._child.is_alive()
            ):
                self._drop()
            if self._child is None:
                self._child = Child()
            try:
                return self._child.call(job, request, limits=self.limits, progress=progress, beat=beat)
            finally:
                if not self._child.is_alive():
                    self._drop()

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def recognise_file(
    path: Path,
    *,
    model_dir: Path | None = None,
    roles: Sequence[Role] = STEREO_ROLES,
    hot_words: Sequence[str] = (),
    limits: Limits = Limits(),
    progress: Progress | None = None,
    beat: Beat | None = None,
) -> Recognition:
    """One recording in a child of its own. For several, keep a ``Recogniser``. Raises ``AudioError``."""
    with Recogniser(model_dir=model_dir, limits=limits) as recogniser:
        return recogniser.recognise(path, roles=roles, hot_words=hot_words, progress=progress, beat=beat)


def default_model_dir() -> Path:
    """The demonstration model that the package ships. Another one is the caller's choice (``resolve_model_dir``)."""
    return DEMO_MODEL_DIR


def _recognition(result: dict[str, Any]) -> Recognition:
    try:
        return Recognition(
            transcript=Transcript.from_json(result["transcript"]),
            peaks=base64.b64decode(result["peaks"]),
            timings_ms=result["timings_ms"],
            sha256=result["sha256"],
            warnings=tuple(result["warnings"]),
            codec=result["codec"],
            container=result["container"],
            sample_rate=result["sample_rate"],
            punctuation=result["capabilities"]["punctuation"],
            word_times=result["capabilities"]["word_times"],
            hot_words=result["capabilities"]["hot_words"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AudioError("crashed", detail=f"the child gave no proper result: {error}") from None
