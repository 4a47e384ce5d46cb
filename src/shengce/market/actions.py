"""Everything that others can see happen in the register of market information."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.market.models import Signal
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text


@transaction.atomic
def note_signal(
    *,
    kind: str,
    text: str,
    by: User,
    rep: User | None = None,
    customer: Customer | None = None,
    value: dict[str, Any] | None = None,
    fact: Fact | None = None,
    heard_at: datetime | None = None,
) -> Signal:
    """One item of market information; one signal for one fact. The unit is that of the rep who heard it."""
    require(by, "signals.note")
    if kind not in Signal.Kind.values:
        raise ValidationError(_("There is no such kind of market signal."), code="kind")
    if fact is not None:
        existing = Signal.objects.filter(fact=fact).first()
        if existing is not None:
            return existing
    signal = Signal.objects.create(
        kind=kind,
        text=typed_text(text, most=2000),
        value=value or {},
        customer=customer,
        rep=rep,
        unit=rep.unit if rep else None,
        fact=fact,
        heard_at=heard_at or timezone.now(),
    )
    record("signal.noted", signal, by=by, fact=fact.pk if fact else None)
    return signal


@transaction.atomic
def withdraw_signal(signal: Signal, *, by: User) -> None:
    """Remove a signal that was noted by mistake."""
    require(by, "signals.note")
    record("signal.withdrawn", signal, by=by, text=signal.text)
    signal.delete()
