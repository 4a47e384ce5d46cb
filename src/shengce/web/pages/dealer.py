"""One dealer: contract and territory, what he bought and sold on, stock, cases, cooperation, and the talks with him."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.channel.models import Cooperation, DealerContract, Shipment, Training
from shengce.channel.queries import audible, cases, price_cases
from shengce.channel.reach import may_count_stock, visible_dealers
from shengce.channel.trade import ProductTrade, last_months, trade_of
from shengce.customers.models import Customer
from shengce.people.asked import whole_number
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.recordings.models import Conversation
from shengce.visits.models import Appointment
from shengce.web.charts import Series, bar_chart, sparkline

SHOWN = 8


@require_GET
def dealer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page of one dealer."""
    require(request.user, "channel.see")
    user = request.user
    found = get_object_or_404(
        visible_dealers(user).select_related("territory", "owner", "supplied_by"), pk=pk
    )
    today = timezone.localdate()
    months = last_months()
    trades = trade_of(found, months)
    wanted = whole_number(request.GET.get("product"))
    chosen = next((one for one in trades if one.product.pk == wanted), trades[0] if trades else None)
    scores = _scores(found, months[0])
    taught = _trainings(found)
    context = {
        "dealer": found,
        "contracts": _contracts(found),
        "today": today,
        "soon": today + dt.timedelta(days=60),
        "trades": trades,
        "chosen": chosen,
        "trade_chart": _trade_chart(chosen, months) if chosen else "",
        "scores": scores,
        "trend": _trend(scores),
        "score": scores[0] if scores else None,
        "cases": cases(user, suspect=found.pk)[:SHOWN],
        "prices": price_cases(user, customer=found.pk)[:SHOWN],
        "shipments": Shipment.objects.filter(customer=found)
        .select_related("product", "territory")
        .order_by("-shipped_on", "-pk")[:SHOWN],
        "talks": _talks(request, found),
        "trainings": taught,
        "heard": audible(user, [{"conversation": row.conversation_id} for row in taught]),
        "visits": _visits(request, found),
        "may_edit": may(user, "channel.edit"),
        "may_count": may_count_stock(user),
        "may_open_card": may(user, "customers.see"),
    }
    return render(request, "web/dealer.html", context)


def _contracts(found: Customer) -> QuerySet[DealerContract]:
    rows: QuerySet[DealerContract] = (
        DealerContract.objects.filter(dealer=found).select_related("territory").order_by("-end_on", "-pk")
    )
    return rows[:5]


def _trainings(found: Customer) -> list[Training]:
    rows = Training.objects.filter(dealer=found).select_related("conversation")
    return list(rows.order_by("-held_on", "-pk")[:SHOWN])


def _scores(found: Customer, since: dt.date) -> list[Cooperation]:
    """Newest first."""
    return list(Cooperation.objects.filter(dealer=found, month__gte=since).order_by("-month"))


def _trend(scores: list[Cooperation]) -> str:
    return sparkline(
        [float(row.score) for row in reversed(scores)], label=_("Trend of the cooperation score")
    )


def _talks(request: SignedInRequest, found: Customer) -> list[Conversation]:
    if not may(request.user, "conversations.see"):
        return []
    rows = Conversation.objects.visible_to(request.user).filter(customer=found).select_related("rep")
    return list(rows.order_by("-started_at", "-pk")[:SHOWN])


def _visits(request: SignedInRequest, found: Customer) -> QuerySet[Appointment]:
    """Appointments of today and later, and the last ones: visits and trainings at the dealer's."""
    rows: QuerySet[Appointment] = (
        Appointment.objects.visible_to(request.user)
        .filter(customer=found)
        .exclude(state=Appointment.State.MOVED)
        .select_related("owner", "fact")
        .order_by("-start_at")
    )
    return rows[:SHOWN]


def _trade_chart(trade: ProductTrade, months: list[dt.date]) -> str:
    bought = [float(month.sell_in) for month in trade.months]
    sold = [float(month.sell_out) if month.sell_out is not None else None for month in trade.months]
    unit = f" ({trade.product.measure})" if trade.product.measure else ""
    return bar_chart(
        title=_("%(product)s: bought and sold on by month") % {"product": trade.product.name} + unit,
        categories=[f"{month:%y-%m}" for month in months],
        series=[Series(_("Bought"), bought), Series(_("Sold on"), sold)],
        width=720,
        height=250,
    )
