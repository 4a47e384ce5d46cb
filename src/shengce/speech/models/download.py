"""Fetching one large file over HTTP so that nothing that has arrived is fetched twice.

The bytes go to ``<file>.part``; beside it ``<file>.part.json`` keeps the address and the server's validator (ETag or
Last-Modified), so that the next attempt, in this process or after a kill, asks with ``Range`` and ``If-Range``. A
server that knows no ranges, a file that changed and a range that does not fit all mean: start over. Only when length
and SHA-256 agree is the file renamed to its name (RFC 9110, sections 13.1.5, 14.2 and 14.4).
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any

import certifi

from shengce.speech.models.card import BLOCK_BYTES
from shengce.speech.models.errors import ModelError

Progress = Callable[[int, int | None], None]
"""Called with the bytes on disk and the total, None while that is unknown."""

_RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


def free_bytes(path: Path) -> int:
    """Free bytes for this user on the disk that holds ``path``."""
    return shutil.disk_usage(path).free


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to go on. A failure counts until ``progress_bytes`` more have arrived than ever before.

    ``unreachable`` is the number of tries while the server has not answered once: a machine without a network is
    told so soon.
    """

    timeout_s: float = 30.0
    failures: int = 6
    unreachable: int = 3
    backoff_s: float = 1.0
    backoff_max_s: float = 30.0
    progress_bytes: int = 1 << 20
    stall_window_s: float = 60.0
    stall_bytes: int = 10_000
    most_bytes: int = 16 << 30


@dataclass(frozen=True, kw_only=True)
class Download:
    """What to fetch and what it must be. ``size_bytes`` and ``sha256`` are None where nobody knows them."""

    address: str
    target: Path
    size_bytes: int | None = None
    sha256: str | None = None


class _Broken(Exception):
    """This attempt is over; another one may go on from what has arrived."""

    def __init__(self, reason: object, *, wait_s: float = 0.0, unreachable: bool = False) -> None:
        super().__init__(str(reason) or type(reason).__name__)
        self.wait_s = wait_s
        self.unreachable = unreachable


@dataclass(kw_only=True)
class _Part:
    """The beginning of the file as it lies on disk, with the hash of its bytes."""

    path: Path
    address: str
    etag: str = ""
    modified: str = ""
    total: int | None = None
    size: int = 0

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()
        self.notes = self.path.with_name(self.path.name + ".json")

    def load(self) -> None:
        """Take up what an earlier process left for the same address; anything else is thrown away."""
        try:
            notes = json.loads(self.notes.read_text(encoding="utf-8"))
            if notes["address"] != self.address:
                raise ValueError("another address")
            self.etag, self.modified = str(notes["etag"]), str(notes["modified"])
            self.total = None if notes["total"] is None else int(notes["total"])
            with self.path.open("rb") as stream:
                while block := stream.read(BLOCK_BYTES):
                    self.digest.update(block)
                    self.size += len(block)
        except (OSError, ValueError, KeyError, TypeError):
            self.restart()

    def restart(self) -> None:
        """Forget the bytes and all that was known of them."""
        self.path.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)
        self.digest = hashlib.sha256()
        self.size, self.total, self.etag, self.modified = 0, None, "", ""

    def note(self, headers: Message, total: int | None) -> None:
        """Keep the validators of the answer whose bytes follow; only strong ones may join two answers."""
        etag = headers.get("ETag", "")
        self.etag = "" if etag.startswith("W/") else etag
        self.modified = headers.get("Last-Modified", "")
        self.total = total
        keep = {"address": self.address, "etag": self.etag, "modified": self.modified, "total": total}
        self.notes.write_text(json.dumps(keep), encoding="utf-8")

    def append(self, out: IO[bytes], block: bytes) -> None:
        out.write(block)
        self.digest.update(block)
        self.size += len(block)


def fetch(
    what: Download,
    *,
    progress: Progress | None = None,
    patience: Patience | None = None,
    free: Callable[[Path], int] = free_bytes,
    room_factor: float = 1.0,
    sleep: Callable[[float], None] | None = None,
) -> str:
    """Fetch ``what`` to its target and return the SHA-256; raises ``ModelError``.

    ``room_factor`` is how many times the file's size the disk must have in all (2 for a file that is unpacked
    beside it). What has arrived stays for the next call, unless it proved to be wrong.
    """
    _check_address(what.address)
    fetcher = _Fetcher(
        what, progress=progress, patience=patience or Patience(), free=free, room_factor=room_factor
    )
    try:
        what.target.parent.mkdir(parents=True, exist_ok=True)
        return fetcher.run(sleep or time.sleep)
    except OSError as error:
        raise _write_failed(error, what.target, fetcher.still_to_come(), free) from None


