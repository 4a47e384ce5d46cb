"""How a cell of a paper reads."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shengce.sheets.drafts_of_trade import money
from shengce.sheets.forms_of_papers import Column
from shengce.sheets.models import Line

register = template.Library()


@register.simple_tag
def cell(line: Line, column: Column) -> SafeString | str:
    """A cell as words: money with its sign, figures in groups, a day as month and day; what a person changed is marked."""
    value = str(line.values.get(column.key) or "")
    words = _words(value, column.type)
    if column.key in line.typed and line.source != Line.Source.TYPED:
        return format_html('<span title="{}">{} ✎</span>', _("Changed by hand"), words)
    return words


def _words(value: str, kind: str) -> str:
    if not value or kind == "text":
        return value
    if kind == "date":
        return value[5:] if len(value) == 10 else value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return money(number) if kind == "money" else f"{number:,f}"
