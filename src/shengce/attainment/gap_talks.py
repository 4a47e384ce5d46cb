"""The talk behind a gap: which customers of a cell were never asked, who refused and why, who promised what until when.

A cell is a rep, a unit, a territory or a customer, and a product line where one is chosen; talks count from
``LOOK_BACK_DAYS`` before the period. A product counts as spoken of where a fact names it, or where its name or another name
of it was said. For collections the matter is the money: who owes and was not asked for it. Without a product line it is
any talk at all. Only what the reader may hear is looked at.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from shengce.attainment.models import CustomerMonthActual
from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.facts.models import Fact, SearchDocument
from shengce.facts.search import folded
from shengce.people.models import User
from shengce.planning.periods import Span
from shengce.recordings.models import Conversation
from shengce.sales.models import Invoice
from shengce.targets.dimensions import BY_CODE

LOOK_BACK_DAYS = 60
MOST_CUSTOMERS = 300
"""Of more customers those are looked at who bought most within a year."""
MOST_TALKS = 3000
MONEY_WORDS = ("货款", "付款", "打款", "回款", "尾款", "欠款", "结账", "对账", "汇款")
PROMISES = (
    Fact.Kind.PAYMENT_PROMISE,
    Fact.Kind.PROMISE,
    Fact.Kind.APPOINTMENT,
    Fact.Kind.NEXT_STEP,
    Fact.Kind.PRODUCT_INTEREST,
)
"""What a customer gave to hope for, the most binding first."""
PRODUCT_KINDS = (Fact.Kind.PRODUCT_INTEREST, Fact.Kind.PRICE)


@dataclass(slots=True)
class Behind:
    """One customer of the cell. ``bought`` is what he brought in twelve months, ``owes`` what is open; minor units."""

    customer: Customer
    bought: int = 0
    owes: int = 0
    talks: int = 0
    last_talk: Conversation | None = None
    refusals: list[Fact] = field(default_factory=list)
    promises: list[Fact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GapTalks:
    """Customers by what was said. ``spoken`` counts those who were asked and neither refused nor promised.

    ``since`` is from when talks count; ``cut`` says that there are more customers than were looked at. ``products`` are those
    that were listened for.
    """

    never_asked: list[Behind]
    refused: list[Behind]
    promised: list[Behind]
    spoken: list[Behind]
    since: dt.date
    cut: bool
    products: list[str]
    reasons: list[tuple[str, int]]


def talks_behind(metric: str, *, where: Mapping[str, Any], span: Span, user: User) -> GapTalks:
    """Who of the cell was asked, refused, promised: seven queries, whatever the number of talks."""
    since = span.start_on - dt.timedelta(days=LOOK_BACK_DAYS)
    people, cut = _customers(metric, where, span, user)
    products = list(_products(where))
    words = _words(metric, products)
    talks = _talks(people, since, span.end_on, user)
    facts = _facts(talks, user)
    about = _spoken_of(metric, talks, facts, words, {name for name, *_ in products})
    for pk, talk in talks.items():
        behind = people[talk.customer_id or 0]
        if behind.last_talk is None or talk.started_at > behind.last_talk.started_at:
            behind.last_talk = talk
        if pk in about:
            behind.talks += 1
            for fact in facts.get(pk, ()):
                _sort_in(behind, fact, metric, {name for name, *_ in products})
    for behind in people.values():
        behind.promises.sort(key=lambda fact: PROMISES.index(Fact.Kind(fact.kind)))
    rows = sorted(people.values(), key=lambda row: (-max(row.bought, row.owes), row.customer.name))
    return GapTalks(
        never_asked=[row for row in rows if not row.talks],
        refused=[row for row in rows if row.refusals],
        promised=[row for row in rows if row.promises],
        spoken=[row for row in rows if row.talks and not row.refusals and not row.promises],
        since=since,
        cut=cut,
        products=[name for name, *_ in products],
        reasons=_reasons(rows),
    )


def _customers(
    metric: str, where: Mapping[str, Any], span: Span, user: User
) -> tuple[dict[int, Behind], bool]:
    """The customers of the cell with what they bought and owe, the largest first."""
    rows: QuerySet[Customer] = Customer.objects.visible_to(user)
    for code, value in where.items():
        rows = _narrowed(rows, code, value)
    year_back = span.start_on.replace(day=1) - dt.timedelta(days=365)
    sums = CustomerMonthActual.objects.filter(
        metric="sales", month__gte=year_back.replace(day=1), month__lt=span.end_on
    )
    if line := where.get("product_line"):
        sums = sums.filter(product_line__path__startswith=_path("product_line", line))
    bought: dict[int, int] = dict(
        sums.filter(customer__in=rows.order_by().values("pk")).order_by()
        .values_list("customer").annotate(Sum("amount"))
    )  # fmt: skip
    owed = _owed(rows) if metric == "collections" else {}
    if metric == "collections":
        rows = rows.filter(pk__in=list(owed)[: MOST_CUSTOMERS * 3])
    first = sorted({*bought, *owed}, key=lambda pk: -max(bought.get(pk, 0), owed.get(pk, 0)))[:MOST_CUSTOMERS]
    found = {customer.pk: customer for customer in rows.select_related("owner").filter(pk__in=first)}
    for customer in rows.select_related("owner").exclude(pk__in=first)[: MOST_CUSTOMERS + 1 - len(found)]:
        found[customer.pk] = customer
    cut = len(found) > MOST_CUSTOMERS
    kept = list(found.values())[:MOST_CUSTOMERS]
    return {row.pk: Behind(row, bought.get(row.pk, 0), owed.get(row.pk, 0)) for row in kept}, cut


def _narrowed(rows: QuerySet[Customer], code: str, value: Any) -> QuerySet[Customer]:
    if code == "customer":
        return rows.filter(pk=value)
    if code == "rep":
        return rows.filter(owner=value)
    if code in ("unit", "territory"):
        return rows.filter(**{f"{code}__path__startswith": _path(code, value)})
    return rows  # a method says nothing of whom we ask


def _path(code: str, node: Any) -> str:
    """Where a node of a tree lies; what no path begins with where it is gone."""
    model = BY_CODE[code].model
    assert model is not None
    return model._default_manager.filter(pk=node).values_list("path", flat=True).first() or "none"


def _owed(rows: QuerySet[Customer]) -> dict[int, int]:
    open_invoices = Invoice.objects.filter(settled_on__isnull=True, customer__in=rows.order_by().values("pk"))
    sums = open_invoices.order_by().values_list("customer").annotate(total=Sum("open_amount"))
    return {pk: round(total * 100) for pk, total in sums.order_by("-total")}


def _products(where: Mapping[str, Any]) -> Iterable[tuple[str, list[str]]]:
    line = where.get("product_line")
    if line is None:
        return []
    rows = Product.objects.filter(active=True, line__path__startswith=_path("product_line", line)).order_by(
        "name"
    )
    return rows.values_list("name", "aliases")


def _words(metric: str, products: list[tuple[str, list[str]]]) -> tuple[str, ...]:
    if metric == "collections":
        return MONEY_WORDS
    named = (text for name, aliases in products for text in (name, *aliases))
    return tuple(dict.fromkeys(folded(str(text)) for text in named if text))


def _talks(people: Mapping[int, Behind], since: dt.date, end: dt.date, user: User) -> dict[int, Conversation]:
    zone = timezone.get_current_timezone()
    start_at, end_at = (dt.datetime.combine(day, dt.time(), tzinfo=zone) for day in (since, end))
    rows = Conversation.objects.visible_to(user).filter(
        customer__in=list(people), started_at__gte=start_at, started_at__lt=end_at
    )
    chosen = rows.only("customer_id", "started_at", "start_ms", "end_ms").order_by("-started_at")[:MOST_TALKS]
    return {talk.pk: talk for talk in chosen}


def _facts(talks: Mapping[int, Conversation], user: User) -> dict[int, list[Fact]]:
    kinds = {*PROMISES, *PRODUCT_KINDS, Fact.Kind.OBJECTION}
    rows = Fact.objects.visible_to(user).standing().filter(conversation__in=list(talks), kind__in=kinds)
    found: dict[int, list[Fact]] = defaultdict(list)
    for fact in rows.select_related("conversation"):
        found[fact.conversation_id].append(fact)
    return found


def _spoken_of(
    metric: str,
    talks: Mapping[int, Conversation],
    facts: Mapping[int, list[Fact]],
    words: tuple[str, ...],
    names: set[str],
) -> set[int]:
    """The talks in which the matter came up."""
    if not words:
        return set(talks)
    by_fact = {
        pk
        for pk, of_talk in facts.items()
        for fact in of_talk
        if (metric == "collections" and fact.kind == Fact.Kind.PAYMENT_PROMISE)
        or (fact.kind in PRODUCT_KINDS and _product(fact) in names)
    }
    texts = SearchDocument.objects.filter(conversation__in=list(talks)).values_list("conversation", "text")
    return by_fact | {pk for pk, text in texts if any(word in text for word in words)}


def _product(fact: Fact) -> str:
    return str(fact.value.get("product") or "") if isinstance(fact.value, dict) else ""


def _sort_in(behind: Behind, fact: Fact, metric: str, names: set[str]) -> None:
    """Into refusals or promises; a promise to pay answers a question of money, not one of a product."""
    if fact.kind == Fact.Kind.OBJECTION:
        behind.refusals.append(fact)
    elif fact.kind == Fact.Kind.PRODUCT_INTEREST:
        if not names or _product(fact) in names:
            behind.promises.append(fact)
    elif fact.kind in (Fact.Kind.PROMISE, Fact.Kind.NEXT_STEP):
        if fact.role == "customer":
            behind.promises.append(fact)
    elif fact.kind == Fact.Kind.PAYMENT_PROMISE:
        if metric == "collections" or not names:
            behind.promises.append(fact)
    elif fact.kind == Fact.Kind.APPOINTMENT:
        behind.promises.append(fact)


def _reasons(rows: list[Behind]) -> list[tuple[str, int]]:
    """How many customers gave each reason, the most frequent first."""
    counts: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for fact in row.refusals:
            reason = fact.value.get("reason") if isinstance(fact.value, dict) else None
            counts[str(reason or "other")].add(row.customer.pk)
    return sorted(((reason, len(who)) for reason, who in counts.items()), key=lambda item: -item[1])
