"""Everything that others can see happen to tasks and appointments."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.facts.models import Fact
from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.visits.models import Appointment, Task


@transaction.atomic
def create_task(
    *,
    title: str,
    owner: User,
    by: User,
    customer: Customer | None = None,
    fact: Fact | None = None,
    due_at: datetime | None = None,
) -> Task:
    """A task of ``owner``; his manager may give him one, and the office one about a customer that it sees. The unit is the
    owner's of today.
    """
    _require_giving(by, owner, customer)
    task = Task.objects.create(
        title=typed_text(title, most=300),
        owner=owner,
        unit=owner.unit,
        customer=customer,
        fact=fact,
        due_at=due_at,
    )
    record("task.created", task, by=by, fact=fact.pk if fact else None)
    return task


@transaction.atomic
def finish_task(task: Task, *, by: User) -> Task:
    """Mark it done. A second tap changes nothing; a cancelled task stays cancelled."""
    _require(by, task.owner)
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.state == Task.State.CANCELLED:
        raise ValidationError(_("This task was cancelled."), code="cancelled")
    if task.state == Task.State.OPEN:
        task.state, task.done_at = Task.State.DONE, timezone.now()
        task.save(update_fields=["state", "done_at"])
        record("task.finished", task, by=by)
    return task


@transaction.atomic
def reopen_task(task: Task, *, by: User) -> Task:
    """Take "done" or "cancelled" back."""
    _require(by, task.owner)
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.state != Task.State.OPEN:
        task.state, task.done_at = Task.State.OPEN, None
        task.save(update_fields=["state", "done_at"])
        record("task.reopened", task, by=by)
    return task


@transaction.atomic
def withdraw_task(task: Task, *, by: User) -> None:
    """Remove a task that was made by mistake. One that is done stays: it happened."""
    _require(by, task.owner)
    if task.state == Task.State.DONE:
        raise ValidationError(_("This task is done already."), code="done")
    record("task.withdrawn", task, by=by, title=task.title)
    task.delete()


@transaction.atomic
def book_appointment(
    *,
    owner: User,
    start_at: datetime,
    by: User,
    end_at: datetime | None = None,
    place: str = "",
    customer: Customer | None = None,
    fact: Fact | None = None,
) -> Appointment:
    """A meeting of ``owner``. Of several from one talk with one customer the one that was said last stands."""
    _require(by, owner)
    if end_at is not None and end_at <= start_at:
        raise ValidationError(_("The appointment ends before it begins."), code="order")
    appointment = Appointment.objects.create(
        owner=owner,
        unit=owner.unit,
        customer=customer,
        fact=fact,
        start_at=start_at,
        end_at=end_at,
        place=typed_text(place, most=200, required=False),
    )
    record("appointment.booked", appointment, by=by, fact=fact.pk if fact else None)
    _let_last_word_stand(appointment)
    appointment.refresh_from_db()
    return appointment


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, by: User) -> Appointment:
    """The meeting will not take place; the row stays."""
    _require(by, appointment.owner)
    appointment.state = Appointment.State.CANCELLED
    appointment.save(update_fields=["state"])
    record("appointment.cancelled", appointment, by=by)
    return appointment


@transaction.atomic
def withdraw_appointment(appointment: Appointment, *, by: User) -> None:
    """Remove an appointment that was booked by mistake; what it had replaced stands again."""
    _require(by, appointment.owner)
    record("appointment.withdrawn", appointment, by=by, start_at=appointment.start_at.isoformat())
    siblings = _of_same_talk(appointment).exclude(pk=appointment.pk)
    appointment.delete()
    last = siblings.order_by("-fact__start_ms", "-pk").first()
    if last is not None:
        _let_last_word_stand(last)


def _let_last_word_stand(appointment: Appointment) -> None:
    """Within one talk a later agreement with the same customer moves the earlier one."""
    if appointment.fact is None:
        return
    same = _of_same_talk(appointment).exclude(state=Appointment.State.CANCELLED)
    last = same.order_by("-fact__start_ms", "-pk").first()
    if last is None:
        return
    same.exclude(pk=last.pk).update(state=Appointment.State.MOVED)
    same.filter(pk=last.pk).update(state=Appointment.State.PLANNED)


def _of_same_talk(appointment: Appointment) -> QuerySet[Appointment]:
    conversation = appointment.fact.conversation_id if appointment.fact else None
    return Appointment.objects.filter(
        owner=appointment.owner, customer=appointment.customer, fact__conversation=conversation
    )


def _require_giving(by: User, owner: User, customer: Customer | None) -> None:
    """Executive and customer department hand tasks to those who sell, but do not do them."""
    if by.role not in SEES_ALL_CUSTOMERS:
        return _require(by, owner)
    require(by, "tasks.edit")
    seen = customer is not None and Customer.objects.visible_to(by).filter(pk=customer.pk).exists()
    if not seen or owner.role not in (Role.REP, Role.MANAGER) or not owner.is_active:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return None


def _require(by: User, owner: User) -> None:
    require(by, "tasks.edit")
    if not may_act_for(by, owner):
        raise PermissionDenied(_("This belongs to somebody outside your team."))
