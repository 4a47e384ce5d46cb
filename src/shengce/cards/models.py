"""When the monthly cards of everybody were drafted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class MonthlyRun(models.Model):
    """All cards of one month were drafted; ``month`` is its first day, ``by`` empty for the program itself."""

    month = models.DateField(unique=True)
    cards = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
