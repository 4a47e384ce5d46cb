"""What a month's records say of a customer, figure by figure; a few queries for any number of customers.

A figure is the ``from_figure`` of a field of the monthly card's template. Numbers are plain text as a card stores them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone, translation

from shengce.facts.models import Fact
from shengce.facts.wording import describe
from shengce.people.typed_text import typed_text
from shengce.recordings.models import Conversation, Recording
from shengce.sales.models import Order, PaymentPromise, Receipt
from shengce.sales.receivables import overdue_of
from shengce.sales.sums import HOME_CURRENCY
from shengce.service.models import Ticket
from shengce.visits.models import COUNTS, Appointment, Visit

MOST_PASSAGES: Final = 4
MOST_CHARACTERS: Final = 500
NUMBERS: Final = (
    "orders", "turnover", "receipts", "overdue", "promises_kept", "promises_broken", "visits", "talks", "tickets",
    "tickets_open",
)  # fmt: skip
"""Figures that are numbers: 0 where nothing happened. All others are words, absent where nothing was said."""
_RISK = Path(__file__).with_name("data") / "risk.yaml"
_KEPT_NOT = (PaymentPromise.State.BROKEN, PaymentPromise.State.PARTLY, PaymentPromise.State.LATE)


@dataclass(slots=True)
class Figure:
    """A value as a card stores it, and passages that one can hear: ``{"conversation", "fact", "quote", "start_ms", "end_ms"}``.

    ``because`` names the figures that a judgement rests on.
    """

    value: str = "0"
    passages: list[dict[str, Any]] = field(default_factory=list)
    because: list[str] = field(default_factory=list)


Figures = dict[str, dict[int, Figure]]
"""``{figure: {customer: Figure}}``."""


@dataclass(frozen=True, slots=True)
class Span:
    """The month ``[start_on, end_on)`` of these customers; ``until`` is its last day, or today where it is not over."""

    customers: Collection[int]
    start_on: dt.date
    end_on: dt.date
    until: dt.date

    @classmethod
    def of(cls, customers: Collection[int], month: dt.date, *, today: dt.date) -> Span:
        start_on = month.replace(day=1)
        end_on = month_after(start_on)
        return cls(customers, start_on, end_on, min(today, end_on - dt.timedelta(days=1)))

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        return moment_of(self.start_on), moment_of(self.end_on)


def month_after(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def month_before(month: dt.date) -> dt.date:
    """The first day of the month before."""
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def moment_of(day: dt.date) -> dt.datetime:
    """The beginning of a day here."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def read_figures(customers: Collection[int], month: dt.date, *, today: dt.date) -> Figures:
    """Every figure of these customers in the month; a number that is 0 is there as ``"0"``."""
    span = Span.of(customers, month, today=today)
    found: Figures = {name: {key: Figure() for key in customers} for name in NUMBERS}
    for read in READERS:
        for name, values in read(span).items():
            found.setdefault(name, {}).update(values)
    found["risk"] = {key: _risk_of(key, found) for key in customers}
    return found


def busy_customers(month: dt.date, *, today: dt.date) -> set[int]:
    """Customers with whom anything happened in the month, or who owe something that is overdue."""
    span = Span.of((), month, today=today)
    start, end = span.moments
    rows: tuple[QuerySet[Any], ...] = (
        Order.objects.filter(ordered_on__gte=span.start_on, ordered_on__lt=span.end_on),
        Receipt.objects.filter(received_on__gte=span.start_on, received_on__lt=span.end_on),
        PaymentPromise.objects.filter(due_on__gte=span.start_on, due_on__lt=span.end_on),
        Conversation.objects.filter(started_at__gte=start, started_at__lt=end),
        Appointment.objects.filter(start_at__gte=start, start_at__lt=end),
        Visit.objects.filter(came_at__gte=start, came_at__lt=end),
        Ticket.objects.filter(opened_at__lt=end).filter(Q(solved_at__isnull=True) | Q(solved_at__gte=start)),
    )
    busy: set[int] = set()
    for found in rows:
        busy |= set(
            found.filter(customer__isnull=False).order_by().values_list("customer", flat=True).distinct()
        )
    return busy | set(overdue_of(None, on=span.until))


