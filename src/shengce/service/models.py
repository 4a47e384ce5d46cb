"""Tickets: who waits for what until when, what was done, what it cost, how content he is."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.catalogue.models import Product
from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.facts.models import Fact
from shengce.people.models import Unit, User
from shengce.people.scope import visible


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> Self:
        """Tickets of one's customers' reps, and those that one has to work on."""
        mine = Q(owner=user.pk) if user.is_active else Q(pk__in=[])
        return self.filter(visible(user, rep="rep", unit="unit", see_all=SEES_ALL_CUSTOMERS) | mine)


class Kind(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint")
    CLAIM = "claim", _("Claim")
    RETURN = "return", _("Return")
    REPAIR = "repair", _("Repair")
    QUESTION = "question", _("Question")


class Priority(models.TextChoices):
    URGENT = "urgent", _("Urgent")
    HIGH = "high", _("High")
    NORMAL = "normal", _("Normal")
    LOW = "low", _("Low")


class TicketRule(models.Model):
    """Within how many working hours a ticket must be answered and solved."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority)
    answer_hours = models.PositiveSmallIntegerField(_("answer within working hours"))
    solve_hours = models.PositiveSmallIntegerField(_("solve within working hours"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "priority"], name="one_rule_per_kind")]


class Ticket(models.Model):
    """One matter of one customer. ``rep`` is whose customer it is, ``owner`` who works on it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("ticket", "Open")
        WORKING = "working", _("Being worked on")
        WAITING = "waiting", _("Waiting for the customer")
        SOLVED = "solved", _("Solved")
        CLOSED = "closed", pgettext_lazy("ticket", "Closed")

    number = models.CharField(_("ticket number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.COMPLAINT)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.NORMAL)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="ticket")
    opened_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField(null=True)
    solve_by = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=2, null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)  # 1 … 5
    feedback = models.CharField(max_length=500, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "solve_by"]),
            models.Index(fields=["customer", "-opened_at"]),
            models.Index(fields=["owner", "state"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="satisfaction_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return self.number


class TicketStep(models.Model):
    """Something that was done or said about a ticket; never changed."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=8, choices=Ticket.State)
    text = models.TextField(blank=True)
    by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
