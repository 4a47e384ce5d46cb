"""Imports: what was given, how its columns were read, what became of every row, and what to take back on undo."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.people.models import User


class ImportJobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """One's own imports; a file may hold what others must not see."""
        return self.filter(by=user.pk)


class ImportJob(models.Model):
    """One file. It is read and checked first (previewed); nothing is stored before a person says so."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("Checked")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Not imported")
        UNDONE = "undone", _("Taken back")

    kind = models.CharField(max_length=30)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)  # of the stored file, below the data folder
    sheet = models.CharField(max_length=100, blank=True)
    columns = models.JSONField(default=list)  # the headers of the file
    matching = models.JSONField(default=dict)  # {field: header}
    good_only = models.BooleanField(default=False)  # leave out faulty rows, instead of all or nothing
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEWED)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # rows that became something
    faults = models.JSONField(default=list)  # [{"row", "column", "text"}], the first thousand
    fault_count = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ImportJobQuerySet.as_manager()


class ImportedRow(models.Model):
    """A row that an import made (``made``) or changed; ``before`` is what it held."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="imported")
    model = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    made = models.BooleanField(default=True)
    before = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["job", "model"])]


class ColumnMatching(models.Model):
    """How this firm's files name their columns: remembered by kind and the set of headers."""

    kind = models.CharField(max_length=30)
    headers = models.CharField(max_length=64)  # sha256 of the sorted headers
    matching = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "headers"], name="one_matching_per_headers")]
