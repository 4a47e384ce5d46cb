"""Who buys how, who stays away and why, and who should call: actions and reads over ``CustomerStanding``.

The rules are those of :mod:`shengce.planning.rfm` and :mod:`shengce.planning.repeat_purchase`; the arithmetic over all
customers is in :mod:`standings`, what was heard in :mod:`reasons_heard`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from shengce.customers.models import Contact, Customer
from shengce.people.models import Role, Unit, User, record
from shengce.people.permissions import require
from shengce.sales.models import CustomerStanding, StandingRun
from shengce.sales.reasons_heard import Heard, hearable

Standings = models.QuerySet[CustomerStanding]
Activity = CustomerStanding.Activity
QUIET = (Activity.DORMANT, Activity.LOST)
CLASSES = ("A", "B", "C")
PAGE_SIZE = 30
BATCH = 2000
RISKY = 0.5
"""A customer who still counts as active, but whom the model thinks gone more likely than not."""

SORTS: Mapping[str, tuple[Any, ...]] = {
    "": ("-amount", "-pk"),
    "amount": ("amount", "pk"),
    "name": ("customer__name", "pk"),
    "-name": ("-customer__name", "-pk"),
    "last_on": ("last_on", "pk"),
    "-last_on": ("-last_on", "-pk"),
    "-orders": ("-orders", "-pk"),
    "orders": ("orders", "pk"),
    "alive": (F("alive").asc(nulls_last=True), "pk"),
    "-alive": (F("alive").desc(nulls_last=True), "-pk"),
    "expected": (F("expected_amount").asc(nulls_last=True), "pk"),
    "-expected": (F("expected_amount").desc(nulls_last=True), "-pk"),
    "stake": (F("at_stake").asc(nulls_last=True), "pk"),
    "-stake": (F("at_stake").desc(nulls_last=True), "-pk"),
}
WRITTEN = tuple(
    field.name
    for field in CustomerStanding._meta.concrete_fields
    if field.name not in ("id", "customer", "win_back_on")
)


@dataclass(frozen=True, slots=True)
class WinBack:
    """A customer who stays away: what is at stake, what was heard, and who should call (``caller``) for which reason.

    ``because``: ``owner``; ``staff``: the complaint is about our people, so the manager calls; ``no_owner``: nobody owns
    the customer, so the manager gives him to somebody. ``asked`` says that this was made a task this month.
    """

    standing: CustomerStanding
    silent_days: int
    reasons: list[Heard]
    caller: User | None
    because: str
    asked: bool


# ── actions


def compute_standings(*, today: dt.date, by: User | None = None) -> StandingRun:
    """Work out and write down how every customer buys, as of the end of ``today``; meant for every night.

    Nothing is locked while it computes, and rows are written in batches: a page that is read meanwhile waits for none of
    it. Two at once write the same. ``by`` is empty for the program itself.
    """
    from shengce.sales.standings import assess  # numpy, which a web process need not load to start

    if by is not None:
        require(by, "customers.rules")
    found = assess(today=today)
    for first in range(0, len(found.standings), BATCH):
        CustomerStanding.objects.bulk_create(
            found.standings[first : first + BATCH],
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=WRITTEN,
        )
    with transaction.atomic():
        _drop_those_who_never_bought(found.standings)
        _write_classes()
        run = StandingRun.objects.create(
            computed_on=today,
            customers=len(found.standings),
            purchases=found.purchases,
            forecast=found.forecast,
            made_by=by,
        )
        record("standings.computed", run, by=by, customers=run.customers)
    return run


def _drop_those_who_never_bought(standings: Iterable[CustomerStanding]) -> None:
    """Whose only orders were cancelled since."""
    kept = {row.customer_id for row in standings}
    gone = [pk for pk in CustomerStanding.objects.values_list("customer_id", flat=True) if pk not in kept]
    for first in range(0, len(gone), BATCH):
        CustomerStanding.objects.filter(customer__in=gone[first : first + BATCH]).delete()


def _write_classes() -> None:
    for name in CLASSES:
        ranked = CustomerStanding.objects.filter(value_class=name).values("customer")
        Customer.objects.filter(pk__in=ranked).exclude(value_class=name).update(value_class=name)
    unranked = Customer.objects.exclude(value_class="").exclude(
        pk__in=CustomerStanding.objects.values("customer")
    )
    unranked.update(value_class="")


@transaction.atomic
def ask_to_win_back(customer: Customer, *, by: User, today: dt.date) -> CustomerStanding:
    """Note that somebody is asked to win the customer back: once in a month. The task itself is made by ``visits``.

    Raises ``ValidationError`` where that was done this month already, or where the customer is not away.
    """
    require(by, "tasks.edit")
    found = CustomerStanding.objects.visible_to(by).select_for_update(of=("self",))
    standing: CustomerStanding | None = found.filter(customer=customer).first()
    if standing is None:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    if standing.activity not in QUIET:
        raise ValidationError(_("This customer is not away."), code="not_away")
    if asked_this_month(standing, today):
        raise ValidationError(_("Somebody was asked this month already."), code="asked")
    standing.win_back_on = today
    standing.save(update_fields=["win_back_on"])
    record("customer.win_back_asked", customer, by=by, on=today.isoformat())
    return standing


def asked_this_month(standing: CustomerStanding, today: dt.date) -> bool:
    """Whether the customer was made somebody's task in the calendar month of ``today``."""
    asked = standing.win_back_on
    return asked is not None and (asked.year, asked.month) == (today.year, today.month)


