"""HTTP of imports and exports."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from shengce.exchange import actions, queries, writing
from shengce.exchange.cells import text_of
from shengce.exchange.forms import ColumnsForm, FileForm
from shengce.exchange.kind import Kind
from shengce.exchange.kinds import KINDS, exportable, importable, kind_of
from shengce.exchange.matching import check_matching
from shengce.exchange.models import ImportJob
from shengce.exchange.running import AT_ONCE
from shengce.exchange.understanding import lines_of
from shengce.people.asked import page_number, words
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import FORMATS, table_response
from shengce.recordings import files
from shengce.recordings.refusal import Refused

SAMPLE_ROWS = 4
MOST_LISTED = 5_000
State = ImportJob.State


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """What comes in, what goes out, and one's imports so far."""
    require(request.user, "exchange.use")
    form = FileForm(user=request.user, initial={"kind": request.GET.get("kind", "")})
    return _home(request, form)


def _home(request: SignedInRequest, form: FileForm, *, status: int = 200) -> HttpResponse:
    asked = request.GET
    number = page_number(asked.get("page"))
    rows, has_next = queries.imports(request.user, **_filter(request), page=number)
    context = {
        "form": form,
        "importable": importable(request.user),
        "exportable": exportable(request.user),
        "jobs": [(row, _label(row)) for row in rows],
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "states": State.choices,
    }
    return render(request, "exchange/home.html", context, status=status)


def _filter(request: SignedInRequest) -> dict[str, str]:
    asked = request.GET
    return {
        "kind": words(asked.get("of"), most=30),
        "state": asked.get("state", ""),
        "sort": asked.get("sort", ""),
    }


def _label(job: ImportJob) -> str:
    return next((str(kind.label) for kind in KINDS if kind.key == job.kind), job.kind)


@require_GET
def imports_csv(request: SignedInRequest) -> HttpResponseBase:
    """The list of imports as it is filtered."""
    require(request.user, "exchange.use")
    columns = [
        _("File"),
        _("Kind"),
        _("State"),
        _("Rows"),
        pgettext("import", "New"),
        pgettext("import", "Changed"),
        _("With faults"),
        _("When"),
    ]
    found = queries.every_import(request.user, **_filter(request))
    rows = (
        [
            job.file_name, _label(job), job.get_state_display(), job.rows, job.made, job.changed, job.faulty_rows,
            job.made_at,
        ]
        for job in found[:MOST_LISTED]
    )  # fmt: skip
    return table_response(rows, columns, name=_("Imports"), file_format="csv")


