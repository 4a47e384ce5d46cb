"""The form that corrects a fact's value: one field for each part of the value's shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.facts.models import Fact
from shengce.facts.values import PARTS
from shengce.facts.wording import COMPLAINT_SUBJECTS, CONTACT_KINDS, OBJECTION_REASONS, moment

CHOICES: dict[tuple[str, str], dict[str, Callable[[], str]]] = {
    ("objection", "reason"): OBJECTION_REASONS,
    ("complaint", "about"): COMPLAINT_SUBJECTS,
    ("contact", "kind"): CONTACT_KINDS,
    ("price", "of"): {"own": lambda: _("Our price"), "competitor": lambda: _("Competitor's price")},
}

LABELS: dict[str, Callable[[], str]] = {
    "text": lambda: _("What"),
    "min": lambda: _("From, yuan"),
    "max": lambda: _("To, yuan"),
    "who": lambda: _("Who"),
    "reason": lambda: _("Reason"),
    "name": lambda: _("Name"),
    "product": lambda: _("Product"),
    "of": lambda: _("Whose price"),
    "start": lambda: _("Begin"),
    "end": lambda: _("End"),
    "due.start": lambda: _("Due from"),
    "due.end": lambda: _("Due until"),
    "place": lambda: _("Place"),
    "about": lambda: _("About"),
    "kind": lambda: _("Kind"),
    "value": lambda: _("Value"),
    "price": lambda: _("Price, yuan"),
}


@dataclass(frozen=True, slots=True)
class ValueField:
    """One input: ``name`` is the path inside the value, with a dot for a nested part."""

    name: str
    label: str
    text: str
    is_moment: bool = False
    choices: tuple[tuple[str, str], ...] = ()


def fields_of(fact: Fact) -> list[ValueField]:
    """The inputs of a fact's form, filled with what stands there now."""
    fields = []
    for name, part in _flat(fact.kind, fact.value).items():
        if name == "unit":
            continue  # yuan or a discount: the extractor's reading, no matter of taste
        text = _shown(name, part)
        choices = tuple((k, word()) for k, word in CHOICES.get((fact.kind, name), {}).items())
        label = LABELS[name]() if name in LABELS else name
        fields.append(ValueField(name, label, text, _is_moment(name), choices))
    return fields


def typed_value(fact: Fact, posted: Mapping[str, str]) -> dict[str, Any]:
    """The value that a person typed (``value.<name>`` fields); an emptied field means "not stated".

    Raises ``ValidationError`` for a moment that cannot be read. The rules of the kind are checked by the action.
    """
    value: dict[str, Any] = {}
    for name, part in _flat(fact.kind, fact.value).items():
        text = posted.get(f"value.{name}")
        # What the form shows has no seconds and one time zone: a part that nobody touched stays as it is.
        typed = part if text is None or text.strip() == _shown(name, part) else _read(name, text.strip())
        outer, _dot, inner = name.partition(".")
        if inner:
            nested = value.setdefault(outer, {})
            nested[inner] = typed
        else:
            value[name] = typed
    return {k: None if isinstance(v, dict) and not any(v.values()) else v for k, v in value.items()}


def _flat(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """The parts of the kind in their order, by path; an extractor may have left absent ones out."""
    flat: dict[str, Any] = {}
    for name in dict.fromkeys([*PARTS[kind], *value]):
        part = value.get(name)
        if name == "due":
            due = part if isinstance(part, dict) else {}
            flat["due.start"], flat["due.end"] = due.get("start"), due.get("end")
        else:
            flat[name] = part
    return flat


def _is_moment(name: str) -> bool:
    return name.rpartition(".")[2] in ("start", "end")


def _shown(name: str, part: Any) -> str:
    """A part as its input shows it."""
    if not _is_moment(name):
        return "" if part is None else str(part)
    local = moment(part) if part else None
    return f"{local:%Y-%m-%dT%H:%M}" if local else ""


def _read(name: str, text: str) -> Any:
    if not text:
        return None
    return typed_moment(text).isoformat() if _is_moment(name) else text


def typed_moment(text: str) -> dt.datetime:
    """What a date-and-time input sent, as an aware moment. Raises ``ValidationError`` in words."""
    try:
        typed = dt.datetime.fromisoformat(text)
    except ValueError:
        typed = None
    if typed is None or not 2000 <= typed.year <= 2100:
        raise ValidationError(_("“%(text)s” is not a date and time.") % {"text": text[:40]})
    return typed if typed.tzinfo else timezone.make_aware(typed)
