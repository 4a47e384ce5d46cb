"""What becomes of an appointment: confirmed, moved, cancelled, kept, or the customer was not there.

The appointment specialist does this for the reps of his part of the firm; reps and managers for their own.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for, subtree_ids
from shengce.people.typed_text import typed_text
from shengce.visits.models import AHEAD, Appointment

State = Appointment.State


@transaction.atomic
def arrange_appointment(
    *,
    by: User,
    owner: User,
    customer: Customer,
    start_at: dt.datetime,
    end_at: dt.datetime | None = None,
    place: str = "",
    confirmed: bool = False,
) -> Appointment:
    """A new appointment of ``owner`` at one of his customers, as the specialist makes them on the phone."""
    require(by, "appointments.edit")
    if not may_arrange_for(by, owner):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    if customer.owner_id != owner.pk or customer.merged_into_id is not None:
        raise ValidationError(
            _("%(name)s does not look after this customer.") % {"name": owner}, code="customer"
        )
    _check(start_at, end_at)
    same = Appointment.objects.filter(owner=owner, customer=customer, start_at=start_at, state__in=AHEAD)
    if same.exists():
        raise ValidationError(_("This appointment is written down already."), code="doubled")
    made = Appointment.objects.create(
        owner=owner,
        unit=owner.unit,
        customer=customer,
        start_at=start_at,
        end_at=end_at,
        place=typed_text(place, most=200, required=False),
    )
    record("appointment.booked", made, by=by)
    return confirm_appointment(made, by=by) if confirmed else made


@transaction.atomic
def confirm_appointment(appointment: Appointment, *, by: User, note: str = "") -> Appointment:
    """The customer said that it stands, after all if it was cancelled. A second tap changes nothing."""
    row = _locked(appointment, by)
    if row.state == State.CONFIRMED:
        return row
    if not (row.state == State.CANCELLED and row.start_at > timezone.now()):
        _require_ahead(row)
    return _settle(row, State.CONFIRMED, by, note)


@transaction.atomic
def move_appointment(
    appointment: Appointment, *, by: User, start_at: dt.datetime, note: str = "", place: str = ""
) -> Appointment:
    """Another time: a new appointment, confirmed, takes its place; the old one stays as moved."""
    row = _locked(appointment, by)
    _require_ahead(row)
    end_at = None if row.end_at is None else start_at + (row.end_at - row.start_at)
    _check(start_at, end_at)
    made = Appointment.objects.create(
        owner=row.owner, unit=row.unit, customer=row.customer, fact=row.fact, start_at=start_at, end_at=end_at,
        place=typed_text(place, most=200, required=False) or row.place, state=State.CONFIRMED,
        settled_at=timezone.now(), settled_by=by,
    )  # fmt: skip
    row.moved_to = made
    _settle(row, State.MOVED, by, note)
    record("appointment.booked", made, by=by, instead_of=row.pk)
    return made


@transaction.atomic
def call_off_appointment(appointment: Appointment, *, by: User, note: str = "") -> Appointment:
    """It will not take place. A second tap changes nothing."""
    row = _locked(appointment, by)
    if row.state == State.CANCELLED:
        return row
    _require_ahead(row)
    return _settle(row, State.CANCELLED, by, note)


@transaction.atomic
def close_appointment(appointment: Appointment, *, by: User, came: bool, note: str = "") -> Appointment:
    """Afterwards: it was kept, or the customer was not there. What was said first can be put right."""
    row = _locked(appointment, by)
    if row.start_at > timezone.now():
        raise ValidationError(_("This appointment has not begun yet."), code="ahead")
    if row.state in (State.MOVED, State.CANCELLED):
        raise ValidationError(_("This appointment was moved or cancelled."), code="gone")
    return _settle(row, State.KEPT if came else State.NO_SHOW, by, note)


def may_arrange_for(by: User, owner: User) -> bool:
    """Whether ``by`` may arrange the appointments of ``owner``."""
    if by.role == Role.APPOINTMENT_SPECIALIST:
        return owner.role in (Role.REP, Role.MANAGER) and owner.unit_id in subtree_ids(by.unit)
    return may_act_for(by, owner)


def _check(start_at: dt.datetime, end_at: dt.datetime | None) -> None:
    if start_at <= timezone.now():
        raise ValidationError(_("This moment has passed already."), code="moment")
    if start_at > timezone.now() + dt.timedelta(days=731):
        raise ValidationError(_("This is more than two years ahead."), code="moment")
    if end_at is not None and not dt.timedelta(0) < end_at - start_at <= dt.timedelta(days=1):
        raise ValidationError(_("The appointment ends before it begins."), code="order")


def _require_ahead(row: Appointment) -> None:
    if row.state not in AHEAD:
        raise ValidationError(_("This appointment is settled already: %(state)s.") % {"state": row.get_state_display()}, code="settled")  # fmt: skip


def _settle(row: Appointment, state: str, by: User, note: str) -> Appointment:
    words = typed_text(note, most=200, required=False)
    row.state, row.settled_at, row.settled_by = state, timezone.now(), by
    row.note = words or row.note
    row.save(update_fields=["state", "settled_at", "settled_by", "note", "moved_to"])
    record(f"appointment.{state}", row, by=by)
    return row


def _locked(appointment: Appointment, by: User) -> Appointment:
    require(by, "appointments.edit")
    row = (
        Appointment.objects.visible_to(by)
        .select_related("owner", "unit", "customer", "fact")
        .select_for_update(of=("self",))
        .filter(pk=appointment.pk)
        .first()
    )
    if row is None or not may_arrange_for(by, row.owner):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return row
