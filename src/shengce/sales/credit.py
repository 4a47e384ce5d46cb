"""Credit: the firm's rules, what a customer owes against his limit, the grading with its reasons, and setting a limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.moments import moment_on, past_moment, told
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.planning.credit import Grade, Record, Suggestion, owed, suggest
from shengce.sales.models import (
    CreditLine,
    CreditPolicy,
    Delivery,
    Invoice,
    Order,
    PaymentPromise,
    Receipt,
    WriteOff,
)
from shengce.sales.reach import require_customer
from shengce.sales.sums import CENT, HOME_CURRENCY, checked_sum

_DEFAULTS = Path(__file__).parent / "data" / "credit_policy.yaml"
MOST_DAYS = 720
ZERO = Decimal(0)
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class CreditCheck:
    """Yuan. ``limit`` is ``None`` where no credit line was ever set: then nothing is over it."""

    limit: Decimal | None
    owed: Decimal
    wanted: Decimal

    @property
    def room(self) -> Decimal | None:
        """What may still be ordered on credit, before the order in hand."""
        return None if self.limit is None else self.limit - self.owed

    @property
    def over(self) -> bool:
        return self.limit is not None and self.wanted > 0 and self.owed + self.wanted > self.limit


def current_policy() -> CreditPolicy:
    """The firm's rules; the shipped ones, not stored, until it saves its own."""
    stored: CreditPolicy | None = CreditPolicy.objects.order_by("pk").first()
    return stored or CreditPolicy(**_shipped_rules())


@lru_cache(maxsize=1)
def _shipped_rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load(_DEFAULTS.read_text(encoding="utf-8"))
    return rules


def credit_line_of(customer: Customer) -> CreditLine | None:
    """The credit line in force."""
    line: CreditLine | None = customer.credit_lines.order_by("-set_at", "-pk").first()
    return line


def credit_days_of(customer: Customer) -> int:
    """Days until an invoice falls due: the customer's own, else the firm's."""
    line = credit_line_of(customer)
    return line.days if line is not None else current_policy().days


def check_credit(customer: Customer, wanted: Decimal = ZERO) -> CreditCheck:
    """What he owes by the firm's way of counting, against his limit, with an order of ``wanted`` in hand.

    Only the home currency counts: a limit in yuan says nothing of dollars.
    """
    line = credit_line_of(customer)
    return CreditCheck(None if line is None else line.limit, owed_by([customer.pk])[customer.pk], wanted)


def check_orders(orders: Collection[Order]) -> dict[int, CreditCheck]:
    """The check of each order by its key, in the same few queries however many they are."""
    customers = {order.customer_id for order in orders}
    limits = limits_of(customers)
    owing = owed_by(customers)
    return {
        order.pk: CreditCheck(limits.get(order.customer_id), owing[order.customer_id], order.total)
        for order in orders
    }


def limits_of(customers: Collection[int]) -> dict[int, Decimal]:
    """The credit limit in force of each of these customers who has one."""
    lines = CreditLine.objects.filter(customer__in=customers).order_by("set_at", "pk")
    return {line.customer_id: line.limit for line in lines}  # the newest comes last and stays


def owed_by(customers: Collection[int]) -> dict[int, Decimal]:
    """What each of these customers owes by the firm's way of counting, in yuan."""
    invoices = Invoice.objects.filter(customer__in=customers, currency=HOME_CURRENCY)
    receipts = Receipt.objects.filter(customer__in=customers, currency=HOME_CURRENCY, open_amount__gt=0)
    opened = _sums(invoices.filter(settled_on__isnull=True), "open_amount")
    waiting = _sums(receipts.filter(reversed_at__isnull=True), "open_amount")
    counted = _counted(customers)
    invoiced = _sums(invoices.exclude(state=Invoice.State.CANCELLED), "amount") if counted else {}
    return {
        key: owed(
            open_invoices=opened.get(key, ZERO),
            counted=counted.get(key, ZERO),
            invoiced=invoiced.get(key, ZERO),
            unallocated=waiting.get(key, ZERO),
        )
        for key in customers
    }


def _counted(customers: Collection[int]) -> dict[int, Decimal]:
    """All that was ever ordered or delivered, where that counts; nothing where invoices do."""
    match current_policy().counts:
        case CreditPolicy.Counts.ORDERS:
            orders = Order.objects.filter(customer__in=customers, currency=HOME_CURRENCY)
            return _sums(orders.filter(state=Order.State.CONFIRMED), "total")
        case CreditPolicy.Counts.DELIVERIES:
            return _sums(Delivery.objects.filter(customer__in=customers), "amount")
    return {}


def _sums(rows: QuerySet[Any], column: str) -> dict[int, Decimal]:
    """Sums per customer."""
    found = rows.order_by().values_list("customer").annotate(total=Sum(column))
    return {key: Decimal(total).quantize(CENT) for key, total in found}


def _sum(rows: QuerySet[Any], column: str) -> Decimal:
    total = rows.aggregate(total=Sum(column))["total"] or ZERO
    return Decimal(total).quantize(CENT)


