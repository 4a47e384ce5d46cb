"""Tickets: who waits for what until when, what was done, what it cost, how content he is."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.catalogue.models import Product
from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, Unit, User
from shengce.people.scope import subtree_ids


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> Self:
        """Tickets of one's customers, then and now, and those that one opened, has to work on, or was called to."""
        if not user.is_active:
            return self.none()
        if user.role in SEES_ALL_CUSTOMERS:
            return self.all()
        seen = Q(owner=user.pk) | Q(opened_by=user.pk) | Q(escalated_to=user.pk)
        if user.role in (Role.REP, Role.MANAGER):
            seen |= Q(rep=user.pk) | Q(customer__owner=user.pk)
        if user.role == Role.MANAGER:
            units = subtree_ids(user.unit)
            seen |= Q(unit__in=units) | Q(customer__unit__in=units)
        return self.filter(seen)

    def pending(self) -> Self:
        """Not solved yet."""
        return self.filter(state__in=PENDING)


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


PENDING = ("open", "working", "waiting")
"""States of a ticket on which something is still to be done."""


class Ticket(models.Model):
    """One matter of one customer. ``rep`` is whose customer it was at the time, ``owner`` who works on it.

    ``due_at`` is the deadline that counts now: to answer, then to solve; none while the customer is waited for, when the
    clock stands still, and none when it is solved. Lengths are minutes of working time.
    """

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
    title = models.CharField(pgettext_lazy("ticket", "title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="ticket")
    opened_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField(null=True)
    solve_by = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    waited_minutes = models.PositiveIntegerField(
        default=0
    )  # for the customer, or because it was held for solved
    answered_after = models.PositiveIntegerField(null=True)
    solved_after = models.PositiveIntegerField(null=True)  # without what was waited
    reopened = models.PositiveSmallIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.GeneratedField(
        expression=Case(
            When(state__in=("waiting", "solved", "closed"), then=Value(None)),
            When(answered_at__isnull=True, then="answer_by"),
            default="solve_by",
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=2, null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)  # 1 … 5
    feedback = models.CharField(max_length=500, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["opened_at"]),
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
    """Something that was done or said about a ticket; never changed. ``state`` is how the ticket stood after it.

    ``text`` is what a person wrote; where the act names somebody, his name.
    """

    class Act(models.TextChoices):
        OPENED = "opened", pgettext_lazy("ticket step", "Opened")
        ASSIGNED = "assigned", pgettext_lazy("ticket step", "Given to")
        NOTE = "note", pgettext_lazy("ticket step", "Step")
        SOLVED = "solved", pgettext_lazy("ticket step", "Solved")
        CLOSED = "closed", pgettext_lazy("ticket step", "Closed")
        REOPENED = "reopened", pgettext_lazy("ticket step", "Opened again")
        ESCALATED = "escalated", pgettext_lazy("ticket step", "Deadline missed, told to")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=9, choices=Act, default=Act.NOTE)
    state = models.CharField(max_length=8, choices=Ticket.State)
    text = models.TextField(blank=True)
    by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
