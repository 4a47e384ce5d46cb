"""HTTP of invoices: list (also the one behind a cell of ageing), entry, one invoice and what is done to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.people.asked import day, page_number, whole_number, words
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.sales import actions, queries
from shengce.sales.asking import (
    MOST_EXPORTED,
    add_problem,
    asked_customer,
    carried_out,
    customers_like,
    export,
    filters,
    search_words,
)
from shengce.sales.forms import InvoiceForm, ReasonForm, WriteOffForm
from shengce.sales.models import Invoice, Order
from shengce.sales.receivables import BUCKETS, Within, open_on
from shengce.sales.sums import HOME_CURRENCY
from shengce.sales.wording import bucket_words

AGEING_KEYS = ("on", "bucket", "unit", "territory")
"""An address with one of these comes from a cell of ageing: it asks for what was open on a day."""


@require_GET
def invoices(request: SignedInRequest) -> HttpResponseBase:
    """Invoices of one's scope, or those behind a cell of the ageing table."""
    require(request.user, "money.see")
    asked = request.GET
    aged = any(key in asked for key in AGEING_KEYS)
    found, cell = _behind_a_cell(request.user, asked) if aged else (_listed(request.user, asked), {})
    columns = (
        _("Invoice number"), _("Customer"), _("Rep"), _("Issued on"), _("Due on"), _("Currency"), _("Amount"), pgettext("money", "Open"),
        _("State"),
    )  # fmt: skip
    table = (
        (
            i.number, i.customer.name, str(i.rep or ""), i.issued_on, i.due_on, i.currency, i.amount,
            getattr(i, "open_then", i.open_amount), i.get_state_display(),
        )
        for i in found[:MOST_EXPORTED].iterator(chunk_size=2000)
    )  # fmt: skip
    if file := export(request, "invoices", columns, table):
        return file
    number = page_number(asked.get("page"))
    rows, has_next = queries.page_of(found, number)
    context = {
        "rows": rows,
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "states": [("overdue", _("Overdue")), *Invoice.State.choices],
        "reps": visible_reps(request.user),
        "may_edit": may(request.user, "money.edit"),
        "aged": aged,
        **cell,
    }
    return render(request, "sales/invoices.html", context)


def _listed(user: User, asked: QueryDict) -> QuerySet[Invoice]:
    return queries.invoice_list(
        user,
        text=search_words(asked),
        rep=whole_number(asked.get("rep")),
        sort=asked.get("sort", ""),
        **filters(asked),
    )


def _behind_a_cell(user: User, asked: QueryDict) -> tuple[QuerySet[Invoice], dict[str, Any]]:
    """The invoices of a cell with what was open then, and what the heading says."""
    bucket = whole_number(asked.get("bucket"))
    bucket = bucket if bucket is not None and bucket < BUCKETS else None
    on = day(asked.get("on")) or timezone.localdate()
    within = Within(*(whole_number(asked.get(key)) for key in ("customer", "rep", "unit", "territory")))
    currency = words(asked.get("currency"), most=3).upper() or HOME_CURRENCY
    found = open_on(user, on=on, within=within, bucket=bucket, currency=currency)
    if asked.get("state") == "overdue":
        found = found.filter(due_on__lt=on)
    shown = found.select_related("customer", "rep").order_by("due_on", "pk")
    return shown, {"on": on, "bucket": None if bucket is None else bucket_words()[bucket]}


@require_http_methods(["GET", "POST"])
def new_invoice(request: SignedInRequest) -> HttpResponse:
    """An invoice for a customer, or for an order of his."""
    require(request.user, "money.edit")
    order = _asked_order(request)
    customer = order.customer if order else asked_customer(request)
    if customer is None:
        choice = {"heading": _("New invoice"), "customers": customers_like(request), "asked": request.GET}
        status = 422 if request.method == "POST" else 200
        return render(request, "sales/pick_customer.html", choice, status=status)
    initial = {"amount": order.total, "currency": order.currency} if order else {}
    form = InvoiceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.issue_invoice(by=request.user, customer=customer, order=order, **form.cleaned_data)
            return redirect("sales:invoice", pk=made.pk)
        except ValidationError as problem:
            add_problem(form, problem)
    context: dict[str, Any] = {
        "form": form,
        "heading": _("New invoice"),
        "customer": customer,
        "order": order,
        "back": "sales:invoices",
    }
    return render(request, "sales/form.html", context, status=422 if form.errors else 200)


def _asked_order(request: SignedInRequest) -> Order | None:
    key = whole_number(request.GET.get("order") or request.POST.get("order"))
    if key is None:
        return None
    rows = Order.objects.visible_to(request.user).select_related("customer")
    found: Order = get_object_or_404(rows, pk=key)
    return found


@require_GET
def invoice(request: SignedInRequest, pk: int) -> HttpResponse:
    """One invoice: what paid it, what was written off, how often it was reminded of."""
    require(request.user, "money.see")
    found = _invoice(request.user, pk)
    return render(request, "sales/invoice.html", _context(request.user, found))


@require_POST
def change_invoice(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Dispute, end the dispute, cancel, ask to write off, remind."""
    require(request.user, "money.edit")
    found, by = _invoice(request.user, pk), request.user
    form: forms.Form = {"dispute": ReasonForm, "write-off": WriteOffForm}.get(what, forms.Form)(request.POST)
    if not form.is_valid():
        return render(request, "sales/invoice.html", _context(by, found, {what: form}), status=422)
    typed = form.cleaned_data
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "dispute": (lambda: actions.dispute_invoice(found, by=by, **typed), _("The invoice is disputed.")),
        "end-dispute": (lambda: actions.end_dispute(found, by=by), _("The dispute is over.")),
        "cancel": (
            lambda: actions.cancel_invoice(found, by=by, reason=request.POST.get("reason", "")),
            _("The invoice is cancelled."),
        ),
        "write-off": (
            lambda: actions.ask_write_off(found, by=by, **typed),
            _("Asked. Somebody else decides."),
        ),
        "remind": (lambda: actions.send_dunning(found, by=by), _("The reminder is noted.")),
    }
    carried_out(request, *acts[what])
    return redirect("sales:invoice", pk=pk)


def _invoice(user: User, pk: int) -> Invoice:
    rows = Invoice.objects.visible_to(user).select_related("customer", "rep", "order")
    found: Invoice = get_object_or_404(rows, pk=pk)
    return found


def _context(user: User, invoice: Invoice, typed: dict[str, forms.Form] | None = None) -> dict[str, Any]:
    typed = typed or {}
    today: dt.date = timezone.localdate()
    return {
        "invoice": invoice,
        "late": max(0, (today - invoice.due_on).days) if invoice.settled_on is None else 0,
        "allocations": invoice.allocations.select_related("receipt", "by").order_by("at", "pk"),
        "write_offs": invoice.write_offs.select_related("asked_by", "decided_by").order_by("pk"),
        "dunnings": invoice.dunnings.select_related("by").order_by("pk"),
        "may_edit": may(user, "money.edit"),
        "dispute_form": typed.get("dispute") or ReasonForm(),
        "write_off_form": typed.get("write-off") or WriteOffForm(initial={"amount": invoice.open_amount}),
        "wrong": set(typed),
    }
