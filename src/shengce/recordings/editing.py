"""Corrections of a transcript by people: made once, and made again on a new recognition of the same sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from shengce.recordings.models import SegmentEdit
from shengce.speech.transcript import Segment, Transcript, Word

NEAR_MS = 1_500
"""Another recogniser cuts a little elsewhere: an edit finds its segment within this distance of its start."""

LEAST_LIKENESS = 0.4
"""Below this share of common characters a segment is another one."""


def with_text(transcript: Transcript, turn: int, text: str) -> Transcript:
    """The transcript with other words in one segment; words that stay keep their times."""
    segment = transcript.segments[turn]
    changed = replace(segment, text=text, words=tuple(_kept_words(segment, text)))
    segments = (*transcript.segments[:turn], changed, *transcript.segments[turn + 1 :])
    return replace(transcript, segments=segments)


def apply_edits(transcript: Transcript, edits: Iterable[SegmentEdit]) -> Transcript:
    """Every correction again, oldest first. One whose passage is no longer there changes nothing and stays kept."""
    for edit in edits:
        if "role" in edit.new:
            transcript = transcript.with_role(edit.new.get("speaker", ""), edit.new["role"])
        elif "text" in edit.new:
            turn = _turn_at(transcript, edit)
            if turn is not None:
                transcript = with_text(transcript, turn, edit.new["text"])
    return transcript


def _turn_at(transcript: Transcript, edit: SegmentEdit) -> int | None:
    """Of the segments that begin near the corrected one, the one that says most nearly the same."""
    near = [
        (_likeness(segment.text, edit), -abs(segment.start_ms - edit.start_ms), -turn)
        for turn, segment in enumerate(transcript.segments)
        if abs(segment.start_ms - edit.start_ms) <= NEAR_MS
    ]
    likeness, _distance, turn = max(near, default=(0.0, 0, 0))
    return -turn if likeness >= LEAST_LIKENESS else None


def _likeness(text: str, edit: SegmentEdit) -> float:
    """How much a text is like what was heard then or like what it was corrected to, 0 to 1."""
    return max(
        SequenceMatcher(None, text, known, autojunk=False).ratio()
        for known in (edit.old["text"], edit.new["text"])
    )


def _kept_words(segment: Segment, text: str) -> Iterator[Word]:
    """The words whose characters are still there, in order: they keep their times as evidence."""
    owners = [index for index, word in enumerate(segment.words) for _character in word.text]
    heard = "".join(word.text for word in segment.words)
    kept = [0] * len(segment.words)
    for block in SequenceMatcher(None, heard, text, autojunk=False).get_matching_blocks():
        for position in range(block.a, block.a + block.size):
            kept[owners[position]] += 1
    return (word for word, count in zip(segment.words, kept, strict=True) if count == len(word.text))
