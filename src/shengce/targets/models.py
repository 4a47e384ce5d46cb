"""Targets as rows: one leaf a row, twelve months beside each other, in whole minor units.

A leaf is counted once, whichever way it is summed: a total, a quarter, a region or a line is never stored, always summed.
Amounts are in cents, counts in ones. Months are those of the fiscal year, so ``m01`` is its first month.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shengce.catalogue.models import ProductLine
from shengce.customers.models import Customer
from shengce.people.models import Role, Territory, Unit, User
from shengce.people.scope import visible
from shengce.planning.periods import FiscalYear
from shengce.sales.models import SalesMethod, SettlementMethod

SEES_ALL_TARGETS = (Role.EXECUTIVE, Role.MARKETING)
MONTHS = tuple(f"m{number:02d}" for number in range(1, 13))
"""Columns of a row, in the order of the fiscal year."""


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **more)


class Level(models.TextChoices):
    """What is owed, what one runs for, what one dreams of."""

    TARGET = "target", pgettext_lazy("level", "Target")
    SPRINT = "sprint", pgettext_lazy("level", "Sprint")
    CHALLENGE = "challenge", pgettext_lazy("level", "Challenge")


class Metric(models.Model):
    """What is counted. The built-in ones are known by their code; a firm adds its own."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("Amount in yuan")
        COUNT = "count", _("Count")
        QUALITATIVE = "qualitative", _("In words")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.AMOUNT)
    unit = models.CharField(_("unit of measure"), max_length=10, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language where it is a built-in one, else as the firm wrote it."""
        built_in = {
            "sales": gettext("Sales"),
            "collections": gettext("Collections"),
            "gross_profit": gettext("Gross profit"),
            "customers": gettext("New customers"),
            "visits": pgettext("metric", "Visits"),
        }
        return built_in.get(self.code, self.name)

    @property
    def unit_label(self) -> str:
        """Its unit in the reader's language where it is a common one, else as the firm wrote it."""
        common = {
            "元": gettext("yuan"),
            "家": pgettext("unit of measure", "customers"),
            "次": pgettext("unit of measure", "times"),
        }
        return common.get(self.unit, self.unit)

    @property
    def minor(self) -> int:
        """How many minor units make one: 100 for amounts, 1 for counts."""
        return 100 if self.kind == self.Kind.AMOUNT else 1


class TargetSet(models.Model):
    """The targets of one fiscal year. ``start_on`` is its first day, the first of a month of the firm's choice."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    start_on = models.DateField(_("fiscal year begins on"))
    made_by = _person(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-start_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(start_on__day=1), name="fiscal_year_begins_with_a_month")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def year(self) -> FiscalYear:
        return FiscalYear(self.start_on)


class TargetVersion(models.Model):
    """One state of all targets of a set. An approved one is never changed: an adjustment is a new version based on it.

    ``effective_on`` is the first day from which an approved version holds: the year's first day, or later for an
    adjustment in mid-year. ``revision`` counts the edits, so that two people who edit at once notice each other.
    ``levels_at`` is the revision for which sprint and challenge were worked out; another number: they are out of date.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("targets", "Draft")
        NEGOTIATING = "negotiating", pgettext_lazy("targets", "Under negotiation")
        APPROVED = "approved", pgettext_lazy("targets", "Approved")
        REPLACED = "replaced", pgettext_lazy("targets", "Replaced")

    target_set = models.ForeignKey(TargetSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    note = models.CharField(_("note"), max_length=300, blank=True)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sprint_ratio = models.DecimalField(_("sprint"), max_digits=6, decimal_places=4, default="1.1")
    challenge_ratio = models.DecimalField(_("challenge"), max_digits=6, decimal_places=4, default="1.2")
    revision = models.PositiveIntegerField(default=0)
    levels_at = models.PositiveIntegerField(null=True)
    made_by = _person(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    approved_by = _person(null=True)
    approved_at = models.DateTimeField(null=True)
    effective_on = models.DateField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["target_set", "number"]
        constraints = [
            models.UniqueConstraint(fields=["target_set", "number"], name="one_target_version_per_number"),
            models.UniqueConstraint(
                fields=["target_set"], condition=Q(state="approved"), name="one_approved_version"
            ),
            models.CheckConstraint(
                condition=Q(sprint_ratio__gte=1) & Q(challenge_ratio__gte=models.F("sprint_ratio")),
                name="levels_go_up",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(set)s, version %(number)d") % {"set": self.target_set, "number": self.number}

    @property
    def is_open(self) -> bool:
        """Whether its figures can still be changed."""
        return self.state in (self.State.DRAFT, self.State.NEGOTIATING)

    @property
    def closed_months(self) -> tuple[int, ...]:
        """Months that were over when an adjustment began: their figures stay as they were agreed. None of a first version."""
        if self.based_on_id is None:
            return ()
        began = timezone.localdate(self.made_at)
        return tuple(n for n, month in enumerate(self.target_set.year.months) if month.end_on <= began)

    def month_index(self, day: dt.date) -> int:
        """Which of the twelve months ``day`` lies in, from 0. Raises ``ValueError`` outside the year."""
        return self.target_set.year.month_index(day)


class TargetRowQuerySet(models.QuerySet["TargetRow"]):
    def visible_to(self, user: User) -> Self:
        """Own leaves; those of the own subtree for a manager; all for executive and marketing."""
        return self.filter(visible(user, rep="rep", unit="unit", see_all=SEES_ALL_TARGETS))


class TargetRow(models.Model):
    """A leaf: so much of one metric, of one level, for this combination of dimensions, each of which may be empty.

    ``locked`` has bit 0 set where the first month is locked, and so on. ``revision`` is the version's revision at which
    the row was last changed.
    """

    version = models.ForeignKey(TargetVersion, on_delete=models.CASCADE, related_name="rows", db_index=False)
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=9, choices=Level, default=Level.TARGET)
    product_line = models.ForeignKey(
        ProductLine, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    territory = models.ForeignKey(
        Territory, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rep = _person(null=True, db_index=False)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    settlement_method = models.CharField(max_length=10, choices=SettlementMethod, blank=True)
    sales_method = models.CharField(max_length=8, choices=SalesMethod, blank=True)
    m01 = models.BigIntegerField(default=0)
    m02 = models.BigIntegerField(default=0)
    m03 = models.BigIntegerField(default=0)
    m04 = models.BigIntegerField(default=0)
    m05 = models.BigIntegerField(default=0)
    m06 = models.BigIntegerField(default=0)
    m07 = models.BigIntegerField(default=0)
    m08 = models.BigIntegerField(default=0)
    m09 = models.BigIntegerField(default=0)
    m10 = models.BigIntegerField(default=0)
    m11 = models.BigIntegerField(default=0)
    m12 = models.BigIntegerField(default=0)
    locked = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)

    objects = TargetRowQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["version", "metric", "level", "rep"]),
            models.Index(fields=["version", "metric", "level", "unit"]),
        ]
        constraints = [
            # A row without a territory and another without a territory are the same leaf: NULL must equal NULL here.
            models.UniqueConstraint(
                "version",
                "metric",
                "level",
                Coalesce("rep", Value(0)),
                Coalesce("product_line", Value(0)),
                Coalesce("customer", Value(0)),
                Coalesce("territory", Value(0)),
                Coalesce("unit", Value(0)),
                "settlement_method",
                "sales_method",
                name="one_row_per_leaf",
            ),
            models.CheckConstraint(condition=Q(locked__lt=4096), name="twelve_months_to_lock"),
        ]

    @property
    def months(self) -> tuple[int, ...]:
        """The twelve months in minor units."""
        return tuple(getattr(self, name) for name in MONTHS)


class TargetEdit(models.Model):
    """One change of figures that can be taken back: who changed which cell how, and what stood in the leaves before.

    ``cell`` is what was chosen, in ids and in words. ``before`` is a compressed table of the leaves that existed: see
    :mod:`targets.undo`. ``created`` are the ids of leaves that came to be.
    """

    class Act(models.TextChoices):
        TYPED = "typed", pgettext_lazy("edit", "Typed")
        SPLIT = "split", pgettext_lazy("edit", "Split")
        FITTED = "fitted", pgettext_lazy("edit", "Fitted to both margins")
        LOCKED = "locked", pgettext_lazy("edit", "Locked")
        UNLOCKED = "unlocked", pgettext_lazy("edit", "Unlocked")
        MOVED = "moved", pgettext_lazy("edit", "Handed over")
        IMPORTED = "imported", pgettext_lazy("edit", "Imported")
        LEVELS = "levels", pgettext_lazy("edit", "Sprint and challenge worked out")

    version = models.ForeignKey(TargetVersion, on_delete=models.CASCADE, related_name="edits")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=9, choices=Level, default=Level.TARGET)
    revision = models.PositiveIntegerField()
    act = models.CharField(max_length=8, choices=Act)
    cell = models.JSONField(default=dict)
    old_total = models.BigIntegerField(default=0)
    new_total = models.BigIntegerField(default=0)
    before = models.BinaryField(default=bytes)
    created = models.BinaryField(default=bytes)
    by = _person(null=True)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-revision"]
        constraints = [
            models.UniqueConstraint(fields=["version", "revision"], name="one_edit_per_revision"),
        ]


class QualitativeQuerySet(models.QuerySet["QualitativeTarget"]):
    def visible_to(self, user: User) -> Self:
        """Between the rep, those above him and the executive."""
        return self.filter(visible(user, rep="rep", unit="unit", see_all=(Role.EXECUTIVE,)))


class QualitativeTarget(models.Model):
    """A target in words for one rep, judged by his manager when its time has come."""

    class Judged(models.TextChoices):
        OPEN = "open", pgettext_lazy("judged", "Not judged yet")
        MET = "met", pgettext_lazy("judged", "Reached")
        PARTLY = "partly", pgettext_lazy("judged", "Partly reached")
        MISSED = "missed", pgettext_lazy("judged", "Not reached")

    version = models.ForeignKey(TargetVersion, on_delete=models.CASCADE, related_name="qualitative")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="+")
    rep = _person()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("what is to be reached"), max_length=500)
    due_on = models.DateField(_("until"), null=True, blank=True)
    judged = models.CharField(_("judged"), max_length=6, choices=Judged, default=Judged.OPEN)
    comment = models.CharField(_("reason"), max_length=300, blank=True)
    judged_by = _person(null=True)
    judged_at = models.DateTimeField(null=True)

    objects = QualitativeQuerySet.as_manager()

    class Meta:
        ordering = ["rep", "pk"]


