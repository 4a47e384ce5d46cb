"""Dealers, lots and where they were seen, cases of goods and prices that went astray."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.catalogue.models import PriceTier, Product
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, Territory, Unit, User
from shengce.people.scope import visible
from shengce.planning import diversion
from shengce.recordings.models import Conversation

SEES_ALL = (Role.EXECUTIVE, Role.CUSTOMER_DEPARTMENT, Role.MARKETING)


class ChannelQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit", see_all=SEES_ALL))


class CaseQuerySet(ChannelQuerySet):
    def visible_to(self, user: User) -> Self:
        """Cases of one's scope; a manager also sees those against dealers of his team, to hear the other side."""
        seen = visible(user, rep="rep", unit="unit", see_all=SEES_ALL)
        if user.role == Role.MANAGER and user.is_active and user.unit is not None:
            seen |= Q(suspect__unit__path__startswith=user.unit.path) | Q(suspect__owner=user)
        return self.filter(seen)


class DealerOwnedQuerySet(models.QuerySet[Any]):
    """Rows that belong to a customer and are seen by whoever sees him; marketing keeps the whole channel in view."""

    of = "dealer"

    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep=f"{self.of}__owner", unit=f"{self.of}__unit", see_all=SEES_ALL))


class ShipmentQuerySet(DealerOwnedQuerySet):
    of = "customer"


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **more)


class DealerContract(models.Model):
    """What a dealer may sell and where. ``end_on`` is half-open; ``target`` is the purchase agreed on, in yuan."""

    dealer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(_("contract number"), max_length=40, unique=True)
    territory = models.ForeignKey(
        Territory, verbose_name=_("territory"), on_delete=models.PROTECT, related_name="+"
    )
    start_on = models.DateField(_("from"))
    end_on = models.DateField(_("until before"))
    target = models.DecimalField(
        _("agreed purchases"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    deposit = models.DecimalField(_("deposit"), max_digits=14, decimal_places=2, null=True, blank=True)
    terms = models.TextField(_("terms"), blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = DealerOwnedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["dealer", "start_on"]), models.Index(fields=["end_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_on__gt=models.F("start_on")), name="contract_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.number


class StockReport(models.Model):
    """What a dealer had on stock on a day, and what he sold on since the report before (sell-out)."""

    dealer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="stock_reports")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    reported_on = models.DateField(_("reported on"))
    stock = models.DecimalField(_("stock"), max_digits=12, decimal_places=3)
    sold = models.DecimalField(_("sold on"), max_digits=12, decimal_places=3, null=True, blank=True)
    by = _person(null=True)

    objects = DealerOwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stock__gte=0) & (Q(sold__isnull=True) | Q(sold__gte=0)),
                name="stock_not_below_zero",
            ),
            models.UniqueConstraint(
                fields=["dealer", "product", "reported_on"], name="one_stock_report_a_day"
            ),
        ]


class Training(models.Model):
    """What a dealer's people were taught, by whom, with the talk in which one hears it."""

    dealer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="trainings")
    held_on = models.DateField(_("held on"))
    subject = models.CharField(_("subject"), max_length=120)
    people = models.PositiveSmallIntegerField(_("people who took part"))
    trainer = models.CharField(_("trainer"), max_length=60)
    note = models.CharField(_("note"), max_length=500, blank=True)
    conversation = models.ForeignKey(
        Conversation, null=True, blank=True, on_delete=models.SET_NULL, related_name="trainings"
    )
    by = _person(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = DealerOwnedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["dealer", "-held_on"]), models.Index(fields=["-held_on", "-id"])]
        constraints = [
            models.CheckConstraint(condition=Q(people__gt=0), name="somebody_was_trained"),
            models.UniqueConstraint(fields=["dealer", "held_on", "subject"], name="one_training_a_day"),
        ]

    def __str__(self) -> str:
        return self.subject


