"""Template tags of customers: the tabs of the room."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shengce.customers.activity import words_of
from shengce.people.permissions import may

register = template.Library()

_TABS: Final[tuple[tuple[str, str, str | Promise], ...]] = (
    ("customers.see", "customers:list", _("Customers")),
    ("customers.see", "customers:deals", _("Deals")),
    ("customers.see", "cards:monthly", _("Monthly cards")),
    ("pool.see", "customers:pool", _("Public pool")),
    ("customers.merge", "customers:duplicates", _("Duplicates")),
    ("customers.rules", "customers:rules", _("Pool rules and cards")),
)


@register.inclusion_tag("customers/tabs.html", takes_context=True)
def customer_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the room that the person may open, the present one marked."""
    request = context["request"]
    tabs = [(reverse(view), label) for permission, view, label in _TABS if may(request.user, permission)]
    here = max((address for address, _label in tabs if request.path.startswith(address)), key=len, default="")
    return {"tabs": [(address, label, address == here) for address, label in tabs]}


@register.filter
def activity_words(counts: list[str]) -> str:
    """What a rule of the pool counts, in words."""
    return words_of(counts)


@register.filter
def at_key(mapping: dict[str, Any], key: str) -> Any:
    """``mapping[key]``, or nothing."""
    return mapping.get(key, "")
