"""What we sell and against whom."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from shengce.people.models import Role


class ProductLine(models.Model):
    """A group of products, in a tree. ``path`` holds the ids from the root (``/1/4/``) and follows the parent by itself;
    lines below a line that moves are moved by :func:`catalogue.lines.save_line`.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=255, default="/", db_index=True, editable=False)
    active = models.BooleanField(
        _("in use"), default=True
    )  # a closed line takes no products and no new targets

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for a root."""
        return self.path.count("/") - 2

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new line gets its path with its id."""
        is_new = self.pk is None
        super().save(*args, **kwargs)
        if is_new:
            self.path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
            super().save(update_fields=["path"])


class Product(models.Model):
    """``aliases`` are the other names people say, also used as hot words for recognition."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    line = models.ForeignKey(ProductLine, null=True, blank=True, on_delete=models.SET_NULL)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    list_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    code = models.CharField(_("product code"), max_length=40, blank=True)
    measure = models.CharField(_("unit of measure"), max_length=10, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="one_product_per_code"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Competitor(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class PriceTier(models.Model):
    """For whom a price holds: first-level dealer, second-level dealer, end customer …

    ``holds_for`` says whose prices these are by themselves; a tier without it is only used where somebody names it.
    """

    class HoldsFor(models.TextChoices):
        END_CUSTOMER = "end_customer", _("End customers and prospects")
        FIRST = "first", _("First-level dealers")
        SECOND = "second", _("Second-level dealers")
        RETAIL = "retail", _("Retailers")

    name = models.CharField(_("price tier"), max_length=40, unique=True)
    holds_for = models.CharField(_("holds for"), max_length=16, choices=HoldsFor, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["holds_for"], condition=~models.Q(holds_for=""), name="one_tier_per_kind"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What a product costs in a tier from ``start_on`` until before ``end_on``, and the floor below which nobody goes. Yuan."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    tier = models.ForeignKey(PriceTier, on_delete=models.PROTECT, related_name="prices")
    amount = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    floor = models.DecimalField(_("floor price"), max_digits=12, decimal_places=2, null=True, blank=True)
    start_on = models.DateField(_("valid from"))
    end_on = models.DateField(_("valid until before"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "tier", "start_on"], name="one_price_per_start"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="price_above_zero"),
            models.CheckConstraint(
                condition=models.Q(end_on__isnull=True) | models.Q(end_on__gt=models.F("start_on")),
                name="price_ends_after_start",
            ),
        ]


class ProductCost(models.Model):
    """What one unit of a product costs the firm from ``start_on`` until the next one begins. Yuan, with or without tax as prices
    are. Only who holds ``costs.see`` learns it, and nothing that is worked out from it.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="costs")
    amount = models.DecimalField(_("unit cost"), max_digits=12, decimal_places=2)
    start_on = models.DateField(_("valid from"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "start_on"], name="one_cost_per_start"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="cost_not_below_zero"),
        ]


class DiscountAuthority(models.Model):
    """The largest discount from the list price that a role may give by itself, as a fraction: 0.1 is 九折."""

    role = models.CharField(_("role"), max_length=24, choices=Role, unique=True)
    most = models.DecimalField(_("largest discount"), max_digits=5, decimal_places=4)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(most__gte=0) & models.Q(most__lt=1), name="discount_is_a_fraction"
            )
        ]

    @property
    def percent(self) -> str:
        """The discount in per cent, without empty decimals."""
        return f"{(self.most * 100).normalize():f}"

    @property
    def left(self) -> str:
        """What is left of the list price, in per cent."""
        return f"{(100 - self.most * 100).normalize():f}"
