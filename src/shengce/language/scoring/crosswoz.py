"""CrossWOZ (Chinese dialogues of a travel guide with labelled acts) as a test of what our kinds share with it.

A tourist guide is no sales talk, so only acts that one of our kinds means to cover are counted. The set is not held out:
the budget rule for a wanted price range (想找价格在四百到五百元的) was added after its first score here.

* the guide informs of 电话: a ``contact`` of kind phone for every number in the label. Most are local numbers without
  area code, several to a place;
* the guide informs of 地址: a ``contact`` of kind address whose value shares its end with the label;
* the guide informs of 价格, 门票 or 人均消费 in yuan: a ``price`` with that sum (of: own), 免费 and 无 left out;
* the user informs of 价格 or 人均消费 as a range: what he is ready to spend, a ``budget`` with that range.

The user is the customer and the guide the rep; names of places stay out of the lexicon.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shengce.language.extract import extract_facts
from shengce.language.lexicon import Lexicon
from shengce.language.scoring.facts import Score
from shengce.language.values import Fact
from shengce.speech.transcript import Role, from_turns

_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
_PHONE = re.compile(r"\d[\d-]{6,}")
_SUM = re.compile(r"(\d+)(?:\.\d+)?元")
_RANGE = re.compile(r"(\d+)\s*-\s*(\d+)元")
_MAX_BYTES = 64 * 1024 * 1024

Wanted = tuple[int, str, str]
"""Turn, what is tested, and the value as text."""


def score(path: Path, *, limit: int | None = None) -> dict[str, Any]:
    """Counts by what is tested, over the first ``limit`` dialogues of ``val.json.zip``."""
    scores: dict[str, Score] = {}
    for number, dialogue in enumerate(_dialogues(path)):
        if limit is not None and number >= limit:
            break
        _add(scores, dialogue["messages"])
    return {name: score.to_json() for name, score in sorted(scores.items())}


def _add(scores: dict[str, Score], messages: list[dict[str, Any]]) -> None:
    turns: list[tuple[Role, str]] = [
        ("customer" if m["role"] == "usr" else "rep", m["content"]) for m in messages
    ]
    facts = extract_facts(from_turns(turns), at=_AT, lexicon=Lexicon())
    found = [known for fact in facts if (known := _known(fact))]
    for wanted in dict.fromkeys(w for i, m in enumerate(messages) for w in _wanted(i, m)):
        tally = scores.setdefault(wanted[1], Score())
        tally.labelled += 1
        hit = next((f for f in found if _answers(wanted, f)), None)
        if hit is not None:
            found.remove(hit)
            tally.found += 1
            tally.right += 1
    for turn, name, _ in found:
        del turn
        scores.setdefault(name, Score()).extra += 1


def _wanted(turn: int, message: dict[str, Any]) -> Iterator[Wanted]:
    for act, _, slot, value in (a for a in message["dialog_act"] if len(a) == 4):
        if act != "Inform" or not isinstance(value, str) or value in ("", "无"):
            continue
        if message["role"] == "sys" and slot == "电话":
            yield from ((turn, "contact phone", number) for number in _PHONE.findall(value))
        elif message["role"] == "sys" and slot == "地址":
            yield turn, "contact address", value
        elif message["role"] == "sys" and slot in ("价格", "门票", "人均消费"):
            yield from ((turn, "price", total) for total in _SUM.findall(value)[:1])
        elif message["role"] == "usr" and slot in ("价格", "人均消费"):
            yield from ((turn, "budget", f"{low}-{high}") for low, high in _RANGE.findall(value))


def _known(fact: Fact) -> Wanted | None:
    turn, value = fact.passage.turn, fact.value
    if fact.kind == "contact" and value["kind"] in ("phone", "address"):
        return turn, f"contact {value['kind']}", str(value["value"])
    if fact.kind == "price":
        return turn, "price", str(value["min"])
    if fact.kind == "budget":
        return turn, "budget", f"{value['min']}-{value['max']}"
    return None


def _answers(wanted: Wanted, found: Wanted) -> bool:
    if wanted[:2] != found[:2]:
        return False
    if wanted[1] == "contact address":
        return found[2] in wanted[2] or wanted[2] in found[2] or wanted[2][-6:] == found[2][-6:]
    return re.sub(r"\D", "", wanted[2]) == re.sub(r"\D", "", found[2])


def _dialogues(path: Path) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("val.json").file_size > _MAX_BYTES:
            raise ValueError("val.json is too large")
        yield from json.loads(archive.read("val.json")).values()
