"""One customer: what is going on with him, at a glance and with sound."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.cards.figures import month_before
from shengce.customers.cards import template_of
from shengce.customers.deals import deals_of
from shengce.customers.forms import ContactForm, HandOverForm
from shengce.customers.models import CardTemplate, Customer, Deal
from shengce.customers.queries import card_of, sellers_for, story_of
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.proposals.models import Proposal
from shengce.proposals.queries import by_passage
from shengce.recordings.models import Conversation
from shengce.sales.account import Receivables, receivables_of
from shengce.sales.loyalty import standing_of
from shengce.sales.models import CustomerStanding, Order, PaymentPromise
from shengce.sales.promises import made_on
from shengce.service.models import Ticket
from shengce.service.queries import tickets_of
from shengce.visits.models import AHEAD, Appointment, Task
from shengce.web.charts import Series, bar_chart
from shengce.web.queries import day_bounds
from shengce.web.situation import situation_of
from shengce.web.timeline import timeline_of

MONTHS = 12
MOST_TICKETS = 200
"""Tickets that are looked through for those still open; nobody has more."""
SHOWN_TO_DECIDE = 2
"""Passages that are decided on the page itself; the others unfold."""


@dataclass(frozen=True, slots=True)
class Glance:
    """The figures on top. ``None`` where the person may not see it, or there is nothing."""

    talk: Conversation | None
    days_since_talk: int | None
    money: Receivables | None
    promise: PaymentPromise | None
    bought: Decimal | None
    standing: CustomerStanding | None
    open_tickets: int | None
    late_tickets: list[Ticket]
    open_deals: int
    deal_amount: Decimal


@require_GET
def customer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page of one customer."""
    user = request.user
    require(user, "customers.see")
    visible = Customer.objects.visible_to(user).select_related("owner", "unit", "territory", "supplied_by")
    found = get_object_or_404(visible, pk=pk)
    today = timezone.localdate()
    promises = _promises(user, found)
    deals = list(deals_of(user, customer=found.pk).filter(closed_at__isnull=True).select_related("owner"))
    proposals = Proposal.objects.visible_to(user).filter(customer=found, state=Proposal.State.OPEN)
    ahead = _ahead(user, found, today)
    ordered = _ordered(user, found, today)
    tickets = list(tickets_of(found, user=user)[:MOST_TICKETS]) if may(user, "tickets.see") else []
    glance = _glance(
        user, found, promises=promises, deals=deals, ordered=ordered, tickets=tickets, today=today
    )
    decide = by_passage(proposals.select_related("fact", "conversation", "customer")[:20])
    contacts = list(found.contacts.all())
    context = {
        "customer": found,
        "today": today,
        "glance": glance,
        "now": situation_of(
            user,
            found,
            today=today,
            money_owed=glance.money,
            promises=promises,
            late_tickets=glance.late_tickets,
            tasks=ahead["tasks"],
            standing=glance.standing,
        ),
        "risk": _risk(found, today),
        "call": next((contact for contact in contacts if contact.phone), None),
        "buying": _buying_chart(ordered, today),
        "card": [row for row in card_of(found) if row.current is not None],
        "contacts": contacts,
        "timeline": timeline_of(user, found),
        "proposals": decide[:SHOWN_TO_DECIDE],
        "more_proposals": decide[SHOWN_TO_DECIDE:],
        "promises": promises[:6],
        "deals": deals[:6],
        "tickets": tickets[:4],
        "story": story_of(found)[:12],
        **ahead,
        **_rights(user),
        "contact_form": ContactForm(),
        "hand_over_form": HandOverForm(reps=sellers_for(user)),
    }
    return render(request, "web/customer.html", context)


def _rights(user: User) -> dict[str, bool]:
    return {
        "may_edit": may(user, "customers.edit"),
        "may_propose": may(user, "proposals.decide"),
        "may_money": may(user, "money.see"),
        "may_order": may(user, "orders.edit"),
        "may_serve": may(user, "tickets.edit"),
        "may_deal": may(user, "deals.edit"),
        "may_merge": may(user, "customers.merge"),
        "may_hear": may(user, "conversations.see"),
    }


