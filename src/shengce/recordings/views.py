"""HTTP of recordings: list with live progress, upload, one recording, sound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from shengce.people.asked import page_number, whole_number
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.recordings import actions, playback, queries
from shengce.recordings.batches import Answer, receive_batch
from shengce.recordings.errors import warnings_of
from shengce.recordings.forms import FilterForm, LinkForm, RepForm
from shengce.recordings.models import Recording
from shengce.recordings.refusal import Refused

STATUS_OF_REFUSAL = {"disk_full": 507, "storage_failed": 507, "too_large": 413}
"""HTTP status of an answer in which everything was refused for this reason; 422 for all others."""

WORDS = {
    "received": lambda: _("Received; it is being processed."),
    "duplicate": lambda: _("Was already here; nothing was added twice."),
    "list": lambda: _("List read; its rows are used for the files that came with it."),
}


def _require_list(user: User) -> None:
    if not may(user, "recordings.upload"):
        require(user, "recordings.see_all")


@require_GET
def recordings(request: SignedInRequest) -> HttpResponse:
    """The recordings of one's scope, newest first; rows under way refresh themselves."""
    _require_list(request.user)
    form = FilterForm(request.GET, user=request.user)
    page = queries.recording_page(request.user, form.asked, page=page_number(request.GET.get("page")))
    context = {
        "page": page,
        "form": form,
        "asked": form.asked,
        "filtered": any(request.GET.get(name) for name in ("q", "status", "rep", "from", "to")),
        "statuses": Recording.Status.choices,
        "reps": form.fields["rep"].queryset,  # type: ignore[attr-defined]
        **_allowed(request.user),
    }
    return render(request, "recordings/recordings.html", context)


@require_GET
def progress(request: SignedInRequest) -> HttpResponse:
    """The rows ``?id=…`` as they are now, and the poller for those that are still under way."""
    _require_list(request.user)
    asked = (whole_number(text) for text in request.GET.getlist("id")[: queries.PAGE_SIZE])
    ids = [number for number in asked if number is not None]
    rows = queries.rows_of(request.user, ids)
    under_way = [row.pk for row in rows if row.status in queries.UNDER_WAY]
    context = {"rows": rows, "under_way": under_way, **_allowed(request.user)}
    return render(request, "recordings/progress.html", context)


def _allowed(user: User) -> dict[str, object]:
    return {
        "may_retry": may(user, "recordings.retry"),
        "may_upload": may(user, "recordings.upload"),
        "may_hear": may(user, "conversations.see"),
    }


@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    """Take files: JSON for the upload element, a page with one line a file for a plain form."""
    require(request.user, "recordings.upload")
    if request.method == "GET":
        return render(request, "recordings/upload.html", {"form": RepForm(user=request.user)})
    form = RepForm(request.POST, user=request.user)
    rep = form.cleaned_data["rep"] if form.is_valid() else None
    answers = _refusals(request) + receive_batch(
        list(_uploads(request, "files", paths=request.POST.getlist("path"))),
        by=request.user,
        rep=rep,
        sidecars=_uploads(request, "sidecars"),
    )
    if not answers:
        answers = [Answer.refusal("", Refused("no_file"))]
    shown = [_as_json(answer, request.user) for answer in answers]
    status = _status(answers)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"files": shown}, status=status)
    context = {"form": form, "answers": shown, "refused": sum(a.refused for a in answers)}
    return render(request, "recordings/upload.html", context, status=status)


def _uploads(request: SignedInRequest, field: str, *, paths: Iterable[str] = ()) -> Iterable[tuple[str, Any]]:
    """Pairs of path and file. A browser sends the path of a folder's file beside it, because names lose it."""
    found = request.FILES.getlist(field)
    given = list(paths)
    if len(given) != len(found):
        given = [""] * len(found)
    return [(path[:1000] or file.name or "", file) for path, file in zip(given, found, strict=True)]


