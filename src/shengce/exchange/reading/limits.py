"""How much a file may hold, and how much its reading may cost."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000
MOST_BYTES = 50 * MEGABYTE
MOST_UNPACKED_BYTES = 1_000 * MEGABYTE
"""A workbook is a zip; 50 MB of zip can hold terabytes."""
MOST_PARTS = 5_000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_CHARACTERS = 32_767
"""Of one cell: what Excel holds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the child process. ``written_bytes`` is the most that it may write to a file."""

    wall_s: float = 90.0
    processor_s: int = 80
    memory_bytes: int = 2_000 * MEGABYTE
    written_bytes: int = 1_000 * MEGABYTE


class Unreadable(Exception):
    """The file cannot be used. ``code`` names the reason, ``details`` fills its words (:mod:`exchange.wording`)."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
