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
from shengce.language.literals import needed
from shengce.language.matching import Phrase, PhraseIndex
from shengce.language.pinyin import fold

GAP = r"[^,。.!?;…、\s]{0,8}?"


class Cue(NamedTuple):
    """A wording of ``label`` at characters ``[start, end)`` of one turn."""

    label: str
    start: int
    end: int


class CueIndex:
    """All cue words, compiled. Immutable; one per process is enough (:func:`shipped`).

    A label's expression runs only on the texts that hold a piece without which it cannot match: one pass of an
    automaton over the talk finds the pieces of all labels.
    """

    def __init__(self, wordings: dict[str, Sequence[str]]) -> None:
        self.patterns = [(label, _compile(words)) for label, words in wordings.items()]
        self._always: list[int] = []
        holders: dict[str, list[int]] = {}
        for number, words in enumerate(wordings.values()):
            pieces = [needed(_expanded(wording)) for wording in words]
            if not all(pieces):
                self._always.append(number)
                continue
            for piece in frozenset().union(*pieces):
                holders.setdefault(piece, []).append(number)
        self._holders = list(holders.values())
        self._pieces = AhoCorasick(list(holders), implementation=Implementation.ContiguousNFA)

    def scan(self, texts: Sequence[str]) -> list[list[Cue]]:
        """The cues of every text, in order of place. ``texts`` are folded and hold no line breaks."""
        found: list[list[Cue]] = []
        for text, numbers in zip(texts, self._possible(texts), strict=True):
            cues: list[Cue] = []
            for number in sorted(numbers):
                label, pattern = self.patterns[number]
                cues += [Cue(label, *match.span()) for match in pattern.finditer(text)]
            cues.sort(key=_place)
            found.append(cues)
        return found

    def _possible(self, texts: Sequence[str]) -> list[set[int]]:
        """The labels that may be in each text."""
        possible = [set(self._always) for _ in texts]
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        for piece, start, _ in self._pieces.find_matches_as_indexes("\n".join(texts), overlapping=True):
            turn = bisect_right(starts, start) - 1
            possible[turn].update(self._holders[piece])
        return possible


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


def _compile(wordings: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_expanded(wording)})" for wording in wordings), re.MULTILINE)


def _expanded(wording: str) -> str:
    return wording.replace("…", GAP)


_place = itemgetter(1, 2)
