"""tokens.txt: the characters that the model can write, one number each."""

from __future__ import annotations

import collections
import random
from pathlib import Path

from . import corpus
from .talks import bare, read_talks

BLANK = "<blk>"
COMMON_CHARACTERS = 1450


def read_tokens(path: Path) -> dict[str, int]:
    """Character to number. The file has "character number" a line."""
    pairs = (line.rsplit(" ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {character: int(index) for character, index in pairs}


def write_tokens(tokens: dict[str, int], path: Path) -> None:
    path.write_text("".join(f"{c} {i}\n" for c, i in tokens.items()), encoding="utf-8")


def needed_characters() -> set[str]:
    """Every character of the talks, of the words and of the patterns."""
    r = random.Random(0)
    found = set("".join(talk.spoken for talk in read_talks()))
    found.update(*(word for words in corpus.words().values() for word in words))
    for template in corpus.templates():
        found.update(*(bare(corpus.fill(template, r)) for _ in range(150)))
    return found


def build_tokens(start: Path | None = None) -> dict[str, int]:
    """The blank, then the characters: those of the model to start from keep their numbers, new ones come behind."""
    tokens = read_tokens(start) if start else {BLANK: 0}
    for character in sorted(needed_characters() - set(tokens)):
        tokens[character] = len(tokens)
    counts: collections.Counter[str] = collections.Counter()
    for word, count in corpus.counted_words():
        counts.update({c: count for c in word if "\u4e00" <= c <= "\u9fa5"})
    for character, _ in counts.most_common():
        if len(tokens) >= COMMON_CHARACTERS:
            break
        tokens.setdefault(character, len(tokens))
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        tokens.setdefault(letter, len(tokens))
    return tokens
