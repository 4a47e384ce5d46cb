"""HTTP of the firm's calendar: a year as it is worked, and the days that the firm says itself."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shengce.people import actions
from shengce.people.asked import whole_number
from shengce.people.forms import CalendarDayForm
from shengce.people.models import CalendarDay
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import firm_days, working_calendar, year_sheet

FIRST_YEAR, LAST_YEAR = 2004, 2100
WEEKDAYS = (
    pgettext_lazy("column of a calendar", "Mo"),
    pgettext_lazy("column of a calendar", "Tu"),
    pgettext_lazy("column of a calendar", "We"),
    pgettext_lazy("column of a calendar", "Th"),
    pgettext_lazy("column of a calendar", "Fr"),
    pgettext_lazy("column of a calendar", "Sa"),
    pgettext_lazy("column of a calendar", "Su"),
)


@require_http_methods(["GET", "POST"])
def calendar(request: SignedInRequest) -> HttpResponse:
    """Which days are worked; whoever keeps the calendar adds a day of the firm's own, or changes it."""
    require(request.user, "calendar.see")
    form = CalendarDayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.user, "calendar.edit")
        if form.is_valid():
            row = actions.save_calendar_day(by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved. Routes and targets follow; deadlines that stand are kept."))
            return redirect(_address(row.day))
    asked = whole_number(request.GET.get("year"))
    year = min(max(asked or timezone.localdate().year, FIRST_YEAR), LAST_YEAR)
    own, working = firm_days(year), working_calendar()
    context = {
        "year": year,
        "today": timezone.localdate(),
        "weekdays": WEEKDAYS,
        "months": year_sheet(year, own),
        "known": working.knows(year),
        "own": own,
        "spells": working.spells,
        "day_hours": working.day_length / dt.timedelta(hours=1),
        "before": year - 1 if year > FIRST_YEAR else None,
        "after": year + 1 if year < LAST_YEAR else None,
        "form": form,
        "may_edit": may(request.user, "calendar.edit"),
    }
    return render(request, "people/calendar.html", context, status=422 if form.errors else 200)


@require_POST
def remove_day(request: SignedInRequest, pk: int) -> HttpResponse:
    """The official calendar holds again."""
    require(request.user, "calendar.edit")
    row = get_object_or_404(CalendarDay, pk=pk)
    actions.remove_calendar_day(row, by=request.user)
    messages.success(request, _("Removed: the official calendar holds again for this day."))
    return redirect(_address(row.day))


def _address(day: dt.date) -> str:
    return f"{reverse('people:calendar')}?year={day.year}"
