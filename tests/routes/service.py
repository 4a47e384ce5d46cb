"""Tickets, and the calendar of the firm."""

from __future__ import annotations

from typing import Any

from shengce.people.models import CalendarDay
from shengce.service.actions import open_ticket
from tests.routes.route import ADMIN, CLERK, EVERYBODY, OWN, SELLERS, Route
from tests.world import World

SEE = SELLERS | CLERK | {"executive"}

ROUTES: dict[str, Route] = {
    "service:queue": Route(get=SEE, query="?state=all&customer={customer}"),
    "service:csv": Route(get=SEE, query="?state=all"),
    "service:xlsx": Route(get=SEE, query="?state=all"),
    "service:new": Route(get=OWN | CLERK, post=OWN | CLERK, query="?customer={customer}"),
    "service:ticket": Route(get=OWN | CLERK | {"executive"}, args=("ticket",)),
    "service:change": Route(post=OWN | CLERK, args=("ticket", "ticket_step")),
    "service:rules": Route(get=SEE, post=CLERK | {"executive"}),
    "people:calendar": Route(get=EVERYBODY),
    "visits:save_calendar_day": Route(post=CLERK | ADMIN | {"executive"}),
    "visits:remove_calendar_day": Route(post=CLERK | ADMIN | {"executive"}, args=("calendar_day",)),
    "web:service_statistics": Route(get=SEE),
    "web:service_causes_csv": Route(get=SEE),
    "web:service_causes_xlsx": Route(get=SEE),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    ticket = open_ticket(by=world.rep_a1, customer=world.customer_a, title="暗号九七")
    day = CalendarDay.objects.create(day="2026-12-31", works=False)
    return {"ticket": ticket.pk, "ticket_step": "step", "calendar_day": day.pk}
