"""How often and how long customers are visited, what a day is, where people are. Rows of the firm go before ``data/visits.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.planning.geography import Point
from shengce.visits.cities import city_of
from shengce.visits.models import Place, RouteBase, VisitRule

CLASSES = ("A", "B", "C", "")
WEEKS = 4
"""A cycle of lines; frequencies are its divisors."""


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """The file of this room."""
    text = files("shengce.visits").joinpath("data/visits.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


@dataclass(frozen=True, slots=True)
class Rule:
    """``saved``: by the firm, not the one that is shipped."""

    value_class: str
    every_weeks: int
    minutes: int
    saved: bool = False


def visit_rules() -> dict[str, Rule]:
    """The rule of every class. One query."""
    rules = {name: Rule(name, *shipped()["rules"][name]) for name in CLASSES}
    for row in VisitRule.objects.all():
        if row.value_class in rules:
            rules[row.value_class] = Rule(row.value_class, row.every_weeks, row.minutes, saved=True)
    return rules


@dataclass(frozen=True, slots=True)
class Day:
    """A rep's day: from where, from which minute, how long, on which weekdays. ``saved``: somebody said so."""

    name: str
    base: Point
    starts: int
    minutes: int
    weekdays: tuple[int, ...]
    saved: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "latitude": self.base.latitude, "longitude": self.base.longitude,
            "starts": self.starts, "minutes": self.minutes, "weekdays": list(self.weekdays),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Day:
        return cls(
            data["name"],
            Point(data["latitude"], data["longitude"]),
            data["starts"],
            data["minutes"],
            tuple(data["weekdays"]),
            saved=True,
        )


def day_of(rep: User, places: Iterable[Point] = ()) -> Day | None:
    """How the rep's day is: as somebody said; else from the city that his unit is named after, else from the middle of
    his customers. ``None`` where nothing of that is known.
    """
    row = RouteBase.objects.filter(rep=rep).first()
    if row is not None:
        return Day(
            row.name,
            Point(row.latitude, row.longitude),
            minute_of(row.starts_at),
            row.minutes,
            weekdays_of(row.weekdays),
            saved=True,
        )
    usual = shipped()["day"]
    starts = minute_of(dt.time.fromisoformat(usual["starts"]))
    unit = rep.unit
    base, name = (city_of(unit.name), unit.name) if unit is not None else (None, "")
    if base is None:
        known = list(places)
        if not known:
            return None
        middle = sorted(p.latitude for p in known)[len(known) // 2], sorted(p.longitude for p in known)
        base, name = Point(middle[0], middle[1][len(known) // 2]), ""
    return Day(name, base, starts, usual["minutes"], weekdays_of(usual["weekdays"]))


@dataclass(frozen=True, slots=True)
class Where:
    """Where a customer is. ``rough``: only the middle of his city. The hours are minutes of the day."""

    point: Point | None
    rough: bool
    opens: int | None = None
    closes: int | None = None
    weekdays: tuple[int, ...] = ()


def where(customer: Customer, place: Place | None) -> Where:
    """From his place where it has coordinates, else from city and address."""
    hours: dict[str, Any] = {}
    if place is not None:
        hours = {
            "opens": None if place.opens_at is None else minute_of(place.opens_at),
            "closes": None if place.closes_at is None else minute_of(place.closes_at),
            "weekdays": weekdays_of(place.weekdays),
        }
        if place.latitude is not None and place.longitude is not None:
            return Where(Point(place.latitude, place.longitude), False, **hours)
    point = city_of(customer.city, customer.address) if customer.city or customer.address else None
    return Where(point, point is not None, **hours)


def places_of(customers: Iterable[Customer]) -> dict[int, Where]:
    """Of many customers, by their id. One query."""
    rows = list(customers)
    places = {place.customer_id: place for place in Place.objects.filter(customer__in=[c.pk for c in rows])}
    return {customer.pk: where(customer, places.get(customer.pk)) for customer in rows}


def minute_of(clock: dt.time) -> int:
    return clock.hour * 60 + clock.minute


def weekdays_of(digits: str) -> tuple[int, ...]:
    return tuple(sorted({int(digit) for digit in digits if digit in "0123456"}))
