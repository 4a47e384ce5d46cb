"""Times, amounts and phone numbers of a sentence, in one list with offsets: the JSON of ``shengce normalise``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from shengce.language.amounts import Amount, find_amounts
from shengce.language.numerals import plain
from shengce.language.phones import Phone, find_phones
from shengce.language.times import Time, find_times

ItemKind = Literal["time", "amount", "phone"]


@dataclass(frozen=True, slots=True)
class Item:
    """One normalised piece: ``text`` at code points ``[start, end)`` of the given text.

    ``value`` is ``{start, end}`` for a time (ISO 8601 with offset, half-open, ``None`` where open), ``{min, max, unit}``
    for an amount (decimal strings, unit ``yuan`` or ``discount``), and digits for a phone.
    """

    text: str
    start: int
    end: int
    kind: ItemKind
    value: dict[str, str | None] | str

    def to_json(self) -> dict[str, Any]:
        """The shape of docs/cli.md."""
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
            "value": self.value,
        }


def normalise(text: str, *, at: datetime) -> list[Item]:
    """Everything in ``text`` that is certain, in order and without overlaps; ``at`` is the aware moment of the talk.

    Where two readings touch the same characters a phone wins over a time and a time over an amount.
    """
    items: list[Item] = []
    taken = bytearray(len(text))
    for item in _candidates(text, at):
        if not any(taken[item.start : item.end]):
            taken[item.start : item.end] = b"\x01" * (item.end - item.start)
            items.append(item)
    return sorted(items, key=lambda item: item.start)


def _candidates(text: str, at: datetime) -> Iterator[Item]:
    for phone in find_phones(text):
        yield _phone_item(phone)
    for time in find_times(text, at):
        yield _time_item(time)
    for amount in find_amounts(text):
        yield _amount_item(amount)


def _phone_item(phone: Phone) -> Item:
    return Item(phone.text, phone.start, phone.end, "phone", phone.number)


def _time_item(time: Time) -> Item:
    value = {"start": _iso(time.begin), "end": _iso(time.until)}
    return Item(time.text, time.start, time.end, "time", value)


def _amount_item(amount: Amount) -> Item:
    value: dict[str, str | None] = {
        "min": _decimal(amount.low),
        "max": _decimal(amount.high),
        "unit": amount.unit,
    }
    return Item(amount.text, amount.start, amount.end, "amount", value)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _decimal(value: Decimal | None) -> str | None:
    return plain(value) if value is not None else None
