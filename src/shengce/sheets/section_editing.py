"""The sections of a kind of paper while somebody edits them: one is open, the others are folded, and nothing is stored until it is saved.

All of it travels with the form, signed, beside the fields of the open section, so that the page works without a script.
What a button does stands in its value: ``open:goals``, ``up:goals``, ``column_down:customer`` …
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict

from shengce.sheets.drafter_words import DRAFTER_GROUPS, DRAFTER_WORDS
from shengce.sheets.forms_of_papers import (
    COLUMN_TYPES,
    KINDS,
    MOST_COLUMNS,
    MOST_SECTIONS,
    WRITERS,
    Section,
    read_sections,
    shipped,
)
from shengce.sheets.models import DAILY, PaperTemplate

Data = dict[str, Any]
_SALT = "kinds of paper"
_BETWEEN = re.compile(r"[、，,;；]")


@dataclass(slots=True)
class Editing:
    """``parts`` are the sections as data, whatever is wrong with them; ``open`` is the key of the one that is edited."""

    parts: list[Data]
    open: str = ""
    kept: frozenset[str] = frozenset()
    """Keys of sections that stay: talks write into them."""
    wrong: str = ""
    """What is wrong with the open one."""
    used: set[str] = field(default_factory=set)
    """Keys that are not given to anything new."""

    @property
    def opened(self) -> Data | None:
        return next((part for part in self.parts if part["key"] == self.open), None)

    @property
    def signed(self) -> str:
        return signing.dumps(self.parts, salt=_SALT, compress=True)

    @property
    def is_full(self) -> bool:
        return len(self.parts) >= MOST_SECTIONS

    def read(self) -> tuple[Section, ...]:
        """The sections as a paper has them. Raises ``ValidationError``, and opens the one that is wrong."""
        for part in self.parts:
            try:
                read_sections([as_stored(part)])
            except ValidationError as problem:
                self.open, self.wrong = part["key"], " ".join(problem.messages)
                raise
        return read_sections([as_stored(part) for part in self.parts])


def begun(standing: PaperTemplate | None, *, open_key: str = "") -> Editing:
    """The sections as they stand; of a new kind an empty one, open."""
    parts = [_as_edited(part) for part in (standing.form["sections"] if standing else [])]
    is_daily = standing is not None and standing.code == DAILY
    editing = Editing(
        parts,
        open=open_key,
        kept=frozenset(part["key"] for part in parts) if is_daily else frozenset(),
        used={part["key"] for part in parts}
        | {column["key"] for part in parts for column in part["columns"]},
    )
    if not parts:
        _add_section(editing, "")
    return editing


def sent(post: QueryDict, standing: PaperTemplate | None) -> Editing:
    """What the form sent: the sections that travelled with it, and the fields of the open one. Unreadable: as they stand."""
    editing = begun(standing)
    try:
        editing.parts = signing.loads(post.get("sections", ""), salt=_SALT)
    except signing.BadSignature:
        return editing
    editing.used |= {part["key"] for part in editing.parts}
    editing.open = post.get("open", "")
    if (part := editing.opened) is not None:
        _take(part, post)
    return editing


def carry_out(editing: Editing, command: str) -> None:
    """What a button says. One that says nothing known changes nothing."""
    verb, _sign, key = command.partition(":")
    if verb in _COMMANDS:
        _COMMANDS[verb](editing, key)


def as_stored(part: Data) -> Data:
    """A section as a template stores it, without what belongs to another kind."""
    is_table = part["kind"] == "table"
    stored = {
        "key": part["key"],
        "title": _titled(part),
        "kind": part["kind"],
        "columns": [_column_stored(column) for column in part["columns"]] if is_table else [],
        "drafters": [name for name in part["drafters"] if (name in writes_rows()) == is_table],
        "required": part["required"],
    }
    return stored | {name: part[name] for name in ("roles", "hint") if part.get(name)}


def _column_stored(column: Data) -> Data:
    stored = {"key": column["key"], "title": _titled(column), "type": column["type"]}
    return stored | ({"choices": choices_in(column["choices"])} if column["type"] == "choice" else {})


def _titled(part: Data) -> dict[str, str]:
    return {"zh": part["zh"], "en": part["en"] or part["zh"]}


def _as_edited(part: Mapping[str, Any]) -> Data:
    title = part["title"]
    return {
        "key": part["key"],
        "zh": title["zh"],
        "en": _other(title),
        "kind": part.get("kind", "lines"),
        "columns": [_column_edited(column) for column in part.get("columns") or ()],
        "drafters": list(part.get("drafters") or ()),
        "required": bool(part.get("required")),
        "roles": list(part.get("roles") or ()),
        "hint": part.get("hint"),
    }


def _other(title: Mapping[str, str]) -> str:
    """The English title where it has words of its own."""
    en = title.get("en") or ""
    return "" if en == title["zh"] else en


def _column_edited(column: Mapping[str, Any]) -> Data:
    title = column["title"]
    return {
        "key": column["key"],
        "zh": title["zh"],
        "en": _other(title),
        "type": column.get("type", "text"),
        "choices": "、".join(_named(choice) for choice in column.get("choices") or ()),
    }


def _named(choice: Mapping[str, str]) -> str:
    zh, en = choice["zh"], choice.get("en") or choice["zh"]
    return zh if zh == en else f"{zh}={en}"


def choices_in(given: str) -> list[dict[str, str]]:
    """``上门=Visit、电话``: the words after the sign of equality are those of the English pages."""
    choices = []
    for word in filter(None, (each.strip() for each in _BETWEEN.split(given))):
        zh, _sign, en = (part.strip() for part in word.partition("="))
        choices.append({"zh": zh, "en": en or zh})
    return choices


def _take(part: Data, post: QueryDict) -> None:
    """The fields of the open section."""
    part["zh"], part["en"] = post.get("zh", "").strip(), post.get("en", "").strip()
    part["kind"] = post["kind"] if post.get("kind") in KINDS else part["kind"]
    part["required"] = "required" in post
    part["roles"] = [role for role in WRITERS if role in post.getlist("roles")]
    for column in part["columns"]:
        for name in ("zh", "en", "choices"):
            column[name] = post.get(f"c.{column['key']}.{name}", column[name]).strip()
        kind = post.get(f"c.{column['key']}.type")
        column["type"] = kind if kind in COLUMN_TYPES else column["type"]
    if (name := post.get("drafter", "")) in DRAFTER_WORDS and name not in part["drafters"]:
        part["drafters"].append(name)
        if name in writes_rows():
            part["kind"] = "table"
            there = {column["key"] for column in part["columns"]}
            part["columns"] += [deepcopy(c) for c in writes_rows()[name] if c["key"] not in there]


# --- what a drafter fills


@lru_cache(maxsize=1)
def writes_rows() -> Mapping[str, list[Data]]:
    """Drafters that write rows of a table, each with the columns that it was made for; all others write lines."""
    found: dict[str, list[Data]] = {}
    for entry in shipped():
        for part in entry["sections"]:
            for name in part.get("drafters", ()) if part.get("kind") == "table" else ():
                found.setdefault(name, [_column_edited(column) for column in part["columns"]])
    return found


def drafters_to_add(part: Data) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """By group, those that the section has not: of a table those that write rows; of an empty section all."""
    is_blank = not part["columns"] and not part["drafters"]

    def fits(name: str) -> bool:
        return is_blank or (name in writes_rows()) == (part["kind"] == "table")

    groups = []
    for title, group in DRAFTER_GROUPS:
        names = [
            (name, words) for name, words in group.items() if name not in part["drafters"] and fits(name)
        ]
        groups += [(title, names)] if names else []
    return groups


# --- commands


def _open(editing: Editing, key: str) -> None:
    editing.open = key


def _add_section(editing: Editing, _key: str) -> None:
    if not editing.is_full:
        key = _new_key("s", editing.used)
        editing.parts.append(_as_edited({"key": key, "title": {"zh": "", "en": ""}}))
        editing.open = key


def _remove(editing: Editing, key: str) -> None:
    if key not in editing.kept:
        editing.parts = [part for part in editing.parts if part["key"] != key]


def _add_column(editing: Editing, _key: str) -> None:
    part = editing.opened
    if part is not None and len(part["columns"]) < MOST_COLUMNS:
        used = editing.used | {column["key"] for column in part["columns"]}
        part["kind"] = "table"
        part["columns"].append(_column_edited({"key": _new_key("c", used), "title": {"zh": ""}}))


def _remove_column(editing: Editing, key: str) -> None:
    if (part := editing.opened) is not None:
        part["columns"] = [column for column in part["columns"] if column["key"] != key]


def _remove_drafter(editing: Editing, key: str) -> None:
    if (part := editing.opened) is not None:
        part["drafters"] = [name for name in part["drafters"] if name != key]


def _move_section(by: int) -> Callable[[Editing, str], None]:
    return lambda editing, key: _moved(editing.parts, [part["key"] for part in editing.parts], key, by)


def _move_column(by: int) -> Callable[[Editing, str], None]:
    def move(editing: Editing, key: str) -> None:
        if (part := editing.opened) is not None:
            _moved(part["columns"], [column["key"] for column in part["columns"]], key, by)

    return move


def _move_drafter(by: int) -> Callable[[Editing, str], None]:
    def move(editing: Editing, key: str) -> None:
        if (part := editing.opened) is not None:
            _moved(part["drafters"], part["drafters"], key, by)

    return move


def _moved(rows: list[Any], keys: Iterable[str], key: str, by: int) -> None:
    place = list(keys).index(key) if key in keys else -1
    if place >= 0 and 0 <= place + by < len(rows):
        rows.insert(place + by, rows.pop(place))


def _new_key(letter: str, used: set[str]) -> str:
    number = next(n for n in range(1, 1000) if f"{letter}{n}" not in used)
    used.add(f"{letter}{number}")
    return f"{letter}{number}"


_COMMANDS: Mapping[str, Callable[[Editing, str], None]] = {
    "open": _open,
    "fold": lambda editing, _key: _open(editing, ""),
    "add": _add_section,
    "up": _move_section(-1),
    "down": _move_section(1),
    "remove": _remove,
    "column_add": _add_column,
    "column_up": _move_column(-1),
    "column_down": _move_column(1),
    "column_remove": _remove_column,
    "drafter_up": _move_drafter(-1),
    "drafter_down": _move_drafter(1),
    "drafter_remove": _remove_drafter,
}
