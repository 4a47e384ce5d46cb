"""HTTP of receipts: the money that nobody has claimed, entry, and the table on which it is allocated."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.people.asked import page_number, whole_number
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.planning.settlement import OpenDebt, oldest_first
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
from shengce.sales.forms import NumberField, ReceiptForm
from shengce.sales.models import Allocation, Invoice, Receipt
from shengce.sales.payers import Likely, likely_payers

MOST_INVOICES = 200
"""Open invoices on the table of one receipt; the oldest come first, and the others when those are paid."""


@require_GET
def receipts(request: SignedInRequest) -> HttpResponseBase:
    """Receipts of one's scope; money that nobody has claimed yet stands above them."""
    require(request.user, "money.see")
    asked = request.GET
    found = queries.receipt_list(request.user, text=search_words(asked), **filters(asked))
    columns = (
        _("Received on"), _("Customer"), _("Payer"), _("Bank reference"), _("Currency"), _("Amount"), _("Not allocated"),
        _("Settlement"), _("Note"),
    )  # fmt: skip
    table = (
        (
            r.received_on, r.customer.name if r.customer else "", r.payer, r.bank_reference, r.currency, r.amount,
            r.open_amount, r.get_settlement_method_display(), r.reversal or r.note,
        )
        for r in found[:MOST_EXPORTED].iterator(chunk_size=2000)
    )  # fmt: skip
    if file := export(request, "receipts", columns, table):
        return file
    number = page_number(asked.get("page"))
    first_page = number == 1 and not any(asked.get(key) for key in ("state", "q", "customer", "from", "to"))
    unassigned = (
        queries.receipt_list(request.user, state="unassigned")[: queries.PAGE_SIZE] if first_page else []
    )
    shown = found.filter(customer__isnull=False) if first_page else found
    rows, has_next = queries.page_of(shown, number)
    context = {
        "rows": [*unassigned, *rows],
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "states": [
            ("unassigned", _("Whose?")), ("open", _("Not all allocated")), ("reversed", _("Reversed")),
        ],
        "may_edit": may(request.user, "money.edit"),
    }  # fmt: skip
    return render(request, "sales/receipts.html", context)


@require_http_methods(["GET", "POST"])
def new_receipt(request: SignedInRequest) -> HttpResponse:
    """Money that came in, of a customer or of somebody not known yet."""
    require(request.user, "money.edit")
    customer = asked_customer(request)
    form = ReceiptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.record_receipt(by=request.user, customer=customer, **form.cleaned_data)
            return redirect("sales:receipt", pk=made.pk)
        except ValidationError as problem:
            add_problem(form, problem)
    context = {
        "form": form,
        "heading": _("New receipt"),
        "customer": customer,
        "back": "sales:receipts",
        "without": customer is None,
    }
    return render(request, "sales/form.html", context, status=422 if form.errors else 200)


@require_GET
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """One receipt: whose it is, and which invoices it pays."""
    require(request.user, "money.see")
    found = _receipt(request.user, pk)
    return render(request, "sales/receipt.html", _context(request, found, {}))


