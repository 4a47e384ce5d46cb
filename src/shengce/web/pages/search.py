"""Search what was said, and hear it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shengce.facts.search import search as find
from shengce.people.asked import day, whole_number
from shengce.people.permissions import require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.web.queries import day_bounds


@require_GET
def search(request: SignedInRequest) -> HttpResponse:
    """Talks that hold every word, newest first, with the passages marked and playable."""
    require(request.user, "conversations.see")
    asked = request.GET
    words = asked.get("q", "").strip()
    reps = visible_reps(request.user)
    rep_id, start_on, end_on = whole_number(asked.get("rep")), day(asked.get("from")), day(asked.get("to"))
    rep = reps.filter(pk=rep_id).first() if rep_id else None
    page = None
    if words:
        page = find(
            request.user,
            words,
            speaker=asked.get("speaker") if asked.get("speaker") in ("rep", "customer") else None,
            rep=rep,
            start=day_bounds(start_on)[0] if start_on else None,
            end=day_bounds(end_on)[1] if end_on else None,
            cursor=whole_number(asked.get("cursor")),
        )
    return render(request, "web/search.html", {"page": page, "words": words, "asked": asked, "reps": reps})
