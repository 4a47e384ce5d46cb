"""Tickets of after-sales, and their figures."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from shengce.people.permissions import require
from shengce.service import queries, statistics
from shengce.service.models import Kind, Priority, Ticket
from shengce.service.statistics import Figures
from shengce.web.api.answers import Money, Named, Page, Passage, page, with_passages
from shengce.web.api.asking import Between, Day, Id, OneOf, Question, Words, found_id
from shengce.web.api.door import ApiRequest

router = Router(tags=["Service"])


class TicketRow(Schema):
    """``due_at`` is the deadline that counts now; lengths are minutes of working time."""

    id: int
    number: str
    customer: Named
    product: Named | None
    kind: str
    priority: str
    title: str
    state: str
    owner: Named | None
    rep: Named | None
    opened_at: dt.datetime
    due_at: dt.datetime | None
    answer_by: dt.datetime | None
    solve_by: dt.datetime | None
    answered_at: dt.datetime | None
    solved_at: dt.datetime | None
    closed_at: dt.datetime | None
    answered_after: int | None
    solved_after: int | None
    reopened: int
    escalated_to: Named | None
    cause: str
    cost: Money | None
    satisfaction: int | None
    passage: Passage | None


class StepRow(Schema):
    act: str
    state: str
    text: str
    by: Named | None
    at: dt.datetime


class TicketFile(TicketRow):
    description: str
    feedback: str
    steps: list[StepRow]

    @staticmethod
    def resolve_steps(row: Ticket) -> Any:
        return list(row.steps.select_related("by"))


class FigureRow(Schema):
    """Minutes are of working time, means; shares are from 0 to 1."""

    tickets: int
    answered: int
    answered_late: int
    answered_in_time: float | None
    answer_minutes: float | None
    solved: int
    solved_late: int
    solved_in_time: float | None
    solve_minutes: float | None
    rated: int
    satisfaction: float | None
    cost: Money
    reopened: int


class MonthFigures(FigureRow):
    month: dt.date


class KindFigures(FigureRow):
    kind: str


class Cause(Schema):
    product: Named | None
    cause: str
    tickets: int
    cost: Money | None
    last_at: dt.datetime


class TicketStatistics(Schema):
    """Of tickets opened from ``from`` until ``to``, both days included."""

    from_: dt.date = Field(alias="from", serialization_alias="from")
    to: dt.date
    total: FigureRow
    months: list[MonthFigures]
    kinds: list[KindFigures]
    satisfaction: dict[str, int]
    causes: list[Cause]


class TicketsAsked(Between):
    q: Words = ""
    which: Annotated[str, OneOf(queries.WHICH)] = ""
    state: Annotated[str, OneOf(("pending", "all", *Ticket.State.values))] = "all"
    kind: Annotated[str, OneOf(Kind.values)] = ""
    priority: Annotated[str, OneOf(Priority.values)] = ""
    product: Id | None = None
    rep: Id | None = None
    customer: Id | None = None
    cause: Words = ""
    late: Annotated[str, OneOf(("answer", "solve"))] = ""
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = None
    sort: Annotated[str, OneOf(("deadline", "opened", "-opened", "priority", "customer"))] = ""


class StatisticsAsked(Question):
    from_: Day | None = Field(
        None, alias="from", description="The first of the month eleven months ago where left out"
    )
    to: Day | None = Field(None, description="Today where left out")


@router.get("/tickets", response=Page[TicketRow], summary="Tickets")
def tickets(request: ApiRequest, asked: Query[TicketsAsked]) -> Any:
    """Tickets in one's scope; the days are those of opening. ``pending``: not solved yet."""
    require(request.user, "tickets.see")
    found = queries.tickets(
        request.user,
        queries.Asked(
            which=asked.which,
            state=asked.state,
            kind=asked.kind,
            priority=asked.priority,
            product=asked.product,
            rep=asked.rep,
            customer=asked.customer,
            cause=asked.cause,
            text=asked.q,
            start_on=asked.from_,
            end_on=asked.to and asked.to + dt.timedelta(days=1),
            late=asked.late,
            satisfaction=asked.satisfaction,
            sort=asked.sort,
        ),
    )
    answer = page(found, asked)
    with_passages(request.user, answer["rows"])
    return answer


@router.get("/tickets/{pk}", response=TicketFile, summary="One ticket")
def ticket(request: ApiRequest, pk: int) -> Any:
    """A ticket with everything that was done about it."""
    require(request.user, "tickets.see")
    rows = Ticket.objects.visible_to(request.user).select_related(
        "customer", "product", "owner", "rep", "fact", "escalated_to"
    )
    found = get_object_or_404(rows, pk=found_id(pk))
    with_passages(request.user, [found])
    return found


@router.get("/ticket-statistics", response=TicketStatistics, by_alias=True, summary="Figures of after-sales")
def ticket_statistics(request: ApiRequest, asked: Query[StatisticsAsked]) -> Any:
    """Against the rule, satisfaction, cost: in all, by month and by kind; and causes by product."""
    require(request.user, "tickets.see")
    last = asked.to or timezone.localdate()
    first = asked.from_ or _year_before(last)
    if first > last:
        raise ValidationError(_("The end must be after the start."), code="period")
    span = {"start_on": first, "end_on": last + dt.timedelta(days=1)}
    opened = statistics.opened(request.user, **span)
    found = statistics.statistics(opened, **span)
    return {
        "from": first,
        "to": last,
        "total": found.total,
        "months": [{"month": row.start_on} | _figures(row.figures) for row in found.months],
        "kinds": [{"kind": row.kind} | _figures(row.figures) for row in found.kinds],
        "satisfaction": {str(grade): n for grade, n in found.grades.items()},
        "causes": [
            {
                "product": {"id": row.product_id, "name": row.product} if row.product_id else None,
                "cause": row.cause,
                "tickets": row.tickets,
                "cost": row.cost,
                "last_at": row.last_at,
            }
            for row in queries.causes_by_product(request.user, **span)
        ],
    }


def _year_before(last: dt.date) -> dt.date:
    """The first day of the month eleven months before: twelve months, of which the last one is not over."""
    number = last.year * 12 + last.month - 12
    return dt.date(number // 12, number % 12 + 1, 1)


def _figures(found: Figures) -> dict[str, Any]:
    return {name: getattr(found, name) for name in FigureRow.model_fields}
