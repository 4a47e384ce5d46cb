"""Routes, visits, appointments, tasks, quotas."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from shengce.visits import check_in, places, quotas
from shengce.visits.actions import book_appointment, create_task
from shengce.visits.models import AddedStop, RouteStop
from shengce.visits.models import Route as Lines
from tests.routes.route import ADMIN, CLERK, LEADERS, OWN, REPS, SELLERS, Route
from tests.world import World

SEE = SELLERS | {"executive"}
OF_A = OWN | {"executive"}
MAKERS = LEADERS | ADMIN

ROUTES: dict[str, Route] = {
    "web:my_aims": Route(get=REPS),
    "visits:routes": Route(get=SEE),
    "visits:rules": Route(get={"executive"} | ADMIN, post={"executive"} | ADMIN),
    "visits:route": Route(get=OF_A, args=("rep",), query="?week=0"),
    "visits:base": Route(get=OWN, post=OWN, args=("rep",)),
    "visits:change_route": Route(post=OWN, args=("lines", "start")),
    "visits:change_stop": Route(post=OWN, args=("stop",)),
    "visits:plan": Route(post=OWN, args=("rep",)),
    "visits:places": Route(get=SELLERS | CLERK, query="?q=云海"),
    "visits:place": Route(get=OWN | CLERK, post=OWN | CLERK, args=("customer",)),
    "visits:list": Route(get=SEE, query="?rep={rep}"),
    "visits:visits_file": Route(get=SEE, args=("csv",), query="?rep={rep}"),
    "visits:week_file": Route(get=SEE, args=("csv",), query="?rep={rep}"),
    "visits:appointments_file": Route(get=SEE, args=("csv",), query="?days=14&rep={rep}"),
    "visits:tasks_file": Route(get=SEE, args=("csv",), query="?which=all&owner={rep}"),
    "visits:week": Route(get=SEE, query="?rep={rep}"),
    "visits:check_in": Route(get=SELLERS, post=SELLERS, query="?q=云海&customer={customer}"),
    "visits:visit": Route(get=OF_A, args=("visit",)),
    "visits:change": Route(post=OWN, args=("visit", "leave")),
    "visits:add_stop": Route(post=SELLERS),
    "visits:take_off_stop": Route(post={"rep_a1"}, args=("added_stop",)),
    "visits:appointments": Route(get=SEE, query="?days=14&rep={rep}"),
    "visits:new_appointment": Route(get=SELLERS, post=SELLERS, query="?customer={customer}"),
    "visits:change_appointment": Route(post=OWN, args=("appointment", "confirm")),
    "visits:tasks": Route(get=SEE, query="?which=all&owner={rep}"),
    "visits:new_task": Route(get=SEE, post=SEE, query="?customer={customer}"),
    "visits:change_task": Route(post=OWN, args=("visit_task", "done")),
    "visits:quotas": Route(get=SEE),
    "visits:counted": Route(get=OF_A, args=("rep", "quota_measure")),
    "visits:new_quota": Route(get=MAKERS, post=MAKERS),
    "visits:quota": Route(
        get={"manager_a", "executive"} | ADMIN, post={"manager_a", "executive"} | ADMIN, args=("quota",)
    ),
    "visits:end_quota": Route(post={"manager_a", "executive"} | ADMIN, args=("quota",)),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    now = timezone.now()
    places.save_place(world.customer_a, by=world.rep_a1, latitude=30.3, longitude=120.2)
    base = {
        "name": "",
        "latitude": 30.2,
        "longitude": 120.1,
        "starts": 540,
        "minutes": 480,
        "weekdays": [0, 1, 2, 3, 4],
    }
    lines = Lines.objects.create(rep=world.rep_a1, unit=world.team_a, number=1, base=base)
    stop = RouteStop.objects.create(
        route=lines, week=0, weekday=0, position=0, customer=world.customer_a, every_weeks=4, minutes=30
    )
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, note="暗号九七")
    meeting = book_appointment(
        owner=world.rep_a1,
        by=world.rep_a1,
        customer=world.customer_a,
        start_at=now + dt.timedelta(days=1),
        place="暗号九七",
    )
    added = AddedStop.objects.create(
        rep=world.rep_a1, unit=world.team_a, day=timezone.localdate(), customer=world.customer_a
    )
    task = create_task(title="暗号九七", owner=world.rep_a1, by=world.rep_a1, customer=world.customer_a)
    quota = quotas.save_quota(
        by=world.manager_a,
        measure="visits",
        least=5,
        name="暗号九七",
        rep=world.rep_a1,
        start_on=timezone.localdate(),
    )
    return {
        "lines": lines.pk, "stop": stop.pk, "visit": visit.pk, "appointment": meeting.pk, "visit_task": task.pk,
        "added_stop": added.pk, "quota": quota.pk, "quota_measure": "visits", "start": "start", "leave": "leave", "confirm": "confirm", "done": "done",
        "csv": "csv",
    }  # fmt: skip
