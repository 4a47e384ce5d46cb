"""Audio as received, the state of its processing, and the conversations found in it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.customers.models import Contact, Customer
from shengce.people.models import Role, Unit, User
from shengce.people.scope import visible
from shengce.speech.transcript import Transcript as SpokenTranscript


class RecordingQuerySet(models.QuerySet["Recording"]):
    def visible_to(self, user: User) -> Self:
        """Recordings of one's scope, and whatever one uploaded oneself."""
        everything = (Role.EXECUTIVE, Role.INSPECTOR, Role.ADMINISTRATOR)
        own = visible(user, rep="rep", unit="unit", see_all=everything)
        if user.role in (Role.REP, Role.MANAGER):
            own = own | models.Q(uploaded_by=user)
        return self.filter(own)


class Recording(models.Model):
    """One audio file. The row is the job: ``stage`` is the last step that was committed.

    A worker claims a row that is due by a conditional update that raises ``attempt``: the attempt number is the
    token, so a worker that lost its lease can no longer write. See docs/decisions/0002-the-row-is-the-job.md.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being processed")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Cannot be used")
        FAILED = "failed", _("Failed")

    class Direction(models.TextChoices):
        INCOMING = "in", _("Incoming call")
        OUTGOING = "out", _("Outgoing call")
        ONSITE = "onsite", _("On-site talk")
        UNKNOWN = "", _("Unknown")

    class Origin(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        FOLDER = "folder", _("Watched folder")
        DEMO = "demo", _("Demonstration")

    # content
    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("file name"), max_length=255)
    size = models.BigIntegerField()
    file = models.CharField(max_length=200)  # key in the default storage
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.UPLOAD)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # what file name, sidecar or person say of it
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="recordings"
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL)
    phone = models.CharField(max_length=20, blank=True)
    direction = models.CharField(max_length=8, choices=Direction, blank=True, default=Direction.UNKNOWN)
    started_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)  # sidecar fields kept as they came, warnings
    # what decoding found
    duration_ms = models.PositiveIntegerField(null=True)
    channels = models.PositiveSmallIntegerField(null=True)
    codec = models.CharField(max_length=40, blank=True)
    # the job
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    stage = models.CharField(max_length=24, blank=True, default="")
    progress = models.PositiveSmallIntegerField(default=0)  # per cent of the stage under way
    attempt = models.PositiveIntegerField(default=0)  # token of the worker that holds it
    failures = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    error_code = models.CharField(max_length=40, blank=True)
    error_details = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["status", "due_at"]),
            models.Index(fields=["status", "lease_until"]),
            models.Index(fields=["rep", "-received_at"]),
            models.Index(fields=["unit", "-received_at"]),
            # the other orders of the list
            models.Index(fields=["started_at"]),
            models.Index(fields=["duration_ms"]),
            models.Index(fields=["name"]),
        ]

    def __str__(self) -> str:
        return self.name


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> Self:
        """Talks of one's scope; the customer department hears what known customers said, to serve them."""
        heard = visible(user, rep="rep", unit="unit")
        if user.is_active and user.role == Role.CUSTOMER_DEPARTMENT:
            heard = models.Q(customer__isnull=False)
        return self.filter(heard)


class Conversation(models.Model):
    """One talk with one party: a part of a recording, ``[start_ms, end_ms)``.

    ``rep`` and ``unit`` are as they were at the time of the talk. ``measures`` and ``summary`` are the JSON of the
    language room's values.
    """

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="conversations")
    number = models.PositiveSmallIntegerField(default=0)  # position within the recording
    start_ms = models.PositiveIntegerField(default=0)
    end_ms = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_index=True)
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversations",
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    direction = models.CharField(max_length=8, choices=Recording.Direction, blank=True, default="")
    measures = models.JSONField(default=dict, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    sales_stage = models.CharField(max_length=24, blank=True, default="")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recording", "number"], name="one_conversation_per_number")
        ]
        indexes = [
            models.Index(fields=["rep", "-started_at"]),
            models.Index(fields=["unit", "-started_at"]),
            models.Index(fields=["customer", "-started_at"]),
        ]

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


class Transcript(models.Model):
    """The words of a conversation: one row, compact JSON (see ``speech.transcript``)."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="transcript")
    data = models.JSONField()
    engine = models.CharField(max_length=100)
    edited = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)

    @property
    def spoken(self) -> SpokenTranscript:
        return SpokenTranscript.from_json(self.data)


class SegmentEdit(models.Model):
    """A person's correction of one segment's text or role; kept, so that another recognition can apply it again."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="edits")
    turn = models.PositiveIntegerField()
    start_ms = models.PositiveIntegerField()
    old = models.JSONField()  # {"text": …} or {"role": …, "speaker": …}
    new = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Worker(models.Model):
    """A process that takes recordings, and when it was last seen."""

    name = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    recording = models.ForeignKey(Recording, null=True, on_delete=models.SET_NULL, related_name="+")
    finished = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
