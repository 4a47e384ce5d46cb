"""What can be counted in a talk without understanding it: shares, pauses, speed, questions.

Each measure is ``None`` where the talk can't give it: shares where no role is known, everything that rests on
times where the times are made up, interruptions in a mono recording, where two voices at once are not separated.
Durations are milliseconds; shares are of 1; speed is characters a minute (a Latin word counts as one).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from shengce.language.passages import Span, Talk
from shengce.language.pinyin import is_han
from shengce.language.questions import question_spans
from shengce.language.values import Passage
from shengce.speech.transcript import Role, Segment, Transcript

OVERLAP_MS = 300
"""Shorter overlaps are the normal handing over of the word."""
SPEED_FROM_MS = 5_000
"""A speed from less speech than this says nothing."""

_LATIN_WORD = re.compile(r"[A-Za-z0-9]+")
_BACKCHANNEL = re.compile(r"^[嗯哦噢啊唉诶哎对好是行的呃呀了吧，。、！？\s]{0,5}$")


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of one talk, each with the passages that prove it where there is one to play."""

    talk_ratio: float | None
    """The rep's share of all speech of known roles."""
    silence_share: float | None
    """Share of the time between the first and the last word in which nobody speaks."""
    longest_silence: Passage | None
    """Its times are the silence's; its turn is the last one before it; its quote is empty."""
    speed: dict[Role, float]
    interruptions: tuple[Passage, ...] | None
    """Where the rep cuts in on the customer: the rep's segment, from the moment both speak."""
    interruptions_by_customer: tuple[Passage, ...] | None
    longest_monologue: Passage | None
    """The rep's longest stretch; its times cover it all, its quote is its first segment."""
    questions: dict[Role, tuple[Passage, ...]]
    """By everyone who speaks; empty for who asks nothing."""
    patience_ms: float | None
    """Mean pause before the rep answers the customer; an answer that cuts in counts as no pause."""

    @property
    def longest_silence_ms(self) -> int | None:
        return _length(self.longest_silence)

    @property
    def longest_monologue_ms(self) -> int | None:
        return _length(self.longest_monologue)

    def to_json(self) -> dict[str, Any]:
        """Plain values; passages as objects."""
        return asdict(self)


def measure(transcript: Transcript) -> Measures:
    """Measure a talk. Never fails: what can't be measured is ``None`` or empty."""
    talk = Talk(transcript)
    spoken = [(i, s) for i, s in enumerate(talk.segments) if s.text and s.end_ms > s.start_ms]
    timed = talk.timed and bool(spoken)
    silences = _silences(spoken) if timed else []
    separate = timed and transcript.channels >= 2
    return Measures(
        talk_ratio=_talk_ratio(spoken),
        silence_share=_share(silences, talk) if timed else None,
        longest_silence=_longest_silence(silences, talk),
        speed=_speeds(spoken) if timed else {},
        interruptions=_interruptions(talk, spoken, by="rep") if separate else None,
        interruptions_by_customer=_interruptions(talk, spoken, by="customer") if separate else None,
        longest_monologue=_longest_monologue(talk, spoken) if talk.timed else None,
        questions=_questions(talk),
        patience_ms=_patience(spoken) if timed else None,
    )


Spoken = list[tuple[int, Segment]]


def _length(passage: Passage | None) -> int | None:
    return None if passage is None else passage.end_ms - passage.start_ms


def _speech_ms(spoken: Spoken, roles: Iterable[Role]) -> int:
    wanted = set(roles)
    return sum(s.end_ms - s.start_ms for _, s in spoken if s.role in wanted)


def _talk_ratio(spoken: Spoken) -> float | None:
    everyone = _speech_ms(spoken, ("rep", "customer", "colleague", "other"))
    if not any(s.role in ("rep", "customer") for _, s in spoken):
        return None
    return round(_speech_ms(spoken, ("rep",)) / everyone, 4)


