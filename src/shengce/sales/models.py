"""Money: orders, deliveries, invoices, receipts and what joins them; credit; promises to pay; how customers buy.

All sums are yuan (``currency`` says otherwise where another is allowed in) with two decimals. Derived columns
(``total``, ``open_amount``) are kept by the actions of this room and by nobody else.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.catalogue.models import Product
from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.facts.models import Fact
from shengce.people.models import Unit, User
from shengce.people.scope import visible

ZERO = Decimal(0)


def _money(name: Any = None, **more: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(name, max_digits=14, decimal_places=2, **more)


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **more)


class SalesQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Rows of the reps in one's scope; the executive and the customer department see all."""
        return self.filter(visible(user, rep="rep", unit="unit", see_all=SEES_ALL_CUSTOMERS))


class SettlementMethod(models.TextChoices):
    CASH = "cash", _("Cash on delivery")
    PREPAID = "prepaid", _("Prepaid")
    CREDIT = "credit", _("Credit")
    ACCEPTANCE = "acceptance", _("Acceptance bill")


class SalesMethod(models.TextChoices):
    DIRECT = "direct", _("Direct")
    DEALER = "dealer", _("Through dealers")
    ONLINE = "online", _("E-commerce")
    PROJECT = "project", _("Project")


class Order(models.Model):
    """What a customer ordered. ``total`` is the sum of its lines. Over the credit limit it waits or is stopped."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        CONFIRMED = "confirmed", _("Confirmed")
        STOPPED = "stopped", _("Stopped by credit")
        CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")

    number = models.CharField(_("order number"), max_length=40, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    ordered_on = models.DateField(_("ordered on"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CONFIRMED)
    settlement_method = models.CharField(
        _("settlement method"), max_length=10, choices=SettlementMethod, default=SettlementMethod.CREDIT
    )
    sales_method = models.CharField(
        _("sales method"), max_length=8, choices=SalesMethod, default=SalesMethod.DIRECT
    )
    currency = models.CharField(max_length=3, default="CNY")
    total = _money(_("total"), default=ZERO)
    note = models.CharField(_("note"), max_length=300, blank=True)
    decided_by = _person(null=True)
    decision = models.CharField(max_length=300, blank=True)  # why it was approved or refused
    made_by = _person(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = SalesQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "ordered_on"]),
            models.Index(fields=["rep", "ordered_on"]),
            models.Index(fields=["-ordered_on", "-id"]),
            models.Index(fields=["state", "ordered_on"]),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """``amount`` is quantity × price, rounded to cents. A negative quantity is goods taken back."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    amount = _money(_("amount"))

    class Meta:
        indexes = [models.Index(fields=["product"])]
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="order_line_counts_something")]


class Delivery(models.Model):
    """Goods that left for a customer; ``amount`` is their value."""

    number = models.CharField(_("delivery number"), max_length=40, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="deliveries")
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    delivered_on = models.DateField(_("delivered on"))
    amount = _money(_("amount"))

    objects = SalesQuerySet.as_manager()