def _refusals(request: SignedInRequest) -> list[Answer]:
    refused: list[tuple[str, Refused]] = getattr(request, "upload_refusals", [])
    return [Answer.refusal(name, reason) for name, reason in refused]


def _status(answers: list[Answer]) -> int:
    if not all(answer.refused for answer in answers):
        return 200
    return next((STATUS_OF_REFUSAL[a.code] for a in answers if a.code in STATUS_OF_REFUSAL), 422)


def _as_json(answer: Answer, user: User) -> dict[str, Any]:
    url = ""
    if answer.recording is not None and _in_scope(answer.recording, user):
        url = reverse("recordings:recording", args=[answer.recording.pk])
    words = WORDS.get(answer.state)
    return {
        "name": answer.name,
        "state": answer.state,
        "code": answer.code,
        "message": words() if words else answer.message,
        "url": url,
    }


def _in_scope(recording: Recording, user: User) -> bool:
    return Recording.objects.visible_to(user).filter(pk=recording.pk).exists()


def _recording_or_404(request: SignedInRequest, pk: int) -> Recording:
    return get_object_or_404(queries.recording_in_scope(request.user), pk=pk)


@require_GET
def recording(request: SignedInRequest, pk: int) -> HttpResponse:
    """One recording: what is known of it, why it could not be used, and what can be done."""
    _require_list(request.user)
    found = _recording_or_404(request, pk)
    return render(request, "recordings/recording.html", _context(request, found))


def _context(request: SignedInRequest, found: Recording, form: LinkForm | None = None) -> dict[str, object]:
    return {
        "recording": found,
        "warnings": warnings_of(found),
        "talks": list(found.conversations.all()),
        "raw": found.details.get("raw") or {},
        "recognised": actions.RECOGNISED,
        "link_form": form or LinkForm(user=request.user, recording=found),
        **_allowed(request.user),
    }


@require_POST
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Run a recording again; answers with its row for the list, or goes back to its page."""
    require(request.user, "recordings.retry")
    found = _recording_or_404(request, pk)
    try:
        actions.retry_recording(found, by=request.user, from_stage=request.POST.get("from_stage", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(name)s is processed again.") % {"name": found.name})
    return redirect("recordings:recording", pk=pk)


@require_POST
def retry_failed(request: SignedInRequest) -> HttpResponse:
    """Run everything of one's scope that failed once more."""
    require(request.user, "recordings.retry")
    failed = Recording.objects.visible_to(request.user).filter(status=Recording.Status.FAILED)[:1000]
    for found in failed:
        actions.retry_recording(found, by=request.user, from_stage="")
    count = len(failed)
    words = ngettext(
        "%(count)d recording is processed again.", "%(count)d recordings are processed again.", count
    )
    messages.success(request, words % {"count": count})
    return redirect("recordings:list")


@require_POST
def link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say whose recording it is, with whom, when."""
    require(request.user, "recordings.upload")
    found = _recording_or_404(request, pk)
    form = LinkForm(request.POST, user=request.user, recording=found)
    if form.is_valid():
        try:
            actions.link_recording(found, by=request.user, **form.cleaned_data)
        except (ValidationError, PermissionDenied) as error:
            form.add_error(None, str(error) if isinstance(error, PermissionDenied) else error)
        else:
            messages.success(request, _("Saved."))
            return redirect("recordings:recording", pk=pk)
    return render(request, "recordings/recording.html", _context(request, found, form), status=422)


@require_safe
def audio(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The sound of a recording, for whoever may hear talks and sees this one."""
    require(request.user, "conversations.see")
    return playback.audio_response(request, _plain_or_404(request, pk))


@require_safe
def peaks(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The picture of the sound."""
    require(request.user, "conversations.see")
    return playback.peaks_response(request, _plain_or_404(request, pk))


def _plain_or_404(request: SignedInRequest, pk: int) -> Recording:
    return get_object_or_404(Recording.objects.visible_to(request.user), pk=pk)
