"""Judging conditions on a talk: one scan for all wordings of all conditions, then logic on the hits.

:class:`CompiledConditions` is built once for a score card and shared; ``read`` scans one talk and returns its
:class:`Evidence`, which answers each condition with a :class:`Verdict`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, Literal, NamedTuple

from shengce.language.criteria.conditions import (
    ALWAYS_BY_SOUND_FROM,
    Combined,
    Condition,
    Measured,
    Near,
    NotSaid,
    Order,
    Said,
    Wording,
    wordings_of,
)
from shengce.language.criteria.form import compile_regex
from shengce.language.matching import Phrase, PhraseIndex
from shengce.language.measures import Measures, measure
from shengce.language.passages import Span, Talk
from shengce.language.pinyin import han_count
from shengce.language.values import Passage
from shengce.speech.transcript import Role, Transcript

State = Literal["met", "not_met", "not_applicable"]
Reason = Literal[
    "not_said",
    "said",
    "too_seldom",
    "too_often",
    "too_late",
    "too_early",
    "wrong_order",
    "not_near",
    "below",
    "above",
]

MAX_PASSAGES = 100
"""Hits shown for one criterion. All are counted."""
MAX_REGEX_HITS = 100
"""Hits of one regular expression in one segment."""

_ONE_TURN = 10**9
"""Longer than any segment: keeps the places of different segments apart on one axis."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition is met, the passages that show it, and in one word why it is not."""

    state: State
    passages: tuple[Passage, ...] = ()
    reason: Reason | None = None
    value: Decimal | None = None
    """What was counted or measured, where the condition is about a number."""


NOT_APPLICABLE = Verdict("not_applicable")


class Found(NamedTuple):
    """Hits of a wording by the right speaker: at the right time, and at another."""

    inside: list[Span]
    outside: list[Span]


class CompiledConditions:
    """Conditions made ready for many talks. Immutable and safe to share.

    Raises :class:`~shengce.language.criteria.form.CardError` for a regular expression that is not valid.
    """

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._conditions = tuple(conditions)
        self._regexes: dict[str, _Regex] = {}
        keys: dict[Wording, str] = {}
        # By identity: hashing a wording walks all of its phrases, and talks are read by the thousand.
        self._keys: dict[int, str] = {}
        for condition in self._conditions:
            for wording in wordings_of(condition):
                self._keys[id(wording)] = keys.setdefault(wording, str(len(keys)))
        phrases = [phrase for wording, key in keys.items() for phrase in self._phrases(wording, key)]
        self._index = PhraseIndex(phrases)

    def _phrases(self, wording: Wording, key: str) -> Iterator[Phrase]:
        def all_of(texts: Iterable[str], name: str) -> Iterator[Phrase]:
            return (Phrase(name, text, _by_sound(text, wording.homophones)) for text in texts)

        yield from all_of(wording.phrases, key)
        for number, group in enumerate(wording.groups):
            yield from all_of(group, f"{key}.{number}")
        yield from all_of(wording.unless, f"{key}!")
        if wording.regex is not None:
            literal = required_literal(wording.regex)
            self._regexes[key] = _Regex(compile_regex(wording.regex), literal is not None)
            if literal is not None:
                yield Phrase(f"{key}~", literal)

    def read(self, transcript: Transcript, *, measures: Measures | None = None) -> Evidence:
        """Scan one talk. ``measures`` saves measuring it again where that was done."""
        talk = Talk(transcript)
        hits: dict[str, list[Span]] = {}
        for key, turn, start, end, _ in self._index.scan(talk.texts):
            hits.setdefault(key, []).append(Span(turn, start, end))
        return Evidence(talk, hits, self._keys, self._regexes, measures)


class _Regex(NamedTuple):
    compiled: Any
    filtered: bool
    """Whether it need only be tried in segments that hold its literal."""


