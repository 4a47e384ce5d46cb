"""The public pool: customers without an owner. Rules send them there, people take them, a few a day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers import activity
from shengce.customers.actions import CLASSES, check_seller, give_to, require_visible
from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer, Deal, PoolMove, PoolRule
from shengce.people.models import AuditEntry, Role, User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.people.queries import visible_users
from shengce.people.typed_text import typed_text

PAGE_SIZE: Final = 30
MOST_DAYS: Final = 3650
SOON_DAYS: Final = 7
SEES_ALL_MOVES: Final = (*SEES_ALL_CUSTOMERS, Role.ADMINISTRATOR)
AT_ONCE: Final = 500
"""Customers that the daily sweep releases in one transaction."""


# --- rules


@transaction.atomic
def save_pool_rule(
    *,
    by: User,
    idle_days: int,
    counts: Collection[str] = (activity.TALK,),
    rule: PoolRule | None = None,
    kind: str = "",
    value_class: str = "",
    daily_cap: int = 5,
    keep_away_days: int = 0,
    active: bool = True,
) -> PoolRule:
    """Add or change a rule; kind and class empty mean any. Of several that fit, the one that says most holds.

    ``counts`` are keys of ``activity.ACTIVITIES``, at least one.
    """
    require(by, "customers.rules")
    if not 1 <= idle_days <= MOST_DAYS:
        raise ValidationError(
            {"idle_days": _("Between 1 and %(most)d days.") % {"most": MOST_DAYS}}, code="days"
        )
    if not 0 <= daily_cap <= 1000 or not 0 <= keep_away_days <= MOST_DAYS:
        raise ValidationError(_("One of the numbers is too large."), code="number")
    if value_class and value_class not in CLASSES:
        raise ValidationError({"value_class": _("The class is A, B or C.")}, code="value_class")
    if not counts or not set(counts) <= set(activity.KEYS):
        raise ValidationError({"counts": _("Say what counts as activity.")}, code="counts")
    rule = rule or PoolRule()
    rule.counts = [key for key in activity.KEYS if key in counts]
    rule.kind, rule.value_class, rule.idle_days = kind, value_class, idle_days
    rule.daily_cap, rule.keep_away_days, rule.active = daily_cap, keep_away_days, active
    rule.full_clean()
    rule.save()
    details = {"kind": kind, "value_class": value_class, "days": idle_days, "counts": rule.counts}
    record("pool_rule.saved", rule, by=by, **details, active=active)
    return rule


@transaction.atomic
def remove_pool_rule(rule: PoolRule, *, by: User) -> None:
    """Take a rule away; what it released stays in the pool."""
    require(by, "customers.rules")
    record(
        "pool_rule.removed", rule, by=by, kind=rule.kind, value_class=rule.value_class, days=rule.idle_days
    )
    rule.delete()


def rules_in_force() -> list[PoolRule]:
    """Active rules, the one that says most first: kind and class, class, kind, any."""
    rules = PoolRule.objects.filter(active=True).order_by("pk")
    return sorted(rules, key=lambda rule: (not rule.value_class, not rule.kind))


def rule_for(customer: Customer, rules: Iterable[PoolRule] | None = None) -> PoolRule | None:
    """The rule that holds for a customer, if any does."""
    in_force = rules_in_force() if rules is None else rules
    return next((rule for rule in in_force if _fits(rule, customer)), None)


def _fits(rule: PoolRule, customer: Customer) -> bool:
    return rule.kind in ("", customer.kind) and rule.value_class in ("", customer.value_class)


# --- into the pool


def idle_customers(rule: PoolRule, earlier: Iterable[PoolRule], *, today: dt.date) -> QuerySet[Customer]:
    """Owned customers for which ``rule`` holds (none of ``earlier`` does) and who are idle for its days or longer.

    Idle days count from the last of ownership, creation and what the rule counts, by local days; while a deal is open
    nobody is idle for a rule that counts deals.
    """
    found = Customer.objects.filter(owner__isnull=False, merged_into__isnull=True).filter(_condition(rule))
    for other in earlier:
        found = found.exclude(_condition(other))
    zone = timezone.get_current_timezone()
    last_day = today - dt.timedelta(days=rule.idle_days - 1)
    limit = dt.datetime.combine(last_day, dt.time(), tzinfo=zone)  # touched before this moment: idle
    if activity.DEAL in rule.counts:
        found = found.exclude(Exists(Deal.objects.filter(customer=OuterRef("pk"), closed_at__isnull=True)))
    columns = ("owned_since", *activity.columns_of(rule.counts))
    touched = Greatest("created_at", *(Coalesce(column, "created_at") for column in columns))
    return found.annotate(touched_at=touched).filter(touched_at__lt=limit).order_by("touched_at", "pk")


def _condition(rule: PoolRule) -> Q:
    condition = Q(pk__isnull=False)
    if rule.kind:
        condition &= Q(kind=rule.kind)
    if rule.value_class:
        condition &= Q(value_class=rule.value_class)
    return condition


def release_idle(*, by: User | None = None, today: dt.date) -> int:
    """The daily sweep: send every idle customer to the pool; how many went. ``by`` is empty for the program itself.

    Running it twice on a day releases nobody twice, and a customer who was talked to meanwhile stays.
    """
    if by is not None:
        require(by, "customers.rules")
    released, earlier = 0, list[PoolRule]()
    for rule in rules_in_force():
        while True:
            ids = list(idle_customers(rule, earlier, today=today).values_list("pk", flat=True)[:AT_ONCE])
            with transaction.atomic():
                # Asked again under the lock: a talk or a hand-over may have come in between.
                still = idle_customers(rule, earlier, today=today).filter(pk__in=ids)
                customers = list(still.select_for_update(of=("self",)))
                for customer in customers:
                    _release(customer, by=by, rule=rule, reason="")
            released += len(customers)
            if len(ids) < AT_ONCE or not customers:
                break
        earlier.append(rule)
    return released


@transaction.atomic
def release_customer(customer: Customer, *, by: User, reason: str, at: dt.datetime | None = None) -> Customer:
    """Give one's customer (a manager: one of his team's) to the pool, and say why."""
    require_visible(customer, by)
    text = typed_text(reason, most=200)
    locked = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if locked.owner_id is None:
        raise ValidationError(_("This customer is in the pool already."), code="pooled")
    _release(locked, by=by, rule=None, reason=text, at=at)
    return locked


def _release(
    customer: Customer,
    *,
    by: User | None,
    rule: PoolRule | None,
    reason: str,
    at: dt.datetime | None = None,
) -> None:
    old, moment = customer.owner_id, past_moment(at)
    PoolMove.objects.create(
        customer=customer,
        direction=PoolMove.Direction.RELEASED,
        person_id=old,
        rule=rule,
        reason=reason,
        at=moment,
    )
    customer.owner, customer.unit, customer.pooled_at = None, None, moment
    customer.save(update_fields=["owner", "unit", "pooled_at"])
    details = {"days": rule.idle_days, "counts": rule.counts} if rule else {"reason": reason}
    record("customer.released", customer, by=by, old=old, **details, **told(at))


# --- out of the pool


@transaction.atomic
def take_customer(customer: Customer, *, by: User) -> Customer:
    """Make a customer of the pool one's own. Of two people who take him at once, one gets him and one is told.

    Raises ``ValidationError``: taken already, the day's number reached, or lost too short a time ago.
    """
    require(by, "pool.see")
    check_seller(by)
    # The person is locked first: two windows of one person cannot pass the day's number together.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    locked = (
        Customer.objects.select_for_update(of=("self",))
        .filter(pk=customer.pk, merged_into__isnull=True)
        .first()
    )
    if locked is None or locked.owner_id is not None:
        raise ValidationError(_("Somebody else has taken this customer."), code="taken")
    rule = rule_for(locked)
    if rule is not None:
        _check_cap(rule, by)
        _check_keep_away(rule, locked, by)
    PoolMove.objects.create(customer=locked, direction=PoolMove.Direction.TAKEN, person=by, rule=rule)
    record("customer.taken", locked, by=by, new=by.pk)
    give_to(locked, by, old=None)
    return locked


def _check_cap(rule: PoolRule, by: User) -> None:
    if taken_today(by) >= rule.daily_cap:
        raise ValidationError(
            _("You have taken %(count)d customers today, as many as the rule allows. Go on tomorrow.")
            % {"count": rule.daily_cap},
            code="cap",
        )


def _check_keep_away(rule: PoolRule, customer: Customer, by: User) -> None:
    if not rule.keep_away_days:
        return
    since = timezone.now() - dt.timedelta(days=rule.keep_away_days)
    last = customer.pool_moves.filter(direction=PoolMove.Direction.RELEASED).order_by("-at", "-pk").first()
    if last is not None and last.person_id == by.pk and last.at > since:
        raise ValidationError(
            _("He was yours until %(day)s: for %(days)d days it is somebody else's turn.")
            % {"day": timezone.localdate(last.at).isoformat(), "days": rule.keep_away_days},
            code="keep_away",
        )


def taken_today(person: User, *, today: dt.date | None = None) -> int:
    """How many customers the person took out of the pool on this local day."""
    day = today or timezone.localdate()
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    return PoolMove.objects.filter(
        person=person,
        direction=PoolMove.Direction.TAKEN,
        at__gte=start,
        at__lt=dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone),
    ).count()


# --- reads


@dataclass(frozen=True, slots=True)
class Owned:
    """One stretch of a customer's ownership; ``person`` is a name. ``end`` is empty for what is not known."""

    person: str
    end: dt.datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class PoolRow:
    """What everybody who sells may know of a customer in the pool: no contacts, no numbers, no card."""

    pk: int
    name: str
    city: str
    industry: str
    value_class: str
    kind: str
    kind_label: str
    pooled_at: dt.datetime | None
    owners: tuple[Owned, ...]


