"""Team cockpit: how the team talks and sells, what needs hearing now, which reports wait."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from shengce.inspection import actions as inspection_actions
from shengce.inspection.models import Alert
from shengce.people.permissions import require
from shengce.results.queries import team_cockpit
from shengce.sheets.models import DailyReport

PERIODS = (7, 30, 90)


@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """Figures of one's subtree over the last days, against the same number of days before."""
    require(request.user, "cockpit.see")
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in PERIODS else 30
    end_on = timezone.localdate() + dt.timedelta(days=1)
    alerts = Alert.objects.visible_to(request.user).filter(seen_at__isnull=True)
    reports = DailyReport.objects.visible_to(request.user).filter(state=DailyReport.State.SUBMITTED)
    context = {
        "days": days,
        "periods": PERIODS,
        "team": team_cockpit(request.user, start_on=end_on - dt.timedelta(days=days), end_on=end_on),
        "alerts": alerts.select_related("conversation__rep", "conversation__customer")[:8],
        "reports": reports.select_related("rep", "unit").order_by("-day", "-submitted_at")[:8],
    }
    return render(request, "web/cockpit.html", context)


@require_POST
def alert_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an alert aside; who did it is kept."""
    require(request.user, "cockpit.see")
    alert = get_object_or_404(Alert.objects.visible_to(request.user), pk=pk)
    inspection_actions.mark_alert_seen(alert, by=request.user)
    return HttpResponse("") if request.htmx else redirect("web:cockpit")
