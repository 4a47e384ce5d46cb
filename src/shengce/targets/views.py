"""HTTP of the grid: the page, and what is done to a cell. Every answer to a change is the grid again, with what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from shengce.people.asked import whole_number
from shengce.people.models import Role, User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps, visible_units
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.targets import editing, splitting
from shengce.targets.candidates import SPLITS, candidates
from shengce.targets.cells import ALL_MONTHS, Cell, read_cell
from shengce.targets.dimensions import BY_CODE, DIMENSIONS
from shengce.targets.figures import decimal_of, exact, read_figure
from shengce.targets.grid import Grid, cell_total, grid
from shengce.targets.grid_file import grid_response
from shengce.targets.grid_html import body
from shengce.targets.handing_over import moved_territories, strays
from shengce.targets.history import reached_before
from shengce.targets.levels import is_current
from shengce.targets.locks import cell_locked
from shengce.targets.metrics import active_metrics
from shengce.targets.models import Level, Metric, TargetVersion
from shengce.targets.page_state import PageState, column_choices, period_choices, read_state
from shengce.targets.sources import may_learn
from shengce.targets.wording import cell_words, keep_choices, split_choices


def found_version(request: SignedInRequest, pk: int) -> TargetVersion:
    """A rep sees no draft: what is not said yet is not his."""
    versions = TargetVersion.objects.select_related("target_set")
    if request.user.role == Role.REP:
        versions = versions.exclude(state=TargetVersion.State.DRAFT)
    return get_object_or_404(versions, pk=pk)


@require_GET
def grid_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The grid; ``cell`` opens the panel of one cell. For htmx, only what is asked for."""
    require(request.user, "targets.see")
    version = found_version(request, pk)
    state = read_state(version, request.GET, request.user)
    if request.htmx and request.htmx.target == "cell-panel":
        return render(request, "targets/panel.html", _panel_context(request, version, state))
    return _rendered(request, version, state)


def _rendered(
    request: SignedInRequest, version: TargetVersion, state: PageState, *, said: str = "", wrong: str = ""
) -> HttpResponse:
    whole = not request.htmx
    shown = grid(version, state.asked, user=request.user)
    context = _grid_context(request, version, state, shown) | {"said": said, "wrong": wrong}
    if whole:
        context |= _page_context(request, version, state)
        context |= _panel_context(request, version, state)
    template = "targets/grid.html" if whole else "targets/table.html"
    return render(request, template, context, status=422 if wrong else 200)


def _grid_context(
    request: SignedInRequest, version: TargetVersion, state: PageState, shown: Grid
) -> dict[str, Any]:
    opened = {row.node for row in shown.rows if row.is_open}
    opens = {}
    for row in shown.rows:
        if row.node is not None and row.is_open is not None:
            after = opened - {row.node} if row.is_open else opened | {row.node}
            opens[row.node] = state.address(open=",".join(map(str, sorted(n for n in after if n))) or "-")
    editable = version.is_open and may(request.user, "targets.edit")
    return {
        "version": version,
        "state": state,
        "query": state.address(),
        "grid": shown,
        "editable": editable,
        "wan": state.shown_in > 1,
        "body": body(shown, shown_in=state.shown_in, editable=editable, selected=state.cell, opens=opens),
        "last_edit": editing.last_edit(version, request.user) if editable else None,
        "edits": version.edits.filter(metric=state.asked.metric).select_related("by")[:8]
        if may(request.user, "targets.edit")
        else [],
    }


def _page_context(request: SignedInRequest, version: TargetVersion, state: PageState) -> dict[str, Any]:
    user = request.user
    return {
        "metrics": active_metrics().exclude(kind=Metric.Kind.QUALITATIVE),
        "levels": Level.choices,
        "levels_stale": state.asked.level != Level.TARGET and not is_current(version) and version.is_open,
        "dimensions": DIMENSIONS,
        "column_choices": column_choices(),
        "periods": period_choices(version),
        "keeps": keep_choices(),
        "filter_fields": _filter_fields(version, state, user),
        "strays": strays(version, user) if version.is_open else [],
        "moved_territories": moved_territories(version)
        if "territory" in (state.asked.rows, state.asked.columns)
        else [],
        "may_approve": may(user, "targets.approve"),
        "may_edit": may(user, "targets.edit"),
    }


