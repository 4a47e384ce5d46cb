"""A folder that an exchange or a sync tool writes to: takes what is finished, moves nothing, forgets nothing.

A file is taken when two looks at least ``stable_s`` apart found the same size and change time and no process of this
machine has it open for writing. What has been taken is known by its content, so a restart takes nothing twice, and a
file that changes later is new content and taken again.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from shengce.people.models import User
from shengce.recordings import files
from shengce.recordings.actions import receive_staged
from shengce.recordings.batches import Answer, hints_from, receive_batch
from shengce.recordings.hints import Hints
from shengce.recordings.models import Recording
from shengce.recordings.refusal import Refused
from shengce.recordings.sidecars import MOST_BYTES, Sidecar, is_sidecar, read_sidecar
from shengce.recordings.sniffing import HEAD_BYTES, is_zip, may_be_audio

PARTIAL = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")
"""Ends of names that writers give to unfinished files."""

Mark = tuple[int, int]
"""Size and change time in nanoseconds: what shows that a file is another one than before."""


@dataclass(slots=True)
class Seen:
    """What is known of one path: since when it looks like this, and how it looked when it was settled last."""

    mark: Mark
    since: float
    settled: tuple[Mark, Hints | None] | None = None
    told: str = ""


@dataclass(slots=True)
class FolderWatch:
    """Looks at a folder tree again and again. ``clock`` is in seconds and only ever goes forward."""

    root: Path
    stable_s: float = 2.0
    rep: User | None = None
    clock: Callable[[], float] = time.monotonic
    _seen: dict[Path, Seen] = field(default_factory=dict)
    _lists: dict[Path, tuple[Mark, Sidecar]] = field(default_factory=dict)

    def look(self) -> Iterator[Answer]:
        """One look at the tree; yields an answer for every file that was settled by it, lists before recordings."""
        found = dict(self._files())
        for gone in self._seen.keys() - found.keys():
            del self._seen[gone]
            self._lists.pop(gone, None)
        now = self.clock()
        ready = [path for path, mark in found.items() if self._is_stable(path, mark, now)]
        for path in ready:
            if is_sidecar(path.name):
                yield from self._list(path, found[path])
        for path in ready:
            if not is_sidecar(path.name):
                yield from self._sound(path, found[path])

    @property
    def unfinished(self) -> list[Path]:
        """Files that were seen and are not settled yet: still growing, or refused for a reason that may pass."""
        return [
            path for path, seen in self._seen.items() if seen.settled is None or seen.settled[0] != seen.mark
        ]

    def has_told(self, path: Path) -> bool:
        """Whether a reason was already given for an unfinished file."""
        return path in self._seen and bool(self._seen[path].told)

    def _files(self) -> Iterator[tuple[Path, Mark]]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if name.startswith(".") or name.lower().endswith(PARTIAL):
                    continue
                path = Path(folder) / name
                try:
                    status = path.stat()
                except OSError:
                    continue  # gone again, or a link to nowhere
                if stat.S_ISREG(status.st_mode):
                    yield path, (status.st_size, status.st_mtime_ns)

    def _is_stable(self, path: Path, mark: Mark, now: float) -> bool:
        seen = self._seen.get(path)
        if seen is None or seen.mark != mark:
            self._seen[path] = Seen(mark, now, seen.settled if seen else None)
            return False
        return now - seen.since >= self.stable_s

    def _list(self, path: Path, mark: Mark) -> Iterator[Answer]:
        seen = self._seen[path]
        if (seen.settled and seen.settled[0] == mark) or is_open_for_writing(path):
            return
        try:
            with path.open("rb") as stream:
                sidecar = read_sidecar(
                    stream.read(MOST_BYTES + 1), name=self.name_of(path), zone=ZoneInfo(settings.TIME_ZONE)
                )
        except Refused as reason:
            yield Answer.refusal(self.name_of(path), reason)
        except OSError:
            yield from self._tell(path, Answer.refusal(self.name_of(path), Refused("unreadable")))
            return
        else:
            self._lists[path] = (mark, sidecar)
            yield Answer(self.name_of(path), "list", details={"rows": len(sidecar.rows) or 1})
        seen.settled = (mark, None)

    def _sound(self, path: Path, mark: Mark) -> Iterator[Answer]:
        seen = self._seen[path]
        hints = self._hints(path)
        if seen.settled == (mark, hints) or is_open_for_writing(path):
            return
        answers = list(self._take(path, mark, hints))
        if any(answer.code in ("disk_full", "storage_failed", "unreadable", "growing") for answer in answers):
            for answer in answers:
                yield from self._tell(path, answer)
            return  # tried again at the next look
        known_before = seen.settled is not None and seen.settled[0] == mark
        seen.settled, seen.told = (mark, hints), ""
        if not known_before:
            yield from answers

    def _take(self, path: Path, mark: Mark, hints: Hints | None) -> Iterator[Answer]:
        name = self.name_of(path)
        try:
            stream = path.open("rb")
        except OSError:
            yield Answer.refusal(name, Refused("unreadable"))
            return
        with stream:
            head = stream.read(HEAD_BYTES)
            stream.seek(0)
            if is_zip(name, head) and head:
                archive = _Sized(name, mark[0], stream)
                batch: Any = [(name, archive)]
                yield from receive_batch(batch, by=None, origin=Recording.Origin.FOLDER, rep=self.rep)
                return
            if head and not may_be_audio(name, head):
                yield Answer.refusal(name, Refused("not_audio"))
                return
            yield self._receive(path, mark, hints, stream)

    def _receive(self, path: Path, mark: Mark, hints: Hints | None, stream: object) -> Answer:
        name = self.name_of(path)
        try:
            with files.staged(stream, size=mark[0]) as complete:  # type: ignore[arg-type]
                status = path.stat()
                if (status.st_size, status.st_mtime_ns) != mark or complete.size != mark[0]:
                    raise Refused("growing")  # it went on being written while it was copied
                received = receive_staged(
                    complete, name=name, by=None, origin=Recording.Origin.FOLDER, hints=hints, rep=self.rep
                )
        except FileNotFoundError:
            return Answer.refusal(name, Refused("missing"))
        except Refused as reason:
            return Answer.refusal(name, reason)
        return Answer(name, "duplicate" if received.duplicate else "received", recording=received.recording)

    def _hints(self, path: Path) -> Hints | None:
        """Lists speak of their own folder and of those below it; a nearer one counts more."""
        above = [
            (len(where.parts), sidecar)
            for where, (_mark, sidecar) in self._lists.items()
            if where.parent == path.parent or where.parent in path.parents
        ]
        above.sort(key=lambda pair: -pair[0])
        return hints_from((sidecar for _depth, sidecar in above), self.name_of(path))

    def _tell(self, path: Path, answer: Answer) -> Iterator[Answer]:
        """Say once, not at every look, why a file is not taken yet."""
        seen = self._seen[path]
        if seen.told != answer.code:
            seen.told = answer.code
            yield answer

    def name_of(self, path: Path) -> str:
        """The path below the folder, as it can be printed and stored."""
        return str(path.relative_to(self.root)).encode("utf-8", "replace").decode("utf-8")


class _Sized:
    """An open file with the name and size that a batch wants to know."""

    def __init__(self, name: str, size: int, stream: object) -> None:
        self.name, self.size, self._stream = name, size, stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def is_open_for_writing(path: Path, *, processes: Path = Path("/proc")) -> bool:
    """Whether a process of this machine, as far as we may look, has the file open for writing; false without /proc."""
    try:
        wanted = path.stat()
    except OSError:
        return False
    for descriptors in processes.glob("[0-9]*/fd"):
        try:
            for descriptor in os.scandir(descriptors):
                opened = descriptor.stat()
                if (opened.st_ino, opened.st_dev) == (wanted.st_ino, wanted.st_dev) and _writes(
                    descriptor.path
                ):
                    return True
        except OSError:
            continue  # the process has ended or is not ours to look at
    return False


def _writes(descriptor: str) -> bool:
    info = Path(descriptor.replace("/fd/", "/fdinfo/"))
    flags = next((line for line in info.read_text().splitlines() if line.startswith("flags:")), "flags: 0")
    return int(flags.split()[1], 8) & (os.O_WRONLY | os.O_RDWR) != 0
