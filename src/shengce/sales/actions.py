"""Everything that others can see happen to promised money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.sales.models import PaymentPromise

MOST_YUAN = Decimal("1e11")


@transaction.atomic
def note_payment_promise(
    *,
    customer: Customer | None,
    rep: User,
    by: User,
    amount: Decimal | None = None,
    due_on: date | None = None,
    fact: Fact | None = None,
) -> PaymentPromise:
    """A sum (yuan) and a day that a customer promised. One of both must be known; one promise for one fact."""
    _require(by, rep)
    if amount is None and due_on is None:
        raise ValidationError(_("A promise to pay needs a sum or a day."), code="empty")
    if amount is not None and not 0 < amount < MOST_YUAN:
        raise ValidationError(_("The sum must be more than 0 yuan."), code="amount")
    if fact is not None:
        existing: PaymentPromise | None = PaymentPromise.objects.filter(fact=fact).first()
        if existing is not None:
            return existing
    promise: PaymentPromise = PaymentPromise.objects.create(
        customer=customer, rep=rep, unit=rep.unit, fact=fact, amount=amount, due_on=due_on
    )
    record("payment_promise.noted", promise, by=by, fact=fact.pk if fact else None)
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


def _require(by: User, rep: User) -> None:
    require(by, "promises.note")
    if not may_act_for(by, rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
