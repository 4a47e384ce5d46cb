"""What a sum, a day, a currency and a number of a document must be before they are stored."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.typed_text import typed_text

CENT = Decimal("0.01")
MOST_YUAN = Decimal("1e11")
HOME_CURRENCY = "CNY"
DAYS_AHEAD = 31
"""How far ahead a document may be dated: next month's invoices are written at the end of this one."""

_CURRENCY = re.compile(r"[A-Z]{3}\Z")


def cents(value: Decimal) -> Decimal:
    """Rounded to cents, half up, as on paper."""
    return value.quantize(CENT, ROUND_HALF_UP)


def checked_sum(value: Decimal, *, allow_zero: bool = False) -> Decimal:
    """A sum above 0 with at most two decimals and below 100 billion; ``ValidationError`` in words otherwise."""
    number = finite(value)
    if number < 0 or (number == 0 and not allow_zero):
        raise ValidationError(_("The sum must be more than 0."), code="amount")
    if number >= MOST_YUAN:
        raise ValidationError(_("The sum is too large."), code="too_large")
    if number != number.quantize(CENT):
        raise ValidationError(_("A sum has at most two decimals."), code="decimals")
    return number.quantize(CENT)


def finite(value: Decimal) -> Decimal:
    """A number; NaN and infinity are none."""
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as problem:
        raise ValidationError(_("This is not a number."), code="number") from problem
    if not number.is_finite():
        raise ValidationError(_("This is not a number."), code="number")
    return number


def checked_day(day: dt.date, *, ahead: int = DAYS_AHEAD) -> dt.date:
    """A day from 2000 on, at most ``ahead`` days after today."""
    if day.year < 2000:
        raise ValidationError(_("The day %(day)s is too long ago."), params={"day": day}, code="day")
    latest = timezone.localdate() + dt.timedelta(days=ahead)
    if day > latest:
        raise ValidationError(
            _("The day %(day)s lies too far ahead; the latest is %(latest)s."),
            params={"day": day, "latest": latest},
            code="future",
        )
    return day


def checked_currency(code: str) -> str:
    """A currency as its three letters, for example CNY."""
    found = _folded(code).upper()
    if not _CURRENCY.match(found):
        raise ValidationError(_("A currency has three letters, for example CNY."), code="currency")
    return found


def checked_number(text: str) -> str:
    """The number of a document or of a bank's entry as typed, with full-width signs folded; empty is allowed."""
    return typed_text(_folded(text), most=40, required=False)


def checked_reference(text: str) -> str:
    """A bank's reference: spaces and widths differ from export to export, so they do not count."""
    return typed_text("".join(_folded(text).split()), most=60, required=False)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