class Invoice(models.Model):
    """What a customer owes for. Always: ``amount`` = allocated receipts + written off + ``open_amount``.

    A cancelled one owes nothing. ``settled_on`` is the first day on which nothing was open any more: that of the last
    money or write-off, not before the day of issue. What was open on a day in the past follows from it.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("invoice", "Open")
        DISPUTED = "disputed", _("Disputed")
        SETTLED = "settled", _("Settled")
        CANCELLED = "cancelled", pgettext_lazy("invoice", "Cancelled")

    number = models.CharField(_("invoice number"), max_length=40, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices")
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"))
    currency = models.CharField(max_length=3, default="CNY")
    amount = _money(_("amount"))
    open_amount = _money(_("open"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    settled_on = models.DateField(_("settled on"), null=True)
    dispute = models.CharField(_("what is disputed"), max_length=300, blank=True)
    dunning_level = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)

    objects = SalesQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "due_on"]),
            models.Index(fields=["rep", "due_on"]),
            models.Index(fields=["unit", "due_on"]),
            models.Index(fields=["-issued_on", "-id"]),
            # IS NULL and not "open_amount <> 0": SQLite uses a partial index only where it can prove the condition,
            # and it cannot where a number is a parameter. All columns that ageing reads: the table is not touched.
            models.Index(
                fields=["currency", "customer", "rep", "unit", "issued_on", "due_on", "open_amount"],
                condition=Q(settled_on__isnull=True),
                name="open_invoices",
            ),
            models.Index(
                fields=["due_on", "id"], condition=Q(settled_on__isnull=True), name="open_invoices_by_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoice_above_zero"),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0) & Q(open_amount__lte=F("amount")), name="invoice_open_within"
            ),
            models.CheckConstraint(
                condition=Q(open_amount=0, settled_on__isnull=False)
                | Q(open_amount__gt=0, settled_on__isnull=True),
                name="invoice_settled_when_nothing_open",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Receipt(models.Model):
    """Money that came in. ``open_amount`` is what is not allocated yet; a receipt without customer waits to be claimed."""

    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="receipts"
    )
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    received_on = models.DateField(_("received on"))
    currency = models.CharField(max_length=3, default="CNY")
    amount = _money(_("amount"))
    open_amount = _money(_("not allocated"))
    settlement_method = models.CharField(
        _("settlement method"), max_length=10, choices=SettlementMethod, default=SettlementMethod.CREDIT
    )
    bank_reference = models.CharField(_("bank reference"), max_length=60, blank=True)
    payer = models.CharField(_("payer"), max_length=200, blank=True)  # as the bank names him
    note = models.CharField(_("note"), max_length=300, blank=True)
    reversed_at = models.DateTimeField(null=True)
    reversal = models.CharField(_("why it was reversed"), max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = SalesQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "received_on"]),
            models.Index(fields=["-received_on", "-id"]),
            models.Index(fields=["open_amount"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_above_zero"),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0) & Q(open_amount__lte=F("amount")), name="receipt_open_within"
            ),
            models.UniqueConstraint(
                fields=["bank_reference"],
                condition=~Q(bank_reference="") & Q(reversed_at__isnull=True),
                name="one_receipt_per_reference",
            ),
        ]


class Allocation(models.Model):
    """So much of a receipt for an invoice. Taken back it stays as history and counts no more."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = _money(_("amount"))
    by = _person(null=True)
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_above_zero")]


class WriteOff(models.Model):
    """A debt given up: asked for by one person, approved by another."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="write_offs")
    amount = _money(_("amount"))
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_by = _person()
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_above_zero")]


class CreditPolicy(models.Model):
    """How this firm counts credit: one row. ``grades`` is ``[{"grade": "A", "least": 80, "limit": "500000", "days": 60}]``, best first;
    ``dunning`` is ``[{"level": 1, "days": 7, "text": …}]``.
    """

    class Counts(models.TextChoices):
        ORDERS = "orders", _("Orders")
        DELIVERIES = "deliveries", _("Deliveries")
        INVOICES = "invoices", _("Invoices")

    class OverLimit(models.TextChoices):
        STOP = "stop", _("Stop the order")
        APPROVE = "approve", _("Ask for approval")

    counts = models.CharField(_("what counts"), max_length=10, choices=Counts, default=Counts.INVOICES)
    over_limit = models.CharField(
        _("over the limit"), max_length=8, choices=OverLimit, default=OverLimit.APPROVE
    )
    days = models.PositiveSmallIntegerField(_("credit days without a credit line"), default=30)
    grades = models.JSONField(default=list)
    dunning = models.JSONField(default=list)


class CreditLine(models.Model):
    """How much and how long a customer may owe. The newest row is in force; ``reasons`` is ``[{"text", "points"}]``."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="credit_lines")
    grade = models.CharField(_("grade"), max_length=4, blank=True)
    limit = _money(_("credit limit"))
    days = models.PositiveSmallIntegerField(_("credit days"))
    reasons = models.JSONField(default=list)
    set_by = _person(null=True)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["customer", "-set_at"])]


class Statement(models.Model):
    """An account of a customer over a time, sent to be confirmed. ``lines`` is what was written on it."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        CONFIRMED = "confirmed", _("Confirmed")
        DISPUTED = "disputed", _("Disputed")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="statements")
    start_on = models.DateField()
    end_on = models.DateField()  # half-open
    opening = _money()
    closing = _money()
    lines = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    comment = models.CharField(max_length=300, blank=True)
    made_by = _person()
    made_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    @property
    def last_on(self) -> dt.date:
        """The last day that is on it."""
        return self.end_on - dt.timedelta(days=1)


class Dunning(models.Model):
    """A reminder that was sent for an invoice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="dunnings")
    level = models.PositiveSmallIntegerField()
    text = models.TextField()
    by = _person()
    at = models.DateTimeField(default=timezone.now)


