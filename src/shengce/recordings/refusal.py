"""Why something was not received: a stable code and the arguments of its words (see ``errors.explain``)."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """Raised before anything is accepted; nothing of the file is kept. ``retriable`` when waiting may help."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code = code
        self.details = details
        super().__init__(code, details)

    @property
    def retriable(self) -> bool:
        return self.code in ("disk_full", "storage_failed")
