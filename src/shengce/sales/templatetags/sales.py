"""Template filters of orders and money."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template

from shengce.planning.ageing import days_late as late_on
from shengce.planning.credit import Reason
from shengce.sales.account import kind_words
from shengce.sales.forms import today
from shengce.sales.models import Invoice, Order, PaymentPromise, Receipt, Statement
from shengce.sales.statements import money_of
from shengce.sales.wording import reason_words

register = template.Library()

_TONES: dict[type[Any], dict[str, str]] = {
    Order: {"confirmed": "ok", "waiting": "warn", "stopped": "bad"},
    Invoice: {"settled": "ok", "disputed": "warn", "open": "info"},
    PaymentPromise: {"kept": "ok", "late": "warn", "partly": "warn", "broken": "bad", "open": "info"},
    Statement: {"sent": "info", "confirmed": "ok", "disputed": "bad"},
}


@register.filter
def in_currency(amount: Any, currency: str = "CNY") -> str:
    """``¥12,000.00`` or ``USD 12,000.00``; a dash where there is no sum."""
    return "–" if amount in (None, "") else money_of(Decimal(str(amount)), currency or "CNY")


@register.filter
def round_money(amount: Any) -> str:
    """A sum of a table without cents and currency: ``12,000``; a dash for zero."""
    return f"{Decimal(str(amount)):,.0f}" if amount else "–"


@register.filter
def days_late(invoice: Invoice) -> int:
    """Days past due today."""
    return late_on(invoice.due_on, today())


@register.filter
def tone(row: Any) -> str:
    """The colour of a state's badge."""
    return _TONES.get(type(row), {}).get(row.state, "")


@register.filter
def reason(found: Reason | dict[str, Any]) -> str:
    """A reason of the grading in words."""
    return reason_words(found)


@register.filter
def points(found: Reason | dict[str, Any]) -> str:
    """The points of a reason with their sign."""
    number = found.get("points", 0) if isinstance(found, dict) else found.points
    return f"{number:+d}".replace("-", "−") if number else "0"


@register.filter
def movement(kind: str) -> str:
    """The kind of a line of a statement."""
    return kind_words(kind)


@register.filter
def receipt_tone(receipt: Receipt) -> str:
    """The colour of what is left of a receipt."""
    if receipt.reversed_at:
        return "bad"
    return "warn" if receipt.open_amount else "ok"


@register.filter
def day_before(day: dt.date) -> dt.date:
    """The last day of a half-open span."""
    return day - dt.timedelta(days=1)


@register.filter
def at(mapping: dict[Any, Any], key: Any) -> Any:
    """``mapping[key]``, or nothing."""
    return mapping.get(key)


@register.filter
def share_of(part: Decimal, whole: Decimal) -> float:
    """A part as a share of one."""
    return float(part / whole) if whole else 0.0
