"""The lists of this room as tables to save: the same rows as on their pages, all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from shengce.people.asked import day, whole_number
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.planning.cycle import monday_of
from shengce.visits import queries
from shengce.visits.appointment_views import appointments_asked
from shengce.visits.models import Appointment, Task, Visit
from shengce.visits.task_views import tasks_asked
from shengce.visits.templatetags.visits import minute
from shengce.visits.visit_views import visits_asked
from shengce.visits.weeks import WeekOfRep, weeks_of

_AT_ONCE = 500


@require_GET
def visits_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The visits that were asked for, with the talks that prove each."""
    require(request.user, "visits.see")
    columns = [
        _("Customer"), _("Rep"), _("Came"), pgettext("visits", "Left"), _("Minutes"), _("On the line"), _("Located"), _("Distance, m"), _("Far"),
        _("Talks"), _("Note"),
    ]  # fmt: skip
    rows = queries.visits(request.user, visits_asked(request))
    return _saved(_visit_rows(rows.iterator(chunk_size=_AT_ONCE)), columns, "visits", file_format)


def _visit_rows(visits: Iterator[Visit]) -> Iterator[list[Any]]:
    for some in _batched(visits):
        talks = queries.talks_of(some)
        for row in some:
            long = None if row.duration is None else round(row.duration.total_seconds() / 60)
            yield [
                str(row.customer), str(row.rep), row.came_at, row.left_at, long, row.planned, str(row.get_located_display()),
                row.distance_m, row.far, len(talks.get(row.pk, [])), row.note,
            ]  # fmt: skip


def _batched(rows: Iterator[Visit]) -> Iterator[list[Visit]]:
    some: list[Visit] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


@require_GET
def week_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """Plan against done of a week: every visit that a line asked for, and those besides."""
    require(request.user, "visits.see")
    monday = monday_of(day(request.GET.get("week")) or timezone.localdate())
    weeks = weeks_of(request.user, monday, rep=whole_number(request.GET.get("rep")))
    columns = [
        _("Rep"), _("Customer"), pgettext("visits", "Planned"), _("Planned time"), _("State"), _("Came"), _("Proven by a talk"),
    ]  # fmt: skip
    return _saved(_week_rows(weeks), columns, f"plan-and-done-{monday}", file_format)


def _week_rows(weeks: list[WeekOfRep]) -> Iterator[list[Any]]:
    words = {
        "done": pgettext("visits", "done"), "other_day": _("on another day"), "missed": _("missed"), "ahead": _("ahead"),
        "away": pgettext("visits", "away"),
    }  # fmt: skip
    for week in weeks:
        for each in week.planned:
            came = each.visit.came_at if each.visit else None
            yield [
                str(week.rep), str(each.customer), each.day, minute(each.arrives), words[each.state], came, each.proven,
            ]  # fmt: skip
        for visit in week.extra:
            yield [str(week.rep), str(visit.customer), None, "", _("besides the line"), visit.came_at, None]


@require_GET
def appointments_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The appointments that were asked for, with the no-shows of each customer."""
    require(request.user, "appointments.see")
    columns = [
        _("When"), _("Until"), _("Customer"), _("Rep"), _("State"), _("Where"), _("No-shows before"), _("Kept before"), _("Note"),
    ]  # fmt: skip
    rows = (_appointment_row(row) for row in appointments_asked(request)[:_MOST])
    return _saved(rows, columns, "appointments", file_format)


_MOST = 20_000


def _appointment_row(row: Appointment) -> list[Any]:
    counted: Any = row
    return [
        row.start_at, row.shown_end, str(row.customer or ""), str(row.owner), str(row.get_state_display()), row.place,
        counted.no_shows, counted.met, row.note,
    ]  # fmt: skip


@require_GET
def tasks_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The tasks that were asked for; the words of the talk that each was born from."""
    require(request.user, "tasks.see")
    columns = [_("What is to be done"), _("Customer"), _("By whom"), _("Until"), _("State"), _("Done at"), _("Said in the talk")]  # fmt: skip
    rows = (_task_row(row) for row in tasks_asked(request).iterator(chunk_size=_AT_ONCE))
    return _saved(rows, columns, "tasks", file_format)


def _task_row(row: Task) -> list[Any]:
    return [
        row.title, str(row.customer or ""), str(row.owner), row.due_at, str(row.get_state_display()), row.done_at,
        row.fact.quote if row.fact else "",
    ]  # fmt: skip


def _saved(rows: Iterator[list[Any]], columns: list[str], name: str, file_format: str) -> HttpResponseBase:
    return table_response(rows, columns, name=f"{name}-{timezone.localdate()}", file_format=file_format)
