"""The page of the firm's calendar: a year as it is worked, and the days that the firm says itself."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from shengce.people.asked import whole_number
from shengce.people.forms import CalendarDayForm
from shengce.people.permissions import may, require
from shengce.people.queries import history_of_calendar
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import FIRST_YEAR, LAST_YEAR, firm_days, working_calendar, year_sheet

HISTORY_SHOWN = 10
WEEKDAYS = (
    pgettext_lazy("column of a calendar", "Mo"),
    pgettext_lazy("column of a calendar", "Tu"),
    pgettext_lazy("column of a calendar", "We"),
    pgettext_lazy("column of a calendar", "Th"),
    pgettext_lazy("column of a calendar", "Fr"),
    pgettext_lazy("column of a calendar", "Sa"),
    pgettext_lazy("column of a calendar", "Su"),
)


@require_GET
def calendar(request: SignedInRequest) -> HttpResponse:
    """Which days are worked. A day of the firm's own is saved by ``visits``, which knows what it changes."""
    require(request.user, "calendar.see")
    return calendar_page(request, CalendarDayForm())


def calendar_page(request: SignedInRequest, form: CalendarDayForm) -> HttpResponse:
    """The year that is asked for."""
    asked = whole_number(request.GET.get("year"))
    year = min(max(asked or timezone.localdate().year, FIRST_YEAR), LAST_YEAR)
    own, working = firm_days(year), working_calendar()
    may_edit = may(request.user, "calendar.edit")
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
        "may_edit": may_edit,
        "history": history_of_calendar(year)[:HISTORY_SHOWN] if may_edit else (),
    }
    return render(request, "people/calendar.html", context, status=422 if form.errors else 200)
