"""Actions of receipts: money that came in, whose it is, which invoices it pays.

Rows are locked in one order everywhere (the receipt, then invoices by key), so that two people who allocate at once wait
for each other and never for ever.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.planning.settlement import OpenDebt, oldest_first
from shengce.sales.models import Allocation, Invoice, Receipt, SettlementMethod
from shengce.sales.promises import check_promises
from shengce.sales.reach import locked, require_customer, seller_of
from shengce.sales.settling import settle
from shengce.sales.sums import (
    HOME_CURRENCY,
    checked_currency,
    checked_day,
    checked_reference,
    checked_sum,
)


@transaction.atomic
def record_receipt(
    *,
    by: User,
    received_on: dt.date,
    amount: Decimal,
    customer: Customer | None = None,
    bank_reference: str = "",
    payer: str = "",
    settlement_method: str = SettlementMethod.CREDIT,
    note: str = "",
    currency: str = HOME_CURRENCY,
    rep: User | None = None,
) -> Receipt:
    """Money that came in. Without a customer it waits to be assigned. Promises to pay are judged anew.

    ``ValidationError``: a sum of 0 or less, a day ahead of today, a bank reference that stands already.
    """
    if customer is None:
        require(by, "money.edit")
    else:
        require_customer(customer, by=by, permission="money.edit")
    if settlement_method not in SettlementMethod.values:
        raise ValidationError(_("This way of settling or selling is not known."), code="method")
    total, reference = (
        check_receipt(received_on=received_on, amount=amount),
        checked_reference(bank_reference),
    )
    holder, unit = seller_of(customer, rep) if customer is not None else (None, None)
    receipt = Receipt(
        customer=customer,
        rep=holder,
        unit=unit,
        received_on=received_on,
        currency=checked_currency(currency),
        amount=total,
        open_amount=total,
        settlement_method=settlement_method,
        bank_reference=reference,
        payer=typed_text(payer, most=200, required=False),
        note=typed_text(note, most=300, required=False),
    )
    _refuse_known_reference(reference)
    try:
        with transaction.atomic():
            receipt.save()
    except IntegrityError as problem:  # somebody entered it in this very moment
        _refuse_known_reference(reference)
        raise ValidationError(_("This receipt could not be stored."), code="integrity") from problem
    record("receipt.recorded", receipt, by=by, amount=str(total), bank_reference=reference)
    _judge_promises(customer)
    return receipt


def check_receipt(*, received_on: dt.date, amount: Decimal) -> Decimal:
    """What can be said of money before it is written down: its sum, or ``ValidationError``."""
    checked_day(received_on, ahead=0)
    return checked_sum(amount)


@transaction.atomic
def assign_receipt(receipt: Receipt, *, by: User, customer: Customer) -> Receipt:
    """Say whose money it is; possible as long as nothing of it is allocated."""
    require_customer(customer, by=by, permission="money.edit")
    receipt = _standing(receipt, by)
    if receipt.open_amount != receipt.amount:
        raise ValidationError(_("Parts of it are allocated: take them back first."), code="used")
    former = receipt.customer
    receipt.customer = customer
    receipt.rep, receipt.unit = seller_of(customer, None)
    receipt.save(update_fields=["customer", "rep", "unit"])
    record("receipt.assigned", receipt, by=by, customer=customer.pk, former=former.pk if former else None)
    _judge_promises(customer)
    _judge_promises(former)
    return receipt


@transaction.atomic
def allocate(receipt: Receipt, *, by: User, invoice: Invoice, amount: Decimal) -> Allocation:
    """So much of the receipt for this invoice.

    ``ValidationError``: more than the receipt or the invoice has open, another customer, another currency, a receipt that
    is reversed or nobody's yet, an invoice that is cancelled.
    """
    receipt = _standing(receipt, by)
    invoice = locked(invoice, by=by, permission="money.edit")
    return _allocate(receipt, invoice, checked_sum(amount), by)


@transaction.atomic
def allocate_oldest_first(receipt: Receipt, *, by: User) -> list[Allocation]:
    """Pay the customer's invoices in the order in which they fell due; what is left stays open. Disputed ones wait."""
    receipt = _standing(receipt, by)
    if receipt.customer is None:
        raise ValidationError(_("Say first whose money it is."), code="no_customer")
    invoices = {
        invoice.pk: invoice
        for invoice in Invoice.objects.select_for_update(of=("self",))
        .filter(
            customer=receipt.customer,
            currency=receipt.currency,
            settled_on__isnull=True,
            state=Invoice.State.OPEN,
        )
        .order_by("pk")
    }
    debts = [OpenDebt(pk, row.due_on, row.open_amount) for pk, row in invoices.items()]
    shares, _left = oldest_first(receipt.open_amount, debts)
    return [_allocate(receipt, invoices[share.key], share.amount, by) for share in shares]


