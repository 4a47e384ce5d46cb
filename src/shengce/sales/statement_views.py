"""HTTP of the morning's calls, statements of account and reminders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers.models import Customer
from shengce.people.asked import page_number, whole_number
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.planning.ageing import days_late
from shengce.sales import actions, queries
from shengce.sales.asking import carried_out, export
from shengce.sales.forms import StatementForm
from shengce.sales.mail_views import mail_all, mail_context
from shengce.sales.mailing import mail_server_set
from shengce.sales.models import CreditPolicy, Dunning, Invoice, Statement
from shengce.sales.statements import levels_reached, statement_table

MOST_AT_ONCE = 200
"""Reminders noted by one press."""


@require_GET
def calls(request: SignedInRequest) -> HttpResponseBase:
    """Whom to call this morning, and what to remind them of."""
    require(request.user, "money.see")
    rows = queries.who_to_call(request.user, today=timezone.localdate())
    columns = (
        _("Customer"),
        _("Contact"),
        _("Phone"),
        _("Promised and not paid"),
        _("Overdue"),
        _("Days late"),
        _("Said"),
    )
    table = (
        (
            call.customer.name if call.customer else "",
            call.contact.name if call.contact else "",
            call.contact.phone if call.contact else "",
            call.promised,
            call.overdue,
            call.days_late,
            " / ".join(p.fact.quote for p in call.promises if p.fact),
        )
        for call in rows
    )
    if file := export(request, "calls", columns, table):
        return file
    context = {
        "calls": rows,
        "today": timezone.localdate(),
        "may_hear": may(request.user, "conversations.see"),
        "may_note": may(request.user, "promises.note"),
    }
    return render(request, "sales/calls.html", context)


@require_GET
def statements(request: SignedInRequest) -> HttpResponse:
    """Statements that were made, and what was answered."""
    require(request.user, "money.see")
    asked = request.GET
    number = page_number(asked.get("page"))
    found = queries.statement_list(
        request.user, state=asked.get("state", ""), customer=whole_number(asked.get("customer"))
    )
    rows, has_next = queries.page_of(found, number)
    context = {
        "rows": rows,
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "states": Statement.State.choices,
    }
    return render(request, "sales/statements.html", context)


@require_POST
def new_statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write the account of a customer for a time."""
    require(request.user, "money.edit")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    form = StatementForm(request.POST)
    if form.is_valid():
        days = form.cleaned_data
        try:
            end_on = days["last_on"] + dt.timedelta(days=1)
            made = actions.make_statement(customer, by=request.user, start_on=days["start_on"], end_on=end_on)
            return redirect("sales:statement", pk=made.pk)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        except OverflowError:
            messages.error(request, _("The days must lie between 2000 and 2100."))
    else:
        messages.error(
            request, " ".join(str(reason) for reasons in form.errors.values() for reason in reasons)
        )
    return redirect("sales:credit", pk=pk)


@require_GET
def statement(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One statement, to print or to send, and the customer's answer."""
    require(request.user, "money.see")
    row = _statement(request, pk)
    columns, table = statement_table(row)
    if file := export(request, f"statement-{row.pk}", columns, table):
        return file
    context = {
        "statement": row,
        "last_on": row.last_on,
        "may_edit": may(request.user, "money.edit"),
        **mail_context(request.user, row),
    }
    return render(request, "sales/statement.html", context)


@require_POST
def answer_statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the customer said to it."""
    require(request.user, "money.edit")
    row = _statement(request, pk)
    confirmed = request.POST.get("answer") == "yes"
    carried_out(
        request,
        lambda: actions.answer_statement(
            row, by=request.user, confirmed=confirmed, comment=request.POST.get("comment", "")
        ),
        _("The statement is confirmed.") if confirmed else _("The statement is disputed."),
    )
    return redirect("sales:statement", pk=pk)


@require_http_methods(["GET", "POST"])
def dunning(request: SignedInRequest) -> HttpResponse:
    """Overdue invoices whose reminder has come; one press notes those that are chosen."""
    require(request.user, "money.edit" if request.method == "POST" else "money.see")
    today = timezone.localdate()
    due = queries.dunning_due(request.user, today=today)
    if request.method == "POST":
        return _remind(request, due)
    number = page_number(request.GET.get("page"))
    rows, has_next = queries.page_of(due, number)
    policy = queries.current_policy()
    context = {
        "rows": [_with_level(row, today, policy) for row in rows],
        "has_next": has_next,
        "number": number,
        "may_edit": may(request.user, "money.edit"),
        "may_set": may(request.user, "credit.edit"),
        "mail_server": mail_server_set(),
        "sent": Dunning.objects.filter(invoice__in=Invoice.objects.visible_to(request.user))
        .select_related("invoice__customer", "by")
        .prefetch_related("mails")
        .order_by("-at", "-pk")[:10],
    }
    return render(request, "sales/dunning.html", context)


def _with_level(invoice: Invoice, today: dt.date, policy: CreditPolicy) -> tuple[Invoice, int, int]:
    """The invoice, its days late, and the level that has come."""
    late = days_late(invoice.due_on, today)
    return invoice, late, max((int(row["level"]) for row in levels_reached(late, policy)), default=0)


def _remind(request: SignedInRequest, due: Any) -> HttpResponse:
    chosen = [key for text in request.POST.getlist("invoice") if (key := whole_number(text)) is not None]
    rows = list(due.filter(pk__in=chosen[:MOST_AT_ONCE]))
    reminders = [made for row in rows if (made := _reminded(row, request)) is not None]
    done = len(reminders)
    if not rows:
        messages.warning(request, _("Choose the invoices first."))
    elif done:
        text = ngettext("%(n)d reminder is noted.", "%(n)d reminders are noted.", done)
        messages.success(request, text % {"n": done})
    if "mail" in request.POST:
        mail_all(request, reminders)
    return redirect("sales:dunning")


def _reminded(invoice: Invoice, request: SignedInRequest) -> Dunning | None:
    try:
        return actions.send_dunning(invoice, by=request.user)
    except ValidationError as problem:  # somebody else was quicker
        messages.warning(request, f"{invoice.number}: {' '.join(problem.messages)}")
        return None


@require_GET
def reminder(request: SignedInRequest, pk: int) -> HttpResponse:
    """The letter of a reminder, to print."""
    require(request.user, "money.see")
    rows = Dunning.objects.filter(invoice__in=Invoice.objects.visible_to(request.user))
    row = get_object_or_404(rows.select_related("invoice__customer", "by"), pk=pk)
    return render(request, "sales/reminder.html", {"dunning": row, **mail_context(request.user, row)})


def _statement(request: SignedInRequest, pk: int) -> Statement:
    customers = Customer.objects.visible_to(request.user)
    rows = Statement.objects.filter(customer__in=customers).select_related("customer", "made_by")
    found: Statement = get_object_or_404(rows, pk=pk)
    return found
