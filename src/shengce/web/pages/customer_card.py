"""One card of a customer: every field with its source and age, what talks suggest, and what changed in the month."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.cards.figures import month_after, month_before
from shengce.cards.queries import card_columns, card_rows, hearable
from shengce.customers import cards
from shengce.customers.card_views import month_asked
from shengce.customers.models import CardField, CardTemplate, Customer
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.proposals.models import Proposal
from shengce.proposals.queries import by_passage
from shengce.web.templatetags.shengce import in_language

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
        "month_before": month_before(month),
        "month_after": month_after(month) if month_after(month) <= today else None,
        "drafted": any(row.current and row.current.source == CardField.Source.COMPUTED for row in rows),
        "hearable_talks": hearable(request.user, [row.current for row in rows if row.current]),
        "changes": cards.changes_in(customer, month, month_after(month)),
        "proposals": by_passage(suggested.select_related("fact", "conversation", "customer")[:SUGGESTED]),
        "may_edit": may(request.user, "customers.edit"),
        "may_propose": may(request.user, "proposals.decide"),
        "may_design": may(request.user, "customers.rules"),
    }
    return render(request, "web/customer_card.html", context)


@require_GET
def customer_card_file(request: SignedInRequest, pk: int, card: str = "") -> HttpResponseBase:
    """One card, or all three where none is named, as an Excel file: every field with its source and age."""
    require(request.user, "customers.see")
    if card and card not in CardTemplate.Card.values:
        raise Http404
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    month = month_asked(request.GET.get("month"))
    rows = card_rows(
        customer,
        [card] if card else CardTemplate.Card.values,
        user=request.user,
        month=month,
        today=timezone.localdate(),
        said=in_language,
    )
    heading = dict(CardTemplate.Card.choices)[card] if card else _("Customer cards")
    return table_response(rows, card_columns(), name=f"{customer.name} {heading}", file_format="xlsx")