def _silences(spoken: Spoken) -> list[tuple[int, int, int]]:
    """``(start_ms, end_ms, turn before)`` of every stretch between first and last word without speech."""
    gaps = []
    reached, last = spoken[0][1].end_ms, spoken[0][0]
    for turn, segment in sorted(spoken, key=lambda item: item[1].start_ms):
        if segment.start_ms > reached:
            gaps.append((reached, segment.start_ms, last))
        if segment.end_ms >= reached:
            reached, last = segment.end_ms, turn
    return gaps


def _share(silences: list[tuple[int, int, int]], talk: Talk) -> float:
    length = talk.end_ms - talk.start_ms
    return round(sum(end - start for start, end, _ in silences) / length, 4) if length > 0 else 0.0


def _longest_silence(silences: list[tuple[int, int, int]], talk: Talk) -> Passage | None:
    if not silences:
        return None
    start_ms, end_ms, turn = max(silences, key=lambda gap: gap[1] - gap[0])
    at = len(talk.texts[turn])
    return Passage(turn, at, at, "", talk.segments[turn].role, start_ms, end_ms)


def _speeds(spoken: Spoken) -> dict[Role, float]:
    speeds: dict[Role, float] = {}
    for role in sorted({s.role for _, s in spoken}):
        duration = _speech_ms(spoken, (role,))
        if duration >= SPEED_FROM_MS:
            said = sum(_syllable_count(s.text) for _, s in spoken if s.role == role)
            speeds[role] = round(said * 60_000 / duration, 1)
    return speeds


def _syllable_count(text: str) -> int:
    return sum(map(is_han, text)) + len(_LATIN_WORD.findall(text))


def _interruptions(talk: Talk, spoken: Spoken, *, by: Role) -> tuple[Passage, ...]:
    """Segments of one side that begin while the other has been speaking and goes on doing so.

    A short 嗯 or 对 is listening, not interrupting.
    """
    other: Role = "customer" if by == "rep" else "rep"
    theirs = sorted((s for _, s in spoken if s.role == other), key=lambda s: s.start_ms)
    found = []
    position = 0
    for turn, segment in sorted(spoken, key=lambda item: item[1].start_ms):
        if segment.role != by or _BACKCHANNEL.match(segment.text):
            continue
        while position < len(theirs) and theirs[position].end_ms < segment.start_ms + OVERLAP_MS:
            position += 1
        if position == len(theirs):
            break
        cut = theirs[position]
        both = min(cut.end_ms, segment.end_ms) - segment.start_ms
        if cut.start_ms + OVERLAP_MS <= segment.start_ms and both >= OVERLAP_MS:
            found.append(talk.passage(talk.whole(turn)))
    return tuple(found)


def _longest_monologue(talk: Talk, spoken: Spoken) -> Passage | None:
    """The rep's longest run of segments; a 嗯 of somebody else does not end it."""
    best: tuple[int, int, int] | None = None
    current: tuple[int, int, int] | None = None
    for turn, segment in spoken:
        if segment.role == "rep":
            first, start = (current[2], current[0]) if current else (turn, segment.start_ms)
            current = (start, max(segment.end_ms, current[1] if current else 0), first)
            if best is None or current[1] - current[0] > best[1] - best[0]:
                best = current
        elif not _BACKCHANNEL.match(segment.text):
            current = None
    if best is None:
        return None
    start_ms, end_ms, turn = best
    text = talk.texts[turn]
    return Passage(turn, 0, len(text), text, "rep", start_ms, end_ms)


def _questions(talk: Talk) -> dict[Role, tuple[Passage, ...]]:
    asked: dict[Role, list[Passage]] = {role: [] for role in sorted(talk.roles)}
    for turn, segment in enumerate(talk.segments):
        for start, end in question_spans(segment.text):
            asked[segment.role].append(talk.passage(Span(turn, start, end)))
    return {role: tuple(passages) for role, passages in asked.items()}


def _patience(spoken: Spoken) -> float | None:
    turns = [segment for _, segment in spoken if not _BACKCHANNEL.match(segment.text)]
    pauses = []
    for before, after in pairwise(turns):
        if before.role == "customer" and after.role == "rep":
            pauses.append(max(0, after.start_ms - before.end_ms))
    return round(sum(pauses) / len(pauses), 1) if pauses else None
