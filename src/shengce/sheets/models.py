"""The papers of a sales organisation: templates as data, papers of people and periods, lines that know their source."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.facts.models import Fact
from shengce.people.models import Absence, Unit, User
from shengce.people.scope import visible
from shengce.recordings.models import Conversation

DAILY = "daily"
"""The code of the daily sales report: the paper that my day is about."""


class Period(models.TextChoices):
    """What stretch of time one paper of a kind is about. Weeks begin on Monday."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")


class PaperTemplate(models.Model):
    """One version of a kind of paper. A paper keeps the version that it was begun with.

    ``form`` is ``{"sections": [{"key", "title", "kind": "lines"|"table", "columns": […], "drafters": […], "required",
    "roles", "hint"}]}``: see :mod:`sheets.forms_of_papers`. ``due`` is ``{"from": "start"|"end", "working_days", "hour"}``.
    ``writers`` are the roles that write it; ``regular`` ones are expected every period, others are written when there is cause.
    """

    code = models.SlugField(_("code"), max_length=40)
    number = models.PositiveSmallIntegerField(default=1)
    title = models.JSONField(default=dict)
    period = models.CharField(_("period"), max_length=8, choices=Period, default=Period.MONTH)
    form = models.JSONField(default=dict)
    due = models.JSONField(default=dict)
    writers = models.JSONField(default=list)
    regular = models.BooleanField(_("expected every period"), default=True)
    active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(default=100)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="one_paper_template_per_number")
        ]

    def __str__(self) -> str:
        return str(self.title.get("zh") or self.code)


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: User) -> Self:
        """One's own, whatever one's role, and those of one's people."""
        seen = visible(user, rep="owner", unit="unit", see_all=("executive",))
        narrowed = bool(seen) and user.is_active  # an empty condition is everything, and stays so
        return self.filter(seen | Q(owner=user.pk) if narrowed else seen)


class Paper(models.Model):
    """One person's paper of one kind about ``[start_on, end_on)``: draft → submitted → reviewed, or returned.

    ``code`` repeats the template's, so that there is one paper per kind, person and period whatever the version.
    ``absence`` is why it is excused, or why it is due later than ``regular_due_at``: see :mod:`sheets.excuses`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        REVIEWED = "reviewed", _("Reviewed")

    template = models.ForeignKey(PaperTemplate, on_delete=models.PROTECT, related_name="papers")
    code = models.SlugField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="papers")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    start_on = models.DateField()
    end_on = models.DateField()
    due_at = models.DateTimeField()
    regular_due_at = models.DateTimeField(null=True)  # when it would have been due, where it is due later
    absence = models.ForeignKey(Absence, null=True, on_delete=models.PROTECT, related_name="+")
    excused = models.BooleanField(default=False)  # nobody expects it: its writer was away
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True)
    first_submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.TextField(blank=True)
    removed = models.JSONField(
        default=list, blank=True
    )  # keys of lines that the writer took out: they stay out

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "code", "start_on"], name="one_paper_per_period"),
            models.CheckConstraint(condition=Q(end_on__gt=F("start_on")), name="paper_is_about_a_day"),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "-start_on"]),
            models.Index(fields=["owner", "state", "due_at"]),
            models.Index(fields=["code", "due_at"]),
        ]

    @property
    def last_on(self) -> dt.date:
        """The last day that it is about."""
        last: dt.date = self.end_on - dt.timedelta(days=1)
        return last

    @property
    def is_open(self) -> bool:
        """Whether its writer can still change it."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)

    @property
    def is_late(self) -> bool:
        """Handed in after it was due, or due and not handed in yet. What is excused is never late."""
        late: bool = not self.excused and (self.first_submitted_at or timezone.now()) > self.due_at
        return late


class Line(models.Model):
    """A line of a section, or a row of its table. ``source`` says whether a person typed it, a talk proves it, or it was counted.

    ``values`` are the cells of a row by the key of the column, as text; ``typed`` are the keys of those that a person
    changed. ``ties`` are by column too: the id of the customer, product, person or unit whose name stands in the cell as it
    was then, or the address of the records behind its number. ``link`` is that of the records behind a counted line.
    """

    class Source(models.TextChoices):
        TYPED = "typed", _("Hand-written")
        TALK = "talk", _("From a talk")
        COMPUTED = "computed", _("Counted")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="lines")
    key = models.CharField(max_length=60, blank=True)  # "talk:7", "fact:31", "order:9"; empty where typed
    section = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)
    values = models.JSONField(default=dict, blank=True)
    typed = models.JSONField(default=list, blank=True)
    ties = models.JSONField(default=dict, blank=True)
    link = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    edited = models.BooleanField(default=False)  # a person changed what the program wrote
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
            models.UniqueConstraint(fields=["paper", "key"], condition=~Q(key=""), name="one_line_per_key")
        ]

    def __str__(self) -> str:
        return self.text or " · ".join(str(value) for value in self.values.values() if value)