class NegotiationQuerySet(models.QuerySet["Negotiation"]):
    def visible_to(self, user: User) -> Self:
        """Between the rep, those above him and the executive."""
        return self.filter(visible(user, rep="rep", unit="unit", see_all=(Role.EXECUTIVE,)))


class Negotiation(models.Model):
    """What a rep and his manager say to one figure: the rep's year in one metric. Both sign what was agreed.

    ``planned`` is what the version said when it began, ``agreed`` what both signed; minor units. What was said stands in
    the steps.
    """

    class State(models.TextChoices):
        REP_TO_ANSWER = "rep", _("Waits for the rep")
        MANAGER_TO_ANSWER = "manager", _("Waits for the manager")
        AGREED = "agreed", _("Both signed")

    version = models.ForeignKey(TargetVersion, on_delete=models.CASCADE, related_name="negotiations")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="+")
    rep = _person()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.REP_TO_ANSWER)
    planned = models.BigIntegerField()
    agreed = models.BigIntegerField(null=True)
    rep_signed_at = models.DateTimeField(null=True)
    manager_signed_at = models.DateTimeField(null=True)
    manager = _person(null=True)
    opened_at = models.DateTimeField(default=timezone.now)

    objects = NegotiationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "metric", "rep"], name="one_negotiation_per_figure")
        ]


class NegotiationStep(models.Model):
    """One thing that was said: a figure with its reason, or a signature under the figure that stands. Never changed."""

    class Act(models.TextChoices):
        OPENED = "opened", pgettext_lazy("negotiation", "Figure put forward")
        PROPOSED = "proposed", pgettext_lazy("negotiation", "Proposed")
        COUNTERED = "countered", pgettext_lazy("negotiation", "Answered with")
        SIGNED = "signed", pgettext_lazy("negotiation", "Signed")

    negotiation = models.ForeignKey(Negotiation, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=9, choices=Act)
    figure = models.BigIntegerField()
    months = models.JSONField(default=list)  # twelve numbers where the rep said them by month, else empty
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    by = _person()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class StepEvidence(models.Model):
    """What a reason rests on: a passage of a talk, a deal, an open invoice. ``kind`` says of which table ``thing`` is the id."""

    class Kind(models.TextChoices):
        FACT = "fact", _("What was said")
        DEAL = "deal", _("Deal")
        INVOICE = "invoice", _("Receivable")

    step = models.ForeignKey(NegotiationStep, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=7, choices=Kind)
    thing = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "kind", "thing"], name="evidence_once_per_step")
        ]
