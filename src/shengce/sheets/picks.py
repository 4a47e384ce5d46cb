"""Cells in which one picks a customer, a product, a person or a unit: what one may pick, and how what was typed is read.

A cell keeps the name as it was when it was written, and the id beside it. What somebody may not see he can neither pick
nor learn of: a name outside his scope is answered like one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.people.models import Unit, User
from shengce.people.permissions import may
from shengce.people.queries import visible_units, visible_users
from shengce.sheets.forms_of_papers import Column, Section, clean_cell
from shengce.sheets.models import Line
from shengce.sheets.wording import in_language

MOST_OFFERED = 50
UNKNOWN = "unknown"
_NUMBERED = re.compile(r"^(?P<name>.*) #(?P<pk>\d{1,18})$")


@dataclass(frozen=True, slots=True)
class Pick:
    """One kind. ``name`` and ``also`` are lookups: what it is called, and by what else one finds it (``""``: nothing).

    ``aliased``: the rows have ``aliases``, the other names that people say. ``free``: a name that is in no list may be
    kept as it was typed.
    """

    rows: Callable[[User], QuerySet[Any]]
    name: str
    also: str
    hint: str
    first: tuple[Any, ...]
    address: Callable[[int], str]
    may_open: str
    aliased: bool = False
    free: bool = False


def _customers(user: User) -> QuerySet[Customer]:
    return Customer.objects.visible_to(user) if may(user, "customers.see") else Customer.objects.none()


def _products(user: User) -> QuerySet[Product]:
    rows = Product.objects.filter(active=True)
    return rows if may(user, "catalogue.see") else rows.none()


def _people(user: User) -> QuerySet[User]:
    return visible_users(user).filter(is_active=True)


def _units(user: User) -> QuerySet[Unit]:
    """A rep's own unit too: he knows where he works."""
    return visible_units(user) | Unit.objects.filter(pk=user.unit_id or 0)


PICKS: Mapping[str, Pick] = {
    "customer": Pick(
        _customers, "name", "code", "city", (F("last_talk_at").desc(nulls_last=True), "name", "pk"),
        lambda pk: reverse("web:customer", args=[pk]), "customers.see", free=True,
    ),
    "product": Pick(
        _products, "name", "code", "code", ("name", "pk"),
        lambda pk: reverse("catalogue:product", args=[pk]), "catalogue.see", aliased=True,
    ),
    "person": Pick(
        _people, "display_name", "username", "unit__name", ("display_name", "pk"),
        lambda pk: reverse("people:person", args=[pk]), "people.see",
    ),
    "unit": Pick(_units, "name", "", "", ("path",), lambda pk: "", "people.see"),
}  # fmt: skip


def offered(kind: str, user: User, text: str = "") -> list[tuple[str, str]]:
    """Names (and what tells them apart) that complete what is being typed; those of lately where nothing is.

    A browser offers only what holds the typed text: a name that was found by something else has that beside it.
    """
    pick = PICKS[kind]
    rows = pick.rows(user)
    called: dict[int, str] = {}
    if text:
        found = Q(**{f"{pick.name}__icontains": text})
        if pick.also:
            found |= Q(**{f"{pick.also}__istartswith": text})
        if pick.aliased:
            called = _aliases_with(rows, text)
            found |= Q(pk__in=called)
        rows = rows.filter(found)
    columns = [pick.name, pick.hint or pick.name, pick.also or pick.name]
    ordered = list(rows.order_by(*pick.first).values_list("pk", *columns)[:MOST_OFFERED])
    names = [row[1] for row in ordered]
    offers = []
    for pk, name, hint, also in ordered:
        beside = [str(hint or "")] if pick.hint else []
        if text and text.casefold() not in name.casefold():
            beside = [called.get(pk) or str(also or ""), *beside]
        shown = " · ".join(dict.fromkeys(word for word in beside if word))
        offers.append((f"{name} #{pk}" if names.count(name) > 1 else name, shown))
    return offers


def _aliases_with(rows: QuerySet[Any], text: str) -> dict[int, str]:
    """By id, of so many rows as are offered: the first other name with ``text`` in it.

    Names are compared here and not in the database, which keeps them in a list, each engine in its own way.
    """
    asked, found = text.casefold(), {}
    for pk, aliases in rows.exclude(aliases=[]).order_by("pk").values_list("pk", "aliases"):
        name = next((a for a in aliases if isinstance(a, str) and asked in a.casefold()), None)
        if name is not None:
            found[pk] = name
        if len(found) == MOST_OFFERED:
            break
    return found


