"""HTTP of score cards: the list, a card in words, its versions and files. Drafts are in ``draft_views``."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.inspection import card_queries as queries
from shengce.inspection import cards as card_actions
from shengce.inspection.card_files import as_yaml
from shengce.inspection.forms import NewCardForm
from shengce.inspection.models import ScoreCard, ScoreCardVersion
from shengce.language.inspection import card_from_data
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


@require_GET
def cards(request: SignedInRequest) -> HttpResponse:
    """Every score card and how talks fare with it."""
    require(request.user, "score_cards.see")
    may_edit = may(request.user, "score_cards.edit")
    lines = queries.card_list(request.user, with_drafts=may_edit)
    return render(request, "inspection/cards.html", {"lines": lines, "may_edit": may_edit})


@require_http_methods(["GET", "POST"])
def new_card(request: SignedInRequest) -> HttpResponse:
    """Begin a card; the first draft holds one criterion to begin with."""
    require(request.user, "score_cards.edit")
    form = NewCardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = card_actions.start_card(by=request.user, name=form.cleaned_data["name"])
        except ValidationError as problem:
            form.add_error("name", problem)
        else:
            return redirect("inspection:draft", pk=draft.pk)
    return render(request, "inspection/new_card.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def card(request: SignedInRequest, pk: int) -> HttpResponse:
    """The card in force in words, with what it gave lately; for a card never published its editors see the draft."""
    require(request.user, "score_cards.see")
    found = get_object_or_404(ScoreCard, pk=pk)
    in_force = queries.version_in_force(found)
    may_edit = may(request.user, "score_cards.edit")
    draft = queries.draft_of(found) if may_edit else None
    if in_force is None:
        if draft is None:
            raise Http404
        return redirect("inspection:draft", pk=draft.pk)
    return _version_page(request, in_force, draft=draft)


@require_GET
def version(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """A published version as it was."""
    require(request.user, "score_cards.see")
    return _version_page(request, _published(pk, number))


def _version_page(
    request: SignedInRequest, shown: ScoreCardVersion, *, draft: ScoreCardVersion | None = None
) -> HttpResponse:
    content = card_from_data(shown.data)
    sections = queries.sections_of(content)
    in_force = queries.version_in_force(shown.card)
    current = in_force is not None and in_force.pk == shown.pk
    context = {
        "card": shown.card,
        "version": shown,
        "content": content,
        "sections": sections,
        "points": sum(section.points for section in sections),
        "current": current,
        "use": queries.add_use(request.user, shown, sections) if current else None,
        "history": queries.history_of(shown.card),
        "draft": draft,
        "may_edit": may(request.user, "score_cards.edit"),
    }
    return render(request, "inspection/card.html", context)


@require_GET
def download(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """A version as a YAML file; drafts for those who may edit."""
    require(request.user, "score_cards.see")
    if may(request.user, "score_cards.edit"):
        shown = get_object_or_404(ScoreCardVersion, card=pk, number=number)
    else:
        shown = _published(pk, number)
    response = HttpResponse(as_yaml(shown.data), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="score-card-{pk}-v{number}.yaml"'
    return response


@require_POST
def edit_card(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open the draft of a card, making it where there is none."""
    require(request.user, "score_cards.edit")
    found = get_object_or_404(ScoreCard, pk=pk)
    try:
        draft = card_actions.open_draft(found, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("inspection:cards")
    return redirect("inspection:draft", pk=draft.pk)


def _published(card_id: int, number: int) -> ScoreCardVersion:
    rows = ScoreCardVersion.objects.filter(published_at__isnull=False).select_related("card")
    return get_object_or_404(rows, card=card_id, number=number)
