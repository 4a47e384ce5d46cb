"""Why a recording could not be used: one error with a stable code that upper rooms put into the user's language."""

from __future__ import annotations

from typing import Any

MESSAGES: dict[str, str] = {
    "missing": "There is no such file.",
    "unreadable": "The file cannot be read.",
    "empty": "The file is empty.",
    "not_audio": "The file is not a sound or video file.",
    "no_sound": "The file has no sound track.",
    "unsupported_codec": "The sound is stored in a form that cannot be decoded ({codec}).",
    "truncated": "The file is cut off or damaged: nothing of it can be decoded.",
    "too_short": "The recording is too short ({duration_ms} ms).",
    "too_long": "The recording is longer than the limit of {limit_minutes} minutes.",
    "too_large": "The file is larger than the limit of {limit_mb} MB.",
    "silent": "The recording is silent.",
    "no_speech": "Nobody speaks in the recording.",
    "timeout": "The work took longer than the limit of {limit_s} seconds and was stopped.",
    "stalled": "The work made no progress for {limit_s} seconds and was stopped.",
    "memory": "The recording needs more memory than the limit of {limit_mb} MB.",
    "crashed": "The decoder or the recogniser broke down on this recording.",
    "cancelled": "The work was cancelled.",
    "bad_model": "The speech model cannot be used: {reason}",
}
"""English message of every code. Upper rooms translate by code; the arguments stay the same."""

WARNINGS: dict[str, str] = {
    "cut_off": "The recording is cut off: only the part that is there was used.",
    "damaged": "Parts of the recording are damaged and were left out.",
    "same_channels": "Both channels carry the same sound: the recording was treated as one channel.",
    "mixed_down": "The recording has more than two channels: they were mixed into one.",
}
"""English message of everything that is worth knowing about a recording that was used all the same."""


class AudioError(Exception):
    """A recording, a model or the work on it failed for a reason that a person can understand.

    ``code`` is a key of ``MESSAGES`` and never changes its meaning; ``message_args`` fill the message.
    ``detail`` is for the log: the last words of a native library, never shown as the reason.
    """

    def __init__(self, code: str, message_args: dict[str, Any] | None = None, *, detail: str = "") -> None:
        self.code = code if code in MESSAGES else "crashed"
        self.message_args = dict(message_args or {})
        self.detail = detail
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The English message with its arguments filled in; a missing argument shows as a question mark."""
        return MESSAGES[self.code].format_map(_Arguments(self.message_args))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.code, self.message_args, self.detail)


class _Arguments(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _rebuild(code: str, message_args: dict[str, Any], detail: str) -> AudioError:
    return AudioError(code, message_args, detail=detail)
