"""Where the records behind a figure are: the address of a list that shows them."""

from __future__ import annotations

import datetime as dt
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from shengce.cards.figures import month_after

_LISTS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "orders": ("sales:orders", {"state": "confirmed"}),
    "turnover": ("sales:orders", {"state": "confirmed"}),
    "receipts": ("sales:receipts", {}),
    "promises_kept": ("web:promises", {"state": "kept"}),
    "promises_broken": ("web:promises", {}),
    "talks": ("web:conversations", {}),
    "contacts": ("web:conversations", {}),
    "needs": ("web:conversations", {"kind": "need"}),
    "rivals": ("web:conversations", {"kind": "competitor"}),
    "prices": ("web:conversations", {"kind": "price"}),
    "tickets": ("service:queue", {"state": "all"}),
}


def records_address(figure: str, customer: int, month: dt.date) -> str:
    """The list of the records that make the figure; empty where none stands behind it (a judgement)."""
    last = month_after(month) - dt.timedelta(days=1)
    if figure == "overdue":
        return (
            f"{reverse('sales:invoices')}?{urlencode({'customer': customer, 'on': last, 'state': 'overdue'})}"
        )
    if figure == "visits":
        return reverse("web:customer_story", args=[customer])
    if figure == "tickets_open":
        return f"{reverse('service:queue')}?{urlencode({'customer': customer, 'state': 'all', 'to': last})}"
    if figure not in _LISTS:
        return ""
    view, more = _LISTS[figure]
    return f"{reverse(view)}?{urlencode({'customer': customer, 'from': month, 'to': last, **more})}"
