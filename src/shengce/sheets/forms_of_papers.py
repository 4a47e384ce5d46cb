"""What a paper consists of, as data: sections, tables with columns, who drafts them, when it is due.

A template comes from ``data/papers.yaml``, from the editor's form, or from a row; it is checked here in one place, so that
whatever is stored can be shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from shengce.people.models import Role
from shengce.sheets.models import DAILY, PaperTemplate
from shengce.sheets.wording import in_language

DATA = Path(__file__).with_name("data") / "papers.yaml"
KINDS = ("lines", "table")
PICKED = ("customer", "product", "person", "unit")
"""Kinds of columns in which one picks out of what one may see: :mod:`sheets.picks`."""
COLUMN_TYPES = ("text", "money", "number", "date", "choice", *PICKED)
MOST_SECTIONS, MOST_COLUMNS, MOST_WORKING_DAYS, MOST_CHOICES = 20, 10, 30, 30
MOST_CELL = 500
WRITERS = (Role.REP, Role.MANAGER, Role.MARKETING)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_NUMBER = Decimal("1e15")

Title = dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """``choices`` are the values of a ``choice``; a cell holds the Chinese one."""

    key: str
    title: Title
    type: str = "text"
    choices: tuple[Title, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether its cells are figures, and stand on the right."""
        return self.type in ("money", "number")

    @property
    def is_picked(self) -> bool:
        return self.type in PICKED


@dataclass(frozen=True, slots=True)
class Section:
    """``kind``: ``lines`` of text, or a ``table`` of ``columns``. ``drafters`` write into it, in order.

    ``roles`` are those of the writers whose paper has it; empty: everybody's.
    """

    key: str
    title: Title
    kind: str = "lines"
    columns: tuple[Column, ...] = ()
    drafters: tuple[str, ...] = ()
    required: bool = False
    hint: Title | None = None
    roles: tuple[str, ...] = ()

    @property
    def is_table(self) -> bool:
        return self.kind == "table"

    def ties_of(self, ties: Mapping[str, int | str]) -> dict[str, int | str]:
        """Those ties that the columns here can hold: an id where one picks, an address anywhere."""
        picked = {column.key: column.is_picked for column in self.columns}
        return {
            key: tie for key, tie in ties.items() if key in picked and (isinstance(tie, str) or picked[key])
        }


@dataclass(frozen=True, slots=True)
class DueRule:
    """The hour of the ``working_days``-th working day after the first (``start``) or last (``end``) day; 0: that day itself."""

    anchor: str
    working_days: int
    hour: int


