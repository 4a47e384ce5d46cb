"""The three cards of a customer: templates as data, and what stands on a card today with source, age and history.

A template is a row of :class:`CardTemplate`, the newest of a card in force; where a firm has made none, ``data/cards.yaml``
holds. Keys of fields are unique over all cards, so that a value knows its field by the key alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import CardField, CardTemplate, Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text

DATA = Path(__file__).with_name("data") / "cards.yaml"
KINDS = ("text", "long", "number", "money", "date", "choice")
MOST_SECTIONS, MOST_FIELDS, MOST_CHOICES = 30, 60, 40
MOST_CHARACTERS = 2000
SHOWN_EARLIER = 12
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_MONEY = Decimal("1e12")

Label = dict[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a template. ``choices`` are labels; the value of a choice is its Chinese text."""

    key: str
    label: Label
    kind: str = "text"
    choices: tuple[Label, ...] = ()
    from_fact: str | None = None
    from_figure: str | None = None
    hidden: bool = False

    def shown(self, value: str) -> Label | str:
        """A stored value as people read it: a choice as a label in both languages, all else as it is."""
        return next((choice for choice in self.choices if choice["zh"] == value), value)


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    label: Label
    fields: tuple[Field, ...]

    @property
    def shown(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.hidden)


@dataclass(frozen=True, slots=True)
class Template:
    """A card's fields; ``row`` is empty for the one that the program brings."""

    card: str
    sections: tuple[Section, ...]
    row: CardTemplate | None = None

    @property
    def fields(self) -> dict[str, Field]:
        return {field.key: field for section in self.sections for field in section.fields}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """What stands in one field: the value in force and those before it. ``age`` is ``""``, ``"grey"`` or ``"warn"``."""

    field: Field
    current: CardField | None
    earlier: tuple[CardField, ...] = ()
    days: int = 0
    age: str = ""

    @property
    def shown_value(self) -> Any:
        """The value as people read it: a choice in the language of the page (a label), all else as it is."""
        if self.current is None:
            return ""
        return self.field.shown(self.current.value)

    @property
    def before(self) -> tuple[tuple[CardField, Any], ...]:
        """Earlier values, each with its words."""
        return tuple((row, self.field.shown(row.value)) for row in self.earlier)


@dataclass(frozen=True, slots=True)
class SectionRow:
    section: Section
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that was set, and what stood there before."""

    field: Field | None
    row: CardField
    old: str = ""

    @property
    def words(self) -> tuple[Any, Any]:
        """What stood there before, and what was set, as people read it (labels or texts)."""
        if self.field is None:
            return self.old, self.row.value
        return self.field.shown(self.old), self.field.shown(self.row.value)


# --- templates


@cache
def _shipped() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return data


def templates() -> dict[str, Template]:
    """The template in force of every card, in one query."""
    newest = CardTemplate.objects.values("card").annotate(newest=Max("pk")).values("newest")
    rows = {row.card: row for row in CardTemplate.objects.filter(pk__in=newest).select_related("made_by")}
    return {
        card: Template(card, _in_force(card, rows.get(card)), rows.get(card))
        for card in CardTemplate.Card.values
    }


def _in_force(card: str, row: CardTemplate | None) -> tuple[Section, ...]:
    """The firm's sections, with the figures at their head that the program learned since the firm made them."""
    shipped = _sections(_shipped()[card])
    if row is None:
        return shipped
    own = _sections(row.sections)
    known = {entry.key for section in own for entry in section.fields}
    new = [
        replace(section, fields=tuple(e for e in section.fields if e.from_figure and e.key not in known))
        for section in shipped
    ]
    return (*(section for section in new if section.fields), *own)


def template_of(card: str) -> Template:
    return templates()[card]


def known_fields() -> dict[str, tuple[str, Field]]:
    """Every field of every card, hidden ones too, with its card."""
    return {
        key: (card, found) for card, template in templates().items() for key, found in template.fields.items()
    }


