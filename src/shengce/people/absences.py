"""Days on which a person does not work: said by himself, confirmed by who leads him. No more: balances of leave are kept elsewhere."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import Absence, Role, User, record
from shengce.people.permissions import may, require
from shengce.people.queries import visible_users
from shengce.people.scope import subtree_ids
from shengce.people.typed_text import typed_text

MOST_DAYS = 366
BACK, AHEAD = dt.timedelta(days=366), dt.timedelta(days=731)
_DAY = dt.timedelta(days=1)


@transaction.atomic
def record_absence(
    *, by: User, person: User, start_on: dt.date, last_on: dt.date, kind: str, note: str = ""
) -> Absence:
    """Days off, ``last_on`` included. One's own from today on: they count when a leader confirms them. A leader's word counts.

    Raises ``ValidationError`` for days that make no sense or overlap with others of this person.
    """
    require(by, "absences.see")
    leads = may_lead(by, person)
    if not leads and by.pk != person.pk:
        raise PermissionDenied(_("This person is outside your team."))
    if kind not in Absence.Kind.values:
        raise ValidationError(_("Choose a kind."), code="kind")
    _require_days(start_on, last_on, own=not leads)
    words = typed_text(note, most=200, required=False)
    User.objects.select_for_update().get(pk=person.pk)  # one after the other, so that two never overlap
    end_on = last_on + _DAY
    if standing(Absence.objects.filter(person=person, start_on__lt=end_on, end_on__gt=start_on)).exists():
        raise ValidationError(_("Some of these days are recorded already."), code="overlap")
    now = timezone.now()
    row = Absence.objects.create(
        person=person,
        start_on=start_on,
        end_on=end_on,
        kind=kind,
        note=words,
        recorded_by=by,
        recorded_at=now,
        confirmed_by=by if leads else None,
        confirmed_at=now if leads else None,
    )
    days = {"from": start_on.isoformat(), "to": last_on.isoformat()}
    record("absence.recorded", row, by=by, person=person.pk, kind=kind, **days)
    return row


def _require_days(start_on: dt.date, last_on: dt.date, *, own: bool) -> None:
    today = timezone.localdate()
    if last_on < start_on:
        raise ValidationError(_("The last day is before the first."), code="order")
    if (last_on - start_on).days >= MOST_DAYS:
        raise ValidationError(_("At most %(most)d days at once.") % {"most": MOST_DAYS}, code="long")
    if own and start_on < today:
        raise ValidationError(_("Days that are over are recorded by your manager."), code="past")
    if not today - BACK <= start_on <= today + AHEAD:
        raise ValidationError(_("These days are too far away."), code="far")


@transaction.atomic
def confirm_absence(absence: Absence, *, by: User) -> Absence:
    """A leader agrees; from now on it counts. Again: nothing."""
    row = _locked(absence)
    if not may_lead(by, row.person):
        raise PermissionDenied(_("This person is outside your team."))
    if row.state == "withdrawn":
        raise ValidationError(_("It was withdrawn."), code="state")
    if row.state == "waiting":
        row.confirmed_by, row.confirmed_at = by, timezone.now()
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        record("absence.confirmed", row, by=by, person=row.person_id)
    return row


@transaction.atomic
def withdraw_absence(absence: Absence, *, by: User) -> Absence:
    """It does not take place, or is refused. One's own as long as it waits or has not begun; a leader always. Again: nothing."""
    row = _locked(absence)
    if not may_lead(by, row.person):
        if row.person_id != by.pk:
            raise PermissionDenied(_("This person is outside your team."))
        if row.state == "confirmed" and row.start_on <= timezone.localdate():
            raise ValidationError(_("It has begun: ask your manager to change it."), code="begun")
    if row.state != "withdrawn":
        row.withdrawn_by, row.withdrawn_at = by, timezone.now()
        row.save(update_fields=["withdrawn_by", "withdrawn_at"])
        record("absence.withdrawn", row, by=by, person=row.person_id)
    return row


def _locked(absence: Absence) -> Absence:
    rows = Absence.objects.select_for_update(of=("self",)).select_related("person", "confirmed_by")
    return rows.get(pk=absence.pk)


def may_lead(user: User, person: User) -> bool:
    """Whether ``user`` decides about this person's days: a manager above him, the executive; nobody about himself."""
    if user.pk == person.pk or not may(user, "absences.confirm"):
        return False
    return user.role == Role.EXECUTIVE or person.unit_id in subtree_ids(user.unit)


# --- reading


def standing(rows: QuerySet[Absence]) -> QuerySet[Absence]:
    """Without those that were withdrawn."""
    return rows.filter(withdrawn_at__isnull=True)


def counted(people: Iterable[int], *, start_on: dt.date, end_on: dt.date) -> dict[int, list[Absence]]:
    """The confirmed absences by person that touch the half-open days, in order. One query."""
    rows = standing(Absence.objects.filter(person__in=list(people), confirmed_at__isnull=False))
    found: dict[int, list[Absence]] = defaultdict(list)
    for row in rows.filter(start_on__lt=end_on, end_on__gt=start_on).order_by("start_on"):
        found[row.person_id].append(row)
    return found


def away_on(day: dt.date) -> QuerySet[Absence]:
    """The confirmed absences on a day."""
    rows = standing(Absence.objects.filter(confirmed_at__isnull=False))
    return rows.filter(start_on__lte=day, end_on__gt=day)


def visible_absences(user: User) -> QuerySet[Absence]:
    """One's own, and for a leader those of his people; the newest days first."""
    rows = Absence.objects.select_related("person__unit", "recorded_by", "confirmed_by", "withdrawn_by")
    mine = Q(person=user.pk)
    if may(user, "absences.confirm"):
        mine |= Q(person__in=visible_users(user).values("pk"))
    return rows.filter(mine).order_by("-start_on", "-pk")
