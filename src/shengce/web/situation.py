"""What is going on with a customer, in a few lines that one takes in at a glance: each a link, and to be heard where it was said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.facts.wording import describe, money
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.sales.account import Receivables
from shengce.sales.models import CustomerStanding, Order, PaymentPromise
from shengce.service.models import Ticket
from shengce.visits.models import Task

HEARD_DAYS: Final = 60
"""How far back something that was said still tells how things stand."""
MOST_HEARD: Final = 2
_VOICES: Final = (Fact.Kind.COMPLAINT, Fact.Kind.OBJECTION, Fact.Kind.COMPETITOR)
Activity = CustomerStanding.Activity


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that matters now. ``tone`` is ``bad``, ``warn``, ``info`` or empty; ``passage`` is the fact behind it."""

    tone: str
    icon: str
    text: str
    address: str = ""
    note: str = ""
    passage: Fact | None = None


def situation_of(
    user: User,
    customer: Customer,
    *,
    today: dt.date,
    money_owed: Receivables | None,
    promises: Sequence[PaymentPromise],
    late_tickets: Sequence[Ticket],
    tasks: Sequence[Task],
    standing: CustomerStanding | None,
) -> list[Line]:
    """The lines, the worst first; what the caller has read already is handed in, two queries are added."""
    heard = list(_heard(user, customer, today)) if may(user, "conversations.see") else []
    lines = [
        *_money(customer, money_owed),
        *_broken(promises, today),
        *_orders(user, customer),
        *_tickets(late_tickets),
        *_promised(heard, promises, "#decide" if may(user, "proposals.decide") else ""),
        *_voices(heard),
        *_tasks(customer, tasks, today),
        *_silence(customer, standing, today),
    ]
    order = {"bad": 0, "warn": 1, "info": 2}
    return sorted(lines, key=lambda line: order.get(line.tone, 3))


def _money(customer: Customer, owed: Receivables | None) -> Iterator[Line]:
    if owed is None:
        return
    address = reverse("sales:credit", args=[customer.pk])
    if owed.overdue:
        text = ngettext(
            "%(amount)s overdue, up to %(days)d day",
            "%(amount)s overdue, up to %(days)d days",
            owed.days_late,
        ) % {"amount": money(owed.overdue), "days": owed.days_late}
        yield Line("bad", "banknote", text, address)
    room = owed.credit.room
    if room is not None and room < 0:
        yield Line(
            "bad", "shield-alert", _("%(amount)s over the credit limit") % {"amount": money(-room)}, address
        )


def _broken(promises: Sequence[PaymentPromise], today: dt.date) -> Iterator[Line]:
    """The newest promise that was not kept, as long as it is fresh; and open ones whose day has passed."""
    states = PaymentPromise.State
    fresh = today - dt.timedelta(days=HEARD_DAYS)
    broken = [
        p for p in promises if p.state in (states.BROKEN, states.PARTLY) and p.due_on and p.due_on >= fresh
    ]
    newest = max(broken, key=lambda p: (p.due_on, p.pk), default=None)
    if newest is None:
        return
    text = _("Promised %(amount)s by %(day)s, and did not keep it") % {
        "amount": money(newest.amount) or "–", "day": newest.due_on,
    }  # fmt: skip
    note = _("%(paid)s came") % {"paid": money(newest.paid_amount)} if newest.paid_amount else ""
    yield Line("bad", "calendar-x", text, _promises_of(newest.customer_id), note, newest.fact)


def _promises_of(customer: int | None) -> str:
    return f"{reverse('web:promises')}?customer={customer}"


def _orders(user: User, customer: Customer) -> Iterator[Line]:
    if not may(user, "orders.see"):
        return
    states = (Order.State.WAITING, Order.State.STOPPED)
    waiting = Order.objects.visible_to(user).filter(customer=customer, state__in=states)
    for order in waiting.order_by("-ordered_on", "-pk")[:3]:
        words = {"amount": money(order.total), "state": order.get_state_display()}
        yield Line(
            "warn", "shopping-cart", _("Order of %(amount)s: %(state)s") % words,
            reverse("sales:order", args=[order.pk]), order.number,
        )  # fmt: skip


def _tickets(late: Sequence[Ticket]) -> Iterator[Line]:
    for ticket in late[:2]:
        text = _("Ticket is late: %(title)s") % {"title": ticket.title}
        yield Line(
            "bad", "life-buoy", text, reverse("service:ticket", args=[ticket.pk]), ticket.number, ticket.fact
        )


def _heard(user: User, customer: Customer, today: dt.date) -> Iterator[Fact]:
    """What was said lately of money, trouble and competitors; the newest talk first."""
    since = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=HEARD_DAYS), dt.time()))
    kinds = (Fact.Kind.PAYMENT_PROMISE, *_VOICES)
    facts = Fact.objects.visible_to(user).standing().filter(kind__in=kinds)
    facts = facts.filter(conversation__customer=customer, conversation__started_at__gte=since)
    yield from facts.select_related("conversation").order_by("-conversation__started_at", "start_ms", "pk")[
        :40
    ]


def _promised(heard: Sequence[Fact], promises: Sequence[PaymentPromise], address: str) -> Iterator[Line]:
    """The newest promise to pay that was heard and is not in the ledger yet."""
    written = {promise.fact_id for promise in promises}
    for fact in heard:
        if fact.kind == Fact.Kind.PAYMENT_PROMISE:
            if fact.pk not in written:
                said = describe(fact.kind, fact.value) or fact.quote
                text = _("Said he would pay: %(what)s") % {"what": said}
                yield Line("info", "audio-lines", text, address, _("not confirmed yet"), fact)
            return


def _voices(heard: Sequence[Fact]) -> Iterator[Line]:
    """The newest complaints, objections and competitors; what one passage says is one line, each content once."""
    passages: dict[tuple[int, str], list[Fact]] = {}
    seen: set[tuple[str, str]] = set()
    for fact in heard:
        words = describe(fact.kind, fact.value)
        if fact.kind in _VOICES and (fact.kind, words) not in seen:
            seen.add((fact.kind, words))
            passages.setdefault((fact.conversation_id, fact.quote), []).append(fact)
    for facts in list(passages.values())[:MOST_HEARD]:
        parts = [
            ": ".join(filter(None, (str(fact.get_kind_display()), describe(fact.kind, fact.value))))
            for fact in facts
        ]
        day = timezone.localdate(facts[0].conversation.started_at)
        tone = "warn" if any(fact.kind == Fact.Kind.COMPLAINT for fact in facts) else "info"
        note = f"“{facts[0].quote}” {day:%m-%d}"
        yield Line(tone, "message-circle-warning", " · ".join(parts), "", note, facts[0])


def _tasks(customer: Customer, tasks: Sequence[Task], today: dt.date) -> Iterator[Line]:
    now = timezone.now()
    late = [task for task in tasks if task.due_at is not None and task.due_at < now]
    if late:
        text = ngettext("%(n)d task is late", "%(n)d tasks are late", len(late)) % {"n": len(late)}
        yield Line("warn", "list-todo", text, "#ahead", late[0].title, late[0].fact)


def _silence(customer: Customer, standing: CustomerStanding | None, today: dt.date) -> Iterator[Line]:
    """Who used to order and does not."""
    if standing is None or standing.activity not in (Activity.DORMANT, Activity.LOST):
        return
    text = _("No order for %(days)d days: %(activity)s") % {
        "days": (today - standing.last_on).days, "activity": standing.get_activity_display(),
    }  # fmt: skip
    address = f"{reverse('web:loyalty')}?{urlencode({'q': customer.name})}"
    yield Line("warn", "repeat", text, address)
