"""Writing down where customers are, when they receive visits, how often, and where a rep starts."""

from __future__ import annotations

import datetime as dt

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
from shengce.visits.cities import city_of
from shengce.visits.models import Place, RouteBase, VisitRule
from shengce.visits.rules import CLASSES, WEEKS, shipped

LONGEST_VISIT = 480
FREQUENCIES = (0, 1, 2, 4)


@transaction.atomic
def save_place(
    customer: Customer,
    *,
    by: User,
    latitude: float | None,
    longitude: float | None,
    opens_at: dt.time | None = None,
    closes_at: dt.time | None = None,
    weekdays: str = "",
    source: str = Place.Source.TYPED,
    sure: bool = False,
) -> Place:
    """Where the customer is and when he receives visits. Without coordinates his city counts.

    A place far from his city, or from the country where that is not known, is refused with the code ``unlikely`` unless ``sure``.
    """
    require(by, "places.edit")
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    point = _check_point(latitude, longitude)
    if point is not None and not sure:
        _require_likely(customer, point)
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise ValidationError(_("The hours end before they begin."), code="hours")
    place, _made = Place.objects.update_or_create(
        customer=customer,
        defaults={
            "latitude": latitude, "longitude": longitude, "source": source, "opens_at": opens_at,
            "closes_at": closes_at, "weekdays": _weekdays(weekdays), "set_at": timezone.now(), "set_by": by,
        },
    )  # fmt: skip
    record("place.saved", customer, by=by, latitude=latitude, longitude=longitude, source=source)
    return place


@transaction.atomic
def save_visit_rule(*, by: User, value_class: str, every_weeks: int, minutes: int) -> VisitRule:
    """How often and how long customers of a class are visited, in routes that are planned from now on."""
    require(by, "visits.rules")
    if value_class not in CLASSES or every_weeks not in FREQUENCIES or WEEKS % (every_weeks or 1):
        raise ValidationError(_("Customers are visited every 1, 2 or 4 weeks, or not at all."), code="rule")
    if not 5 <= minutes <= LONGEST_VISIT:
        raise ValidationError(
            _("A visit takes from 5 to %(most)d minutes."), params={"most": LONGEST_VISIT}, code="minutes"
        )
    rule, _made = VisitRule.objects.update_or_create(
        value_class=value_class, defaults={"every_weeks": every_weeks, "minutes": minutes}
    )
    record("visit_rule.saved", rule, by=by, value_class=value_class, weeks=every_weeks, minutes=minutes)
    return rule


@transaction.atomic
def save_base(
    rep: User,
    *,
    by: User,
    name: str,
    latitude: float,
    longitude: float,
    starts_at: dt.time,
    minutes: int,
    weekdays: str,
) -> RouteBase:
    """Where the rep's day begins and ends, when, for how long, on which weekdays."""
    require(by, "routes.edit")
    if not may_act_for(by, rep):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    _check_point(latitude, longitude)
    end = starts_at.hour * 60 + starts_at.minute + minutes
    if not 60 <= minutes <= 840 or end > 24 * 60:
        raise ValidationError(
            _("A day has from 60 to 840 minutes, and ends before midnight."), code="minutes"
        )
    chosen = _weekdays(weekdays)
    if not chosen:
        raise ValidationError(_("Choose at least one weekday."), code="weekdays")
    base, _made = RouteBase.objects.update_or_create(
        rep=rep,
        defaults={
            "name": typed_text(name, most=100), "latitude": latitude, "longitude": longitude,
            "starts_at": starts_at, "minutes": minutes, "weekdays": chosen,
        },
    )  # fmt: skip
    record("route_base.saved", base, by=by, rep=rep.pk)
    return base


def _weekdays(digits: str) -> str:
    if any(digit not in "0123456" for digit in digits):
        raise ValidationError(_("Choose weekdays."), code="weekdays")
    return "".join(sorted(set(digits)))


def _require_likely(customer: Customer, point: Point) -> None:
    city = city_of(customer.city, customer.address)
    if city is not None and (km := distance_km(point, city)) > shipped()["unlikely"] / 1000:
        raise ValidationError(
            _(
                "This is %(km)s km from %(city)s, where the customer is said to be. Look at the coordinates again."
            ),
            params={"km": f"{km:,.0f}", "city": customer.city or customer.address},
            code="unlikely",
        )
    if city is None and not (3 < point.latitude < 54 and 73 < point.longitude < 136):
        raise ValidationError(_("This is outside of China. Look at the coordinates again."), code="unlikely")


def _check_point(latitude: float | None, longitude: float | None) -> Point | None:
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise ValidationError(_("Write both latitude and longitude, or neither."), code="place")
    if abs(latitude) > 90 and abs(longitude) <= 90:
        raise ValidationError(
            _(
                "Latitude and longitude are swapped: here the latitude is the smaller number. Did you mean %(a)s, %(b)s?"
            ),
            params={"a": longitude, "b": latitude},
            code="place",
        )
    try:
        return Point(latitude, longitude)
    except ValueError:
        raise ValidationError(
            _("Latitude is from -90 to 90, longitude from -180 to 180."), code="place"
        ) from None
