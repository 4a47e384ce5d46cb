"""Daily figures of each rep, written by the pipeline and by actions, so that a cockpit reads few rows."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from shengce.people.models import Unit, User
from shengce.people.scope import visible
from shengce.recordings.models import Conversation


class RepDayQuerySet(models.QuerySet["RepDay"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit"))


class RepDay(models.Model):
    """Sums of one rep on one day; always recomputed from the records, never counted up."""

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    talks = models.PositiveIntegerField(default=0)
    talk_ms = models.BigIntegerField(default=0)
    customers = models.PositiveIntegerField(default=0)
    rep_share_sum = models.FloatField(default=0)  # sum over talks of the rep's share of speech, 0–1
    rep_share_count = models.PositiveIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)  # asked by the rep
    score_sum = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    score_count = models.PositiveIntegerField(default=0)
    fatal = models.PositiveIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    payment_promises = models.PositiveIntegerField(default=0)

    objects = RepDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rep", "unit", "day"], name="one_row_per_rep_unit_day")
        ]
        indexes = [models.Index(fields=["unit", "day"]), models.Index(fields=["day"])]


class CountedTalk(models.Model):
    """Where a talk was counted last, so that the old figures are made anew when it moves to another rep or day."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
