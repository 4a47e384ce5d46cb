"""Nothing of the past year carries today's date without a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from shengce.customers.models import CardField, Customer, Deal
from shengce.demo.script import Year
from shengce.sales.models import Dunning, PaymentPromise, Statement, WriteOff

pytestmark = pytest.mark.django_db

WRITTEN = "when it was written down; the thing itself has a day of its own"
WORKED_OUT = "worked out when the company was built, as of today"
ACCOUNTS = "the company was founded today; only its books are older"

TODAY_IS_RIGHT = {
    "sales.Order.made_at": WRITTEN,  # ordered_on
    "sales.Invoice.made_at": WRITTEN,  # issued_on
    "sales.Receipt.made_at": WRITTEN,  # received_on
    "sales.Allocation.at": WRITTEN,  # the receipt's day counts
    "channel.DealerContract.made_at": WRITTEN,  # start_on
    "channel.Training.made_at": WRITTEN,  # held_on
    "sheets.PaperTemplate.made_at": "shipped with the program",
    "sales.Dunning.at": "an invoice may have come to its reminder today",
    "service.Ticket.answer_by": "a deadline",
    "service.Ticket.solve_by": "a deadline",
    "service.Ticket.due_at": "a deadline",
    "visits.Task.due_at": "a deadline",
    "visits.Task.made_at": "they are still to be done",
    "sales.StandingRun.made_at": WORKED_OUT,
    "channel.Cooperation.computed_at": WORKED_OUT,
    "customers.SuspectedPair.found_at": WORKED_OUT,
    "claims.ClaimCheck.checked_at": WORKED_OUT,  # typed_at is the day
    "service.Ticket.escalated_at": WORKED_OUT,  # the sweep of today finds what is late
    "service.TicketStep.at": "those of today, and the escalation",
    "service.Ticket.opened_at": "one was opened today",
    "service.Ticket.answered_at": "one was opened today",
    "service.Ticket.solved_at": "one was solved today",
    "service.Ticket.closed_at": "one was closed today",
    "service.Ticket.waiting_since": "one waits since today",
    "channel.PriceCase.opened_at": "found by the program when it is told of a sighting",
    "channel.PriceCase.decided_at": "decided after that",
    **dict.fromkeys(
        (
            "plans.Budget.made_at", "plans.Budget.approved_at", "plans.Expense.claimed_at", "plans.Expense.decided_at",
            "plans.Measure.made_at", "plans.Measure.ended_at",
        ),
        "plans take no moments that are told yet; their days are right",
    ),
    "people.AuditEntry.at": "when it was written down; what was told of stands in told_at",
    "people.User.date_joined": ACCOUNTS,
    "people.User.last_login": ACCOUNTS,
    "inspection.ScoreCardVersion.made_at": ACCOUNTS,
    "inspection.ScoreCardVersion.published_at": ACCOUNTS,
}  # fmt: skip


def moments() -> list[tuple[type[models.Model], str]]:
    return [
        (model, field.name)
        for model in apps.get_models()
        if model.__module__.startswith("shengce.")
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateTimeField)
    ]


def test_no_row_of_the_past_year_carries_today_without_a_reason(year: Year) -> None:
    start = timezone.make_aware(dt.datetime.combine(year.today, dt.time()))
    wrong = {}
    for model, name in moments():
        label = f"{model._meta.label}.{name}"
        told_today = model._base_manager.filter(**{f"{name}__gte": start, f"{name}__lte": timezone.now()})
        if label not in TODAY_IS_RIGHT and (count := told_today.count()):
            wrong[label] = count
    assert wrong == {}


def test_nothing_lies_in_the_future_or_before_what_it_follows(year: Year) -> None:
    now = timezone.now()
    for model, name in ((Customer, "created_at"), (Deal, "made_at"), (CardField, "set_at"), (Dunning, "at")):
        assert not model.objects.filter(**{f"{name}__gt": now}).exists()
    for customer in Customer.objects.prefetch_related("orders"):
        first = min((order.ordered_on for order in customer.orders.all()), default=None)
        assert first is None or timezone.localdate(customer.created_at) <= first, customer
    for dunning in Dunning.objects.select_related("invoice"):
        assert dunning.invoice.due_on < timezone.localdate(dunning.at)
    assert not Statement.objects.filter(answered_at__lt=models.F("made_at")).exists()
    assert not WriteOff.objects.filter(decided_at__lt=models.F("asked_at")).exists()
    assert not Deal.objects.filter(closed_at__lt=models.F("made_at")).exists()
    for promise in PaymentPromise.objects.filter(fact__isnull=True):
        assert promise.due_on is not None and timezone.localdate(promise.made_at) < promise.due_on


def test_cards_are_of_every_age_and_three_months_were_drafted(year: Year) -> None:
    days = {
        (year.today - timezone.localdate(at)).days
        for at in CardField.objects.values_list("set_at", flat=True)
    }
    assert min(days) < 30 and any(90 < age <= 180 for age in days) and max(days) > 180
    drafted = CardField.objects.filter(source=CardField.Source.COMPUTED)
    assert drafted.values("month").distinct().count() == 3
