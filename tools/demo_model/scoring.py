"""Character errors: the edit distance of what was recognised to what was said."""

from __future__ import annotations

from collections.abc import Sequence


def character_errors(heard: Sequence[object], said: Sequence[object]) -> int:
    """Insertions, deletions and substitutions that make one out of the other."""
    row = list(range(len(said) + 1))
    for i, one in enumerate(heard, 1):
        above, row[0] = row[:], i
        for j, other in enumerate(said, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one != other))
    return row[-1]
