"""After-sales of the demonstration company: what was wrong, who mended it, what it cost, how content the customer was."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import cycle

from django.utils import timezone

from shengce.demo.script import Row, Year
from shengce.people.models import User
from shengce.service import actions as service
from shengce.service.escalation import escalate_overdue
from shengce.service.models import PENDING, Ticket

DRAWN = 36
RECENT: tuple[tuple[int, str], ...] = (  # days ago, how far it has come; the newest ones
    (16, "working"), (11, "waiting"), (9, "open"), (7, "solved"), (6, "working"), (5, "waiting"), (4, "solved"),
    (3, "working"), (2, "solved"), (1, "open"), (0, "open"),
)  # fmt: skip
ROUNDS = (2, 6, 26, 50, 75)  # hours until the first step and until it is solved
CONTENT = (5, 5, 5, 4, 4, 4, 3, 5, 4, 2, 5, 1)
STEP = "已与客户联系，约好上门时间"
ASKED_BACK = "等客户确认停水时间"


def work_on_tickets(year: Year) -> int:
    """About forty tickets of the year in every state; how many. What is late is told to the manager."""
    buyers = [name for name, row in year.habits.items() if "buys" in row and "quits" not in row]
    of_each_rep = cycle({year.customers[name].owner_id: name for name in buyers}.values())
    kinds = year.script["tickets"]
    older = sorted(year.chance.sample(range(20, 350), DRAWN - len(RECENT)), reverse=True)
    plan = [(days, "closed") for days in older] + list(RECENT)
    for number, (days, state) in enumerate(plan):
        kind, priority, product, title, cause, least, most = kinds[number % len(kinds)]
        pending = state in PENDING  # everybody who sells finds one
        row = {
            "customer": next(of_each_rep) if pending else buyers[number * 7 % len(buyers)], "day": -days, "kind": kind, "priority": priority,
            "product": product, "title": title, "cause": cause, "state": state,
            "cost": year.chance.randint(least, most), "satisfaction": CONTENT[number % len(CONTENT)],
        }  # fmt: skip
        _tell(year, row, number)
    for number, row in enumerate(year.script["told_tickets"]):
        _tell(year, {"state": "closed"} | row, number)
    escalate_overdue(now=timezone.now())
    return Ticket.objects.count()


def _tell(year: Year, row: Row, number: int) -> None:
    customer = year.customers[row["customer"]]
    assert customer.owner is not None
    day = _working_day(year.day(row["day"]))
    opened = year.moment(day, 9 + number % 8, number * 13 % 60)
    owner = (year.credit, customer.owner)[number % 2]
    ticket = service.open_ticket(
        by=year.credit,
        customer=customer,
        title=row["title"],
        kind=row["kind"],
        priority=row["priority"],
        product=year.products[row["product"]],
        description=row.get("description", ""),
        owner=None if row["state"] == "open" and number % 2 else owner,
        opened_at=opened,
    )
    if row["state"] != "open":
        _work(year, ticket, row, number, opened, by=owner)


def _work(year: Year, ticket: Ticket, row: Row, number: int, opened: dt.datetime, *, by: User) -> None:
    now = timezone.now()
    answered = min(now, opened + dt.timedelta(hours=1 + number % 4))
    ticket = service.add_step(ticket, by=by, text=row.get("step", STEP), at=answered)
    if row["state"] == "working":
        return
    if row["state"] == "waiting":
        service.add_step(ticket, by=by, text=ASKED_BACK, state=Ticket.State.WAITING, at=answered)
        return
    solved = min(now, answered + dt.timedelta(hours=ROUNDS[number % len(ROUNDS)]))
    ticket = service.solve_ticket(
        ticket, by=by, cause=row["cause"], cost=Decimal(row["cost"]), text="师傅上门处理完毕", at=solved
    )
    if row["state"] == "closed":
        _close(year, ticket, row, number, min(now, solved + dt.timedelta(hours=20)), by=by)


def _close(year: Year, ticket: Ticket, row: Row, number: int, at: dt.datetime, *, by: User) -> None:
    """The customer is asked; one in fifteen comes back once."""
    if number % 15 == 7:
        ticket = service.reopen_ticket(ticket, by=by, reason="客户反映又出现同样问题", at=at)
        at = min(timezone.now(), at + dt.timedelta(hours=30))
        ticket = service.solve_ticket(ticket, by=by, cause=row["cause"], cost=Decimal(row["cost"]), at=at)
    said = row["satisfaction"]
    words = year.script["feedback"][said] if number % 3 == 0 else ""
    service.close_ticket(ticket, by=by, satisfaction=said, feedback=words, at=at)


def _working_day(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
