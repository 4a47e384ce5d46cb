"""Facts with their evidence, what people answered to them, and the search documents."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.people.models import Role, User
from shengce.people.scope import visible
from shengce.recordings.models import Conversation


class FactQuerySet(models.QuerySet["Fact"]):
    def visible_to(self, user: User) -> Self:
        heard = visible(user, rep="conversation__rep", unit="conversation__unit")
        if user.is_active and user.role == Role.CUSTOMER_DEPARTMENT:
            heard = models.Q(conversation__customer__isnull=False)
        return self.filter(heard)

    def standing(self) -> Self:
        """Facts that nobody rejected."""
        return self.exclude(state=Fact.State.REJECTED)


class Fact(models.Model):
    """One thing that was said. ``value`` has the shape of its kind (docs/cli.md); times are of the recording."""

    class Kind(models.TextChoices):
        NEED = "need", _("Need")
        BUDGET = "budget", _("Budget")
        DECISION_MAKER = "decision_maker", _("Decision maker")
        OBJECTION = "objection", _("Objection")
        COMPETITOR = "competitor", _("Competitor")
        PRICE = "price", _("Price")
        PRODUCT_INTEREST = "product_interest", _("Product interest")
        PROMISE = "promise", _("Promise")
        APPOINTMENT = "appointment", _("Appointment")
        PAYMENT_PROMISE = "payment_promise", _("Promise to pay")
        COMPLAINT = "complaint", _("Complaint")
        CONTACT = "contact", _("Contact data")
        DIVERSION = "diversion", _("Diversion hint")
        NEXT_STEP = "next_step", _("Next step")

    class State(models.TextChoices):
        OPEN = "open", _("Not reviewed")
        CONFIRMED = "confirmed", _("Confirmed")
        CORRECTED = "corrected", _("Corrected")
        REJECTED = "rejected", _("Rejected")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.JSONField()
    quote = models.TextField()
    role = models.CharField(max_length=10)  # who said it: speech.transcript.Role
    turn = models.PositiveIntegerField()
    char_start = models.PositiveIntegerField()
    char_end = models.PositiveIntegerField()
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    confidence = models.FloatField()
    extractor = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ["start_ms", "pk"]
        indexes = [models.Index(fields=["kind", "conversation"])]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "extractor", "kind", "turn", "char_start", "char_end"],
                # Answered facts are kept when a talk is recognised again, even where their old place is taken.
                condition=models.Q(state="open"),
                name="one_open_fact_per_passage",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.quote}"


class FactReview(models.Model):
    """What a person answered to a fact; rows are only added. They are the extractor's quality record."""

    class Answer(models.TextChoices):
        CONFIRM = "confirm", _("Confirmed")
        CORRECT = "correct", _("Corrected")
        REJECT = "reject", _("Rejected")
        REOPEN = "reopen", _("Reopened")

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="reviews")
    extractor = models.CharField(max_length=60, db_index=True)
    answer = models.CharField(max_length=8, choices=Answer)
    old_value = models.JSONField()
    new_value = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class SearchDocument(models.Model):
    """What the full-text index holds of a conversation; the index itself is made by a migration, see ``facts.search``.

    ``key`` orders the index by time: the newest talk has the largest one. ``text`` is the folded transcript, one line
    per segment behind the letter of its speaker. ``owners`` are the index words for rep, unit and customer.
    """

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="search_document", primary_key=True
    )
    key = models.BigIntegerField(unique=True)
    text = models.TextField()
    owners = models.CharField(max_length=100, blank=True)
    indexed_at = models.DateTimeField(default=timezone.now)
