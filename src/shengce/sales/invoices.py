"""Actions of invoices: issuing, disputing, cancelling, and giving a debt up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.sales.credit import credit_days_of
from shengce.sales.models import Invoice, Order, WriteOff
from shengce.sales.numbering import number_for
from shengce.sales.orders import ON_CREDIT
from shengce.sales.reach import locked, require_customer, seller_of
from shengce.sales.settling import settle
from shengce.sales.sums import HOME_CURRENCY, checked_currency, checked_day, checked_number, checked_sum


@transaction.atomic
def issue_invoice(
    *,
    by: User,
    customer: Customer,
    issued_on: dt.date,
    amount: Decimal,
    due_on: dt.date | None = None,
    order: Order | None = None,
    number: str = "",
    rep: User | None = None,
    currency: str = "",
) -> Invoice:
    """What the customer owes from now on. Without ``due_on`` his credit days count; a paid order is due at once.

    ``ValidationError``: a sum of 0 or less, a day more than 31 days ahead, due before it is issued, another customer's or
    a cancelled order, a number that is taken. The currency is the order's where none is named.
    """
    require_customer(customer, by=by, permission="money.edit")
    if order is not None:
        order = locked(order, by=by, permission="money.edit")
    total = check_invoice(
        customer=customer, issued_on=issued_on, amount=amount, due_on=due_on, order=order, number=number
    )
    if due_on is None:
        on_credit = order is None or order.settlement_method in ON_CREDIT
        due_on = issued_on + dt.timedelta(days=credit_days_of(customer) if on_credit else 0)
    holder, unit = seller_of(customer, rep or (order.rep if order else None))
    invoice: Invoice = Invoice.objects.create(
        number=number_for(Invoice, issued_on, checked_number(number)),
        customer=customer,
        order=order,
        rep=holder,
        unit=unit,
        issued_on=issued_on,
        due_on=due_on,
        currency=checked_currency(currency or (order.currency if order else HOME_CURRENCY)),
        amount=total,
        open_amount=total,
    )
    record("invoice.issued", invoice, by=by, number=invoice.number, amount=str(total), due_on=str(due_on))
    return invoice


def check_invoice(
    *,
    customer: Customer,
    issued_on: dt.date,
    amount: Decimal,
    due_on: dt.date | None = None,
    order: Order | None = None,
    number: str = "",
) -> Decimal:
    """What can be said of an invoice before it is written: its sum, or ``ValidationError``."""
    if order is not None:
        if order.customer_id != customer.pk:
            raise ValidationError(_("This order is another customer's."), code="other_customer")
        if order.state != Order.State.CONFIRMED:
            raise ValidationError(_("Invoices are written for confirmed orders only."), code="state")
    checked_day(issued_on)
    checked_number(number)
    if due_on is not None:
        if due_on < issued_on:
            raise ValidationError(_("An invoice cannot be due before it is issued."), code="due")
        checked_day(due_on, ahead=3660)
    return checked_sum(amount)


@transaction.atomic
def dispute_invoice(invoice: Invoice, *, by: User, reason: str) -> Invoice:
    """The customer contests it: it is no longer reminded of, and oldest-first allocation passes it by."""
    invoice = locked(invoice, by=by, permission="money.edit")
    if invoice.state != Invoice.State.OPEN:
        raise ValidationError(_("Only an open invoice can be disputed."), code="state")
    invoice.state, invoice.dispute = Invoice.State.DISPUTED, typed_text(reason, most=300)
    invoice.save(update_fields=["state", "dispute"])
    record("invoice.disputed", invoice, by=by, number=invoice.number, reason=invoice.dispute)
    return invoice


@transaction.atomic
def end_dispute(invoice: Invoice, *, by: User) -> Invoice:
    """The dispute is over and the invoice stands; what was disputed stays readable."""
    invoice = locked(invoice, by=by, permission="money.edit")
    if invoice.state != Invoice.State.DISPUTED:
        raise ValidationError(_("This invoice is not disputed."), code="state")
    invoice.state = Invoice.State.OPEN
    invoice.save(update_fields=["state"])
    record("invoice.dispute_ended", invoice, by=by, number=invoice.number)
    return invoice


@transaction.atomic
def cancel_invoice(invoice: Invoice, *, by: User, reason: str = "") -> Invoice:
    """As if it had never been written; refused while money is allocated to it or a part was written off."""
    invoice = locked(invoice, by=by, permission="money.edit")
    if invoice.state == Invoice.State.CANCELLED:
        raise ValidationError(_("This invoice is cancelled already."), code="state")
    if invoice.open_amount != invoice.amount:
        raise ValidationError(
            _("Money is allocated to this invoice or a part of it was written off: take that back first."),
            code="used",
        )
    words = typed_text(reason, most=300, required=False)
    invoice.write_offs.filter(state=WriteOff.State.ASKED).update(state=WriteOff.State.REFUSED)
    invoice.state, invoice.open_amount = Invoice.State.CANCELLED, Decimal(0)
    invoice.settled_on = max(invoice.issued_on, timezone.localdate())
    invoice.save(update_fields=["state", "open_amount", "settled_on"])
    record("invoice.cancelled", invoice, by=by, number=invoice.number, reason=words)
    return invoice


@transaction.atomic
def ask_write_off(
    invoice: Invoice, *, by: User, amount: Decimal, reason: str, at: dt.datetime | None = None
) -> WriteOff:
    """Ask to give up a part of what is open; nothing changes until somebody else says yes."""
    invoice = locked(invoice, by=by, permission="money.edit")
    total = checked_sum(amount)
    if invoice.write_offs.filter(state=WriteOff.State.ASKED).exists():
        raise ValidationError(_("A write-off of this invoice waits already."), code="waiting")
    if total > invoice.open_amount:
        raise ValidationError(_("More than what is open cannot be written off."), code="over")
    write_off: WriteOff = WriteOff.objects.create(
        invoice=invoice,
        amount=total,
        reason=typed_text(reason, most=300),
        asked_by=by,
        asked_at=past_moment(at),
    )
    record("write_off.asked", write_off, by=by, invoice=invoice.number, amount=str(total), **told(at))
    return write_off


@transaction.atomic
def decide_write_off(
    write_off: WriteOff, *, by: User, approve: bool, comment: str = "", at: dt.datetime | None = None
) -> WriteOff:
    """Yes or no to a write-off, by another person than the one who asked. A no needs words.

    ``at`` is when it was decided, where that was earlier than now: from then on the debt is given up.
    """
    moment = past_moment(at)
    require(by, "money.write_off")
    invoice = locked(write_off.invoice, by=by, permission="money.write_off")
    row: WriteOff = WriteOff.objects.select_for_update(of=("self",)).get(pk=write_off.pk)
    if row.state != WriteOff.State.ASKED:
        raise ValidationError(_("This write-off is decided already."), code="state")
    if row.asked_by_id == by.pk:
        raise PermissionDenied(_("Somebody else must decide what you asked for."))
    words = typed_text(comment, most=300, required=not approve)
    if approve and row.amount > invoice.open_amount:
        raise ValidationError(_("Less than that is open by now; ask again."), code="over")
    if moment < row.asked_at:
        raise ValidationError(_("Nobody had asked for it yet at this moment."), code="before")
    row.state = WriteOff.State.APPROVED if approve else WriteOff.State.REFUSED
    row.decided_by, row.decided_at, row.comment = by, moment, words
    row.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    if approve:
        settle(invoice, -row.amount)
    details = {"approved": approve, "invoice": invoice.number, "amount": str(row.amount), **told(at)}
    record("write_off.decided", row, by=by, **details)
    return row
