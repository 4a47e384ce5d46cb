"""Unpacking archives that nobody vouches for: tar.bz2, tar.gz, tar and zip.

What an archive can do to us and what stops it: a path that is absolute or has ``..`` refuses the whole archive, as
does a link that leads out and a device; other links are left out; the number of entries and the unpacked size are
bounded, the size also in proportion to the archive; no single read is large, since ``tarfile`` reads a header of any
announced length into memory. Nothing is executed, no permission bit is taken over.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import posixpath
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from shengce.speech.models.card import is_inside
from shengce.speech.models.errors import ModelError

BLOCK_BYTES = 1 << 20
MAX_SINGLE_READ_BYTES = 8 << 20
MAX_PATH_CHARACTERS = 400

Wanted = Callable[[str], bool]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one archive: entries, bytes in all, and bytes in proportion to the packed size (with a floor)."""

    entries: int = 2_000
    total_bytes: int = 6 << 30
    ratio: int = 50
    ratio_floor_bytes: int = 64 << 20

    def unpacked_bytes(self, packed_bytes: int) -> int:
        """The most that an archive of this packed size may unpack to."""
        return min(self.total_bytes, max(self.ratio_floor_bytes, self.ratio * packed_bytes))


def unpack(
    path: Path, into: Path, *, wanted: Wanted | None = None, limits: Limits | None = None
) -> list[str]:
    """Unpack ``path`` below ``into`` and return the relative paths written.

    ``wanted`` chooses by path inside the archive; all that is not wanted is checked and left out. Raises
    ``ModelError`` with ``bad_archive`` or ``disk_full``; the caller throws ``into`` away then.
    """
    limits = limits or Limits()
    opened = _Unpacking(path=path, into=into, wanted=wanted or (lambda _: True), limits=limits)
    try:
        head = _head(path)
        if head.startswith(b"PK"):
            opened.unpack_zip()
        elif head.startswith(b"BZh"):
            with bz2.open(path, "rb") as stream:
                opened.unpack_tar(stream)
        elif head.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as stream:
                opened.unpack_tar(cast(IO[bytes], stream))
        elif head[257:262] == b"ustar":
            with path.open("rb") as stream:
                opened.unpack_tar(stream)
        else:
            raise opened.refuse("it is neither tar.bz2, tar.gz, tar nor zip")
    except (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, ValueError) as error:
        raise opened.refuse(f"it is damaged ({error})") from None
    except (NotImplementedError, RuntimeError, RecursionError, OverflowError, MemoryError) as error:
        raise opened.refuse(f"it cannot be read ({error or type(error).__name__})") from None
    except OSError as error:
        raise _unpacking_failed(error, path=path, into=into, opened=opened) from None
    return opened.written


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(512)
    except OSError:
        raise ModelError("no_file", path=path) from None


def _unpacking_failed(error: OSError, *, path: Path, into: Path, opened: _Unpacking) -> ModelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        free = shutil.disk_usage(into).free
        return ModelError("disk_full", path=into, needed=opened.total_bytes, free=free)
    if error.errno is None or error.errno == errno.EINVAL:  # gzip and bz2 report damage as a bare OSError
        return opened.refuse(f"it is damaged ({error})")
    return ModelError("cannot_write", path=into, reason=error.strerror or error)


class _Unpacking:
    """One archive while it is being read: counts what has come out of it."""

    def __init__(self, *, path: Path, into: Path, wanted: Wanted, limits: Limits) -> None:
        self.path = path
        self.into = into
        self.wanted = wanted
        self.limits = limits
        self.most_bytes = limits.unpacked_bytes(path.stat().st_size if path.is_file() else 0)
        self.entries = 0
        self.total_bytes = 0
        self.written: list[str] = []

    def refuse(self, reason: str) -> ModelError:
        return ModelError("bad_archive", file=self.path.name, reason=reason)

    def unpack_tar(self, stream: IO[bytes]) -> None:
        guarded = _GuardedStream(stream, most_bytes=self.most_bytes + 1024 * self.limits.entries + (1 << 20))
        source = cast(IO[bytes], guarded)
        with tarfile.open(fileobj=source, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
            for member in archive:
                name = self.count(member.name, size=member.size if member.isfile() else 0)
                if member.issym() or member.islnk():
                    self.check_link(member)
                elif member.isfile():
                    content = archive.extractfile(member)
                    if content is not None and self.wanted(name):
                        self.write(name, content)
                elif not member.isdir():
                    raise self.refuse(f"{name} is neither a file nor a folder")

    def unpack_zip(self) -> None:
        with zipfile.ZipFile(self.path) as archive:
            for info in archive.infolist():
                name = self.count(info.filename.rstrip("/"), size=info.file_size)
                mode = info.external_attr >> 16
                if info.flag_bits & 0x1:
                    raise self.refuse("it is protected by a password")
                if info.is_dir() or stat.S_ISLNK(mode) or not self.wanted(name):
                    continue
                with archive.open(info) as content:
                    self.write(name, content)

    def count(self, name: str, *, size: int) -> str:
        """Check one entry's path and announced size; returns the path without a leading ``./``."""
        clean = posixpath.normpath(name.replace("\\", "/")) if is_inside(name or ".") else ""
        if not clean or len(clean) > MAX_PATH_CHARACTERS or not clean.isprintable():
            raise self.refuse(f"the path {name[:80]!a} leads out of it or cannot be used")
        self.entries += 1
        self.total_bytes += size
        if self.entries > self.limits.entries:
            raise self.refuse(f"it has more than {self.limits.entries} entries")
        if self.total_bytes > self.most_bytes:
            raise self.refuse(f"it unpacks to more than {self.most_bytes} bytes")
        return clean

    def check_link(self, member: tarfile.TarInfo) -> None:
        start = posixpath.dirname(member.name) if member.issym() else ""
        target = posixpath.normpath(posixpath.join(start, member.linkname))
        if target.startswith(("/", "..")):
            raise self.refuse(f"the link {member.name[:80]!a} leads out of it")

    def write(self, name: str, content: IO[bytes]) -> None:
        """Copy one file; counts the bytes that really come, whatever was announced."""
        target = self.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        written = 0
        with target.open("xb") as out:
            while block := content.read(BLOCK_BYTES):
                written += len(block)
                if written > self.most_bytes:
                    raise self.refuse(f"{name} unpacks to more than {self.most_bytes} bytes")
                out.write(block)
        self.written.append(name)


class _GuardedStream:
    """A decompressing stream that refuses large single reads and ends after ``most_bytes``."""

    def __init__(self, stream: IO[bytes], *, most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_SINGLE_READ_BYTES or self._stream.tell() + size > self._most_bytes:
            raise tarfile.ReadError("a header or the whole is larger than allowed")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or offset > self._most_bytes:
            raise tarfile.ReadError("the whole is larger than allowed")
        return self._stream.seek(offset)

    def tell(self) -> int:
        return self._stream.tell()
