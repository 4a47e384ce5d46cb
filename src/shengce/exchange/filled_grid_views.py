"""HTTP of the grid that comes back from a spreadsheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shengce.exchange import filled_grids
from shengce.exchange.actions import refused_words
from shengce.exchange.filled_grids import FilledGridForm
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.targets.dimensions import BY_CODE
from shengce.targets.figures import WAN, exact
from shengce.targets.filled_grid import Filled
from shengce.targets.models import Level, TargetVersion
from shengce.targets.page_state import PageState, column_choices, read_state

MOST_SHOWN = 500


@require_http_methods(["GET", "POST"])
def fill(request: SignedInRequest, pk: int) -> HttpResponse:
    """How it is done, and the file; after it was sent, what it would change."""
    require(request.user, "targets.edit")
    version = get_object_or_404(TargetVersion.objects.select_related("target_set"), pk=pk)
    state = read_state(version, request.GET, request.user)
    counts = state.asked.metric.minor == 1
    if request.method != "POST":
        initial = {"unit": "wan" if state.shown_in == WAN else "yuan"}
        return _page(request, version, state, FilledGridForm(counts=counts, initial=initial))
    form = FilledGridForm(request.POST, request.FILES, counts=counts)
    if refused := getattr(request, "upload_refusals", []):
        form.errors.pop("file", None)
        form.add_error(None, refused_words(refused[0][1]))
    if not form.is_valid():
        return _page(request, version, state, form, status=422)
    file = form.cleaned_data["file"]
    try:
        filled = filled_grids.look_at(
            version, state, by=request.user, file=file, name=file.name or "", size=file.size,
            shown_in=form.shown_in,
        )  # fmt: skip
    except ValidationError as problem:
        form.add_error(None, problem.messages)
        return _page(request, version, state, form, status=422)
    return _preview(request, version, filled, str(file.name))


def _page(
    request: SignedInRequest, version: TargetVersion, state: PageState, form: FilledGridForm, *, status: int = 200
) -> HttpResponse:  # fmt: skip
    context = _frame(version, state) | {"form": form}
    return render(request, "exchange/filled_grid.html", context, status=status)


def _frame(version: TargetVersion, state: PageState) -> dict[str, Any]:
    asked = state.asked
    return {
        "version": version,
        "state": state,
        "query": state.address(),
        "metric": asked.metric,
        "level": Level(asked.level).label,
        "axes": (BY_CODE[asked.rows].label, dict(column_choices())[asked.columns]),
        "filtered": len(asked.filters),
    }


def _preview(request: SignedInRequest, version: TargetVersion, filled: Filled, source: str) -> HttpResponse:
    metric = filled.state.asked.metric
    context = _frame(version, filled.state) | {
        "filled": filled,
        "source": source,
        "before": exact(filled.before, metric),
        "after": exact(filled.after, metric),
        "difference": _signed(filled.after - filled.before, metric),
        "rows": [
            (change, exact(change.old, metric), exact(change.new, metric), _signed(change.difference, metric))
            for change in filled.changes[:MOST_SHOWN]
        ],
        "more": max(0, len(filled.changes) - MOST_SHOWN),
        "refusals": filled.refusals[:MOST_SHOWN],
        "more_refusals": max(0, len(filled.refusals) - MOST_SHOWN),
        "follows": filled.follows[:MOST_SHOWN],
        "carried": filled_grids.carried(filled, version=version, by=request.user, source=source),
    }
    return render(request, "exchange/filled_grid_preview.html", context)


def _signed(amount: int, metric: Any) -> str:
    return f"{'+' if amount > 0 else ''}{exact(amount, metric)}"


@require_POST
def take_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """All changes of the preview as one edit, then the grid."""
    require(request.user, "targets.edit")
    version = get_object_or_404(TargetVersion, pk=pk)
    try:
        found = filled_grids.unpacked(request.POST.get("carried", ""), version=version, by=request.user)
        edit = filled_grids.take_over(version, found, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("exchange:grid", pk=pk)
    words = _("%(count)d figures were taken over from %(file)s. “Take back” undoes all of them at once.")
    if edit is None:
        words = _("Nothing changed: the figures were there already.")
    messages.success(request, words % {"count": len(found.changes), "file": found.source})
    return redirect(reverse("targets:grid", args=[pk]) + found.state.address())
