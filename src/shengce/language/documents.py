"""Reading YAML and JSON that people write, of which nothing may be trusted.

The fast parser of libyaml recurses on the machine's stack while it builds, so depth is checked on the events
before anything is built. Aliases are refused: a few of them can stand for more data than memory holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 30

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DocumentError(ValueError):
    """Text that is no usable YAML; ``template`` and ``params`` are the message before it is filled in."""

    def __init__(self, template: str, **params: object) -> None:
        self.template, self.params = template, params
        super().__init__(template % params)


def read_document(source: str | Path) -> Any:
    """The data in YAML (or JSON) text, or in a file where ``source`` is a path. Raises :class:`DocumentError`."""
    text = _read(source) if isinstance(source, Path) else source
    if len(text) > MAX_BYTES:
        raise DocumentError("the text is larger than %(limit)d MiB", limit=MAX_BYTES // 1024**2)
    try:
        _check(text)
        return yaml.load(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(
            "not valid YAML at line %(line)d: %(reason)s", line=line, reason=error.problem
        ) from error
    except DocumentError:
        raise
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise DocumentError("not valid YAML") from error


def _check(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise DocumentError("line %(line)d: aliases (*) can't be used", line=_line(event))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise DocumentError("line %(line)d: nested too deeply", line=_line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(
                "%(name)s is larger than %(limit)d MiB", name=path.name, limit=MAX_BYTES // 1024**2
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("%(name)s is not UTF-8 text", name=path.name) from error
    except (OSError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        reason = getattr(error, "strerror", None) or "not a file name"
        raise DocumentError("%(name)s can't be read: %(reason)s", name=path.name, reason=reason) from error


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0
