"""Actions of statements of account and of reminders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.moments import moment_on, past_day, past_moment, told
from shengce.people.typed_text import typed_text
from shengce.planning.ageing import days_late
from shengce.sales.account import account_between, kind_words
from shengce.sales.credit import current_policy
from shengce.sales.models import CreditPolicy, Dunning, Invoice, Statement
from shengce.sales.reach import locked, require_customer
from shengce.sales.sums import HOME_CURRENCY


@transaction.atomic
def make_statement(
    customer: Customer, *, by: User, start_on: dt.date, end_on: dt.date, at: dt.datetime | None = None
) -> Statement:
    """The account of ``[start_on, end_on)`` as it stands now, kept as it was written: what was invoiced, what came in.

    ``at`` is when it was sent, where that was earlier than now.

    Yuan; other currencies are not on it. ``ValidationError`` where the end is not after the start.
    """
    require_customer(customer, by=by, permission="money.edit")
    if not start_on < end_on:
        raise ValidationError(_("The end must be after the start."), code="period")
    if start_on.year < 2000 or end_on.year > 2100:
        raise ValidationError(_("The days must lie between 2000 and 2100."), code="period")
    account = account_between(customer, start_on, end_on)
    statement: Statement = Statement.objects.create(
        customer=customer,
        start_on=start_on,
        end_on=end_on,
        opening=account.opening,
        closing=account.closing,
        lines=account.lines,
        made_by=by,
        made_at=past_moment(at),
    )
    details = {"customer": customer.pk, "closing": str(account.closing), **told(at)}
    record("statement.made", statement, by=by, **details)
    return statement


def statement_table(statement: Statement) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Headings and rows of a statement as a file, from the balance before to the balance after."""
    columns = [_("Day"), pgettext("statement", "What"), _("Number"), _("Owed"), _("Paid"), _("Balance")]
    lines = [
        (
            dt.date.fromisoformat(line["on"]), kind_words(line["kind"]), line["number"], Decimal(line["debit"]),
            Decimal(line["credit"]), Decimal(line["balance"]),
        )
        for line in statement.lines
    ]  # fmt: skip
    before = (statement.start_on, _("Brought forward"), "", None, None, statement.opening)
    after = (statement.last_on, _("Balance in our favour"), "", None, None, statement.closing)
    return columns, [before, *lines, after]


@transaction.atomic
def answer_statement(
    statement: Statement,
    *,
    by: User,
    confirmed: bool,
    comment: str = "",
    at: dt.datetime | None = None,
) -> Statement:
    """What the customer answered: it is right, or it is not, with his words."""
    require_customer(statement.customer, by=by, permission="money.edit")
    row: Statement = Statement.objects.select_for_update(of=("self",)).get(pk=statement.pk)
    if row.state != Statement.State.SENT:
        raise ValidationError(_("This statement is answered already."), code="state")
    row.comment = typed_text(comment, most=300, required=not confirmed)
    row.state = Statement.State.CONFIRMED if confirmed else Statement.State.DISPUTED
    row.answered_at = past_moment(at)
    if row.answered_at < row.made_at:
        raise ValidationError(_("The statement was not sent yet at this moment."), code="before")
    row.save(update_fields=["state", "comment", "answered_at"])
    record("statement.answered", row, by=by, customer=row.customer_id, confirmed=confirmed, **told(at))
    return row


@transaction.atomic
def send_dunning(
    invoice: Invoice, *, by: User, level: int | None = None, text: str = "", on: dt.date | None = None
) -> Dunning:
    """Note that the customer is reminded of an overdue invoice. Without ``level`` the highest one that its age has reached.

    ``on`` is the day on which he was reminded, today or before.

    ``ValidationError``: not overdue, disputed, or the level was sent before. The text is the firm's, filled in.
    """
    invoice = locked(invoice, by=by, permission="money.edit")
    late = days_late(invoice.due_on, past_day(on))
    if invoice.state != Invoice.State.OPEN or not late:
        raise ValidationError(_("Only overdue invoices that nobody disputes are reminded of."), code="state")
    chosen = next(
        (row for row in levels_reached(late, current_policy()) if level in (None, row["level"])), None
    )
    if chosen is None or chosen["level"] <= invoice.dunning_level:
        raise ValidationError(_("This reminder was sent, or its time has not come."), code="level")
    words = typed_text(text, most=2000, required=False) or letter(invoice, chosen["text"], late)
    at = moment_on(on)
    dunning: Dunning = Dunning.objects.create(
        invoice=invoice, level=chosen["level"], text=words, by=by, at=past_moment(at)
    )
    invoice.dunning_level = chosen["level"]
    invoice.save(update_fields=["dunning_level"])
    record("dunning.sent", dunning, by=by, invoice=invoice.number, level=dunning.level, **told(at))
    return dunning


def levels_reached(late: int, policy: CreditPolicy) -> list[dict[str, Any]]:
    """Levels whose day has come, the highest first."""
    return sorted((row for row in policy.dunning if row["days"] <= late), key=lambda row: -row["level"])


def letter(invoice: Invoice, text: str, late: int) -> str:
    """The firm's words with the invoice's own filled in. Plain replacement: a template reaches no attribute."""
    parts = {
        "{customer}": str(invoice.customer),
        "{number}": invoice.number,
        "{amount}": money_of(invoice.open_amount, invoice.currency),
        "{due_on}": f"{invoice.due_on:%Y-%m-%d}",
        "{days}": str(late),
    }
    for name, value in parts.items():
        text = text.replace(name, value)
    return text


def money_of(amount: Decimal, currency: str) -> str:
    """``¥12,000.00`` or ``USD 12,000.00``."""
    return f"¥{amount:,.2f}" if currency == HOME_CURRENCY else f"{currency} {amount:,.2f}"