def _called(rows: QuerySet[Any], text: str) -> list[int]:
    """The ids of those that have ``text`` as another name."""
    asked = text.casefold()
    known = rows.exclude(aliases=[]).order_by("pk").values_list("pk", "aliases")
    return [pk for pk, aliases in known if asked in [a.casefold() for a in aliases if isinstance(a, str)]]


@dataclass(slots=True)
class Cells:
    """A row as it is stored: its words, and the ids of what was picked, both by column."""

    values: dict[str, str] = field(default_factory=dict)
    ties: dict[str, int | str] = field(default_factory=dict)


def read_cells(
    part: Section,
    sent: Mapping[str, object],
    *,
    by: User,
    standing: Line | None = None,
    as_typed: Collection[str] = (),
) -> Cells:
    """The cells that were sent, each checked by its column. ``standing`` is the row as it is: a name that stays stays as it is.

    ``as_typed`` are the columns in which an unknown name is kept as it was typed, where that may be.
    Raises ``ValidationError`` that names the column.
    """
    cells = Cells()
    for column in part.columns:
        before = str(standing.values.get(column.key) or "") if standing is not None else ""
        if before and sent.get(column.key) == before:
            cells.values[column.key] = before
            continue
        cells.values[column.key] = clean_cell(column, sent.get(column.key, ""))
        if column.is_picked and cells.values[column.key]:
            try:
                name, pk = picked(column, cells.values[column.key], by)
            except ValidationError as problem:
                if problem.code != UNKNOWN or not _may_be_free(column, by, as_typed):
                    raise
                continue
            cells.values[column.key], cells.ties[column.key] = name, pk
    return cells


def _may_be_free(column: Column, by: User, as_typed: Collection[str]) -> bool:
    """Whether a name that is in no list may stand here: where one said so, or has no list to choose from."""
    pick = PICKS[column.type]
    return pick.free and (column.key in as_typed or not pick.rows(by).exists())


def picked(column: Column, text: str, by: User) -> tuple[str, int]:
    """The name and the id of what was meant: by its whole name, its number, ``name #id`` or another name that people say.

    Raises ``ValidationError``.
    """
    pick = PICKS[column.type]
    rows = pick.rows(by)
    numbered = _NUMBERED.match(text)
    if numbered:
        found = list(rows.filter(**{"pk": int(numbered["pk"]), pick.name: numbered["name"]})[:1])
    else:
        named = Q(**{pick.name: text})
        if pick.also:
            named |= Q(**{pick.also: text})
        found = list(rows.filter(named).order_by("pk")[:2])
        if not found and pick.aliased:
            found = list(rows.filter(pk__in=_called(rows, text)[:2]).order_by("pk"))
    words = {"column": in_language(column.title) or column.key, "text": text[:60]}
    if not found:
        raise ValidationError(
            _("%(column)s: “%(text)s” is not in the list. Choose a name from it, or leave the cell empty."),
            code=UNKNOWN,
            params={**words, "key": column.key, "free": pick.free},
        )
    if len(found) > 1:
        numbers = "、".join(f"{getattr(row, pick.name)} #{row.pk}" for row in found)
        raise ValidationError(
            _("%(column)s: several have the name “%(text)s”. Write one of: %(numbers)s …")
            % {**words, "numbers": numbers},
            code="ambiguous",
        )
    return str(getattr(found[0], pick.name)), int(found[0].pk)


def is_free(column: Column, line: Line) -> bool:
    """Whether a person typed a name here that is tied to no record."""
    return PICKS[column.type].free and column.key in line.typed and column.key not in line.ties


def addresses(sections: Iterable[tuple[Section, Iterable[Line]]], reader: User) -> dict[tuple[int, str], str]:
    """By line and column: where a cell leads this reader. One query for each kind that is picked in these sections."""
    wanted: dict[str, dict[int, list[tuple[int, str]]]] = {}
    found: dict[tuple[int, str], str] = {}
    for section, lines in sections:
        kinds = {column.key: column.type for column in section.columns}
        for line in lines:
            for key, tie in line.ties.items():
                if isinstance(tie, str):
                    found[line.pk, key] = tie
                elif kinds.get(key) in PICKS:
                    wanted.setdefault(kinds[key], {}).setdefault(tie, []).append((line.pk, key))
    for kind, places in wanted.items():
        pick = PICKS[kind]
        if not may(reader, pick.may_open):
            continue
        for pk in pick.rows(reader).filter(pk__in=list(places)).values_list("pk", flat=True):
            if address := pick.address(pk):
                found.update(dict.fromkeys(places[pk], address))
    return found