def record_of(customer: Customer, *, today: dt.date | None = None) -> Record:
    """What the customer did in the last twelve months, for the grading."""
    today = today or timezone.localdate()
    since = today - YEAR
    invoices = Invoice.objects.filter(customer=customer, currency=HOME_CURRENCY).exclude(
        state=Invoice.State.CANCELLED
    )
    settled = list(
        invoices.filter(settled_on__gt=since).values_list("due_on", "settled_on", "amount", named=True)
    )
    weight = sum((row.amount for row in settled), ZERO)
    late = sum((max(0, (row.settled_on - row.due_on).days) * row.amount for row in settled), ZERO)
    open_sums = invoices.filter(settled_on__isnull=True, issued_on__lte=today).aggregate(
        all=Sum("open_amount"), overdue=Sum("open_amount", filter=Q(due_on__lt=today))
    )
    states = dict(
        PaymentPromise.objects.filter(customer=customer, due_on__gt=since, due_on__lte=today)
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    kinds = PaymentPromise.State
    years = invoices.filter(issued_on__gt=since, issued_on__lte=today).aggregate(
        turnover=Sum("amount"), disputes=Count("pk", filter=~Q(dispute=""))
    )
    first = invoices.aggregate(day=Min("issued_on"))["day"]
    given_up = WriteOff.objects.filter(
        invoice__customer=customer, state=WriteOff.State.APPROVED, decided_at__date__gt=since
    )
    return Record(
        settled=len(settled),
        days_late=float(late / weight) if weight else None,
        overdue_share=float((open_sums["overdue"] or 0) / open_sums["all"]) if open_sums["all"] else 0.0,
        promises_kept=states.get(kinds.KEPT, 0),
        promises_late=states.get(kinds.LATE, 0),
        promises_broken=states.get(kinds.BROKEN, 0) + states.get(kinds.PARTLY, 0),
        turnover=Decimal(years["turnover"] or 0).quantize(CENT),
        months=max(0, (today - first).days // 30) if first else 0,
        disputes=years["disputes"],
        written_off=_sum(given_up, "amount"),
    )


def suggest_credit(customer: Customer, *, today: dt.date | None = None) -> Suggestion:
    """Grade, limit and days that his record earns, with the points of every reason. Broken promises lower it."""
    return suggest(record_of(customer, today=today), grades_of(current_policy()))


def grades_of(policy: CreditPolicy) -> list[Grade]:
    """The grades as values of the core."""
    return [Grade(g["grade"], int(g["least"]), Decimal(g["limit"]), int(g["days"])) for g in policy.grades]


@transaction.atomic
def set_credit(
    customer: Customer,
    *,
    by: User,
    limit: Decimal,
    days: int,
    grade: str = "",
    reasons: Iterable[Any] = (),
    on: dt.date | None = None,
) -> CreditLine:
    """A new credit line; the earlier ones stay as history. ``on`` is the day from which it held, today or before.

    ``reasons`` are those of a suggestion, or mappings ``{"text", "points"}``.
    """
    require_customer(customer, by=by, permission="credit.edit")
    if not 0 <= days <= MOST_DAYS:
        raise ValidationError(
            _("Credit days lie between 0 and %(most)d."), params={"most": MOST_DAYS}, code="days"
        )
    line: CreditLine = CreditLine.objects.create(
        customer=customer,
        grade=typed_text(grade, most=4, required=False),
        limit=checked_sum(limit, allow_zero=True),
        days=days,
        reasons=[_reason(reason) for reason in reasons],
        set_by=by,
        set_at=past_moment(at := moment_on(on)),
    )
    details = {"limit": str(line.limit), "days": days, "grade": line.grade, **told(at)}
    record("customer.credit_set", customer, by=by, **details)
    return line


def _reason(reason: Any) -> dict[str, Any]:
    if isinstance(reason, dict):
        return {"text": typed_text(reason.get("text"), most=300), "points": int(reason.get("points", 0))}
    return {"code": reason.code, "value": reason.value, "points": reason.points}


@transaction.atomic
def save_credit_policy(
    *,
    by: User,
    counts: str,
    over_limit: str,
    days: int,
    grades: Sequence[dict[str, Any]],
    dunning: Sequence[dict[str, Any]],
) -> CreditPolicy:
    """The firm's rules of credit and dunning. ``grades`` need one that holds from 0 points."""
    require(by, "credit.edit")
    stored = CreditPolicy.objects.select_for_update().order_by("pk").first()
    policy = stored or CreditPolicy()
    policy.counts, policy.over_limit, policy.days = counts, over_limit, days
    policy.grades, policy.dunning = _checked_grades(grades), _checked_levels(dunning)
    policy.clean_fields(exclude=["grades", "dunning"])  # an empty list is a list
    if not 0 <= days <= MOST_DAYS:
        raise ValidationError(
            _("Credit days lie between 0 and %(most)d."), params={"most": MOST_DAYS}, code="days"
        )
    policy.save()
    record("credit_policy.saved", policy, by=by, counts=counts, over_limit=over_limit)
    return policy


def _checked_grades(grades: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "grade": typed_text(row.get("grade"), most=4),
            "least": int(row["least"]),
            "limit": str(checked_sum(Decimal(row["limit"]), allow_zero=True)),
            "days": int(row["days"]),
        }
        for row in grades
    ]
    if not found or min(row["least"] for row in found) != 0:
        raise ValidationError(_("One grade must hold from 0 points."), code="grades")
    if any(not 0 <= row["least"] <= 100 or not 0 <= row["days"] <= MOST_DAYS for row in found):
        raise ValidationError(_("Points lie between 0 and 100, days between 0 and 720."), code="grades")
    for name in ("grade", "least"):
        if len({row[name] for row in found}) != len(found):
            raise ValidationError(_("Each grade has a name and points of its own."), code="grades")
    return sorted(found, key=lambda row: -row["least"])


def _checked_levels(levels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"days": int(row["days"]), "text": typed_text(row.get("text"), most=1000)} for row in levels
    ]
    found.sort(key=lambda row: row["days"])
    if len(found) > 9 or any(not 0 < row["days"] <= MOST_DAYS for row in found):
        raise ValidationError(_("At most nine levels of dunning, each after 1 to 720 days."), code="dunning")
    if len({row["days"] for row in found}) != len(found):
        raise ValidationError(_("Two levels of dunning begin on the same day."), code="dunning")
    return [{"level": number, **row} for number, row in enumerate(found, 1)]
