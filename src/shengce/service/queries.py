"""Reads over tickets: the queue and its filters, the tickets of a customer, causes by product."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from shengce.catalogue.models import Product
from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, User
from shengce.people.permissions import PERMISSIONS
from shengce.people.queries import visible_users
from shengce.service.models import PENDING, Kind, Priority, Ticket

PAGE_SIZE = 30
WHICH = ("mine", "unassigned", "overdue", "escalated")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue is asked for; what is empty does not narrow it.

    ``which``: one of :data:`WHICH`. ``state``: ``pending`` (not solved yet), ``all``, or one state. ``start_on`` and
    ``end_on`` are the half-open days of opening. ``late``: ``answer`` or ``solve``, what came after its deadline.
    """

    which: str = ""
    state: str = "pending"
    kind: str = ""
    priority: str = ""
    product: int | None = None
    rep: int | None = None
    customer: int | None = None
    cause: str = ""
    text: str = ""
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    late: str = ""
    satisfaction: int | None = None
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Tickets that are not solved yet, and how many of them are whose."""

    pending: int = 0
    mine: int = 0
    unassigned: int = 0
    overdue: int = 0
    escalated: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class CauseRow:
    """How often a cause was found at a product (none: no product was named), what it cost in yuan, and the last time."""

    product_id: int | None
    product: str
    cause: str
    tickets: int
    cost: Decimal | None
    last_at: dt.datetime


def tickets(user: User, asked: Asked) -> QuerySet[Ticket]:
    """The visible tickets that were asked for, in the order that was asked for."""
    found = Ticket.objects.visible_to(user).filter(_conditions(user, asked))
    related = found.select_related("customer", "product", "owner", "rep", "fact", "escalated_to")
    return related.order_by(*_order(asked))


def _conditions(user: User, asked: Asked) -> Q:
    found = Q()
    if asked.state == "pending" or asked.which:
        found &= Q(state__in=PENDING)
    if asked.state in Ticket.State.values:
        found &= Q(state=asked.state)
    if asked.kind in Kind.values:
        found &= Q(kind=asked.kind)
    if asked.priority in Priority.values:
        found &= Q(priority=asked.priority)
    for name in ("product", "rep", "customer", "satisfaction"):
        if (value := getattr(asked, name)) is not None:
            found &= Q(**{name: value})
    if asked.cause:
        found &= Q(cause=asked.cause)
    if asked.text:
        found &= (
            Q(number__icontains=asked.text)
            | Q(title__icontains=asked.text)
            | Q(customer__name__icontains=asked.text)
        )
    if asked.start_on is not None:
        found &= Q(opened_at__gte=first_moment(asked.start_on))
    if asked.end_on is not None:
        found &= Q(opened_at__lt=first_moment(asked.end_on))
    return found & late_condition(asked.late) & _which(user, asked.which)


def _which(user: User, which: str) -> Q:
    """The queue's parts; each is a question about what is not solved yet."""
    conditions = {
        "mine": Q(owner=user.pk),
        "unassigned": Q(owner__isnull=True),
        "overdue": Q(due_at__lt=timezone.now()),
        "escalated": Q(escalated_to=user.pk),
    }
    return conditions.get(which, Q())


def late_condition(what: str) -> Q:
    """``answer`` or ``solve``: what came after its deadline, or has not come until now although it passed."""
    now = timezone.now()
    conditions = {
        "answer": Q(answered_at__gt=F("answer_by")) | Q(answered_at__isnull=True, answer_by__lt=now),
        "solve": Q(solved_at__gt=F("solve_by"))
        | Q(solved_at__isnull=True, waiting_since__isnull=True, solve_by__lt=now),
    }
    return conditions.get(what, Q())


def _order(asked: Asked) -> tuple[Any, ...]:
    urgency = Case(
        *(When(priority=value, then=Value(place)) for place, value in enumerate(Priority.values)),
        output_field=IntegerField(),
    )
    deadline = F("due_at").asc(nulls_last=True)
    orders: dict[str, tuple[Any, ...]] = {
        "deadline": (deadline, "pk"),
        "opened": ("opened_at", "pk"),
        "-opened": ("-opened_at", "-pk"),
        "priority": (urgency, deadline, "pk"),
        "customer": ("customer__name", deadline, "pk"),
    }
    pending = asked.which or asked.state in ("pending", *PENDING)
    return orders.get(asked.sort, orders["deadline" if pending else "-opened"])


