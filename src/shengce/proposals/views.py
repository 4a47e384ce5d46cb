"""One tap: yes, yes with changes, no, undo."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.proposals import actions
from shengce.proposals.forms import typed_changes
from shengce.proposals.models import Proposal
from shengce.proposals.queries import by_passage


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
        if error:
            messages.error(request, error)
        return redirect("web:conversation", pk=proposal.conversation_id)
    proposal = get_object_or_404(visible, pk=pk)
    context = {
        "proposal": proposal,
        "error": error,
        "may_propose": True,
        "show_where": "where" in request.POST,
    }
    response = render(request, "proposals/proposal.html", context, status=422 if error else 200)
    response["HX-Trigger"] = "proposal-decided"  # the report of the day listens
    return response


@require_POST
def decide_heard(request: SignedInRequest, fact: int, answer: str) -> HttpResponse:
    """One answer for everything that one passage suggests; what cannot be carried out stays open, with the reason."""
    require(request.user, "proposals.decide")
    decisions: dict[str, Callable[..., Proposal]] = {"accept": actions.accept, "refuse": actions.refuse}
    if answer not in decisions:
        raise Http404
    visible = Proposal.objects.visible_to(request.user).select_related("fact", "conversation", "customer")
    heard = list(visible.filter(fact=fact))
    if not heard:
        raise Http404
    problems: list[str] = []
    for proposal in heard:
        if proposal.state == Proposal.State.OPEN:
            try:
                decisions[answer](proposal, by=request.user)
            except ValidationError as problem:
                problems += problem.messages
    error = " ".join(dict.fromkeys(problems))
    if not request.htmx:
        if error:
            messages.error(request, error)
        return redirect("web:conversation", pk=heard[0].conversation_id)
    context = {
        "group": by_passage(visible.filter(fact=fact))[0],
        "error": error,
        "may_propose": True,
        "show_where": "where" in request.POST,
    }
    response = render(request, "proposals/group.html", context, status=422 if error else 200)
    response["HX-Trigger"] = "proposal-decided"
    return response
