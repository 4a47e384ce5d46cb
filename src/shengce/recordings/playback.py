"""Sound and its picture over HTTP: ranges, because browsers cannot seek without them and Django has none.

One range a request, at most 4 MiB each: a player that asks for a whole day of sound gets a part and asks again.
Whoever calls has checked that the user may see the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.utils.http import content_disposition_header, parse_etags

from shengce.people.models import AuditEntry, User, record
from shengce.recordings import files
from shengce.recordings.errors import explain
from shengce.recordings.models import Recording
from shengce.recordings.sniffing import CONTENT_TYPES, HEAD_BYTES, container_of

MOST_RANGE_BYTES = 4 * 1024 * 1024
PIECE_BYTES = 64 * 1024
PLAYED_AGAIN_AFTER = timedelta(hours=1)
_RANGE = re.compile(
    r"bytes=\s*(?:(?P<first>\d{1,19})\s*-\s*(?P<last>\d{1,19})?|-\s*(?P<suffix>\d{1,19}))\s*", re.ASCII
)


def audio_response(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    """The sound, whole or the part that was asked for; 404 with words where the bytes are gone."""
    key, kind = files.listen_key(recording), "listen"
    if not files.exists(key):
        key, kind = recording.file, "original"
    try:
        stream = files.open_key(key)
        size = files.size_of(key)
    except OSError:
        return HttpResponse(explain("missing"), status=404, content_type="text/plain; charset=utf-8")
    content_type = CONTENT_TYPES[container_of(stream.read(HEAD_BYTES))]
    etag = f'"{recording.sha256[:32]}-{kind}"'
    response = _answer(request, stream, size, etag, key)
    if response.status_code in (200, 206):
        response["Content-Type"] = content_type
        response["Content-Disposition"] = content_disposition_header(False, recording.name) or "inline"
        if request.method == "GET":
            _note_played(request, recording)
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"  # kept, but asked for each time: rights may have changed
    return response


def peaks_response(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    """The picture of the sound (``speech.peaks``); 404 until it is drawn."""
    etag = f'"{recording.sha256[:32]}-peaks"'
    try:
        stream = files.open_key(files.peaks_key(recording))
    except OSError:
        return HttpResponse(status=404)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        stream.close()
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = FileResponse(stream, content_type="application/octet-stream")
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _answer(request: HttpRequest, stream: IO[bytes], size: int, etag: str, key: str) -> HttpResponseBase:
    if settings.SHENGCE_X_ACCEL_PREFIX:
        stream.close()
        return HttpResponse(headers={"X-Accel-Redirect": settings.SHENGCE_X_ACCEL_PREFIX + quote(key)})
    part = _asked_part(request, size, etag)
    if part is None:
        stream.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, end, partial = part
    if not partial and etag in parse_etags(request.headers.get("If-None-Match", "")):
        stream.close()
        return HttpResponseNotModified()
    response = _part_response(request, stream, first, end)
    if partial:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    response["Content-Length"] = str(end - first)
    return response


def _asked_part(request: HttpRequest, size: int, etag: str) -> tuple[int, int, bool] | None:
    """First byte, byte after the last, and whether it is a part; ``None`` where there are no such bytes.

    What is not one well-formed range is no range (RFC 9110, 14.2), nor is one for another state of the file.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", etag).strip() != etag:
        return 0, size, False
    if match["suffix"] is not None:
        first, end = max(0, size - int(match["suffix"])), size
    else:
        first = int(match["first"])
        end = min(size, int(match["last"]) + 1) if match["last"] else size
        if match["last"] and int(match["last"]) < first:
            return 0, size, False
    if first >= size or first >= end:
        return None
    return first, min(end, first + MOST_RANGE_BYTES), True


def _part_response(request: HttpRequest, stream: IO[bytes], first: int, end: int) -> HttpResponseBase:
    if request.method == "HEAD":
        stream.close()
        return HttpResponse()
    return StreamingHttpResponse(_pieces(stream, first, end))


def _pieces(stream: IO[bytes], first: int, end: int) -> Iterator[bytes]:
    with stream:
        stream.seek(first)
        while first < end and (piece := stream.read(min(PIECE_BYTES, end - first))):
            first += len(piece)
            yield piece


def _note_played(request: HttpRequest, recording: Recording) -> None:
    """Who heard what: one audit row a person, recording and hour, at the beginning of the file only."""
    asked = request.headers.get("Range", "").strip()
    if not isinstance(request.user, User) or (asked and not re.match(r"bytes=\s*0*0\s*-", asked)):
        return
    recent = AuditEntry.objects.filter(
        action="recording.played",
        subject_type=recording._meta.label_lower,
        subject_id=recording.pk,
        by=request.user,
        at__gt=timezone.now() - PLAYED_AGAIN_AFTER,
    )
    if recent.exists():
        return
    with transaction.atomic():
        # Players open several connections at once: the lock makes the second one see the first one's row.
        Recording.objects.select_for_update().get(pk=recording.pk)
        if not recent.exists():
            record("recording.played", recording, by=request.user)