# ── reads


def standing_of(customer: Customer) -> CustomerStanding | None:
    """How the customer buys; nothing where he never bought or nothing was computed yet."""
    return CustomerStanding.objects.filter(customer=customer).first()


def last_run() -> StandingRun | None:
    return StandingRun.objects.order_by("-made_at", "-pk").first()


def _scope(user: User, scope: Standings | None) -> Standings:
    """What the person sees; a page that asks several times works it out once and hands it on as ``scope``."""
    seen: Standings = CustomerStanding.objects.visible_to(user) if scope is None else scope
    return seen


def standings(
    user: User,
    *,
    text: str = "",
    activity: str = "",
    value_class: str = "",
    owner: int | None = None,
    first_month: dt.date | None = None,
    last_month: dt.date | None = None,
    sort: str = "",
    scope: Standings | None = None,
) -> Standings:
    """The customers of one's scope who ever bought. ``activity`` may be ``quiet`` (dormant or lost) and ``risky``
    (active or new, but probably gone). ``first_month`` and ``last_month``: of the first and the last order.
    """
    found = _scope(user, scope).select_related("customer__owner")
    if text:
        contacts = Contact.objects.filter(Q(name__icontains=text) | Q(phone__contains=text))
        found = found.filter(
            Q(customer__name__icontains=text)
            | Q(customer__city__icontains=text)
            | Q(customer__in=contacts.values("customer"))
        )
    if activity in Activity.values:
        found = found.filter(activity=activity)
    elif activity == "quiet":
        found = found.filter(activity__in=QUIET)
    elif activity == "risky":
        found = found.exclude(activity__in=QUIET).filter(alive__lt=RISKY)
    if value_class in CLASSES:
        found = found.filter(value_class=value_class)
    if owner is not None:
        found = found.filter(customer__owner=owner)
    for field, month in (("first_on", first_month), ("last_on", last_month)):
        if month is not None:
            found = found.filter(**{f"{field}__gte": month, f"{field}__lt": next_month(month)})
    rows: Standings = found.order_by(*SORTS.get(sort, SORTS[""]))
    return rows


def counts(user: User, *, scope: Standings | None = None) -> list[dict[str, Any]]:
    """Customers, turnover of the year, what is expected and what is at stake, by activity and class. One query."""
    found: Any = _scope(user, scope).order_by().values("activity", "value_class")
    return list(
        found.annotate(
            customers=Count("pk"),
            turnover=Sum("amount"),
            expected=Sum("expected_amount"),
            stake=Sum("at_stake"),
        )
    )


