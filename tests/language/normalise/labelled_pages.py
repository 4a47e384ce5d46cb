"""Reads pages of labelled sentences (the form is examined.yaml's) and compares them with what is found.

A found item is right when its kind and value are the labelled ones and its words touch the labelled words. Precision is
right ÷ found, recall is right ÷ labelled. Items labelled ``may`` count neither way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from shengce.language.normalise import Item, normalise

KINDS = ("time", "amount", "discount", "phone")
Moments = dict[str, datetime]


@dataclass(frozen=True, slots=True)
class Answer:
    """One item, labelled or found: where it stands and what it says."""

    kind: str
    start: int
    end: int
    value: tuple[Any, ...]

    def agrees(self, other: Answer) -> bool:
        return (
            (self.kind, self.value) == (other.kind, other.value)
            and self.start < other.end
            and other.start < self.end
        )


def read(name: str) -> tuple[Moments, list[dict[str, Any]]]:
    """The moments and the sentences of a page that lies beside this file."""
    page = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    moments = {key: datetime.fromisoformat(moment) for key, moment in page["moments"].items()}
    return moments, [sentence for section, rows in page.items() if section != "moments" for sentence in rows]


def count(
    sentence: dict[str, Any], moments: Moments, counts: Counter[tuple[str, str]], misses: list[str]
) -> None:
    """Adds one sentence to ``counts`` (by kind: right, found, labelled) and says in words what went wrong."""
    at = moments[sentence.get("at", "tue")]
    wanted = list(labelled(sentence, "find", moments))
    allowed = list(labelled(sentence, "may", moments))
    found = [_answer(item, at) for item in normalise(sentence["say"], at=at)]
    found = [a for a in found if not any(a.agrees(b) for b in allowed)]
    for answer in wanted:
        counts[answer.kind, "labelled"] += 1
        if any(answer.agrees(other) for other in found):
            counts[answer.kind, "right"] += 1
        else:
            misses.append(f"MISSED {sentence['say']} ({sentence.get('at', 'tue')}): {answer.value}")
    for answer in found:
        counts[answer.kind, "found"] += 1
        if not any(answer.agrees(other) for other in wanted):
            words = sentence["say"][answer.start : answer.end]
            misses.append(f"FALSE  {sentence['say']} ({sentence.get('at', 'tue')}): {words} {answer.value}")


def score(counts: Counter[tuple[str, str]], kind: str) -> tuple[float, float]:
    """Precision and recall of a kind."""
    right, found, wanted = (counts[kind, name] for name in ("right", "found", "labelled"))
    return round(right / max(found, 1), 3), round(right / max(wanted, 1), 3)


def labelled(sentence: dict[str, Any], key: str, moments: Moments) -> Iterator[Answer]:
    """The items under ``find`` or ``may``."""
    here = 0
    at = moments[sentence.get("at", "tue")]
    for kind, words, value in sentence.get(key, []):
        start = sentence["say"].index(words, here if key == "find" else 0)
        here = start + len(words)
        yield Answer(kind, start, here, _value(kind, value, at))


def _value(kind: str, value: str, at: datetime) -> tuple[Any, ...]:
    if kind == "phone":
        return (value,)
    if kind == "time":
        begin, until = value.split("/")
        return _moment(begin, at), _moment(until, at)
    low, several, high = value.partition("..")
    return (low or None, (high if several else low) or None)


def _moment(text: str, at: datetime) -> datetime | None:
    """``12-4T15:30`` in the year of the talk, ``2027-1-4T8`` in its own."""
    if text == "-":
        return None
    day, _, clock = text.partition("T")
    parts = [int(part) for part in day.split("-")]
    year, month, number = parts if len(parts) == 3 else (at.year, *parts)
    hour, _, minute = (clock or "0").partition(":")
    return datetime(year, month, number, int(hour), int(minute or 0), tzinfo=at.tzinfo)


def _answer(item: Item, at: datetime) -> Answer:
    value = item.value
    if isinstance(value, str):
        return Answer("phone", item.start, item.end, (value,))
    if item.kind == "time":
        moments = tuple(side and datetime.fromisoformat(side) for side in (value["start"], value["end"]))
        return Answer("time", item.start, item.end, moments)
    kind = "discount" if value["unit"] == "discount" else "amount"
    return Answer(kind, item.start, item.end, (value["min"], value["max"]))
