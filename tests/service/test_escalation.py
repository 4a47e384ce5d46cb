"""What is late goes one step up, once per deadline."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from shengce.people.models import AuditEntry, Role, User
from shengce.service import actions
from shengce.service.escalation import escalate_overdue, manager_of
from shengce.service.models import Ticket
from shengce.service.queries import Asked, counts, tickets
from tests.service.test_ticket_actions import THURSDAY, at, opened
from tests.world import World

MINUTE = dt.timedelta(minutes=1)


def test_the_manager_above(world: World) -> None:
    assert manager_of(world.rep_a1) == world.manager_a
    assert manager_of(world.rep_b2) == world.manager_b
    assert manager_of(world.manager_a) == world.executive
    assert manager_of(world.customer_department) == world.executive
    assert manager_of(None) == world.executive
    above = User.objects.create(username="region", role=Role.MANAGER, unit=world.region)
    assert manager_of(world.manager_a) == above
    User.objects.filter(pk=world.manager_a.pk).update(is_active=False)
    assert manager_of(world.rep_a1) == above
    User.objects.exclude(role=Role.REP).update(is_active=False)
    assert manager_of(world.rep_a1) is None


def test_each_deadline_is_told_once(world: World) -> None:
    ticket = opened(world, owner=world.rep_a1)
    assert ticket.answer_by is not None
    assert escalate_overdue(now=ticket.answer_by) == []  # on the minute is in time
    late = ticket.answer_by + MINUTE
    assert [(e.ticket, e.to) for e in escalate_overdue(now=late)] == [(ticket, world.manager_a)]
    assert escalate_overdue(now=late + MINUTE) == []
    ticket.refresh_from_db()
    assert (ticket.escalated_at, ticket.escalated_to) == (late, world.manager_a)
    step = ticket.steps.last()
    assert (step.act, step.text, step.by, step.state) == ("escalated", "马经理", None, "open")
    assert AuditEntry.objects.get(action="ticket.escalated").details == {"to": world.manager_a.pk}

    answered = actions.add_step(ticket, by=world.rep_a1, text="已联系", at=late + MINUTE)
    assert (answered.escalated_at, answered.escalated_to) == (None, None)
    assert escalate_overdue(now=late + 2 * MINUTE) == []
    assert len(escalate_overdue(now=answered.solve_by + MINUTE)) == 1


def test_without_an_owner_it_goes_to_the_manager_of_the_customers_rep(world: World) -> None:
    opened(world, customer=world.customer_b, by=world.rep_b1)
    assert [e.to for e in escalate_overdue(now=timezone.now())] == [world.manager_b]


@pytest.mark.parametrize("how", ["waiting", "solved", "withdrawn"])
def test_what_does_not_run_is_not_late(world: World, how: str) -> None:
    ticket = opened(world)
    if how == "waiting":
        actions.add_step(ticket, by=world.rep_a1, text="x", state="waiting", at=THURSDAY)
    elif how == "solved":
        actions.solve_ticket(ticket, by=world.rep_a1, cause="x", at=THURSDAY)
    else:
        actions.withdraw_ticket(ticket, by=world.rep_a1)
    assert escalate_overdue(now=timezone.now()) == []


def test_who_was_called_finds_it_in_his_queue(world: World) -> None:
    ticket = opened(world, by=world.customer_department, owner=world.rep_b1)
    assert not Ticket.objects.visible_to(world.manager_b).exists()
    escalate_overdue(now=at("2025-11-28 09:00"))
    assert list(tickets(world.manager_b, Asked(which="escalated"))) == [ticket]
    assert (counts(world.manager_b).escalated, counts(world.manager_a).escalated) == (1, 0)


def test_a_withdrawn_mistake_may_have_been_late(world: World) -> None:
    ticket = opened(world)
    escalate_overdue(now=timezone.now())
    actions.withdraw_ticket(ticket, by=world.rep_a1)
    assert not Ticket.objects.exists()
