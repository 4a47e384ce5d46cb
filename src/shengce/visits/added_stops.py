"""Customers whom a rep puts on a day of his own: a worked Saturday with no line, a gap on the way."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.visits.models import AddedStop, Visit
from shengce.visits.queries import first_moment, line_of

AHEAD = dt.timedelta(days=14)


@transaction.atomic
def add_stop(customer: Customer, *, by: User, day: dt.date) -> AddedStop:
    """The customer is to be visited on this day, today or soon. A second tap changes nothing.

    It counts in plan against done; so it is refused where the visit was made already.
    """
    require(by, "visits.edit")
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    today = timezone.localdate()
    if not today <= day <= today + AHEAD:
        raise ValidationError(_("A stop is added for today or the next two weeks."), code="day")
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)  # a second tap waits here
    old: AddedStop | None = AddedStop.objects.filter(rep=by, day=day, customer=customer).first()
    if old is not None:
        return old
    if any(stop.customer_id == customer.pk for stop in line_of(by, day)):
        raise ValidationError(_("The line leads there on this day anyway."), code="planned")
    start = first_moment(day)
    came = Visit.objects.filter(rep=by, customer=customer, came_at__gte=start)
    if came.filter(came_at__lt=start + dt.timedelta(days=1)).exists():
        raise ValidationError(_("You were there on this day already."), code="visited")
    made = AddedStop.objects.create(rep=by, unit=by.unit, day=day, customer=customer)
    record("stop.added", made, by=by, customer=customer.pk, day=day.isoformat())
    return made


@transaction.atomic
def take_off_stop(stop: AddedStop, *, by: User) -> None:
    """Not on this day after all; what was planned for a day that is over stays."""
    require(by, "visits.edit")
    if stop.rep_id != by.pk:
        raise PermissionDenied(_("This belongs to somebody else."))
    if stop.day < timezone.localdate():
        raise ValidationError(_("This day is over: what was planned for it stays."), code="over")
    record("stop.taken_off", stop, by=by, customer=stop.customer_id, day=stop.day.isoformat())
    stop.delete()
