"""The register of market information: one signal a row, each with its proof."""

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


class SignalQuerySet(models.QuerySet["Signal"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit", see_all=("executive", "marketing")))


class Signal(models.Model):
    """One item of market information heard in a talk."""

    class Kind(models.TextChoices):
        COMPETITOR = "competitor", _("Competitor")
        PRICE = "price", _("Price")
        DIVERSION = "diversion", _("Diversion hint")
        COMPLAINT = "complaint", _("Complaint")

    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField()
    value = models.JSONField(default=dict)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="+")
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="signal")
    heard_at = models.DateTimeField(default=timezone.now)

    objects = SignalQuerySet.as_manager()
