"""HTTP of drafts: change criteria one by one, try them on past talks, publish."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.inspection import card_queries as queries
from shengce.inspection import cards, trials
from shengce.inspection.card_files import as_yaml
from shengce.inspection.cards import EditConflict, fingerprint_of, key_of
from shengce.inspection.forms import CriterionForm, ImportForm, SectionForm
from shengce.inspection.models import ScoreCardVersion
from shengce.inspection.wording import describe_condition, fault_words
from shengce.language.criteria import CardError
from shengce.language.inspection import Criterion, ScoreCard, card_from_data
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest


def _draft(request: SignedInRequest, pk: int) -> ScoreCardVersion:
    """An open draft, for those who may edit."""
    require(request.user, "score_cards.edit")
    rows = ScoreCardVersion.objects.filter(published_at__isnull=True).select_related("card", "made_by")
    return get_object_or_404(rows, pk=pk)


def _carry_out(request: SignedInRequest, action: Callable[[], object]) -> bool:
    """Run an action; what stands against it is told in words."""
    try:
        action()
    except EditConflict:
        messages.error(request, _("Somebody else has changed this meanwhile. Look at it again, then decide."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    except CardError as error:
        messages.error(request, fault_words(error))
    else:
        return True
    return False


@require_GET
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """The draft: its criteria in sections, and what one can do with it."""
    found = _draft(request, pk)
    return render(request, "inspection/draft.html", _context(found))


def _context(found: ScoreCardVersion, trial: trials.Trial | None = None) -> dict[str, object]:
    content = card_from_data(found.data)
    sections = queries.sections_of(content, trial)
    in_force = queries.version_in_force(found.card)
    return {
        "card": found.card,
        "draft": found,
        "content": content,
        "sections": sections,
        "points": sum(section.points for section in sections),
        "fingerprint": fingerprint_of(content),
        "in_force": in_force,
        "unchanged": in_force is not None and cards.same_rules(content, card_from_data(in_force.data)),
        "section_form": SectionForm(),
        "trial": trial,
        "most": trials.MAX_TALKS,
    }


@require_GET
def try_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Run the whole draft over the newest talks of one's scope, beside the version in force."""
    found = _draft(request, pk)
    talks = _count(request.GET.get("talks"))
    content = card_from_data(found.data)
    in_force = queries.version_in_force(found.card)
    trial = trials.try_draft(request.user, content, against=in_force, talks=talks)
    context = _context(found, trial) | {"talks": talks}
    part = "inspection/trial.html" if request.htmx else "inspection/draft.html"
    return render(request, part, context)


def _count(text: str | None) -> int:
    """How many talks to try: what was asked for, within the limits."""
    if not text or not text.isascii() or not text.isdigit():
        return trials.DEFAULT_TALKS
    return max(1, min(int(text[:6]), trials.MAX_TALKS))


@require_http_methods(["GET", "POST"])
def new_criterion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a criterion."""
    found = _draft(request, pk)
    content = card_from_data(found.data)
    form = CriterionForm(
        request.POST or None, card=content, initial={"section": request.GET.get("section", "")}
    )
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            return _tried(request, found, form, None)
        made = form.cleaned_data["criterion"]
        if _carry_out(request, lambda: cards.add_criterion(found, made, by=request.user)):
            return redirect("inspection:draft", pk=pk)
    return _criterion_page(request, found, form, None)


@require_http_methods(["GET", "POST"])
def criterion(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Change a criterion. Where somebody else changed it meanwhile, both are shown and the person decides."""
    found = _draft(request, pk)
    content = card_from_data(found.data)
    current = _criterion_of(content, key)
    if request.method != "POST":
        if current is None:
            raise Http404
        return _criterion_page(request, found, CriterionForm(card=content, criterion=current), current)
    form = CriterionForm(request.POST, card=content, criterion=current)
    if form.is_valid() and "try" in request.POST:
        return _tried(request, found, form, current)
    conflict: Criterion | None = None
    if current is None:  # what was typed stays: sending it again adds it anew
        form.add_error(None, _("Somebody has removed this criterion meanwhile. Save it to add it anew."))
    elif form.is_valid():
        try:
            seen = request.POST.get("fingerprint", "")
            cards.change_criterion(found, form.cleaned_data["criterion"], by=request.user, fingerprint=seen)
        except EditConflict as problem:
            conflict = current = problem.current if isinstance(problem.current, Criterion) else None
            if current is None:
                form.add_error(
                    None, _("Somebody has removed this criterion meanwhile. Save it to add it anew.")
                )
        except (ValidationError, CardError) as problem:
            form.add_error(None, fault_words(problem) if isinstance(problem, CardError) else problem)
        else:
            messages.success(request, _("Saved in the draft."))
            return redirect("inspection:draft", pk=pk)
    return _criterion_page(request, found, form, current, conflict=conflict)


