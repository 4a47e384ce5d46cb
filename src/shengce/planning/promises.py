"""Promises to pay against money that came in: which were kept, late, partly kept, broken.

The rules, in order:

1. Money counts for a promise from the day on which the promise was made until ``late_days`` after its due date.
2. Of the promises that a receipt may count for, those not past due come first, the earliest due date before the others;
   then those past due, the oldest first. A yuan counts once.
3. A promise said again (the same sum, before the earlier one was past due or fulfilled) is about the same money: each is judged by
   its own day. Who promises 200,000 for Friday, then for Wednesday, and pays on Wednesday was late once and kept his
   word once.
4. A promise without a sum is kept by the first money that comes; one without a day stays open until it is fulfilled.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, Literal, TypeVar

Key = TypeVar("Key", bound=Hashable)
State = Literal["open", "kept", "late", "partly", "broken"]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promise(Generic[Key]):
    """Said on ``made_on``. Sum or day may be unknown, not both."""

    key: Key
    made_on: date
    amount: Decimal | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Money:
    """So much came in on a day."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """``paid`` came in for the promise; ``paid_on`` is the day on which it was fulfilled, or of the last part."""

    state: State
    paid: Decimal
    paid_on: date | None


@dataclass(slots=True)
class _Claim(Generic[Key]):
    """Promises about the same money, and the parts that came for it."""

    promises: list[Promise[Key]]
    parts: list[Money] = field(default_factory=list)

    @property
    def amount(self) -> Decimal | None:
        return self.promises[0].amount

    @property
    def made_on(self) -> date:
        return self.promises[0].made_on

    @property
    def due_on(self) -> date | None:
        """The last day that was named; none where one of them named no day."""
        days = [promise.due_on for promise in self.promises]
        return None if None in days else max(day for day in days if day is not None)

    def wants(self) -> Decimal | None:
        """What is missing; ``None`` means whatever comes."""
        if self.amount is None:
            return ZERO if self.parts else None
        return self.amount - sum((part.amount for part in self.parts), ZERO)

    def takes_on(self, day: date, late_days: int) -> bool:
        if day < self.made_on or self.wants() == 0:
            return False
        return self.due_on is None or day <= self.due_on + timedelta(days=late_days)

    def turn(self, day: date) -> tuple[bool, date, date]:
        """Earlier ones are served first."""
        due = self.due_on or date.max
        return (due < day, due, self.made_on)


def judge(
    promises: Iterable[Promise[Key]],
    receipts: Iterable[Money],
    *,
    today: date,
    grace_days: int = 0,
    late_days: int = 30,
) -> dict[Key, Outcome]:
    """The outcome of each promise of one customer as of ``today``; money after ``today`` is not looked at.

    ``grace_days``: paid so many days after the due date is still kept. ``late_days``: later money is for something else.
    """
    claims: list[_Claim[Key]] = []
    spoken = sorted(promises, key=lambda p: (p.made_on, p.due_on or date.max))
    for money in sorted((m for m in receipts if m.on <= today), key=lambda m: m.on):
        while spoken and spoken[0].made_on <= money.on:
            _hear(spoken.pop(0), claims)
        _spread(money, claims, late_days)
    for promise in spoken:
        _hear(promise, claims)
    return {
        promise.key: _outcome(promise, claim.parts, today, grace_days)
        for claim in claims
        for promise in claim.promises
    }


def _hear(promise: Promise[Key], claims: list[_Claim[Key]]) -> None:
    """A new claim, or one more day named for a claim that is not fulfilled yet."""
    same = next((claim for claim in claims if _said_again(promise, claim)), None)
    if same is None:
        claims.append(_Claim([promise]))
    else:
        same.promises.append(promise)


def _said_again(promise: Promise[Key], claim: _Claim[Key]) -> bool:
    if promise.amount != claim.amount or claim.wants() == 0:
        return False
    if promise.amount is None:
        return promise.due_on == claim.promises[-1].due_on
    return claim.due_on is None or promise.made_on <= claim.due_on


def _spread(money: Money, claims: Iterable[_Claim[Key]], late_days: int) -> None:
    """The receipt over the claims whose turn it is; what nobody wants is for something else."""
    left = money.amount
    takers = [claim for claim in claims if claim.takes_on(money.on, late_days)]
    for claim in sorted(takers, key=lambda claim: claim.turn(money.on)):
        wanted = claim.wants()
        part = left if wanted is None else min(left, wanted)
        if part > 0:
            claim.parts.append(Money(money.on, part))
            left -= part


def _outcome(promise: Promise[Key], parts: Sequence[Money], today: date, grace_days: int) -> Outcome:
    paid = sum((part.amount for part in parts), ZERO)
    paid_on = parts[-1].on if parts else None
    end = None if promise.due_on is None else promise.due_on + timedelta(days=grace_days)
    if paid_on is not None and (promise.amount is None or paid >= promise.amount):
        return Outcome("kept" if end is None or paid_on <= end else "late", paid, paid_on)
    if end is None or today <= end:
        return Outcome("open", paid, paid_on)
    return Outcome("partly" if paid else "broken", paid, paid_on)