# --- one reader a kind of record


def _orders(span: Span) -> Figures:
    """Orders that stand; one that waits for approval is none yet."""
    rows = Order.objects.filter(
        customer__in=span.customers, state=Order.State.CONFIRMED, currency=HOME_CURRENCY,
        ordered_on__gte=span.start_on, ordered_on__lt=span.end_on,
    )  # fmt: skip
    found = rows.order_by().values_list("customer").annotate(n=Count("pk"), total=Sum("total"))
    sums = list(found)
    return {
        "orders": {key: Figure(str(n)) for key, n, _total in sums},
        "turnover": {key: Figure(_plain(total)) for key, _n, total in sums},
    }


def _receipts(span: Span) -> Figures:
    rows = Receipt.objects.filter(
        customer__in=span.customers, currency=HOME_CURRENCY, reversed_at__isnull=True,
        received_on__gte=span.start_on, received_on__lt=span.end_on,
    )  # fmt: skip
    sums = rows.order_by().values_list("customer").annotate(total=Sum("amount"))
    return {"receipts": {key: Figure(_plain(total)) for key, total in sums}}


def _overdue(span: Span) -> Figures:
    sums = overdue_of(span.customers, on=span.until)
    return {"overdue": {key: Figure(_plain(total)) for key, total in sums.items()}}


def _promises(span: Span) -> Figures:
    """By the day on which they fell due."""
    rows = PaymentPromise.objects.filter(
        customer__in=span.customers, due_on__gte=span.start_on, due_on__lt=span.end_on
    )
    groups: dict[str, list[PaymentPromise]] = {"promises_kept": [], "promises_broken": []}
    for promise in rows.select_related("fact").order_by("-due_on", "-pk"):
        if promise.state == PaymentPromise.State.KEPT:
            groups["promises_kept"].append(promise)
        elif promise.state in _KEPT_NOT:
            groups["promises_broken"].append(promise)
    return {name: _counted(found) for name, found in groups.items()}


def _visits(span: Span) -> Figures:
    """Days on which one was with the customer: a check-in, a talk on the spot, or an appointment that has come. What falls on
    the same day is one visit, so a check-in with its talk counts once; the talks can be heard.
    """
    start, end = span.moments
    end = min(end, timezone.now())
    met = Appointment.objects.filter(
        customer__in=span.customers, state__in=COUNTS, start_at__gte=start, start_at__lt=end
    )
    came = Visit.objects.filter(customer__in=span.customers, came_at__gte=start, came_at__lt=end)
    talked = _talks_of(span).filter(direction=Recording.Direction.ONSITE).order_by("-started_at", "-pk")
    talks = list(talked.values_list("customer", "started_at", "pk", "start_ms", "end_ms"))
    days: dict[int, set[dt.date]] = defaultdict(set)
    for key, at in (
        *met.values_list("customer", "start_at"),
        *came.values_list("customer", "came_at"),
        *(row[:2] for row in talks),
    ):
        if key is not None:
            days[key].add(timezone.localdate(at))
    figures = {key: Figure(str(len(found))) for key, found in days.items()}
    for key, _at, talk, start_ms, end_ms in talks:
        _add(figures[key], conversation=talk, fact=None, quote="", start_ms=start_ms, end_ms=end_ms)
    return {"visits": figures}


def _talks_of(span: Span) -> QuerySet[Conversation]:
    start, end = span.moments
    return Conversation.objects.filter(customer__in=span.customers, started_at__gte=start, started_at__lt=end)