class Mail(models.Model):
    """A statement or a reminder that goes to a customer by e-mail. ``problem`` says why it did not, ``detail`` what the server said.

    A row that has waited for long is one whose process died before the server had it: it can be tried again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENT = "sent", pgettext_lazy("mail", "Sent")
        FAILED = "failed", _("Not sent")

    class Problem(models.TextChoices):
        UNREACHABLE = "unreachable", _("The mail server cannot be reached.")
        SIGN_IN = "sign_in", _("The mail server does not accept the user or the password.")
        ADDRESS = "address", _("The mail server does not take this address.")
        REFUSED = "refused", _("The mail server refused the letter.")

    statement = models.ForeignKey(Statement, null=True, on_delete=models.CASCADE, related_name="mails")
    dunning = models.ForeignKey(Dunning, null=True, on_delete=models.CASCADE, related_name="mails")
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    by = _person()
    asked_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(statement__isnull=False, dunning__isnull=True)
                | Q(statement__isnull=True, dunning__isnull=False),
                name="mail_of_one_letter",
            )
        ]


class PaymentPromise(models.Model):
    """A sum and a date that a customer promised, with the fact that proves it. ``paid_amount`` came in for it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("promise", "Open")
        KEPT = "kept", _("Kept")
        LATE = "late", _("Kept late")
        PARTLY = "partly", _("Partly kept")
        BROKEN = "broken", _("Broken")

    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="payment_promises"
    )
    rep = _person(null=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    fact = models.OneToOneField(Fact, null=True, on_delete=models.SET_NULL, related_name="payment_promise")
    amount = _money(null=True)
    due_on = models.DateField(null=True)
    paid_amount = _money(default=ZERO)
    paid_on = models.DateField(null=True)  # the day on which it was fulfilled, or the last part came
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=timezone.now)

    objects = SalesQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"]), models.Index(fields=["customer", "due_on"])]


class NumberSeries(models.Model):
    """The last number that was given out of a series: ``SO20261126-`` and 7."""

    prefix = models.CharField(max_length=20, unique=True)
    last = models.PositiveIntegerField(default=0)


class StandingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """How the customers that the person may look at buy."""
        scope = visible(user, rep="customer__owner", unit="customer__unit", see_all=SEES_ALL_CUSTOMERS)
        return self.filter(scope, customer__merged_into__isnull=True)


class CustomerStanding(models.Model):
    """How a customer buys, computed from his orders on ``computed_on``. Days and counts; ``alive`` is a probability.

    ``at_stake`` is what he used to buy in 90 days less what is to be expected of him now; empty where he bought once.
    """

    class Activity(models.TextChoices):
        NEW = "new", _("New")
        ACTIVE = "active", _("Active")
        DORMANT = "dormant", _("Dormant")
        LOST = "lost", pgettext_lazy("customer", "Lost")

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="standing")
    computed_on = models.DateField()
    first_on = models.DateField()
    last_on = models.DateField()
    orders = models.PositiveIntegerField()  # days with an order
    amount = _money()  # of the last twelve months
    interval_days = models.FloatField(null=True)  # usually between two orders; empty where he bought once
    recency_score = models.PositiveSmallIntegerField()  # 1 … 5, 5 best
    frequency_score = models.PositiveSmallIntegerField()
    amount_score = models.PositiveSmallIntegerField()
    value_class = models.CharField(max_length=1)
    activity = models.CharField(max_length=8, choices=Activity)
    alive = models.FloatField(null=True)
    expected_orders = models.FloatField(null=True)  # in the next 90 days
    expected_amount = _money(null=True)  # in the next 90 days
    usual_amount = _money(null=True)  # in 90 days at his own pace
    at_stake = _money(null=True)
    reasons = models.JSONField(default=list)  # why lost or dormant, as heard: see sales.reasons_heard
    win_back_on = models.DateField(null=True)  # when somebody was last asked to win him back

    objects = StandingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["activity"]), models.Index(fields=["at_stake"])]


class StandingRun(models.Model):
    """One computation of all standings. ``forecast`` is the fitted model and its check, or why there is none."""

    computed_on = models.DateField()
    customers = models.PositiveIntegerField()
    purchases = models.PositiveIntegerField()
    forecast = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = _person(null=True)
