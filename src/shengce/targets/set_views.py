"""HTTP of sets and versions, hand-overs, targets in words and metrics."""

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

from shengce.people.asked import day, whole_number
from shengce.people.models import Role, User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps, visible_users
from shengce.people.requests import SignedInRequest
from shengce.targets import levels, metrics, versions
from shengce.targets.cells import ALL_MONTHS, time_months
from shengce.targets.dimensions import BY_CODE, DIMENSIONS
from shengce.targets.figures import exact
from shengce.targets.forms import (
    AdjustForm,
    HandOverForm,
    JudgeForm,
    MetricForm,
    RatioForm,
    SetForm,
    WordsForm,
)
from shengce.targets.handing_over import hand_over as hand_over_figures
from shengce.targets.models import Metric, QualitativeTarget, TargetRow, TargetSet, TargetVersion
from shengce.targets.negotiation_views import mine
from shengce.targets.page_state import PERIODS, period_choices
from shengce.targets.qualitative import add_qualitative, judge_qualitative
from shengce.targets.queries import approved_version
from shengce.targets.views import found_version


@require_http_methods(["GET", "POST"])
def sets(request: SignedInRequest) -> HttpResponse:
    """All sets with their versions; the executive begins a new one. A rep finds his own targets."""
    require(request.user, "targets.see")
    if request.method == "POST":
        require(request.user, "targets.approve")
    if request.user.role == Role.REP:
        return mine(request)
    form = SetForm(request.POST if request.method == "POST" else None, initial=_next_set())
    if request.method == "POST" and form.is_valid():
        try:
            version = versions.create_target_set(by=request.user, **form.cleaned_data)
            return redirect("targets:grid", pk=version.pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    shown = [
        {"set": each, "versions": versions.versions_of(each), "ends": each.year.months[-1].start_on}
        for each in TargetSet.objects.all()[:20]
    ]
    context = {
        "sets": shown,
        "form": form,
        "holds": approved_version(timezone.localdate()),
        "may_approve": may(request.user, "targets.approve"),
    }
    return render(request, "targets/sets.html", context, status=422 if form.errors else 200)


def _next_set() -> dict[str, Any]:
    """The year after the last that has a set; the first is the calendar year."""
    last = TargetSet.objects.order_by("-start_on").values_list("start_on", flat=True).first()
    first = timezone.localdate().replace(month=1, day=1)
    start = first if last is None else last.replace(year=last.year + 1)
    return {"name": _("Targets %(year)d") % {"year": start.year}, "start_on": start}


@require_GET
def version_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where a version stands: levels, state, what comes next, and how it differs from another."""
    require(request.user, "targets.see")
    version = found_version(request, pk)
    return _version_page(request, version)


def _percent(ratio: Any) -> str:
    """``110``, ``112.5``: no empty decimals."""
    return f"{ratio * 100:.2f}".rstrip("0").rstrip(".")


def _version_page(
    request: SignedInRequest, version: TargetVersion, *, failed: dict[str, forms.Form] | None = None
) -> HttpResponse:
    ratios = {"sprint": _percent(version.sprint_ratio), "challenge": _percent(version.challenge_ratio)}
    context = {
        "version": version,
        "versions": versions.versions_of(version.target_set),
        "levels_current": levels.is_current(version),
        "ratio_form": RatioForm(initial=ratios),
        "adjust_form": AdjustForm(),
        "may_approve": may(request.user, "targets.approve"),
        "comparison": _comparison(request, version),
        **(failed or {}),
    }
    return render(request, "targets/version.html", context, status=422 if failed else 200)


def _comparison(request: SignedInRequest, version: TargetVersion) -> dict[str, Any] | None:
    """With the version that is asked for, else the one that this one is based on."""
    asked = request.GET
    others = [each for each in versions.versions_of(version.target_set) if each.pk != version.pk]
    if request.user.role == Role.REP:
        others = [each for each in others if each.state != TargetVersion.State.DRAFT]
    wanted = whole_number(asked.get("with")) or version.based_on_id
    other = next((each for each in others if each.pk == wanted), others[0] if others else None)
    if other is None:
        return None
    known = list(metrics.active_metrics().exclude(kind=Metric.Kind.QUALITATIVE))
    metric = next((each for each in known if each.code == asked.get("metric")), known[0])
    by = asked.get("by", "") if asked.get("by") in BY_CODE else "rep"
    period = asked.get("period", "") if asked.get("period") in PERIODS else ""
    months = time_months(*period.split("-")) if period else ALL_MONTHS
    rows = versions.compare(other, version, metric.code, by=by, user=request.user, months=months)
    names = _names(by, [row.key for row in rows[:200]])
    lines = [
        {
            "label": names.get(row.key) or _("not split"),
            "old": exact(row.old, metric),
            "new": exact(row.new, metric),
            "change": exact(row.change, metric),
            "tone": "up" if row.change > 0 else "down" if row.change < 0 else "",
            "share": f"{row.share * 100:+.1f}%" if row.share is not None else "",
        }
        for row in rows[:200]
    ]
    return {
        "other": other, "others": others, "metrics": known, "metric": metric, "by": by, "dimensions": DIMENSIONS,
        "periods": period_choices(version), "period": period, "lines": lines,
        "old": exact(sum(row.old for row in rows), metric), "new": exact(sum(row.new for row in rows), metric),
        "change": exact(sum(row.change for row in rows), metric),
    }  # fmt: skip


def _names(code: str, keys: list[Any]) -> dict[Any, str]:
    dimension = BY_CODE[code]
    if dimension.model is None:
        return {value: str(label) for value, label in dimension.choices}
    model: Any = dimension.model
    return {
        thing.pk: str(thing) for thing in model._default_manager.filter(pk__in=[key for key in keys if key])
    }


@require_POST
def act(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Put to negotiation, approve, adjust, set ratios, work levels out."""
    require(request.user, "targets.approve")
    version = found_version(request, pk)
    form: forms.Form | None = None
    if what == "ratios":
        form = RatioForm(request.POST)
    elif what == "adjust":
        form = AdjustForm(request.POST)
    try:
        if form is not None and not form.is_valid():
            return _version_page(
                request, version, failed={"ratio_form" if what == "ratios" else "adjust_form": form}
            )
        version = _acted(request.user, version, what, form.cleaned_data if form else {})
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("targets:version", pk=pk)
    messages.success(request, _done_words(what, version))
    pages = {"adjust": "targets:grid", "negotiate": "targets:negotiations"}
    return redirect(pages.get(what, "targets:version"), pk=version.pk)


def _done_words(what: str, version: TargetVersion) -> str:
    """What follows from it."""
    if what == "negotiate":
        return _("The reps see their figures now: they sign, or propose others.")
    if what == "approve" and version.effective_on:
        return _("Approved. These targets hold from %(day)s.") % {"day": version.effective_on}
    return _("Saved.")


def _acted(user: User, version: TargetVersion, what: str, data: dict[str, Any]) -> TargetVersion:
    if what == "negotiate":
        return versions.open_for_negotiation(version, by=user)
    if what == "approve":
        return versions.approve_version(version, by=user)
    if what == "adjust":
        return versions.start_adjustment(version, by=user, note=data["note"])
    if what == "ratios":
        levels.set_ratios(version, by=user, sprint=data["sprint"] / 100, challenge=data["challenge"] / 100)
    return levels.lay_levels(version, by=user)


@require_http_methods(["GET", "POST"])
def hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody leaves or moves: from a day on his figures are another's, or lie in his new unit."""
    require(request.user, "targets.edit")
    version = found_version(request, pk)
    with_figures = TargetRow.objects.filter(version=version, rep__isnull=False).visible_to(request.user)
    givers = User.objects.filter(pk__in=with_figures.values("rep")).order_by("display_name")
    initial = {"rep": whole_number(request.GET.get("rep")), "on": day(request.GET.get("on"))}
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        givers=givers,
        takers=visible_reps(request.user),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            hand_over_figures(version, by=request.user, **form.cleaned_data)
            messages.success(request, _("Handed over. Sums have not changed."))
            return redirect("targets:grid", pk=version.pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"version": version, "form": form}
    return render(request, "targets/hand_over.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def words(request: SignedInRequest, pk: int) -> HttpResponse:
    """Targets in words: own ones for a rep, those of the subtree for a manager."""
    require(request.user, "targets.see")
    version = found_version(request, pk)
    reps = visible_users(request.user).filter(role=Role.REP, is_active=True).order_by("display_name")
    form = WordsForm(request.POST if request.method == "POST" else None, reps=reps)
    if request.method == "POST":
        require(request.user, "targets.edit")
        if form.is_valid():
            try:
                add_qualitative(version, by=request.user, **form.cleaned_data)
                return redirect("targets:words", pk=version.pk)
            except ValidationError as problem:
                form.add_error(None, problem)
    rows = version.qualitative.visible_to(request.user).select_related("rep", "metric", "judged_by")
    context = {
        "version": version,
        "rows": rows[:500],
        "form": form,
        "judged": QualitativeTarget.Judged.choices,
        "may_edit": may(request.user, "targets.edit"),
        "has_metric": Metric.objects.filter(kind=Metric.Kind.QUALITATIVE, active=True).exists(),
        "may_approve": may(request.user, "targets.approve"),
    }
    return render(request, "targets/words.html", context, status=422 if form.errors else 200)


@require_POST
def judge(request: SignedInRequest, pk: int) -> HttpResponse:
    """How a target in words came out."""
    require(request.user, "targets.edit")
    row = get_object_or_404(QualitativeTarget.objects.visible_to(request.user), pk=pk)
    form = JudgeForm(request.POST)
    try:
        if form.is_valid():
            judge_qualitative(row, by=request.user, **form.cleaned_data)
        else:
            messages.error(request, _("Choose how it came out."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("targets:words", pk=row.version_id)


@require_http_methods(["GET", "POST"])
def metric_page(request: SignedInRequest) -> HttpResponse:
    """What is counted: the built-in metrics and the firm's own."""
    require(request.user, "targets.approve")
    form = MetricForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            metrics.save_metric(by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("targets:metrics")
        except ValidationError as problem:
            form.add_error(None, problem)
    metrics.active_metrics()
    context = {"metrics": Metric.objects.all(), "form": form}
    return render(request, "targets/metrics.html", context, status=422 if form.errors else 200)