def _talks(span: Span) -> Figures:
    """How many there were, each of the newest to be heard as a whole, and with whom."""
    counts: dict[int, Figure] = defaultdict(Figure)
    people: dict[int, dict[str, None]] = defaultdict(dict)
    rows = _talks_of(span).select_related("contact").order_by("-started_at", "-pk")
    for talk in rows.only("customer", "start_ms", "end_ms", "contact__name", "contact__position"):
        key = talk.customer_id
        assert key is not None
        counts[key].value = str(int(counts[key].value) + 1)
        _add(
            counts[key], conversation=talk.pk, fact=None, quote="", start_ms=talk.start_ms, end_ms=talk.end_ms
        )
        if talk.contact is not None:
            people[key][" ".join(filter(None, (talk.contact.name, talk.contact.position)))] = None
    contacts = {key: Figure("、".join(names)[:MOST_CHARACTERS]) for key, names in people.items()}
    return {"talks": dict(counts), "contacts": contacts}


def _tickets(span: Span) -> Figures:
    start, end = span.moments
    rows = Ticket.objects.filter(customer__in=span.customers, opened_at__lt=end).select_related("fact")
    opened = rows.filter(opened_at__gte=start).order_by("-opened_at", "-pk")
    left = rows.filter(Q(solved_at__isnull=True) | Q(solved_at__gte=end)).order_by("-opened_at", "-pk")
    return {"tickets": _counted(opened), "tickets_open": _counted(left)}


def _heard(span: Span) -> Figures:
    """What was said of needs, competitors and prices, in the words of the talk, each content once."""
    start, end = span.moments
    kinds = {Fact.Kind.NEED: "needs", Fact.Kind.COMPETITOR: "rivals", Fact.Kind.PRICE: "prices"}
    rows = Fact.objects.standing().filter(
        kind__in=kinds, conversation__customer__in=span.customers,
        conversation__started_at__gte=start, conversation__started_at__lt=end,
    )  # fmt: skip
    found: Figures = {name: {} for name in kinds.values()}
    with translation.override(settings.LANGUAGE_CODE):
        for fact in rows.select_related("conversation").order_by(
            "conversation__started_at", "start_ms", "pk"
        ):
            key = fact.conversation.customer_id
            words = describe(fact.kind, fact.value) or fact.quote
            if key is None or not words:
                continue
            figure = found[kinds[Fact.Kind(fact.kind)]].setdefault(key, Figure(""))
            said = figure.value.split("；") if figure.value else []
            if words not in said and len("；".join([*said, words])) <= MOST_CHARACTERS:
                figure.value = typed_text("；".join([*said, words]), most=MOST_CHARACTERS)
                _add_fact(figure, fact)
    return found


READERS: Final[tuple[Callable[[Span], Figures], ...]] = (
    _orders,
    _receipts,
    _overdue,
    _promises,
    _visits,
    _talks,
    _tickets,
    _heard,
)


# --- judgement and small parts


@cache
def _risk_rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load(_RISK.read_text(encoding="utf-8"))
    return rules


def _risk_of(customer: int, found: Figures) -> Figure:
    """The first rule of which one figure is reached."""
    for rule in _risk_rules():
        reached = [
            name
            for name, least in rule["reached"].items()
            if Decimal(found[name][customer].value) >= Decimal(str(least))
        ]
        if reached or not rule["reached"]:
            passages = [passage for name in reached for passage in found[name][customer].passages]
            return Figure(rule["choice"], passages[:MOST_PASSAGES], reached)
    return Figure("")


def _counted(rows: Iterable[Any]) -> dict[int, Figure]:
    """How many rows each customer has, with the passages that they were born from."""
    counts: dict[int, Figure] = defaultdict(Figure)
    for row in rows:
        figure = counts[row.customer_id]
        figure.value = str(int(figure.value) + 1)
        if row.fact is not None:
            _add_fact(figure, row.fact)
    return dict(counts)


def _add_fact(figure: Figure, fact: Fact) -> None:
    _add(
        figure, conversation=fact.conversation_id, fact=fact.pk, quote=fact.quote, start_ms=fact.start_ms,
        end_ms=fact.end_ms,
    )  # fmt: skip


def _add(figure: Figure, **passage: Any) -> None:
    if len(figure.passages) < MOST_PASSAGES:
        figure.passages.append(passage)


def _plain(total: Any) -> str:
    return format(Decimal(str(total or 0)).quantize(Decimal("0.01")), "f")
