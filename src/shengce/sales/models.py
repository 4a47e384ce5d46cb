"""Money promised by customers; orders, invoices and receipts come to stand here too."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Unit, User
from shengce.people.scope import visible


class PaymentPromiseQuerySet(models.QuerySet["PaymentPromise"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit", see_all=("executive",)))


class PaymentPromise(models.Model):
    """A sum and a date that a customer promised, with the fact that proves it. Amounts in yuan."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("promise", "Open")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")

    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="payment_promises"
    )
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="payment_promise")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=timezone.now)

    objects = PaymentPromiseQuerySet.as_manager()
