"""Statements and reminders by e-mail, through the mail server that the firm has set.

Asking for a letter to be sent is an action of its own: the row is there and audited before the server is spoken to, which
happens after the commit. What the server answers is written on the row; what did not go out can be tried again.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Contact, Customer
from shengce.people.models import User, record
from shengce.people.table_files import XLSX_TYPE, to_xlsx
from shengce.people.typed_text import typed_text
from shengce.sales.models import Dunning, Mail, Statement
from shengce.sales.reach import require_customer
from shengce.sales.statements import money_of, statement_table
from shengce.sales.sums import HOME_CURRENCY

MOST_DETAIL = 300
GIVEN_UP = dt.timedelta(minutes=5)
"""A letter that was on its way for longer is not any more."""

Letter = Statement | Dunning


def mail_server_set() -> bool:
    """Whether the firm has set a server and an address to send from."""
    return bool(settings.EMAIL_HOST and settings.DEFAULT_FROM_EMAIL)


def addresses_of(customer: Customer) -> list[str]:
    """E-mail addresses of the people at a customer, those entered first on top."""
    found = Contact.objects.filter(customer=customer).exclude(email="").order_by("pk")
    return list(dict.fromkeys(found.values_list("email", flat=True)))


def customer_of(letter: Letter) -> Customer:
    return letter.customer if isinstance(letter, Statement) else letter.invoice.customer


@transaction.atomic
def send_mail(letter: Letter, *, by: User, to: str) -> Mail:
    """Send a statement or a reminder to ``to`` once this is committed.

    ``ValidationError``: no mail server is set, this is no address, or the letter is on its way there.
    """
    require_customer(customer_of(letter), by=by, permission="money.edit")
    if not mail_server_set():
        raise ValidationError(_("No mail server is set: the letter can only be printed."), code="no_server")
    to = typed_text(to, most=254)
    try:
        validate_email(to)
    except ValidationError as problem:
        raise ValidationError({"to": problem}) from problem
    kind = "statement" if isinstance(letter, Statement) else "dunning"
    if _fresh(Mail.objects.filter(**{kind: letter}, to=to, state=Mail.State.WAITING)).exists():
        raise ValidationError(_("This letter is on its way to %(to)s.") % {"to": to}, code="on_its_way")
    mail: Mail = Mail.objects.create(**{kind: letter}, to=to, subject=_subject(letter), by=by)
    record("mail.asked", mail, by=by, customer=customer_of(letter).pk, kind=kind, letter=letter.pk, to=to)
    transaction.on_commit(partial(deliver, [mail.pk]))
    return mail


@transaction.atomic
def try_again(mail: Mail, *, by: User) -> Mail:
    """Send a letter once more that did not go out."""
    row: Mail = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    require_customer(customer_of(_letter(row)), by=by, permission="money.edit")
    if row.state == Mail.State.SENT:
        raise ValidationError(_("This letter was sent."), code="state")
    if row.state == Mail.State.WAITING and _fresh(Mail.objects.filter(pk=row.pk)).exists():
        raise ValidationError(_("This letter is on its way to %(to)s.") % {"to": row.to}, code="on_its_way")
    if not mail_server_set():
        raise ValidationError(_("No mail server is set: the letter can only be printed."), code="no_server")
    row.state, row.asked_at, row.by = Mail.State.WAITING, timezone.now(), by
    row.save(update_fields=["state", "asked_at", "by"])
    record("mail.tried_again", row, by=by, to=row.to)
    transaction.on_commit(partial(deliver, [row.pk]))
    return row


def deliver(mails: Iterable[int]) -> None:
    """Hand letters to the server over one connection, and write on each what became of it. Outside any transaction.

    Where the server cannot be spoken to at all, the rest are not tried: each would wait for the same silence.
    """
    rows = Mail.objects.filter(pk__in=list(mails), state=Mail.State.WAITING).order_by("pk")
    related = ("statement__customer", "statement__made_by", "dunning__invoice__customer")
    connection, dead = get_connection(), None
    try:
        for row in rows.select_related(*related):
            problem = dead or _hand_over(row, connection)
            if problem and problem[0] in (Mail.Problem.UNREACHABLE, Mail.Problem.SIGN_IN):
                dead = problem
            _write(row, problem)
    finally:
        connection.close()


def _hand_over(row: Mail, connection: BaseEmailBackend) -> tuple[str, str] | None:
    """What went wrong and what the server said; nothing where it took the letter."""
    try:
        _message(row, connection).send()
    except smtplib.SMTPAuthenticationError as problem:
        return Mail.Problem.SIGN_IN, _said(problem)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as problem:
        return Mail.Problem.ADDRESS, _said(problem)
    except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected) as problem:
        return Mail.Problem.UNREACHABLE, _said(problem)
    except smtplib.SMTPException as problem:
        return Mail.Problem.REFUSED, _said(problem)
    except OSError as problem:
        return Mail.Problem.UNREACHABLE, _said(problem)
    return None


def _write(row: Mail, problem: tuple[str, str] | None) -> None:
    row.state = Mail.State.FAILED if problem else Mail.State.SENT
    row.problem, row.detail = problem or ("", "")
    row.tries, row.tried_at = row.tries + 1, timezone.now()
    with transaction.atomic():
        row.save(update_fields=["state", "problem", "detail", "tries", "tried_at"])
        record("mail.failed" if problem else "mail.sent", row, by=row.by, to=row.to, problem=row.problem)


def _said(problem: BaseException) -> str:
    """The server's own words, without what a log or a page should not hold."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        replies = [reply for _code, reply in problem.recipients.values()]
        text = b" ".join(replies).decode("utf-8", errors="replace")
    elif isinstance(problem, smtplib.SMTPResponseException):
        reply = problem.smtp_error
        text = reply.decode("utf-8", errors="replace") if isinstance(reply, bytes) else str(reply)
    else:
        text = str(problem)
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()[:MOST_DETAIL]


