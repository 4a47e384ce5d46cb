"""What field work writes into papers: visits against the line, development quotas, prices and goods seen, open tickets."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shengce.channel.models import Sighting
from shengce.customers.models import Customer
from shengce.planning.cycle import monday_of
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.recordings.models import Conversation
from shengce.service.models import PENDING, Ticket
from shengce.sheets.drafted import Desk, Drafted, is_of_rep, moments, of_fact, span_of, tied
from shengce.sheets.drafts_of_tasks import visits_of
from shengce.sheets.models import Paper
from shengce.sheets.periods import following
from shengce.visits.models import Appointment, Route, RouteStop, Task
from shengce.visits.queries import day_lines
from shengce.visits.quotas import BY_KEY, Progress, people_with_quotas, progress_of

MOST = 100
NAMED = 6
"""So many customers of a line are named; the line itself has all of them."""

Stops = dict[dt.date, list[Customer]]


def visits_against_line(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A line: how many visits the fixed line asked for in the period, how many of these customers were visited, how many others."""
    planned = {
        (day, stop.pk)
        for stops in _lines(paper, desk, span_of(paper))
        for day, row in stops.items()
        for stop in row
    }
    made = {visit.customer_id for visit, _heard in visits_of(paper, desk)}
    if not planned:
        return
    asked = {customer for _day, customer in planned}
    words = {"planned": len(asked), "done": len(asked & made), "extra": len(made - asked)}
    text = _("On the line: %(planned)d customers, visited %(done)d; %(extra)d others") % words
    yield Drafted("line:done", text=text, link=_week(paper, paper.start_on))


