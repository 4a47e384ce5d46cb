"""The form of a card's template: everything in one form, so that it works without a script.

The form carries the whole template. The buttons "up", "down", "add" send it too and bring it back changed; only "save" makes a
new version. Names of inputs: ``s0.zh``, ``s0.f2.zh`` …; unknown ones are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from shengce.customers.cards import KINDS, MOST_FIELDS, MOST_SECTIONS, Template, as_data

_MOVE = re.compile(r"(up|down|add)(?::s(\d{1,2})(?:\.f(\d{1,2}))?)?")
_FREE: Final = "custom"

Sections = list[dict[str, Any]]


def sections_of(template: Template) -> Sections:
    """The template as the form shows it: choices as lines ``中文|English``."""
    sections = as_data(template.sections)
    for section in sections:
        for entry in section["fields"]:
            entry["lines"] = "\n".join(_line(choice) for choice in entry["choices"])
    return sections


def _line(choice: dict[str, str]) -> str:
    return choice["zh"] if choice["zh"] == choice["en"] else f"{choice['zh']}|{choice['en']}"


def sent_sections(sent: Mapping[str, str], standing: Template, taken: set[str]) -> Sections:
    """The template that the form sent. New fields get a key of their own; what the firm has keeps its key and source."""
    sections: Sections = []
    used = set(taken) | set(standing.fields)
    for place in range(MOST_SECTIONS + 1):
        prefix = f"s{place}."
        if f"{prefix}zh" not in sent:
            break
        fields = []
        for number in range(MOST_FIELDS + 1):
            at = f"{prefix}f{number}."
            if f"{at}zh" not in sent:
                break
            key = sent.get(f"{at}key", "")
            if not key or (key not in standing.fields and key in taken):
                key = _new_key(used)
            used.add(key)
            lines = sent.get(f"{at}choices", "")
            fields.append(
                {
                    "key": key,
                    "label": {"zh": sent[f"{at}zh"], "en": sent.get(f"{at}en", "")},
                    "kind": sent.get(f"{at}kind", "text"),
                    "choices": _choices(lines),
                    "lines": lines,
                    "from_fact": standing.fields[key].from_fact if key in standing.fields else None,
                    "from_figure": standing.fields[key].from_figure if key in standing.fields else None,
                    "hidden": f"{at}hidden" in sent,
                }
            )
        key = sent.get(f"{prefix}key", "") or f"section_{place + 1}"
        sections.append(
            {
                "key": key,
                "label": {"zh": sent[f"{prefix}zh"], "en": sent.get(f"{prefix}en", "")},
                "fields": fields,
            }
        )
    return sections


def _choices(lines: str) -> list[dict[str, str]]:
    choices = []
    for line in lines.splitlines():
        zh, _bar, en = line.partition("|")
        if zh.strip() or en.strip():
            choices.append({"zh": zh.strip(), "en": en.strip()})
    return choices


def _new_key(used: set[str]) -> str:
    return next(key for number in range(1, 10_000) if (key := f"{_FREE}_{number}") not in used)


def moved(sections: Sections, button: str, taken: set[str]) -> Sections:
    """The sections after a press of ``up:s0.f2``, ``down:s1``, ``add:s0`` (a field) or ``add`` (a section)."""
    match = _MOVE.fullmatch(button)
    if match is None:
        return sections
    what, place, number = match.group(1), match.group(2), match.group(3)
    if place is None:
        if what == "add" and len(sections) < MOST_SECTIONS:
            used = {section["key"] for section in sections}
            key = next(key for n in range(1, 1000) if (key := f"section_{n}") not in used)
            sections.append({"key": key, "label": {"zh": "", "en": ""}, "fields": []})
        return sections
    if int(place) >= len(sections):
        return sections
    fields = sections[int(place)]["fields"]
    if what == "add":
        if len(fields) < MOST_FIELDS:
            used = taken | {entry["key"] for section in sections for entry in section["fields"]}
            fields.append(
                {"key": _new_key(used), "label": {"zh": "", "en": ""}, "kind": KINDS[0], "choices": [], "lines": "",
                 "from_fact": None, "from_figure": None, "hidden": False}
            )  # fmt: skip
        return sections
    _swap(sections if number is None else fields, int(place if number is None else number), what)
    return sections


def _swap(rows: list[Any], at: int, what: str) -> None:
    other = at - 1 if what == "up" else at + 1
    if 0 <= at < len(rows) and 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
