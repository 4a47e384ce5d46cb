"""Which statements stand at the end of several: a later one about the same matter replaces an earlier one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shengce.language.claim_tolerance import interval_of, matter_share, range_of, same_sum, same_time
from shengce.language.claim_values import Interval, Said

_SETTLES = re.compile(
    r"那就|算了|改(?:成|到|为|在)|降到|让到|做到|推迟|提前|换(?:到|成)|还是|最后|最终|成交|就按|不行|重新|更正|应该是"
)
_NEAR_PRICE = 0.3
"""Two prices of one product in different talks that differ by no more are one price that changed."""


def standing_of(told: list[Said]) -> list[Said]:
    """Statements in order of time without those that a later one replaced."""
    return [
        fact
        for number, fact in enumerate(told)
        if not any(replaces(later, fact) for later in told[number + 1 :])
    ]


def replaces(later: Said, earlier: Said) -> bool:
    if later.kind != earlier.kind:
        return False
    rule = _REPLACING.get(later.kind)
    return rule is not None and rule(later, earlier)


def _new_promise(later: Said, earlier: Said) -> bool:
    """The same sum on another day, another sum on the same day, or words that settle it anew."""
    sums, due = (
        (range_of(f.value) for f in (later, earlier)),
        (interval_of(f.value.get("due")) for f in (later, earlier)),
    )
    new_sum, old_sum = sums
    new_due, old_due = due
    same_amount = None if new_sum is None or old_sum is None else same_sum(new_sum, old_sum)
    same_day = None if new_due is None or old_due is None else same_time(new_due, old_due)
    if same_amount is False and same_day is False:
        return later.talk != earlier.talk and _SETTLES.search(later.quote) is not None
    if same_amount is False:
        return same_day is True
    return same_day is False


def _new_price(later: Said, earlier: Said) -> bool:
    one, other = later.value, earlier.value
    if one.get("of") != other.get("of") or one.get("unit") != other.get("unit"):
        return False
    if one.get("product") and other.get("product") and one["product"] != other["product"]:
        return False
    new, old = range_of(one), range_of(other)
    if new is None or old is None or same_sum(new, old):
        return False
    if _SETTLES.search(later.quote):
        return True
    return later.talk != earlier.talk and _apart(new[1] or new[0], old[1] or old[0]) <= _NEAR_PRICE


def _apart(one: Any, other: Any) -> float:
    return float(abs(one - other) / max(abs(one), abs(other), 1))


def _new_appointment(later: Said, earlier: Said) -> bool:
    new, old = span_of(later), span_of(earlier)
    if new is None or old is None or same_time(new, old):
        return False
    return bool(_SETTLES.search(later.quote)) or _days_between(new, old) <= 7


def _days_between(one: Interval, other: Interval) -> float:
    first, second = one[0] or one[1], other[0] or other[1]
    assert first is not None and second is not None
    return abs((first - second) / timedelta(days=1))


def _new_budget(later: Said, earlier: Said) -> bool:
    new, old = range_of(later.value), range_of(earlier.value)
    return new is not None and old is not None and not same_sum(new, old)


def _new_due(later: Said, earlier: Said) -> bool:
    """The same undertaking with another day."""
    new, old = interval_of(later.value.get("due")), interval_of(earlier.value.get("due"))
    if new is None or old is None or same_time(new, old):
        return False
    return matter_share(matter_of(later), matter_of(earlier)) >= 0.5


_REPLACING: dict[str, Callable[[Said, Said], bool]] = {
    "payment_promise": _new_promise,
    "price": _new_price,
    "appointment": _new_appointment,
    "budget": _new_budget,
    "promise": _new_due,
    "next_step": _new_due,
}


# --- parts of a statement


def span_of(fact: Said) -> Interval | None:
    return interval_of(fact.value) if fact.kind == "appointment" else interval_of(fact.value.get("due"))


def matter_of(fact: Said) -> str:
    return f"{fact.value.get('text') or ''}，{fact.quote}"
