"""From an engine's tokens to text and timed words.

Engines cut text in their own ways: single characters, letters, word pieces with "▁" before a word (sentencepiece),
"@@" after a piece that goes on (paraformer), a blank before a word (whisper). A word here is one character of
Chinese or one whole Latin word or number.
"""

from __future__ import annotations

from collections.abc import Sequence

from shengce.speech.engines.protocol import Token
from shengce.speech.transcript import Word

LATIN_GAP_MS = 600
"""Letters that are further apart than this do not belong to one word."""


def write_words(tokens: Sequence[Token], *, start_ms: int, end_ms: int) -> tuple[str, tuple[Word, ...]]:
    """Text and words of one segment of ``[start_ms, end_ms)``; token times are seconds from the segment's start.

    Words are empty when a token has no time. A word ends where the next begins, the last one with the segment.
    """
    pieces: list[tuple[str, int | None]] = []
    text = ""
    continues = False
    for token in tokens:
        piece, opens, carries_on = _read_piece(token.text)
        if not piece:
            continues = continues and not opens
            continue
        at = None if token.start_s is None else start_ms + round(token.start_s * 1000)
        if pieces and _joins(pieces[-1], piece, at, opens=opens, continues=continues):
            pieces[-1] = (pieces[-1][0] + piece, pieces[-1][1])
        else:
            if (opens and _is_latin(text[-1:]) and _is_latin(piece[:1])) or (
                _is_latin(text[-1:]) and _is_latin(piece[:1]) and not continues
            ):
                text += " "
            pieces.append((piece, at))
        text += piece
        continues = carries_on
    return text, _timed(pieces, start_ms=start_ms, end_ms=end_ms)


def _read_piece(token: str) -> tuple[str, bool, bool]:
    """The bare text of a token, whether it opens a word, and whether the word goes on after it."""
    opens = token.startswith(("▁", " "))
    carries_on = token.endswith("@@")
    bare = token.removesuffix("@@").replace("▁", " ").strip()
    if bare.startswith("<") and bare.endswith(">"):
        return "", opens, False
    return bare, opens, carries_on


def _joins(last: tuple[str, int | None], piece: str, at: int | None, *, opens: bool, continues: bool) -> bool:
    if continues:
        return True
    if opens or not (_is_latin(last[0][-1:]) and _is_latin(piece[:1])):
        return False
    return at is None or last[1] is None or at - last[1] < LATIN_GAP_MS * len(last[0])


def _is_latin(character: str) -> bool:
    return bool(character) and character.isalnum() and not "\u2e80" <= character <= "\U0003ffff"


def _timed(pieces: Sequence[tuple[str, int | None]], *, start_ms: int, end_ms: int) -> tuple[Word, ...]:
    if any(at is None for _, at in pieces):
        return ()
    words: list[Word] = []
    floor = start_ms
    for text, at in pieces:
        assert at is not None
        start = min(max(at, floor), end_ms)
        words.append(Word(text, start, end_ms))
        floor = start
    return tuple(
        Word(word.text, word.start_ms, words[i + 1].start_ms if i + 1 < len(words) else end_ms)
        for i, word in enumerate(words)
    )
