"""The rounds of the demonstration company's reps: places, lines, visits of the last weeks, appointments, a quota of its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from shengce.customers.models import Customer
from shengce.demo.company import Company
from shengce.people.models import Role, User
from shengce.planning.geography import Point
from shengce.recordings.models import Conversation
from shengce.visits import appointments, check_in, lines, places, quotas
from shengce.visits.actions import book_appointment
from shengce.visits.cities import city_of
from shengce.visits.models import Place, RouteStop, Visit
from shengce.visits.queries import line_of

Say = Callable[[str], None]
SEED = 20261126
DRIVEN_DAYS = 26
SEARCH_S = 1.0
OUTCOMES = (True, True, True, False, True, True, False)


@transaction.atomic
def go_round(company: Company, *, say: Say) -> None:
    """Every rep gets lines and drives them. All or nothing."""
    chance = random.Random(SEED)
    reps = [person for person in company.people.values() if person.role == Role.REP]
    for rep in reps:
        _settle_places(rep, chance)
        route = lines.plan_route(rep, by=rep, seconds=SEARCH_S)
        lines.start_route(route, by=rep, start_on=timezone.localdate() - dt.timedelta(days=DRIVEN_DAYS))
        _drive(rep, chance)
    _appoint(company, reps)
    quotas.save_quota(
        by=company.people["director"],
        measure="visits",
        least=16,
        start_on=timezone.localdate() - dt.timedelta(days=40),
    )
    say(f"Weekly lines of {len(reps)} reps, {Visit.objects.count()} visits, {Place.objects.count()} places.")


def _settle_places(rep: User, chance: random.Random) -> None:
    """Made-up places about the middle of each city; of every ninth customer only the city is known."""
    for number, customer in enumerate(Customer.objects.filter(owner=rep).order_by("pk")):
        middle = city_of(customer.city)
        if middle is None or number % 9 == 8:
            continue
        hours = (dt.time(9, 30), dt.time(11, 30)) if number % 6 == 3 else (None, None)
        places.save_place(
            customer,
            by=rep,
            latitude=round(middle.latitude + chance.gauss(0, 0.035), 5),
            longitude=round(middle.longitude + chance.gauss(0, 0.04), 5),
            opens_at=hours[0],
            closes_at=hours[1],
            weekdays="0134" if number % 7 == 5 else "",
        )


def _drive(rep: User, chance: random.Random) -> None:
    """What was planned for the days before today, most of it done; talks held at customers have their check-in."""
    today = timezone.localdate()
    talks = list(
        Conversation.objects.filter(rep=rep, direction="onsite", customer__isnull=False)
        .select_related("customer")
        .order_by("started_at")
    )
    for back in range(DRIVEN_DAYS, -1, -1):
        day = today - dt.timedelta(days=back)
        of_day = [talk for talk in talks if timezone.localdate(talk.started_at) == day]
        calls = (
            [
                (_came(day, stop, chance), stop.customer, stop.minutes)
                for stop in line_of(rep, day)
                if isinstance(stop, RouteStop)
            ]
            if back
            else []
        )
        held = {talk.customer_id for talk in of_day}
        calls = [call for call in calls if call[1].pk not in held and chance.random() < 0.86]
        calls += [
            (talk.started_at - dt.timedelta(minutes=4), talk.customer, 10 + talk.duration_ms // 60_000)
            for talk in of_day
            if talk.customer is not None
        ]
        for came_at, customer, minutes in sorted(calls, key=lambda call: call[0]):
            _visit(rep, customer, came_at, minutes, chance)


def _came(day: dt.date, stop: RouteStop, chance: random.Random) -> dt.datetime:
    midnight = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    return midnight + dt.timedelta(minutes=stop.arrives + chance.randint(-8, 20))


def _visit(rep: User, customer: Customer, came_at: dt.datetime, minutes: int, chance: random.Random) -> None:
    place = Place.objects.filter(customer=customer, latitude__isnull=False).first()
    spot: dict[str, Any] = {}
    if place is not None and chance.random() < 0.9:
        away = 0.06 if chance.random() < 0.05 else 0.001
        point = Point((place.latitude or 0) + chance.uniform(-away, away), (place.longitude or 0) + away / 3)
        spot = {"latitude": point.latitude, "longitude": point.longitude, "accuracy_m": chance.randint(8, 60)}
    made = check_in.check_in(customer, by=rep, at=came_at, **spot)
    left_at = min(timezone.now(), came_at + dt.timedelta(minutes=minutes + chance.randint(-6, 14)))
    check_in.leave(made, by=rep, at=max(left_at, came_at))


def _appoint(company: Company, reps: list[User]) -> None:
    """Past ones that were kept or not, and those of the coming days, half of them confirmed by the specialist."""
    specialist, now = company.people["appointments"], timezone.localtime()
    noon = now.replace(hour=14, minute=0, second=0, microsecond=0)
    for rep in reps:
        if not appointments.may_arrange_for(specialist, rep):
            continue
        customers = list(Customer.objects.filter(owner=rep, merged_into__isnull=True).order_by("pk")[:4])
        for number, customer in enumerate(customers):
            for back, came in zip((40, 26, 12), OUTCOMES[number:], strict=False):
                row = book_appointment(
                    owner=rep,
                    by=rep,
                    customer=customer,
                    start_at=noon - dt.timedelta(days=back + number),
                    place=customer.address,
                )
                appointments.close_appointment(row, by=specialist, came=came)
            appointments.arrange_appointment(
                by=specialist, owner=rep, customer=customer, start_at=noon + dt.timedelta(days=1 + number, hours=number % 2),
                end_at=noon + dt.timedelta(days=1 + number, hours=number % 2 + 1), place=customer.address,
                confirmed=number % 2 == 0,
            )  # fmt: skip
