"""Template tags of computed values: what stands behind one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

from shengce.cards.figures import NUMBERS
from shengce.cards.links import records_address
from shengce.cards.queries import Shown, hearable, shown
from shengce.customers.cards import Field, known_fields
from shengce.customers.models import CardField

register = template.Library()


def clock(ms: int) -> str:
    """The length of a whole talk: ``1:27``."""
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes}:{seconds:02d}"


@register.simple_tag(takes_context=True)
def behind(context: dict[str, Any], entry: Field, row: CardField) -> dict[str, Any]:
    """``address`` of the records, ``passages`` that the person may hear, ``value`` with its change, ``because`` in labels."""
    figure = str(row.evidence.get("figure", ""))
    if "hearable_talks" in context:  # a page with many values asks once for all of them
        heard = context["hearable_talks"]
    else:
        heard = hearable(context["request"].user, [row])
    passages = [
        {**p, "length": "" if p.get("fact") else clock(p["end_ms"] - p["start_ms"])}
        for p in row.evidence.get("passages", ())
        if p.get("conversation") in heard
    ]
    reasons = [name for name in row.evidence.get("because", ()) if name in NUMBERS]
    labels = {found.from_figure: found.label for _card, found in known_fields().values()} if reasons else {}
    return {
        "address": records_address(figure, row.customer_id, row.month) if row.month else "",
        "passages": passages,
        "value": shown(entry, row),
        "because": [labels[name] for name in reasons if name in labels],
    }


@register.simple_tag
def figure_address(name: str, value: Shown) -> str:
    """The records behind a value of the list."""
    row = value.row
    return records_address(name, row.customer_id, row.month) if row.month else ""


@register.filter
def signed_number(number: Decimal | None) -> str:
    """``+3`` or ``−1,200``; nothing for no change."""
    if not number:
        return ""
    text = f"{number:+,.0f}" if number == number.to_integral_value() else f"{number:+,.2f}"
    return text.replace("-", "−")
