"""Competitor mentions: the first time each rival is named, by whomever."""

from __future__ import annotations

from collections.abc import Iterator

from shengce.language.extractors.extractor import Earlier, Extractor, same_fields
from shengce.language.heard import Heard
from shengce.language.values import Fact


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    named: set[str] = set()
    for turn in heard.turns:
        for mention in turn.mentions:
            if mention.kind != "competitor" or mention.name in named:
                continue
            named.add(mention.name)
            clause = turn.clause_at(mention.start)
            end = max(clause.end, mention.end)
            confidence = 0.95 if mention.exact else 0.7
            yield heard.fact(
                "competitor", {"name": mention.name}, turn, clause.start, end, confidence=confidence
            )


COMPETITOR = Extractor("competitor", 1, find, same_fields)
