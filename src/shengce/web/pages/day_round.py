"""The round of a rep's day for *my day*: the line with its next stop, the appointments with who was not there before, and,
fetched after the page, quotas and one tip.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from shengce.inspection.models import Outcome, Score
from shengce.people.models import User
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import DaysSaid, days_said
from shengce.visits.free_day import FreeDay, all_added, free_day
from shengce.visits.models import AHEAD, Appointment, Visit
from shengce.visits.queries import DayStop, Kept, kept_before, line_of, with_no_shows
from shengce.visits.quotas import progress_of
from shengce.web.queries import day_bounds

APPOINTMENTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Round:
    """Stops of the day with the visit that was made at each; ``next`` is the first without one."""

    day: dt.date
    stops: list[tuple[DayStop, Visit | None]]
    running: Visit | None
    said: DaysSaid
    kept: dict[int, Kept]
    free: FreeDay | None
    """Where no line leads anywhere: why, and who waits."""

    @property
    def done(self) -> int:
        return sum(visit is not None for _stop, visit in self.stops)

    @property
    def next(self) -> DayStop | None:
        return next((stop for stop, visit in self.stops if visit is None), None)


def round_of(rep: User, day: dt.date) -> Round:
    """Six queries at most where there are stops."""
    start, end = day_bounds(day)
    still_there = Q(left_at__isnull=True) if day == timezone.localdate() else Q()
    visits = list(
        Visit.objects.filter(Q(came_at__gte=start, came_at__lt=end) | still_there, rep=rep).select_related(
            "customer"
        )
    )
    made = {visit.customer_id: visit for visit in visits if visit.came_at >= start}
    said = days_said(day, day + dt.timedelta(days=1))
    planned = line_of(rep, day, said.calendar)
    stops = [(stop, made.get(stop.customer_id)) for stop in planned]
    return Round(
        day,
        stops,
        next((visit for visit in visits if visit.left_at is None), None),
        said,
        kept_before(stop.customer_id for stop, _visit in stops),
        free_day(rep, day, said) if all_added(planned) else None,
    )


def appointments_of(rep: User, day: dt.date) -> list[Appointment]:
    """From ``day`` on, with the no-shows of each customer. One query."""
    rows = Appointment.objects.filter(owner=rep, state__in=AHEAD, start_at__gte=day_bounds(day)[0])
    return list(
        with_no_shows(rows.select_related("customer", "fact")).order_by("start_at")[:APPOINTMENTS_SHOWN]
    )


@require_GET
def my_aims(request: SignedInRequest) -> HttpResponse:
    """Quotas of the month and one tip: a part of *my day* that is fetched after it."""
    require(request.user, "reports.write")
    context = {
        "month": timezone.localdate().replace(day=1),
        "progress": progress_of([request.user], timezone.localdate())[request.user.pk],
        "tip": tip_for(request.user),
    }
    return render(request, "web/parts/my_aims.html", context)


@dataclass(frozen=True, slots=True)
class Tip:
    """The weakest criterion of the last inspected talk, and a passage of it to hear: the hit, or else the talk."""

    outcome: Outcome
    conversation_id: int
    start_ms: int
    end_ms: int
    quote: str


def tip_for(rep: User) -> Tip | None:
    """Two queries; nothing where no talk was inspected, or where nothing was lost."""
    score = (
        Score.objects.filter(conversation__rep=rep)
        .select_related("conversation")
        .order_by("-conversation__started_at", "-pk")
        .first()
    )
    if score is None:
        return None
    weak = [o for o in score.outcomes.all() if o.state == "not_met" and (o.fatal or o.points < o.max_points)]
    if not weak:
        return None
    worst = max(weak, key=lambda o: (o.fatal, o.max_points - o.points))
    hit = next(iter(worst.hits), None)
    talk = score.conversation
    if isinstance(hit, dict) and "start_ms" in hit:
        return Tip(worst, talk.pk, hit["start_ms"], hit["end_ms"], hit.get("quote", ""))
    return Tip(worst, talk.pk, talk.start_ms, talk.end_ms, "")
