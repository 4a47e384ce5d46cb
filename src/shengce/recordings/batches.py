"""A heap of files that came together (an upload, a folder, a zip): lists first, then archives and recordings.

Every file gets an answer: received, received before, read as a list, or refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from shengce.people.models import User
from shengce.recordings.actions import receive_recording
from shengce.recordings.archives import Archive
from shengce.recordings.errors import explain
from shengce.recordings.hints import Hints
from shengce.recordings.models import Recording
from shengce.recordings.refusal import Refused
from shengce.recordings.sidecars import MOST_BYTES, Sidecar, is_sidecar, read_sidecar
from shengce.recordings.sniffing import HEAD_BYTES, is_zip


class Incoming(Protocol):
    """A file with a name: what Django's ``UploadedFile`` is."""

    name: str | None
    size: int | None

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one file. ``state``: received, duplicate, list, refused."""

    name: str
    state: str
    code: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    recording: Recording | None = None

    @property
    def message(self) -> str:
        """The reason of a refusal, in the reader's language."""
        return explain(self.code, self.details) if self.code else ""

    @property
    def refused(self) -> bool:
        return self.state == "refused"

    @classmethod
    def refusal(cls, name: str, reason: Refused) -> Answer:
        return cls(name, "refused", reason.code, reason.details)


def receive_batch(
    uploads: Sequence[tuple[str, Incoming]],
    *,
    by: User | None,
    origin: str = Recording.Origin.UPLOAD,
    rep: User | None = None,
    sidecars: Iterable[tuple[str, Incoming]] = (),
) -> list[Answer]:
    """Take everything that can be taken. ``uploads`` are pairs of path and file; ``sidecars`` are lists that were
    sent along only to be used, and get no answer of their own.
    """
    answers: list[Answer] = []
    lists = [found for path, file in sidecars if isinstance(found := _read_list(path, file), Sidecar)]
    sounds: list[tuple[str, Incoming]] = []
    for path, file in uploads:
        if not is_sidecar(path):
            sounds.append((path, file))
            continue
        found = _read_list(path, file)
        if isinstance(found, Sidecar):
            lists.append(found)
            answers.append(Answer(path, "list", details={"rows": len(found.rows) or 1}))
        else:
            answers.append(found)
    for path, file in sounds:
        answers.extend(_take(path, file, by=by, origin=origin, rep=rep, lists=lists))
    return answers


def hints_from(lists: Iterable[Sidecar], path: str) -> Hints | None:
    """What the lists say of a file; an earlier list counts more than a later one."""
    hints: Hints | None = None
    for sidecar in lists:
        if found := sidecar.hints_for(path):
            hints = hints.over(found) if hints else found
    return hints


def _read_list(path: str, file: Incoming) -> Sidecar | Answer:
    try:
        return read_sidecar(file.read(MOST_BYTES + 1), name=path, zone=ZoneInfo(settings.TIME_ZONE))
    except Refused as reason:
        return Answer.refusal(path, reason)


def _take(path: str, file: Incoming, **options: Any) -> Iterator[Answer]:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if is_zip(path, head) and head:
        yield from _take_archive(path, file, **options)
    else:
        yield _take_one(path, file, file.size, **options)


def _take_one(
    path: str,
    file: IO[bytes] | Incoming,
    size: int | None,
    *,
    by: User | None,
    origin: str,
    rep: User | None,
    lists: Sequence[Sidecar],
) -> Answer:
    try:
        received = receive_recording(
            file=file,  # type: ignore[arg-type]
            name=path,
            by=by,
            origin=origin,
            hints=hints_from(lists, path),
            rep=rep,
            size=size,
        )
    except Refused as reason:
        return Answer.refusal(path, reason)
    return Answer(path, "duplicate" if received.duplicate else "received", recording=received.recording)


def _take_archive(path: str, file: Incoming, *, lists: Sequence[Sidecar], **options: Any) -> Iterator[Answer]:
    try:
        archive = Archive(file)  # type: ignore[arg-type]
    except Refused as reason:
        yield Answer.refusal(path, reason)
        return
    if not archive.entries:
        yield Answer.refusal(path, Refused("zip_empty"))
    inside = list(lists)
    for wants_lists in (True, False):
        for entry in archive.entries:
            if is_sidecar(entry.name) != wants_lists:
                continue
            shown = f"{path} › {entry.name}"
            try:
                with archive.open(entry) as stream:
                    if wants_lists:
                        found = read_sidecar(
                            stream.read(MOST_BYTES + 1), name=entry.name, zone=ZoneInfo(settings.TIME_ZONE)
                        )
                        inside.append(found)
                        yield Answer(shown, "list", details={"rows": len(found.rows) or 1})
                    else:
                        taken = _take_one(entry.name, stream, entry.size, lists=inside, **options)
                        yield Answer(shown, taken.state, taken.code, taken.details, taken.recording)
            except Refused as reason:
                yield Answer.refusal(shown, reason)
