"""What a rep has to do, when and where: tasks, appointments, places, lines, visits, quotas."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, Unit, User
from shengce.people.scope import subtree_ids, visible


class OwnedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="owner", unit="unit", see_all=("executive",)))


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> Self:
        """As everything of a rep; and the appointment specialist sees those of the part of the firm he stands in."""
        if user.is_active and user.role == Role.APPOINTMENT_SPECIALIST:
            return self.filter(unit__in=subtree_ids(user.unit))
        return self.filter(visible(user, rep="owner", unit="unit", see_all=("executive",)))


class OfRepQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        return self.filter(visible(user, rep="rep", unit="unit", see_all=("executive",)))


class Task(models.Model):
    """Something one person has to do; ``fact`` is the passage it was born from."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "Open")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    title = models.CharField(_("task"), max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tasks")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL)
    fact = models.ForeignKey(Fact, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    due_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "state", "due_at"])]

    def __str__(self) -> str:
        return self.title


class Appointment(models.Model):
    """A meeting with a customer. ``end_at`` may be open.

    Planned, it waits to be confirmed; afterwards it was kept, or the customer was not there. ``moved_to`` is the meeting that
    stands in its place.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CONFIRMED = "confirmed", pgettext_lazy("appointment", "Confirmed")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")
        KEPT = "kept", pgettext_lazy("appointment", "Kept")
        NO_SHOW = "no_show", _("Customer was not there")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL)
    fact = models.ForeignKey(
        Fact, null=True, blank=True, on_delete=models.SET_NULL, related_name="appointments"
    )
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    made_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)  # when it got the state that it has
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    moved_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="moved_from"
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "start_at"]),
            models.Index(fields=["customer", "state"]),
            models.Index(fields=["unit", "start_at"]),
        ]

    @property
    def shown_end(self) -> dt.datetime | None:
        """The end where it says something: a point of time that was heard is one minute long."""
        long = self.end_at is not None and self.end_at - self.start_at >= dt.timedelta(minutes=5)
        return self.end_at if long else None


AHEAD = ("planned", "confirmed")
"""States of an appointment that is to take place."""
COUNTS = (*AHEAD, "kept")
"""States of an appointment that counts as having met the customer once its time has come: not one that was moved or cancelled, nor
where he was not there.
"""


class Place(models.Model):
    """Where a customer is, and when he receives visits. Without coordinates the middle of his city is taken.

    ``weekdays`` are digits from 0 (Monday) on which visits are welcome; empty: any.
    """

    class Source(models.TextChoices):
        TYPED = "typed", _("Entered by hand")
        CHECK_IN = "check_in", _("From a check-in")

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="visit_place")
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.TYPED)
    opens_at = models.TimeField(_("visits from"), null=True, blank=True)
    closes_at = models.TimeField(_("visits until"), null=True, blank=True)
    weekdays = models.CharField(_("on weekdays"), max_length=7, blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="a_place_on_the_globe",
            )
        ]


class VisitRule(models.Model):
    """How often customers of a class are visited, and for how long. ``every_weeks`` 0: not at all."""

    value_class = models.CharField(_("class"), max_length=1, blank=True, unique=True)  # empty: not ranked yet
    every_weeks = models.PositiveSmallIntegerField(_("every so many weeks"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))


class RouteBase(models.Model):
    """Where a rep's day begins and ends, and how long it is."""

    rep = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("starts from"), max_length=100)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    starts_at = models.TimeField(_("first way at"))
    minutes = models.PositiveSmallIntegerField(_("length of the day, minutes"))
    weekdays = models.CharField(_("on weekdays"), max_length=7)


