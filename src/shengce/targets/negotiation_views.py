"""HTTP of what is agreed upon, and of a rep's own targets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.people.asked import whole_number
from shengce.people.models import Role
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.targets import negotiations
from shengce.targets.figures import exact, read_figure
from shengce.targets.forms import FigureForm
from shengce.targets.models import Metric, Negotiation, TargetVersion
from shengce.targets.own_targets import own_targets
from shengce.targets.queries import approved_version
from shengce.targets.sources import may_learn
from shengce.targets.views import found_version, outlook_question

State = Negotiation.State


@require_GET
def overview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who is open, who has signed: all figures of the reps in one's scope."""
    require(request.user, "targets.see")
    version = found_version(request, pk)
    rows = [
        {
            "figure": each,
            "shown": exact(each.planned, each.metric),
            "question": outlook_question(version, each.metric, {"rep": each.rep.pk})
            if may_learn(request.user, each.metric.code)
            else "",
            "standing": exact(negotiations.standing_figure(each.negotiation), each.metric)
            if each.negotiation and each.negotiation.state != State.AGREED
            else "",
            "agreed": exact(each.negotiation.agreed or 0, each.metric)
            if each.negotiation and each.negotiation.state == State.AGREED
            else "",
        }
        for each in negotiations.figures(version, request.user)[:400]
    ]
    counts = {
        "open": sum(1 for row in rows if _state(row) is None),
        "manager": sum(1 for row in rows if _state(row) == State.MANAGER_TO_ANSWER),
        "rep": sum(1 for row in rows if _state(row) == State.REP_TO_ANSWER),
        "agreed": sum(1 for row in rows if _state(row) == State.AGREED),
    }
    wanted = request.GET.get("state", "")
    if wanted in counts:
        match = {
            "open": None,
            "manager": State.MANAGER_TO_ANSWER,
            "rep": State.REP_TO_ANSWER,
            "agreed": State.AGREED,
        }
        rows = [row for row in rows if _state(row) == match[wanted]]
    context = {
        "version": version,
        "rows": rows,
        "counts": counts,
        "wanted": wanted,
        "is_rep": request.user.role == Role.REP,
    }
    return render(request, "targets/negotiations.html", context)


def _state(row: dict[str, Any]) -> str | None:
    talk = row["figure"].negotiation
    return talk.state if talk else None


@require_POST
def propose(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """A rep takes up his figure; on the page of the talk he signs it or says another one."""
    require(request.user, "targets.propose")
    version = found_version(request, pk)
    metric = get_object_or_404(Metric, code=code)
    try:
        talk = negotiations.begin_figure(version, metric, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("targets:negotiations", pk=version.pk)
    return redirect("targets:negotiation", pk=talk.pk)


@require_http_methods(["GET", "POST"])
def negotiation(request: SignedInRequest, pk: int) -> HttpResponse:
    """One figure: what was said, with proofs; say something, or sign."""
    require(request.user, "targets.see")
    talk = _found(request, pk)
    form = FigureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _say(request, talk, form)
            messages.success(request, _("Said. The other side is to answer now."))
            return redirect("targets:negotiation", pk=talk.pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    return _page(request, talk, form)


def _say(request: SignedInRequest, talk: Negotiation, form: forms.Form) -> None:
    figure = read_figure(form.cleaned_data["figure"], talk.metric, current=negotiations.standing_figure(talk))
    evidence = []
    for text in request.POST.getlist("evidence")[:50]:
        kind, _dash, thing = text.partition("-")
        if (number := whole_number(thing)) is not None:
            evidence.append((kind, number))
    said = {"figure": figure, "reason": form.cleaned_data["reason"], "evidence": evidence}
    if request.user.pk == talk.rep_id:
        negotiations.propose_figure(talk.version, talk.metric, by=request.user, **said)
    else:
        negotiations.answer_figure(talk, by=request.user, **said)


@require_POST
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign under the figure that the page showed."""
    require(request.user, "targets.see")
    talk = _found(request, pk)
    try:
        figure = whole_number(request.POST.get("figure"))
        signed = negotiations.sign_figure(talk, by=request.user, figure=-1 if figure is None else figure)
        agreed = signed.state == State.AGREED
        messages.success(request, _("Both have signed. The figures follow.") if agreed else _("Signed."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("targets:negotiation", pk=talk.pk)


def _found(request: SignedInRequest, pk: int) -> Negotiation:
    rows = Negotiation.objects.visible_to(request.user).select_related(
        "version__target_set", "metric", "rep", "manager"
    )
    return get_object_or_404(rows, pk=pk)


def _page(request: SignedInRequest, talk: Negotiation, form: forms.Form) -> HttpResponse:
    user = request.user
    steps = list(talk.steps.select_related("by"))
    proofs = negotiations.proofs(steps, user)
    mine = user.pk == talk.rep_id
    manages = (
        may(user, "targets.edit")
        and not mine
        and (user.role == Role.EXECUTIVE or may_act_for(user, talk.rep))
    )
    standing = negotiations.standing_figure(talk)
    under = talk.version.state == TargetVersion.State.NEGOTIATING and talk.state != State.AGREED
    my_turn = (mine and talk.state == State.REP_TO_ANSWER) or (
        manages and talk.state == State.MANAGER_TO_ANSWER
    )
    signed = talk.rep_signed_at if mine else talk.manager_signed_at
    context = {
        "talk": talk,
        "version": talk.version,
        "question": outlook_question(talk.version, talk.metric, {"rep": talk.rep_id})
        if may_learn(user, talk.metric.code)
        else "",
        "steps": [
            {
                "step": step,
                "shown": exact(step.figure, talk.metric),
                "proofs": proofs.get(step.pk, []),
                "mine": step.by_id == user.pk,
            }
            for step in steps
        ],
        "planned": exact(talk.planned, talk.metric),
        "standing": standing,
        "standing_shown": exact(standing, talk.metric),
        "form": form,
        "may_say": under and my_turn,
        "may_sign": under
        and (mine or manages)
        and not signed
        and (my_turn or bool(talk.rep_signed_at or talk.manager_signed_at)),
        "offered": negotiations.offered_evidence(talk.rep, user) if under and my_turn else [],
    }
    return render(request, "targets/negotiation.html", context, status=422 if form.errors else 200)


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """This month, this week, today: a rep's own targets, on his phone."""
    require(request.user, "targets.propose")
    today = timezone.localdate()
    version = approved_version(today)
    talked = (
        TargetVersion.objects.filter(state=TargetVersion.State.NEGOTIATING)
        .select_related("target_set")
        .order_by("-pk")
        .first()
    )
    page = own_targets(version, request.user, rep=request.user, on=today) if version else None
    if page is not None and version is not None:
        rows = version.qualitative.filter(rep=request.user).select_related("metric")
    else:
        rows = None
    context = {"version": version, "page": page, "today": today, "talked": talked, "words": rows}
    return render(request, "targets/mine.html", context)
