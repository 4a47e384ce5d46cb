"""What happened with a customer, of all rooms in one line of time: talks, check-ins, orders, money, tickets. Newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.facts.wording import money
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.recordings.models import Conversation
from shengce.sales.models import Order, Receipt
from shengce.service.models import Ticket
from shengce.visits.models import Visit
from shengce.visits.templatetags.visits import minutes_of


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. ``lines`` are passages with ``conversation``, ``start_ms``, ``end_ms``, ``text``."""

    at: dt.datetime
    kind: str
    icon: str
    title: str
    address: str
    note: str = ""
    tone: str = ""
    whole: Conversation | None = None
    lines: tuple[dict[str, Any], ...] = ()


def timeline_of(user: User, customer: Customer, *, most: int = 14) -> list[Happening]:
    """The newest happenings that the person may see: five queries, whatever the customer's history."""
    found = [*_talks(user, customer, most)]
    if may(user, "visits.see"):
        found += _visits(user, customer, most)
    if may(user, "orders.see"):
        found += _orders(user, customer, most)
    if may(user, "money.see"):
        found += _receipts(user, customer, most)
    if may(user, "tickets.see"):
        found += _tickets(user, customer, most)
    return sorted(found, key=lambda happening: happening.at, reverse=True)[:most]


def _talks(user: User, customer: Customer, most: int) -> Iterator[Happening]:
    if not may(user, "conversations.see"):
        return
    talks = Conversation.objects.visible_to(user).filter(customer=customer).select_related("rep", "recording")
    for talk in talks.order_by("-started_at", "-pk")[:most]:
        lines = [line for line in (talk.summary or {}).get("lines", [])[:3] if isinstance(line, dict)]
        yield Happening(
            at=talk.started_at,
            kind="talk",
            icon="messages-square",
            title=str(talk.get_direction_display() or _("Talk")),
            address=reverse("web:conversation", args=[talk.pk]),
            note=str(talk.rep or ""),
            whole=talk,
            lines=tuple({**line, "conversation": talk.pk} for line in lines),
        )


def _visits(user: User, customer: Customer, most: int) -> Iterator[Happening]:
    visits = Visit.objects.visible_to(user).filter(customer=customer).select_related("rep")
    for visit in visits.order_by("-came_at", "-pk")[:most]:
        yield Happening(
            at=visit.came_at,
            kind="visit",
            icon="map-pin",
            title=_("Check-in at the customer"),
            address=reverse("visits:visit", args=[visit.pk]),
            note=" · ".join(filter(None, (str(visit.rep), minutes_of(visit.duration), visit.note))),
        )


def _orders(user: User, customer: Customer, most: int) -> Iterator[Happening]:
    orders = Order.objects.visible_to(user).filter(customer=customer)
    for order in orders.order_by("-ordered_on", "-pk")[:most]:
        yield Happening(
            at=_noon(order.ordered_on),
            kind="order",
            icon="shopping-cart",
            title=_("Order %(amount)s") % {"amount": money(order.total)},
            address=reverse("sales:order", args=[order.pk]),
            note=f"{order.number} · {order.get_state_display()}",
            tone="warn" if order.state in (Order.State.WAITING, Order.State.STOPPED) else "",
        )


def _receipts(user: User, customer: Customer, most: int) -> Iterator[Happening]:
    receipts = Receipt.objects.visible_to(user).filter(customer=customer, reversed_at__isnull=True)
    for receipt in receipts.order_by("-received_on", "-pk")[:most]:
        yield Happening(
            at=_noon(receipt.received_on),
            kind="receipt",
            icon="banknote",
            title=_("Received %(amount)s") % {"amount": money(receipt.amount)},
            address=reverse("sales:receipt", args=[receipt.pk]),
            note=str(receipt.get_settlement_method_display()),
            tone="ok",
        )


def _tickets(user: User, customer: Customer, most: int) -> Iterator[Happening]:
    tickets = Ticket.objects.visible_to(user).filter(customer=customer).select_related("fact")
    for ticket in tickets.order_by("-opened_at", "-pk")[:most]:
        fact = ticket.fact
        passage = (
            (
                {
                    "conversation": fact.conversation_id,
                    "start_ms": fact.start_ms,
                    "end_ms": fact.end_ms,
                    "text": fact.quote,
                },
            )
            if fact
            else ()
        )
        yield Happening(
            at=ticket.opened_at,
            kind="ticket",
            icon="life-buoy",
            title=f"{ticket.get_kind_display()}: {ticket.title}",
            address=reverse("service:ticket", args=[ticket.pk]),
            note=f"{ticket.number} · {ticket.get_state_display()}",
            tone="" if ticket.closed_at else "warn",
            lines=passage,
        )


def _noon(day: dt.date) -> dt.datetime:
    """Days have no hour; noon keeps them among the talks of their day."""
    return dt.datetime.combine(day, dt.time(12), tzinfo=timezone.get_current_timezone())