class Shipment(models.Model):
    """A lot, or the serial numbers from ``lot`` to ``lot_to``, shipped to a customer, for the territory he may sell in.

    ``lot_key`` is the lot with look-alike signs made one (``planning.serials``), so that a misread label is found. A range
    has beside it what its numbers are found by: the key of their stem, how many digits follow, the first and the last.
    """

    lot = models.CharField(_("lot"), max_length=60)
    lot_key = models.CharField(max_length=60, editable=False, db_index=True)
    lot_to = models.CharField(_("last serial number"), max_length=60, blank=True)
    stem_key = models.CharField(max_length=60, blank=True, editable=False)
    digits = models.PositiveSmallIntegerField(null=True, editable=False)
    first = models.BigIntegerField(null=True, editable=False)
    last = models.BigIntegerField(null=True, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="shipments")
    territory = models.ForeignKey(Territory, null=True, on_delete=models.PROTECT, related_name="+")
    shipped_on = models.DateField(_("shipped on"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-shipped_on"]),
            models.Index(fields=["product", "-shipped_on"]),
            models.Index(fields=["-shipped_on", "-id"]),
            models.Index(
                fields=["stem_key", "digits", "first"], condition=~Q(lot_to=""), name="serial_ranges"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_counts_something"),
            models.CheckConstraint(
                condition=Q(lot_to="", first__isnull=True)
                | (~Q(lot_to="") & Q(digits__gt=0, last__gte=models.F("first"))),
                name="serials_from_first_to_last",
            ),
            models.UniqueConstraint(
                fields=["lot", "customer", "shipped_on"], name="one_shipment_of_a_lot_a_day"
            ),
        ]

    @property
    def label(self) -> str:
        """The lot, or the first and the last serial number."""
        return f"{self.lot} – {self.lot_to}" if self.lot_to else self.lot


class Sighting(models.Model):
    """Goods or a price seen or heard in the market. ``place`` is as it was said; ``territory`` what it was understood as.

    ``finding``, ``shipment`` and ``confidence`` are what matching made of it; they change when a shipment of the lot is
    recorded later. ``evidence`` is the passage it was heard in, as in ``customers.CardField``: it outlives the fact.
    """

    class Finding(models.TextChoices):
        NO_LOT = diversion.Finding.NO_LOT.value, _("No lot was read")
        UNKNOWN_LOT = diversion.Finding.UNKNOWN_LOT.value, _("This lot was never shipped")
        AT_HOME = diversion.Finding.AT_HOME.value, _("Where it may be sold")
        STRAYED = diversion.Finding.STRAYED.value, _("Strayed from another territory")
        UNCLEAR = diversion.Finding.UNCLEAR.value, _("Not clear")

    class Source(models.TextChoices):
        SCAN = "scan", _("Scanned")
        REPORT = "report", _("Reported")
        TALK = "talk", _("From a talk")

    source = models.CharField(max_length=8, choices=Source)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    lot_key = models.CharField(max_length=60, blank=True, editable=False, db_index=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, blank=True)
    seller = models.CharField(_("who sells it"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # who told us
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="sighting")
    evidence = models.JSONField(default=dict, blank=True)
    finding = models.CharField(max_length=12, choices=Finding, default=Finding.NO_LOT)
    shipment = models.ForeignKey(Shipment, null=True, on_delete=models.SET_NULL, related_name="sightings")
    confidence = models.FloatField(default=0)
    case = models.ForeignKey(
        "DiversionCase", null=True, blank=True, on_delete=models.SET_NULL, related_name="sightings"
    )
    seen_at = models.DateTimeField(default=timezone.now)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-seen_at", "-id"]),
            models.Index(fields=["rep", "-seen_at"]),
            models.Index(fields=["unit", "-seen_at"]),
        ]


class DiversionCase(models.Model):
    """Goods sold outside the territory that they were shipped to: proof, the other side's word, decision, penalty."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        ASKED = "asked", _("Statement asked for")
        ANSWERED = "answered", _("Statement given")
        DECIDED = "decided", _("Decided")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    class Verdict(models.TextChoices):
        PROVEN = "proven", _("Proven")
        NOT_PROVEN = "not_proven", _("Not proven")

    number = models.CharField(_("case number"), max_length=20, unique=True)
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="+")
    suspect = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="cases_against"
    )
    shipment = models.ForeignKey(Shipment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seen_in = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    statement = models.TextField(_("statement of the other side"), blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    decision = models.TextField(_("decision"), blank=True)
    penalty = models.DecimalField(_("penalty"), max_digits=12, decimal_places=2, null=True, blank=True)
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField(_("answer until"), null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-opened_at", "-id"]), models.Index(fields=["suspect", "-opened_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(penalty__isnull=True) | Q(penalty__gte=0, verdict="proven"),
                name="penalty_where_proven",
            )
        ]

    def __str__(self) -> str:
        return self.number


class CaseEntry(models.Model):
    """One step of a case: the state it led to, in whose words. Rows are only added."""

    case = models.ForeignKey(DiversionCase, on_delete=models.PROTECT, related_name="entries")
    state = models.CharField(max_length=10, choices=DiversionCase.State)
    text = models.TextField()
    by = _person()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An entry of a case is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An entry of a case is never deleted.")


class PriceCase(models.Model):
    """A price spoken or seen that the list or the speaker's authority does not allow; a manager settles it.

    ``listed`` is the price that held in ``tier`` on that day, ``allowed`` the lowest that would have been in order. For a
    price seen in the market ``customer`` is the dealer who sells so, where he is known. ``evidence`` as in ``Sighting``.
    """

    class Broken(models.TextChoices):
        BELOW_FLOOR = "below_floor", _("Below the floor price")
        OVER_AUTHORITY = "over_authority", _("Discount over one's authority")
        MARKET_BELOW_LIST = "market_below_list", _("Sold in the market below the list")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        JUSTIFIED = "justified", _("Justified")
        CONFIRMED = "confirmed", _("Confirmed as a breach")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=12, decimal_places=2)
    allowed = models.DecimalField(max_digits=12, decimal_places=2)
    listed = models.DecimalField(max_digits=12, decimal_places=2)
    tier = models.ForeignKey(PriceTier, null=True, on_delete=models.SET_NULL, related_name="+")
    broken = models.CharField(max_length=20, choices=Broken)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="+")
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="price_case")
    sighting = models.OneToOneField(Sighting, null=True, on_delete=models.SET_NULL, related_name="price_case")
    evidence = models.JSONField(default=dict, blank=True)
    said_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    comment = models.CharField(max_length=300, blank=True)
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=timezone.now)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-said_at", "-id"]),
            models.Index(fields=["unit", "state"]),
            models.Index(fields=["customer"]),
        ]


class Cooperation(models.Model):
    """How well a dealer worked with us in a month, 0–100; ``grounds`` is ``[{"code", "figure", "of", "points", "most"}]`` as in
    ``planning.cooperation``, decimals as text: it is put into words in the language of the page.
    """

    dealer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cooperation")
    month = models.DateField()  # its first day
    score = models.DecimalField(max_digits=5, decimal_places=2)
    grounds = models.JSONField(default=list)
    computed_at = models.DateTimeField(default=timezone.now)

    objects = DealerOwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dealer", "month"], name="one_cooperation_a_month")]
