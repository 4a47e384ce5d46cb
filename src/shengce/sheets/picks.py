"""Cells in which one picks a customer, a product, a person or a unit: what one may pick, and how what was typed is read.

A cell keeps the name as it was when it was written, and the id beside it. What somebody may not see he can neither pick
nor learn of: a name outside his scope is answered like one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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

MOST_OFFERED = 50
_NUMBERED = re.compile(r"^(?P<name>.*) #(?P<pk>\d{1,18})$")


@dataclass(frozen=True, slots=True)
class Pick:
    """One kind. ``name`` and ``also`` are lookups: what it is called, and by what else one finds it (``""``: nothing)."""

    rows: Callable[[User], QuerySet[Any]]
    name: str
    also: str
    hint: str
    first: tuple[Any, ...]
    address: Callable[[int], str]
    may_open: str


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
        lambda pk: reverse("web:customer", args=[pk]), "customers.see",
    ),
    "product": Pick(
        _products, "name", "code", "code", ("name", "pk"),
        lambda pk: reverse("catalogue:product", args=[pk]), "catalogue.see",
    ),
    "person": Pick(
        _people, "display_name", "username", "unit__name", ("display_name", "pk"),
        lambda pk: reverse("people:person", args=[pk]), "people.see",
    ),
    "unit": Pick(_units, "name", "", "", ("path",), lambda pk: "", "people.see"),
}  # fmt: skip


def offered(kind: str, user: User, text: str = "") -> list[tuple[str, str]]:
    """Names (and what tells them apart) that complete what is being typed; those of lately where nothing is."""
    pick = PICKS[kind]
    rows = pick.rows(user)
    if text:
        found = Q(**{f"{pick.name}__icontains": text})
        if pick.also:
            found |= Q(**{f"{pick.also}__istartswith": text})
        rows = rows.filter(found)
    ordered = list(
        rows.order_by(*pick.first).values_list("pk", pick.name, *([pick.hint] if pick.hint else []))[
            :MOST_OFFERED
        ]
    )
    names = [row[1] for row in ordered]
    return [
        (f"{row[1]} #{row[0]}" if names.count(row[1]) > 1 else row[1], str(row[2] or "") if pick.hint else "")
        for row in ordered
    ]


@dataclass(slots=True)
class Cells:
    """A row as it is stored: its words, and the ids of what was picked, both by column."""

    values: dict[str, str] = field(default_factory=dict)
    ties: dict[str, int | str] = field(default_factory=dict)


def read_cells(part: Section, sent: Mapping[str, object], *, by: User, standing: Line | None = None) -> Cells:
    """The cells that were sent, each checked by its column. ``standing`` is the row as it is: a name that stays stays as it is.

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
            name, pk = picked(column, cells.values[column.key], by)
            cells.values[column.key], cells.ties[column.key] = name, pk
    return cells


def picked(column: Column, text: str, by: User) -> tuple[str, int]:
    """The name and the id of what was meant: by its whole name, its number, or ``name #id``. Raises ``ValidationError``."""
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
    words = {"column": column.title.get("zh", column.key), "text": text[:60]}
    if not found:
        raise ValidationError(
            _("%(column)s: “%(text)s” is not in the list. Choose a name from it, or leave the cell empty.")
            % words,
            code="unknown",
        )
    if len(found) > 1:
        numbers = "、".join(f"{getattr(row, pick.name)} #{row.pk}" for row in found)
        raise ValidationError(
            _("%(column)s: several have the name “%(text)s”. Write one of: %(numbers)s …")
            % {**words, "numbers": numbers},
            code="ambiguous",
        )
    return str(getattr(found[0], pick.name)), int(found[0].pk)


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
