"""Cells, rules and states in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.customers.models import Customer
from shengce.people.asked import whole_number
from shengce.people.models import User
from shengce.people.queries import visible_units, visible_users
from shengce.planning.periods import FiscalYear
from shengce.targets.dimensions import BY_CODE


def keep_choices() -> list[tuple[str, str]]:
    """What stays when a number is typed."""
    return [
        ("change", _("The totals change")),
        ("row", _("The row's total stays")),
        ("column", _("The column's total stays")),
        ("all", _("The grand total stays")),
        ("both", _("All totals stay")),
    ]


def split_choices(splits: tuple[str, ...]) -> list[tuple[str, str]]:
    """Along what a cell can be split."""
    words = {"month": _("Months"), "unit": _("Next units"), "rep": _("Representatives")}
    return [(code, words.get(code) or str(BY_CODE[code].label)) for code in splits]


def cell_words(token: str, user: User, year: FiscalYear) -> str:
    """``华东大区 · 3月``: the names behind a cell's token, as far as the reader may know them; each costs a query."""
    words = []
    parts = [part for part in token.split(".") if part and part != "all"]
    for part in parts:
        kind, _dash, value = part.partition("-")
        if kind == "unit" and any(other.startswith("rep-") and other != "rep-none" for other in parts):
            continue
        words.append(_part_words(kind, value, user, year))
    return " · ".join(word for word in words if word) or pgettext("sum", "Total")


def _part_words(kind: str, value: str, user: User, year: FiscalYear) -> str:
    if kind == "quarter":
        return f"Q{value}"
    if kind == "month":
        number = whole_number(value)
        return f"{year.months[number - 1].start_on:%Y-%m}" if number and number <= 12 else ""
    if kind not in BY_CODE:
        return ""
    if value == "none":
        return pgettext("grid", "Not split")
    dimension = BY_CODE[kind]
    if dimension.model is None:
        return str(dict(dimension.choices).get(value, value))
    known: dict[str, Any] = {
        "rep": visible_users(user),
        "unit": visible_units(user),
        "customer": Customer.objects.visible_to(user),
    }
    model: Any = dimension.model
    rows = known.get(kind, model._default_manager.all())
    thing = rows.filter(pk=whole_number(value)).first()
    return str(thing) if thing else ""
