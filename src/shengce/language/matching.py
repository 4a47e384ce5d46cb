"""Finding many phrases in a whole talk at once, at nearly the cost of finding one.

The segments are joined with a character that no phrase contains and scanned once by an Aho-Corasick automaton;
phrases that ask for it are also found by sound, by a second automaton over syllables (see ``pinyin``).

What counts as the same: letter case and full or half width do not matter. A phrase that begins or ends with a
Latin letter or a figure matches whole words only: "ok" is not in "book", but it is in "说ok了".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from shengce.language.pinyin import encode, fold, fold_all, han_count

FUZZY_FROM = 3
"""Phrases of at least this many characters also forgive the confusions of accents; shorter ones say too little."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A literal wording to find. ``id`` is the caller's and may be shared by several phrases."""

    id: str
    text: str
    homophones: bool = False


class Hit(NamedTuple):
    """Characters ``[start, end)`` of text number ``turn``; ``exact`` is false where only the sound agrees."""

    phrase_id: str
    turn: int
    start: int
    end: int
    exact: bool


class PhraseIndex:
    """Compiled phrases. Immutable and safe to share; build once, scan many talks.

    Raises ``ValueError`` for a phrase that is empty or only white space.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        exact: dict[str, list[str]] = {}
        sound: dict[str, dict[str, list[str]]] = {}
        for phrase in phrases:
            text = fold(phrase.text.strip())
            if not text:
                raise ValueError(f"phrase {phrase.id!r} is empty")
            _add(exact.setdefault(text, []), phrase.id)
            if phrase.homophones and han_count(text) >= 2:
                _add(sound.setdefault(encode(text, fuzzy=True), {}).setdefault(text, []), phrase.id)
        self._ids = list(exact.values())
        self._whole = [_word_ends(text) for text in exact]
        self._exact = _automaton(list(exact))
        self._sounds = [[_Sound.of(text, ids) for text, ids in texts.items()] for texts in sound.values()]
        self._sound = _automaton(list(sound)) if sound else None

    def scan(self, texts: Sequence[str]) -> list[Hit]:
        """Every hit of every phrase, overlapping ones too, in order of place; one pass over all texts."""
        if not texts:
            return []
        folded = fold_all(texts)
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        hits: list[Hit] = []
        for pattern, start, end in self._exact.find_matches_as_indexes(folded, overlapping=True):
            whole = self._whole[pattern]
            if whole is not None and not _stands_alone(folded, start, end, *whole):
                continue
            turn = bisect_right(starts, start) - 1
            first = starts[turn]
            for phrase_id in self._ids[pattern]:
                hits.append(Hit(phrase_id, turn, start - first, end - first, True))
        if self._sound is not None:
            seen = {hit[:4] for hit in hits}
            hits += [h for h in self._by_sound(self._sound, folded, starts) if h[:4] not in seen]
        hits.sort(key=_place)
        return hits

    def _by_sound(self, automaton: AhoCorasick, folded: str, starts: list[int]) -> list[Hit]:
        """Hits by sound only: what is written as the phrase itself is the exact automaton's."""
        hits: list[Hit] = []
        strict: str | None = None
        coded = encode(folded, fuzzy=True)
        for pattern, start, end in automaton.find_matches_as_indexes(coded, overlapping=True):
            written = folded[start:end]
            for sound in self._sounds[pattern]:
                if sound.text == written:
                    continue
                if sound.whole is not None and not _stands_alone(folded, start, end, *sound.whole):
                    continue
                if sound.strict is not None:
                    strict = strict or encode(folded)
                    if strict[start:end] != sound.strict:
                        continue
                turn = bisect_right(starts, start) - 1
                begin = start - starts[turn]
                hits += [Hit(i, turn, begin, begin + end - start, False) for i in sound.ids]
        return list(dict.fromkeys(hits))


class _Sound(NamedTuple):
    text: str
    strict: str | None
    """The exact syllables where they must agree without the fuzzy pairs."""
    whole: tuple[bool, bool] | None
    ids: list[str]

    @classmethod
    def of(cls, text: str, ids: list[str]) -> _Sound:
        strict = encode(text) if len(text) < FUZZY_FROM else None
        return cls(text, strict, _word_ends(text), ids)


def _add(ids: list[str], identifier: str) -> None:
    if identifier not in ids:
        ids.append(identifier)


def _automaton(patterns: list[str]) -> AhoCorasick:
    return AhoCorasick(patterns, implementation=Implementation.ContiguousNFA)


_place = itemgetter(1, 2, 3)


def _word_ends(text: str) -> tuple[bool, bool] | None:
    """Whether a phrase must begin and end at the edge of a word; ``None`` if neither, as for all Chinese."""
    ends = _is_word(text[0]), _is_word(text[-1])
    return ends if any(ends) else None


def _is_word(character: str) -> bool:
    """Letters and figures of scripts that put spaces between words."""
    return character < "\u2e80" and character.isalnum()


def _stands_alone(text: str, start: int, end: int, whole_start: bool, whole_end: bool) -> bool:
    if whole_start and start > 0 and _is_word(text[start - 1]):
        return False
    return not (whole_end and end < len(text) and _is_word(text[end]))
