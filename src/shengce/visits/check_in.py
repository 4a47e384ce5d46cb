"""Being at a customer: coming, leaving, and taking a mistake back.

A check-in far from the customer's place is taken, and marked: places can be wrong, and customers meet elsewhere.
"""

from __future__ import annotations

import datetime as dt
import math

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.planning.geography import Point, distance_km
from shengce.visits.models import Place, Visit
from shengce.visits.queries import line_of
from shengce.visits.rules import Where, places_of, shipped

_CLOCK_SKEW = dt.timedelta(minutes=2)
MOST_ACCURACY_M = 100_000
LONGEST = dt.timedelta(hours=24)


@transaction.atomic
def check_in(
    customer: Customer,
    *,
    by: User,
    latitude: float | None = None,
    longitude: float | None = None,
    accuracy_m: float | None = None,
    note: str = "",
    at: dt.datetime | None = None,
) -> Visit:
    """The rep is at the customer, now or ``at``. A visit that is still open ends; a second tap gives the same one back."""
    require(by, "visits.edit")
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    moment = _moment(at)
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)  # a second tap waits here
    running: Visit | None = Visit.objects.filter(rep=by, left_at__isnull=True).first()
    if running is not None and running.customer_id == customer.pk and _same_day(running.came_at, moment):
        return running
    if running is not None:
        _end(running, moment)
    point = _point(latitude, longitude)
    place = places_of([customer])[customer.pk]
    distance, far = _distance(point, place)
    visit = Visit.objects.create(
        rep=by, unit=by.unit, customer=customer, came_at=moment,
        planned=any(stop.customer_id == customer.pk for stop in line_of(by, timezone.localdate(moment))),
        located=Visit.Located.DEVICE if point else Visit.Located.BY_HAND,
        latitude=point.latitude if point else None, longitude=point.longitude if point else None,
        accuracy_m=_accuracy(accuracy_m) if point else None, distance_m=distance, far=far,
        note=typed_text(note, most=300, required=False),
    )  # fmt: skip
    record("visit.came", visit, by=by, customer=customer.pk, distance_m=distance, far=far)
    return visit


@transaction.atomic
def leave(visit: Visit, *, by: User, note: str = "", at: dt.datetime | None = None) -> Visit:
    """The rep goes. A second tap changes nothing."""
    row = _locked(visit, by)
    if row.left_at is not None:
        return row
    moment = _moment(at)
    if moment < row.came_at:
        raise ValidationError(_("This was before the visit began."), code="moment")
    words = typed_text(note, most=300, required=False)
    if words:
        row.note = words
    _end(row, moment)
    record("visit.left", row, by=by)
    return row


@transaction.atomic
def withdraw_visit(visit: Visit, *, by: User) -> None:
    """A check-in by mistake, taken back on the same day."""
    row = _locked(visit, by)
    if not _same_day(row.came_at, timezone.now()):
        raise ValidationError(_("A visit of an earlier day stays as it is."), code="earlier")
    record("visit.withdrawn", row, by=by, customer=row.customer_id, came_at=row.came_at.isoformat())
    row.delete()


@transaction.atomic
def take_place_of_visit(visit: Visit, *, by: User) -> Place:
    """The customer is where the check-in was: the place is taken over from there, the hours stay."""
    from shengce.visits.places import save_place

    row = _locked(visit, by)
    if row.latitude is None or row.longitude is None:
        raise ValidationError(_("This check-in was not located."), code="not_located")
    old = Place.objects.filter(customer=row.customer_id).first()
    place = save_place(
        row.customer,
        by=by,
        latitude=row.latitude,
        longitude=row.longitude,
        opens_at=old.opens_at if old else None,
        closes_at=old.closes_at if old else None,
        weekdays=old.weekdays if old else "",
        source=Place.Source.CHECK_IN,
    )
    row.distance_m, row.far = 0, False
    row.save(update_fields=["distance_m", "far"])
    return place


def _locked(visit: Visit, by: User) -> Visit:
    require(by, "visits.edit")
    row: Visit | None = (
        Visit.objects.visible_to(by)
        .select_related("rep", "customer")
        .select_for_update(of=("self",))
        .filter(pk=visit.pk)
        .first()
    )
    if row is None or not may_act_for(by, row.rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return row


def _end(visit: Visit, moment: dt.datetime) -> None:
    """Whoever forgot to leave has left when he came to the next one, but not long after midnight."""
    limit = visit.came_at + dt.timedelta(minutes=shipped()["open_visit"])
    visit.left_at = moment if _same_day(visit.came_at, moment) or moment < limit else limit
    visit.left_at = max(visit.came_at, visit.left_at)
    visit.save(update_fields=["left_at", "note"])


def _same_day(one: dt.datetime, other: dt.datetime) -> bool:
    return timezone.localdate(one) == timezone.localdate(other)


def _moment(at: dt.datetime | None) -> dt.datetime:
    now = timezone.now()
    if at is None:
        return now
    if at > now + _CLOCK_SKEW or at.year < 2000:
        raise ValidationError(_("This moment lies in the future, or too far back."), code="moment")
    return at


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    if latitude is None or longitude is None:
        return None
    try:
        return Point(latitude, longitude)
    except ValueError:
        raise ValidationError(_("The device gave a place that does not exist."), code="place") from None


def _accuracy(metres: float | None) -> int | None:
    if metres is None or not math.isfinite(metres) or metres < 0:
        return None
    return min(MOST_ACCURACY_M, round(metres))


def _distance(point: Point | None, place: Where) -> tuple[int | None, bool]:
    """Metres from the customer's place, and whether that is far; of a rough place only a distance that leaves the city."""
    if point is None or place.point is None:
        return None, False
    metres = round(1000 * distance_km(point, place.point))
    if place.rough:
        return (metres, True) if metres > shipped()["rough_far"] else (None, False)
    return metres, metres > shipped()["far"]
