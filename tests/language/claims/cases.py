"""The labelled cases as claims and facts: what was said goes through the extractors, as in life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from shengce.language.claim_check import check_claim
from shengce.language.claim_reading import read_claims
from shengce.language.claim_values import Claim, Finding, Said, Talk
from shengce.language.dialogue import parse_dialogue
from shengce.language.extract import extract_facts
from shengce.language.lexicon import Lexicon

AT = datetime(2026, 3, 18, 18, 0, tzinfo=timezone(timedelta(hours=8)))
THIS, START, END = "this one", date(2026, 3, 5), date(2026, 3, 19)
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Case:
    trade: str
    typed: str
    verdict: str
    said: tuple[Said, ...]
    talks: tuple[Talk, ...]
    kind: Any = None
    trap: str = ""


@lru_cache
def lexicon() -> Lexicon:
    return Lexicon.from_yaml(yaml.safe_dump(_data("labelled")["lexicon"], allow_unicode=True))


@lru_cache
def _data(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@lru_cache
def cases(name: str) -> tuple[Case, ...]:
    return tuple(_case(row) for row in _data(name)["cases"])


def _case(row: dict[str, Any]) -> Case:
    said: list[Said] = []
    talks: list[Talk] = []
    for number, (day, where, lines, *other) in enumerate(row["talks"]):
        month, of_month = (int(part) for part in day.split("-"))
        at = datetime(2026, month, of_month, 10, 0, tzinfo=AT.tzinfo)
        customer = other[0] if other else THIS
        talks.append(Talk(customer, at, at + timedelta(minutes=30), where == "site", rep="rep"))
        said += said_in(lines, at, customer, number)
    return Case(
        row["trade"],
        row["typed"],
        row["verdict"],
        tuple(said),
        tuple(talks),
        row.get("kind"),
        row.get("trap", ""),
    )


def said_in(lines: str, at: datetime, customer: str, talk: int) -> list[Said]:
    """The facts of a dialogue whose utterances are parted by `` / ``."""
    transcript = parse_dialogue("\n".join(lines.split(" / ")))
    return [
        Said((talk, number), f.kind, f.value, f.passage.quote, customer, at, f.passage.start_ms, talk)
        for number, f in enumerate(extract_facts(transcript, at=at, lexicon=lexicon()))
    ]


def finding(case: Case) -> Finding:
    """The verdict on the case; where the text holds several statements, the first that is not silence."""
    claims = read_claims(case.typed, at=AT, lexicon=lexicon(), kind=case.kind)
    findings = [
        check_claim(Claim(stated, THIS, AT, START, END, rep="rep"), said=case.said, talks=case.talks)
        for stated in claims
    ]
    return next((f for f in findings if f.verdict != "not_mentioned"), findings[0])