def pool_page(
    user: User,
    *,
    text: str = "",
    kind: str = "",
    value_class: str = "",
    sort: str = "",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> tuple[list[PoolRow], bool]:
    """One page of the pool, and whether there is another; 3 queries."""
    require(user, "pool.see")
    found = Customer.objects.filter(owner__isnull=True, merged_into__isnull=True)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(city__icontains=text) | Q(industry__icontains=text))
    if kind in Customer.Kind.values:
        found = found.filter(kind=kind)
    if value_class in CLASSES:
        found = found.filter(value_class=value_class)
    order = {"name": ("name", "pk"), "-name": ("-name", "-pk"), "longest": ("pooled_at", "pk")}
    first = (max(1, page) - 1) * size
    rows = list(
        found.order_by(*order.get(sort, ("-pooled_at", "-pk"))).only(
            "name", "city", "industry", "value_class", "kind", "pooled_at"
        )[first : first + size + 1]
    )
    owners = owners_of([row.pk for row in rows])
    shown = [
        PoolRow(
            row.pk, row.name, row.city, row.industry, row.value_class, row.kind,
            str(row.get_kind_display()), row.pooled_at, tuple(owners[row.pk]),
        )
        for row in rows[:size]
    ]  # fmt: skip
    return shown, len(rows) > size