def _message(row: Mail, connection: BaseEmailBackend) -> EmailMessage:
    letter = _letter(row)
    if isinstance(letter, Dunning):
        return EmailMessage(row.subject, letter.text, to=[row.to], connection=connection)
    message = EmailMessage(row.subject, _covering(letter), to=[row.to], connection=connection)
    columns, table = statement_table(letter)
    with to_xlsx(table, columns, title=str(letter.customer)) as file:
        message.attach(f"{letter.start_on}-{letter.last_on}.xlsx", file.read(), XLSX_TYPE)
    return message


def _letter(row: Mail) -> Letter:
    letter: Letter | None = row.statement or row.dunning
    if letter is None:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return letter


def _subject(letter: Letter) -> str:
    if isinstance(letter, Dunning):
        text = _("Reminder of invoice %(number)s") % {"number": letter.invoice.number}
    else:
        days = {"start": letter.start_on, "last": letter.last_on, "customer": letter.customer}
        text = _("Statement of account %(start)s – %(last)s, %(customer)s") % days
    return " ".join(text.split())[:200]


def _covering(statement: Statement) -> str:
    """The words of the letter in which the account lies."""
    told = {
        "customer": statement.customer, "start": statement.start_on, "last": statement.last_on,
        "closing": money_of(statement.closing, HOME_CURRENCY), "name": statement.made_by,
    }  # fmt: skip
    return (
        _(
            "Dear %(customer)s,\n\nenclosed is our account from %(start)s to %(last)s. The balance in our favour is %(closing)s.\n"
            "Please tell us whether it agrees with your books.\n\n%(name)s"
        )
        % told
    )


def _fresh(rows: models.QuerySet[Mail]) -> models.QuerySet[Mail]:
    return rows.filter(asked_at__gt=timezone.now() - GIVEN_UP)
