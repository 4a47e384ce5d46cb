"""Who works here, where in the organisation, and who did what."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Unit(models.Model):
    """A node of the organisation tree. ``path`` holds the ids from the root: ``/1/4/``."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        REGION = "region", _("Region")
        OFFICE = "office", _("Office")
        TEAM = "team", _("Team")
        DEPARTMENT = "department", _("Department")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.TEAM)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=255, default="/", db_index=True, editable=False)

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name


class Territory(models.Model):
    """A piece of the market. ``path`` holds the ids from the root; ``places`` are the provinces, cities and markets that
    people name when they mean it.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=255, default="/", db_index=True, editable=False)
    places = models.JSONField(_("places"), default=list, blank=True)

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    EXECUTIVE = "executive", _("Executive")
    MANAGER = "manager", _("Sales manager")
    REP = "rep", _("Sales representative")
    INSPECTOR = "inspector", _("Inspector")
    MARKETING = "marketing", _("Marketing")
    CUSTOMER_DEPARTMENT = "customer_department", _("Customer department")
    APPOINTMENT_SPECIALIST = "appointment_specialist", _("Appointment specialist")
    TRAINER = "trainer", _("Trainer")
    ADMINISTRATOR = "administrator", _("Administrator")


class User(AbstractUser):
    """A person who signs in. ``display_name`` is what others read; ``phone`` links recordings to a rep."""

    display_name = models.CharField(_("name"), max_length=50)
    role = models.CharField(_("role"), max_length=24, choices=Role, default=Role.REP)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.display_name or self.username


class Posting(models.Model):
    """Who stood where and when: people move, and old numbers stay where they were made."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="postings")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, choices=Role)
    start_on = models.DateField()
    end_on = models.DateField(null=True)  # half-open: the first day elsewhere

    class Meta:
        ordering = ["start_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(end_on__isnull=True), name="one_current_posting"
            )
        ]


class Absence(models.Model):
    """Whole days from ``start_on`` to before ``end_on`` on which a person does not work.

    ``recorded_by`` said so; it counts from when a leader ``confirmed`` it, or recorded it himself. One that was withdrawn stays
    as a row and counts no longer.
    """

    class Kind(models.TextChoices):
        LEAVE = "leave", _("Leave")
        ILLNESS = "illness", _("Illness")
        TRAINING = "training", _("Training")
        OTHER = "other", pgettext_lazy("absence", "Other")

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="absences")
    start_on = models.DateField(_("from"))
    end_on = models.DateField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.LEAVE)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "start_on"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_on__gt=models.F("start_on")), name="absence_is_a_day"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def last_on(self) -> date:
        """The last day away."""
        last: date = self.end_on - timedelta(days=1)
        return last

    @property
    def state(self) -> str:
        """``waiting`` for a leader, ``confirmed``, or ``withdrawn``."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "confirmed" if self.confirmed_at is not None else "waiting"


class ApiToken(models.Model):
    """A key by which a program asks in a person's name. The key itself is shown once; ``digest`` is its SHA-256.

    It works until before ``expires_on`` (for ever where empty) and until it is revoked. ``scopes`` is a list of
    :data:`people.tokens.SCOPES`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("what it is for"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """A day on which the firm works, or does not, whatever the official calendar says."""

    day = models.DateField(_("day"), unique=True)
    works = models.BooleanField(_("working day"), default=False)
    name = models.CharField(_("occasion"), max_length=60, blank=True)

    class Meta:
        ordering = ["day"]


class AuditEntry(models.Model):
    """One visible act by one person (or by the program, ``by`` empty). Rows are never changed."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60, db_index=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"])]

    @property
    def happened_at(self) -> datetime:
        """When it happened: the moment that was told (``people.moments.told``), else that of the entry."""
        told = self.details.get("told_at") if isinstance(self.details, dict) else None
        try:
            return datetime.fromisoformat(told) if isinstance(told, str) else self.at
        except ValueError:
            return self.at


def record(action: str, subject: models.Model, *, by: User | None, **details: Any) -> AuditEntry:
    """Write the audit row of an action; call it inside the action's transaction."""
    return AuditEntry.objects.create(
        by=by,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        details=details,
    )