@require_POST
def change_receipt(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Assign, allocate by hand or the oldest first, reverse."""
    require(request.user, "money.edit")
    found, by = _receipt(request.user, pk), request.user
    if what == "allocate":
        return _allocate(request, found)
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "assign": (lambda: _assign(request, found), _("Assigned.")),
        "oldest": (lambda: actions.allocate_oldest_first(found, by=by), _("Allocated, the oldest first.")),
        "reverse": (
            lambda: actions.reverse_receipt(found, by=by, reason=request.POST.get("reason", "")),
            _("The receipt is reversed."),
        ),
    }
    carried_out(request, *acts[what])
    return redirect("sales:receipt", pk=pk)


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undo one allocation."""
    require(request.user, "money.edit")
    receipts = Receipt.objects.visible_to(request.user)
    row = get_object_or_404(
        Allocation.objects.filter(receipt__in=receipts).select_related("receipt", "invoice"), pk=pk
    )
    carried_out(
        request,
        lambda: actions.take_back_allocation(row, by=request.user),
        _("The allocation is taken back."),
    )
    return redirect("sales:receipt", pk=row.receipt_id)


def _assign(request: SignedInRequest, receipt: Receipt) -> None:
    customer = asked_customer(request)
    if customer is None:
        raise ValidationError(_("Choose a customer."), code="customer")
    actions.assign_receipt(receipt, by=request.user, customer=customer)


def _allocate(request: SignedInRequest, receipt: Receipt) -> HttpResponse:
    """All typed parts or none: what does not add up comes back with words, and nothing is booked."""
    typed = {
        key: str(text).strip()
        for name, text in request.POST.items()
        if name.startswith("part-")
        and str(text).strip()
        and (key := whole_number(name.removeprefix("part-"))) is not None
    }
    problems: dict[int, str] = {}
    invoices = {row.pk: row for row in _open_invoices(request.user, receipt).filter(pk__in=typed)}
    try:
        with transaction.atomic():
            for key in sorted(typed):  # always in the order of keys, as all who lock invoices
                try:
                    amount: Decimal | None = NumberField(required=False).clean(typed[key])
                    if amount:
                        if key not in invoices:
                            raise ValidationError(_("This invoice is settled by now."))
                        actions.allocate(receipt, by=request.user, invoice=invoices[key], amount=amount)
                except ValidationError as problem:
                    problems[key] = " ".join(problem.messages)
            if problems:
                raise _NothingBooked
    except _NothingBooked:
        context = _context(request, receipt, typed, problems)
        return render(request, "sales/receipt.html", context, status=422)
    return redirect("sales:receipt", pk=receipt.pk)


class _NothingBooked(Exception):
    """Undoes the parts that went well before one that did not."""


def _receipt(user: User, pk: int) -> Receipt:
    found: Receipt = get_object_or_404(
        Receipt.objects.visible_to(user).select_related("customer", "rep"), pk=pk
    )
    return found


def _open_invoices(user: User, receipt: Receipt) -> Any:
    return (
        Invoice.objects.visible_to(user)
        .filter(customer=receipt.customer_id or 0, currency=receipt.currency, settled_on__isnull=True)
        .order_by("due_on", "pk")
    )


def _context(
    request: SignedInRequest, receipt: Receipt, typed: dict[int, str], problems: dict[int, str] | None = None
) -> dict[str, Any]:
    edits = may(request.user, "money.edit") and receipt.reversed_at is None
    invoices = list(_open_invoices(request.user, receipt)[:MOST_INVOICES]) if receipt.open_amount else []
    shares, left = oldest_first(
        receipt.open_amount,
        [OpenDebt(i.pk, i.due_on, i.open_amount) for i in invoices if i.state == Invoice.State.OPEN],
    )
    suggested = {share.key: str(share.amount) for share in shares}
    parts = typed if problems is not None else suggested
    rows = [
        (i, suggested.get(i.pk, ""), parts.get(i.pk, ""), (problems or {}).get(i.pk, "")) for i in invoices
    ]
    return {
        "receipt": receipt,
        "rows": rows,
        "left": left,
        "problems": problems,
        "allocations": receipt.allocations.select_related("invoice", "by").order_by("at", "pk"),
        "may_edit": edits,
        "may_assign": edits and receipt.open_amount == receipt.amount,
        "customers": _likely(request, receipt) if edits and receipt.open_amount == receipt.amount else [],
        "asked": request.GET,
    }


def _likely(request: SignedInRequest, receipt: Receipt) -> list[Likely]:
    """Customers to assign to: those that are searched for, else those who are likely to have paid."""
    if request.GET.get("q"):
        return [Likely(customer, ()) for customer in customers_like(request)]
    return [] if receipt.customer_id is not None else likely_payers(request.user, receipt)
