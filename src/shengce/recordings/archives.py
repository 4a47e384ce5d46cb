"""Zip archives of recordings, opened without trusting them: nothing is written to the names inside."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from shengce.recordings.refusal import Refused

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    struct.error,
    ValueError,
    IndexError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """What an archive may hold. ``ratio`` counts from ``ratio_from_bytes`` on: a minute of silence packs well."""

    entries: int = 5_000
    total_bytes: int = 8_000_000_000
    directory_bytes: int = 16_000_000
    ratio: int = 250
    ratio_from_bytes: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in an archive. ``refusal`` says why it is not opened; ``size`` is what it claims to unpack to."""

    name: str
    size: int
    info: zipfile.ZipInfo
    refusal: Refused | None = None


class Archive:
    """An opened archive. Raises ``Refused`` (``zip_broken``, ``zip_entries``, ``zip_total``) on opening."""

    def __init__(self, file: IO[bytes], *, limits: ArchiveLimits = ArchiveLimits()) -> None:
        self.limits = limits
        try:
            _check_directory(file, limits)
            self._zip = zipfile.ZipFile(file)
        except Refused:
            raise
        except (*BROKEN, NotImplementedError, RuntimeError) as error:
            raise Refused("zip_broken") from error
        infos = self._zip.infolist()
        if len(infos) > limits.entries:
            raise Refused("zip_entries", limit=limits.entries)
        self.entries = tuple(self._entry(info) for info in infos if _is_wanted(info))
        if sum(e.size for e in self.entries if e.refusal is None) > limits.total_bytes:
            raise Refused("zip_total", limit_mb=limits.total_bytes // 1_000_000)

    def _entry(self, info: zipfile.ZipInfo) -> Entry:
        name = true_name(info)
        refusal = None
        ratio = info.file_size // max(1, info.compress_size)
        if info.flag_bits & 0x1:
            refusal = Refused("zip_encrypted")
        elif PurePosixPath(name).suffix.lower() in (
            ".zip",
            ".rar",
            ".7z",
            ".gz",
            ".tgz",
            ".xz",
            ".bz2",
            ".tar",
        ):
            refusal = Refused("zip_nested")
        elif info.file_size > self.limits.ratio_from_bytes and ratio > self.limits.ratio:
            refusal = Refused("zip_ratio", ratio=ratio)
        return Entry(name, info.file_size, info, refusal)

    @contextmanager
    def open(self, entry: Entry) -> Iterator[IO[bytes]]:
        """The bytes of an entry, checked while they are read: ``Refused`` where they are not what was promised."""
        if entry.refusal is not None:
            raise entry.refusal
        with self._open(entry) as stream:
            yield _Guarded(stream)  # type: ignore[misc]

    def _open(self, entry: Entry) -> IO[bytes]:
        try:
            return self._zip.open(entry.info)
        except NotImplementedError as error:
            raise Refused("zip_method") from error
        except RuntimeError as error:  # zipfile's word for a missing password
            raise Refused("zip_encrypted") from error
        except BROKEN as error:
            raise Refused("zip_broken") from error


class _Guarded(io.RawIOBase):
    """Turns every way in which unpacking can fail into a refusal; disk errors of others stay what they are."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except Exception as error:  # every decompressor has errors of its own
            raise Refused("zip_broken") from error


def true_name(info: zipfile.ZipInfo) -> str:
    """The entry's name as its writer meant it: UTF-8 or GB18030 where the archive does not say; no way out of it."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
        for encoding in ("utf-8", "gb18030") if raw else ():
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    name = unicodedata.normalize("NFC", name.split("\x00")[0].replace("\\", "/"))
    parts = [part for part in name.split("/") if part not in ("", ".", "..") and not part.endswith(":")]
    return "/".join(parts)


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file that somebody put there, not a folder and not what systems leave behind."""
    if not info.filename or info.is_dir() or info.orig_filename.endswith("\\"):
        return False
    parts = true_name(info).split("/")
    if not parts[-1] or "__MACOSX" in parts or any(part.startswith(".") for part in parts):
        return False
    return parts[-1].lower() not in ("thumbs.db", "desktop.ini")


def _check_directory(file: IO[bytes], limits: ArchiveLimits) -> None:
    """Look at the end record before ``zipfile`` reads the whole list of entries into memory."""
    size = file.seek(0, io.SEEK_END)
    start = file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise Refused("zip_broken")
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    locator = tail.rfind(b"PK\x06\x07", 0, at)
    if locator >= 0 and locator + 20 == at:
        file.seek(struct.unpack_from("<Q", tail, locator + 8)[0])
        record = file.read(56)
        if record[:4] == b"PK\x06\x06":
            entries, directory_bytes = struct.unpack_from("<QQ", record, 32)
    if entries > limits.entries or directory_bytes > min(limits.directory_bytes, start + len(tail)):
        raise Refused("zip_entries", limit=limits.entries)
    file.seek(0)
