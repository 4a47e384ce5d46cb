"""One customer: who they are, what they said, what follows, and everything that happened."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from shengce.customers.forms import CardForm, ContactForm, HandOverForm
from shengce.customers.models import Customer
from shengce.customers.queries import card_of, story_of
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.proposals.models import Proposal
from shengce.proposals.queries import by_passage
from shengce.sales.models import PaymentPromise
from shengce.visits.models import Appointment, Task
from shengce.web.queries import day_bounds, talk_list


@require_GET
def customer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page of one customer."""
    require(request.user, "customers.see")
    found = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("owner", "unit"), pk=pk
    )
    proposals = Proposal.objects.visible_to(request.user).filter(customer=found, state=Proposal.State.OPEN)
    context = {
        "customer": found,
        "card": card_of(found),
        "contacts": found.contacts.all(),
        "talks": talk_list(request.user, customer=found.pk).rows,
        "proposals": by_passage(proposals.select_related("fact", "conversation", "customer")[:20]),
        "promises": PaymentPromise.objects.visible_to(request.user)
        .filter(customer=found)
        .select_related("fact")
        .order_by("-made_at")[:10],
        "tasks": Task.objects.visible_to(request.user)
        .filter(customer=found, state=Task.State.OPEN)
        .select_related("fact", "owner")[:10],
        "appointments": Appointment.objects.visible_to(request.user)
        .filter(
            customer=found, state=Appointment.State.PLANNED, start_at__gte=day_bounds(timezone.localdate())[0]
        )
        .select_related("fact")
        .order_by("start_at")[:6],
        "story": story_of(found),
        "may_edit": may(request.user, "customers.edit"),
        "may_propose": may(request.user, "proposals.decide"),
        "contact_form": ContactForm(),
        "card_form": CardForm(),
        "hand_over_form": HandOverForm(reps=visible_reps(request.user)),
    }
    return render(request, "web/customer.html", context)