def _check_address(address: str) -> None:
    if urllib.parse.urlsplit(address).scheme.lower() not in ("http", "https"):
        raise ModelError("bad_address", address=address)


def _write_failed(error: OSError, target: Path, needed: int, free: Callable[[Path], int]) -> ModelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ModelError("disk_full", path=target.parent, needed=needed, free=free(target.parent))
    return ModelError("cannot_write", path=target, reason=error.strerror or error)


class _Fetcher:
    """One download: the loop of attempts, and what each answer of the server means."""

    def __init__(
        self,
        what: Download,
        *,
        progress: Progress | None,
        patience: Patience,
        free: Callable[[Path], int],
        room_factor: float,
    ) -> None:
        self.what = what
        self.progress = progress or (lambda done, total: None)
        self.patience = patience
        self.free = free
        self.room_factor = room_factor
        self.part = _Part(path=what.target.with_name(what.target.name + ".part"), address=what.address)
        self.opener = _opener()
        self.joined = False
        self.answered = False

    def run(self, sleep: Callable[[float], None]) -> str:
        self.part.load()
        self.joined = self.part.size > 0
        self.check_room(self.what.size_bytes)
        self.transfer(sleep)
        if self.joined and not self.is_right():
            self.part.restart()  # the pieces may be of two files: one whole transfer decides
            self.transfer(sleep)
        digest = self.part.digest.hexdigest()
        if not self.is_right():
            self.part.restart()
            raise ModelError(
                "wrong_hash", file=self.what.target.name, actual=digest, expected=self.what.sha256
            )
        return self.keep(digest)

    def transfer(self, sleep: Callable[[float], None]) -> None:
        """Attempts until all bytes are here, with growing pauses, or until patience is at its end."""
        failures, best = 0, self.part.size
        while not self.complete():
            try:
                self.attempt()
            except _Broken as broken:
                failures = 0 if self.part.size >= best + self.patience.progress_bytes else failures
                best = max(best, self.part.size)
                failures += 1
                if failures >= (self.patience.failures if self.answered else self.patience.unreachable):
                    raise self.given_up(broken, failures) from None
                pause = self.patience.backoff_s * 2 ** (failures - 1)
                sleep(min(max(pause, broken.wait_s), self.patience.backoff_max_s))

    def is_right(self) -> bool:
        return self.what.sha256 in (None, self.part.digest.hexdigest())

    def keep(self, digest: str) -> str:
        with self.part.path.open("rb+") as stream:
            os.fsync(stream.fileno())
        self.part.path.replace(self.what.target)
        self.part.notes.unlink(missing_ok=True)
        return digest

    def complete(self) -> bool:
        return self.part.total is not None and self.part.size == self.part.total

    def given_up(self, broken: _Broken, failures: int) -> ModelError:
        file = self.what.target.name
        if broken.unreachable and not self.answered and self.part.size == 0:
            host = urllib.parse.urlsplit(self.what.address).netloc
            return ModelError("no_network", host=host, reason=broken, file=file)
        return ModelError(
            "broken_off", file=file, attempts=failures, reason=broken, bytes_kept=self.part.size
        )

    def still_to_come(self) -> int:
        total = self.part.total or self.what.size_bytes or 0
        return max(0, total - self.part.size)

    def check_room(self, total: int | None) -> None:
        """Refuse before the first byte when the whole file and what comes of it will not fit."""
        if total is None:
            return
        needed = int(total * self.room_factor) - self.part.size
        available = self.free(self.what.target.parent)
        if needed > available:
            raise ModelError("disk_full", path=self.what.target.parent, needed=needed, free=available)

    def attempt(self) -> None:
        """One request, and its body to the end or until it breaks."""
        try:
            response = self.opener.open(self.request(), timeout=self.patience.timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                self.refused(error)
            return
        except urllib.error.URLError as error:
            raise _Broken(error.reason, unreachable=True) from None
        except (http.client.HTTPException, OSError) as error:
            raise _Broken(error, unreachable=True) from None
        with response:
            self.begin(response.status, response.headers)
            self.read(response)

    def request(self) -> urllib.request.Request:
        headers = {"User-Agent": "shengce-models", "Accept-Encoding": "identity"}
        validator = self.part.etag or self.part.modified
        if self.part.size and not validator and not self.what.sha256:
            self.part.restart()  # nothing would show that the file has changed meanwhile
        if self.part.size:
            headers["Range"] = f"bytes={self.part.size}-"
            if validator:
                headers["If-Range"] = validator
        return urllib.request.Request(self.what.address, headers=headers)

    def begin(self, status: int, headers: Message) -> None:
        """Decide from the head of the answer whether its body goes on or starts over."""
        self.answered = True
        if headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
            raise self.bad_answer("it is compressed although that was not asked for")
        if status == 206:
            self.begin_rest(headers)
        elif status == 200:
            total = self.announced(headers)
            self.part.restart()
            self.check_total(total)
            self.part.note(headers, total)
        else:
            raise self.bad_answer(f"status {status}")

    def begin_rest(self, headers: Message) -> None:
        found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        start = int(found[1]) if found and found[1] else -1
        total = int(found[3]) if found and found[3] != "*" else None
        changed = self.part.total is not None and total is not None and total != self.part.total
        etag = headers.get("ETag", "")
        if start != self.part.size or changed or (self.part.etag and etag and etag != self.part.etag):
            self.part.restart()
            raise _Broken("the server sent another part than was asked for, or the file has changed")
        self.check_total(total)
        self.joined = self.joined or self.part.size > 0
        if total is not None:
            self.part.total = total

    def announced(self, headers: Message) -> int | None:
        text = headers.get("Content-Length", "")
        if text and not text.isdecimal():
            raise self.bad_answer("its length is no number")
        return int(text) if text else None

    def check_total(self, total: int | None) -> None:
        expected = self.what.size_bytes
        if total is None:
            return
        if expected is not None and total != expected:
            raise ModelError("wrong_size", file=self.what.target.name, actual=total, expected=expected)
        if total > self.patience.most_bytes:
            raise self.bad_answer(f"it announces {total} bytes")
        self.check_room(total)

    def read(self, response: http.client.HTTPResponse) -> None:
        """Append the body; too slow, too short and too long each end the attempt."""
        window_start, window_size = time.monotonic(), self.part.size
        most = (
            self.part.total
            if self.part.total is not None
            else self.what.size_bytes or self.patience.most_bytes
        )
        with self.part.path.open("ab") as out:
            while block := _receive(response):
                if self.part.size + len(block) > most:
                    self.part.restart()
                    raise _Broken("more bytes came than were announced")
                self.part.append(out, block)
                self.progress(self.part.size, self.part.total)
                if time.monotonic() - window_start >= self.patience.stall_window_s:
                    if self.part.size - window_size < self.patience.stall_bytes:
                        raise _Broken("the server is too slow")
                    window_start, window_size = time.monotonic(), self.part.size
        expected = self.part.total if self.part.total is not None else self.what.size_bytes
        if expected is not None and self.part.size < expected:
            raise _Broken(f"{self.part.size} of {expected} bytes came")
        self.part.total = (
            self.part.size
        )  # where no length was announced, the end of the body is the end of the file

    def refused(self, error: urllib.error.HTTPError) -> None:
        """What an error status means: try again, start over, or give up."""
        self.answered = True
        if error.code == 416:
            found = _CONTENT_RANGE.fullmatch((error.headers.get("Content-Range") or "").strip())
            if found and found[3] == str(self.part.size) and self.part.size:
                self.part.total = self.part.size
                return
            self.part.restart()
            raise _Broken("the server has no such part")
        if error.code in _RETRY_STATUS:
            after = error.headers.get("Retry-After", "")
            raise _Broken(f"status {error.code}", wait_s=float(after) if after.isdecimal() else 0.0)
        code = "not_found" if error.code in (404, 410) else "refused"
        raise ModelError(code, address=self.what.address, status=error.code)

    def bad_answer(self, reason: str) -> ModelError:
        return ModelError("bad_answer", address=self.what.address, reason=reason)


def _receive(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(1 << 16)
    except (http.client.HTTPException, OSError) as error:
        raise _Broken(error) from None


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows redirects to other hosts, as releases need them, but never from https to http."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if req.type == "https" and not newurl.lower().startswith("https:"):
            raise ModelError(
                "bad_answer", address=req.full_url, reason="it leads from https to an open connection"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """TLS with the certificates of certifi, and with those of ``SSL_CERT_FILE`` where a firm has its own."""
    context = ssl.create_default_context(cafile=certifi.where())
    if own := os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(cafile=own)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoDowngrade())
