"""The list of talks."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shengce.facts.models import Fact
from shengce.people.asked import day, page_number, whole_number
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.web.queries import talk_list


@require_GET
def conversations(request: SignedInRequest) -> HttpResponse:
    """Talks of one's scope, newest first, by rep, customer, day and kind of fact."""
    require(request.user, "conversations.see")
    asked = request.GET
    page = talk_list(
        request.user,
        rep=whole_number(asked.get("rep")),
        customer=whole_number(asked.get("customer")),
        start_on=day(asked.get("from")),
        end_on=day(asked.get("to")),
        kind=asked.get("kind", ""),
        only=asked.get("only", ""),
        page=page_number(asked.get("page")),
    )
    context = {
        "page": page,
        "reps": visible_reps(request.user),
        "kinds": Fact.Kind.choices,
        "asked": asked,
        "may_score": may(request.user, "score_cards.see"),
    }
    return render(request, "web/conversations.html", context)
