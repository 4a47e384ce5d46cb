"""The bytes of recordings in Django's default storage: whole or not there at all, and still there after a power cut.

Keys are made from the content: ``recordings/ab/<sha256>.mp3``; what is derived from a recording stands beside it:
``recordings/ab/<sha256>.peaks``. On a storage of local files a key appears by rename after its bytes are on the disk.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from shengce.recordings.models import Recording
from shengce.recordings.refusal import Refused
from shengce.recordings.sniffing import HEAD_BYTES, extension_of

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

FreeBytes = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Staged:
    """A received file that is not accepted yet: on the disk, complete, its content known."""

    path: Path
    sha256: str
    size: int
    head: bytes

    def discard(self) -> None:
        """Remove what was staged; harmless after it was stored."""
        self.path.unlink(missing_ok=True)


def free_bytes(path: Path) -> int:
    """Free bytes of the disk that holds ``path``, for users without special rights."""
    return shutil.disk_usage(path).free


def require_space(size: int, *, free: FreeBytes = free_bytes) -> None:
    """Refuse (``disk_full``) where ``size`` more bytes would leave less than ``SHENGCE_MIN_FREE_BYTES``."""
    left = free(_incoming()) - size
    if left < settings.SHENGCE_MIN_FREE_BYTES:
        raise Refused("disk_full", free_mb=max(0, left + size) // 1_000_000)


@contextlib.contextmanager
def staged(file: IO[bytes], *, size: int | None = None, free: FreeBytes = free_bytes) -> Iterator[Staged]:
    """Copy a stream to the incoming folder, hashing it; what is not stored within the block is removed.

    ``size`` in bytes where it is known beforehand. Raises ``Refused``: ``disk_full``, ``too_large``, ``empty``.
    """
    require_space(size or 0, free=free)
    handle, name = tempfile.mkstemp(dir=_incoming(), prefix="staged-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            complete = _copy(file, target, path, free)
        yield complete
    except OSError as error:
        raise _refusal(error) from error
    finally:
        path.unlink(missing_ok=True)


def _copy(source: IO[bytes], target: IO[bytes], path: Path, free: FreeBytes) -> Staged:
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := source.read(CHUNK_BYTES):
        head = head or chunk[:HEAD_BYTES]
        size += len(chunk)
        if size > settings.SHENGCE_MAX_FILE_BYTES:
            raise Refused("too_large", limit_mb=settings.SHENGCE_MAX_FILE_BYTES // 1_000_000)
        if size % (64 * CHUNK_BYTES) < CHUNK_BYTES:
            require_space(0, free=free)
        digest.update(chunk)
        target.write(chunk)
    if size == 0:
        raise Refused("empty")
    target.flush()
    os.fsync(target.fileno())
    return Staged(path, digest.hexdigest(), size, head)


def key_of(sha256: str, name: str) -> str:
    """The storage key of a recording's content."""
    return f"recordings/{sha256[:2]}/{sha256}{extension_of(name)}"


def peaks_key(recording: Recording) -> str:
    """Key of the picture of the sound (``speech.peaks``)."""
    return derived_key(recording, "peaks")


def listen_key(recording: Recording) -> str:
    """Key of the copy for browsers (``speech.listen``), made only where ``playback.needs_listening_copy``."""
    return derived_key(recording, "listen.m4a")


def derived_key(recording: Recording, kind: str) -> str:
    """Key of something made from the recording, beside it."""
    folder = recording.file.rpartition("/")[0]
    return f"{folder}/{recording.sha256}.{kind}"


def store(staged_file: Staged, key: str) -> None:
    """Move a staged file to its key. Storing the same content twice is harmless."""
    target = local_path(key)
    if target is None:
        if not default_storage.exists(key):
            with staged_file.path.open("rb") as stream:
                default_storage.save(key, File(stream))
        return
    _put_in_place(staged_file.path, target)


def write(key: str, content: bytes | Path) -> None:
    """Write something derived, replacing what was there, whole or not at all. ``content`` may be a file to copy."""
    require_space(len(content) if isinstance(content, bytes) else content.stat().st_size)
    target = local_path(key)
    if target is None:
        default_storage.delete(key)
        with tempfile.TemporaryFile() if isinstance(content, bytes) else content.open("rb") as stream:
            if isinstance(content, bytes):
                stream.write(content)
                stream.seek(0)
            default_storage.save(key, File(stream))
        return
    handle, name = tempfile.mkstemp(dir=_incoming(), prefix="derived-")
    try:
        with os.fdopen(handle, "wb") as part:
            if isinstance(content, bytes):
                part.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, part, CHUNK_BYTES)
            part.flush()
            os.fsync(part.fileno())
        _put_in_place(Path(name), target)
    except OSError as error:
        raise _refusal(error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def exists(key: str) -> bool:
    return default_storage.exists(key)


def size_of(key: str) -> int:
    return default_storage.size(key)


def open_key(key: str) -> IO[bytes]:
    """The bytes of a key. Raises ``FileNotFoundError``."""
    opened: Any = default_storage.open(key, "rb")
    return opened  # type: ignore[no-any-return]


@contextlib.contextmanager
def on_disk(key: str) -> Iterator[Path]:
    """A local path with the bytes of a key, for libraries that want a file; a copy where storage is elsewhere."""
    path = local_path(key)
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=_incoming(), prefix="fetched-", suffix=Path(key).suffix) as copy:
        with open_key(key) as source:
            shutil.copyfileobj(source, copy, CHUNK_BYTES)
        copy.flush()
        yield Path(copy.name)


def local_path(key: str) -> Path | None:
    """Where a key lies on this machine; ``None`` for storages that have no paths."""
    try:
        return Path(default_storage.path(key))
    except NotImplementedError:
        return None


def _put_in_place(source: Path, target: Path) -> None:
    """Rename within one disk; from another disk copy to a partial name first. Then make the name durable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.chmod(0o640)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with source.open("rb") as reader, partial.open("wb") as writer:
                shutil.copyfileobj(reader, writer, CHUNK_BYTES)
                writer.flush()
                os.fsync(writer.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refusal(error: OSError) -> Refused:
    if error.errno in FULL:
        return Refused("disk_full", free_mb=0)
    log.error("the storage failed", exc_info=error)
    return Refused("storage_failed")


def _incoming() -> Path:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
