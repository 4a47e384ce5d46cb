"""One typed statement, the verdict on it, and the manager's answer."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, Unit, User
from shengce.people.scope import visible

SEES_ALL_CLAIMS = (Role.EXECUTIVE,)


class ClaimCheckQuerySet(models.QuerySet["ClaimCheck"]):
    def visible_to(self, user: User) -> Self:
        """What one typed oneself, what one's people typed; executives all of it."""
        return self.filter(visible(user, rep="typed_by", unit="unit", see_all=SEES_ALL_CLAIMS))


class ClaimCheck(models.Model):
    """A statement out of ``source`` row ``source_id``, number ``number`` of that row's text.

    Talks with the customer on the days ``[start_on, end_on)`` were compared. ``reason`` is a code of
    ``language.claim_values.Reason`` with plain values; ``words`` puts it into words. ``unit`` is where the one who typed stood.
    """

    class Source(models.TextChoices):
        CARD = "card", _("Customer card")
        DEAL = "deal", _("Lost deal")
        PAYMENT = "payment", _("Promise to pay")
        PAPER = "paper", _("Paper")

    class Kind(models.TextChoices):
        VISIT = "visit", _("Visit")
        PRICE = "price", _("Price")
        PROMISE = "promise", _("Promise")
        PAYMENT_PROMISE = "payment_promise", _("Promise to pay")
        APPOINTMENT = "appointment", _("Appointment")
        REASON_LOST = "reason_lost", _("Objection, reason lost")
        COMPETITOR = "competitor", _("Competitor")
        BUDGET = "budget", _("Budget")
        DECIDER = "decider", _("Who decides")
        OTHER = "other", pgettext_lazy("claim", "Other")

    class Verdict(models.TextChoices):
        CONTRADICTS = "contradicts", _("Differs from the talk")
        NOT_MENTIONED = "not_mentioned", _("Not heard in a talk")
        AGREES = "agrees", _("As in the talk")

    class Answer(models.TextChoices):
        AS_SAID = "as_said", _("As said in the talk")
        TALKED_OVER = "talked_over", _("Talked it over")
        RECORD_WRONG = "record_wrong", _("The record is wrong")

    source = models.CharField(max_length=20, choices=Source)
    source_id = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField(default=0)
    url = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    text = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="claim_checks")
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="claim_checks"
    )
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    typed_at = models.DateTimeField()
    start_on = models.DateField()
    end_on = models.DateField()
    verdict = models.CharField(max_length=13, choices=Verdict)
    reason = models.CharField(max_length=30)
    reason_values = models.JSONField(default=dict, blank=True)
    facts = models.ManyToManyField(Fact, related_name="claim_checks", blank=True)
    checked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=12, choices=Answer, blank=True)
    answer_note = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = ClaimCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-typed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id", "number"], name="one_check_per_statement"),
            models.CheckConstraint(condition=Q(end_on__gt=models.F("start_on")), name="claim_has_days"),
        ]
        indexes = [
            models.Index(fields=["verdict", "-typed_at"]),
            models.Index(fields=["typed_by", "-typed_at"]),
            models.Index(fields=["unit", "-typed_at"]),
        ]

    def __str__(self) -> str:
        return self.text[:60]
