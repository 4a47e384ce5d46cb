"""Which column of a file is which field: remembered, else by name; a person has the last word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from shengce.exchange.kind import Field, Kind
from shengce.exchange.models import ColumnMatching
from shengce.exchange.reading.laying_out import plain_header

LEAST_INSIDE = 2
"""A name of so many characters at least is recognised inside a longer heading."""


def known_names(kind: Kind) -> set[str]:
    """Every name that a heading of this kind may have, as headings are compared."""
    return {plain_header(name) for field in kind.fields for name in _names(field)}


def suggest_matching(kind: Kind, columns: Sequence[str]) -> dict[str, str]:
    """``{field: header}``: as it was last time for these headers, else by the names that fields are known by."""
    stored = ColumnMatching.objects.filter(kind=kind.key, headers=_key(columns)).first()
    if stored is not None:
        return {
            field: header
            for field, header in stored.matching.items()
            if kind.has(field) and header in columns
        }
    return match_by_name(kind, columns)


def match_by_name(kind: Kind, columns: Sequence[str]) -> dict[str, str]:
    """A field's own name first, then its other names, then a name inside a longer heading; each column once."""
    plain = {column: plain_header(column) for column in columns}
    matching: dict[str, str] = {}
    for take in (1, None):  # the first names of all fields come before the other names of any
        for field in kind.fields:
            wanted = [plain_header(name) for name in _names(field)[:take]]
            _take(matching, field.key, [c for name in wanted for c in columns if plain[c] == name])
    for field in kind.fields:
        longest = sorted({plain_header(name) for name in _names(field)}, key=len, reverse=True)
        inside = [c for name in longest if len(name) >= LEAST_INSIDE for c in columns if name in plain[c]]
        _take(matching, field.key, inside)
    return matching


def remember_matching(kind: Kind, columns: Sequence[str], matching: Mapping[str, str]) -> None:
    """The next file with these headers is read the same way."""
    ColumnMatching.objects.update_or_create(
        kind=kind.key,
        headers=_key(columns),
        defaults={"matching": dict(matching), "used_at": timezone.now()},
    )


def check_matching(kind: Kind, columns: Sequence[str], matching: Mapping[str, str]) -> None:
    """``ValidationError`` in words where a column that is needed has no partner, or one column has two."""
    problems = []
    for key, header in matching.items():
        if not kind.has(key):
            problems.append(_("There is no field “%(field)s”.") % {"field": key})
        elif header not in columns:
            problems.append(_("There is no column “%(column)s”.") % {"column": header})
    for header in sorted({h for h in matching.values() if list(matching.values()).count(h) > 1}):
        problems.append(_("The column “%(column)s” is chosen twice.") % {"column": header})
    missing = [field.label for field in kind.fields if field.required and field.key not in matching]
    for keys in kind.one_of:
        if not any(key in matching for key in keys):
            missing.append(_(" or ").join(str(kind.field(key).label) for key in keys))
    if missing:
        problems.append(
            _("Choose a column for: %(fields)s.") % {"fields": _(", ").join(str(label) for label in missing)}
        )
    if problems:
        raise ValidationError([ValidationError(words, code="matching") for words in problems])


def _take(matching: dict[str, str], key: str, candidates: Sequence[str]) -> None:
    if key in matching:
        return
    for column in candidates:
        if column not in matching.values():
            matching[key] = column
            return


def _names(field: Field) -> list[str]:
    """The field's label in both languages, then its other names."""
    labels = []
    for language in ("zh-hans", "en"):
        with override(language):
            labels.append(str(field.label))
    return list(dict.fromkeys([*labels, *field.names]))


def _key(columns: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(columns), ensure_ascii=False).encode()).hexdigest()
