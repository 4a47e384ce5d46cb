"""Customers and the people in them; every field of a card knows where its value comes from."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.people.models import Unit, User
from shengce.people.scope import visible


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="owner", unit="unit", see_all=("executive",)))


class Customer(models.Model):
    """A firm we sell to. ``unit`` is the owner's unit, so that a manager sees his subtree."""

    class Kind(models.TextChoices):
        END_CUSTOMER = "end_customer", _("End customer")
        DEALER = "dealer", _("Dealer")
        PROSPECT = "prospect", _("Prospect")

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.PROSPECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    city = models.CharField(_("city"), max_length=60, blank=True)
    industry = models.CharField(_("industry"), max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_talk_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "-last_talk_at"]), models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at a customer. ``phone`` is normalised (``people.phone_numbers``); two firms may share one number."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=60)
    position = models.CharField(_("position"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.name


class CardField(models.Model):
    """One value of the customer's card, with its source and age. The newest row of a field is in force.

    ``evidence`` is empty for typed values, else
    ``{"conversation": id, "fact": id, "quote": str, "start_ms": int, "end_ms": int}``.
    """

    class Source(models.TextChoices):
        TYPED = "typed", _("Typed")
        TALK = "talk", _("From a talk")

    FIELDS = (
        ("need", _("Need")),
        ("budget", _("Budget")),
        ("decision_maker", _("Decision maker")),
        ("competitor", _("Competitor in use")),
        ("main_objection", _("Main objection")),
        ("interest", _("Interested in")),
        ("contact", _("Contact data")),
        ("note", _("Note")),
    )

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="card_fields")
    field = models.CharField(max_length=24, choices=FIELDS)
    value = models.TextField()
    source = models.CharField(max_length=8, choices=Source)
    evidence = models.JSONField(default=dict, blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["customer", "field", "-set_at"])]
