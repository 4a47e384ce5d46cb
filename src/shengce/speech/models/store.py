"""The models directory as a thing that several processes use at once: locks, workshops, swaps and the register.

Layout below the models directory; names that begin with a dot are never models::

    <name>/            an installed model with its card.json
    installed.json     checksums of the archives that models came from
    .downloads/        archives and their parts
    .work/<name>/      where a model is put together before it is moved into place
    .locks/            one file for each lock; the system frees a lock when its process dies
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from shengce.speech.models.card import CARD_NAME
from shengce.speech.models.errors import ModelError

REGISTER_NAME = "installed.json"
REGISTER_LOCK = ".register"
IMPORT_WORK = ".import"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an installed model came from. ``checked`` is False where its checksum was only recorded, not compared."""

    sha256: str
    size_bytes: int
    source: str
    checked: bool


@dataclass(frozen=True)
class Store:
    """One models directory."""

    directory: Path

    def model(self, name: str) -> Path:
        """Where the model of that name lies or will lie."""
        return self.directory / name

    def download(self, file: str) -> Path:
        """Where an archive of that name is fetched to."""
        return self.directory / ".downloads" / file

    @contextlib.contextmanager
    def locked(self, name: str, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the lock of one model; ``on_wait`` is called once when another process has it."""
        path = self.directory / ".locks" / f"{name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if on_wait is not None:
                    on_wait()
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def workshop(self, name: str, *, on_wait: Callable[[], None] | None = None) -> Iterator[Path]:
        """Hold the lock of one model and an empty folder to put it together in; the folder is gone afterwards."""
        work = self.directory / ".work" / name
        with self.locked(name, on_wait=on_wait):
            self._clear(name, work)
            work.mkdir(parents=True)
            try:
                yield work
            finally:
                self._clear(name, work)

    def _clear(self, name: str, work: Path) -> None:
        """Empty a workshop; first put a model back that a process had moved aside and never replaced."""
        if (work / "old" / CARD_NAME).is_file() and not self.model(name).exists():
            (work / "old").rename(self.model(name))
        shutil.rmtree(work, ignore_errors=True)

    def put_in_place(self, made: Path, name: str, work: Path) -> Path:
        """Move a finished directory to its name, in place of what was there; ``work`` is the model's workshop."""
        target = self.model(name)
        if target.exists():
            target.rename(work / "old")
        made.rename(target)
        return target

    def origins(self) -> dict[str, Origin]:
        """The register, by name of the model; an unreadable register counts as empty."""
        try:
            data = json.loads((self.directory / REGISTER_NAME).read_text(encoding="utf-8"))
            return {str(name): Origin(**entry) for name, entry in data.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}

    def note_origin(self, name: str, origin: Origin | None) -> None:
        """Enter where a model came from, or strike it out with None."""
        with self.locked(REGISTER_LOCK):
            origins = self.origins()
            origins.pop(name, None)
            if origin is not None:
                origins[name] = origin
            path = self.directory / REGISTER_NAME
            partial = path.with_name(f".{REGISTER_NAME}.{os.getpid()}")
            data = {key: asdict(origins[key]) for key in sorted(origins)}
            partial.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            partial.replace(path)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a ``ModelError`` with words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ModelError("disk_full", path=path, needed="more", free=_free(path)) from None
        reason = error.strerror or str(error)
        raise ModelError("cannot_write", path=error.filename or path, reason=reason) from None


def _free(path: Path) -> int:
    existing = next(p for p in (path, *path.parents) if p.exists())
    return shutil.disk_usage(existing).free
