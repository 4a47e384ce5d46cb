"""What people type about goods, read for storing: lots, sums, days. ``ValidationError`` in words where it is none."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.typed_text import typed_text
from shengce.planning.serials import Serials, plain_lot, serials

MOST_LOT = 60
MOST_SERIALS = 1_000_000
MOST_YUAN = Decimal("1e10")
MOST_GOODS = Decimal("1e9")
THOUSANDTH = Decimal("0.001")
CENT = Decimal("0.01")


def typed_lot(text: object, *, required: bool = True) -> str:
    """A lot as it is stored: full width made half, capitals, ends stripped."""
    folded = unicodedata.normalize("NFKC", typed_text(text, most=200, required=False)).upper().strip()
    if not plain_lot(folded):
        if required or folded:
            raise ValidationError(
                {"lot": _("Write the lot or the serial number from the label.")}, code="lot"
            )
        return ""
    if len(folded) > MOST_LOT:
        raise ValidationError({"lot": _("A lot has at most 60 signs.")}, code="lot")
    return folded


_BETWEEN = re.compile(r"\s*(?:~|～|—+|–|至|到|\.\.+)\s*")


def typed_range(lot: object, lot_to: object = "") -> tuple[str, str, Serials | None]:
    """A lot, or the first and the last serial number as two texts or one (``A100~A199``), and the range that they are.

    Of the last one the digits that differ are enough: ``QQ500-000100`` and ``199``.
    """
    first, last = typed_text(lot, most=200, required=False), typed_text(lot_to, most=200, required=False)
    if not last and len(parts := _BETWEEN.split(first)) == 2 and all(parts):
        first, last = parts
    first, last = typed_lot(first), typed_lot(last, required=False)
    if not last or last == first:
        return first, "", None
    if last.isdigit() and len(last) < len(first) and first[-len(last) :].isdigit():
        last = first[: -len(last)] + last
    if (found := serials(first, last)) is None:
        words = _(
            "Write first and last number alike up to their digits, the smaller one first: A-0100 and A-0199."
        )
        raise ValidationError({"lot_to": words}, code="range")
    if found.count > MOST_SERIALS:
        raise ValidationError({"lot_to": _("A range holds at most a million numbers.")}, code="range")
    return first, last, found


def typed_price(price: Decimal | None, *, field: str = "price") -> Decimal | None:
    """A sum in yuan above 0, in cents; nothing where none was named."""
    if price is None:
        return None
    if not price.is_finite() or not 0 < price < MOST_YUAN:
        raise ValidationError({field: _("The sum must be more than 0 yuan.")}, code="amount")
    return price.quantize(CENT)


def typed_quantity(quantity: Decimal, *, least: Decimal = THOUSANDTH, field: str = "quantity") -> Decimal:
    """A quantity of goods with at most three decimals, from ``least``."""
    if not quantity.is_finite() or not least <= quantity < MOST_GOODS:
        words = _("The quantity must be more than 0.") if least else _("The quantity must not be below 0.")
        raise ValidationError({field: words}, code="quantity")
    return quantity.quantize(THOUSANDTH)


def past_day(day: dt.date, *, field: str) -> dt.date:
    """A day that has begun, not before 2000."""
    if day > timezone.localdate():
        raise ValidationError({field: _("This day lies in the future.")}, code="future")
    if day.year < 2000:
        raise ValidationError({field: _("Write a day from 2000 on.")}, code="day")
    return day


def past_moment(moment: dt.datetime, *, field: str) -> dt.datetime:
    """A moment that has come; clocks of phones may run a few minutes ahead."""
    if moment > timezone.now() + dt.timedelta(minutes=10):
        raise ValidationError({field: _("This time lies in the future.")}, code="future")
    if moment.year < 2000:
        raise ValidationError({field: _("Write a day from 2000 on.")}, code="day")
    return moment
