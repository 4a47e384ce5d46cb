"""Health: are recordings moving, and what stands in their way."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from shengce.facts.queries import extractor_quality
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.recordings.models import Recording, Worker

SILENT_AFTER = timedelta(seconds=60)


@require_GET
def health(request: SignedInRequest) -> HttpResponse:
    """Workers with their heartbeat, the queue, failures with reasons, disk, and the extractors' record."""
    require(request.user, "health.see")
    now = timezone.now()
    counts = dict(Recording.objects.order_by().values_list("status").annotate(n=Count("pk")))
    waiting = Recording.objects.filter(status=Recording.Status.WAITING)
    disk = shutil.disk_usage(Path(settings.DATA_DIR))
    troubled = Recording.objects.filter(status__in=(Recording.Status.FAILED, Recording.Status.REFUSED))
    context = {
        "states": [(label, counts.get(value, 0), value) for value, label in Recording.Status.choices],
        "oldest": waiting.aggregate(at=Min("received_at"))["at"],
        "workers": [
            (worker, now - worker.beat_at < SILENT_AFTER)
            for worker in Worker.objects.select_related("recording").order_by("-beat_at")[:20]
        ],
        "troubled": troubled.select_related("rep").order_by("-finished_at", "-pk")[:15],
        "free_gb": disk.free / 1024**3,
        "used_share": disk.used / disk.total,
        "database": connection.vendor,
        "model": settings.SHENGCE_MODEL,
        "extractors": extractor_quality(),
    }
    template = "web/health.html#live" if request.htmx else "web/health.html"
    return render(request, template, context)