class Evidence:
    """What one talk holds for the conditions it was read with."""

    def __init__(
        self,
        talk: Talk,
        hits: dict[str, list[Span]],
        keys: dict[int, str],
        regexes: dict[str, _Regex],
        measures: Measures | None,
    ) -> None:
        self.talk = talk
        self._hits, self._keys, self._regexes = hits, keys, regexes
        self._found: dict[str, Found] = {}
        self._given = measures

    @cached_property
    def measures(self) -> Measures:
        return self._given if self._given is not None else measure(self.talk.transcript)

    def verdict(self, condition: Condition) -> Verdict:
        """Judge one of the very conditions that the talk was read with (an equal one raises ``KeyError``).

        Does not apply: a talk without a word; a wording of a role that nobody has been given yet.
        """
        if not self.talk.roles:
            return NOT_APPLICABLE
        match condition:
            case Combined(how=how, parts=parts):
                return _combine(how, [self.verdict(part) for part in parts])
            case Measured():
                return self._measured(condition)
        if any(self._unknown(wording.by) for wording in wordings_of(condition)):
            return NOT_APPLICABLE
        match condition:
            case Said():
                return self._said(condition)
            case NotSaid(wording=wording):
                spans = self.find(wording).inside
                return self._not_met("said", spans) if spans else Verdict("met")
            case Order(steps=steps):
                return self._order(steps)
            case Near():
                return self._near(condition)

    def find(self, wording: Wording) -> Found:
        """The places of a wording, in order, overlapping ones as one."""
        key = self._keys[id(wording)]
        if key not in self._found:
            self._found[key] = self._search(wording, key)
        return self._found[key]

    def _unknown(self, role: Role | None) -> bool:
        return role is not None and role not in self.talk.roles and "unknown" in self.talk.roles

    def _search(self, wording: Wording, key: str) -> Found:
        if wording.regex is not None:
            spans = self._regex_spans(key)
        elif wording.groups:
            spans = self._group_spans(key, len(wording.groups))
        else:
            spans = self._hits.get(key, [])
        if wording.by is not None:
            spans = [s for s in spans if self.talk.segments[s.turn].role == wording.by]
        excluding = self._hits.get(f"{key}!") if spans and wording.unless else None
        if excluding:
            spans = _without(spans, excluding, wording.unless_within)
        spans = _merged(spans)
        if wording.within_first_s is None and wording.within_last_s is None:
            return Found(spans, [])
        inside = [s for s in spans if self._in_time(wording, s)]
        kept = set(inside)
        return Found(inside, [s for s in spans if s not in kept])

    def _in_time(self, wording: Wording, span: Span) -> bool:
        start_ms, end_ms = self.talk.time(span)
        first, last = wording.within_first_s, wording.within_last_s
        if first is not None and start_ms - self.talk.start_ms >= first * 1000:
            return False
        return last is None or self.talk.end_ms - end_ms < last * 1000

    def _regex_spans(self, key: str) -> list[Span]:
        regex = self._regexes[key]
        if regex.filtered:
            turns: Iterable[int] = dict.fromkeys(span.turn for span in self._hits.get(f"{key}~", ()))
        else:
            turns = range(len(self.talk.texts))
        spans = []
        for turn in turns:
            text = _encodable(self.talk.texts[turn])
            for found in islice(regex.compiled.finditer(text), MAX_REGEX_HITS):
                if found.end() > found.start():
                    spans.append(Span(turn, found.start(), found.end()))
        return spans

    def _group_spans(self, key: str, count: int) -> list[Span]:
        """One span for each segment that holds a phrase of every group: from the first to the last of them."""
        first_in_turn: list[dict[int, Span]] = []
        for number in range(count):
            firsts: dict[int, Span] = {}
            for span in self._hits.get(f"{key}.{number}", ()):
                firsts.setdefault(span.turn, span)
            first_in_turn.append(firsts)
        turns = sorted(set.intersection(*(set(firsts) for firsts in first_in_turn)))
        parts = {turn: [firsts[turn] for firsts in first_in_turn] for turn in turns}
        return [Span(t, min(s.start for s in ss), max(s.end for s in ss)) for t, ss in parts.items()]

    def _said(self, condition: Said) -> Verdict:
        wording = condition.wording
        found = self.find(wording)
        count = len(found.inside)
        if condition.at_most is not None and count > condition.at_most:
            return self._not_met("too_often", found.inside, count)
        if count >= condition.at_least:
            return Verdict("met", self._passages(found.inside), None, Decimal(count))
        if found.inside:
            return self._not_met("too_seldom", found.inside, count)
        if found.outside:
            reason: Reason = "too_early" if wording.within_first_s is None else "too_late"
            return self._not_met(reason, found.outside, count)
        return self._not_met("not_said", [], count)

    def _order(self, steps: Sequence[Wording]) -> Verdict:
        firsts = [self.find(step).inside[:1] for step in steps]
        said = [span for spans in firsts for span in spans]
        if len(said) < len(steps):
            return self._not_met("not_said", said)
        times = [(self.talk.time(span)[0], span) for span in said]
        if any(later <= earlier for earlier, later in pairwise(times)):
            return self._not_met("wrong_order", said)
        return Verdict("met", self._passages(said))

    def _near(self, condition: Near) -> Verdict:
        firsts, seconds = self.find(condition.first).inside, self.find(condition.second).inside
        if not firsts or not seconds:
            return self._not_met("not_said", firsts or seconds)
        if condition.within_s is not None:
            limit = int(condition.within_s * 1000)
            pairs = _close(
                [(*self.talk.time(s), s) for s in firsts],
                [(*self.talk.time(s), s) for s in seconds],
                limit,
                condition.ordered,
            )
        else:
            limit = condition.within_chars or 0
            pairs = _close(
                [_on_axis(s) for s in firsts], [_on_axis(s) for s in seconds], limit, condition.ordered
            )
        spans = sorted({span for pair in pairs for span in pair})
        if not spans:
            return self._not_met("not_near", [])
        return Verdict("met", self._passages(spans))

    def _measured(self, condition: Measured) -> Verdict:
        value, passages = _measured_value(self.measures, condition)
        if value is None:
            return NOT_APPLICABLE
        number = Decimal(str(value))
        shown = passages[:MAX_PASSAGES]
        if condition.at_least is not None and number < condition.at_least:
            return Verdict("not_met", shown, "below", number)
        if condition.at_most is not None and number > condition.at_most:
            return Verdict("not_met", shown, "above", number)
        return Verdict("met", shown, None, number)

    def _passages(self, spans: Sequence[Span]) -> tuple[Passage, ...]:
        return tuple(self.talk.passage(span) for span in spans[:MAX_PASSAGES])

    def _not_met(self, reason: Reason, spans: Sequence[Span], count: int | None = None) -> Verdict:
        number = None if count is None else Decimal(count)
        return Verdict("not_met", self._passages(spans), reason, number)


