"""What follows a form: where it goes back to, and a word where the day that was chosen is off."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from shengce.people.requests import SignedInRequest
from shengce.people.working_days import days_said


def back_of(request: SignedInRequest, usual: str) -> str:
    """Where the form wants to go back to, on this site only."""
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) and back.startswith("/"):
        return back
    return usual


def day_meant(moment: dt.datetime) -> dt.date:
    """The day of a deadline as people say it: midnight is the end of the day before."""
    return timezone.localdate(moment - dt.timedelta(microseconds=1))


def warn_of_day_off(request: SignedInRequest, moment: dt.datetime) -> None:
    """It is kept, since a customer may want just this day; but nobody should plan it unawares."""
    day = day_meant(moment)
    said = days_said(day, day + dt.timedelta(days=1))
    if not said.works(day):
        name = said.free.get(day)
        words = _("%(day)s is a day off.") % {"day": f"{day:%m-%d}" + (f" ({name})" if name else "")}
        messages.warning(request, words)
