"""When something was last done with a customer: what the rules of the public pool count, as each rule says.

Talks, orders and visits happen in rooms above this one, which keep the columns ``last_talk_at``, ``last_order_at`` and
``last_visit_at`` of a customer. A rule reads nothing else, so that idle customers are found in one query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from shengce.customers.models import Customer

TALK: Final = "talk"
DEAL: Final = "deal"
ACTIVITIES: Final[tuple[tuple[str, str | Promise, str], ...]] = (
    (TALK, _("Talks"), "last_talk_at"),
    ("order", _("Orders"), "last_order_at"),
    ("visit", _("Visits"), "last_visit_at"),
    (DEAL, _("An open deal"), ""),
)
"""What a rule may count: key, words, and the column of a customer; an open deal counts as long as it is open."""
KEYS: Final = tuple(key for key, _words, _column in ACTIVITIES)
AT_ONCE: Final = 500


def columns_of(counts: Iterable[str]) -> list[str]:
    """The columns behind these activities."""
    wanted = set(counts)
    return [column for key, _words, column in ACTIVITIES if key in wanted and column]


def words_of(counts: Iterable[str]) -> str:
    """The activities in words."""
    wanted = set(counts)
    return pgettext("between parts of a list", ", ").join(
        str(words) for key, words, _column in ACTIVITIES if key in wanted
    )


def note_order(customer: Customer, day: dt.date) -> None:
    """An order that stands was made on that day; an earlier one changes nothing."""
    at = noon(day)
    if customer.last_order_at is not None and customer.last_order_at >= at:
        return
    customer.last_order_at = at
    older = Q(last_order_at__isnull=True) | Q(last_order_at__lt=at)
    Customer.objects.filter(older, pk=customer.pk).update(last_order_at=at)


def keep_activity(*, orders: Mapping[int, dt.date], visits: Mapping[int, dt.datetime]) -> int:
    """Write down the last order and the last visit of everybody (customers that are absent: none); how many rows changed.

    For the sweep: it puts right what a cancelled order or a merge left behind.
    """
    changed: list[Customer] = []
    rows = Customer.objects.only("last_order_at", "last_visit_at").order_by("pk")
    for customer in rows.iterator(chunk_size=2_000):
        ordered = orders.get(customer.pk)
        order_at, visit_at = (noon(ordered) if ordered else None), visits.get(customer.pk)
        if (customer.last_order_at, customer.last_visit_at) != (order_at, visit_at):
            customer.last_order_at, customer.last_visit_at = order_at, visit_at
            changed.append(customer)
    for first in range(0, len(changed), AT_ONCE):
        with transaction.atomic():
            Customer.objects.bulk_update(
                changed[first : first + AT_ONCE], ["last_order_at", "last_visit_at"], batch_size=100
            )
    return len(changed)


def noon(day: dt.date) -> dt.datetime:
    """Days have no hour; noon lies within the day in every count."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
