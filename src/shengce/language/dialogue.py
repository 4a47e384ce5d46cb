"""Written dialogue as a transcript: one utterance a line, ``销售：…`` or ``客户：…``, an optional ``[mm:ss]`` before it."""

from __future__ import annotations

import re
from pathlib import Path

from shengce.speech.transcript import Role, Segment, Transcript, from_turns

MAX_BYTES = 4 * 1024 * 1024
MAX_LINES = 20_000
MAX_LINE = 4_000
"""Characters of one utterance: nobody says more in one breath."""

_ROLES: dict[str, Role] = {
    "销售": "rep",
    "业务员": "rep",
    "坐席": "rep",
    "客服": "rep",
    "顾问": "rep",
    "rep": "rep",
    "sales": "rep",
    "agent": "rep",
    "客户": "customer",
    "顾客": "customer",
    "customer": "customer",
    "client": "customer",
    "同事": "colleague",
    "colleague": "colleague",
    "其他": "other",
    "other": "other",
    "unknown": "unknown",
}
_LINE = re.compile(r"(?:\[(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.\d+)?\]\s*)?([^:：\[\]]{1,20}?)\s*[:：](.*)")


class DialogueError(ValueError):
    """Text that is not a dialogue; the message names the line and what is wrong."""


def read_dialogue(data: bytes) -> str:
    """The text of a dialogue file: UTF-8, UTF-16 with its mark, or GB18030. Raises :class:`DialogueError`."""
    if len(data) > MAX_BYTES:
        raise DialogueError(f"the dialogue is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DialogueError("the dialogue is neither UTF-8 nor GB18030 text")


def read_dialogue_file(path: Path) -> str:
    """As :func:`read_dialogue`, from a file."""
    try:
        with path.open("rb") as file:
            return read_dialogue(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise DialogueError(f"{path} can't be read: {error.strerror}") from error


def parse_dialogue(text: str) -> Transcript:
    """The transcript of a written dialogue; empty lines are skipped, times are made up where none are given.

    Raises :class:`DialogueError` for a line that names no known speaker, and for too many or too long lines.
    """
    turns: list[tuple[Role, str]] = []
    starts: list[int | None] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip("\ufeff \t\u3000")
        if not line:
            continue
        if len(turns) >= MAX_LINES:
            raise DialogueError(f"line {number}: more than {MAX_LINES} utterances")
        role, spoken, start_ms = _parse_line(line, number)
        turns.append((role, spoken))
        starts.append(start_ms)
    return _timed(from_turns(turns), starts)


def _parse_line(line: str, number: int) -> tuple[Role, str, int | None]:
    if len(line) > MAX_LINE:
        raise DialogueError(f"line {number}: longer than {MAX_LINE} characters")
    match = _LINE.fullmatch(line)
    if match is None:
        raise DialogueError(f"line {number}: expected '销售：…' or '客户：…', found {line[:20]!r}")
    hours, minutes, seconds, speaker, spoken = match.groups()
    role = _ROLES.get(speaker.strip().lower())
    if role is None:
        raise DialogueError(
            f"line {number}: unknown speaker {speaker.strip()!r}; use 销售, 客户, rep or customer"
        )
    start_ms = None
    if minutes is not None:
        start_ms = (int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) * 1000
    return role, spoken.strip(), start_ms


def _timed(transcript: Transcript, starts: list[int | None]) -> Transcript:
    """Put each utterance at its given time; one without time keeps its length after the one before."""
    if not any(start is not None for start in starts):
        return transcript
    segments: list[Segment] = []
    clock = 0
    for segment, start in zip(transcript.segments, starts, strict=True):
        begin = clock if start is None else max(start, segments[-1].start_ms if segments else 0)
        clock = begin + segment.end_ms - segment.start_ms
        segments.append(Segment(segment.speaker, segment.role, begin, clock, segment.text))
    return Transcript(tuple(segments), clock, transcript.channels, transcript.engine)
