"""Cue words: wordings that point to a fact, kept as data in ``data/cues/*.yaml`` and found in one pass per label.

A file maps labels to wordings. A wording is a regular expression without groups of its own; ``…`` stands for up to
eight characters inside one clause. Label ``trial`` of ``needs.yaml`` is called ``needs.trial``.

Recognisers write homophones. The words of ``sounds.yaml`` carry so much that they are also accepted by sound: a
homophone is read as the word before anything else looks at the text (:func:`listen`), at the same offsets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

import yaml
from ahocorasick_rs import AhoCorasick, Implementation

from shengce.language.lexicon import GRAMMAR, common_words
from shengce.language.literals import needed, split_alternatives
from shengce.language.matching import Phrase, PhraseIndex
from shengce.language.pinyin import fold

GAP = r"[^,。.!?;…、\s]{0,8}?"


class Cue(NamedTuple):
    """A wording of ``label`` at characters ``[start, end)`` of one turn."""

    label: str
    start: int
    end: int


class CueIndex:
    """All cue words. Immutable; one per process is enough (:func:`shipped`).

    The alternatives of a label are tried one by one, and each only in the texts that hold a piece without which it
    cannot match: one pass of an automaton over the talk finds the pieces of all. What is found is what a single
    expression of all alternatives would find: the leftmost match, of the alternative named first.
    """

    def __init__(self, wordings: dict[str, Sequence[str]]) -> None:
        self._alternatives = [
            _Alternative(label, expression)
            for label, words in wordings.items()
            for wording in words
            for expression in split_alternatives(wording.replace("…", GAP))
        ]
        self._always: list[int] = []
        holders: dict[str, list[int]] = {}
        for number, alternative in enumerate(self._alternatives):
            pieces = needed(alternative.expression)
            if not pieces:
                self._always.append(number)
            for piece in pieces:
                holders.setdefault(piece, []).append(number)
        self._holders = list(holders.values())
        self._pieces = AhoCorasick(list(holders), implementation=Implementation.ContiguousNFA)

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(alternative.label for alternative in self._alternatives)

    def scan(self, texts: Sequence[str]) -> list[list[Cue]]:
        """The cues of every text, in order of place. ``texts`` are folded and hold no line breaks."""
        return [
            self._cues(text, sorted(numbers))
            for text, numbers in zip(texts, self._possible(texts), strict=True)
        ]

    def _possible(self, texts: Sequence[str]) -> list[set[int]]:
        """The alternatives that may be in each text."""
        possible = [set(self._always) for _ in texts]
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        for piece, start, _ in self._pieces.find_matches_as_indexes("\n".join(texts), overlapping=True):
            possible[bisect_right(starts, start) - 1].update(self._holders[piece])
        return possible

    def _cues(self, text: str, numbers: list[int]) -> list[Cue]:
        """The cues of one text; ``numbers`` are in order, so that the alternatives of a label stand side by side."""
        cues: list[Cue] = []
        heads: list[tuple[int, int, int]] = []
        label = ""
        for number in numbers:
            alternative = self._alternatives[number]
            if alternative.label != label:
                if heads:
                    cues += self._leftmost(label, heads, text)
                    heads = []
                label = alternative.label
            if alternative.plain:
                if (start := text.find(alternative.expression)) >= 0:
                    heads.append((start, number, start + len(alternative.expression)))
            elif match := alternative.pattern.search(text):
                heads.append((match.start(), number, match.end()))
        if heads:
            cues += self._leftmost(label, heads, text)
        cues.sort(key=_place)
        return cues

    def _leftmost(self, label: str, heads: list[tuple[int, int, int]], text: str) -> Iterator[Cue]:
        """The matches of one label without overlaps, given the first of each alternative that matches at all."""
        while heads:
            start, number, end = min(heads)
            yield Cue(label, start, end)
            after = max(end, start + 1)
            if len(heads) == 1:
                rest = self._alternatives[number].pattern.finditer(text, after)
                yield from (Cue(label, *match.span()) for match in rest)
                return
            following: list[tuple[int, int, int]] = []
            for head in heads:
                if head[0] >= after:
                    following.append(head)
                elif match := self._alternatives[head[1]].pattern.search(text, after):
                    following.append((match.start(), head[1], match.end()))
            heads = following


class _Alternative:
    """One way to word a label. A ``plain`` one says nothing but its own characters, and is found without an expression."""

    __slots__ = ("expression", "label", "pattern", "plain")

    def __init__(self, label: str, expression: str) -> None:
        self.label = label
        self.expression = expression
        self.pattern = re.compile(expression, re.MULTILINE)
        self.plain = re.escape(expression) == expression


def listen(texts: Sequence[str]) -> list[str]:
    """The texts folded, line breaks as spaces, and homophones of the words in ``sounds.yaml`` put right."""
    heard = [fold(text).replace("\n", " ").replace("\r", " ") for text in texts]
    for hit in _sounds().scan(heard):
        if hit.exact or not _is_odd(heard[hit.turn], hit.start, hit.end):
            continue
        text = heard[hit.turn]
        heard[hit.turn] = text[: hit.start] + hit.phrase_id + text[hit.end :]
    return heard


@lru_cache(maxsize=1)
def shipped() -> CueIndex:
    """The cue words that are shipped."""
    return CueIndex(dict(_shipped_wordings()))


@lru_cache(maxsize=1)
def _sounds() -> PhraseIndex:
    words = yaml.safe_load(_data("sounds.yaml"))["words"]
    return PhraseIndex([Phrase(word, word, homophones=True) for word in words])


def _is_odd(text: str, start: int, end: int) -> bool:
    """Whether what is written makes no sense as ordinary words, so that only the sound can be meant."""
    heard = text[start:end]
    if len(heard) > 2:
        return True
    neighbours = (heard, text[max(0, start - 1) : start + 1], text[end - 1 : end + 1])
    return GRAMMAR.isdisjoint(heard) and common_words().isdisjoint(neighbours)


def _shipped_wordings() -> Iterator[tuple[str, list[str]]]:
    folder = files("shengce.language") / "data" / "cues"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            name = file.name.removesuffix(".yaml")
            for label, words in yaml.safe_load(file.read_text(encoding="utf-8")).items():
                yield f"{name}.{label}", words


def _data(name: str) -> str:
    return (files("shengce.language") / "data" / name).read_text(encoding="utf-8")


_place = itemgetter(1, 2)