def _criterion_page(
    request: SignedInRequest,
    found: ScoreCardVersion,
    form: CriterionForm,
    current: Criterion | None,
    *,
    conflict: Criterion | None = None,
    trial: trials.Trial | None = None,
) -> HttpResponse:
    fingerprint = fingerprint_of(current) if current else ""
    if form.is_bound and conflict is None:  # what the person saw, not what stands there now
        fingerprint = request.POST.get("fingerprint", "")[:40]
    context = {
        "card": found.card,
        "draft": found,
        "form": form,
        "criterion": current,
        "key": key_of(current.id) if current else "",
        "fingerprint": fingerprint,
        "conflict": conflict,
        "conflict_words": describe_condition(conflict.when) if conflict else None,
        "trial": trial,
        "row": trial.criteria[0] if trial else None,
    }
    if request.htmx and "try" in request.POST:
        return render(request, "inspection/criterion_trial.html", context)
    status = 409 if conflict else 422 if form.is_bound and form.errors else 200
    return render(request, "inspection/criterion.html", context, status=status)


def _tried(
    request: SignedInRequest, found: ScoreCardVersion, form: CriterionForm, current: Criterion | None
) -> HttpResponse:
    """The criterion of the form, unsaved, on past talks."""
    in_force = queries.version_in_force(found.card) if current else None
    trial = trials.try_criterion(request.user, form.cleaned_data["criterion"], against=in_force)
    return _criterion_page(request, found, form, current, trial=trial)


def _criterion_of(content: ScoreCard, key: str) -> Criterion | None:
    return next((c for c in content.criteria if key_of(c.id) == key), None)


def _criterion_or_404(content: ScoreCard, key: str) -> Criterion:
    found = _criterion_of(content, key)
    if found is None:
        raise Http404
    return found


@require_POST
def copy_criterion(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Put a copy behind the criterion and open it."""
    found = _draft(request, pk)
    source = _criterion_or_404(card_from_data(found.data), key)
    made: list[Criterion] = []

    def add() -> None:
        made.append(cards.add_criterion(found, source, by=request.user, after=source.id))

    if _carry_out(request, add):
        return redirect("inspection:criterion", pk=pk, key=key_of(made[0].id))
    return redirect("inspection:draft", pk=pk)


@require_POST
def remove_criterion(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    found = _draft(request, pk)
    gone = _criterion_or_404(card_from_data(found.data), key)
    seen = request.POST.get("fingerprint", "")
    _carry_out(request, lambda: cards.remove_criterion(found, gone.id, by=request.user, fingerprint=seen))
    return redirect("inspection:draft", pk=pk)


@require_POST
def add_section(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _draft(request, pk)
    form = SectionForm(request.POST)
    if form.is_valid():
        _carry_out(request, lambda: cards.add_section(found, by=request.user, **form.cleaned_data))
        return redirect("inspection:draft", pk=pk)
    return render(request, "inspection/draft.html", _context(found) | {"section_form": form}, status=422)


@require_POST
def remove_section(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _draft(request, pk)
    gone = request.POST.get("section", "")
    _carry_out(request, lambda: cards.remove_section(found, gone, by=request.user))
    return redirect("inspection:draft", pk=pk)


@require_http_methods(["GET", "POST"])
def import_card(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a whole card from YAML; what cannot be used comes back with the reason and nothing is lost."""
    found = _draft(request, pk)
    content = card_from_data(found.data)
    form = ImportForm(initial={"text": as_yaml(found.data), "fingerprint": fingerprint_of(content)})
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            given = form.cleaned_data
            try:
                cards.replace_draft(found, given["card"], by=request.user, fingerprint=given["fingerprint"])
            except EditConflict:
                form.add_error(
                    None,
                    _("Somebody else has changed the draft meanwhile. Send it once more to replace it."),
                )
                form = _with(form, fingerprint=fingerprint_of(content))
            except (ValidationError, CardError) as problem:
                form.add_error(None, fault_words(problem) if isinstance(problem, CardError) else problem)
            else:
                messages.success(request, _("The draft is now the imported score card."))
                return redirect("inspection:draft", pk=pk)
        if form.files and form.errors:  # the text of the sent file, so that a fault can be mended on the spot
            form = _with(form, text=form.cleaned_data.get("given") or form.data.get("text", ""))
    context = {"card": found.card, "draft": found, "form": form}
    return render(request, "inspection/import.html", context, status=422 if form.errors else 200)


def _with(form: ImportForm, **values: str) -> ImportForm:
    """The checked form with other texts in some of its fields."""
    form.data = {**form.data.dict(), **values}  # type: ignore[attr-defined]
    return form


@require_POST
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the draft in force."""
    found = _draft(request, pk)
    seen = request.POST.get("fingerprint", "")
    if _carry_out(request, lambda: cards.publish_draft(found, by=request.user, fingerprint=seen)):
        text = _("Version %(number)d is in force for talks processed from now on; earlier scores stay.")
        messages.success(request, text % {"number": found.number})
        return redirect("inspection:card", pk=found.card_id)
    return redirect("inspection:draft", pk=pk)


@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    found = _draft(request, pk)
    if _carry_out(request, lambda: cards.discard_draft(found, by=request.user)):
        messages.success(request, _("The draft is discarded."))
        return redirect("inspection:cards")
    return redirect("inspection:draft", pk=pk)