def _promises(user: User, customer: Customer) -> list[PaymentPromise]:
    """Open ones by day first, then the newest that are settled."""
    rows = PaymentPromise.objects.visible_to(user).filter(customer=customer).select_related("fact")
    newest = list(rows.order_by("-made_at", "-pk")[:40])
    return sorted(newest, key=lambda p: (p.state != p.State.OPEN, _day_of(p)))


def _day_of(promise: PaymentPromise) -> int:
    day = promise.due_on or made_on(promise)
    return day.toordinal() if promise.state == promise.State.OPEN else -day.toordinal()


def _ahead(user: User, customer: Customer, today: dt.date) -> dict[str, Any]:
    tasks = Task.objects.visible_to(user).filter(customer=customer, state=Task.State.OPEN)
    planned = Appointment.objects.visible_to(user).filter(
        customer=customer, state__in=AHEAD, start_at__gte=day_bounds(today)[0]
    )
    return {
        "tasks": list(tasks.select_related("fact", "owner").order_by("due_at", "pk")[:8]),
        "appointments": planned.select_related("fact").order_by("start_at")[:5],
    }


def _glance(
    user: User,
    customer: Customer,
    *,
    promises: list[PaymentPromise],
    deals: list[Deal],
    ordered: list[tuple[dt.date, Decimal]],
    tickets: list[Ticket],
    today: dt.date,
) -> Glance:
    talks = Conversation.objects.visible_to(user).filter(customer=customer).order_by("-started_at")
    talk = talks.first() if may(user, "conversations.see") else None
    sees_money = may(user, "money.see")
    pending = [ticket for ticket in tickets if ticket.closed_at is None and ticket.solved_at is None]
    now = timezone.now()
    return Glance(
        talk=talk,
        days_since_talk=(today - timezone.localdate(talk.started_at)).days if talk else None,
        money=receivables_of(customer, today=today) if sees_money else None,
        promise=next((p for p in promises if p.state == p.State.OPEN), None),
        bought=_bought(ordered, today) if may(user, "orders.see") else None,
        standing=standing_of(customer),
        open_tickets=len(pending) if may(user, "tickets.see") else None,
        late_tickets=[ticket for ticket in pending if ticket.solve_by is not None and ticket.solve_by < now],
        open_deals=len(deals),
        deal_amount=sum((deal.amount for deal in deals if deal.amount is not None), Decimal(0)),
    )


def _risk(customer: Customer, today: dt.date) -> dict[str, Any] | None:
    """How risky the last month was judged on its card: the value, its label, and the month."""
    entry = template_of(CardTemplate.Card.MONTHLY).fields.get("month_risk")
    if entry is None or entry.hidden:
        return None
    since = month_before(month_before(today))
    rows = customer.card_fields.filter(field=entry.key, month__gte=since)
    row = rows.order_by("-month", "-set_at", "-pk").first()
    return {"value": row.value, "label": entry.shown(row.value), "month": row.month} if row else None


def _ordered(user: User, customer: Customer, today: dt.date) -> list[tuple[dt.date, Decimal]]:
    """Day and sum of each order of a year that stands: one that waits for approval is none yet."""
    if not may(user, "orders.see"):
        return []
    visible = Order.objects.visible_to(user).filter(customer=customer, state=Order.State.CONFIRMED)
    since = today - dt.timedelta(days=366)
    return list(visible.filter(ordered_on__gte=since).values_list("ordered_on", "total"))


def _bought(rows: list[tuple[dt.date, Decimal]], today: dt.date) -> Decimal:
    since = today - dt.timedelta(days=365)
    return sum((total for day, total in rows if day >= since), Decimal(0))


def _buying_chart(rows: list[tuple[dt.date, Decimal]], today: dt.date) -> SafeString | None:
    """What he ordered in each of the last twelve months; nothing where he never did."""
    totals = dict.fromkeys(_last_months(today), Decimal(0))
    for day, total in rows:
        month = day.replace(day=1)
        if month in totals:
            totals[month] += total
    if not any(totals.values()):
        return None
    return bar_chart(
        title=_("Orders by month, yuan"),
        categories=[f"{month:%y-%m}" for month in totals],
        series=[Series(str(_("Orders")), [float(total) for total in totals.values()])],
        width=560,
        height=180,
    )


def _last_months(today: dt.date) -> list[dt.date]:
    month, months = today.replace(day=1), []
    for _number in range(MONTHS):
        months.append(month)
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return months[::-1]