def takeable(user: User, rows: Iterable[PoolRow]) -> set[int]:
    """Which of them the person could take at this moment, by the rules of :func:`take_customer`. Three queries at most."""
    shown = list(rows)
    try:
        check_seller(user)
    except ValidationError:
        return set()
    rules, taken, now = rules_in_force(), taken_today(user), timezone.now()
    moves = PoolMove.objects.filter(
        customer__in=[row.pk for row in shown], direction=PoolMove.Direction.RELEASED
    ).order_by("at", "pk")
    last = {pk: (person, at) for pk, person, at in moves.values_list("customer", "person", "at")}

    def free(row: PoolRow) -> bool:
        fits = (
            rule
            for rule in rules
            if rule.kind in ("", row.kind) and rule.value_class in ("", row.value_class)
        )
        rule = next(fits, None)
        if rule is None:
            return True
        person, at = last.get(row.pk, (None, now))
        kept_away = person == user.pk and at > now - dt.timedelta(days=rule.keep_away_days)
        return taken < rule.daily_cap and not (rule.keep_away_days and kept_away)

    return {row.pk for row in shown if free(row)}


def owners_of(ids: list[int]) -> dict[int, list[Owned]]:
    """Who had each customer before, the last one first: from hand-overs and moves into the pool. 2 queries."""
    entries = AuditEntry.objects.filter(
        subject_type="customers.customer",
        subject_id__in=ids,
        action__in=("customer.handed_over", "customer.released"),
    ).order_by("-at", "-pk")
    given = [entry for entry in entries if entry.details.get("old")]
    people = User.objects.in_bulk({entry.details["old"] for entry in given})
    found: dict[int, list[Owned]] = defaultdict(list)
    for entry in sorted(given, key=lambda entry: entry.happened_at, reverse=True):
        person = people.get(entry.details["old"])
        if entry.subject_id is not None and person is not None:
            found[entry.subject_id].append(Owned(str(person), entry.happened_at, _why(entry)))
    return found


def _why(entry: AuditEntry) -> str:
    if days := entry.details.get("days"):
        counts = entry.details.get("counts", [activity.TALK])
        return _("%(days)s days without: %(what)s") % {"days": days, "what": activity.words_of(counts)}
    return str(entry.details.get("reason") or "")


def moves(user: User, *, page: int = 1) -> tuple[list[PoolMove], bool]:
    """Who took what and what was released, newest first: one's own, a leader's of his people, all for the rules' keepers."""
    found = PoolMove.objects.select_related("customer", "person", "rule")
    if user.role not in SEES_ALL_MOVES:
        found = found.filter(person__in=visible_users(user))
    first = (max(1, page) - 1) * PAGE_SIZE
    rows = list(found.order_by("-at", "-pk")[first : first + PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def going_soon(user: User, *, today: dt.date, most: int = 20) -> list[tuple[Customer, dt.date]]:
    """One's customers that the sweep takes within :data:`SOON_DAYS` days unless somebody talks to them, with the day."""
    soon: list[tuple[Customer, dt.date]] = []
    earlier: list[PoolRule] = []
    for rule in rules_in_force():
        idle = idle_customers(rule, earlier, today=today + dt.timedelta(days=SOON_DAYS)).filter(owner=user)
        for customer in idle[:most]:
            touched = timezone.localdate(customer.touched_at)  # type: ignore[attr-defined]
            soon.append((customer, max(today, touched + dt.timedelta(days=rule.idle_days))))
        earlier.append(rule)
    return sorted(soon, key=lambda pair: pair[1])[:most]


def would_go(*, today: dt.date, most: int = 1000) -> dict[int, int]:
    """How many customers each rule would release today, counted up to ``most``."""
    counts, earlier = {}, list[PoolRule]()
    for rule in rules_in_force():
        counts[rule.pk] = len(idle_customers(rule, earlier, today=today).values_list("pk")[:most])
        earlier.append(rule)
    return counts
