"""What is open of an invoice after money came or went: the one place that writes its derived columns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone

from shengce.sales.models import Invoice, WriteOff


def settle(invoice: Invoice, change: Decimal) -> None:
    """Add ``change`` (yuan, below 0 when money comes) to what is open. The row must be locked by the caller.

    An invoice with nothing open is settled on the day of the last thing that settled it. A disputed one stays disputed
    until it is settled or the dispute ends.
    """
    invoice.open_amount += change
    if invoice.open_amount == 0:
        invoice.state, invoice.settled_on = Invoice.State.SETTLED, _last_day(invoice)
    elif invoice.settled_on is not None:
        invoice.state, invoice.settled_on = Invoice.State.OPEN, None
    invoice.save(update_fields=["open_amount", "state", "settled_on"])


def _last_day(invoice: Invoice) -> dt.date:
    """The day of issue, of the last money, or of the last write-off, whichever is latest."""
    standing = invoice.allocations.filter(taken_back_at__isnull=True)
    received = standing.aggregate(day=Max("receipt__received_on"))["day"]
    given_up = invoice.write_offs.filter(state=WriteOff.State.APPROVED).aggregate(at=Max("decided_at"))["at"]
    days: list[dt.date | None] = [
        invoice.issued_on,
        received,
        timezone.localdate(given_up) if given_up else None,
    ]
    return max(day for day in days if day is not None)
