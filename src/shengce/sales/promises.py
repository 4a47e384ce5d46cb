"""Actions of the promise-to-pay ledger: promises that were heard, and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.planning.promises import Money, Outcome, Promise, judge
from shengce.sales.models import PaymentPromise, Receipt
from shengce.sales.reach import require_customer
from shengce.sales.sums import HOME_CURRENCY, checked_sum

LATE_DAYS = dt.timedelta(days=30)
"""Money that comes later than this after the due date is not for the promise (``planning.promises``)."""


@transaction.atomic
def note_payment_promise(
    *,
    customer: Customer | None,
    rep: User,
    by: User,
    amount: Decimal | None = None,
    due_on: dt.date | None = None,
    fact: Fact | None = None,
    made_at: dt.datetime | None = None,
) -> PaymentPromise:
    """A sum (yuan) and a day that a customer promised. One of both must be known; one promise for one fact.

    ``made_at`` is when he promised, where no talk says it and it was earlier than now.
    Without ``fact`` it was said on the telephone or at the desk: of a customer in the scope of ``by``, for a day to come.
    """
    _require(by, rep)
    if amount is None and due_on is None:
        raise ValidationError(_("A promise to pay needs a sum or a day."), code="empty")
    if fact is None and customer is not None:
        require_customer(customer, by=by, permission="promises.note")
    if fact is not None:
        existing: PaymentPromise | None = PaymentPromise.objects.filter(fact=fact).first()
        if existing is not None:
            return existing
    promise: PaymentPromise = PaymentPromise.objects.create(
        customer=customer,
        rep=rep,
        unit=rep.unit,
        fact=fact,
        amount=None if amount is None else checked_sum(amount),
        due_on=due_on,
        made_at=past_moment(made_at),
    )
    record("payment_promise.noted", promise, by=by, fact=fact.pk if fact else None, **told(made_at))
    return promise


@transaction.atomic
def withdraw_payment_promise(promise: PaymentPromise, *, by: User) -> None:
    """Remove a promise that was noted by mistake. One that was kept or broken stays."""
    if promise.rep is not None:
        _require(by, promise.rep)
    if promise.state != PaymentPromise.State.OPEN:
        raise ValidationError(_("This promise is settled already."), code="settled")
    record(
        "payment_promise.withdrawn", promise, by=by, amount=str(promise.amount), due_on=str(promise.due_on)
    )
    promise.delete()


@transaction.atomic
def check_promises(*, today: dt.date, customer: Customer | None = None) -> int:
    """Judge promises by the receipts of their customers; how many changed. Running it again changes nothing.

    With ``customer`` all of his; without, those of every customer who has one that may still change. Called for every
    receipt, and once a day for all, because a promise is broken by a day that passes.
    """
    promises = PaymentPromise.objects.select_for_update(of=("self",)).select_related("fact__conversation")
    rows = promises.filter(customer=customer).order_by("pk") if customer else _still_moving(today)
    changed: list[PaymentPromise] = []
    for customer_id, group in groupby(rows, key=lambda row: row.customer_id):
        assert customer_id is not None
        changed += _judge_one(customer_id, list(group), today)
    PaymentPromise.objects.bulk_update(changed, ["state", "paid_amount", "paid_on"], batch_size=500)
    return len(changed)


def _still_moving(today: dt.date) -> Iterable[PaymentPromise]:
    """Every promise of the customers who have one that is open, or so recent that late money may still count."""
    moving = PaymentPromise.objects.filter(
        Q(state=PaymentPromise.State.OPEN) | Q(due_on__gte=today - 2 * LATE_DAYS), customer__isnull=False
    )
    rows: Iterable[PaymentPromise] = (
        PaymentPromise.objects.select_for_update(of=("self",))
        .select_related("fact__conversation")
        .filter(customer__in=moving.values("customer"))
        .order_by("customer", "pk")
    )
    return rows


def _judge_one(customer_id: int, rows: list[PaymentPromise], today: dt.date) -> list[PaymentPromise]:
    """The rows of one customer whose outcome is another than the stored one."""
    promises = [Promise(row.pk, made_on(row), row.amount, row.due_on) for row in rows]
    first = min((promise.made_on for promise in promises), default=today)
    receipts = Receipt.objects.filter(
        customer=customer_id, currency=HOME_CURRENCY, reversed_at__isnull=True, received_on__gte=first
    ).order_by("received_on", "pk")
    money = [Money(on, amount) for on, amount in receipts.values_list("received_on", "amount")]
    outcomes = judge(promises, money, today=today, late_days=LATE_DAYS.days)
    changed = []
    for row in rows:
        outcome = outcomes[row.pk]
        if outcome != Outcome(row.state, row.paid_amount, row.paid_on):  # type: ignore[arg-type]
            row.state, row.paid_amount, row.paid_on = outcome.state, outcome.paid, outcome.paid_on
            changed.append(row)
    return changed


def made_on(promise: PaymentPromise) -> dt.date:
    """The day of the talk; of the entry where no talk is behind it, or where nobody knows when it was held."""
    heard_at = promise.fact.conversation.started_at if promise.fact else None
    return timezone.localdate(heard_at or promise.made_at)


def _require(by: User, rep: User) -> None:
    """A seller for himself or his team; the customer department, who telephones, for every rep."""
    require(by, "promises.note")
    if by.role != Role.CUSTOMER_DEPARTMENT and not may_act_for(by, rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
