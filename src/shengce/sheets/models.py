"""The papers. First form: the daily sales report, whose every line knows its source."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.facts.models import Fact
from shengce.people.models import Unit, User
from shengce.people.scope import visible
from shengce.recordings.models import Conversation


class DailyReportQuerySet(models.QuerySet["DailyReport"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit", see_all=("executive",)))


class DailyReport(models.Model):
    """One rep's report of one day: draft → submitted → reviewed, or returned with a comment."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        REVIEWED = "reviewed", _("Reviewed")

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="daily_reports")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.TextField(blank=True)
    removed = models.JSONField(default=list, blank=True)  # keys of lines that the rep took out: they stay out

    objects = DailyReportQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rep", "day"], name="one_report_per_day")]
        indexes = [models.Index(fields=["unit", "state", "-day"])]


class DailyReportLine(models.Model):
    """One line. ``source`` says whether a person typed it, a talk proves it, or the program counted it."""

    class Section(models.TextChoices):
        TALKS = "talks", _("Customers talked to")
        RESULTS = "results", _("Results and promises")
        MARKET = "market", _("Market and rivals")
        PROBLEMS = "problems", _("Problems")
        TOMORROW = "tomorrow", _("Next steps")

    class Source(models.TextChoices):
        TYPED = "typed", _("Hand-written")
        TALK = "talk", _("From a talk")
        COMPUTED = "computed", _("Counted")

    report = models.ForeignKey(DailyReport, on_delete=models.CASCADE, related_name="lines")
    key = models.CharField(max_length=40, blank=True)  # "talk:7", "fact:31", "count:talks"; empty where typed
    section = models.CharField(max_length=10, choices=Section)
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    source = models.CharField(max_length=8, choices=Source)
    edited = models.BooleanField(default=False)  # a person changed the words of a line from a talk
    fact = models.ForeignKey(Fact, null=True, on_delete=models.SET_NULL, related_name="report_lines")
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.SET_NULL, related_name="report_lines"
    )
    start_ms = models.PositiveIntegerField(null=True)
    end_ms = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["section", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "key"], condition=~models.Q(key=""), name="one_line_per_key"
            )
        ]
