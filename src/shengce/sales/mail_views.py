"""HTTP of letters by e-mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.sales import actions
from shengce.sales.mailing import Letter, addresses_of, customer_of, mail_server_set
from shengce.sales.models import Dunning, Invoice, Mail, Statement


def mail_context(user: User, letter: Letter) -> dict[str, Any]:
    """What ``sales/mail.html`` shows beside a letter."""
    return {
        "mails": letter.mails.select_related("by"),
        "mail_server": mail_server_set(),
        "addresses": addresses_of(customer_of(letter)),
        "letter_customer": customer_of(letter),
        "may_mail": may(user, "money.edit"),
    }


@require_POST
def mail_reminder(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a reminder to the address that was chosen."""
    require(request.user, "money.edit")
    rows = Dunning.objects.filter(invoice__in=Invoice.objects.visible_to(request.user))
    letter = get_object_or_404(rows.select_related("invoice__customer"), pk=pk)
    _carry_out(request, lambda: actions.send_mail(letter, by=request.user, to=request.POST.get("to", "")))
    return redirect("sales:reminder", pk=pk)


@require_POST
def mail_statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a statement to the address that was chosen."""
    require(request.user, "money.edit")
    rows = Statement.objects.filter(customer__in=Customer.objects.visible_to(request.user))
    letter = get_object_or_404(rows.select_related("customer"), pk=pk)
    _carry_out(request, lambda: actions.send_mail(letter, by=request.user, to=request.POST.get("to", "")))
    return redirect("sales:statement", pk=pk)


@require_POST
def mail_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try a letter again that did not go out."""
    require(request.user, "money.edit")
    found = get_object_or_404(Mail.objects.select_related("statement", "dunning__invoice"), pk=pk)
    seen = Customer.objects.visible_to(request.user)
    letter = found.statement or found.dunning
    assert letter is not None
    get_object_or_404(seen, pk=customer_of(letter).pk)
    _carry_out(request, lambda: actions.try_again(found, by=request.user))
    return redirect("sales:statement" if found.statement_id else "sales:reminder", pk=letter.pk)


def mail_all(request: SignedInRequest, reminders: list[Dunning]) -> None:
    """Send reminders that were just noted to the first address of each customer; a server that is silent is not asked on."""
    sent, nobody = 0, []
    for reminder in reminders:
        addresses = addresses_of(reminder.invoice.customer)
        if not addresses:
            nobody.append(str(reminder.invoice.customer))
            continue
        try:
            mail = actions.send_mail(reminder, by=request.user, to=addresses[0])
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            break
        mail.refresh_from_db()
        sent += mail.state == Mail.State.SENT
        if mail.state == Mail.State.FAILED:
            words = _("The letter to %(to)s was not sent.") % {"to": mail.to}
            messages.error(request, f"{words} {mail.get_problem_display()} {mail.detail}")
            if mail.problem in (Mail.Problem.UNREACHABLE, Mail.Problem.SIGN_IN):
                break
    if sent:
        words = ngettext("%(n)d letter was sent.", "%(n)d letters were sent.", sent)
        messages.success(request, words % {"n": sent})
    if nobody:
        names = "、".join(dict.fromkeys(nobody))
        messages.warning(request, _("No e-mail address: %(names)s") % {"names": names[:400]})


def _carry_out(request: SignedInRequest, act: Any) -> None:
    """Carry out, and say what the server answered: by now the commit is over and the letter was handed to it."""
    try:
        mail = act()
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return
    mail.refresh_from_db()
    told = {"to": mail.to}
    if mail.state == Mail.State.SENT:
        messages.success(request, _("The letter was sent to %(to)s.") % told)
    elif mail.state == Mail.State.FAILED:
        words = _("The letter to %(to)s was not sent.") % told
        messages.error(request, f"{words} {mail.get_problem_display()} {mail.detail}")
