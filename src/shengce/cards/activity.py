"""The last order and the last visit of every customer, from the records, for the rules of the public pool.

A visit is a check-in, a talk on the spot, or an appointment whose time has come; the newest of them is the last one, so that a check-in
with its talk is one visit.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Max

from shengce.customers.activity import keep_activity
from shengce.recordings.models import Conversation, Recording
from shengce.sales.models import Order
from shengce.visits.models import COUNTS, Appointment, Visit


def refresh_activity(*, now: dt.datetime) -> int:
    """Bring both up to date; how many customers changed."""
    orders = Order.objects.filter(state=Order.State.CONFIRMED).order_by().values_list("customer")
    met = Appointment.objects.filter(customer__isnull=False, state__in=COUNTS, start_at__lte=now)
    talked = Conversation.objects.filter(customer__isnull=False, direction=Recording.Direction.ONSITE)
    visits: dict[int, dt.datetime] = {}
    for rows in (
        met.order_by().values_list("customer").annotate(at=Max("start_at")),
        talked.order_by().values_list("customer").annotate(at=Max("started_at")),
        Visit.objects.order_by().values_list("customer").annotate(at=Max("came_at")),
    ):
        for key, at in rows:
            if key is not None:
                visits[key] = max(at, visits.get(key, at))
    return keep_activity(orders=dict(orders.annotate(day=Max("ordered_on"))), visits=visits)
