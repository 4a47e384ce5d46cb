"""Facts in words a person reads at a glance, in the language of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.facts.values import plain_number

Value = dict[str, Any]

OBJECTION_REASONS: dict[str, Callable[[], str]] = {
    "price": lambda: _("Price"),
    "quality": lambda: _("Quality"),
    "service": lambda: _("Service"),
    "competitor": lambda: _("Works with a competitor"),
    "timing": lambda: _("Not now"),
    "authority": lambda: _("Cannot decide alone"),
    "need": lambda: _("No need"),
    "other": lambda: _("Other reason"),
}
COMPLAINT_SUBJECTS: dict[str, Callable[[], str]] = {
    "product": lambda: _("Product"),
    "service": lambda: _("Service"),
    "delivery": lambda: _("Delivery"),
    "staff": lambda: _("Staff"),
    "other": lambda: _("Other"),
}
CONTACT_KINDS: dict[str, Callable[[], str]] = {
    "phone": lambda: _("Phone"),
    "wechat": lambda: _("WeChat"),
    "email": lambda: _("E-mail"),
    "address": lambda: _("Address"),
}


def money(text: Any) -> str:
    """An amount in yuan as written in business: ``¥200,000`` or ``¥4,800.50``; empty where there is none."""
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        return ""
    if not amount.is_finite():
        return ""
    return f"¥{amount:,.0f}" if amount == amount.to_integral_value() else f"¥{amount:,.2f}"


def money_range(low: Any, high: Any) -> str:
    """``¥150,000``, ``¥200,000–300,000``, ``up to ¥150,000`` or ``from ¥50,000``."""
    first, last = money(low), money(high)
    if first and last:
        return first if first == last else f"{first}–{last.removeprefix('¥')}"
    if last:
        return _("up to %(amount)s") % {"amount": last}
    if first:
        return _("from %(amount)s") % {"amount": first}
    return ""


def moment(text: Any) -> dt.datetime | None:
    """A stored ISO moment in local time, or nothing."""
    try:
        parsed = dt.datetime.fromisoformat(str(text))
        return timezone.localtime(parsed) if parsed.tzinfo else timezone.make_aware(parsed)
    except (ValueError, OverflowError):
        return None


def time_span(start: Any, end: Any) -> str:
    """A half-open span: a day, a moment, or an open end, as people write it."""
    first, last = moment(start), moment(end)
    if first and last:
        whole_days = first.time() == dt.time() and last.time() == dt.time()
        if whole_days:
            final = last - dt.timedelta(days=1)
            return _day(first) if final.date() <= first.date() else f"{_day(first)} – {_day(final)}"
        if (last - first) <= dt.timedelta(minutes=1):
            return f"{_day(first)} {first:%H:%M}"
        if first.date() == last.date():
            return f"{_day(first)} {first:%H:%M}–{last:%H:%M}"
        return f"{_day(first)} {first:%H:%M} – {_day(last)} {last:%H:%M}"
    if last:
        final = last - dt.timedelta(microseconds=1)
        return _("by %(day)s") % {"day": _day(final)}
    if first:
        clock = "" if first.time() == dt.time() else f" {first:%H:%M}"
        return f"{_day(first)}{clock}"
    return ""


def _day(day: dt.datetime) -> str:
    weekday = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[day.weekday()]
    return f"{day:%Y-%m-%d} {weekday}"


def due_text(due: Any) -> str:
    """``due`` is ``{"start", "end"}`` or nothing."""
    return time_span(due.get("start"), due.get("end")) if isinstance(due, dict) else ""


def _joined(*parts: str | None) -> str:
    return " · ".join(str(p) for p in parts if p)


def _price(value: Value) -> str:
    whose = _("Competitor's price") if value.get("of") == "competitor" else _("Our price")
    return _joined(whose, value.get("product"), _amount(value))


def _amount(value: Value) -> str:
    if value.get("unit") == "discount":
        shares = [plain_number(value.get(part)) for part in ("min", "max")]
        shown = dict.fromkeys(f"{(share * 100).normalize():f}%" for share in shares if share is not None)
        return _("%(percent)s of the price") % {"percent": "–".join(shown)} if shown else ""
    return money_range(value.get("min"), value.get("max"))


WORDING: dict[str, Callable[[Value], str]] = {
    "need": lambda v: str(v.get("text") or ""),
    "budget": lambda v: money_range(v.get("min"), v.get("max")),
    "decision_maker": lambda v: str(v.get("who") or ""),
    "objection": lambda v: OBJECTION_REASONS.get(str(v.get("reason")), OBJECTION_REASONS["other"])(),
    "competitor": lambda v: str(v.get("name") or ""),
    "price": _price,
    "product_interest": lambda v: str(v.get("product") or ""),
    "promise": lambda v: _joined(v.get("text"), due_text(v.get("due"))),
    "appointment": lambda v: _joined(time_span(v.get("start"), v.get("end")), v.get("place")),
    "payment_promise": lambda v: _joined(_amount(v), due_text(v.get("due"))),
    "complaint": lambda v: COMPLAINT_SUBJECTS.get(str(v.get("about")), COMPLAINT_SUBJECTS["other"])(),
    "contact": lambda v: _joined(CONTACT_KINDS.get(str(v.get("kind")), lambda: "")(), v.get("value")),
    "diversion": lambda v: _joined(v.get("product"), v.get("place"), money(v.get("price"))),
    "next_step": lambda v: _joined(v.get("text"), due_text(v.get("due"))),
}


def describe(kind: str, value: Value) -> str:
    """The value in words; where every part is absent, an empty text: the quote says it all."""
    return WORDING[kind](value)
