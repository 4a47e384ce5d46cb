"""From a gap to something that is done about it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import SEES_ALL_CUSTOMERS, Customer
from shengce.facts.models import Fact
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.working_days import working_calendar
from shengce.planning.periods import Span, working_days
from shengce.planning.working_time import Calendar
from shengce.visits.actions import create_task
from shengce.visits.models import Task

CLOSING = dt.time(18)


@transaction.atomic
def plan_talk(
    *, by: User, customer: Customer, title: str, fact: Fact | None = None, next_week: bool = False
) -> Task:
    """A task of the customer's owner (of ``by`` where nobody owns him), due on the last working day of the week.

    Pressed twice, it is one task. Raises ``PermissionDenied`` for a customer or passage outside one's scope.
    """
    require(by, "tasks.edit")
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    if fact is not None and not Fact.objects.visible_to(by).filter(pk=fact.pk).exists():
        raise PermissionDenied(_("This passage belongs to another team."))
    if fact is not None and fact.conversation.customer_id != customer.pk:
        raise ValidationError(_("This passage is of another customer."), code="customer")
    owner = _who(by, customer)
    same = Task.objects.filter(owner=owner, customer=customer, fact=fact, state=Task.State.OPEN, title=title)
    existing: Task | None = same.first()
    if existing is not None:
        return existing
    due_at = end_of_week(timezone.localdate(), working_calendar(), next_week=next_week)
    task = create_task(title=title, owner=owner, by=by, customer=customer, fact=fact, due_at=due_at)
    record("attainment.planned", task, by=by, customer=customer.pk)
    return task


def _who(by: User, customer: Customer) -> User:
    """The customer's owner where ``by`` may give him work, else ``by`` where he sells himself."""
    owner = customer.owner
    if owner is not None and owner.is_active and (by.role in SEES_ALL_CUSTOMERS or may_act_for(by, owner)):
        return owner
    if by.role in SEES_ALL_CUSTOMERS:
        raise ValidationError(_("Nobody owns this customer: give him an owner first."), code="nobody")
    return by


def end_of_week(today: dt.date, calendar: Calendar, *, next_week: bool = False) -> dt.datetime:
    """The close of the last working day of this week from today on, or of the first week after it that has one."""
    monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7 * next_week)
    for _week in range(5):
        days = working_days(Span(max(today, monday), monday + dt.timedelta(days=7)), calendar)
        if days:
            return dt.datetime.combine(days[-1], CLOSING, tzinfo=calendar.zone)
        monday += dt.timedelta(days=7)
    return dt.datetime.combine(today + dt.timedelta(days=7), CLOSING, tzinfo=calendar.zone)
