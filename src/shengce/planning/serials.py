"""Lots and serial numbers on labels: how they are compared, and ranges of them.

``QQ500-000100`` to ``QQ500-000199`` are one stem and a hundred numbers of six digits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_DIGITS = 18
"""More do not fit a whole number of a database."""

_LOOK_ALIKE = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})
_LAST_DIGITS = re.compile(r"[0-9]*\Z")


def plain_lot(text: str) -> str:
    """A lot as it is compared: full width made half, capitals, only letters and digits. ``Ａ12-03 b`` is ``A1203B``."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\W_]+", "", folded)


def lot_key(text: str) -> str:
    """The lot with letters and digits that look alike made one, for finding what was read or typed wrongly."""
    return plain_lot(text).translate(_LOOK_ALIKE)


@dataclass(frozen=True, slots=True)
class Serials:
    """Every number from ``first`` to ``last``, both included, with so many ``digits`` behind ``stem``."""

    stem: str
    digits: int
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def stem_key(self) -> str:
        return lot_key(self.stem)

    @property
    def keys(self) -> tuple[str, str]:
        """The first and the last number as they are compared where a label was misread."""
        first, last = (f"{self.stem_key}{number:0{self.digits}d}" for number in (self.first, self.last))
        return first, last

    def holds(self, code: str) -> bool:
        """Whether the number on a label is one of them."""
        return self._holds(plain_lot(code), self.stem)

    def holds_alike(self, code: str) -> bool:
        """The same where signs that look alike were mixed up."""
        return self._holds(lot_key(code), self.stem_key)

    def _holds(self, code: str, stem: str) -> bool:
        number = code[len(stem) :]
        if (
            not code.startswith(stem)
            or len(number) != self.digits
            or not (number.isascii() and number.isdigit())
        ):
            return False
        return self.first <= int(number) <= self.last

    def overlaps(self, other: Serials) -> bool:
        """Whether one number belongs to both."""
        same = (self.stem, self.digits) == (other.stem, other.digits)
        return same and self.first <= other.last and other.first <= self.last


def serials(first: str, last: str) -> Serials | None:
    """The range between two numbers as typed; ``None`` where they are no range.

    They end in digits, are as long as each other, differ in the digits at their ends only, and the last one is not before the first.
    """
    one, other = plain_lot(first), plain_lot(last)
    digits = min(len(_ending(one)), len(_ending(other)), MOST_DIGITS)
    if not digits or len(one) != len(other) or one[:-digits] != other[:-digits]:
        return None
    low, high = int(one[-digits:]), int(other[-digits:])
    return Serials(one[:-digits], digits, low, high) if low <= high else None


def readings(code: str) -> list[tuple[str, int, int]]:
    """``[(stem key, digits, number)]``: every range that could hold the number on a label lies behind one of these."""
    key = lot_key(code)
    most = min(len(_ending(key)), MOST_DIGITS)
    return [(key[:-digits], digits, int(key[-digits:])) for digits in range(1, most + 1)]


def _ending(text: str) -> str:
    found = _LAST_DIGITS.search(text)
    return found.group() if found else ""
