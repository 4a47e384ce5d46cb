"""Codes of this room in words a person reads, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shengce.planning.ageing import EDGES
from shengce.planning.credit import Reason


def bucket_words(edges: Sequence[int] = EDGES) -> list[str]:
    """Headings of the ageing table: not due, 1–30 days …"""
    spans = [f"{first + 1}–{last}" for first, last in pairwise(edges)]
    days = [_("%(days)s days") % {"days": span} for span in (*spans, f">{edges[-1]}")]
    return [_("Not due"), *days]


def reason_words(reason: Reason | dict[str, Any]) -> str:
    """A reason of the grading: the figure, and what it is about."""
    if isinstance(reason, dict):
        if "code" not in reason:
            return str(reason.get("text", ""))
        reason = Reason(str(reason["code"]), str(reason.get("value", "")), int(reason.get("points", 0)))
    value = reason.value
    match reason.code:
        case "days_late":
            return (
                _("Pays %(days)s days late on average") % {"days": value}
                if value != "0.0"
                else _("Pays on time")
            )
        case "overdue":
            return _("%(share)s of what is owed is overdue") % {"share": value}
        case "turnover":
            return _("Turnover of twelve months: %(amount)s") % {"amount": f"¥{Decimal(value):,.0f}"}
        case "written_off":
            return _("Written off: %(amount)s") % {"amount": f"¥{Decimal(value):,.2f}"}
        case "no_turnover":
            return _("No turnover yet: the lowest limit")
    number = int(value) if value.isdecimal() else 0
    words = {
        "promises_kept": ngettext("%(n)d promise to pay was kept", "%(n)d promises to pay were kept", number),
        "promises_late": ngettext(
            "%(n)d promise to pay was kept late", "%(n)d promises to pay were kept late", number
        ),
        "promises_broken": ngettext(
            "%(n)d promise to pay was broken", "%(n)d promises to pay were broken", number
        ),
        "months": ngettext("A customer for %(n)d month", "A customer for %(n)d months", number),
        "disputes": ngettext("%(n)d disputed invoice", "%(n)d disputed invoices", number),
    }
    return words[reason.code] % {"n": number} if reason.code in words else reason.code
