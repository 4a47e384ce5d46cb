"""The values that a person may give a fact: the same shapes as the extractors' (docs/cli.md), checked part by part."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shengce.language.values import ABOUTS, REASONS
from shengce.people.typed_text import typed_text

MOST_YUAN = Decimal("1e12")
CONTACTS = ("phone", "wechat", "email", "address")
OWNERS = ("own", "competitor")

Reader = Callable[[Any], Any]


def clean_value(kind: str, value: Any) -> dict[str, Any]:
    """The value in the shape of its kind, absent parts ``None``. Raises ``ValidationError`` in words by part.

    Unknown parts are refused: they would be lost without a word.
    """
    readers, required = _SHAPES[kind]
    if not isinstance(value, dict):
        raise ValidationError(_("The value must have named parts."), code="shape")
    if unknown := sorted(str(part) for part in value.keys() - readers.keys()):
        raise ValidationError(
            _("This kind of fact has no “%(part)s”."), params={"part": unknown[0]}, code="part"
        )
    cleaned, problems = {}, {}
    for part, read in readers.items():
        try:
            given = value.get(part)
            cleaned[part] = None if given in (None, "") else read(given)
        except ValidationError as error:
            problems[part] = error
    for group in required:
        if not any(part in problems for part in group) and all(cleaned[part] is None for part in group):
            problems[group[0]] = ValidationError(_("This is needed."), code="required")
    least, most = plain_number(cleaned.get("min")), plain_number(cleaned.get("max"))
    if not problems and least is not None and most is not None and least > most:
        problems["min"] = ValidationError(_("The least is more than the most."), code="order")
    if problems:
        raise ValidationError({part: error.messages for part, error in problems.items()})
    return {part: read for part, read in cleaned.items() if part != "unit" or read is not None}


def _text(given: Any) -> str:
    return typed_text(given, most=500)


def _amount(given: Any) -> str:
    """A sum in yuan as plain decimal text: ``"30000"``, ``"0.5"``."""
    try:
        amount = Decimal(str(given).strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(given, bool) or not amount.is_finite() or not 0 <= amount < MOST_YUAN:
        raise ValidationError(_("Write the sum in yuan as a number, for example 30000."), code="amount")
    amount = amount.quantize(Decimal("0.01"))
    return format(amount.to_integral_value() if amount == amount.to_integral_value() else amount, "f")


def _moment(given: Any) -> str:
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2100:
        raise ValidationError(_("Write date and time, for example 2026-03-18T14:00:00+08:00."), code="moment")
    return moment.isoformat()


def _period(given: Any) -> dict[str, str | None]:
    """``{start, end}``, half-open, one of both may be open."""
    if not isinstance(given, dict) or given.keys() - {"start", "end"}:
        raise ValidationError(_("A time has a start and an end."), code="period")
    period = {part: _moment(given[part]) if given.get(part) else None for part in ("start", "end")}
    if not any(period.values()):
        raise ValidationError(_("A time has a start and an end."), code="period")
    if (
        period["start"]
        and period["end"]
        and datetime.fromisoformat(period["start"]) >= datetime.fromisoformat(period["end"])
    ):
        raise ValidationError(_("The time ends before it begins."), code="order")
    return period


def _one_of(*choices: str) -> Reader:
    def read(given: Any) -> str:
        if given not in choices:
            raise ValidationError(
                _("Choose one of: %(choices)s."), params={"choices": ", ".join(choices)}, code="choice"
            )
        return str(given)

    return read


_AMOUNTS: dict[str, Reader] = {"min": _amount, "max": _amount, "unit": _one_of("yuan", "discount")}
_SHAPES: dict[str, tuple[dict[str, Reader], tuple[tuple[str, ...], ...]]] = {
    # kind: (reader of each part, groups of parts of which one must be there)
    "need": ({"text": _text}, (("text",),)),
    "budget": (_AMOUNTS, (("min", "max"),)),
    "decision_maker": ({"who": _text}, (("who",),)),
    "objection": ({"reason": _one_of(*REASONS)}, (("reason",),)),
    "competitor": ({"name": _text}, (("name",),)),
    "price": ({**_AMOUNTS, "product": _text, "of": _one_of(*OWNERS)}, (("min", "max"),)),
    "product_interest": ({"product": _text}, (("product",),)),
    "promise": ({"text": _text, "due": _period}, (("text",),)),
    "appointment": ({"start": _moment, "end": _moment, "place": _text}, (("start",),)),
    "payment_promise": ({**_AMOUNTS, "due": _period}, (("min", "max", "due"),)),
    "complaint": ({"about": _one_of(*ABOUTS)}, (("about",),)),
    "contact": ({"kind": _one_of(*CONTACTS), "value": _text}, (("kind",), ("value",))),
    "diversion": ({"product": _text, "place": _text, "price": _amount}, ()),
    "next_step": ({"text": _text, "due": _period}, (("text",),)),
}
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("objection", "reason"): REASONS,
    ("complaint", "about"): ABOUTS,
    ("contact", "kind"): CONTACTS,
    ("price", "of"): OWNERS,
}
"""Parts with a closed list of answers, for forms."""

PARTS: dict[str, tuple[str, ...]] = {
    kind: tuple(part for part in readers if part != "unit") for kind, (readers, _required) in _SHAPES.items()
}
"""The parts of each kind, in order, for forms."""


def plain_number(amount: str | None) -> Decimal | None:
    """The decimal of an amount as stored, ``None`` where absent or unreadable (an extractor's older form)."""
    if not isinstance(amount, str) or not re.fullmatch(r"\d+(\.\d+)?", amount):
        return None
    return Decimal(amount)


def moment_of(text: str | None) -> datetime | None:
    """The aware moment of an ISO 8601 text as stored, ``None`` where absent or unreadable."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
