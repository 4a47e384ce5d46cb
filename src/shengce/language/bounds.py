"""The small words that make a number a limit: 不超过五万, 五万以内, 至少八折, 三万起."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Limit = Literal["most", "least"]

_FILLER = r"(?:了|是|在|要|得|也就|就|能?给[您你他她]?到?|能?[做出]到|能到|能|再?(?:让|便宜|降|优惠|减|少)|价|价格|个|打|大概|差不多)?"
_BEFORE_MOST = re.compile(
    r"(?:不超过|不要超过|别超过|不能超过|没超过|不高于|不能高于|不大于|最多|顶多|至多|最高|最贵|(?<!不)(?<!不能)(?<!不要)(?<!别)(?:低于|少于|小于)|不到|不足|"
    rf"控制在|封顶){_FILLER}$"
)
_BEFORE_LEAST = re.compile(
    rf"(?:至少|最少|最低|低至|起码|(?:最低|最少)?不(?:能|要)?(?:低于|少于|小于)|超过|超出|高于|大于|多于){_FILLER}$"
)
_AFTER_MOST = re.compile(r"(?:以内|之内|以下|之下|封顶|为限|不到(?!货|位|场|账|帐))")
_AFTER_LEAST = re.compile(
    r"(?:以上|之上|往上|\+(?!\d)|打底|起步|起(?:订|送|批|卖|拍|(?![来点草诉床动因重码])))"
)
_NEAR = re.compile(r"(?:左右|上下|出头|前后)")
_LONGEST_WORD = 10


@dataclass(frozen=True, slots=True)
class Bounded:
    """A value with the words that limit it, at code points ``[start, end)``; ``None`` where it is open."""

    start: int
    end: int
    low: Decimal | None
    high: Decimal | None


def apply_bounds(folded: str, start: int, end: int, low: Decimal, high: Decimal) -> Bounded:
    """Widen ``[start, end)`` by the words around it that set a limit, and open the other side."""
    limit, left = _before(folded, start)
    right = end
    if near := _NEAR.match(folded, end):
        right = near.end()
    if match := _AFTER_MOST.match(folded, right):
        limit, right = limit or "most", match.end()
    elif match := _AFTER_LEAST.match(folded, right):
        limit, right = limit or "least", match.end()
    if low != high or limit is None:
        return Bounded(start, right, low, high)
    if limit == "most":
        return Bounded(left, right, None, high)
    return Bounded(left, right, low, None)


def _before(folded: str, start: int) -> tuple[Limit | None, int]:
    reach = max(0, start - _LONGEST_WORD)
    window = folded[reach:start]
    if match := _BEFORE_MOST.search(window):
        return "most", reach + match.start()
    if match := _BEFORE_LEAST.search(window):
        return "least", reach + match.start()
    return None, start
