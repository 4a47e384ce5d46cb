"""What people corrected in a transcript, applied again to a new recognition of the same sound.

Another model cuts and writes differently, so a correction is found by its time: a passage that sounds where the
corrected one did and still says what was wrong there, or says nearly the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from shengce.recordings.models import SegmentEdit
from shengce.speech.transcript import Segment, Transcript, Word

NEAR_MS = 1_500
ALIKE = 0.5
"""Least likeness (0 to 1) of the words heard now to those heard or corrected then."""


def apply_edits(transcript: Transcript, edits: Iterable[SegmentEdit]) -> Transcript:
    """The transcript with all corrections that still fit, in the order in which they were made."""
    for edit in edits:
        turn = _turn(transcript, edit)
        if turn is None:
            continue
        if "text" in edit.new:
            segments = list(transcript.segments)
            segments[turn] = _with_text(segments[turn], edit.new["text"])
            transcript = replace(transcript, segments=tuple(segments))
        elif "role" in edit.new:
            transcript = transcript.with_role(transcript.segments[turn].speaker, edit.new["role"])
    return transcript


def _turn(transcript: Transcript, edit: SegmentEdit) -> int | None:
    """The segment that the correction is about: the nearest in time that fits."""
    near = sorted(
        (abs(segment.start_ms - edit.start_ms), turn)
        for turn, segment in enumerate(transcript.segments)
        if abs(segment.start_ms - edit.start_ms) <= NEAR_MS
        or segment.start_ms <= edit.start_ms < segment.end_ms
    )
    for _distance, turn in near:
        segment = transcript.segments[turn]
        if (
            "text" not in edit.new
            or _alike(segment.text, edit.old.get("text", ""))
            or _alike(segment.text, edit.new["text"])
        ):
            return turn
    return None


def _alike(heard: str, other: str) -> bool:
    return heard == other or SequenceMatcher(None, heard, other, autojunk=False).ratio() >= ALIKE


def _with_text(segment: Segment, text: str) -> Segment:
    """Other words in the same place; words that are still there keep their times."""
    return replace(segment, text=text, words=tuple(_kept(segment, text)))


def _kept(segment: Segment, text: str) -> Iterator[Word]:
    owners = [index for index, word in enumerate(segment.words) for _character in word.text]
    heard = "".join(word.text for word in segment.words)
    kept = [0] * len(segment.words)
    for block in SequenceMatcher(None, heard, text, autojunk=False).get_matching_blocks():
        for position in range(block.a, block.a + block.size):
            kept[owners[position]] += 1
    return (word for word, count in zip(segment.words, kept, strict=True) if count == len(word.text))
