"""What we sell and against whom."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductLine(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """``aliases`` are the other names people say, also used as hot words for recognition."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    line = models.ForeignKey(ProductLine, null=True, blank=True, on_delete=models.SET_NULL)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    list_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Competitor(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
