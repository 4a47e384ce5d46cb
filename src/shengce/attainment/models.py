"""Sums of what was reached, by the dimensions of targets, so that a page over years of orders reads few rows.

Amounts are in the minor units of targets: cents of money, ones of counts. Rows are never edited: :mod:`attainment.counting`
makes those of a day anew from the records when the records of that day have changed.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from shengce.catalogue.models import ProductLine
from shengce.customers.models import Customer
from shengce.people.models import Territory, Unit, User
from shengce.people.scope import visible
from shengce.sales.models import SalesMethod, SettlementMethod
from shengce.targets.models import SEES_ALL_TARGETS


class ActualQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """As the targets beside them: own, those of the own subtree, all for executive and marketing."""
        return self.filter(visible(user, rep="rep", unit="unit", see_all=SEES_ALL_TARGETS))


class Actual(models.Model):
    """What all four tables have: so much of one metric for this combination of dimensions, each of which may be empty."""

    metric = models.CharField(max_length=40)
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    product_line = models.ForeignKey(
        ProductLine, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    territory = models.ForeignKey(
        Territory, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    settlement_method = models.CharField(max_length=10, choices=SettlementMethod, blank=True)
    sales_method = models.CharField(max_length=8, choices=SalesMethod, blank=True)
    amount = models.BigIntegerField(default=0)

    objects = ActualQuerySet.as_manager()

    class Meta:
        abstract = True


class DayActual(Actual):
    """One day."""

    day = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["metric", "day"]),
            models.Index(fields=["rep", "metric", "day"]),
            models.Index(fields=["unit", "metric", "day"]),
        ]


class RepDayActual(Actual):
    """One day of one rep, whatever he sold to whom: few rows for questions that name no other dimension, like a year of weeks."""

    day = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["metric", "day"]),
            models.Index(fields=["rep", "metric", "day"]),
            models.Index(fields=["unit", "metric", "day"]),
        ]


REP_DAY = ("rep", "unit")
"""What a rep's day knows; its other dimensions are empty."""


class Grain(models.TextChoices):
    """By what a month is summed: the fewer dimensions a question names, the fewer rows answer it. Each grain is the whole."""

    UNIT = "unit"
    LINE = "line"
    PLACE = "place"
    ALL = "all"


GRAINS: dict[str, tuple[str, ...]] = {
    Grain.UNIT: ("unit",),
    Grain.LINE: ("rep", "unit", "product_line"),
    Grain.PLACE: ("rep", "unit", "territory", "settlement_method", "sales_method"),
    Grain.ALL: ("rep", "unit", "product_line", "territory", "settlement_method", "sales_method"),
}
"""The dimensions of each grain, the coarsest first; the others are empty in its rows."""


class MonthActual(Actual):
    """One month in one grain; ``month`` is its first day. Sums over two grains would count twice."""

    month = models.DateField()
    grain = models.CharField(max_length=5, choices=Grain)

    class Meta:
        indexes = [
            models.Index(fields=["metric", "grain", "month"]),
            models.Index(fields=["rep", "metric", "grain", "month"]),
            models.Index(fields=["unit", "metric", "grain", "month"]),
        ]


class CustomerMonthActual(Actual):
    """One month of one customer; receipts that nobody has claimed yet have none."""

    month = models.DateField()
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["metric", "month"]),
            models.Index(fields=["rep", "metric", "month"]),
            models.Index(fields=["unit", "metric", "month"]),
            models.Index(fields=["customer", "metric", "month"]),
        ]


class CountedDay(models.Model):
    """What the records of a day looked like when they were counted: how many, and a checksum of all that is summed by."""

    metric = models.CharField(max_length=40)
    day = models.DateField()
    records = models.PositiveIntegerField()
    checksum = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "day"], name="counted_once_per_day")]


class Counting(models.Model):
    """When was last counted: one row, which also keeps two countings from running at once."""

    counted_at = models.DateTimeField(default=timezone.now)
    whole_on = models.DateField(null=True)  # when all days were looked at, not only the latest
    costs = models.BigIntegerField(
        default=0
    )  # a checksum of what goods cost: another one, and all days are looked at
