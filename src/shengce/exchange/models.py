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
    """One file. It is read and checked first (previewed); nothing is stored before a person says so.

    The row is the job, as with recordings: whoever works on it raises ``attempt`` by one, holds it until ``lease_until``, and
    commits ``position`` (rows that are dealt with) together with what the rows became. Small files are worked on in the
    request, large ones by the worker in slices (``work``).
    """

    class State(models.TextChoices):
        READ = "read", _("Columns to be matched")
        CHECKING = "checking", _("Being checked")
        PREVIEWED = "previewed", _("Checked")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Not imported")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    kind = models.CharField(max_length=30)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)  # key of the stored file
    rows_path = models.CharField(max_length=200, blank=True)  # key of its rows as JSON lines
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    header_row = models.PositiveIntegerField(default=1)
    left_out = models.PositiveIntegerField(default=0)  # rows of sums
    columns = models.JSONField(default=list)  # the headers of the file
    matching = models.JSONField(default=dict)  # {field: header}
    good_only = models.BooleanField(default=False)  # leave out faulty rows, instead of all or nothing
    state = models.CharField(max_length=10, choices=State, default=State.READ)
    rows = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)  # rows of the file that are dealt with
    made = models.PositiveIntegerField(default=0)  # things that are new; before the import: that would be
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)  # they stood there already, the same
    faulty_rows = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=list)  # the first rows as understood: see ``running.Shown``
    message = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")  # of the one who imports: faults are words
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["by", "-made_at"]),
            models.Index(fields=["sha256"]),
            models.Index(fields=["state"]),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        """Whether something is being done with it, or waits to be."""
        return self.state in AT_WORK

    @property
    def touched(self) -> int:
        """Things that became new or changed."""
        return self.made + self.changed


AT_WORK = (ImportJob.State.CHECKING, ImportJob.State.RUNNING, ImportJob.State.UNDOING)


class ImportFault(models.Model):
    """What is wrong with a row, in words; ``column`` is the header of the file, empty where the whole row is meant.

    ``field`` is the key of the kind's field. With code ``kept`` it says why a row could not be taken back.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="faults")
    row = models.PositiveIntegerField()  # as numbered in the file
    field = models.CharField(max_length=40, blank=True)
    column = models.CharField(max_length=110, blank=True)
    code = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["job", "row"])]


class ImportedRow(models.Model):
    """Something that an import made (``made``) or changed.

    ``values`` is ``{column: [before, after]}`` of what changed, or of all columns where it is new: what is no longer as the
    import left it is not taken back.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="imported")
    row = models.PositiveIntegerField(default=0)  # the first row of the file that it came from
    model = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    name = models.CharField(max_length=200, blank=True)
    made = models.BooleanField(default=True)
    values = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["job", "model", "row_id"])]


class ColumnMatching(models.Model):
    """How this firm's files name their columns: remembered by kind and the set of headers."""

    kind = models.CharField(max_length=30)
    headers = models.CharField(max_length=64)  # sha256 of the sorted headers
    matching = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "headers"], name="one_matching_per_headers")]