def shipped() -> list[dict[str, Any]]:
    """The templates that the program brings, as data."""
    data: list[dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return data


def sections_of(template: PaperTemplate) -> tuple[Section, ...]:
    """The sections of a stored template. They are the same for ever, so they are worked out once."""
    # JSON and not YAML: every page of a paper asks, and writing YAML takes a hundred times as long.
    return _sections(template.pk, json.dumps(template.form.get("sections", [])))


@lru_cache(maxsize=512)
def _sections(_key: int, frozen: str) -> tuple[Section, ...]:
    return read_sections(json.loads(frozen))


def sections_for(template: PaperTemplate, role: str) -> tuple[Section, ...]:
    """The sections that the paper of somebody with this role has."""
    return tuple(each for each in sections_of(template) if not each.roles or role in each.roles)


def section_of(template: PaperTemplate, key: str) -> Section | None:
    return next((section for section in sections_of(template) if section.key == key), None)


def daily_sections() -> tuple[str, ...]:
    """The keys of the sections of the daily report in force: where a talk's line may stand."""
    return tuple(section.key for section in sections_of(current(DAILY)))


def current(code: str) -> PaperTemplate:
    """The version in force of a kind of paper. Raises ``PaperTemplate.DoesNotExist``."""
    found = PaperTemplate.objects.filter(code=code).order_by("-number").first()
    if found is None and write_shipped():
        found = PaperTemplate.objects.filter(code=code).order_by("-number").first()
    if found is None:
        raise PaperTemplate.DoesNotExist(code)
    return found


def in_force() -> list[PaperTemplate]:
    """The newest version of every kind, in order. One query."""
    rows = list(PaperTemplate.objects.all())
    if not rows and write_shipped():
        rows = list(PaperTemplate.objects.all())
    newest: dict[str, PaperTemplate] = {}
    for row in rows:
        if row.code not in newest or row.number > newest[row.code].number:
            newest[row.code] = row
    return sorted(newest.values(), key=lambda row: (row.position, row.code))


def write_shipped() -> int:
    """The kinds that the program brings, where there are none at all: a database that was emptied has lost them."""
    if PaperTemplate.objects.exists():
        return 0
    rows = [
        PaperTemplate(
            code=entry["code"],
            title=entry["title"],
            period=entry["period"],
            form={"sections": entry["sections"]},
            due=entry["due"],
            writers=entry["writers"],
            regular=entry.get("regular", True),
            position=place,
        )
        for place, entry in enumerate(shipped())
    ]
    return len(PaperTemplate.objects.bulk_create(rows, ignore_conflicts=True))


def due_rule_of(template: PaperTemplate) -> DueRule:
    return read_due(template.due)


def read_sections(data: Any) -> tuple[Section, ...]:
    """Sections from plain data. Raises ``ValidationError`` in words."""
    if not isinstance(data, list) or not 1 <= len(data) <= MOST_SECTIONS:
        raise _wrong(_("A paper has between 1 and %(most)d sections.") % {"most": MOST_SECTIONS})
    sections = tuple(_section(each) for each in data)
    _once((section.key for section in sections), _("Two sections have the same key."))
    return sections


def _section(data: Any) -> Section:
    if not isinstance(data, Mapping):
        raise _wrong(_("A section is not readable."))
    kind = data.get("kind", "lines")
    if kind not in KINDS:
        raise _wrong(_("A section is a list of lines or a table."))
    columns = tuple(_column(each) for each in data.get("columns") or ())
    if (kind == "table") != bool(columns) or len(columns) > MOST_COLUMNS:
        raise _wrong(_("A table has between 1 and %(most)d columns.") % {"most": MOST_COLUMNS})
    _once((column.key for column in columns), _("Two columns have the same key."))
    hint = data.get("hint")
    return Section(
        key=_key_of(data),
        title=_title(data.get("title")),
        kind=kind,
        columns=columns,
        drafters=_drafters(data.get("drafters")),
        required=bool(data.get("required")),
        hint=_title(hint) if hint else None,
        roles=_roles(data.get("roles")),
    )


def _column(data: Any) -> Column:
    kind = data.get("type", "text") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or kind not in COLUMN_TYPES:
        raise _wrong(_("A column is not readable."))
    title, given = _title(data.get("title")), data.get("choices") or ()
    if not isinstance(given, list | tuple) or (kind == "choice") != bool(given) or len(given) > MOST_CHOICES:
        words = _(
            "%(column)s: write between 1 and %(most)d values to choose from, and only in a column of choices."
        )
        raise _wrong(words % {"column": in_language(title), "most": MOST_CHOICES})
    choices = tuple(_title(each) for each in given)
    _once((each["zh"] for each in choices), _("A value to choose stands there twice."))
    return Column(_key_of(data), title, kind, choices)


def _roles(data: Any) -> tuple[str, ...]:
    roles = tuple(data or ())
    if any(role not in WRITERS for role in roles):
        raise _wrong(_("Say who writes this paper."))
    return roles


def _drafters(data: Any) -> tuple[str, ...]:
    from shengce.sheets.drafting import DRAFTERS  # it reads sections itself

    names = tuple(data or ())
    if unknown := [name for name in names if name not in DRAFTERS]:
        raise _wrong(_("Nothing drafts “%(name)s”.") % {"name": unknown[0]})
    return names


def read_due(data: Any) -> DueRule:
    """When it is due. Raises ``ValidationError``."""
    anchor, days, hour = data.get("from", "end"), data.get("working_days", 1), data.get("hour", 18)
    if anchor not in ("start", "end") or not isinstance(days, int) or not isinstance(hour, int):
        raise _wrong(_("The time when it is due is not readable."))
    if not 0 <= days <= MOST_WORKING_DAYS or not 0 <= hour <= 23:
        raise _wrong(_("The time when it is due is not readable."))
    return DueRule(anchor, days, hour)


def read_writers(data: Iterable[Any]) -> list[str]:
    """The roles that write it, in one order. Raises ``ValidationError``."""
    given = list(data)
    writers: list[str] = [role for role in WRITERS if role in given]
    if not writers:
        raise _wrong(_("Say who writes this paper."))
    return writers


def clean_cell(column: Column, value: object) -> str:
    """A cell as it is stored: text, a plain decimal, an ISO date, or a choice in Chinese; empty where nothing was written.

    What is picked is looked up by :func:`sheets.picks.read_cells`. Raises ``ValidationError`` that names the column.
    """
    from shengce.people.typed_text import typed_text

    text = typed_text(value, most=MOST_CELL, required=False)
    if not text or column.type == "text" or column.is_picked:
        return text
    name = in_language(column.title) or column.key
    if column.type == "choice":
        return _chosen(column, text)
    if column.type == "date":
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise _wrong(
                _("%(column)s: write the day like %(day)s.") % {"column": name, "day": timezone.localdate()}
            )
        return day.isoformat()
    try:
        number = Decimal(text.replace(",", "").replace("，", "").lstrip("¥￥"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= _MOST_NUMBER:
        raise _wrong(_("%(column)s: write a number.") % {"column": name})
    return f"{number.normalize():f}"


def _chosen(column: Column, text: str) -> str:
    for choice in column.choices:
        if text in choice.values():
            return choice["zh"]
    given = "、".join(in_language(choice) for choice in column.choices)
    words = {"column": in_language(column.title) or column.key, "choices": given}
    raise _wrong(_("%(column)s: choose one of %(choices)s.") % words)


def _key_of(data: Mapping[str, Any]) -> str:
    key = data.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _wrong(_("A key is small letters, figures and underscores."))
    return key


def _title(data: Any) -> Title:
    from shengce.people.typed_text import typed_text

    if not isinstance(data, Mapping):
        raise _wrong(_("A title is missing."))
    zh = typed_text(data.get("zh"), most=60)
    return {"zh": zh, "en": typed_text(data.get("en"), most=60, required=False) or zh}


def _once(keys: Iterable[str], words: str) -> None:
    seen = list(keys)
    if len(seen) != len(set(seen)):
        raise _wrong(words)


def _wrong(words: str) -> ValidationError:
    return ValidationError(words, code="template")