def _sections(data: Iterable[dict[str, Any]]) -> tuple[Section, ...]:
    return tuple(
        Section(
            key=section["key"],
            label=section["label"],
            fields=tuple(
                Field(
                    key=entry["key"],
                    label=entry["label"],
                    kind=entry.get("kind", "text"),
                    choices=tuple(entry.get("choices") or ()),
                    from_fact=entry.get("from_fact"),
                    from_figure=entry.get("from_figure"),
                    hidden=bool(entry.get("hidden")),
                )
                for entry in section["fields"]
            ),
        )
        for section in data
    )


def as_data(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Sections as the JSON of :class:`CardTemplate`."""
    return [
        {
            "key": section.key,
            "label": section.label,
            "fields": [asdict(entry) | {"choices": list(entry.choices)} for entry in section.fields],
        }
        for section in sections
    ]


def save_card_template(*, by: User, card: str, sections: Iterable[dict[str, Any]]) -> CardTemplate | None:
    """A new version of a card's template; ``None`` where nothing changed. Fields never go, they are hidden.

    Raises ``ValidationError`` in words: a label that is missing, two fields of one key, a choice without choices.
    """
    require(by, "customers.rules")
    if card not in CardTemplate.Card.values:
        raise ValidationError(_("There is no such card."), code="card")
    with transaction.atomic():
        # Of two people who save at once the second sees the fields of the first, and loses none of them.
        list(CardTemplate.objects.select_for_update().filter(card=card).values_list("pk"))
        standing = templates()
        cleaned = _clean_sections(_sections(sections), card, standing)
        if cleaned == standing[card].sections:
            return None
        row = CardTemplate.objects.create(card=card, sections=as_data(cleaned), made_by=by)
        record("card_template.saved", row, by=by, card=card)
    return row


def _clean_sections(
    sections: tuple[Section, ...], card: str, standing: dict[str, Template]
) -> tuple[Section, ...]:
    if not sections or len(sections) > MOST_SECTIONS:
        raise ValidationError(
            _("A card has 1 to %(most)d sections.") % {"most": MOST_SECTIONS}, code="sections"
        )
    taken = {key for other, template in standing.items() if other != card for key in template.fields}
    seen: set[str] = set()
    cleaned = []
    for section in sections:
        if len(section.fields) > MOST_FIELDS:
            raise ValidationError(
                _("A section has at most %(most)d fields.") % {"most": MOST_FIELDS}, code="fields"
            )
        fields = tuple(_clean_field(entry) for entry in section.fields)
        for entry in fields:
            if entry.key in seen or entry.key in taken:
                raise ValidationError(
                    _("Two fields have the key “%(key)s”.") % {"key": entry.key}, code="key"
                )
            seen.add(entry.key)
        cleaned.append(Section(_key(section.key), _label(section.label), fields))
    if lost := standing[card].fields.keys() - seen:
        raise ValidationError(
            _("Fields are hidden, not taken away, so that their values stay: %(keys)s")
            % {"keys": ", ".join(sorted(lost))},
            code="lost",
        )
    return tuple(cleaned)


def _clean_field(entry: Field) -> Field:
    if entry.kind not in KINDS:
        raise ValidationError(_("There is no such kind of field."), code="kind")
    choices = tuple(_label(choice) for choice in entry.choices) if entry.kind == "choice" else ()
    if entry.kind == "choice" and not 0 < len(choices) <= MOST_CHOICES:
        raise ValidationError(
            _("“%(label)s” needs 1 to %(most)d choices.")
            % {"label": entry.label.get("zh", ""), "most": MOST_CHOICES},
            code="choices",
        )
    return replace(entry, key=_key(entry.key), label=_label(entry.label), choices=choices)


def _key(text: str) -> str:
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        raise ValidationError(_("A key has small letters, digits and underscores."), code="key")
    return text


def _label(label: Label) -> Label:
    zh, en = (typed_text(label.get(language, ""), most=60, required=False) for language in ("zh", "en"))
    if not zh and not en:
        raise ValidationError(_("Every section, field and choice needs a name."), code="label")
    return {"zh": zh or en, "en": en or zh}


# --- values


def clean_typed(entry: Field, value: str) -> str:
    """A typed value in the form of its kind: text as it is, numbers plain, days ISO, choices as they are stored."""
    text = value.strip()
    if not text or len(text) > MOST_CHARACTERS:
        typed_text(text, most=MOST_CHARACTERS)  # says what is wrong
    if entry.kind in ("number", "money"):
        return _number(text)
    if entry.kind == "date":
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValidationError(_("Write the day as 2026-03-18."), code="date") from None
    if entry.kind == "choice" and text not in [choice["zh"] for choice in entry.choices]:
        raise ValidationError(_("This is none of the choices."), code="choice")
    return text


def _number(text: str) -> str:
    try:
        number = Decimal(re.sub(r"[,，\s]", "", text))
        if not number.is_finite() or abs(number) >= _MOST_MONEY:
            raise InvalidOperation
    except InvalidOperation:
        raise ValidationError(_("Write a number, for example 30000."), code="number") from None
    return format(number, "f")


def read_card(
    customer: Customer, card: str, *, today: dt.date, month: dt.date | None = None
) -> list[SectionRow]:
    """The card section by section, in two queries. ``month`` is any day of the month of a monthly card."""
    template = template_of(card)
    shown = [entry.key for section in template.sections for entry in section.shown]
    values: dict[str, list[CardField]] = {}
    found = customer.card_fields.filter(field__in=shown, month=month_of(card, month or today))
    for row in found.select_related("set_by").order_by("-set_at", "-pk"):
        values.setdefault(row.field, []).append(row)
    return [
        SectionRow(
            section,
            tuple(field_row(entry, values.get(entry.key, []), today=today) for entry in section.shown),
        )
        for section in template.sections
        if section.shown
    ]


def read_field(
    customer: Customer, entry: Field, card: str, *, today: dt.date, month: dt.date | None = None
) -> FieldRow:
    """One field as :func:`read_card` gives it."""
    found = customer.card_fields.filter(field=entry.key, month=month_of(card, month or today))
    rows = list(found.select_related("set_by").order_by("-set_at", "-pk")[: SHOWN_EARLIER + 1])
    return field_row(entry, rows, today=today)


def field_row(entry: Field, rows: list[CardField], *, today: dt.date) -> FieldRow:
    if not rows:
        return FieldRow(entry, None)
    days = max(0, (today - timezone.localdate(rows[0].set_at)).days)
    limits = _shipped()["ages"]
    age = "warn" if days > limits["warn_after_days"] else "grey" if days > limits["grey_after_days"] else ""
    return FieldRow(entry, rows[0], tuple(rows[1 : SHOWN_EARLIER + 1]), days, age)


def month_of(card: str, day: dt.date) -> dt.date | None:
    """The month under which a card's values are kept: only the monthly card has one."""
    return day.replace(day=1) if card == CardTemplate.Card.MONTHLY else None


def changes_in(customer: Customer, start_on: dt.date, end_on: dt.date, *, most: int = 100) -> list[Change]:
    """Values that people or talks set in ``[start_on, end_on)``, newest first, each with what stood there before.

    Computed figures are not among them: they tell their own change against the month before.
    """
    zone = timezone.get_current_timezone()
    start, end = (dt.datetime.combine(day, dt.time(), tzinfo=zone) for day in (start_on, end_on))
    rows = list(
        customer.card_fields.filter(set_at__gte=start, set_at__lt=end)
        .exclude(source=CardField.Source.COMPUTED)
        .select_related("set_by")
        .order_by("-set_at", "-pk")[:most]
    )
    touched = {row.field for row in rows}
    before: dict[tuple[str, dt.date | None], list[CardField]] = {}
    history = customer.card_fields.filter(field__in=touched, set_at__lt=end).order_by("-set_at", "-pk")
    for row in history.only("field", "month", "value", "set_at", "customer"):
        before.setdefault((row.field, row.month), []).append(row)
    fields = known_fields()
    return [
        Change(fields[row.field][1] if row.field in fields else None, row, _value_before(row, before))
        for row in rows
    ]


def _value_before(row: CardField, history: dict[tuple[str, dt.date | None], list[CardField]]) -> str:
    older = iter(history.get((row.field, row.month), []))
    for other in older:
        if other.pk == row.pk:
            return next((before.value for before in older), "")
    return ""
