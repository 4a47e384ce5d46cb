"""My day: what was said today, what follows from it, and the report that writes itself."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from shengce.people.asked import day as asked_day
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.proposals.queries import by_passage, open_proposals
from shengce.recordings.models import Recording
from shengce.sheets import actions as sheet_actions
from shengce.sheets.queries import duties_of, parts_of
from shengce.sheets.views import editable
from shengce.visits import actions as visit_actions
from shengce.visits.models import Task
from shengce.visits.queries import NEXT_DUE
from shengce.web.attainment_tiles import line_shown
from shengce.web.pages.day_round import appointments_of, round_of
from shengce.web.queries import day_bounds, talks_of_day

OPEN_PROPOSALS_SHOWN = 40
DUTIES_SHOWN = 3
"""Papers that are due next; those that are late are one number."""


@require_GET
def my_day(request: SignedInRequest) -> HttpResponse:
    """A rep's start page for one day, today unless another is asked for."""
    require(request.user, "reports.write")
    day = _day(request)
    end = day_bounds(day)[1]
    report = sheet_actions.draft_daily_report(request.user, day)
    parts = parts_of(report)
    talks = talks_of_day(request.user, day)
    waiting = open_proposals(request.user, end=end)
    tasks = Task.objects.filter(owner=request.user, state=Task.State.OPEN).select_related("customer", "fact")
    is_today = day == timezone.localdate()
    its_round = round_of(request.user, day)
    calendar = its_round.said.calendar
    plan = line_shown(request.user, today=day, calendar=calendar) if is_today else None
    duties = [
        duty
        for duty in duties_of(request.user, today=timezone.localdate(), calendar=calendar)
        if duty.is_open
    ]
    context = {
        "day": day,
        "now": timezone.now(),
        "is_today": is_today,
        "tiles": plan[1] if plan else [],
        "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1),
        "talks": talks,
        "talk_ms": sum(row.conversation.duration_ms for row in talks),
        "proposals": by_passage(waiting[:OPEN_PROPOSALS_SHOWN]),
        "may_propose": True,
        "tasks": tasks.order_by(NEXT_DUE, "pk")[:12],
        "appointments": appointments_of(request.user, day),
        "round": its_round,
        "unfinished": Recording.objects.visible_to(request.user).filter(
            status__in=(Recording.Status.WAITING, Recording.Status.RUNNING)
        ),
        "paper": report,
        "parts": parts,
        "free_sections": [part.section for part in parts if not part.section.is_table],
        "line_count": sum(len(part.lines) for part in parts),
        "editable": editable(report, request.user),
        "late_papers": sum(duty.is_late for duty in duties),
        "duties": [duty for duty in duties if not duty.is_late][:DUTIES_SHOWN],
    }
    return render(request, "web/my_day.html", context)


@require_POST
def finish_task(request: SignedInRequest, pk: int) -> HttpResponse:
    """A task is done."""
    task = get_object_or_404(Task.objects.visible_to(request.user), pk=pk)
    visit_actions.finish_task(task, by=request.user)
    return redirect(reverse("web:my_day") + "#tasks")


def _day(request: SignedInRequest) -> dt.date:
    today = timezone.localdate()
    return min(asked_day(request.GET.get("day")) or today, today)
