"""A rep's line of one customer, and a firm that says itself which days it works."""

from __future__ import annotations

import datetime as dt

from shengce.people.models import CalendarDay
from shengce.visits.models import Route, RouteStop
from tests.world import World


def weekdays_worked(monday: dt.date, first: int, end: int) -> None:
    """Monday to Friday are worked, from ``first`` until before ``end`` days after ``monday``."""
    days = (monday + dt.timedelta(days=number) for number in range(first, end))
    CalendarDay.objects.bulk_create(CalendarDay(day=day, works=day.weekday() < 5) for day in days)


def every_wednesday(world: World, *, start_on: dt.date) -> Route:
    """Customer A, on every Wednesday of the cycle."""
    route = Route.objects.create(
        rep=world.rep_a1, unit=world.team_a, number=1, start_on=start_on,
        base={"name": "", "latitude": 30.2, "longitude": 120.1, "starts": 540, "minutes": 480, "weekdays": [0, 1, 2, 3, 4]},
    )  # fmt: skip
    for week in range(4):
        RouteStop.objects.create(
            route=route,
            week=week,
            weekday=2,
            position=0,
            customer=world.customer_a,
            every_weeks=1,
            minutes=30,
        )
    return route
