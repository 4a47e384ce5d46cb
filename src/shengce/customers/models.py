"""Customers and the people in them; every field of a card knows where its value comes from."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.people.models import Role, Territory, Unit, User
from shengce.people.scope import visible

SEES_ALL_CUSTOMERS = (Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT)
"""Roles that see every customer and what belongs to him: the customer department keeps cards, credit and service."""


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> Self:
        """Customers that the person may look at; those that were merged into another are gone from view."""
        return self.filter(
            visible(user, rep="owner", unit="unit", see_all=SEES_ALL_CUSTOMERS), merged_into__isnull=True
        )


class Customer(models.Model):
    """A firm we sell to. ``unit`` is the owner's unit, so that a manager sees his subtree."""

    class Kind(models.TextChoices):
        END_CUSTOMER = "end_customer", _("End customer")
        DEALER = "dealer", _("Dealer")
        PROSPECT = "prospect", _("Prospect")

    class Level(models.TextChoices):
        FIRST = "first", _("First-level dealer")
        SECOND = "second", _("Second-level dealer")
        RETAIL = "retail", _("Retailer")

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("customer number"), max_length=40, blank=True)
    level = models.CharField(_("dealer level"), max_length=8, choices=Level, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=30, blank=True, db_index=True)
    phone = models.CharField(_("main phone"), max_length=20, blank=True, db_index=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    territory = models.ForeignKey(
        Territory,
        verbose_name=_("territory"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    supplied_by = models.ForeignKey(
        "self",
        verbose_name=_("supplied by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="supplies",
    )
    value_class = models.CharField(
        _("class"), max_length=1, blank=True
    )  # A, B, C; empty where not ranked yet
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from"
    )
    pooled_at = models.DateTimeField(null=True, blank=True)  # since when nobody owns the customer
    owned_since = models.DateTimeField(null=True, blank=True)  # empty: since it was created
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.PROSPECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    city = models.CharField(_("city"), max_length=60, blank=True)
    industry = models.CharField(_("industry"), max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_talk_at = models.DateTimeField(null=True, blank=True)
    last_order_at = models.DateTimeField(
        null=True, blank=True
    )  # noon of the day of the last order that stands
    last_visit_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-last_talk_at"]),
            models.Index(fields=["name"]),
            models.Index(fields=["pooled_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~models.Q(code=""),
                name="one_customer_per_code",
                violation_error_message=_("Another customer has this number."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DealQuerySet(models.QuerySet["Deal"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="owner", unit="unit", see_all=SEES_ALL_CUSTOMERS))


class Contact(models.Model):
    """A person at a customer. ``phone`` is normalised (``people.phone_numbers``); two firms may share one number."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=60)
    position = models.CharField(_("position"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    email = models.EmailField(_("e-mail"), blank=True)

    def __str__(self) -> str:
        return self.name


class CardField(models.Model):
    """One value of the customer's cards, with its source and age. The newest row of a field (and month) is in force.

    ``field`` is a key of a :class:`CardTemplate`; keys are unique over all cards. ``month`` is the first day of the month
    for fields of the monthly card, else empty. ``evidence`` is empty for typed values; of a talk it is
    ``{"conversation": id, "fact": id, "quote": str, "start_ms": int, "end_ms": int}``; of a computed value
    ``{"figure": str, "before": str, "passages": [as of a talk]}``, where ``before`` is the value of the month before.
    """

    class Source(models.TextChoices):
        TYPED = "typed", _("Typed")
        TALK = "talk", _("From a talk")
        COMPUTED = "computed", _("Computed")

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
    """The fields that talks fill; every firm's templates keep them, at least hidden."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="card_fields")
    field = models.CharField(max_length=40)
    month = models.DateField(null=True, blank=True)
    value = models.TextField()
    source = models.CharField(max_length=8, choices=Source)
    evidence = models.JSONField(default=dict, blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["customer", "field", "-set_at"])]


class CardTemplate(models.Model):
    """Which fields a card has: data, so that a firm makes its own. The newest template of a card is in force.

    ``sections`` is ``[{"key", "label": {"zh", "en"}, "fields": [{"key", "label": {"zh", "en"}, "kind": "text"|"long"|"number"|
    "money"|"date"|"choice", "choices": [{"zh", "en"}], "from_fact": kind or null, "from_figure": figure or null, "hidden":
    bool}]}]``; the value of a choice is its Chinese text. Where a card has no row, ``data/cards.yaml`` holds.
    """

    class Card(models.TextChoices):
        PROFILE = "profile", _("Profile card")
        STRATEGY = "strategy", _("Strategy card")
        MONTHLY = "monthly", _("Monthly review card")

    card = models.CharField(max_length=8, choices=Card)
    sections = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class Deal(models.Model):
    """A chance of a sale, from first interest to won or lost. ``evidence`` is the talk behind it, as in ``CardField``."""

    class Stage(models.TextChoices):
        LEAD = "lead", _("Lead")
        NEED = "need", _("Need known")
        PROPOSAL = "proposal", _("Proposal made")
        NEGOTIATION = "negotiation", _("Negotiation")
        WON = "won", pgettext_lazy("deal", "Won")
        LOST = "lost", pgettext_lazy("deal", "Lost")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="deals")
    name = models.CharField(_("deal"), max_length=200)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.LEAD)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    lost_reason = models.CharField(_("reason lost"), max_length=300, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deals")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = DealQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "stage"]), models.Index(fields=["customer"])]

    def __str__(self) -> str:
        return self.name


def _talks_only() -> list[str]:
    return ["talk"]


class PoolRule(models.Model):
    """When a customer goes to the public pool: so many days without activity, for a kind and class (empty: for any).

    ``counts`` are keys of ``activity.ACTIVITIES``: what this rule takes for activity.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=Customer.Kind, blank=True)
    value_class = models.CharField(_("class"), max_length=1, blank=True)
    idle_days = models.PositiveIntegerField(_("days without activity"))
    counts = models.JSONField(_("what counts as activity"), default=_talks_only)
    daily_cap = models.PositiveIntegerField(_("most that one person takes a day"), default=5)
    keep_away_days = models.PositiveIntegerField(
        _("days before the one who lost it may take it back"), default=0
    )
    active = models.BooleanField(_("in force"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value_class"],
                name="one_pool_rule_per_kind_and_class",
                violation_error_message=_("There is a rule for this kind and class already."),
            )
        ]


class PoolMove(models.Model):
    """Into the pool, and out of it: who gave, who took, and by which rule."""

    class Direction(models.TextChoices):
        RELEASED = "released", pgettext_lazy("pool", "Released")
        TAKEN = "taken", pgettext_lazy("pool", "Taken")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="pool_moves")
    direction = models.CharField(max_length=8, choices=Direction)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # whose it was, or who took it
    rule = models.ForeignKey(PoolRule, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["person", "at"])]


class Merge(models.Model):
    """One customer merged into another, with all that it takes to undo it.

    ``moved`` is ``{"app.Model.field": [ids]}``. ``left`` has the same shape: rows that stay with the one that is gone, because
    the kept one has its own (one standing per customer, one report a day). ``filled`` is what was empty on the kept one's
    head and what it got: ``{field: [old, new]}``.
    """

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    moved = models.JSONField(default=dict)
    left = models.JSONField(default=dict)
    filled = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at__isnull=True), name="merged_once_at_a_time"
            )
        ]


class SuspectedPair(models.Model):
    """Two customers that may be one, as the last search found them; ``one`` is the older row.

    ``score`` is from 0 to 100; ``reasons`` are ``[[code, points]]`` of :mod:`shengce.planning.duplicates`.
    """

    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="suspected_once")]
        indexes = [models.Index(fields=["-score", "id"])]


class NotDuplicates(models.Model):
    """Two customers that look alike and are not the same: a person said so, and they are not suggested again."""

    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="said_once")]
