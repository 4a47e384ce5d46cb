"""Numbers of documents that nobody typed: ``SO20261126-0001``, one series a kind and day."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shengce.sales.models import Delivery, Invoice, NumberSeries, Order

PREFIXES: tuple[tuple[type[Order] | type[Delivery] | type[Invoice], str], ...] = (
    (Order, "SO"),
    (Delivery, "DN"),
    (Invoice, "IV"),
)


def number_for(model: type[Order] | type[Delivery] | type[Invoice], day: dt.date, typed: str) -> str:
    """``typed``, unless it is taken; else the next free number of the day. Call it inside a transaction.

    The row of the series is locked until the transaction ends, so two people never get the same number.
    """
    if typed:
        if model.objects.filter(number=typed).exists():
            raise ValidationError(
                _("The number %(number)s is taken."), params={"number": typed}, code="number_taken"
            )
        return typed
    prefix = f"{dict(PREFIXES)[model]}{day:%Y%m%d}-"
    series, _made = NumberSeries.objects.select_for_update().get_or_create(prefix=prefix)
    while True:
        series.last += 1
        number = f"{prefix}{series.last:04d}"
        if not model.objects.filter(number=number).exists():  # somebody may have typed or imported it
            series.save(update_fields=["last"])
            return number