class Route(models.Model):
    """One version of a rep's weekly lines. In force from ``start_on`` until before ``end_on``; a draft has no days yet.

    A version that was in force is never changed afterwards, so that a plan can be held against what was done.
    ``left_out`` is ``[[customer id, reason]]`` of :mod:`shengce.planning.visit_lines`.
    """

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="routes")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    weeks = models.PositiveSmallIntegerField(default=4)
    start_on = models.DateField(null=True)
    end_on = models.DateField(null=True)
    left_out = models.JSONField(default=list)
    base = models.JSONField(default=dict)  # name, latitude, longitude, starts (minute), minutes, weekdays
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = OfRepQuerySet.as_manager()

    class Meta:
        ordering = ["rep", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rep", "number"], name="one_route_per_number"),
            models.UniqueConstraint(
                fields=["rep"], condition=Q(start_on__isnull=True), name="one_route_draft_per_rep"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep} · {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.start_on is None

    def holds_on(self, day: dt.date) -> bool:
        return (
            self.start_on is not None and self.start_on <= day and (self.end_on is None or day < self.end_on)
        )


class RouteStop(models.Model):
    """One visit of a line: in which week of the cycle (from 0), on which weekday (0 is Monday), in which order.

    ``arrives`` is the minute of the day, ``km`` and ``drive`` (minutes) the way there, ``late`` minutes after the customer's
    hours. ``fixed``: a person put it there, and planning anew leaves it there.
    """

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="stops")
    week = models.PositiveSmallIntegerField()
    weekday = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    every_weeks = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    arrives = models.PositiveSmallIntegerField(default=0)
    km = models.FloatField(default=0)
    drive = models.PositiveSmallIntegerField(default=0)
    waits = models.PositiveSmallIntegerField(default=0)
    late = models.PositiveSmallIntegerField(default=0)
    fixed = models.BooleanField(default=False)

    class Meta:
        ordering = ["week", "weekday", "position"]
        indexes = [models.Index(fields=["route", "week", "weekday", "position"])]


class AddedStop(models.Model):
    """A customer whom a rep put on one day of his own, besides the line of that day."""

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = OfRepQuerySet.as_manager()

    arrives = None  # beside the minutes of a line's stop: nobody said when

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rep", "day", "customer"], name="one_added_stop_a_day")
        ]


class Visit(models.Model):
    """Somebody was at a customer: when he came and went, where he stood then, how far that is from the customer.

    Its talks are those with the customer in the same hours (:func:`visits.queries.talks_of`): they are not stored, because
    recordings come in later.
    """

    class Located(models.TextChoices):
        DEVICE = "device", _("Located by the device")
        BY_HAND = "by_hand", _("Chosen by hand")

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="visits")
    came_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField(null=True)
    planned = models.BooleanField(default=False)  # his line led there on that day
    located = models.CharField(max_length=8, choices=Located, default=Located.BY_HAND)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    accuracy_m = models.PositiveIntegerField(null=True)
    distance_m = models.PositiveIntegerField(
        null=True
    )  # from the customer's place; none where one is not known
    far = models.BooleanField(default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = OfRepQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["rep", "-came_at"]),
            models.Index(fields=["unit", "-came_at"]),
            models.Index(fields=["customer", "-came_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["rep"], condition=Q(left_at__isnull=True), name="one_visit_at_a_time"
            )
        ]

    @property
    def duration(self) -> dt.timedelta | None:
        return None if self.left_at is None else self.left_at - self.came_at

    @property
    def of_earlier_day(self) -> bool:
        return timezone.localdate(self.came_at) < timezone.localdate()


class Quota(models.Model):
    """So many a month, for a person, a unit with all below it, or (both empty) everybody who sells.

    ``measure`` is a key of :data:`visits.quotas.MEASURES`. ``most`` empty: no upper end. Of several that fit a person, the
    narrowest holds for each name.
    """

    name = models.CharField(_("name"), max_length=60)
    measure = models.CharField(_("what is counted"), max_length=24)
    least = models.PositiveIntegerField(_("at least"))
    most = models.PositiveIntegerField(_("up to"), null=True, blank=True)
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    start_on = models.DateField(_("from month"))
    end_on = models.DateField(null=True)  # half-open: the first month in which it no longer holds

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["start_on", "end_on"])]