def _filter_fields(version: TargetVersion, state: PageState, user: User) -> list[dict[str, Any]]:
    """A choice for every dimension that is not on an axis; a customer comes from a link only: there are too many."""
    fields = []
    for dimension in DIMENSIONS:
        if dimension.code in (state.asked.rows, state.asked.columns) and not dimension.tree:
            continue
        chosen = state.query.get(f"f_{dimension.code}", "")
        if dimension.code == "customer":
            options: list[tuple[Any, str]] = (
                [(chosen, cell_words(f"customer-{chosen}", user, version.target_set.year))] if chosen else []
            )
        elif dimension.code == "rep":
            options = [(rep.pk, str(rep)) for rep in visible_reps(user).filter(role=Role.REP)[:300]]
        elif dimension.code == "unit":
            options = [
                (unit.pk, "　" * max(0, unit.path.count("/") - 2) + unit.name)
                for unit in visible_units(user).order_by("path")[:300]
            ]
        elif dimension.model is not None:
            model: Any = dimension.model
            options = [
                (row.pk, "　" * max(0, row.path.count("/") - 2) + row.name)
                for row in model._default_manager.order_by("path")[:500]
            ]
        else:
            options = [(value, str(label)) for value, label in dimension.choices]
        if options:
            fields.append(
                {
                    "name": f"f_{dimension.code}",
                    "label": dimension.label,
                    "options": options,
                    "chosen": chosen,
                }
            )
    return fields


def _panel_context(request: SignedInRequest, version: TargetVersion, state: PageState) -> dict[str, Any]:
    if not state.cell:
        return {"version": version, "panel": None}
    try:
        cell = read_cell(state.cell, state.asked.filters, state.asked.months)
    except ValidationError:
        return {"version": version, "panel": None}
    metric, user, level = state.asked.metric, request.user, state.asked.level
    total = cell_total(version, metric, cell.where, cell.months, user=user, level=level)
    where = {
        code: value for code, value in cell.where.items() if not (code == "unit" and "rep" in cell.where)
    }
    year = version.target_set.year
    known = reached_before(metric.code, year, by=(), where=where) if may_learn(user, metric.code) else {}
    last = known.get((), (0,) * 12)
    year_before = sum(last[month] for month in cell.months)
    panel = {
        "token": state.cell,
        "words": cell_words(state.cell, user, version.target_set.year),
        "total": total,
        "shown": exact(total, metric),
        "last": exact(year_before, metric) if year_before else "",
        "change": f"{(total - year_before) / year_before * 100:+.1f}%" if year_before else "",
        "locked": cell_locked(version, metric, cell.where, cell.months, user=user, level=level),
        "splits": split_choices(SPLITS),
        "split_by": (done := editing.split_by(version, metric, level)),
        "next_split": next((split for split in SPLITS if split not in done), SPLITS[0]),
        "question": outlook_question(version, metric, where, cell.months)
        if level == Level.TARGET and may_learn(user, metric.code)
        else "",
    }
    editable = version.is_open and may(user, "targets.edit")
    return {
        "version": version, "panel": panel, "metric": metric, "editable": editable, "keeps": keep_choices(),
        "query": state.address(), "wan": state.shown_in > 1, "state": state,
    }  # fmt: skip


def outlook_question(
    version: TargetVersion, metric: Metric, where: Mapping[str, Any], months: tuple[int, ...] = ALL_MONTHS
) -> str:
    """How plan against actual is asked whether the figure of a cell is sound; empty for cells of which it knows nothing."""
    period = {12: "year", 3: "quarter", 1: "month"}.get(len(months))
    if period is None or None in where.values():
        return ""
    first = version.target_set.year.months[months[0]].start_on
    asked = {"metric": metric.code, "version": version.pk, "period": period, "on": first.isoformat(), **where}
    return "?" + urlencode(asked)


def _cell(state: PageState, token: str) -> Cell:
    return read_cell(token, state.asked.filters, state.asked.months)


