"""Changes to forms that facts suggest; a person says yes, edits, or no."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Unit, User
from shengce.people.scope import visible
from shengce.recordings.models import Conversation


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit", see_all=("executive",)))


class Proposal(models.Model):
    """``new`` holds the fields of the target's form; ``old`` what stands there today. See ``proposals.targets``.

    ``applied`` is ``{"model": label, "id": pk, "drafted": new as proposed, "confirmed": bool}`` of what accepting it
    made, so that it can be undone.
    """

    class Target(models.TextChoices):
        REPORT_LINE = "report_line", _("Daily report")
        TASK = "task", _("Follow-up task")
        APPOINTMENT = "appointment", _("Appointment")
        CUSTOMER_FIELD = "customer_field", _("Customer card")
        PAYMENT_PROMISE = "payment_promise", _("Promise to pay")
        SIGNAL = "signal", _("Market signal")
        TICKET = "ticket", _("After-sales ticket")
        SIGHTING = "sighting", _("Market sighting")

    class State(models.TextChoices):
        OPEN = "open", _("To decide")
        ACCEPTED = "accepted", _("Accepted")
        EDITED = "edited", _("Accepted with changes")
        REFUSED = "refused", _("Refused")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="proposals")
    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="proposals")
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="proposals"
    )
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="proposals")
    target = models.CharField(max_length=16, choices=Target)
    field = models.CharField(max_length=24, blank=True, default="")
    old = models.JSONField(default=dict)
    new = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied = models.JSONField(default=dict)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["conversation", "fact__start_ms", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "target", "field"], name="one_proposal_per_fact_and_target"
            )
        ]
        indexes = [models.Index(fields=["rep", "state", "-made_at"])]
