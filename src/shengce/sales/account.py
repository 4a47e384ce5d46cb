"""The account of one customer: what was invoiced, what came in, what was given up, day by day, in yuan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.planning.ageing import EDGES, Debt, age, days_late
from shengce.sales.credit import CreditCheck, check_credit
from shengce.sales.models import Invoice, Receipt, WriteOff
from shengce.sales.sums import CENT, HOME_CURRENCY

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement. ``kind`` is invoice, receipt or write_off; ``debit`` is what he owes more, ``credit`` what less."""

    on: dt.date
    kind: str
    number: str
    debit: Decimal
    credit: Decimal
    pk: int

    def as_line(self, balance: Decimal) -> dict[str, Any]:
        """As a statement keeps it: sums as decimal strings."""
        return {
            "on": self.on.isoformat(),
            "kind": self.kind,
            "number": self.number,
            "debit": str(self.debit),
            "credit": str(self.credit),
            "balance": str(balance),
            "pk": self.pk,
        }


@dataclass(frozen=True, slots=True)
class Account:
    """What a statement says: the balance before, the movements as lines, the balance after; yuan."""

    opening: Decimal
    closing: Decimal
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Receivables:
    """What one customer owes today, in yuan. ``amounts`` are the buckets of ``planning.ageing``."""

    total: Decimal
    overdue: Decimal
    amounts: tuple[Decimal, ...]
    unallocated: Decimal
    oldest_due_on: dt.date | None
    days_late: int
    open_invoices: int
    credit: CreditCheck


def receivables_of(customer: Customer, *, today: dt.date | None = None) -> Receivables:
    """The customer's account at a glance. Who may see it is the caller's question."""
    today = today or timezone.localdate()
    debts = list(
        Invoice.objects.filter(
            customer=customer, currency=HOME_CURRENCY, settled_on__isnull=True, issued_on__lte=today
        ).values_list("due_on", "open_amount")
    )
    aged = age((Debt(0, due_on, amount) for due_on, amount in debts), on=today)
    amounts = tuple(aged.get(0, [ZERO] * (len(EDGES) + 1)))
    oldest = min((due_on for due_on, _amount in debts), default=None)
    waiting = _receipts(customer).aggregate(total=Sum("open_amount"))["total"]
    return Receivables(
        total=sum(amounts, ZERO),
        overdue=sum(amounts[1:], ZERO),
        amounts=amounts,
        unallocated=Decimal(waiting or 0).quantize(CENT),
        oldest_due_on=oldest,
        days_late=days_late(oldest, today) if oldest else 0,
        open_invoices=len(debts),
        credit=check_credit(customer),
    )


def kind_words(kind: str) -> str:
    """The kind of a movement in words."""
    return {"invoice": _("Invoice"), "receipt": _("Receipt"), "write_off": _("Written off")}.get(kind, kind)


def entries_between(customer: Customer, start_on: dt.date, end_on: dt.date) -> list[Entry]:
    """Movements of ``[start_on, end_on)`` in order of days; on one day invoices before receipts."""
    invoices = _invoices(customer).filter(issued_on__gte=start_on, issued_on__lt=end_on)
    receipts = _receipts(customer).filter(received_on__gte=start_on, received_on__lt=end_on)
    given_up = _write_offs(customer).filter(
        decided_at__gte=_midnight(start_on), decided_at__lt=_midnight(end_on)
    )
    found = chain(
        (Entry(row.issued_on, "invoice", row.number, row.amount, ZERO, row.pk) for row in invoices),
        (
            Entry(row.received_on, "receipt", row.bank_reference or row.payer, ZERO, row.amount, row.pk)
            for row in receipts
        ),
        (
            Entry(
                timezone.localdate(row.decided_at),
                "write_off",
                row.invoice.number,
                ZERO,
                row.amount,
                row.invoice_id,
            )
            for row in given_up.select_related("invoice")
        ),
    )
    return sorted(found, key=lambda entry: (entry.on, entry.kind, entry.pk))


def account_between(customer: Customer, start_on: dt.date, end_on: dt.date) -> Account:
    """The account of ``[start_on, end_on)`` with the balance after every movement."""
    opening = balance_before(customer, start_on)
    balance, lines = opening, []
    for entry in entries_between(customer, start_on, end_on):
        balance += entry.debit - entry.credit
        lines.append(entry.as_line(balance))
    return Account(opening, balance, lines)


def balance_before(customer: Customer, day: dt.date) -> Decimal:
    """What he owed in the morning of ``day``; below 0 where he had paid ahead."""
    return (
        _total(_invoices(customer).filter(issued_on__lt=day))
        - _total(_receipts(customer).filter(received_on__lt=day))
        - _total(_write_offs(customer).filter(decided_at__lt=_midnight(day)))
    )


def _invoices(customer: Customer) -> QuerySet[Invoice]:
    return Invoice.objects.filter(customer=customer, currency=HOME_CURRENCY).exclude(
        state=Invoice.State.CANCELLED
    )


def _receipts(customer: Customer) -> QuerySet[Receipt]:
    return Receipt.objects.filter(customer=customer, currency=HOME_CURRENCY, reversed_at__isnull=True)


def _write_offs(customer: Customer) -> QuerySet[WriteOff]:
    return WriteOff.objects.filter(
        invoice__customer=customer, invoice__currency=HOME_CURRENCY, state=WriteOff.State.APPROVED
    )


def _total(rows: QuerySet[Any]) -> Decimal:
    return Decimal(rows.aggregate(total=Sum("amount"))["total"] or 0).quantize(CENT)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
