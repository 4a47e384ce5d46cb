"""Chinese text as a string of syllables, so that homophones become equal strings.

A recogniser that does not know a name writes other characters of the same sound: 霖沃 becomes 林沃. Each
character is replaced by one private-use code point that stands for its toneless syllable; nothing else changes,
so the coded text has the length of the original and offsets hold in both.

A character has one syllable here, its most common reading. A name and the talk are coded by the same table, so
only a homophone of another reading of the same character is missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

FIRST_CODE = 0xE000
"""Start of the private use area. :func:`fold` takes these characters out of any input first."""
LAST_CODE = 0xF8FF
SEPARATOR = "\uffff"
"""Stands between joined texts. No folded text contains it, so no match can cross it."""

_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_REPLACEMENT = 0xFFFD
_MARKS = tuple((mark, chr(ord(mark) - 0xFEE0)) for mark in "，？！；：（）")
_ODD = re.compile("[\ud800-\udfff\ue000-\uf8ff\uff01-\uff5e\u3000\u0130\u03a3]")
"""What the table must see to; İ and Σ because ``str.lower`` does not fold them one for one."""
_FUZZY: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^n(?=[a-z])"), "l"),
    (re.compile(r"(?<=[ei])ng$"), "n"),
)


class _FoldTable(dict[int, int]):
    """Code point to code point, filled as characters are met."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = _fold_code(code)
        return folded


def _fold_code(code: int) -> int:
    if 0xD800 <= code <= 0xDFFF or FIRST_CODE <= code <= LAST_CODE:
        return _REPLACEMENT
    if code in _FULL_WIDTH:
        code -= 0xFEE0
    elif code == 0x3000:
        code = 0x20
    lower = chr(code).lower()
    return ord(lower) if len(lower) == 1 else code


_fold_table = _FoldTable()


def fold(text: str) -> str:
    """Lower case, half width, of the same length; characters that this room uses for itself become U+FFFD."""
    return _fold(text.replace(SEPARATOR, chr(_REPLACEMENT)))


def fold_all(texts: Sequence[str]) -> str:
    """The folded texts as one, with a :data:`SEPARATOR` between each two."""
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) >= max(1, len(texts)):
        joined = SEPARATOR.join(text.replace(SEPARATOR, chr(_REPLACEMENT)) for text in texts)
    return _fold(joined)


def _fold(text: str) -> str:
    # The everyday way: a tenth of the cost of the table, and the same result, as nothing odd is in the text.
    plain = text
    for mark, half in _MARKS:
        plain = plain.replace(mark, half)
    return plain.translate(_fold_table) if _ODD.search(plain) else plain.lower()


def is_han(character: str) -> bool:
    code = ord(character)
    return any(code in block for block in _HAN)


def han_count(text: str) -> int:
    return sum(map(is_han, text))


def encode(folded: str, *, fuzzy: bool = False) -> str:
    """The syllables of an already folded text, one code point a character; the rest stays as it is.

    ``fuzzy`` also makes equal what accents confuse: zh/z, ch/c, sh/s, n/l, eng/en, ing/in.
    """
    strict, loose = _tables()
    return folded.translate(loose if fuzzy else strict)


def syllable(character: str, *, fuzzy: bool = False) -> str | None:
    """The toneless syllable of one Chinese character ("lv" for 绿), or ``None`` where none is known."""
    plain = _syllables().get(ord(character))
    return soften(plain) if fuzzy and plain else plain


def soften(plain: str) -> str:
    """A syllable with the fuzzy pairs made equal: ``zheng`` and ``zen`` are both ``zen``."""
    for pattern, replacement in _FUZZY:
        plain = pattern.sub(replacement, plain)
    return plain


def _readings() -> Iterator[tuple[int, str]]:
    # Imported here: it reads a large dictionary, and most programs that import this room never need it.
    from pypinyin.pinyin_dict import pinyin_dict

    for block in _HAN:
        for code in block:
            if code in pinyin_dict:
                yield code, pinyin_dict[code].split(",", 1)[0]


@lru_cache(maxsize=1)
def _syllables() -> dict[int, str]:
    return {code: _without_tone(reading) for code, reading in _readings()}


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[int, int], dict[int, int]]:
    """Strict and fuzzy tables for ``str.translate``. Sorted, so that every process builds the same codes."""
    syllables = _syllables()
    codes = {name: FIRST_CODE + i for i, name in enumerate(sorted(set(syllables.values())))}
    softened = {name: soften(name) for name in codes}
    # A softened syllable need not exist by itself (lvan): it gets its code after the real ones.
    for name in sorted(set(softened.values()) - codes.keys()):
        codes[name] = FIRST_CODE + len(codes)
    strict = {code: codes[name] for code, name in syllables.items()}
    loose = {code: codes[softened[name]] for code, name in syllables.items()}
    return strict, loose


def _without_tone(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    letters = letters.replace("u\u0308", "v")
    return "".join(c for c in letters if not unicodedata.combining(c))
