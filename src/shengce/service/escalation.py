"""What is late goes one step up: to the manager of whoever had it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from shengce.people.models import Role, User, record
from shengce.service.models import Ticket, TicketStep


@dataclass(frozen=True, slots=True)
class Escalation:
    """A ticket that was late, and who was told; nobody where the firm has no one above."""

    ticket: Ticket
    to: User | None


def escalate_overdue(*, now: dt.datetime) -> list[Escalation]:
    """Mark the tickets whose deadline has passed, each once per deadline, and say whom each went to.

    To the manager of its owner; where nobody took it, of the rep whose customer it is. He finds it in his queue. Safe to
    run by several workers at once: each ticket is looked at again under its lock.
    """
    late = Ticket.objects.filter(due_at__lt=now, escalated_at__isnull=True)
    found = [_escalate(pk, now) for pk in late.order_by("due_at").values_list("pk", flat=True)]
    return [escalation for escalation in found if escalation is not None]


@transaction.atomic
def _escalate(pk: int, now: dt.datetime) -> Escalation | None:
    row = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("owner__unit", "rep__unit")
        .filter(pk=pk, due_at__lt=now, escalated_at__isnull=True)
        .first()
    )
    if row is None:
        return None
    row.escalated_at, row.escalated_to = now, manager_of(row.owner or row.rep)
    row.save(update_fields=["escalated_at", "escalated_to"])
    TicketStep.objects.create(
        ticket=row, act=TicketStep.Act.ESCALATED, state=row.state, text=str(row.escalated_to or ""), at=now
    )
    record("ticket.escalated", row, by=None, to=row.escalated_to_id)
    return Escalation(row, row.escalated_to)


def manager_of(person: User | None) -> User | None:
    """The nearest manager or executive above a person, in his unit or above it; an executive where there is none."""
    leaders = User.objects.filter(is_active=True, role__in=(Role.MANAGER, Role.EXECUTIVE))
    if person is not None and person.unit is not None:
        above = [int(part) for part in person.unit.path.split("/") if part]
        if person.role == Role.MANAGER:
            above = above[:-1]  # not his neighbour
        nearest = leaders.filter(unit__in=above).exclude(pk=person.pk)
        places = {unit: place for place, unit in enumerate(above)}
        if found := sorted(
            nearest, key=lambda one: (-places[one.unit_id or 0], one.role != Role.MANAGER, one.pk)
        ):
            return found[0]
    return leaders.filter(role=Role.EXECUTIVE).order_by("pk").first()
