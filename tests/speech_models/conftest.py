"""A server on this machine that misbehaves on demand, and small models of the right form."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shengce.speech.models.catalogue import CatalogueModel
from shengce.speech.models.download import Patience

HASTE = Patience(timeout_s=10, failures=6, backoff_s=0.001, backoff_max_s=0.001, progress_bytes=1000)
"""Patience without pauses: what is tested is what happens, not how long it takes."""


class Handler(BaseHTTPRequestHandler):
    """Serves ``server.content``; each request takes the next plan, then the well-behaved one."""

    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_GET(self) -> None:
        self.close_connection = True
        with self.server.lock:
            self.server.requests.append((self.path, dict(self.headers)))
            plan = self.server.plans.pop(0) if self.server.plans else serve
        plan(self)

    def offset(self) -> int:
        """Where a range begins that may be served, 0 for the whole file."""
        asked = self.headers.get("Range", "")
        if not asked or self.headers.get("If-Range", self.server.etag) != self.server.etag:
            return 0
        return int(asked.removeprefix("bytes=").split("-")[0])

    def head(self, status: int, *, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def body(self, data: bytes) -> None:
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except OSError:
            return
        with self.server.lock:
            self.server.bytes_sent += len(data)

    def log_message(self, *args: object) -> None:
        """Silence."""


Plan = Callable[[Handler], None]


def serve(handler: Handler, *, most: int | None = None) -> None:
    """The right answer; with ``most`` the connection ends after that many bytes of the body."""
    content, offset = handler.server.content, handler.offset()
    if offset >= len(content):
        handler.head(416, length=0, Content_Range=f"bytes */{len(content)}")
        return
    rest = content[offset:]
    if offset:
        handler.head(206, length=len(rest), Content_Range=f"bytes {offset}-{len(content) - 1}/{len(content)}")
    else:
        handler.head(200, length=len(rest))
    handler.body(rest if most is None else rest[:most])


def drop_after(count: int) -> Plan:
    return lambda handler: serve(handler, most=count)


def answer(status: int, **headers: str) -> Plan:
    return lambda handler: handler.head(status, length=0, **headers)


def without_ranges(handler: Handler, *, most: int | None = None) -> None:
    handler.head(200, length=len(handler.server.content))
    handler.body(handler.server.content[:most])


def hang_up(handler: Handler) -> None:
    """No answer at all."""


class ModelServer(ThreadingHTTPServer):
    """``plans``: what to do with the coming requests. ``requests``: path and headers of those that came."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.etag = '"one"'
        self.plans: list[Plan] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.bytes_sent = 0
        self.lock = threading.Lock()

    @property
    def mirror(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def noise(count: int, seed: int = 1) -> bytes:
    """Bytes that do not compress."""
    return random.Random(seed).randbytes(count)


MODEL_FILES = {
    "model.int8.onnx": noise(200_000),
    "tokens.txt": "<blk> 0\n你 1\n".encode(),
    "LICENSE": b"free",
}


def tar_bytes(files: dict[str, bytes], *, top: str = "tiny-zh", mode: str = "w:bz2") -> bytes:
    """A tar archive of ``files`` below one folder, as the publishers make them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(f"{top}/{name}" if top else name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="session")
def archive() -> bytes:
    return tar_bytes({**MODEL_FILES, "test_wavs/0.wav": noise(1000), "model.onnx": noise(50_000, 2)})


@pytest.fixture
def entry(archive: bytes) -> CatalogueModel:
    """A catalogue entry of a tiny model with published checksums."""
    return CatalogueModel(
        name="tiny-zh",
        family="zipformer_ctc",
        title_zh="小",
        title_en="Tiny",
        languages=("zh",),
        licence="Apache-2.0",
        release="asr-models",
        file="tiny-zh.tar.bz2",
        size_bytes=len(archive),
        sha256=sha256(archive),
        files={"model": "model.int8.onnx", "tokens": "tokens.txt"},
        file_sha256={name: sha256(MODEL_FILES[name]) for name in ("model.int8.onnx", "tokens.txt")},
        note_zh="测试",
        note_en="test",
    )


@pytest.fixture
def server(archive: bytes) -> Iterator[ModelServer]:
    running = ModelServer(archive)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A models directory with a space and Chinese in its path."""
    return tmp_path / "数据 目录" / "models"
