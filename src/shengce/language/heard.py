"""What extractors look at: a talk with its clauses, cues, names, times and sums, each worked out once.

Folded text (``Turn.text``) has the offsets of what was said; quotes are always cut from the original.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from shengce.language import polarity
from shengce.language.amounts import Amount, find_amounts
from shengce.language.clauses import Clause, split
from shengce.language.cues import Cue, listen, shipped
from shengce.language.lexicon import Lexicon, Mention
from shengce.language.numerals import Numeral, scan
from shengce.language.phones import Phone, find_phones
from shengce.language.times import Time, find_times
from shengce.language.values import Fact, FactKind, Passage
from shengce.speech.transcript import Role, Segment, Transcript

_DIGITS = frozenset("零一二两三四五六七八九十百千万亿幺0123456789０１２３４５６７８９壹贰叁肆伍陆柒捌玖拾半")
_TIME_SIGNS = _DIGITS | frozenset("今明后昨周月号日天早晚午年季期拜刻钟点")

_CONDITION_REACH = 3
"""Clauses after a condition that it still governs when no mark ends the sentence."""
_NEXT_WEEK = re.compile(r"下个?(?:周|星期|礼拜)(?!期)")
_PLAIN_WEEKDAY = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]")
_WEEK_REACH = 2
"""Texts after 下周 for which it is still the week that is spoken of: a proposal, its answer and the answer to that."""
_NEAR = 4
"""Segments of the other side that still count as just before, or as the answer."""


@dataclass(frozen=True)
class Turn:
    """One segment of the talk. ``run`` numbers the stretch of segments of one speaker that it belongs to."""

    index: int
    run: int
    segment: Segment
    text: str
    cues: tuple[Cue, ...]
    mentions: tuple[Mention, ...]
    at: datetime
    next_week_from: int | None = None
    """From this character on a plain weekday is next week's, because 下周 was just spoken of."""

    @property
    def role(self) -> Role:
        return self.segment.role

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return split(self.text, turn=self.index)

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """Sums of money; discounts are left out."""
        if _DIGITS.isdisjoint(self.text):
            return ()
        return tuple(a for a in find_amounts(self._without_names, numerals=self.numerals) if a.unit == "yuan")

    @cached_property
    def times(self) -> tuple[Time, ...]:
        if _TIME_SIGNS.isdisjoint(self.text):
            return ()
        return tuple(self._in_week_meant(time) for time in find_times(self.segment.text, self.at))

    def _in_week_meant(self, time: Time) -> Time:
        """下周三不行，周四吧: the Thursday of next week."""
        plain = _PLAIN_WEEKDAY.match(time.text)
        if self.next_week_from is None or time.start < self.next_week_from or not plain or time.begin is None:
            return time
        monday = self.at.date() + timedelta(days=7 - self.at.weekday())
        if time.begin.date() >= monday:
            return time
        week = timedelta(days=7)
        return replace(time, begin=time.begin + week, until=None if time.until is None else time.until + week)

    @cached_property
    def phones(self) -> tuple[Phone, ...]:
        return () if _DIGITS.isdisjoint(self.text) else tuple(find_phones(self.segment.text))

    @cached_property
    def numerals(self) -> tuple[Numeral, ...]:
        return () if _DIGITS.isdisjoint(self.text) else tuple(scan(self._without_names))

    @cached_property
    def _without_names(self) -> str:
        """What was said with names that hold figures blanked: the 6 of L6 belongs to no sum (L6十三万九)."""
        text = self.segment.text
        for mention in self.mentions:
            if not _DIGITS.isdisjoint(text[mention.start : mention.end]):
                text = text[: mention.start] + "□" * (mention.end - mention.start) + text[mention.end :]
        return text

    @cached_property
    def _by_label(self) -> dict[str, list[Cue]]:
        """The cues by label (``budget.word``) and by file (``budget.``)."""
        found: dict[str, list[Cue]] = {}
        for cue in self.cues:
            found.setdefault(cue.label, []).append(cue)
            found.setdefault(cue.label.partition(".")[0] + ".", []).append(cue)
        return found

    def labelled(self, *labels: str) -> list[Cue]:
        """The cues of these labels in order of place; a label that ends with a dot stands for its whole file."""
        if len(labels) == 1:
            return self._by_label.get(labels[0], [])
        found = [cue for label in labels for cue in self._by_label.get(label, ())]
        return sorted(found, key=lambda cue: (cue.start, cue.end))

    def has(self, *labels: str, within: Clause | None = None) -> bool:
        """Whether a cue of one of these labels begins in the turn, or in one clause of it."""
        known = self._by_label
        for label in labels:
            cues = known.get(label)
            if cues and (within is None or _begins_in(cues, within)):
                return True
        return False

    def position_of(self, clause: Clause) -> int:
        return self._positions[clause.start]

    @cached_property
    def _positions(self) -> dict[int, int]:
        return {clause.start: position for position, clause in enumerate(self.clauses)}

    def clause_at(self, position: int) -> Clause:
        """The clause that holds a position, or the one before it."""
        return self.clauses[max(0, bisect_right(self._starts, position) - 1)]

    @cached_property
    def _starts(self) -> list[int]:
        return [clause.start for clause in self.clauses]

    def supposed(self, clause: Clause) -> bool:
        """Whether the clause is a supposition or follows from one in the same sentence."""
        return clause.start in self._supposed

    @cached_property
    def _supposed(self) -> frozenset[int]:
        """Where the clauses begin that suppose something; a condition reaches a few clauses far."""
        found: set[int] = set()
        reach = 0
        for clause in self.clauses:
            if reach > 0 or polarity.is_supposed(clause):
                found.add(clause.start)
            reach = _CONDITION_REACH if polarity.opens_supposition(clause) else reach - 1
            if clause.ends_sentence:
                reach = 0
        return frozenset(found)

    def negated(self, cue: Cue) -> bool:
        if not polarity.may_deny(self.text[max(0, cue.start - polarity.NEGATION_REACH) : cue.end]):
            return False
        clause = self.clause_at(cue.start)
        if polarity.denies(self.text[cue.start : cue.end]):
            return True
        return polarity.is_negated(clause.text, cue.start - clause.start)

    def asks(self, clause: Clause) -> bool:
        return polarity.asks(clause)


