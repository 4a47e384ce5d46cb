"""The form of a proposal: the fields of its target that a person may change before saying yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shengce.facts.forms import typed_moment
from shengce.facts.wording import moment
from shengce.people.asked import day as asked_day
from shengce.proposals.models import Proposal
from shengce.service.models import Kind, Priority

LABELS: dict[str, Callable[[], str]] = {
    "text": lambda: _("Text"),
    "title": lambda: _("Task"),
    "kind": lambda: _("Kind"),
    "priority": lambda: _("Priority"),
    "product": lambda: _("Product"),
    "due_at": lambda: _("Due"),
    "start_at": lambda: _("Begin"),
    "end_at": lambda: _("End"),
    "place": lambda: _("Place"),
    "seller": lambda: _("From where, or who sells it"),
    "price": lambda: _("Price, yuan"),
    "value": lambda: _("Value"),
    "amount": lambda: _("Amount, yuan"),
    "due_on": lambda: _("Due on"),
}


CHOICES: dict[str, Sequence[tuple[str, Any]]] = {"kind": Kind.choices, "priority": Priority.choices}


@dataclass(frozen=True, slots=True)
class ChangeField:
    """One input of the form; ``type`` is the HTML input type. With ``choices`` it is a list to choose from."""

    name: str
    label: str
    text: str
    type: str
    choices: Sequence[tuple[str, Any]] = ()


def fields_of(proposal: Proposal) -> list[ChangeField]:
    """The fields that a person may change, filled with what is proposed; PostgreSQL keeps no order of keys."""
    named = {"title": _("What it is about")} if proposal.target == Proposal.Target.TICKET else {}
    return [
        _field(name, proposal.new[name], named.get(name) or label())
        for name, label in LABELS.items()
        if name in proposal.new
    ]


def _field(name: str, value: Any, label: str) -> ChangeField:
    kind = "datetime-local" if name.endswith("_at") else "date" if name.endswith("_on") else "text"
    text = "" if value is None else str(value)
    if kind == "datetime-local":
        local = moment(value) if value else None
        text = f"{local:%Y-%m-%dT%H:%M}" if local else ""
    return ChangeField(name, label, text, kind, CHOICES.get(name, ()))


def typed_changes(proposal: Proposal, posted: Mapping[str, str]) -> dict[str, Any] | None:
    """Only the fields that a person really changed; ``None`` where nothing was."""
    changes: dict[str, Any] = {}
    for field in fields_of(proposal):
        typed = posted.get(f"new.{field.name}")
        if typed is not None and typed.strip() != field.text:
            changes[field.name] = _read(field, typed.strip())
    return changes or None


def _read(field: ChangeField, text: str) -> Any:
    if not text:
        return None
    if field.type == "text":
        return text
    if field.type == "datetime-local":
        return typed_moment(text).isoformat()
    typed = asked_day(text)
    if typed is None:
        raise ValidationError(_("“%(text)s” is not a date.") % {"text": text[:40]})
    return typed.isoformat()
