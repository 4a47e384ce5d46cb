"""Measures of the market development plan, budgets with their lines, and what was spent."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.facts.models import Fact
from shengce.people.models import Role, Territory, Unit, User
from shengce.people.scope import subtree_ids, visible
from shengce.planning.periods import FiscalYear
from shengce.targets.models import Metric

SEES_ALL_PLANS = (Role.EXECUTIVE, Role.MARKETING)


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **more)


def _money(label: Any, **more: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=14, decimal_places=2, **more)


class Activity(models.Model):
    """What money is spent on: advertising, fairs, travel, samples. The firm's own list."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Budget(models.Model):
    """The money of one fiscal year. What its lines leave of ``total`` is the reserve."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("budget", "Draft")
        APPROVED = "approved", pgettext_lazy("budget", "Approved")

    name = models.CharField(_("name"), max_length=60, unique=True)
    start_on = models.DateField(_("fiscal year begins on"))
    total = _money(_("total, yuan"))
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    made_by = _person(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    approved_by = _person(null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-start_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(start_on__day=1), name="budget_begins_with_a_month"),
            models.CheckConstraint(condition=Q(total__gt=0), name="budget_above_zero"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def year(self) -> FiscalYear:
        return FiscalYear(self.start_on)


class BudgetLineQuerySet(models.QuerySet["BudgetLine"]):
    def visible_to(self, user: User) -> Self:
        """All for executive and marketing, those of the own subtree for a manager."""
        if user.is_active and user.role in SEES_ALL_PLANS:
            return self.all()
        if user.is_active and user.role == Role.MANAGER:
            return self.filter(unit__in=subtree_ids(user.unit))
        return self.none()


class BudgetLine(models.Model):
    """So much for one activity, of one department or the whole firm, in one territory or everywhere."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="lines")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    amount = _money(_("amount, yuan"))

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        ordering = ["activity__position", "activity", "unit__path", "territory__path", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_line_not_below_zero"),
            models.UniqueConstraint(
                "budget",
                "activity",
                Coalesce("unit", Value(0)),
                Coalesce("territory", Value(0)),
                name="one_budget_line_per_place",
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(str(part) for part in (self.activity, self.unit, self.territory) if part)


class MeasureQuerySet(models.QuerySet["Measure"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="owner", unit="unit", see_all=SEES_ALL_PLANS))


class Measure(models.Model):
    """One thing that is done to develop the market, from ``start_on`` until before ``end_on``.

    ``expected`` and ``achieved`` are of ``metric``: yuan of amounts, else pieces. ``fact`` is the passage that proves the
    result. ``within`` is the wider measure that it is a part of: the year's, the quarter's.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("measure", "Planned")
        RUNNING = "running", pgettext_lazy("measure", "Running")
        DONE = "done", pgettext_lazy("measure", "Done")
        DROPPED = "dropped", pgettext_lazy("measure", "Dropped")

    title = models.CharField(_("what is done"), max_length=200)
    means = models.TextField(_("means"), blank=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    owner = _person()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    start_on = models.DateField(_("from"))
    end_on = models.DateField()
    within = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    line = models.ForeignKey(
        BudgetLine, null=True, blank=True, on_delete=models.PROTECT, related_name="measures"
    )
    cost = _money(_("planned cost, yuan"), default=0)
    metric = models.ForeignKey(Metric, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    expected = _money(_("expected result"), null=True, blank=True)
    achieved = _money(_("result"), null=True, blank=True)
    result = models.TextField(_("what came of it"), blank=True)
    fact = models.ForeignKey(Fact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    ended_at = models.DateTimeField(null=True)
    made_by = _person(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["unit", "start_on"]), models.Index(fields=["owner", "start_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gt=F("start_on")), name="measure_takes_a_day"),
            models.CheckConstraint(condition=Q(cost__gte=0), name="measure_cost_not_below_zero"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def last_on(self) -> dt.date:
        """The last day that counts, as people say it."""
        last: dt.date = self.end_on - dt.timedelta(days=1)
        return last

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.RUNNING)


class ExpenseQuerySet(models.QuerySet["Expense"]):
    def visible_to(self, user: User) -> Self:
        """One's own claims, and those on the lines that one sees."""
        return self.filter(Q(claimed_by=user.pk) | Q(line__in=BudgetLine.objects.visible_to(user)))


class Expense(models.Model):
    """Money spent on a line. It counts once somebody above has approved it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("expense", "Waiting for approval")
        APPROVED = "approved", pgettext_lazy("expense", "Approved")
        REFUSED = "refused", pgettext_lazy("expense", "Refused")

    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="expenses")
    measure = models.ForeignKey(
        Measure, null=True, blank=True, on_delete=models.PROTECT, related_name="expenses"
    )
    spent_on = models.DateField(_("spent on"))
    amount = _money(_("amount, yuan"))
    what = models.CharField(_("what for"), max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    claimed_by = _person()
    claimed_at = models.DateTimeField(default=timezone.now)
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = ExpenseQuerySet.as_manager()

    class Meta:
        ordering = ["-spent_on", "-pk"]
        indexes = [models.Index(fields=["line", "state"])]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="expense_above_zero")]
