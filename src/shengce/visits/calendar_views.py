"""HTTP of saving a day of the firm's calendar: where it changes lines of days that have come, that is said before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shengce.people import actions
from shengce.people.calendar_views import calendar_page
from shengce.people.forms import CalendarDayForm
from shengce.people.models import CalendarDay
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.visits.past_lines import changed_lines, sums


@require_POST
def save_day(request: SignedInRequest) -> HttpResponse:
    """A day on which people work, or nobody does."""
    require(request.user, "calendar.edit")
    form = CalendarDayForm(request.POST)
    if not form.is_valid():
        return calendar_page(request, form)
    values = form.cleaned_data
    changed = changed_lines(values["day"], values["works"])
    if changed and request.POST.get("sure") != "1":
        fields = {
            "day": values["day"].isoformat(),
            "works": "yes" if values["works"] else "no",
            "name": values["name"],
        }
        return _ask(request, values["day"], {"changed": changed, "fields": fields, "works": values["works"]})
    row = actions.save_calendar_day(by=request.user, changes=sums(changed), **values)
    messages.success(request, _("Saved. Routes and targets follow; deadlines that stand are kept."))
    return _calendar(row.day)


@require_POST
def remove_day(request: SignedInRequest, pk: int) -> HttpResponse:
    """The official calendar holds again."""
    require(request.user, "calendar.edit")
    row = get_object_or_404(CalendarDay, pk=pk)
    changed = changed_lines(row.day, None)
    if changed and request.POST.get("sure") != "1":
        return _ask(request, row.day, {"changed": changed, "fields": {}, "works": None})
    actions.remove_calendar_day(row, by=request.user, changes=sums(changed))
    messages.success(request, _("Removed: the official calendar holds again for this day."))
    return _calendar(row.day)


def _ask(request: SignedInRequest, day: dt.date, context: Mapping[str, Any]) -> HttpResponse:
    """Nothing is saved yet."""
    shown = {
        **context,
        "day": day,
        "sums": sums(context["changed"]),
        "address": request.get_full_path(),
        "may_see": may(request.user, "visits.see"),
    }
    return render(request, "visits/calendar_day.html", shown)


def _calendar(day: dt.date) -> HttpResponseRedirect:
    return redirect(f"{reverse('people:calendar')}?year={day.year}")
