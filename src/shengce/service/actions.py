"""Everything that happens to a ticket, and the rules of deadlines.

``at`` is when something happened, where that is not now: what is entered afterwards, or imported.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.sales.models import NumberSeries
from shengce.service.deadlines import deadlines, minutes_between, put_off, rule_for
from shengce.service.models import PENDING, Kind, Priority, Ticket, TicketRule, TicketStep
from shengce.service.queries import assignable

State, Act = Ticket.State, TicketStep.Act
MOST_COST = Decimal(10) ** 10
MOST_RULE_HOURS = 2000
"""About a year of work."""
_CLOCK_SKEW = dt.timedelta(minutes=2)


@transaction.atomic
def open_ticket(
    *,
    by: User,
    customer: Customer,
    title: str,
    kind: str = Kind.COMPLAINT,
    priority: str = Priority.NORMAL,
    description: str = "",
    product: Product | None = None,
    owner: User | None = None,
    fact: Fact | None = None,
    opened_at: dt.datetime | None = None,
) -> Ticket:
    """A new ticket of ``customer``, with the deadlines of its rule; ``fact`` is the passage that it was heard in.

    Of one passage there is one ticket: a second call gives the first one back. Who held the talk may open it also where
    a colleague owns the customer. Without ``owner`` it waits in the queue for somebody to take it.
    """
    require(by, "tickets.edit")
    customer = _standing(customer)
    _require_customer(customer, by, fact)
    if fact is not None:
        Fact.objects.select_for_update(of=("self",)).get(pk=fact.pk)  # a second tap waits here
        if made := Ticket.objects.filter(fact=fact).first():
            return made
    if kind not in Kind.values or priority not in Priority.values:
        raise ValidationError(_("Choose a kind and a priority."), code="kind")
    at = _moment(opened_at)
    until = deadlines(kind, priority, at)
    ticket = Ticket.objects.create(
        number=_next_number(at),
        customer=customer,
        product=product,
        kind=kind,
        priority=priority,
        title=typed_text(title, most=200),
        description=typed_text(description, most=4000, required=False),
        rep=customer.owner,
        unit=customer.unit,
        opened_by=by,
        fact=fact,
        opened_at=at,
        answer_by=until.answer_by,
        solve_by=until.solve_by,
    )
    _step(ticket, Act.OPENED, by, at)
    record("ticket.opened", ticket, by=by, number=ticket.number, fact=fact.pk if fact else None)
    return _give(ticket, owner, by, at) if owner is not None else ticket


@transaction.atomic
def assign_ticket(ticket: Ticket, *, by: User, owner: User | None, at: dt.datetime | None = None) -> Ticket:
    """Give it to somebody, or back into the queue. To the one who has it already: nothing changes."""
    row = _locked(ticket, by)
    _require_pending(row)
    return row if row.owner_id == (owner.pk if owner else None) else _give(row, owner, by, _moment(at, row))


@transaction.atomic
def add_step(
    ticket: Ticket, *, by: User, text: str, state: str | None = None, at: dt.datetime | None = None
) -> Ticket:
    """Write down what was done. The first step is the answer; without ``state`` an open ticket is then worked on.

    ``state`` is ``working`` or ``waiting``; while the customer is waited for, the clock stands still.
    """
    row = _locked(ticket, by)
    _require_pending(row)
    if state not in (None, State.WORKING, State.WAITING):
        raise ValidationError(_("A step leaves a ticket in work or waiting."), code="state")
    words, moment = typed_text(text, most=4000), _moment(at, row)
    wanted = state or (State.WORKING if row.state == State.OPEN else row.state)
    _answer(row, moment)
    if wanted != State.WAITING:
        _resume(row, moment)
    elif row.waiting_since is None:
        row.waiting_since = moment
    row.state = wanted
    _step(row, Act.NOTE, by, moment, words)
    record("ticket.step", row, by=by, state=row.state)
    return _saved(row)


@transaction.atomic
def solve_ticket(
    ticket: Ticket,
    *,
    by: User,
    cause: str,
    cost: Decimal | None = None,
    text: str = "",
    at: dt.datetime | None = None,
) -> Ticket:
    """The matter is settled: by what it was caused, what it cost (yuan), how it was settled. A second tap changes nothing."""
    row = _locked(ticket, by)
    if row.state == State.SOLVED:
        return row
    _require_pending(row)
    row.cause, row.cost = " ".join(typed_text(cause, most=200).split()), _sum(cost)
    words, moment = typed_text(text, most=4000, required=False), _moment(at, row)
    _answer(row, moment)
    _resume(row, moment)
    row.state, row.solved_at = State.SOLVED, moment
    row.solved_after = max(0, minutes_between(row.opened_at, moment) - row.waited_minutes)
    _step(row, Act.SOLVED, by, moment, words)
    record("ticket.solved", row, by=by, cause=row.cause, cost=str(row.cost) if row.cost is not None else None)
    return _saved(row)


@transaction.atomic
def close_ticket(
    ticket: Ticket,
    *,
    by: User,
    satisfaction: int | None = None,
    feedback: str = "",
    at: dt.datetime | None = None,
) -> Ticket:
    """The customer agrees; ``satisfaction`` is 1 to 5, or nothing where he did not say. A second tap changes nothing."""
    row = _locked(ticket, by)
    if row.state == State.CLOSED:
        return row
    if row.state != State.SOLVED:
        raise ValidationError(_("Say first how the matter was solved."), code="not_solved")
    if satisfaction is not None and satisfaction not in range(1, 6):
        raise ValidationError(_("Satisfaction is a number from 1 to 5."), code="satisfaction")
    words, moment = typed_text(feedback, most=500, required=False), _moment(at, row)
    row.state, row.closed_at, row.satisfaction, row.feedback = State.CLOSED, moment, satisfaction, words
    _step(row, Act.CLOSED, by, moment, words)
    record("ticket.closed", row, by=by, satisfaction=satisfaction)
    return _saved(row)


@transaction.atomic
def reopen_ticket(ticket: Ticket, *, by: User, reason: str, at: dt.datetime | None = None) -> Ticket:
    """It was not solved after all: the whole time to solve it runs again. The time between does not count.

    What the customer said before stays in the audit; he is asked again.
    """
    row = _locked(ticket, by)
    if row.state in PENDING:
        return row
    words, moment = typed_text(reason, most=4000), _moment(at, row)
    before = {"satisfaction": row.satisfaction, "feedback": row.feedback, "cause": row.cause}
    assert row.solved_at is not None  # solved and closed tickets were solved
    row.waited_minutes += minutes_between(row.solved_at, moment)
    row.state, row.reopened = State.WORKING, row.reopened + 1
    row.solved_at = row.closed_at = row.solved_after = row.satisfaction = None
    row.escalated_at = row.escalated_to = None
    row.feedback = ""
    row.solve_by = put_off(moment, 60 * rule_for(row.kind, row.priority).solve_hours)
    _step(row, Act.REOPENED, by, moment, words)
    record("ticket.reopened", row, by=by, **before)
    return _saved(row)


@transaction.atomic
def withdraw_ticket(ticket: Ticket, *, by: User) -> None:
    """Remove a ticket that was opened by mistake. One on which something was done stays: it happened.

    Who may hear the passage may take back what was opened from it.
    """
    require(by, "tickets.edit")
    seen = Ticket.objects.visible_to(by).filter(pk=ticket.pk).exists()
    if not seen and not (ticket.fact_id and Fact.objects.visible_to(by).filter(pk=ticket.fact_id).exists()):
        raise PermissionDenied(_("This ticket belongs to somebody outside your team."))
    row = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket.pk).first()
    if row is None:
        return
    if row.state != State.OPEN or row.answered_at is not None:
        raise ValidationError(_("Something was done about this ticket already."), code="worked_on")
    record("ticket.withdrawn", row, by=by, number=row.number, title=row.title)
    row.delete()


@transaction.atomic
def save_rule(*, by: User, kind: str, priority: str, answer_hours: int, solve_hours: int) -> TicketRule:
    """Within how many working hours such tickets are answered and solved from now on; open ones keep their deadlines."""
    require(by, "tickets.rules")
    if kind not in Kind.values or priority not in Priority.values:
        raise ValidationError(_("Choose a kind and a priority."), code="kind")
    if not 1 <= answer_hours <= solve_hours <= MOST_RULE_HOURS:
        raise ValidationError(
            _("Hours are whole numbers from 1 to %(most)d, and a ticket is answered before it is solved."),
            params={"most": MOST_RULE_HOURS},
            code="hours",
        )
    rule, _made = TicketRule.objects.update_or_create(
        kind=kind, priority=priority, defaults={"answer_hours": answer_hours, "solve_hours": solve_hours}
    )
    record("ticket_rule.saved", rule, by=by, kind=kind, priority=priority, hours=[answer_hours, solve_hours])
    return rule


def _standing(customer: Customer) -> Customer:
    """The customer himself, or the one he was merged into."""
    while customer.merged_into is not None:
        customer = customer.merged_into
    return customer


def _require_customer(customer: Customer, by: User, fact: Fact | None) -> None:
    if Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        return
    heard = fact is not None and Fact.objects.visible_to(by).filter(
        pk=fact.pk, conversation__customer=customer.pk
    )
    if not heard:
        raise PermissionDenied(_("This customer belongs to another team."))


def _locked(ticket: Ticket, by: User) -> Ticket:
    """The row as it stands now, locked against a second person, where ``by`` may work on it."""
    require(by, "tickets.edit")
    row = Ticket.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=ticket.pk).first()
    if row is None:
        raise PermissionDenied(_("This ticket belongs to somebody outside your team."))
    return row


def _require_pending(row: Ticket) -> None:
    if row.state not in PENDING:
        raise ValidationError(_("This ticket is solved. Open it again first."), code="solved")


def _moment(at: dt.datetime | None, ticket: Ticket | None = None) -> dt.datetime:
    now = timezone.now()
    if at is None:
        return now
    if at > now + _CLOCK_SKEW or at.year < 2000:
        raise ValidationError(_("This moment lies in the future, or too far back."), code="moment")
    if ticket is not None and at < ticket.opened_at:
        raise ValidationError(_("This was before the ticket was opened."), code="moment")
    return at


def _next_number(at: dt.datetime) -> str:
    """``KF20261126-0001``: one series a day, its row locked until the ticket is there."""
    prefix = f"KF{timezone.localtime(at):%Y%m%d}-"
    series, _made = NumberSeries.objects.select_for_update().get_or_create(prefix=prefix)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{prefix}{series.last:04d}"


def _give(row: Ticket, owner: User | None, by: User, at: dt.datetime) -> Ticket:
    if owner is not None and not assignable(by).filter(pk=owner.pk).exists():
        raise ValidationError(_("%(name)s does not work on tickets here.") % {"name": owner}, code="owner")
    record("ticket.assigned", row, by=by, old=row.owner_id, new=owner.pk if owner else None)
    row.owner = owner
    _step(row, Act.ASSIGNED, by, at, str(owner or ""))
    return _saved(row)


def _answer(row: Ticket, at: dt.datetime) -> None:
    """The first thing that is done is the answer. A manager who was called because it was late is called anew for the rest."""
    if row.answered_at is None:
        row.answered_at, row.answered_after = at, minutes_between(row.opened_at, at)
        row.escalated_at = row.escalated_to = None


def _resume(row: Ticket, at: dt.datetime) -> None:
    """The clock runs again: the time to solve it moves by what the customer was waited for."""
    if row.waiting_since is not None:
        waited = minutes_between(row.waiting_since, at)
        row.waited_minutes += waited
        row.waiting_since = None
        if row.solve_by is not None:
            row.solve_by = put_off(row.solve_by, waited)


def _sum(cost: Decimal | None) -> Decimal | None:
    if cost is not None and not (cost.is_finite() and 0 <= cost < MOST_COST):
        raise ValidationError(_("Write the cost in yuan, 0 or more."), code="cost")
    return None if cost is None else cost.quantize(Decimal("0.01"))


def _step(row: Ticket, act: str, by: User | None, at: dt.datetime, text: str = "") -> None:
    TicketStep.objects.create(ticket=row, act=act, state=row.state, text=text, by=by, at=at)


def _saved(row: Ticket) -> Ticket:
    row.save()
    row.refresh_from_db(fields=["due_at"])  # computed by the database
    return row
