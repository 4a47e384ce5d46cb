"""HTTP of deals: board and list, one deal, and its moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers import deals
from shengce.customers.forms import DealForm, MoveDealForm, NewDealForm, ReasonForm, carry_out
from shengce.customers.models import Customer, Deal
from shengce.customers.queries import CSV_ROWS, sellers_for
from shengce.people.asked import page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.people.table_files import table_response

CLOSED_DAYS: Final = 90
"""The board shows won and lost deals of so many days."""


def _found(request: SignedInRequest) -> QuerySet[Deal]:
    asked = request.GET
    return deals.deals_of(
        request.user,
        text=words(asked.get("q"), most=100),
        owner=whole_number(asked.get("owner")),
        customer=whole_number(asked.get("customer")),
        overdue_on=timezone.localdate() if asked.get("overdue") == "1" else None,
    )


@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """Deals by stage with their sums, or as a list."""
    require(request.user, "customers.see")
    asked = request.GET
    found = _found(request)
    context: dict[str, Any] = {
        "asked": asked,
        "reps": sellers_for(request.user),
        "stages": Deal.Stage.choices,
        "may_edit": may(request.user, "deals.edit"),
        "today": timezone.localdate(),
    }
    columns = deals.board(found, closed_since=timezone.localdate() - dt.timedelta(days=CLOSED_DAYS))
    context["columns"] = columns
    context["largest"] = max((column.amount for column in columns), default=0) or 1
    if asked.get("view") == "list":
        number = page_number(asked.get("page"))
        first = (number - 1) * deals.PAGE_SIZE
        rows = list(
            deals.deal_rows(found, stage=asked.get("stage", ""), sort=asked.get("sort", ""))[
                first : first + deals.PAGE_SIZE + 1
            ]
        )
        context |= {
            "rows": rows[: deals.PAGE_SIZE],
            "has_next": len(rows) > deals.PAGE_SIZE,
            "number": number,
        }
        return render(request, "customers/deal_list.html", context)
    return render(request, "customers/deal_board.html", context)


@require_GET
def deals_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    require(request.user, "customers.see")
    found = deals.deal_rows(
        _found(request), stage=request.GET.get("stage", ""), sort=request.GET.get("sort", "")
    )
    columns = [
        _("Deal"), _("Customer"), _("Stage"), _("Amount (yuan)"), _("Expected on"), _("Next step"), _("Next step on"),
        _("Reason lost"), _("Owner"), _("Made"),
    ]  # fmt: skip
    return table_response(_file_rows(found), columns, name=_("Deals"), file_format=file_format)


def _file_rows(found: QuerySet[Deal]) -> Iterator[list[Any]]:
    for deal in found[:CSV_ROWS].iterator(chunk_size=2000):
        yield [
            deal.name, deal.customer.name, str(deal.get_stage_display()), deal.amount, deal.expected_on, deal.next_step,
            deal.next_step_on, deal.lost_reason, str(deal.owner), deal.made_at,
        ]  # fmt: skip


@require_http_methods(["GET", "POST"])
def new_deal(request: SignedInRequest) -> HttpResponse:
    require(request.user, "deals.edit")
    asked = whole_number(request.GET.get("customer"))
    customer = (
        Customer.objects.visible_to(request.user).filter(pk=asked).first() if asked is not None else None
    )
    named = (customer.code or customer.name) if customer else ""
    form = NewDealForm(request.POST or None, initial={"customer": named}, user=request.user)
    if request.method == "POST" and form.is_valid():
        deal = carry_out(form, lambda: deals.create_deal(by=request.user, **form.cleaned_data))
        if deal is not None:
            return redirect("customers:deal", pk=deal.pk)
    context = {"form": form, "heading": _("New deal")}
    return render(request, "customers/deal_form.html", context, status=422 if form.errors else 200)


@require_GET
def deal(request: SignedInRequest, pk: int) -> HttpResponse:
    """One deal: what it says, the talk behind it, and how it came here."""
    require(request.user, "customers.see")
    return render(request, "customers/deal.html", _context(request, _deal(request, pk)))


@require_http_methods(["GET", "POST"])
def edit_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "deals.edit")
    found = _deal(request, pk)
    form = DealForm(
        request.POST or None, initial={name: getattr(found, name) for name in DealForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        saved = carry_out(form, lambda: deals.update_deal(found, by=request.user, **form.cleaned_data))
        if saved is not None:
            return redirect("customers:deal", pk=pk)
    context = {"form": form, "heading": found.name, "deal": found}
    return render(request, "customers/deal_form.html", context, status=422 if form.errors else 200)


@require_POST
def move_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    """To another stage."""
    form = MoveDealForm(request.POST)
    found = _to_change(request, pk)
    return _answer(request, found, form, lambda: deals.move_deal(found, by=request.user, **form.cleaned_data))


@require_POST
def lose_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    found = _to_change(request, pk)
    return _answer(request, found, form, lambda: deals.lose_deal(found, by=request.user, **form.cleaned_data))


@require_POST
def withdraw_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    try:
        deals.withdraw_deal(found, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("customers:deal", pk=pk)
    messages.success(request, _("The deal is removed."))
    return redirect("customers:deals")


def _answer(request: SignedInRequest, found: Deal, form: Any, action: Callable[[], object]) -> HttpResponse:
    if not form.is_valid() or carry_out(form, action) is None:
        reasons = [reason for reasons in form.errors.values() for reason in reasons]
        messages.error(request, " ".join(reasons))
    else:
        messages.success(request, _("Saved."))
    if request.POST.get("back") == "board":
        return redirect("customers:deals")
    return redirect("customers:deal", pk=found.pk)


def _deal(request: SignedInRequest, pk: int) -> Deal:
    found = Deal.objects.visible_to(request.user).select_related("customer", "owner", "unit")
    return get_object_or_404(found, pk=pk)


def _to_change(request: SignedInRequest, pk: int) -> Deal:
    require(request.user, "deals.edit")
    return _deal(request, pk)


def _context(request: SignedInRequest, found: Deal) -> dict[str, Any]:
    others = Deal.objects.visible_to(request.user).filter(customer=found.customer).exclude(pk=found.pk)
    return {
        "deal": found,
        "history": deals.history_of(found)[:40],
        "stages": [(stage.value, stage.label) for stage in Deal.Stage if stage != Deal.Stage.LOST],
        "others": others.order_by("-made_at")[:10],
        "open_sum": others.filter(closed_at__isnull=True).aggregate(sum=Sum("amount"))["sum"],
        "may_edit": may(request.user, "deals.edit") and may_act_for(request.user, found.owner),
        "sees_customer": Customer.objects.visible_to(request.user).filter(pk=found.customer_id).exists(),
        "today": timezone.localdate(),
    }