def won_and_lost(
    user: User, *, today: dt.date, months: int = 12, scope: Standings | None = None
) -> list[tuple[dt.date, int, int]]:
    """Per month, oldest first: customers with their first order, and those now lost with their last order. One query."""
    start = _months_before(today.replace(day=1), months - 1)
    recent = Q(first_on__gte=start) | Q(last_on__gte=start, activity=Activity.LOST)
    rows = _scope(user, scope).order_by().filter(recent)
    grouped = rows.annotate(first=TruncMonth("first_on"), last=TruncMonth("last_on"))
    won, lost = Counter[dt.date](), Counter[dt.date]()
    for row in grouped.values("first", "last", "activity").annotate(customers=Count("pk")):
        won[row["first"]] += row["customers"]
        lost[row["last"]] += row["customers"] if row["activity"] == Activity.LOST else 0
    listed, month = [], start
    for _number in range(months):
        listed.append((month, won[month], lost[month]))
        month = next_month(month)
    return listed


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after that of ``month``."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _months_before(month: dt.date, number: int) -> dt.date:
    place = month.year * 12 + month.month - 1 - number
    return dt.date(place // 12, place % 12 + 1, 1)


def win_back_list(
    user: User, *, today: dt.date, page: int = 1, size: int = PAGE_SIZE, scope: Standings | None = None
) -> list[WinBack]:
    """Customers who are dormant or lost, the largest sum at stake first; one row more than ``size`` if there is more."""
    first = (max(1, page) - 1) * size
    found = standings(user, activity="quiet", sort="-stake", scope=scope).select_related(
        "customer__owner__unit", "customer__unit"
    )
    return with_reasons(user, list(found[first : first + size + 1]), today=today)


def with_reasons(user: User, rows: Sequence[CustomerStanding], *, today: dt.date) -> list[WinBack]:
    """What was heard of these customers and who should call them; three queries whatever their number."""
    heard = hearable(user, [row.reasons for row in rows])
    managers = cache(_managers)  # read only where somebody else than the owner should call
    return [_win_back(row, reasons, managers, today) for row, reasons in zip(rows, heard, strict=True)]


def _win_back(
    standing: CustomerStanding,
    reasons: list[Heard],
    managers: Callable[[], dict[int, User]],
    today: dt.date,
) -> WinBack:
    owner = standing.customer.owner
    caller, because = owner, "owner"
    if owner is None or not owner.is_active:
        caller, because = _manager_of(standing.customer.unit, managers()), "no_owner"
    elif any(reason.about_staff for reason in reasons):
        manager = _manager_of(owner.unit, managers())
        if manager is not None and manager.pk != owner.pk:
            caller, because = manager, "staff"
    silent = (today - standing.last_on).days
    return WinBack(standing, silent, reasons, caller, because, asked_this_month(standing, today))


def _managers() -> dict[int, User]:
    leading = User.objects.filter(role=Role.MANAGER, is_active=True, unit__isnull=False)
    return {
        manager.unit_id: manager
        for manager in leading.select_related("unit").order_by("-pk")
        if manager.unit_id
    }


def _manager_of(unit: Unit | None, managers: dict[int, User]) -> User | None:
    """The manager of the unit, else of the nearest one above it."""
    above = reversed([int(part) for part in unit.path.split("/") if part]) if unit is not None else []
    return next((managers[pk] for pk in above if pk in managers), None)


def report(user: User, *, on: dt.date, limit: int = 1000, offset: int = 0) -> dict[str, Any]:
    """Repeat purchase as plain data for the day ``on``: the model, its check, sums, and one row a customer.

    The customers are those of one's scope, the largest expected amount first; the model is that of the whole firm. A day
    for which nothing was computed is worked out now, from the orders until then (seconds for a million of them).
    """
    require(user, "customers.see")
    run = StandingRun.objects.filter(computed_on=on).order_by("-made_at", "-pk").first()
    visible = CustomerStanding.objects.visible_to(user)
    if run is not None and not CustomerStanding.objects.exclude(computed_on=on).exists():
        forecast, rows = run.forecast, list(visible.select_related("customer"))
    else:
        forecast, rows = _worked_out(user, on)
    rows.sort(key=lambda row: (-(row.expected_amount or 0), -row.amount, row.customer_id))
    return {
        "on": on.isoformat(),
        "model": forecast,
        "customers": len(rows),
        "activity": {value: sum(row.activity == value for row in rows) for value in Activity.values},
        "classes": {name: sum(row.value_class == name for row in rows) for name in CLASSES},
        "turnover": str(sum((row.amount for row in rows), Decimal(0))),
        "expected_orders": _total(row.expected_orders for row in rows),
        "expected_amount": _text_of(_sum(row.expected_amount for row in rows)),
        "at_stake": _text_of(_sum(row.at_stake for row in rows)),
        "rows": [_plain(row) for row in rows[max(0, offset) : max(0, offset) + max(0, limit)]],
    }


def _worked_out(user: User, on: dt.date) -> tuple[dict[str, Any], list[CustomerStanding]]:
    from shengce.sales.standings import assess

    found = assess(today=on, with_reasons=False)
    seen = Customer.objects.visible_to(user).in_bulk() if found.standings else {}
    rows = [row for row in found.standings if row.customer_id in seen]
    for row in rows:
        row.customer = seen[row.customer_id]
    return found.forecast, rows


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 2) if known else None


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _text_of(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _plain(row: CustomerStanding) -> dict[str, Any]:
    return {
        "customer": row.customer_id,
        "name": row.customer.name,
        "first_on": row.first_on.isoformat(),
        "last_on": row.last_on.isoformat(),
        "purchases": row.orders,
        "turnover": str(row.amount),
        "scores": [row.recency_score, row.frequency_score, row.amount_score],
        "class": row.value_class,
        "activity": row.activity,
        "interval_days": row.interval_days,
        "alive": None if row.alive is None else round(row.alive, 4),
        "expected_orders": None if row.expected_orders is None else round(row.expected_orders, 3),
        "expected_amount": _text_of(row.expected_amount),
        "at_stake": _text_of(row.at_stake),
    }