@require_POST
def change(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Type, split, lock, unlock or undo. Plain forms are sent back to the page, htmx gets the table."""
    require(request.user, "targets.edit")
    version = found_version(request, pk)
    state = read_state(version, request.GET, request.user)
    if (
        what == "split"
        and request.POST.get("basis") == "own"
        and not any(n.startswith("w_") for n in request.POST)
    ):
        return _to_own_numbers(request, version, state)
    try:
        said = _DOING[what](request, version, state)
    except ValidationError as problem:
        wrong = " ".join(problem.messages)
        if request.htmx:
            return _rendered(request, _fresh(version), state, wrong=wrong)
        messages.error(request, wrong)
        said = ""
    if request.htmx:
        return _rendered(request, _fresh(version), state, said=said)
    if said:
        messages.success(request, said)
    token = request.POST.get("cell", "")
    return redirect(reverse("targets:grid", args=[version.pk]) + state.address(cell=token or None))


def _to_own_numbers(request: SignedInRequest, version: TargetVersion, state: PageState) -> HttpResponse:
    """The form for them, in place of a split."""
    address = state.address(cell=request.POST.get("cell", ""), split=request.POST.get("split", ""))
    target = reverse("targets:own", args=[version.pk]) + address
    return HttpResponseClientRedirect(target) if request.htmx else redirect(target)


def _fresh(version: TargetVersion) -> TargetVersion:
    return TargetVersion.objects.select_related("target_set").get(pk=version.pk)


def _type(request: SignedInRequest, version: TargetVersion, state: PageState) -> str:
    token, metric = request.POST.get("cell", ""), state.asked.metric
    cell = _cell(state, token)
    seen_text = request.POST.get("seen", "")
    seen = read_figure(seen_text, metric) if seen_text else None
    current = seen or 0
    total = read_figure(request.POST.get("figure", ""), metric, shown_in=state.shown_in, current=current)
    parts = [part.partition("-")[0] for part in token.split(".")]
    row = "rep" if "rep" in parts else parts[0]
    editing.type_figure(
        version,
        metric,
        cell,
        by=request.user,
        total=total,
        keep=request.POST.get("keep", "change"),
        filters=dict(state.asked.filters),
        row=row,
        column=parts[-1] if len(parts) > 1 else "",
        seen=seen,
        revision=whole_number(request.POST.get("revision")),
        level=state.asked.level,
    )
    return _("Saved: %(figure)s.") % {"figure": exact(total, metric)}


def _split(request: SignedInRequest, version: TargetVersion, state: PageState) -> str:
    posted = request.POST
    cell = _cell(state, posted.get("cell", ""))
    done = splitting.split_cell(
        version,
        state.asked.metric,
        cell,
        by=request.user,
        split=posted.get("split", ""),
        basis=posted.get("basis", ""),
        own=_own(posted) if posted.get("basis") == "own" else None,
        negative_as_zero=posted.get("negative") == "zero",
        step=max(1, whole_number(posted.get("step")) or 1) * state.asked.metric.minor
        if posted.get("step") not in ("", "0", None)
        else 1,
        level=state.asked.level,
    )
    words = [
        _("Split.") if done.edit else _("Nothing changed: it was split like this already."),
        *done.notes[:5],
    ]
    return " ".join(words)


def _own(posted: Any) -> dict[Any, float]:
    """``w_<value>`` fields: weights or sums, as people like."""
    own: dict[Any, float] = {}
    for name, text in posted.items():
        if not name.startswith("w_") or not text.strip():
            continue
        try:
            number = float(text.replace(",", ""))
        except ValueError as problem:
            raise ValidationError(_("A weight is a number from 0.")) from problem
        if not 0 <= number < 1e15:
            raise ValidationError(_("A weight is a number from 0."))
        value = name[2:]
        own[int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else value] = number
    return own


def _lock(request: SignedInRequest, version: TargetVersion, state: PageState) -> str:
    locked = request.POST.get("locked") == "yes"
    cell = _cell(state, request.POST.get("cell", ""))
    editing.lock_cell(
        version, state.asked.metric, cell, by=request.user, locked=locked, level=state.asked.level
    )
    return _("Locked.") if locked else _("Unlocked.")


def _undo(request: SignedInRequest, version: TargetVersion, state: PageState) -> str:
    edit = editing.undo_edit(version, by=request.user)
    return _("Taken back: %(what)s.") % {"what": edit.get_act_display()}


_DOING = {"type": _type, "split": _split, "lock": _lock, "undo": _undo}


@require_GET
def own_numbers(request: SignedInRequest, pk: int) -> HttpResponse:
    """A form with one field for each among whom the cell would be split."""
    require(request.user, "targets.edit")
    version = found_version(request, pk)
    state = read_state(version, request.GET, request.user)
    split = request.GET.get("split", "")
    try:
        cell = _cell(state, state.cell)
    except ValidationError as problem:
        raise Http404 from problem
    if split not in SPLITS:
        raise Http404
    metric = state.asked.metric
    total = cell_total(version, metric, cell.where, cell.months, user=request.user, level=state.asked.level)
    context = {
        "version": version, "state": state, "query": state.address(), "split": split, "metric": metric,
        "among": candidates(split, cell.where, request.user, version.target_set.year)[:500],
        "words": cell_words(state.cell, request.user, version.target_set.year), "total": exact(total, metric),
    }  # fmt: skip
    return render(request, "targets/own.html", context)


@require_GET
def export(request: SignedInRequest, pk: int, file_format: str) -> HttpResponseBase:
    """The grid as it is shown, with every digit; as a workbook it can be filled in and given back."""
    require(request.user, "targets.see")
    version = found_version(request, pk)
    state = read_state(version, request.GET, request.user)
    shown = grid(version, state.asked, user=request.user)
    if file_format == "xlsx":
        return grid_response(shown, version, state)
    metric = state.asked.metric
    heads = [
        str(_axis_label(state.asked.rows)),
        *(c.label for c in shown.columns),
        _("Total"),
        _("Last year"),
    ]
    rows = (
        [
            "　" * row.depth + row.label,
            *(
                None if place in row.closed else decimal_of(amount, metric)
                for place, amount in enumerate(row.amounts)
            ),
            None if -1 in row.closed else decimal_of(row.total, metric),
            decimal_of(row.last_total, metric),
        ]
        for row in (*shown.rows, shown.total)
    )
    name = f"targets-{slugify(metric.code)}-v{version.number}"
    return table_response(rows, heads, name=name, file_format=file_format)


def _axis_label(code: str) -> Any:
    return BY_CODE[code].label
