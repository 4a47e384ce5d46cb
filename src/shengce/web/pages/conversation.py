"""One conversation: hear it, read it, check its facts, decide what follows from it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shengce.channel.actions import check_prices_of_talk
from shengce.customers.models import Customer
from shengce.facts import actions as fact_actions
from shengce.facts.forms import typed_value
from shengce.facts.models import Fact
from shengce.people.asked import whole_number, words
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.proposals.actions import propose
from shengce.proposals.queries import by_passage
from shengce.recordings import actions as recording_actions
from shengce.recordings import playback
from shengce.recordings.models import Conversation
from shengce.web.talk import Talk, talk_of


def _visible(user: User) -> QuerySet[Conversation]:
    require(user, "conversations.see")
    return Conversation.objects.visible_to(user).select_related(
        "recording", "rep", "unit", "customer", "contact", "transcript"
    )


@require_GET
def conversation(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page of one talk."""
    found = get_object_or_404(_visible(request.user), pk=pk)
    return render(request, "web/conversation.html", _context(request, talk_of(found, by=request.user)))


def _context(request: SignedInRequest, talk: Talk) -> dict[str, object]:
    user = request.user
    return {
        "talk": talk,
        "conversation": talk.conversation,
        "may_correct": may(user, "conversations.correct"),
        "may_decide": may(user, "facts.decide"),
        "may_propose": may(user, "proposals.decide"),
        "opens_customer": _opens_customer(user, talk.conversation),
        "may_link": may(user, "recordings.upload"),
        "scores": talk.scores if may(user, "score_cards.see") else [],
        "open_proposals": by_passage(p for p in talk.proposals if p.state == "open"),
        "decided_proposals": by_passage(p for p in talk.proposals if p.state != "open"),
    }


def _opens_customer(user: User, conversation: Conversation) -> bool:
    """Whether the customer's page is open to whoever reads the talk; an inspector only hears."""
    if conversation.customer_id is None or not may(user, "customers.see"):
        return False
    return Customer.objects.visible_to(user).filter(pk=conversation.customer_id).exists()


@require_GET
def audio(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The sound, for whoever may see the talk."""
    found = get_object_or_404(_visible(request.user), pk=pk)
    return playback.audio_response(request, found.recording)


@require_GET
def peaks(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The peaks of the sound, for the drawing."""
    found = get_object_or_404(_visible(request.user), pk=pk)
    return playback.peaks_response(request, found.recording)


def turn(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    """Edit one segment: GET gives its form, POST keeps the corrected words."""
    require(request.user, "conversations.correct")
    found = get_object_or_404(_visible(request.user), pk=pk)
    shown = _turn_or_404(talk_of(found, by=request.user), turn)
    error = ""
    if request.method == "POST":
        try:
            recording_actions.correct_segment(
                found, by=request.user, turn=turn, text=request.POST.get("text", "")
            )
        except ValidationError as problem:
            error = " ".join(problem.messages)
        else:
            if not request.htmx:
                return redirect("web:conversation", pk=pk)
            found = get_object_or_404(_visible(request.user), pk=pk)
            shown = _turn_or_404(talk_of(found, by=request.user), turn)
            context = {"turn": shown, "conversation": found, "may_correct": True, "corrected": True}
            return render(request, "web/conversation.html#turn", context)
    cancelled = request.method == "GET" and "cancel" in request.GET
    part = "web/conversation.html#turn" if cancelled else "web/conversation.html#turn_form"
    context = {"turn": shown, "conversation": found, "may_correct": True, "error": error}
    template = part if request.htmx else "web/turn.html"  # without JavaScript the form is a page of its own
    return render(request, template, context, status=422 if error else 200)


def _turn_or_404(talk: Talk, number: int) -> object:
    for turn in talk.turns:
        if turn.number == number:
            return turn
    raise Http404


@require_POST
def speaker(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say who a speaker is."""
    require(request.user, "conversations.correct")
    found = get_object_or_404(_visible(request.user), pk=pk)
    try:
        recording_actions.set_speaker_role(
            found, by=request.user, speaker=request.POST.get("speaker", ""), role=request.POST.get("role", "")
        )
    except ValidationError as problem:
        return HttpResponse(" ".join(problem.messages), status=422, content_type="text/plain; charset=utf-8")
    return redirect("web:conversation", pk=pk)


def link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say which rep and customer a talk belongs to."""
    require(request.user, "recordings.upload")
    found = get_object_or_404(_visible(request.user), pk=pk)
    reps = visible_reps(request.user)
    customers = Customer.objects.visible_to(request.user).order_by("name")
    if request.method == "POST":
        rep_id = whole_number(request.POST.get("rep"))
        rep = get_object_or_404(reps, pk=rep_id) if rep_id is not None else None
        chosen = words(request.POST.get("customer"))
        customer = customers.filter(name=chosen).first() if chosen else None
        if chosen and customer is None:
            error = _("There is no customer of this name in your list.")
            context = {"conversation": found, "reps": reps, "error": error, "chosen": chosen}
            return render(request, "web/link.html", context, status=422)
        recording_actions.link_recording(found.recording, by=request.user, rep=rep, customer=customer)
        return redirect("web:conversation", pk=pk)
    names = customers.values_list("name", flat=True)[:500]
    return render(request, "web/link.html", {"conversation": found, "reps": reps, "names": names})


@require_POST
def decide_fact(request: SignedInRequest, pk: int, answer: str) -> HttpResponse:
    """Confirm, correct, reject or reopen a fact; answers with the fact's row."""
    require(request.user, "facts.decide")
    fact = get_object_or_404(Fact.objects.visible_to(request.user).select_related("conversation"), pk=pk)
    error = ""
    try:
        if answer == "confirm":
            fact_actions.confirm_fact(fact, by=request.user)
        elif answer == "reject":
            fact_actions.reject_fact(fact, by=request.user)
        elif answer == "reopen":
            fact_actions.reopen_fact(fact, by=request.user)
        elif answer == "correct":
            fact_actions.correct_fact(fact, typed_value(fact, request.POST), by=request.user)
        else:
            raise Http404
    except ValidationError as problem:
        error = " ".join(problem.messages)
    else:
        propose(fact.conversation)
        check_prices_of_talk(fact.conversation)
    fact.refresh_from_db()
    if not request.htmx:
        if error:
            messages.error(request, error)
        return redirect("web:conversation", pk=fact.conversation_id)
    context = {"fact": fact, "conversation": fact.conversation, "may_decide": True, "error": error}
    return render(request, "web/conversation.html#fact", context, status=422 if error else 200)
