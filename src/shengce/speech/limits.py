"""How much one recording may cost before it is refused or stopped."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one job; what goes beyond them ends with an ``AudioError`` of the named code.

    ``file_bytes`` (too_large) and ``duration_ms`` (too_long, too_short) are about the recording, ``wall_s``
    (timeout), ``stall_s`` without any progress (stalled) and ``memory_bytes`` (memory) about the child process.
    The memory limit counts the child's private memory, the loaded model included.
    """

    file_bytes: int = 2_000 * MEGABYTE
    duration_ms: int = 24 * 3_600_000
    least_duration_ms: int = 300
    wall_s: float = 4 * 3600.0
    stall_s: float = 300.0
    memory_bytes: int = 3_000 * MEGABYTE

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Limits:
        return cls(**data)
