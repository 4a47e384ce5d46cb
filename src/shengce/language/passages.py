"""Places in a talk, and the passages that prove them.

A :class:`Span` is a place (cheap, compared and sorted by the thousand); a ``Passage`` is the proof that is shown
and played. :class:`Talk` turns one into the other and remembers times that it has already worked out.
"""

from __future__ import annotations

from typing import NamedTuple

from shengce.language.values import Passage
from shengce.speech.transcript import Segment, Transcript


class Span(NamedTuple):
    """Characters ``[start, end)`` of segment number ``turn``."""

    turn: int
    start: int
    end: int


class Talk:
    """A transcript with its texts and the times of its spans at hand."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.segments: tuple[Segment, ...] = transcript.segments
        self.texts: tuple[str, ...] = tuple(segment.text for segment in transcript.segments)
        self.roles = frozenset(s.role for s in transcript.segments if s.text)
        spoken = [s for s in transcript.segments if s.text]
        self.start_ms = min((s.start_ms for s in spoken), default=0)
        """When the first word is said: ring tones and walking to the door do not count."""
        self.end_ms = max((s.end_ms for s in spoken), default=0)
        self._times: dict[Span, tuple[int, int]] = {}

    @property
    def timed(self) -> bool:
        """Whether the times were heard. Those of written dialogue are made up from its length."""
        return self.transcript.engine != "text"

    def time(self, span: Span) -> tuple[int, int]:
        """``[start_ms, end_ms)`` of a span."""
        if span not in self._times:
            self._times[span] = self.segments[span.turn].span_ms(span.start, span.end)
        return self._times[span]

    def passage(self, span: Span) -> Passage:
        segment = self.segments[span.turn]
        quote = segment.text[span.start : span.end]
        return Passage(span.turn, span.start, span.end, quote, segment.role, *self.time(span))

    def whole(self, turn: int) -> Span:
        return Span(turn, 0, len(self.texts[turn]))
