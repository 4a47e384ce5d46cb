"""One customer: what is going on with him, at a glance and with sound."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.customers.deals import deals_of
from shengce.customers.forms import ContactForm, HandOverForm
from shengce.customers.models import Customer, Deal
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
from shengce.service.queries import tickets_of
from shengce.visits.models import AHEAD, Appointment, Task
from shengce.web.charts import Series, bar_chart
from shengce.web.queries import day_bounds
from shengce.web.timeline import timeline_of

MONTHS = 12


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
    late_tickets: int
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
    context = {
        "customer": found,
        "today": today,
        "glance": _glance(user, found, promises=promises, deals=deals, today=today),
        "buying": _buying_chart(user, found, today),
        "card": [row for row in card_of(found) if row.current is not None],
        "contacts": found.contacts.all(),
        "timeline": timeline_of(user, found),
        "proposals": by_passage(proposals.select_related("fact", "conversation", "customer")[:20]),
        "promises": promises[:6],
        "deals": deals[:6],
        "tickets": tickets_of(found, user=user)[:4] if may(user, "tickets.see") else (),
        "story": story_of(found)[:12],
        **_ahead(user, found, today),
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
        "tasks": tasks.select_related("fact", "owner").order_by("due_at", "pk")[:8],
        "appointments": planned.select_related("fact").order_by("start_at")[:5],
    }


def _glance(
    user: User, customer: Customer, *, promises: list[PaymentPromise], deals: list[Deal], today: dt.date
) -> Glance:
    talks = Conversation.objects.visible_to(user).filter(customer=customer).order_by("-started_at")
    talk = talks.first() if may(user, "conversations.see") else None
    sees_money = may(user, "money.see")
    pending = list(
        tickets_of(customer, user=user).filter(closed_at__isnull=True, solved_at__isnull=True)[:100]
    )
    now = timezone.now()
    return Glance(
        talk=talk,
        days_since_talk=(today - timezone.localdate(talk.started_at)).days if talk else None,
        money=receivables_of(customer, today=today) if sees_money else None,
        promise=next((p for p in promises if p.state == p.State.OPEN), None),
        bought=_bought(user, customer, today) if may(user, "orders.see") else None,
        standing=standing_of(customer),
        open_tickets=len(pending) if may(user, "tickets.see") else None,
        late_tickets=sum(1 for ticket in pending if ticket.solve_by is not None and ticket.solve_by < now),
        open_deals=len(deals),
        deal_amount=sum((deal.amount for deal in deals if deal.amount is not None), Decimal(0)),
    )


def _confirmed(user: User, customer: Customer, since: dt.date) -> Any:
    """Orders that stand: one that waits for approval is none yet."""
    visible = Order.objects.visible_to(user)
    return visible.filter(customer=customer, ordered_on__gte=since, state=Order.State.CONFIRMED)


def _bought(user: User, customer: Customer, today: dt.date) -> Decimal:
    total = _confirmed(user, customer, today - dt.timedelta(days=365)).aggregate(total=Sum("total"))["total"]
    return Decimal(total or 0)


def _buying_chart(user: User, customer: Customer, today: dt.date) -> SafeString | None:
    """What he ordered in each of the last twelve months; nothing where he never did."""
    if not may(user, "orders.see"):
        return None
    months = _last_months(today)
    totals = dict.fromkeys(months, Decimal(0))
    for day, total in _confirmed(user, customer, months[0]).values_list("ordered_on", "total"):
        month = day.replace(day=1)
        if month in totals:
            totals[month] += total
    if not any(totals.values()):
        return None
    return bar_chart(
        title=_("Orders by month, yuan"),
        categories=[f"{month:%y-%m}" for month in months],
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
