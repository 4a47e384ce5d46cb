"""Daily reports: the rep's draft, and the manager's reading."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shengce.people.asked import page_number
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.sheets import actions
from shengce.sheets.models import DailyReport, DailyReportLine
from shengce.sheets.queries import lines_of

PAGE_SIZE = 30


def _visible(user: User) -> QuerySet[DailyReport]:
    require(user, "reports.see")
    visible = DailyReport.objects.visible_to(user).select_related("rep", "unit", "reviewed_by")
    if not may(user, "reports.write"):
        visible = visible.exclude(state=DailyReport.State.DRAFT)  # a draft belongs to the one who writes it
    return visible


def editable(report: DailyReport, user: User) -> bool:
    """Whether this person may change the report now: its rep, before it is submitted or after a return."""
    return report.rep_id == user.pk and report.state in (DailyReport.State.DRAFT, DailyReport.State.RETURNED)


@require_GET
def reports(request: SignedInRequest) -> HttpResponse:
    """Reports of one's scope, newest first; a manager sees those to read by default."""
    found = _visible(request.user).order_by("-day", "rep__display_name")
    may_review = may(request.user, "reports.review")
    state = request.GET.get("state", "submitted" if may_review else "")
    if state in DailyReport.State.values:
        found = found.filter(state=state)
    number = page_number(request.GET.get("page"))
    first = (number - 1) * PAGE_SIZE
    rows = list(found[first : first + PAGE_SIZE + 1])
    context = {
        "reports": rows[:PAGE_SIZE],
        "has_next": len(rows) > PAGE_SIZE,
        "number": number,
        "state": state,
        "states": [s for s in DailyReport.State.choices if s[0] != "draft" or not may_review],
    }
    return render(request, "sheets/reports.html", context)


@require_GET
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """One report: every line with its proof."""
    return render(request, "sheets/report.html", _context(request, _visible(request.user), pk))


@require_GET
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Only the lines, refreshed: my day asks for it when a proposal was decided."""
    found = get_object_or_404(_visible(request.user), pk=pk)
    if editable(found, request.user):
        actions.draft_daily_report(found.rep, found.day)
    return render(request, "sheets/lines.html", _context(request, _visible(request.user), pk))


def _context(
    request: SignedInRequest, visible: QuerySet[DailyReport], pk: int, error: str = ""
) -> dict[str, object]:
    found = get_object_or_404(visible, pk=pk)
    return {
        "report": found,
        "lines": lines_of(found),
        "sections": DailyReportLine.Section.choices,
        "editable": editable(found, request.user),
        "may_review": may(request.user, "reports.review") and found.state == DailyReport.State.SUBMITTED,
        "error": error,
    }


def _answer(request: SignedInRequest, pk: int, error: str = "") -> HttpResponse:
    """The lines for a swapped page, the whole page otherwise."""
    if request.htmx:
        context = _context(request, _visible(request.user), pk, error)
        return render(request, "sheets/lines.html", context, status=422 if error else 200)
    if error:
        messages.error(request, error)
    return redirect("sheets:report", pk=pk)


@require_POST
def new_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """A line that the rep writes by hand, and that is marked so."""
    found = get_object_or_404(_visible(request.user), pk=pk)
    try:
        actions.add_line(
            found, by=request.user, section=request.POST.get("section", ""), text=request.POST.get("text", "")
        )
    except ValidationError as problem:
        return _answer(request, pk, " ".join(problem.messages))
    return _answer(request, pk)


@require_POST
def change_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the words of a line, or take it out."""
    line = get_object_or_404(DailyReportLine.objects.filter(report__in=_visible(request.user)), pk=pk)
    try:
        if "remove" in request.POST:
            actions.remove_line(line, by=request.user)
        else:
            actions.edit_line(line, by=request.user, text=request.POST.get("text", ""))
    except ValidationError as problem:
        return _answer(request, line.report_id, " ".join(problem.messages))
    return _answer(request, line.report_id)


@require_POST
def decide(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Submit, return with a comment, or mark as read."""
    found = get_object_or_404(_visible(request.user), pk=pk)
    try:
        if what == "submit":
            actions.submit_daily_report(found, by=request.user)
            messages.success(request, _("The report has been submitted."))
        elif what == "return":
            actions.return_daily_report(found, by=request.user, comment=request.POST.get("comment", ""))
            messages.success(request, _("The report went back to the rep."))
        else:
            actions.review_daily_report(found, by=request.user, comment=request.POST.get("comment", ""))
            messages.success(request, _("The report is marked as read."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("sheets:report", pk=pk)
