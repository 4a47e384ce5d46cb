"""The transcript: what was said, by whom, when.

One value shared by recognition, imports, extraction and the player. Times are integer milliseconds from the
start of the audio, ranges are half-open. The JSON form is compact because one row holds a whole conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

Role = Literal["rep", "customer", "colleague", "other", "unknown"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Word:
    """The smallest timed piece of text: one character of Chinese, or one Latin word."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech by one speaker.

    ``speaker`` is a label that is stable within the transcript ("ch0", "ch1" by channel; "s0", "s1" by
    diarisation); ``role`` says who that is. ``words`` cover ``text`` in order and may be empty where the
    recogniser gives no times: then the segment's own times are the best evidence there is.
    """

    speaker: str
    role: Role
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()

    def span_ms(self, start: int, end: int) -> tuple[int, int]:
        """Milliseconds of the characters ``text[start:end]``; falls back to an even split of the segment.

        Words are matched to the text by walking both, so text with punctuation or figures that no word
        carries still maps to the words around it.
        """
        start, end = max(0, start), min(end, len(self.text))
        if start >= end:
            return self.start_ms, self.end_ms
        if not self.words:
            length, span = len(self.text), self.end_ms - self.start_ms
            return self.start_ms + span * start // length, self.start_ms + span * end // length
        timed = self._character_times()
        chosen = [t for t in timed[start:end] if t is not None]
        if not chosen:
            before = [t for t in timed[:start] if t is not None]
            after = [t for t in timed[end:] if t is not None]
            left = before[-1][1] if before else self.start_ms
            right = after[0][0] if after else self.end_ms
            return left, max(left, right)
        return chosen[0][0], max(t[1] for t in chosen)

    def _character_times(self) -> list[tuple[int, int] | None]:
        times: list[tuple[int, int] | None] = [None] * len(self.text)
        position = 0
        for word in self.words:
            found = self.text.find(word.text, position)
            if found < 0:
                continue
            for i in range(found, found + len(word.text)):
                times[i] = (word.start_ms, word.end_ms)
            position = found + len(word.text)
        return times


@dataclass(frozen=True, slots=True)
class Transcript:
    """Segments in order of start, the length of the audio, and the engine that heard it."""

    segments: tuple[Segment, ...]
    duration_ms: int
    channels: int
    engine: str

    @property
    def text(self) -> str:
        return "\n".join(s.text for s in self.segments)

    def with_role(self, speaker: str, role: Role) -> Transcript:
        """The same transcript with every segment of ``speaker`` given ``role``."""
        return replace(
            self,
            segments=tuple(replace(s, role=role) if s.speaker == speaker else s for s in self.segments),
        )

    def to_json(self) -> dict[str, Any]:
        """Compact form for storage: segments as lists, word times as differences from the segment start."""
        return {
            "v": 1,
            "duration_ms": self.duration_ms,
            "channels": self.channels,
            "engine": self.engine,
            "segments": [
                [
                    s.speaker,
                    s.role,
                    s.start_ms,
                    s.end_ms,
                    s.text,
                    [[w.text, w.start_ms - s.start_ms, w.end_ms - s.start_ms] for w in s.words],
                ]
                for s in self.segments
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Transcript:
        """Inverse of :meth:`to_json`. Raises ``ValueError`` for another version."""
        if data.get("v") != 1:
            raise ValueError(f"unknown transcript version {data.get('v')!r}")
        return cls(
            segments=tuple(
                Segment(
                    speaker=speaker,
                    role=role if role in ROLES else "unknown",
                    start_ms=start,
                    end_ms=end,
                    text=text,
                    words=tuple(Word(t, start + a, start + b) for t, a, b in words),
                )
                for speaker, role, start, end, text, words in data["segments"]
            ),
            duration_ms=data["duration_ms"],
            channels=data["channels"],
            engine=data["engine"],
        )


def from_turns(turns: Sequence[tuple[Role, str]], *, ms_per_character: int = 200) -> Transcript:
    """A transcript from written dialogue: one segment a turn, times made up evenly from the length."""
    segments: list[Segment] = []
    clock = 0
    for role, text in turns:
        end = clock + max(1, len(text)) * ms_per_character
        segments.append(Segment(role, role, clock, end, text))
        clock = end
    return Transcript(tuple(segments), clock, 1, "text")
