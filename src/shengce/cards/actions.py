"""Drafting monthly cards: of one customer by a button, of all of them once the month is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.cards.figures import (
    NUMBERS,
    Figure,
    Figures,
    busy_customers,
    month_before,
    read_figures,
)
from shengce.cards.models import MonthlyRun
from shengce.customers.actions import require_visible
from shengce.customers.cards import Field, template_of
from shengce.customers.models import CardField, CardTemplate, Customer
from shengce.people.models import User, record
from shengce.people.moments import past_moment
from shengce.people.permissions import require

AT_ONCE = 200
"""Customers of one transaction: short enough that nobody waits for it."""


def draft_monthly_card(customer: Customer, *, by: User, month: dt.date, at: dt.datetime | None = None) -> int:
    """Fill the fields of the month's card that have a figure behind them; how many changed.

    What a person wrote, or took from a talk, stays. Drafting again brings the numbers up to date, the earlier ones stay as
    history. ``ValidationError`` for a month that has not begun.
    """
    require_visible(customer, by)
    moment = past_moment(at)
    with transaction.atomic():
        changed = _draft([customer.pk], _checked(month), by=by, at=moment)
        record("customer.monthly_card_drafted", customer, by=by, month=f"{month:%Y-%m}", fields=changed)
    return changed


def draft_monthly_cards(*, month: dt.date, by: User | None = None, at: dt.datetime | None = None) -> int:
    """Draft the card of everybody with whom something happened in the month; how many customers those are.

    ``by`` is empty for the program itself, which does it once for a month that is over.
    """
    month = _checked(month)
    if by is not None:
        require(by, "customers.rules")
    elif MonthlyRun.objects.filter(month=month).exists():
        return 0
    moment = past_moment(at)
    busy = busy_customers(month, today=timezone.localdate())
    there = Customer.objects.filter(merged_into__isnull=True).order_by("pk").values_list("pk", flat=True)
    ids = [pk for pk in there if pk in busy]
    for batch in _batches(ids):
        with transaction.atomic():
            _draft(batch, month, by=by, at=moment)
    with transaction.atomic():
        run, _new = MonthlyRun.objects.update_or_create(
            month=month, defaults={"cards": len(ids), "at": moment, "by": by}
        )
        record("monthly_cards.drafted", run, by=by, month=f"{month:%Y-%m}", cards=len(ids))
    return len(ids)


def draft_month_over(*, today: dt.date) -> int:
    """The sweep of the first of the month: the cards of the month before, once."""
    return draft_monthly_cards(month=month_before(today))


def _checked(month: dt.date) -> dt.date:
    first = month.replace(day=1)
    if first > timezone.localdate():
        raise ValidationError(_("This month has not begun."), code="future")
    if first.year < 2000:
        raise ValidationError(_("This month is too long ago."), code="past")
    return first


def _draft(ids: Sequence[int], month: dt.date, *, by: User | None, at: dt.datetime) -> int:
    """Write what differs from the draft that stands; how many values."""
    fields = [entry for entry in template_of(CardTemplate.Card.MONTHLY).fields.values() if entry.from_figure]
    list(Customer.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
    today = timezone.localdate()
    figures = read_figures(ids, month, today=today)
    before = read_figures(ids, month_before(month), today=today)
    standing = _standing(ids, month, [entry.key for entry in fields])
    rows = []
    for pk in ids:
        for entry in fields:
            row = _row(pk, entry, month, figures, before)
            if row is not None and _new(row, standing.get((pk, entry.key))):
                row.set_by, row.set_at = by, at
                rows.append(row)
    CardField.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _standing(ids: Sequence[int], month: dt.date, keys: Iterable[str]) -> dict[tuple[int, str], CardField]:
    """The value in force of each field."""
    rows = CardField.objects.filter(customer__in=ids, month=month, field__in=list(keys))
    return {(row.customer_id, row.field): row for row in rows.order_by("set_at", "pk")}


def _row(pk: int, entry: Field, month: dt.date, figures: Figures, before: Figures) -> CardField | None:
    name = entry.from_figure or ""
    figure = figures.get(name, {}).get(pk)
    if figure is None or not figure.value:
        return None
    if entry.kind == "choice" and figure.value not in [choice["zh"] for choice in entry.choices]:
        return None  # the firm has other choices
    earlier = before.get(name, {}).get(pk, Figure("")).value
    evidence = {
        "figure": name,
        "before": earlier if name in NUMBERS or entry.kind == "choice" else "",
        "passages": figure.passages,
        "because": figure.because,
    }
    return CardField(
        customer_id=pk, field=entry.key, month=month, value=figure.value, source=CardField.Source.COMPUTED,
        evidence=evidence,
    )  # fmt: skip


def _new(row: CardField, standing: CardField | None) -> bool:
    if standing is None:
        return True
    if standing.source != CardField.Source.COMPUTED:
        return False
    return (standing.value, standing.evidence) != (row.value, row.evidence)


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
