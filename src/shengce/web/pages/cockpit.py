"""Team cockpit: how the team talks and sells, what needs hearing now, which reports wait."""

from __future__ import annotations

import csv
import datetime as dt

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shengce.inspection import actions as inspection_actions
from shengce.inspection.models import Alert
from shengce.inspection.queries import waiting_alerts
from shengce.people.permissions import require
from shengce.people.plain_cells import plain_cell
from shengce.people.requests import SignedInRequest
from shengce.results.queries import REPS_WITH_TREND, RepRow, TeamCockpit, team_cockpit
from shengce.sales.queries import approvals_of
from shengce.sheets.queries import papers_to_read
from shengce.web.attainment_tiles import tiles_shown
from shengce.web.charts import Series, line_chart, sparkline

PERIODS = (7, 30, 90)
SHOWN = 8
REPS_SHOWN = REPS_WITH_TREND


@require_GET
def cockpit(request: SignedInRequest) -> HttpResponse:
    """Figures of one's subtree over the last days, against the same number of days before."""
    require(request.user, "cockpit.see")
    everybody = "all" in request.GET
    days, team = _asked(request)
    reports = papers_to_read(request.user)
    plan = tiles_shown(request.user, today=timezone.localdate())
    context = {
        "plan": plan[0] if plan else None,
        "tiles": plan[1] if plan else [],
        "days": days,
        "periods": PERIODS,
        "team": team,
        "last_day": team.end_on - dt.timedelta(days=1),
        "score_chart": _score_chart(team),
        "talk_chart": _talk_chart(team),
        "rows": [(row, _spark(row)) for row in (team.reps if everybody else team.reps[:REPS_SHOWN])],
        "everybody": everybody or len(team.reps) <= REPS_SHOWN,
        "alerts": waiting_alerts(request.user)[:SHOWN],
        "approvals": approvals_of(request.user),
        "reports": reports[:SHOWN],
    }
    return render(request, "web/cockpit.html", context)


@require_GET
def cockpit_table(request: SignedInRequest) -> HttpResponse:
    """The team's table as CSV."""
    require(request.user, "cockpit.see")
    _days, team = _asked(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="team-{team.start_on}-{team.end_on}.csv"'
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(
        [_("Rep"), _("Talks"), _("Hours"), _("Rep's share"), _("Questions"), _("Score"), _("Fatal")]
    )
    for row in team.reps:
        f = row.figures
        figures = [f.talks, f"{f.hours:.2f}", f.rep_share, f.questions, f.score, f.fatal]
        table.writerow([plain_cell(str(row.rep)), *("" if v is None else v for v in figures)])
    return response


def _asked(request: SignedInRequest) -> tuple[int, TeamCockpit]:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else 30
    end_on = timezone.localdate() + dt.timedelta(days=1)
    return days, team_cockpit(request.user, start_on=end_on - dt.timedelta(days=days), end_on=end_on)


def _labels(team: TeamCockpit) -> list[str]:
    return [f"{point.start_on:%m-%d}" for point in team.trend]


def _score_chart(team: TeamCockpit) -> str:
    scores = Series(str(_("Mean score")), [point.figures.score for point in team.trend])
    title = _("Mean score by week") if team.by_week else _("Mean score by day")
    return line_chart(title=title, categories=_labels(team), series=[scores], width=560, height=220)


def _talk_chart(team: TeamCockpit) -> str:
    talks = Series(str(_("Talks")), [point.figures.talks for point in team.trend])
    promises = Series(str(_("Promises to pay")), [point.figures.payment_promises for point in team.trend])
    title = _("Talks by week") if team.by_week else _("Talks by day")
    return line_chart(
        title=title, categories=_labels(team), series=[talks, promises], width=560, height=220, low=0
    )


def _spark(row: RepRow) -> str:
    points = [point.figures.score for point in row.trend]
    return sparkline(points, label=_("Trend of the mean score"))


@require_POST
def alert_seen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put an alert aside; who did it is kept."""
    require(request.user, "cockpit.see")
    alert = get_object_or_404(Alert.objects.visible_to(request.user), pk=pk)
    inspection_actions.mark_alert_seen(alert, by=request.user)
    return HttpResponse("") if request.htmx else redirect("web:cockpit")
