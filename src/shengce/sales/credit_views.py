"""HTTP of credit: one customer's account and line, and the firm's rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.sales import actions, queries
from shengce.sales.asking import add_problem, carried_out
from shengce.sales.calls import kept_in_all
from shengce.sales.credit import grades_of
from shengce.sales.forms import CreditForm, PolicyForm, PromiseForm, StatementForm
from shengce.sales.models import Invoice, PaymentPromise, Receipt
from shengce.sales.wording import bucket_words

SHOWN = 20


@require_GET
def credit(request: SignedInRequest, pk: int) -> HttpResponse:
    """A customer's account: what he owes and for how long, his limit, what he promised, what he paid."""
    require(request.user, "money.see")
    customer = _customer(request.user, pk)
    return render(request, "sales/credit.html", _context(request.user, customer, None))


@require_POST
def set_credit(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new credit line, by hand or as suggested."""
    require(request.user, "credit.edit")
    customer = _customer(request.user, pk)
    suggestion = queries.suggest_credit(customer)
    if "suggested" in request.POST:
        actions.set_credit(
            customer,
            by=request.user,
            limit=suggestion.limit,
            days=suggestion.days,
            grade=suggestion.grade,
            reasons=suggestion.reasons,
        )
        messages.success(request, _("The suggested credit line is in force."))
        return redirect("sales:credit", pk=pk)
    form = CreditForm(request.POST)
    if form.is_valid():
        typed = dict(form.cleaned_data)
        why = typed.pop("why")
        try:
            reasons = [{"text": why, "points": 0}] if why else []
            actions.set_credit(customer, by=request.user, reasons=reasons, **typed)
            messages.success(request, _("The credit line is in force."))
            return redirect("sales:credit", pk=pk)
        except ValidationError as problem:
            add_problem(form, problem)
    return render(request, "sales/credit.html", _context(request.user, customer, form), status=422)


@require_POST
def note_promise(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a customer promised on the telephone; back to the list of calls or to his account."""
    require(request.user, "promises.note")
    customer = _customer(request.user, pk)
    form = PromiseForm(request.POST)
    if form.is_valid():
        noted = carried_out(
            request,
            lambda: actions.note_payment_promise(
                customer=customer, rep=customer.owner or request.user, by=request.user, **form.cleaned_data
            ),
            _("The promise of %(name)s is noted.") % {"name": customer},
        )
    else:
        noted = False
        messages.error(
            request, " ".join(str(reason) for reasons in form.errors.values() for reason in reasons)
        )
    if request.POST.get("back") == "calls":
        return redirect("sales:calls")
    return redirect(f"{reverse('sales:credit', args=[pk])}{'#promises' if noted else ''}")


@require_http_methods(["GET", "POST"])
def rules(request: SignedInRequest) -> HttpResponse:
    """How this firm counts credit, grades and reminds."""
    require(request.user, "credit.edit")
    policy = queries.current_policy()
    form = PolicyForm(request.POST or None, initial=PolicyForm.standing(policy))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_credit_policy(by=request.user, **form.cleaned_data)
            messages.success(request, _("The rules are in force."))
            return redirect("sales:rules")
        except ValidationError as problem:
            add_problem(form, problem)
    context = {"form": form, "grades": grades_of(policy), "stored": policy.pk is not None}
    return render(request, "sales/rules.html", context, status=422 if form.errors else 200)


def _customer(user: User, pk: int) -> Customer:
    found: Customer = get_object_or_404(
        Customer.objects.visible_to(user).select_related("owner", "unit"), pk=pk
    )
    return found


def _context(user: User, customer: Customer, form: CreditForm | None) -> dict[str, Any]:
    today = timezone.localdate()
    suggestion = queries.suggest_credit(customer)
    promises = PaymentPromise.objects.filter(customer=customer)
    opened = Invoice.objects.filter(customer=customer, settled_on__isnull=True).order_by("due_on", "pk")
    lines = list(customer.credit_lines.select_related("set_by").order_by("-set_at", "-pk")[:SHOWN])
    owing = queries.receivables_of(customer)
    initial = {"grade": suggestion.grade, "limit": suggestion.limit, "days": suggestion.days}
    return {
        "customer": customer,
        "owing": owing,
        "buckets": list(zip(bucket_words(), owing.amounts, range(len(owing.amounts)), strict=True)),
        "lines": lines,
        "line": lines[0] if lines else None,
        "suggestion": suggestion,
        "invoices": opened[:SHOWN],
        "receipts": Receipt.objects.filter(customer=customer).order_by("-received_on", "-pk")[:SHOWN],
        "promises": promises.select_related("fact__conversation", "rep").order_by("-due_on", "-pk")[:SHOWN],
        "kept": kept_in_all(promises),
        "statements": customer.statements.order_by("-made_at", "-pk")[:5],
        "credit_form": form or CreditForm(initial=initial),
        "statement_form": StatementForm(initial={"start_on": today.replace(day=1), "last_on": today}),
        "form_open": form is not None,
        "may_set": may(user, "credit.edit"),
        "may_note": may(user, "promises.note"),
        "may_edit": may(user, "money.edit"),
        "may_hear": may(user, "conversations.see"),
    }