def line_next(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A line: whom the fixed line leads to in the next period; of a day's paper: on the next day."""
    span = following(paper.template.period, span_of(paper))
    yield from _told(paper, _lines(paper, desk, span), "line:next")


def line_planned(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A line a day of the period: whom the fixed line leads to."""
    yield from _told(paper, _lines(paper, desk, span_of(paper)), "line")


def _told(paper: Paper, lines: list[Stops], key: str) -> Iterator[Drafted]:
    days: dict[dt.date, list[Customer]] = defaultdict(list)
    for stops in lines:
        for day, row in stops.items():
            days[day] += row
    for day, row in sorted(days.items()):
        names = "、".join(customer.name for customer in row[:NAMED])
        words = {"day": date_format(day, "m-d D"), "count": len(row), "names": names}
        text = _("%(day)s line: %(count)d customers: %(names)s") % words
        if len(row) > NAMED:
            text += " …"
        yield Drafted(f"{key}:{day}", text=text, link=_week(paper, day))


def _week(paper: Paper, day: dt.date) -> str:
    asked: dict[str, Any] = {"week": monday_of(day).isoformat()}
    if is_of_rep(paper):
        asked["rep"] = paper.owner_id
    return f"{reverse('visits:week')}?{urlencode(asked)}"


def _lines(paper: Paper, desk: Desk, span: Span) -> list[Stops]:
    """By route in force: the customers of every day of ``span``, this period or the next. Two queries for the batch."""
    both = Span(paper.start_on, following(paper.template.period, span_of(paper)).end_on)

    def rows() -> QuerySet[Route]:
        found = Route.objects.filter(start_on__lt=both.end_on).exclude(end_on__lte=both.start_on)
        return found.order_by("rep", "number")

    routes = desk.own(
        paper, ("lines", both), rows, "rep", most=MOST, then=lambda found: _stops(found, both, desk.calendar)
    )
    return [{day: row for day, row in stops.items() if day in span} for stops in routes]


def _stops(routes: list[Route], span: Span, calendar: Calendar) -> list[Stops]:
    held = {
        route.pk: {
            day: (line.week, line.weekday)
            for day, line in day_lines(route, span.start_on, span.end_on, calendar).items()
            if route.holds_on(day)
        }
        for route in routes
    }
    wanted = {place for days in held.values() for place in days.values()}
    stops: dict[tuple[int, int, int], list[Customer]] = defaultdict(list)
    found = RouteStop.objects.filter(
        route__in=[pk for pk, days in held.items() if days],
        week__in={week for week, _weekday in wanted},
        weekday__in={weekday for _week, weekday in wanted},
    )
    for stop in found.select_related("customer").order_by("position", "pk"):
        stops[stop.route_id, stop.week, stop.weekday].append(stop.customer)
    return [
        {day: stops[route.pk, *place] for day, place in held[route.pk].items() if stops[route.pk, *place]}
        for route in routes
    ]


# --- work done, quotas


def work_done(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of how much was done: talks, visits, appointments kept and missed, tasks done."""
    span = span_of(paper)
    start, end = moments(span)
    asked: dict[str, Any] = {"from": span.start_on.isoformat(), "to": paper.last_on.isoformat()}
    if is_of_rep(paper):
        asked["rep"] = paper.owner_id
    query = urlencode(asked)
    visits = visits_of(paper, desk)
    talks, met = _count(
        paper, desk, Conversation, "rep", Q(started_at__gte=start, started_at__lt=end), "customer"
    )
    kept, missed = (
        _count(
            paper,
            desk,
            Appointment,
            "owner",
            Q(start_at__gte=start, start_at__lt=end, state=state),
            "customer",
        )[0]
        for state in (Appointment.State.KEPT, Appointment.State.NO_SHOW)
    )
    done, _people = _count(
        paper, desk, Task, "owner", Q(state=Task.State.DONE, done_at__gte=start, done_at__lt=end), "customer"
    )
    for key, label, count, of, link in (
        ("talks", _("Talks"), talks, met, f"{reverse('web:conversations')}?{query}"),
        ("visits", _("Visits"), len(visits), len({row.customer_id for row, _h in visits}), f"{reverse('visits:list')}?{query}"),
        ("heard", _("Visits with a recorded talk"), sum(bool(h) for _v, h in visits), "", f"{reverse('visits:list')}?{query}"),
        ("kept", _("Appointments kept"), kept, "", reverse("visits:appointments")),
        ("missed", _("Appointments that the customer missed"), missed, "", reverse("visits:appointments")),
        ("tasks", _("Tasks done"), done, "", f"{reverse('visits:tasks')}?which=done"),
    ):  # fmt: skip
        if count:
            values = {"what": label, "count": str(count), "customers": str(of), "why": ""}
            yield Drafted(f"work:{key}", values=values, link=link, ties=tied(count=link))


def _count(paper: Paper, desk: Desk, model: Any, person: str, which: Q, customer: str) -> tuple[int, int]:
    """How many rows, and of how many customers."""
    name = ("count", model.__name__, str(which))

    def ask(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(which).order_by()

    counts = {"n": Count("pk"), "c": Count(customer, distinct=True)}
    if not is_of_rep(paper):
        seen = desk.once(
            (*name, paper.owner_id), lambda: ask(model.objects.visible_to(paper.owner)).aggregate(**counts)
        )
        return seen["n"], seen["c"]
    rows = desk.once(
        name,
        lambda: {
            row[person]: (row["n"], row["c"])
            for row in ask(model.objects.filter(**{f"{person}__in": desk.reps}))
            .values(person)
            .annotate(**counts)
        },
    )
    found: tuple[int, int] = rows.get(paper.owner_id, (0, 0))
    return found


def quotas(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of the month's development quotas and how far they are; of somebody who leads: those of his people together."""
    month = paper.start_on.replace(day=1)

    def of_reps() -> dict[int, list[Progress]]:
        return progress_of([desk.owners[pk] for pk in desk.reps], month)

    def of_people() -> dict[int, list[Progress]]:
        return progress_of(people_with_quotas(paper.owner), month)

    if is_of_rep(paper):
        mine: list[Progress] = desk.once(("quotas", month), of_reps).get(paper.owner_id, [])
        every = [mine]
    else:
        every = list(desk.once(("quotas", month, paper.owner_id), of_people).values())
    together: dict[tuple[str, str], list[Progress]] = defaultdict(list)
    for row in every:
        for progress in row:
            together[progress.goal.name, progress.goal.measure].append(progress)
    for (name, measure), rows in together.items():
        values = {
            "quota": rows[0].goal.label,
            "least": str(sum(row.goal.least for row in rows)),
            "done": str(sum(row.value for row in rows)),
            "how": "",
        }
        link = _quota_page(paper, measure, month)
        yield Drafted(f"quota:{measure}:{name}"[:60], values=values, link=link, ties=tied(done=link))


def _quota_page(paper: Paper, measure: str, month: dt.date) -> str:
    query = urlencode({"month": month.isoformat()})
    if is_of_rep(paper) and measure in BY_KEY:
        return f"{reverse('visits:counted', args=[paper.owner_id, measure])}?{query}"
    return f"{reverse('visits:quotas')}?{query}"


# --- the market, and what waits


def sightings(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of goods and prices that were seen or heard in the period."""

    def rows() -> QuerySet[Sighting]:
        start, end = moments(span_of(paper))
        found = Sighting.objects.filter(seen_at__gte=start, seen_at__lt=end)
        related = found.select_related("product", "customer", "fact__conversation")
        return related.order_by("seen_at", "pk")

    for row in desk.own(paper, ("sightings", span_of(paper)), rows, "rep", most=MOST):
        values = {
            "day": timezone.localdate(row.seen_at).isoformat(),
            "customer": str(row.customer or ""),
            "place": row.place,
            "product": str(row.product or ""),
            "price": f"{row.price.normalize():f}" if row.price is not None else "",
            "seller": row.seller,
            "finding": str(row.get_finding_display()),
        }
        key, ties = f"sighting:{row.pk}", tied(customer=row.customer_id, product=row.product_id)
        link = reverse("channel:sighting", args=[row.pk])
        if row.fact is not None:
            line = of_fact(row.fact, key=key, values=values, ties=ties)
            yield Drafted(key, values=values, link=link, fact=line.fact, conversation=line.conversation,
                          start_ms=line.start_ms, end_ms=line.end_ms, ties=ties)  # fmt: skip
        else:
            yield Drafted(key, values=values, link=link, ties=ties)


def tickets_open(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Lines of the complaints and claims that were opened until the end of the period and are not solved, the oldest first."""

    def rows() -> QuerySet[Ticket]:
        _start, end = moments(span_of(paper))
        found = Ticket.objects.filter(state__in=PENDING, opened_at__lt=end)
        return found.select_related("customer", "fact__conversation").order_by("opened_at", "pk")

    for row in desk.own(paper, ("tickets", paper.end_on), rows, "rep", most=MOST):
        words = {
            "day": f"{timezone.localdate(row.opened_at):%m-%d}",
            "customer": row.customer,
            "title": row.title,
        }
        text = _("%(day)s %(customer)s: %(title)s") % words
        key = f"ticket:{row.pk}"
        link = reverse("service:ticket", args=[row.pk])
        yield of_fact(row.fact, key=key, text=text) if row.fact else Drafted(key, text=text, link=link)
