"""What people typed into other rooms' forms, as plain values: one function a source. The tuple of them: :mod:`claims.sources`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from shengce.claims.models import ClaimCheck
from shengce.customers.models import CardField, Customer, Deal
from shengce.language.claim_values import ClaimKind, Owner, Stated
from shengce.people.models import User
from shengce.sales.models import PaymentPromise

ONE_DAY = dt.timedelta(days=1)
CARD_DAYS = 30
"""A value of a card rests on talks of so many days before it was typed."""
DEAL_DAYS = 90
PAYMENT_DAYS = 14
LINE_DAYS = 7

CARD_KINDS: dict[str, ClaimKind | None] = {
    # field of a card: its kind; None: whatever the text turns out to be
    "budget": "budget",
    "decision_maker": "decider",
    "competitor": "competitor",
    "competitor_price": "price",
    "main_objection": "reason_lost",
    "month_payment": None,
    "month_prices": None,
    "month_done": None,
    "note": None,
}
_OF_RIVALS = frozenset(("competitor_price", "month_prices"))


@dataclass(frozen=True, slots=True)
class Typed:
    """One typed text with its place. It is about the days ``[start_on, end_on)``; talks of ``reach`` days before them may
    prove it too, except a visit. ``stated`` where the form has the parts already, else the text is read.
    """

    source: ClaimCheck.Source
    source_id: str
    url: str
    text: str
    customer: Customer
    typed_by: User | None
    typed_at: dt.datetime
    start_on: dt.date
    end_on: dt.date
    reach: int = 0
    kind: ClaimKind | None = None
    owner: Owner | None = None
    stated: Stated | None = None

    @property
    def first_on(self) -> dt.date:
        return self.start_on - self.reach * ONE_DAY


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line of a paper as plain values. ``key`` is the line's own id; the paper is about ``[start_on, end_on)``."""

    key: str
    text: str
    section: str
    customer: Customer
    by: User | None
    typed_at: dt.datetime
    start_on: dt.date
    end_on: dt.date
    url: str


def card_values(since: dt.datetime) -> Iterator[Typed]:
    """Typed values of cards that stand: the newest of each customer's field (and month)."""
    rows = CardField.objects.filter(field__in=CARD_KINDS, set_at__gte=since).select_related(
        "customer", "set_by__unit"
    )
    seen: set[tuple[int, str, dt.date | None]] = set()
    for row in rows.order_by("-set_at", "-pk"):
        place = (row.customer_id, row.field, row.month)
        if place in seen:
            continue
        seen.add(place)
        if row.source != CardField.Source.TYPED or not row.value.strip():
            continue
        day = timezone.localdate(row.set_at)
        yield Typed(
            source=ClaimCheck.Source.CARD,
            source_id=str(row.pk),
            url=reverse("web:customer", args=[row.customer_id]),
            text=row.value,
            customer=row.customer,
            typed_by=row.set_by,
            typed_at=row.set_at,
            start_on=day,
            end_on=day + ONE_DAY,
            reach=CARD_DAYS,
            kind=CARD_KINDS[row.field],
            owner="competitor" if row.field in _OF_RIVALS else None,
        )


def lost_deals(since: dt.datetime) -> Iterator[Typed]:
    """Why deals were lost."""
    rows = Deal.objects.filter(stage=Deal.Stage.LOST, closed_at__gte=since).exclude(lost_reason="")
    for deal in rows.select_related("customer", "owner__unit"):
        assert deal.closed_at is not None
        day = timezone.localdate(deal.closed_at)
        yield Typed(
            source=ClaimCheck.Source.DEAL,
            source_id=str(deal.pk),
            url=reverse("customers:deal", args=[deal.pk]),
            text=deal.lost_reason,
            customer=deal.customer,
            typed_by=deal.owner,
            typed_at=deal.closed_at,
            start_on=day,
            end_on=day + ONE_DAY,
            reach=DEAL_DAYS,
            kind="reason_lost",
        )


def payment_promises(since: dt.datetime) -> Iterator[Typed]:
    """Promises to pay that were noted without a talk behind them."""
    rows = PaymentPromise.objects.filter(fact__isnull=True, customer__isnull=False, made_at__gte=since)
    for promise in rows.select_related("customer", "rep__unit"):
        assert promise.customer is not None
        day = timezone.localdate(promise.made_at)
        yield Typed(
            source=ClaimCheck.Source.PAYMENT,
            source_id=str(promise.pk),
            url=reverse("sales:credit", args=[promise.customer_id]),
            text=_promise_text(promise),
            customer=promise.customer,
            typed_by=promise.rep,
            typed_at=promise.made_at,
            start_on=day,
            end_on=day + ONE_DAY,
            reach=PAYMENT_DAYS,
            stated=_promised(promise),
        )


def _promise_text(promise: PaymentPromise) -> str:
    """In no language: ¥200,000 · 2026-03-27."""
    parts = [] if promise.amount is None else [f"¥{promise.amount:,.2f}".removesuffix(".00")]
    if promise.due_on is not None:
        parts.append(promise.due_on.isoformat())
    return " · ".join(parts)


def _promised(promise: PaymentPromise) -> Stated:
    due = None
    if promise.due_on is not None:
        zone = timezone.get_current_timezone()
        start = dt.datetime.combine(promise.due_on, dt.time(), tzinfo=zone)
        due = (start, start + ONE_DAY)
    return Stated(
        kind="payment_promise",
        text=_promise_text(promise),
        low=promise.amount,
        high=promise.amount,
        when=due,
    )


def claims_of_lines(lines: Iterable[Line]) -> Iterator[Typed]:
    """Typed lines of papers: what they say of one customer, whatever its kind."""
    for line in lines:
        yield Typed(
            source=ClaimCheck.Source.PAPER,
            source_id=line.key,
            url=line.url,
            text=line.text,
            customer=line.customer,
            typed_by=line.by,
            typed_at=line.typed_at,
            start_on=line.start_on,
            end_on=max(line.end_on, line.start_on + ONE_DAY),
            reach=LINE_DAYS,
        )