@require_POST
def upload(request: SignedInRequest) -> HttpResponse:
    """Take a file; where its columns are known it is checked at once."""
    require(request.user, "exchange.use")
    refused: list[tuple[str, Refused]] = getattr(request, "upload_refusals", [])
    form = FileForm(request.POST, request.FILES, user=request.user)
    if refused:
        form.errors.pop("file", None)
        form.add_error(None, actions.refused_words(refused[0][1]))
    if not form.is_valid():
        return _home(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        found = actions.receive_file(
            by=request.user, kind=form.cleaned_data["kind"], file=file, name=file.name or "", size=file.size
        )
        if found.state == State.READ and _is_matched(found):
            actions.check_file(found, by=request.user)
    except ValidationError as problem:
        form.add_error(None, problem.messages)
        return _home(request, form, status=422)
    return redirect("exchange:job", pk=found.pk)


def _is_matched(job: ImportJob) -> bool:
    try:
        check_matching(kind_of(job.kind), job.columns, job.matching)
    except ValidationError:
        return False
    return True


@require_GET
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """One import, whatever it is at: columns, preview, progress, result."""
    found, kind = _job(request, pk)
    return _page(request, found, kind)


def _page(
    request: SignedInRequest,
    found: ImportJob,
    kind: Kind,
    *,
    form: ColumnsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    matches = found.state == State.READ or (found.state == State.PREVIEWED and "columns" in request.GET)
    context: dict[str, Any] = {"job": found, "kind": kind, "matches": matches or form is not None}
    if context["matches"]:
        context |= {"form": form or ColumnsForm(job=found, kind=kind), "sample": _sample(found)}
    elif not found.is_at_work:
        context |= _outcome(request, found, kind)
    return render(request, "exchange/job.html", context, status=status)


def _outcome(request: SignedInRequest, found: ImportJob, kind: Kind) -> dict[str, Any]:
    """What the check or the import brought, with one page of faults and one of rows."""
    fault_page, row_page = page_number(request.GET.get("page")), page_number(request.GET.get("rows"))
    faults, more_faults = queries.faults_of_job(found, page=fault_page)
    rows, more_rows = queries.rows_of_job(found, kind, page=row_page)
    return {
        "faults_found": faults, "more_faults": more_faults, "fault_page": fault_page,
        "became": rows, "more_rows": more_rows, "row_page": row_page,
        "shown": _preview(found, kind) if found.state == State.PREVIEWED else None,
        "earlier": actions.imported_before(found) if found.state == State.PREVIEWED else None,
        "good_rows": found.rows - found.faulty_rows,
        "tried": found.rows <= AT_ONCE,
        "formats": FORMATS,
    }  # fmt: skip


def _preview(found: ImportJob, kind: Kind) -> dict[str, Any]:
    """The first rows as understood: headings, and for each row its outcome, what is wrong with it as a whole, and its cells."""
    shown = [field for field in kind.fields if field.key in found.matching]
    return {
        "headings": [(str(field.label), found.matching[field.key]) for field in shown],
        "rows": [
            (
                row,
                row["faults"].get("", ""),
                [(row["cells"].get(field.key, ""), row["faults"].get(field.key, "")) for field in shown],
            )
            for row in found.preview
        ],
    }


def _sample(found: ImportJob) -> list[tuple[int, list[str]]]:
    """The first rows as they stand in the file."""
    with files.on_disk(found.rows_path) as path:
        return [
            (line.row, [text_of(cell)[:80] for cell in line.cells])
            for line in islice(lines_of(path), SAMPLE_ROWS)
        ]


@require_GET
def progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far it is; the page is loaded anew when it has ended."""
    found, _kind = _job(request, pk)
    if not found.is_at_work and request.htmx:
        return HttpResponseClientRefresh()
    return render(request, "exchange/progress.html", {"job": found})


@require_POST
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Read another sheet of the workbook."""
    found, _kind = _job(request, pk)
    name = words(request.POST.get("sheet"), most=100)
    return _act(request, pk, lambda: actions.choose_sheet(found, by=request.user, sheet=name))


@require_POST
def columns(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which column is what; then the file is checked."""
    found, kind = _job(request, pk)
    form = ColumnsForm(request.POST, job=found, kind=kind)
    if form.is_valid():
        try:
            actions.check_file(found, by=request.user, matching=form.matching)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
        else:
            return redirect("exchange:job", pk=pk)
    return _page(request, found, kind, form=form, status=422)


@require_POST
def run(request: SignedInRequest, pk: int) -> HttpResponse:
    """All rows or none; or the good ones."""
    found, _kind = _job(request, pk)
    good_only, again = "good_only" in request.POST, "again" in request.POST
    return _act(
        request, pk, lambda: actions.run_import(found, by=request.user, good_only=good_only, again=again)
    )


@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    found, _kind = _job(request, pk)
    return _act(request, pk, lambda: actions.undo_import(found, by=request.user))


@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Throw a file away that was not imported."""
    found, _kind = _job(request, pk)
    try:
        actions.discard_import(found, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("exchange:job", pk=pk)
    messages.success(request, _("The file was thrown away."))
    return redirect("exchange:home")


def _act(request: SignedInRequest, pk: int, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("exchange:job", pk=pk)


@require_GET
def faults(request: SignedInRequest, pk: int, file_format: str) -> HttpResponseBase:
    """The faulty rows as they came, with a column that says why: mend them and import the file again."""
    found, _kind = _job(request, pk)
    if file_format not in FORMATS:
        raise Http404
    with files.on_disk(found.rows_path) as path:
        rows = list(writing.fault_rows(found, path))
    name = _("Faults of %(file)s") % {"file": found.file_name.rpartition(".")[0] or found.file_name}
    return table_response(rows, writing.fault_columns(found), name=name, file_format=file_format)


@require_GET
def template(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """An empty table with the right headings and one row as an example."""
    require(request.user, "exchange.use")
    chosen = _chosen(kind, importable(request.user))
    name = _("Template %(kind)s") % {"kind": chosen.label}
    rows, headings = writing.template_rows(chosen), writing.exported_columns(chosen)
    return table_response(rows, headings, name=name, file_format="xlsx")


@require_GET
def export(request: SignedInRequest, kind: str, file_format: str) -> HttpResponseBase:
    """Everything of a kind that the person may see."""
    require(request.user, "exchange.use")
    chosen = _chosen(kind, exportable(request.user))
    if file_format not in FORMATS:
        raise Http404
    actions.note_export(by=request.user, kind=chosen.key, file_format=file_format)
    name = f"{chosen.label} {timezone.localdate().isoformat()}"
    rows, headings = writing.exported_rows(chosen, request.user), writing.exported_columns(chosen)
    return table_response(rows, headings, name=name, file_format=file_format)


def _chosen(key: str, allowed: list[Kind]) -> Kind:
    for kind in allowed:
        if kind.key == key:
            return kind
    raise Http404


def _job(request: SignedInRequest, pk: int) -> tuple[ImportJob, Kind]:
    require(request.user, "exchange.use")
    found = get_object_or_404(ImportJob.objects.visible_to(request.user), pk=pk)
    try:
        return found, kind_of(found.kind)
    except KeyError:  # a kind of an older version
        raise Http404 from None
