"""Papers: one paper, and what one has to write. Lists and who is on time: ``list_views``; kinds of paper: ``template_views``."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shengce.people.asked import day as asked_day
from shengce.people.asked import words
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.sheets import actions
from shengce.sheets.files import paper_heads, paper_rows
from shengce.sheets.models import DAILY, Line, Paper
from shengce.sheets.picks import PICKS, offered
from shengce.sheets.queries import duties_of, parts_of
from shengce.sheets.wording import title_of

_CELL, _FREE = "cell.", "free."


def visible(user: User) -> QuerySet[Paper]:
    """Papers that one may open: a draft belongs to the one who writes it."""
    require(user, "reports.see")
    visible = Paper.objects.visible_to(user).select_related(
        "owner", "unit", "reviewed_by", "template", "absence__confirmed_by"
    )
    return visible.filter(Q(owner=user) | ~Q(state=Paper.State.DRAFT))


def editable(paper: Paper, user: User) -> bool:
    """Whether this person may change the paper now: its writer, before it is submitted or after a return."""
    return paper.owner_id == user.pk and paper.is_open


@require_GET
def duties(request: SignedInRequest) -> HttpResponse:
    """What I have to write, and by when."""
    require(request.user, "papers.write")
    mine = duties_of(request.user, today=timezone.localdate())
    context = {"duties": mine, "templates": {duty.template.code: duty.template for duty in mine}.values()}
    return render(request, "sheets/duties.html", context)


@require_POST
def open_paper(request: SignedInRequest, code: str = "") -> HttpResponse:
    """Begin the paper of a period, or go on with it."""
    require(request.user, "papers.write")
    day = asked_day(request.POST.get("day")) or timezone.localdate()
    try:
        paper = actions.begin_paper(request.user, code or request.POST.get("code", "")[:40], day)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("sheets:duties")
    return redirect("sheets:report", pk=paper.pk)


@require_GET
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """One paper: every line with its proof. Its writer sees the draft of this moment."""
    found = get_object_or_404(visible(request.user), pk=pk)
    if editable(found, request.user):
        actions.draft_paper(found)
    return render(request, "sheets/report.html", _context(request, pk))


@require_GET
def paper_file(request: SignedInRequest, pk: int, file_format: str) -> HttpResponseBase:
    """The paper as a table to save, section by section, as it stands now."""
    found = get_object_or_404(visible(request.user), pk=pk)
    if editable(found, request.user):
        actions.draft_paper(found)
    name = f"{title_of(found.template)} {found.owner} {found.start_on}"
    return table_response(paper_rows(found), paper_heads(found), name=name, file_format=file_format)


@require_GET
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Only the lines, refreshed: my day asks for it when a proposal was decided."""
    found = get_object_or_404(visible(request.user), pk=pk)
    if editable(found, request.user):
        actions.draft_paper(found)
    return render(request, "sheets/lines.html", _context(request, pk))


def _context(request: SignedInRequest, pk: int) -> dict[str, object]:
    found = get_object_or_404(visible(request.user), pk=pk)
    parts = parts_of(found, request.user)
    is_ones_own = found.owner_id == request.user.pk
    return {
        "paper": found,
        "parts": parts,
        "line_count": sum(len(part.lines) for part in parts),
        "free_sections": [part.section for part in parts if not part.section.is_table],
        "editable": editable(found, request.user),
        "may_review": may(request.user, "reports.review")
        and found.state == Paper.State.SUBMITTED
        and not is_ones_own,
    }


def _answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The lines for a swapped page, the whole page otherwise."""
    if request.htmx:
        return render(request, "sheets/lines.html", _context(request, pk))
    return redirect("sheets:report", pk=pk)


def _refused(
    request: SignedInRequest, pk: int, problem: ValidationError, *, place: str | int, text: str = ""
) -> HttpResponse:
    """The same with the reason, and with what was typed in its place: nothing is lost."""
    context = _context(request, pk)
    parts: Any = context["parts"]
    paper: Any = context["paper"]
    is_daily = paper.code == DAILY  # it has one field for all its sections
    rows = {part.section.key for part in parts if part.section.is_table or not is_daily}
    rows |= {line.pk for part in parts for line in part.lines}
    asked: dict[str, Any] = getattr(problem, "params", None) or {}
    said = {
        "error": " ".join(problem.messages),
        "sent": _cells(request),
        "sent_to": place,
        "sent_text": text,
        "kept_as_typed": _as_typed(request),
        "unknown": asked.get("key") if asked.get("free") else None,
    }
    page = "sheets/lines.html" if request.htmx else "sheets/report.html"
    return render(request, page, context | said | {"said_in_place": place in rows}, status=422)


def _cells(request: SignedInRequest) -> dict[str, object]:
    return {name.removeprefix(_CELL): value for name, value in request.POST.items() if name.startswith(_CELL)}


def _as_typed(request: SignedInRequest) -> list[str]:
    """The columns whose unknown name shall stay as it was typed."""
    return [name.removeprefix(_FREE) for name in request.POST if name.startswith(_FREE)]


@require_GET
def picks(request: SignedInRequest, kind: str) -> HttpResponse:
    """Names that complete what is being typed into a cell, as options of a list: of what the writer may see."""
    require(request.user, "papers.write")
    if kind not in PICKS:
        raise Http404
    asked = next((name for name in request.GET if name == "q" or name.startswith(_CELL)), "q")
    text = words(request.GET.get(asked), most=60)
    return render(request, "sheets/names.html", {"names": offered(kind, request.user, text)})


@require_POST
def new_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """A line or row that the writer writes by hand, and that is marked so."""
    found = get_object_or_404(visible(request.user), pk=pk)
    section, text = request.POST.get("section", ""), request.POST.get("text", "")
    try:
        actions.add_line(
            found,
            by=request.user,
            section=section,
            text=text,
            values=_cells(request),
            as_typed=_as_typed(request),
        )
    except ValidationError as problem:
        return _refused(request, pk, problem, place=section, text=text)
    return _answer(request, pk)


@require_POST
def change_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the words of a line or the cells of a row, or take it out."""
    line = get_object_or_404(Line.objects.filter(paper__in=visible(request.user)), pk=pk)
    try:
        if "remove" in request.POST:
            actions.remove_line(line, by=request.user)
        else:
            actions.edit_line(
                line,
                by=request.user,
                text=request.POST.get("text", ""),
                values=_cells(request),
                as_typed=_as_typed(request),
            )
    except ValidationError as problem:
        return _refused(request, line.paper_id, problem, place=line.pk, text=request.POST.get("text", ""))
    return _answer(request, line.paper_id)


@require_POST
def restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put back what was taken out of the draft."""
    found = get_object_or_404(visible(request.user), pk=pk)
    try:
        actions.restore_lines(found, by=request.user)
    except ValidationError as problem:
        return _refused(request, pk, problem, place="")
    return _answer(request, pk)


@require_POST
def decide(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Submit, return with a comment, or mark as read."""
    found = get_object_or_404(visible(request.user), pk=pk)
    try:
        if what == "submit":
            actions.submit_paper(found, by=request.user)
            messages.success(request, _("The report has been submitted."))
        elif what == "return":
            actions.return_paper(found, by=request.user, comment=request.POST.get("comment", ""))
            messages.success(request, _("The report went back to its writer."))
        else:
            actions.review_paper(found, by=request.user, comment=request.POST.get("comment", ""))
            messages.success(request, _("The report is marked as read."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("sheets:report", pk=pk)
