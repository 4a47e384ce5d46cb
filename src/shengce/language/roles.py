"""Who is the seller and who the buyer, guessed from the way they talk. For talks on one channel."""

from __future__ import annotations

from collections import Counter

from shengce.language.cues import listen, shipped
from shengce.speech.transcript import Role, Transcript

_MARGIN = 2
"""How many more cue words of one side than of the other make a speaker the seller or the buyer."""


def guess_roles(transcript: Transcript) -> dict[str, Role]:
    """The likely role of every speaker label; ``unknown`` where the words do not tell.

    Of two speakers, the one who talks most like a seller is the rep and the other the customer. Of more, each
    must be clear by himself.
    """
    scores = _scores(transcript)
    if len(scores) == 2:
        (low, low_score), (high, high_score) = sorted(scores.items(), key=lambda item: item[1])
        if high_score - low_score >= _MARGIN:
            return {high: "rep", low: "customer"}
        return {high: "unknown", low: "unknown"}
    return {speaker: _clear(score) for speaker, score in scores.items()}


def with_guessed_roles(transcript: Transcript) -> Transcript:
    """The transcript with roles guessed where no speaker has one yet; roles that are known are left alone."""
    if any(segment.role in ("rep", "customer") for segment in transcript.segments):
        return transcript
    for speaker, role in guess_roles(transcript).items():
        if role != "unknown":
            transcript = transcript.with_role(speaker, role)
    return transcript


def _clear(score: int) -> Role:
    if abs(score) < _MARGIN:
        return "unknown"
    return "rep" if score > 0 else "customer"


def _scores(transcript: Transcript) -> dict[str, int]:
    """Cue words of the seller less those of the buyer, by speaker."""
    scores: Counter[str] = Counter({segment.speaker: 0 for segment in transcript.segments})
    cues = shipped().scan(listen([segment.text for segment in transcript.segments]))
    for segment, found in zip(transcript.segments, cues, strict=True):
        for cue in found:
            if cue.label == "roles.rep":
                scores[segment.speaker] += 1
            elif cue.label == "roles.customer":
                scores[segment.speaker] -= 1
    return dict(scores)
