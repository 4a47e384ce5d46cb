"""The story of a customer for whoever takes him over: owners, talks, promises, deals and values, in the order of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.customers.deals import deals_of
from shengce.customers.models import Customer
from shengce.customers.queries import ownership_of
from shengce.customers.wording import words_of
from shengce.facts.models import Fact
from shengce.facts.wording import money
from shengce.people.models import AuditEntry, User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.recordings.models import Conversation
from shengce.sales.models import PaymentPromise
from shengce.visits.models import Appointment, Visit
from shengce.visits.templatetags.visits import minutes_of

MOST = 200
"""Most events of each kind; the newest ones."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``lines`` are details with a passage to play where there is one."""

    at: dt.datetime
    icon: str
    title: str
    who: str = ""
    address: str = ""
    tone: str = ""
    lines: tuple[dict[str, Any], ...] = ()


@require_GET
def customer_story(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything in order, newest month first; ``?order=old`` begins at the beginning."""
    require(request.user, "customers.see")
    visible = Customer.objects.visible_to(request.user).select_related("owner", "unit")
    customer = get_object_or_404(visible, pk=pk)
    from_start = request.GET.get("order") == "old"
    events = sorted(_events(request.user, customer), key=lambda event: event.at, reverse=not from_start)
    months = groupby(events, key=lambda event: timezone.localtime(event.at).date().replace(day=1))
    owners = [event for event in events if event.tone == "owner"]
    context = {
        "customer": customer,
        "months": [(month, list(found)) for month, found in months],
        "owners": owners,
        "from_start": from_start,
        "talks": sum(event.icon == "messages-square" for event in events),
    }
    return render(request, "web/customer_story.html", context)


def _events(user: User, customer: Customer) -> Iterator[Event]:
    yield from _ownership(ownership_of(customer)[:MOST])
    yield from _talks(user, customer)
    yield from _visits(user, customer)
    yield from _promises(user, customer)
    yield from _deals(user, customer)


def _talks(user: User, customer: Customer) -> Iterator[Event]:
    talks = Conversation.objects.visible_to(user).filter(customer=customer).select_related("rep")
    for talk in talks.order_by("-started_at")[:MOST]:
        lines = (talk.summary or {}).get("lines", [])[:3]
        yield Event(
            at=talk.started_at,
            icon="messages-square",
            title=str(talk.get_direction_display() or _("Talk")),
            who=str(talk.rep or ""),
            address=reverse("web:conversation", args=[talk.pk]),
            lines=tuple({**line, "conversation": talk.pk} for line in lines if isinstance(line, dict)),
        )


def _visits(user: User, customer: Customer) -> Iterator[Event]:
    """Check-ins, and appointments of which one knows whether the customer came."""
    if may(user, "visits.see"):
        came = Visit.objects.visible_to(user).filter(customer=customer).select_related("rep")
        for visit in came.order_by("-came_at")[:MOST]:
            address = reverse("visits:visit", args=[visit.pk])
            note = ({"text": visit.note},) if visit.note else ()
            title = _joined(_("Check-in at the customer"), minutes_of(visit.duration))
            yield Event(visit.came_at, "map-pin", title, str(visit.rep), address, "", note)
    if may(user, "appointments.see"):
        ended = Appointment.objects.visible_to(user).filter(customer=customer, state__in=("kept", "no_show"))
        for row in ended.select_related("owner").order_by("-start_at")[:MOST]:
            icon, tone = ("calendar-check", "") if row.state == "kept" else ("user-x", "bad")
            yield Event(row.start_at, icon, _appointment_words(row), str(row.owner), "", tone)


def _appointment_words(row: Appointment) -> str:
    return _joined(_("Appointment"), str(row.get_state_display()), row.note)


def _promises(user: User, customer: Customer) -> Iterator[Event]:
    promises = PaymentPromise.objects.visible_to(user).filter(customer=customer).select_related("fact", "rep")
    for promise in promises.order_by("-made_at")[:MOST]:
        due = f"{promise.due_on:%Y-%m-%d}" if promise.due_on else ""
        yield Event(
            at=promise.made_at,
            icon="banknote",
            title=_joined(_("Promise to pay"), money(promise.amount) or "–", due),
            who=str(promise.rep or ""),
            tone={"kept": "ok", "broken": "bad"}.get(promise.state, ""),
            lines=_passage(promise.fact),
        )


def _deals(user: User, customer: Customer) -> Iterator[Event]:
    for deal in deals_of(user, customer=customer.pk).select_related("owner").order_by("-made_at")[:MOST]:
        amount = money(deal.amount) if deal.amount is not None else ""
        address, evidence = reverse("customers:deal", args=[deal.pk]), deal.evidence
        proof = ({**evidence, "text": evidence.get("quote", "")},) if evidence.get("conversation") else ()
        title = _joined(_("Deal made"), deal.name, amount)
        yield Event(deal.made_at, "handshake", title, str(deal.owner), address, "", proof)
        if deal.closed_at is not None:
            won = deal.stage == deal.Stage.WON
            said = _joined(_("Deal won") if won else _("Deal lost"), deal.name, amount)
            reason = ({"text": deal.lost_reason},) if deal.lost_reason else ()
            icon, tone = ("trophy", "ok") if won else ("circle-x", "bad")
            yield Event(deal.closed_at, icon, said, "", address, tone, reason)


def _ownership(entries: Iterable[AuditEntry]) -> Iterator[Event]:
    entries = list(entries)
    ids = {entry.details.get(key) for entry in entries for key in ("old", "new", "owner")} - {None}
    people = User.objects.in_bulk(ids)
    for entry in entries:
        old = people.get(entry.details.get("old"))
        new = people.get(entry.details.get("new") or entry.details.get("owner"))
        names = " → ".join(str(person) for person in (old, new) if person is not None)
        title = words_of(entry)
        yield Event(
            at=entry.happened_at,
            icon="user-round",
            title=_joined(title, names if entry.action != "customer.merged" else ""),
            who=str(entry.by or _("the rules")),
            tone="owner",
            lines=({"text": entry.details["reason"]},) if entry.details.get("reason") else (),
        )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _passage(fact: Fact | None) -> tuple[dict[str, Any], ...]:
    if fact is None:
        return ()
    return (
        {
            "text": fact.quote,
            "conversation": fact.conversation_id,
            "start_ms": fact.start_ms,
            "end_ms": fact.end_ms,
        },
    )
