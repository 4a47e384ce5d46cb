"""One card of a customer: every field with its source and age, what talks suggest, and what changed in the month."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from shengce.customers import cards
from shengce.customers.card_views import month_asked
from shengce.customers.models import CardTemplate, Customer
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.proposals.models import Proposal
from shengce.proposals.queries import by_passage

SUGGESTED = 20


@require_GET
def customer_card(request: SignedInRequest, pk: int, card: str) -> HttpResponse:
    """The profile, strategy or monthly review card; ``?month=2026-11`` chooses the month."""
    require(request.user, "customers.see")
    if card not in CardTemplate.Card.values:
        raise Http404
    visible = Customer.objects.visible_to(request.user).select_related("owner", "unit")
    customer = get_object_or_404(visible, pk=pk)
    today = timezone.localdate()
    month = month_asked(request.GET.get("month"))
    sections = cards.read_card(customer, card, today=today, month=month)
    keys = [row.field.key for section in sections for row in section.rows]
    suggested = Proposal.objects.visible_to(request.user).filter(
        customer=customer, state=Proposal.State.OPEN, target=Proposal.Target.CUSTOMER_FIELD, field__in=keys
    )
    rows = [row for section in sections for row in section.rows]
    context = {
        "customer": customer,
        "card": card,
        "cards": CardTemplate.Card.choices,
        "heading": dict(CardTemplate.Card.choices)[card],
        "sections": sections,
        "filled": sum(row.current is not None for row in rows),
        "total": len(rows),
        "old": sum(row.age == "warn" for row in rows),
        "month": month,
        "month_before": _months_on(month, -1),
        "month_after": _months_on(month, 1) if _months_on(month, 1) <= today else None,
        "changes": cards.changes_in(customer, month, _months_on(month, 1)),
        "proposals": by_passage(suggested.select_related("fact", "conversation", "customer")[:SUGGESTED]),
        "may_edit": may(request.user, "customers.edit"),
        "may_propose": may(request.user, "proposals.decide"),
        "may_design": may(request.user, "customers.rules"),
    }
    return render(request, "web/customer_card.html", context)


def _months_on(month: dt.date, count: int) -> dt.date:
    years, place = divmod(month.month - 1 + count, 12)
    return dt.date(month.year + years, place + 1, 1)
