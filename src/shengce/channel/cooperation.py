"""The cooperation score of every dealer for a month, computed from the records of the house."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.channel.models import (
    Cooperation,
    DealerContract,
    DiversionCase,
    PriceCase,
    StockReport,
    Training,
)
from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.planning.cooperation import Record, cooperation, month_share
from shengce.planning.sell_out import next_month
from shengce.recordings.models import Conversation
from shengce.sales.models import Invoice, Order

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Month:
    start_on: dt.date
    end_on: dt.date

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        zone = timezone.get_current_timezone()
        days = (self.start_on, self.end_on)
        first, last = (dt.datetime.combine(day, dt.time(), tzinfo=zone) for day in days)
        return first, last


@dataclass(slots=True)
class _Known:
    """What the tables say, by dealer."""

    targets: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    under_contract: set[int] = field(default_factory=set)
    purchases: dict[int, Decimal] = field(default_factory=dict)
    due: dict[int, Decimal] = field(default_factory=dict)
    paid: dict[int, Decimal] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    open_cases: Counter[int] = field(default_factory=Counter)
    proven_cases: Counter[int] = field(default_factory=Counter)
    price_cases: dict[int, int] = field(default_factory=dict)
    talks: dict[int, int] = field(default_factory=dict)
    trainings: dict[int, int] = field(default_factory=dict)


@transaction.atomic
def compute_cooperation(*, month: dt.date, by: User | None = None) -> int:
    """Write the score of each dealer who has a contract in the month or bought in it; returns how many.

    ``month`` is any day of it. Computing again replaces the scores: they follow from the records alone. ``by`` is empty
    where the program does it by itself. Ten queries, whatever the number of dealers.
    """
    if by is not None:
        require(by, "channel.edit")
    if not 2000 <= month.year <= 2100 or month.replace(day=1) > timezone.localdate():
        raise ValidationError(_("This month has not begun."), code="future")
    span = _Month(month.replace(day=1), next_month(month.replace(day=1)))
    known = _known(span)
    rows = [_row(dealer, span, known) for dealer in sorted(known.under_contract | known.purchases.keys())]
    Cooperation.objects.filter(month=span.start_on).exclude(
        dealer__in=[row.dealer_id for row in rows]
    ).delete()
    Cooperation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["dealer", "month"],
        update_fields=["score", "grounds", "computed_at"],
        batch_size=500,
    )
    record("channel.cooperation_computed", Cooperation(), by=by, month=str(span.start_on), dealers=len(rows))
    return len(rows)


def _row(dealer: int, span: _Month, known: _Known) -> Cooperation:
    found = cooperation(
        Record(
            purchases=known.purchases.get(dealer, ZERO),
            target=known.targets.get(dealer) or None,
            due=known.due.get(dealer, ZERO),
            paid_in_time=known.paid.get(dealer, ZERO),
            counts=known.counts.get(dealer, 0)
            if dealer in known.under_contract
            else known.counts.get(dealer),
            open_cases=known.open_cases[dealer],
            proven_cases=known.proven_cases[dealer],
            price_cases=known.price_cases.get(dealer, 0),
            talks=known.talks.get(dealer, 0),
            trainings=known.trainings.get(dealer, 0) if known.trainings else None,
        )
    )
    grounds = [
        {"code": g.code, "figure": g.figure, "of": g.of, "points": str(g.points), "most": g.most}
        for g in found.grounds
    ]
    return Cooperation(
        dealer_id=dealer, month=span.start_on, score=found.score or ZERO, grounds=grounds,
        computed_at=timezone.now(),
    )  # fmt: skip


def _known(span: _Month) -> _Known:
    known = _Known()
    dealers = Customer.objects.filter(kind=Customer.Kind.DEALER, merged_into__isnull=True)
    _read_contracts(known, dealers, span)
    _read_money(known, Q(customer__in=dealers), span)
    _read_behaviour(known, Q(customer__in=dealers), span)
    _read_cases(known, *span.moments)
    return known


def _read_contracts(known: _Known, dealers: QuerySet[Customer], span: _Month) -> None:
    contracts = DealerContract.objects.filter(dealer__in=dealers)
    for contract in contracts.filter(start_on__lt=span.end_on, end_on__gt=span.start_on):
        known.under_contract.add(contract.dealer_id)
        if contract.target:
            known.targets[contract.dealer_id] += month_share(
                contract.target, contract.start_on, contract.end_on, span.start_on, span.end_on
            )
    reports = StockReport.objects.filter(
        dealer__in=dealers, reported_on__gte=span.start_on, reported_on__lt=span.end_on
    )
    days = reports.order_by().values_list("dealer").annotate(Count("reported_on", distinct=True))
    known.counts = dict(days)


def _read_money(known: _Known, of_dealers: Q, span: _Month) -> None:
    """Confirmed orders, and invoices that fell due: those not due yet say nothing, unless they are paid."""
    orders = Order.objects.filter(of_dealers, state=Order.State.CONFIRMED, currency="CNY")
    orders = orders.filter(ordered_on__gte=span.start_on, ordered_on__lt=span.end_on)
    known.purchases = _sums(orders, "customer", "total")
    due = Invoice.objects.filter(of_dealers, due_on__gte=span.start_on, due_on__lt=span.end_on)
    due = due.filter(Q(due_on__lt=timezone.localdate()) | Q(settled_on__isnull=False), currency="CNY")
    due = due.exclude(state=Invoice.State.CANCELLED)
    known.due = _sums(due, "customer", "amount")
    known.paid = _sums(due.filter(settled_on__lte=F("due_on")), "customer", "amount")


def _read_behaviour(known: _Known, of_dealers: Q, span: _Month) -> None:
    first, last = span.moments
    prices = PriceCase.objects.filter(of_dealers, said_at__gte=first, said_at__lt=last)
    prices = prices.filter(broken=PriceCase.Broken.MARKET_BELOW_LIST)
    known.price_cases = _counts(prices.exclude(state=PriceCase.State.JUSTIFIED), "customer")
    talks = Conversation.objects.filter(of_dealers, started_at__gte=first, started_at__lt=last)
    known.talks = _counts(talks, "customer")
    quarter = (span.start_on - dt.timedelta(days=32)).replace(day=1)  # this month and the two before
    trainings = Training.objects.filter(held_on__gte=quarter, held_on__lt=span.end_on)
    known.trainings = _counts(trainings, "dealer")


def _read_cases(known: _Known, first: dt.datetime, last: dt.datetime) -> None:
    """A case weighs in the month in which it was decided; before, in each month in which it was open."""
    cases = DiversionCase.objects.filter(suspect__isnull=False, opened_at__lt=last)
    cases = cases.filter(Q(decided_at__isnull=True) | Q(decided_at__gte=first))
    for suspect, decided_at, verdict in cases.values_list("suspect", "decided_at", "verdict"):
        if decided_at is None or decided_at >= last:
            known.open_cases[suspect] += 1
        elif verdict == DiversionCase.Verdict.PROVEN:
            known.proven_cases[suspect] += 1


def _sums(rows: Any, by: str, amount: str) -> dict[int, Decimal]:
    return dict(rows.order_by().values_list(by).annotate(Sum(amount)))


def _counts(rows: Any, by: str) -> dict[int, int]:
    pairs: Iterable[tuple[int, int]] = rows.order_by().values_list(by).annotate(Count("pk"))
    return dict(pairs)