def ticket_page(user: User, asked: Asked, *, page: int = 1) -> tuple[list[Ticket], bool]:
    """One page of the queue, and whether there is another."""
    first = (max(1, page) - 1) * PAGE_SIZE
    rows = list(tickets(user, asked)[first : first + PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def counts(user: User) -> Counts:
    """What waits, in one query over what is not solved yet."""
    pending = Ticket.objects.visible_to(user).pending()
    row = pending.aggregate(
        pending=Count("pk"),
        waiting=Count("pk", filter=Q(state=Ticket.State.WAITING)),
        **{which: Count("pk", filter=_which(user, which)) for which in WHICH},
    )
    return Counts(**row)


def tickets_of(customer: Customer, *, user: User) -> QuerySet[Ticket]:
    """The tickets of one customer that the person may see, newest first."""
    return (
        Ticket.objects.visible_to(user)
        .filter(customer=customer)
        .select_related("product", "owner", "fact")
        .order_by("-opened_at", "-pk")
    )


def open_ticket_count(customer: Customer) -> int:
    """How many tickets of the customer are not solved yet, whoever may see them."""
    return Ticket.objects.pending().filter(customer=customer).count()


def causes_by_product(user: User, *, start_on: dt.date, end_on: dt.date) -> list[CauseRow]:
    """What went wrong at which product in tickets opened from ``start_on`` until before ``end_on``; most frequent first."""
    rows = (
        Ticket.objects.visible_to(user)
        .filter(opened_at__gte=first_moment(start_on), opened_at__lt=first_moment(end_on))
        .exclude(cause="")
        .order_by()
        .values_list("product", "cause")
        .annotate(Count("pk"), Sum("cost"), Max("opened_at"))
    )
    found = list(rows)
    names = Product.objects.in_bulk({product for product, *_rest in found if product})
    causes = [
        CauseRow(
            product_id=product,
            product=names[product].name if product else "",
            cause=cause,
            tickets=number,
            cost=None if total is None else total.quantize(Decimal("0.01")),  # SQLite drops zeros
            last_at=last,
        )
        for product, cause, number, total, last in found
    ]
    return sorted(causes, key=lambda row: (-row.tickets, row.product, row.cause))


def causes_written() -> list[str]:
    """The causes that were written most often, to be offered again: words in common can be counted."""
    recent = Ticket.objects.exclude(cause="").filter(opened_at__gte=timezone.now() - dt.timedelta(days=365))
    rows = recent.values_list("cause").annotate(number=Count("pk")).order_by("-number", "cause")[:30]
    return [cause for cause, _number in rows]


def assignable(user: User) -> QuerySet[User]:
    """To whom this person may give a ticket: the customer department, and whoever's records he sees."""
    able = User.objects.filter(is_active=True, role__in=PERMISSIONS["tickets.edit"])
    if user.role not in SEES_ALL_CUSTOMERS:
        seen = visible_users(user).values("pk")
        able = able.filter(Q(role=Role.CUSTOMER_DEPARTMENT) | Q(pk__in=seen))
    return able.order_by("role", "display_name", "pk")


def reps_to_filter(user: User) -> QuerySet[User]:
    """Sellers whose customers' tickets the person may see."""
    sellers = User.objects.filter(is_active=True, role__in=(Role.REP, Role.MANAGER))
    if user.role not in SEES_ALL_CUSTOMERS:
        sellers = sellers.filter(pk__in=visible_users(user).values("pk"))
    return sellers.order_by("display_name", "pk")


def audible(user: User, rows: list[Ticket]) -> set[int]:
    """Of the passages behind these tickets, those that the person may hear: ids of facts. One query."""
    wanted = [row.fact_id for row in rows if row.fact_id]
    return set(Fact.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))


def first_moment(day: dt.date) -> dt.datetime:
    """Midnight, local time."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
