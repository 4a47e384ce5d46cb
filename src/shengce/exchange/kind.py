"""What a kind of import is: its columns, how a row is understood, found again, made, changed, and written out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from shengce.exchange.cells import Cell
from shengce.exchange.lookup import Lookup
from shengce.people.models import User

Values = dict[str, Any]
"""A row as understood: ``{field: value}``; a field that the row leaves empty is absent."""
Entry = Sequence[Values]
"""The rows that make one thing together: one row, or all lines of an order."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column. ``names`` are what files call it, in any language; ``shown`` gives its value for an export."""

    key: str
    label: Any  # text that is translated when it is shown
    names: tuple[str, ...]
    read: Callable[[Cell], Any]
    shown: Callable[[Any], Any]
    required: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A thing that comes in and goes out in tables.

    ``resolve`` puts customers, products … in the place of their names (raises ``ValidationError`` by field). ``identity`` is
    what makes two rows of a file the same thing. ``find`` is the thing that stands there already. ``make`` returns the new
    thing, then whatever else it made; ``around`` are rows that making it may change. ``change`` writes what an entry says into what stands there; for documents
    it refuses what differs. ``exported`` are the rows that a person may take out, each fit for ``Field.shown``.

    ``group`` is the field whose equal values make one entry of several rows. ``one_of`` are fields of which a row needs one.
    ``coming`` are the names by which later rows of a file may mean what this row makes.
    ``page`` names the address of one thing. ``parts`` are models whose rows go with the thing when it is taken back, by
    ``take_back`` where its room has an action for that. ``restore`` puts old columns back through the room's action, where
    more hangs on them than the row.
    """

    key: str
    label: Any
    icon: str
    permission: str
    sees: str
    model: type[Model]
    fields: tuple[Field, ...]
    resolve: Callable[[Values, Lookup], None]
    identity: Callable[[Values], Hashable | None]
    find: Callable[[Entry, Lookup], Model | None]
    make: Callable[[Entry, Lookup], Sequence[Model]]
    change: Callable[[Any, Entry, Lookup], Sequence[Model]]
    exported: Callable[[User], Iterable[Any]]
    group: str = ""
    one_of: tuple[tuple[str, ...], ...] = ()
    coming: Callable[[Values], set[str]] | None = None
    page: str = ""
    parts: tuple[str, ...] = ()
    around: Callable[[Entry], Iterable[Model]] | None = None
    take_back: Callable[[Any, User], None] | None = None
    restore: Callable[[Any, dict[str, Any], User], None] | None = None

    def field(self, key: str) -> Field:
        """The field of this key. Raises ``KeyError``."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)

    def has(self, key: str) -> bool:
        return any(field.key == key for field in self.fields)


def by_field(problems: Mapping[str, Any]) -> None:
    """Raise all of them together, each beside its field; nothing where there are none."""
    if problems:
        raise ValidationError(dict(problems))


def resolve_with(values: Values, key: str, find: Callable[[str], Any]) -> None:
    """Put what ``find`` finds in the place of the text under ``key``; its fault belongs to that field."""
    if isinstance(text := values.get(key), str):
        try:
            values[key] = find(text)
        except ValidationError as problem:
            raise ValidationError({key: problem}) from problem


def resolve_coming(values: Values, key: str, find: Callable[[str], Any], lookup: Lookup) -> None:
    """As :func:`resolve_with`, but a name that an earlier row of the file makes stays text: nothing of it is written yet."""
    try:
        resolve_with(values, key, find)
    except ValidationError:
        if values[key] not in lookup.coming:
            raise


def resolve_customer(values: Values, lookup: Lookup) -> None:
    """``customer`` becomes the customer that ``customer_code`` or the name means."""
    code, name = values.get("customer_code", ""), values.get("customer", "")
    if not isinstance(name, str) or not (code or name):
        return
    try:
        values["customer"] = lookup.customer(code=code, name=name)
    except ValidationError as problem:
        raise ValidationError({"customer_code" if code else "customer": problem}) from problem


def resolve_all(values: Values, *steps: Callable[[], None]) -> None:
    """Every step, with the faults of all of them."""
    problems: dict[str, Any] = {}
    for step in steps:
        try:
            step()
        except ValidationError as problem:
            problems |= problem.error_dict
    by_field(problems)


def refuse_difference(what: str) -> ValidationError:
    """A document with this number stands there and says something else."""
    return ValidationError(
        _("%(what)s is here already and differs from this row. Documents are not changed by an import.")
        % {"what": what},
        code="differs",
    )
