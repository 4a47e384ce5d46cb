"""HTTP of cards: one field edited in place, and the templates; the page of a card spans rooms and lives in ``web``."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from shengce.customers import actions, card_editing, cards
from shengce.customers.models import CardField, CardTemplate, Customer
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest


def month_asked(text: str | None) -> dt.date:
    """The month of ``2026-11``, else the present one; years outside 2000–2100 are no question."""
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text or "", re.ASCII)
    if match is None:
        return timezone.localdate().replace(day=1)
    return dt.date(int(match.group(1)), int(match.group(2)), 1)


@require_http_methods(["GET", "POST"])
def card_field(request: SignedInRequest, pk: int, card: str, key: str) -> HttpResponse:
    """One field: its form (or, with ``?show``, the field as it stands), and the value that is sent.

    With htmx it is a piece of the card's page, without a page of its own.
    """
    require(request.user, "customers.edit")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    entry = _entry(card, key)
    month = month_asked(request.GET.get("month"))
    error, typed = "", None
    if request.method == "POST":
        typed = request.POST.get("value", "")
        try:
            actions.set_card_field(customer, key, typed, by=request.user, month=month)
            typed = None
        except ValidationError as problem:
            error = " ".join(problem.messages)
    if not request.htmx and request.method == "POST" and not error:
        return redirect(f"{reverse('web:customer_card', args=[pk, card])}?month={month:%Y-%m}#field-{key}")
    row = cards.read_field(customer, entry, card, today=timezone.localdate(), month=month)
    context = {
        "customer": customer,
        "card": card,
        "card_name": dict(CardTemplate.Card.choices)[card],
        "month": month,
        "row": row,
        "editing": (request.method == "GET" and "show" not in request.GET) or bool(error),
        "typed": typed,
        "error": error,
        "may_edit": True,
    }
    page = "customers/card_field.html" if request.htmx else "customers/card_field_page.html"
    return render(request, page, context, status=422 if error else 200)


def _entry(card: str, key: str) -> cards.Field:
    if card not in CardTemplate.Card.values:
        raise Http404
    entry = cards.template_of(card).fields.get(key)
    if entry is None or entry.hidden:
        raise Http404
    return entry


@require_POST
def withdraw_value(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take one value back; the one before it is in force again."""
    require(request.user, "customers.edit")
    visible = Customer.objects.visible_to(request.user).values("pk")
    row = get_object_or_404(CardField.objects.filter(customer__in=visible).select_related("customer"), pk=pk)
    card = cards.known_fields().get(row.field, (CardTemplate.Card.PROFILE, None))[0]
    actions.withdraw_card_field(row, by=request.user)
    messages.success(request, _("Taken back."))
    month = f"?month={row.month:%Y-%m}" if row.month else ""
    return redirect(f"{reverse('web:customer_card', args=[row.customer_id, card])}{month}#field-{row.field}")


@require_http_methods(["GET", "POST"])
def template(request: SignedInRequest, card: str) -> HttpResponse:
    """The fields of a card: add, rename, order, hide; saved as a new version."""
    require(request.user, "customers.rules")
    if card not in CardTemplate.Card.values:
        raise Http404
    standing = cards.templates()
    taken = {key for other, found in standing.items() if other != card for key in found.fields}
    sections = card_editing.sections_of(standing[card])
    error = ""
    if request.method == "POST":
        sections = card_editing.sent_sections(request.POST, standing[card], taken)
        button = request.POST.get("button", "save")
        if button == "save":
            try:
                saved = cards.save_card_template(by=request.user, card=card, sections=sections)
            except ValidationError as problem:
                error = " ".join(problem.messages)
            else:
                messages.success(request, _("Saved.") if saved else _("Nothing has changed."))
                return redirect("customers:template", card=card)
        else:
            sections = card_editing.moved(sections, button, taken | set(standing[card].fields))
    context: dict[str, Any] = {
        "card": card,
        "heading": dict(CardTemplate.Card.choices)[card],
        "sections": sections,
        "standing": standing[card],
        "versions": CardTemplate.objects.filter(card=card).select_related("made_by").order_by("-pk")[:10],
        "kinds": [(kind, str(words)) for kind, words in kind_words().items()],
        "error": error,
    }
    return render(request, "customers/template.html", context, status=422 if error else 200)


def kind_words() -> dict[str, str]:
    """Kinds of fields in words."""
    return {
        "text": pgettext("kind of field", "Text"),
        "long": pgettext("kind of field", "Long text"),
        "number": pgettext("kind of field", "Number"),
        "money": pgettext("kind of field", "Money"),
        "date": pgettext("kind of field", "Day"),
        "choice": pgettext("kind of field", "Choice"),
    }
