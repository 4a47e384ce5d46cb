"""Money that came in, spread over debts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class OpenDebt(Generic[Key]):
    """What is still owed for one invoice."""

    key: Key
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Share(Generic[Key]):
    """So much of the money for this debt."""

    key: Key
    amount: Decimal


def oldest_first(money: Decimal, debts: Iterable[OpenDebt[Key]]) -> tuple[list[Share[Key]], Decimal]:
    """Shares of ``money`` in the order of due dates (equal ones in the order given), and what is left over.

    The shares and the rest add up to ``money``; no share is above its debt, and none is zero.
    """
    shares: list[Share[Key]] = []
    for debt in sorted(debts, key=lambda debt: debt.due_on):
        part = min(money, debt.amount)
        if part > 0:
            shares.append(Share(debt.key, part))
            money -= part
    return shares, money