@transaction.atomic
def take_back_allocation(allocation: Allocation, *, by: User) -> Allocation:
    """Undo an allocation: invoice and receipt are open again by its amount; the row stays as history."""
    receipt = locked(allocation.receipt, by=by, permission="money.edit")
    invoice = locked(allocation.invoice, by=by, permission="money.edit")
    row: Allocation = Allocation.objects.select_for_update(of=("self",)).get(pk=allocation.pk)
    if row.taken_back_at is not None:
        raise ValidationError(_("This allocation is taken back already."), code="state")
    _take_back(row, invoice)
    receipt.open_amount += row.amount
    receipt.save(update_fields=["open_amount"])
    record("allocation.taken_back", row, by=by, invoice=invoice.number, amount=str(row.amount))
    return row


@transaction.atomic
def reverse_receipt(receipt: Receipt, *, by: User, reason: str) -> Receipt:
    """The money went back, or the entry was wrong: its allocations are taken back, nothing of it is open."""
    receipt = _standing(receipt, by)
    words = typed_text(reason, most=300)
    rows = list(receipt.allocations.filter(taken_back_at__isnull=True).select_for_update(of=("self",)))
    invoices = {
        invoice.pk: invoice
        for invoice in Invoice.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.invoice_id for row in rows])
        .order_by("pk")
    }
    for row in rows:
        _take_back(row, invoices[row.invoice_id])
    receipt.open_amount, receipt.reversed_at, receipt.reversal = Decimal(0), timezone.now(), words
    receipt.save(update_fields=["open_amount", "reversed_at", "reversal"])
    record("receipt.reversed", receipt, by=by, amount=str(receipt.amount), reason=words)
    _judge_promises(receipt.customer)
    return receipt


def _standing(receipt: Receipt, by: User) -> Receipt:
    """The receipt, locked; refused where it is reversed."""
    receipt = locked(receipt, by=by, permission="money.edit")
    if receipt.reversed_at is not None:
        raise ValidationError(_("This receipt is reversed."), code="reversed")
    return receipt


def _allocate(receipt: Receipt, invoice: Invoice, amount: Decimal, by: User) -> Allocation:
    """Both rows are locked."""
    _refuse_mismatch(receipt, invoice)
    if amount > receipt.open_amount:
        raise ValidationError(
            _("Only %(open)s of the receipt is left."), params={"open": receipt.open_amount}, code="over"
        )
    if amount > invoice.open_amount:
        raise ValidationError(
            _("Only %(open)s of invoice %(number)s is open."),
            params={"open": invoice.open_amount, "number": invoice.number},
            code="over",
        )
    row: Allocation = Allocation.objects.create(receipt=receipt, invoice=invoice, amount=amount, by=by)
    receipt.open_amount -= amount
    receipt.save(update_fields=["open_amount"])
    settle(invoice, -amount)
    record("allocation.made", row, by=by, invoice=invoice.number, receipt=receipt.pk, amount=str(amount))
    return row


def _refuse_mismatch(receipt: Receipt, invoice: Invoice) -> None:
    if receipt.customer_id is None:
        raise ValidationError(_("Say first whose money it is."), code="no_customer")
    if receipt.customer_id != invoice.customer_id:
        raise ValidationError(_("Receipt and invoice belong to different customers."), code="other_customer")
    if receipt.currency != invoice.currency:
        raise ValidationError(
            _("The receipt is in %(receipt)s, the invoice in %(invoice)s: exchange the money first."),
            params={"receipt": receipt.currency, "invoice": invoice.currency},
            code="currency",
        )
    if invoice.state == Invoice.State.CANCELLED:
        raise ValidationError(_("This invoice is cancelled."), code="state")


def _take_back(row: Allocation, invoice: Invoice) -> None:
    row.taken_back_at = timezone.now()
    row.save(update_fields=["taken_back_at"])
    settle(invoice, row.amount)


def _refuse_known_reference(reference: str) -> None:
    known = Receipt.objects.filter(bank_reference=reference, reversed_at__isnull=True).first()
    if reference and known is not None:
        raise ValidationError(
            _("A receipt of %(day)s over %(amount)s has the bank reference %(reference)s already."),
            params={"day": known.received_on, "amount": known.amount, "reference": reference},
            code="bank_reference",
        )


def _judge_promises(customer: Customer | None) -> None:
    if customer is not None:
        check_promises(today=timezone.localdate(), customer=customer)
