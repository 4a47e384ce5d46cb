"""One tap: yes, yes with changes, no, undo."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.proposals import actions
from shengce.proposals.forms import typed_changes
from shengce.proposals.models import Proposal


@require_POST
def decide(request: SignedInRequest, pk: int, answer: str) -> HttpResponse:
    """Carry out the answer and show the proposal as it stands then."""
    require(request.user, "proposals.decide")
    visible = Proposal.objects.visible_to(request.user).select_related("fact", "conversation", "customer")
    proposal = get_object_or_404(visible, pk=pk)
    error = ""
    try:
        if answer == "accept":
            actions.accept(proposal, by=request.user, changes=typed_changes(proposal, request.POST))
        elif answer == "refuse":
            actions.refuse(proposal, by=request.user)
        else:
            actions.undo(proposal, by=request.user)
    except ValidationError as problem:
        error = " ".join(problem.messages)
    if not request.htmx:
        return redirect("web:conversation", pk=proposal.conversation_id)
    proposal = get_object_or_404(visible, pk=pk)
    context = {
        "proposal": proposal,
        "error": error,
        "may_propose": True,
        "show_where": "where" in request.POST,
    }
    response = render(request, "proposals/proposal.html", context)
    response["HX-Trigger"] = "proposal-decided"  # the report of the day listens
    return response
