"""HTTP of monthly cards: everybody's of a month, as a list and a file; drafting. One card's page spans rooms: ``web``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shengce.cards import actions, queries
from shengce.cards.figures import month_after, month_before
from shengce.cards.models import MonthlyRun
from shengce.customers.card_views import month_asked
from shengce.customers.models import Customer
from shengce.customers.queries import sellers_for
from shengce.people.asked import page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response

COLUMNS = (
    "turnover", "receipts", "overdue", "promises_kept", "promises_broken", "visits", "talks", "tickets",
)  # fmt: skip
"""Figures that the list shows side by side."""


def _month(request: SignedInRequest) -> dt.date:
    """The month that is asked for; without one the last that is over, which is the one to review."""
    if asked := request.GET.get("month"):
        return month_asked(asked)
    return month_before(timezone.localdate())


def _asked(request: SignedInRequest) -> dict[str, Any]:
    asked = request.GET
    return {
        "text": words(asked.get("q"), most=100),
        "owner": whole_number(asked.get("owner")),
        "risk": words(asked.get("risk"), most=60),
        "sort": asked.get("sort", ""),
    }


@require_GET
def monthly(request: SignedInRequest) -> HttpResponse:
    """The cards of a month side by side, the figures against those of the month before."""
    require(request.user, "customers.see")
    month, today = _month(request), timezone.localdate()
    fields = {entry.from_figure or entry.key: entry for entry in queries.monthly_fields()}
    found = queries.monthly_customers(request.user, month, **_asked(request))
    number = page_number(request.GET.get("page"))
    rows, has_next = queries.monthly_page(found, month, page=number)
    shown = [(name, fields[name]) for name in COLUMNS if name in fields]
    later = month_after(month)
    context = {
        "rows": [(row, [(name, row.values.get(name)) for name, _entry in shown]) for row in rows],
        "columns": [(name, entry, name in queries.SORTED_BY) for name, entry in shown],
        "risk": fields.get("risk"),
        "has_next": has_next,
        "number": number,
        "asked": request.GET,
        "month": month,
        "earlier": month_before(month),
        "later": later if later <= today else None,
        "run": MonthlyRun.objects.filter(month=month).select_related("by").first(),
        "reps": sellers_for(request.user),
        "may_draft": may(request.user, "customers.rules"),
    }
    return render(request, "cards/monthly.html", context)


@require_GET
def monthly_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The filtered cards, every field of them, one row a customer."""
    require(request.user, "customers.see")
    month, fields = _month(request), queries.monthly_fields()
    found = queries.monthly_customers(request.user, month, **_asked(request))
    rows = queries.monthly_rows(found, month, fields, said=said)
    name = f"{_('Monthly cards')} {month:%Y-%m}"
    return table_response(rows, queries.monthly_columns(fields, said), name=name, file_format=file_format)


@require_POST
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draft one customer's card of a month, or bring it up to date."""
    require(request.user, "customers.edit")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    month = month_asked(request.POST.get("month"))
    try:
        changed = actions.draft_monthly_card(customer, by=request.user, month=month)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        text = ngettext("%(n)d value drafted.", "%(n)d values drafted.", changed) % {"n": changed}
        messages.success(request, text if changed else _("Everything is up to date."))
    return redirect(f"{reverse('web:customer_card', args=[pk, 'monthly'])}?month={month:%Y-%m}")


@require_POST
def draft_all(request: SignedInRequest) -> HttpResponse:
    """Draft the cards of everybody now, for those who cannot wait for the first of the month."""
    require(request.user, "customers.rules")
    month = month_asked(request.POST.get("month"))
    try:
        cards = actions.draft_monthly_cards(by=request.user, month=month)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(
            request, ngettext("%(n)d card drafted.", "%(n)d cards drafted.", cards) % {"n": cards}
        )
    return redirect(f"{reverse('cards:monthly')}?month={month:%Y-%m}")


def said(words: Any) -> str:
    """A label in the language of the page; a text as it is."""
    if not isinstance(words, dict):
        return str(words or "")
    first, second = ("en", "zh") if (get_language() or "").startswith("en") else ("zh", "en")
    return str(words.get(first) or words.get(second) or "")
