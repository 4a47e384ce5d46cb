"""Score cards in versions, the scores they gave, and the alerts that cannot wait."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.people.models import User
from shengce.people.scope import visible
from shengce.recordings.models import Conversation


class ScoreCard(models.Model):
    """A form of inspection. Its content lives in versions; the newest published one is in force."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class ScoreCardVersion(models.Model):
    """``data`` is the form of ``language.inspection`` (docs/score-cards.md). A published version never changes."""

    card = models.ForeignKey(ScoreCard, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    data = models.JSONField()
    published_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["card", "-number"]
        constraints = [models.UniqueConstraint(fields=["card", "number"], name="one_version_per_number")]


class ScoreQuerySet(models.QuerySet["Score"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="conversation__rep", unit="conversation__unit"))


class Score(models.Model):
    """The result of one card on one conversation; ``score`` is 0–100, empty where nothing applied."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="scores")
    version = models.ForeignKey(ScoreCardVersion, on_delete=models.PROTECT, related_name="scores")
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    fatal = models.BooleanField(default=False)
    scored_at = models.DateTimeField(default=timezone.now)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "version"], name="one_score_per_version")
        ]


class Outcome(models.Model):
    """What one criterion gave. ``hits`` is a list of
    ``{"turn", "start", "end", "quote", "role", "start_ms", "end_ms"}``."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="outcomes")
    criterion = models.CharField(max_length=60)
    name = models.JSONField()  # {"zh": …, "en": …}
    section = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=16)  # met, not_met, not_applicable
    points = models.DecimalField(max_digits=6, decimal_places=2)
    max_points = models.DecimalField(max_digits=6, decimal_places=2)
    fatal = models.BooleanField(default=False)
    hits = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["score", "criterion"], name="one_outcome_per_criterion")
        ]


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="conversation__rep", unit="conversation__unit"))


class Alert(models.Model):
    """Something a manager should hear today: a fatal hit, a complaint, a diversion hint."""

    class Kind(models.TextChoices):
        FATAL = "fatal", _("Fatal item")
        COMPLAINT = "complaint", _("Complaint")
        DIVERSION = "diversion", _("Diversion hint")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80)  # criterion or fact passage: one alert each, however often it runs
    title = models.JSONField(default=dict)  # {"zh": …, "en": …}
    quote = models.TextField()
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    raised_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "kind", "key"], name="one_alert_per_key")
        ]
        indexes = [models.Index(fields=["seen_at", "-raised_at"])]
