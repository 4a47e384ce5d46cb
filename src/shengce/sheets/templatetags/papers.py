"""How a cell of a paper reads, what one may pick for it, and what was typed into a form that was refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shengce.sheets import files
from shengce.sheets.drafts_of_trade import money
from shengce.sheets.forms_of_papers import Column, Section
from shengce.sheets.models import Line
from shengce.sheets.picks import is_free, offered
from shengce.sheets.queries import Part
from shengce.sheets.template_editing import COLUMN_WORDS
from shengce.sheets.wording import choice_in_words, in_language

register = template.Library()


@register.simple_tag
def cell(part: Part, line: Line, column: Column) -> SafeString | str:
    """A cell as words: money with its sign, figures in groups, a day as month and day; what a person changed is marked.

    What was picked leads to its page and a number to its records, where the reader may go there.
    """
    value = str(line.values.get(column.key) or "")
    words: SafeString | str = in_words(value, column)
    address = part.leads.get((line.pk, column.key))
    if address and words:
        words = format_html('<a href="{}">{}</a>', address, words)
    if column.is_picked and words and is_free(column, line):
        said = _("As it was typed: not linked to a customer on record")
        return format_html('{} <span class="badge" title="{}">{}</span>', words, said, _("not linked"))
    if column.key in line.typed and line.source != Line.Source.TYPED:
        return format_html('<span title="{}">{} ✎</span>', _("Changed by hand"), words)
    return words


def in_words(value: str, column: Column) -> str:
    """A stored cell as a person reads it."""
    if value and column.type == "choice":
        return choice_in_words(value, column.choices)
    if not value or column.type not in ("date", "money", "number"):
        return value
    if column.type == "date":
        return value[5:] if len(value) == 10 else value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return money(number) if column.type == "money" else f"{number:,f}"


@register.simple_tag(takes_context=True)
def pick_lists(context: Context, parts: list[Part]) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each kind that is picked in these sections: the names to begin with. One query a kind."""
    kinds = sorted({column.type for part in parts for column in part.section.columns if column.is_picked})
    return [(kind, offered(kind, context["request"].user)) for kind in kinds]


@register.simple_tag(takes_context=True)
def typed(context: Context, place: Section | Line, column: Column) -> str:
    """What stands in the field of a form: what was typed where it was refused, else what is stored."""
    sent: dict[str, Any] = context.get("sent") or {}
    if isinstance(place, Line):
        stored = str(place.values.get(column.key) or "")
        return str(sent.get(column.key, stored)) if context.get("sent_to") == place.pk else stored
    return str(sent.get(column.key, "")) if context.get("sent_to") == place.key else ""


@register.simple_tag
def result_words(name: str) -> str:
    """What became of papers: in time, late, missing …"""
    return files.result_words(name)


@register.simple_tag
def column_hint(column: Column) -> str:
    """What one writes into a column, for whoever looks at an empty paper."""
    if column.type == "choice":
        return " / ".join(in_language(choice) for choice in column.choices)
    return "" if column.type == "text" else str(COLUMN_WORDS[column.type])


@register.filter
def offers(column: Column, value: str) -> bool:
    """Whether the value is one of those that the column offers."""
    return any(choice["zh"] == value for choice in column.choices)
