"""The list of talks."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shengce.facts.models import Fact
from shengce.people.permissions import require
from shengce.people.queries import visible_reps
from shengce.web.queries import talk_list


@require_GET
def conversations(request: HttpRequest) -> HttpResponse:
    """Talks of one's scope, newest first, by rep, customer, day and kind of fact."""
    require(request.user, "conversations.see")
    asked = request.GET
    page = talk_list(
        request.user,
        rep=_number(asked.get("rep")),
        customer=_number(asked.get("customer")),
        start_on=_day(asked.get("from")),
        end_on=_day(asked.get("to")),
        kind=asked.get("kind", ""),
        only=asked.get("only", ""),
        page=_number(asked.get("page")) or 1,
    )
    context = {"page": page, "reps": visible_reps(request.user), "kinds": Fact.Kind.choices, "asked": asked}
    return render(request, "web/conversations.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 12 else None


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None