@dataclass(frozen=True)
class Heard:
    """A talk as extractors see it. ``at`` is the moment at which it took place."""

    turns: tuple[Turn, ...]
    at: datetime

    @classmethod
    def of(cls, transcript: Transcript, *, at: datetime, lexicon: Lexicon) -> Heard:
        texts = listen([segment.text for segment in transcript.segments])
        cues = shipped().scan(texts)
        mentions: list[list[Mention]] = [[] for _ in texts]
        for index, mention in lexicon.find_all([segment.text for segment in transcript.segments]):
            mentions[index].append(mention)
            cues[index] = [c for c in cues[index] if not (c.start >= mention.start and c.end <= mention.end)]
        weeks = _next_week_from(texts)
        turns, run, speaker = [], -1, None
        for index, segment in enumerate(transcript.segments):
            if segment.speaker != speaker:
                run, speaker = run + 1, segment.speaker
            turns.append(
                Turn(
                    index,
                    run,
                    segment,
                    texts[index],
                    tuple(cues[index]),
                    tuple(mentions[index]),
                    at,
                    weeks[index],
                )
            )
        return cls(tuple(turns), at)

    @cached_property
    def _runs(self) -> dict[int, tuple[Turn, ...]]:
        runs: dict[int, list[Turn]] = {}
        for turn in self.turns:
            runs.setdefault(turn.run, []).append(turn)
        return {run: tuple(turns) for run, turns in runs.items()}

    def before(self, turn: Turn) -> tuple[Turn, ...]:
        """What the other side said just before this speaker took the word."""
        return self._runs.get(turn.run - 1, ())[-_NEAR:]

    def after(self, turn: Turn) -> tuple[Turn, ...]:
        """What the other side answered."""
        return self._runs.get(turn.run + 1, ())[:_NEAR]

    def opens_run(self, turn: Turn) -> bool:
        """Whether the speaker takes the word with this segment."""
        return self._runs[turn.run][0] is turn

    def just_said(self, turn: Turn) -> tuple[Turn, ...]:
        """This segment and the ones of the same speaker just before it."""
        first = self._runs[turn.run][0].index
        return self.turns[max(first, turn.index - _NEAR) : turn.index + 1]

    def by(self, *roles: Role) -> Iterator[Turn]:
        return (turn for turn in self.turns if turn.role in roles and turn.clauses)

    def passage(self, turn: Turn, start: int, end: int) -> Passage:
        """The proof ``[start, end)`` of a turn, white space at its ends left out."""
        text = turn.segment.text
        while end > start and text[end - 1].isspace():
            end -= 1
        while start < end and text[start].isspace():
            start += 1
        start_ms, end_ms = turn.segment.span_ms(start, end)
        return Passage(turn.index, start, end, text[start:end], turn.role, start_ms, end_ms)

    def fact(
        self,
        kind: FactKind,
        value: dict[str, Any],
        turn: Turn,
        start: int,
        end: int,
        *,
        confidence: float,
    ) -> Fact:
        """A fact proved by characters ``[start, end)`` of a turn; ``extractor`` is filled in by the caller."""
        return Fact(kind, value, self.passage(turn, start, end), confidence, "")


def _next_week_from(texts: list[str]) -> list[int | None]:
    """For every text from where on a plain weekday is next week's: after 下周 in it or in the two texts before."""
    found: list[int | None] = []
    last: int | None = None
    for index, text in enumerate(texts):
        carried = 0 if last is not None and index - last <= _WEEK_REACH else None
        if named := _NEXT_WEEK.search(text):
            last = index
        found.append(carried if carried is not None else named.end() if named else None)
    return found


def _begins_in(cues: list[Cue], clause: Clause) -> bool:
    """Whether one of these cues, in order of place, begins in the clause."""
    at = bisect_left(cues, clause.start, key=_start)
    return at < len(cues) and cues[at].start < clause.end


_start = attrgetter("start")


def moment(time: Time | None) -> dict[str, str | None] | None:
    """``{start, end}`` of a time in ISO 8601 with offset, or ``None``."""
    if time is None:
        return None
    return {
        "start": None if time.begin is None else time.begin.isoformat(),
        "end": None if time.until is None else time.until.isoformat(),
    }