def required_literal(pattern: str) -> str | None:
    """Chinese characters that every match of a pattern must hold, or ``None`` where that is not plain to see.

    The longest run of at least two that is not repeated, in a pattern without alternatives, groups and classes.
    """
    if not {"|", "(", "[", "\\"}.isdisjoint(pattern):
        return None
    bare = re.sub(r".[?*{]", "\n", pattern)
    runs = re.findall(r"[\u3400-\u9fff]{2,}", bare)
    return max(runs, key=len, default=None)


def _by_sound(text: str, wanted: bool | None) -> bool:
    return han_count(text) >= ALWAYS_BY_SOUND_FROM if wanted is None else wanted


def _encodable(text: str) -> str:
    """The text with lone surrogates, which no encoder takes, replaced one for one."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and merged[-1].turn == span.turn and span.start < merged[-1].end:
            merged[-1] = Span(span.turn, merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _without(spans: list[Span], excluding: list[Span], within: int) -> list[Span]:
    """The spans that have no excluding one in the same segment at most ``within`` characters away."""
    by_turn: dict[int, list[Span]] = {}
    for other in excluding:
        by_turn.setdefault(other.turn, []).append(other)
    return [
        span
        for span in spans
        if not any(
            max(other.start - span.end, span.start - other.end) <= within
            for other in by_turn.get(span.turn, ())
        )
    ]


Placed = tuple[int, int, Span]
"""Start and end on an axis (milliseconds, or characters of the whole talk), and the place itself."""


def _on_axis(span: Span) -> Placed:
    base = span.turn * _ONE_TURN
    return base + span.start, base + span.end, span


def _close(
    firsts: list[Placed], seconds: list[Placed], limit: int, ordered: bool
) -> Iterator[tuple[Span, Span]]:
    """For each of ``firsts`` its neighbours among ``seconds`` that are at most ``limit`` away."""
    seconds = sorted(seconds)
    starts = [start for start, _, _ in seconds]
    for start, end, span in firsts:
        at = bisect_left(starts, start)
        for other_start, other_end, other in seconds[max(0, at - 1) : at + 2]:
            if other == span or (ordered and other_start < start):
                continue
            if max(other_start - end, start - other_end) <= limit:
                yield span, other


def _combine(how: str, verdicts: list[Verdict]) -> Verdict:
    judged = [verdict for verdict in verdicts if verdict.state != "not_applicable"]
    if not judged:
        return NOT_APPLICABLE
    met = [verdict for verdict in judged if verdict.state == "met"]
    missed = [verdict for verdict in judged if verdict.state == "not_met"]
    if how == "none":
        return _joined("not_met", met, "said") if met else Verdict("met")
    if how == "any":
        return _joined("met", met) if met else _joined("not_met", missed, missed[0].reason)
    return _joined("not_met", missed, missed[0].reason) if missed else _joined("met", met)


def _joined(state: State, verdicts: list[Verdict], reason: Reason | None = None) -> Verdict:
    passages = dict.fromkeys(passage for verdict in verdicts for passage in verdict.passages)
    return Verdict(state, tuple(passages)[:MAX_PASSAGES], reason)


def _measured_value(measures: Measures, condition: Measured) -> tuple[float | None, tuple[Passage, ...]]:
    """The number a condition is about, and the passages that can be played for it."""
    role = condition.role
    match condition.measure:
        case "talk_ratio":
            return measures.talk_ratio, ()
        case "silence_share":
            return measures.silence_share, ()
        case "longest_silence_s":
            return _seconds(measures.longest_silence_ms), _shown(measures.longest_silence)
        case "speed":
            return measures.speed.get(role), ()
        case "interruptions":
            found = measures.interruptions if role == "rep" else measures.interruptions_by_customer
            return (None, ()) if found is None else (len(found), found)
        case "longest_monologue_s":
            return _seconds(measures.longest_monologue_ms), _shown(measures.longest_monologue)
        case "questions":
            asked = measures.questions.get(role)
            return (None, ()) if asked is None else (len(asked), asked)
        case "patience_s":
            return _seconds(measures.patience_ms), ()


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


def _shown(passage: Passage | None) -> tuple[Passage, ...]:
    return () if passage is None else (passage,)
