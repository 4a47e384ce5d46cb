"""Loyalty and loss: how customers buy, who stays away and why, and who calls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from shengce.facts.models import Fact
from shengce.facts.wording import money
from shengce.people.asked import day, page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.scope import may_act_for
from shengce.people.table_files import FORMATS, table_response
from shengce.sales import loyalty as sales
from shengce.sales.loyalty import Standings, WinBack
from shengce.sales.models import CustomerStanding
from shengce.visits import actions as visit_actions
from shengce.web.charts import Series, bar_chart
from shengce.web.queries import day_bounds
from shengce.web.scatter import Point, scatter_chart

Activity = CustomerStanding.Activity
POINTS = 300
SHOWN = 5
MOST_EXPORTED = 100_000
CALL_WITHIN_DAYS = 3


@require_GET
def loyalty(request: SignedInRequest) -> HttpResponse:
    """The pictures, the largest losses, and the table of one's customers."""
    require(request.user, "customers.see")
    today = timezone.localdate()
    run = sales.last_run()
    scope = CustomerStanding.objects.visible_to(request.user)
    sums = sales.counts(request.user, scope=scope)
    number = page_number(request.GET.get("page"))
    found = _asked(request, scope)
    first = (number - 1) * sales.PAGE_SIZE
    rows = list(found[first : first + sales.PAGE_SIZE + 1])
    context: dict[str, Any] = {
        "run": run,
        "asked": request.GET,
        "rows": rows[: sales.PAGE_SIZE],
        "has_next": len(rows) > sales.PAGE_SIZE,
        "number": number,
        "today": today,
        "won": _month(request.GET.get("won")),
        "left": _month(request.GET.get("left")),
        "activities": Activity.choices,
        "reps": visible_reps(request.user),
        "may_compute": may(request.user, "customers.rules"),
        **_totals(sums),
        **_pictures(request, sums, today, scope),
    }
    lost = sales.win_back_list(request.user, today=today, size=SHOWN, scope=scope)
    context |= {"lost": _with_buttons(request, lost[:SHOWN]), "lost_more": len(lost) > SHOWN}
    context |= _rules(run.forecast if run else {})
    return render(request, "web/loyalty.html", context)


@require_GET
def win_back(request: SignedInRequest) -> HttpResponse:
    """Everybody who stays away, the largest sum at stake first."""
    require(request.user, "customers.see")
    number, today = page_number(request.GET.get("page")), timezone.localdate()
    rows = sales.win_back_list(request.user, today=today, page=number)
    context = {
        "lost": _with_buttons(request, rows[: sales.PAGE_SIZE]),
        "has_next": len(rows) > sales.PAGE_SIZE,
        "number": number,
        "run": sales.last_run(),
    }
    return render(request, "web/win_back.html", context)


@require_POST
def compute(request: SignedInRequest) -> HttpResponse:
    """Work the standings out now, for those who cannot wait for the night."""
    run = sales.compute_standings(today=timezone.localdate(), by=request.user)
    messages.success(
        request,
        ngettext("%(n)d customer computed.", "%(n)d customers computed.", run.customers)
        % {"n": run.customers},
    )
    return redirect("web:loyalty")


@require_POST
def ask_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make winning this customer back a task of who should call, once a month."""
    require(request.user, "tasks.edit")
    today = timezone.localdate()
    standing = get_object_or_404(sales.standings(request.user), customer=pk)
    row = sales.with_reasons(request.user, [standing], today=today)[0]
    try:
        _make_task(request, row, today)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("A task for %(name)s.") % {"name": row.caller})
    if request.htmx:
        standing.refresh_from_db(fields=["win_back_on"])
        row = sales.with_reasons(request.user, [standing], today=today)[0]
        return render(request, "web/parts/win_back.html", {"row": row, "may_ask": False})
    return redirect((request.POST.get("back") == "list" and "web:win_back") or "web:loyalty")


@transaction.atomic
def _make_task(request: SignedInRequest, row: WinBack, today: dt.date) -> None:
    """Both or none: the note that somebody was asked, and the task."""
    if row.caller is None:
        raise ValidationError(_("Nobody owns this customer. Hand it over to somebody first."), code="nobody")
    customer = row.standing.customer
    sales.ask_to_win_back(customer, by=request.user, today=today)
    heard = next((reason for reason in row.reasons if reason.fact is not None), None)
    silent = {"customer": customer.name[:120], "days": row.silent_days}
    if heard is not None:
        title = _("Win back %(customer)s: silent for %(days)d days, heard: %(reason)s") % {
            **silent, "reason": f"{heard.label} · {heard.text}"[:120]
        }  # fmt: skip
    else:
        title = _("Win back %(customer)s: silent for %(days)d days") % silent
    visit_actions.create_task(
        title=title,
        owner=row.caller,
        by=request.user,
        customer=customer,
        fact=Fact.objects.filter(pk=heard.fact or 0).first() if heard is not None else None,
        due_at=day_bounds(today + dt.timedelta(days=CALL_WITHIN_DAYS))[1],
    )


@require_GET
def loyalty_table(request: SignedInRequest) -> HttpResponseBase:
    """The filtered rows as CSV or Excel."""
    require(request.user, "customers.see")
    columns = [
        _("Customer"), _("Owner"), _("Activity"), _("Class"), _("Recency score"), _("Frequency score"),
        _("Amount score"), _("First order"), _("Last order"), _("Days with an order"), _("Usual interval, days"),
        _("Turnover of twelve months"), _("Probability of still buying"), _("Orders expected in 90 days"),
        _("Turnover expected in 90 days"), _("At stake in 90 days"),
    ]  # fmt: skip
    name = f"loyalty-{timezone.localdate()}"
    return table_response(_cells(_asked(request)), columns, name=name, file_format=_format(request))


def _cells(found: Standings) -> Iterator[list[Any]]:
    for row in found[:MOST_EXPORTED].iterator(chunk_size=2000):
        yield [
            row.customer.name, str(row.customer.owner or ""), str(row.get_activity_display()), row.value_class,
            row.recency_score, row.frequency_score, row.amount_score, row.first_on, row.last_on, row.orders,
            row.interval_days, row.amount, None if row.alive is None else round(row.alive, 4),
            None if row.expected_orders is None else round(row.expected_orders, 2), row.expected_amount,
            row.at_stake,
        ]  # fmt: skip


@require_GET
def win_back_table(request: SignedInRequest) -> HttpResponseBase:
    """Everybody who stays away, with what was heard, as CSV or Excel."""
    require(request.user, "customers.see")
    rows = sales.win_back_list(request.user, today=timezone.localdate(), size=MOST_EXPORTED)
    columns = [
        _("Customer"), _("Activity"), _("Class"), _("Last order"), _("Days silent"), _("Usual interval, days"),
        _("Usual turnover in 90 days"), _("At stake in 90 days"), _("What was heard"), _("Who should call"),
    ]  # fmt: skip
    name = f"win-back-{timezone.localdate()}"
    cells = (_win_back_cells(row) for row in rows)
    return table_response(cells, columns, name=name, file_format=_format(request))


def _win_back_cells(row: WinBack) -> list[Any]:
    standing = row.standing
    heard = "; ".join(
        ", ".join((f"{one.label} {one.text}", *one.also)) + (f" “{one.quote}”" if one.quote else "")
        for one in row.reasons
    )
    return [
        standing.customer.name, str(standing.get_activity_display()), standing.value_class, standing.last_on,
        row.silent_days, standing.interval_days, standing.usual_amount, standing.at_stake, heard,
        str(row.caller or ""),
    ]  # fmt: skip


def _format(request: SignedInRequest) -> str:
    asked = request.GET.get("format", "")
    return asked if asked in FORMATS else "csv"


def _asked(request: SignedInRequest, scope: Standings | None = None) -> Standings:
    asked = request.GET
    return sales.standings(
        request.user,
        text=words(asked.get("q"), most=100),
        activity=asked.get("activity", ""),
        value_class=asked.get("class", ""),
        owner=whole_number(asked.get("owner")),
        first_month=_month(asked.get("won")),
        last_month=_month(asked.get("left")),
        sort=asked.get("sort", ""),
        scope=scope,
    )


def _month(text: str | None) -> dt.date | None:
    """A month as ``2026-11``."""
    return day(f"{text}-01") if text else None


def _with_buttons(request: SignedInRequest, rows: list[WinBack]) -> list[tuple[WinBack, bool]]:
    """Each row, and whether the person may make it a task of the one who should call."""
    if not may(request.user, "tasks.edit"):
        return [(row, False) for row in rows]
    known: dict[int, bool] = {}  # one question per caller, not per row
    listed = []
    for row in rows:
        caller = row.caller
        if caller is not None and caller.pk not in known:
            known[caller.pk] = may_act_for(request.user, caller)
        listed.append((row, caller is not None and known[caller.pk] and not row.asked))
    return listed


def _totals(sums: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures by activity and by class from the sums by both."""
    by_activity = dict.fromkeys(Activity.values, 0)
    by_class: dict[str, dict[str, Any]] = {
        name: {"customers": 0, "turnover": Decimal(0)} for name in sales.CLASSES
    }
    stake, expected = Decimal(0), Decimal(0)
    for row in sums:
        by_activity[row["activity"]] += row["customers"]
        by_class[row["value_class"]]["customers"] += row["customers"]
        by_class[row["value_class"]]["turnover"] += row["turnover"] or 0
        stake += row["stake"] or 0
        expected += row["expected"] or 0
    turnover = sum((part["turnover"] for part in by_class.values()), Decimal(0))
    for part in by_class.values():
        part["share"] = float(part["turnover"] / turnover) if turnover > 0 else 0.0
    return {
        "customers": sum(by_activity.values()), "by_class": by_class,
        "by_activity": [(value, label, by_activity[value]) for value, label in Activity.choices],
        "turnover": turnover, "stake": stake, "expected": expected,
    }  # fmt: skip


def _pictures(
    request: SignedInRequest, sums: list[dict[str, Any]], today: dt.date, scope: Standings
) -> dict[str, Any]:
    months = sales.won_and_lost(request.user, today=today, scope=scope)
    return {
        "activity_chart": _activity_chart(sums),
        "months_chart": bar_chart(
            title=_("Customers won and lost, by month"),
            categories=[f"{month:%y-%m}" for month, _won, _lost in months],
            series=[
                Series(str(_("First order in the month")), [won for _month, won, _lost in months]),
                Series(str(_("Lost, last order in the month")), [lost for _month, _won, lost in months]),
            ],
            width=560,
            height=240,
        ),
        "months": months,
        "class_chart": _class_chart(_totals(sums)),
        "scatter": _scatter(request, today, scope),
    }


def _activity_chart(sums: list[dict[str, Any]]) -> str:
    numbers = {(row["activity"], row["value_class"]): row["customers"] for row in sums}
    series = [
        Series(
            str(_("Class %(name)s") % {"name": name}),
            [numbers.get((value, name), 0) for value in Activity.values],
        )
        for name in sales.CLASSES
    ]
    return bar_chart(
        title=_("Customers by activity and class"),
        categories=[str(label) for label in Activity.labels],
        series=series if sums else [],
        width=560,
        height=240,
    )


def _class_chart(totals: dict[str, Any]) -> str:
    parts, everybody = totals["by_class"], totals["customers"]
    return bar_chart(
        title=_("Classes: share of customers and of turnover, in per cent"),
        categories=list(parts),
        series=[
            Series(str(_("Customers, %")), [100 * part["customers"] / everybody for part in parts.values()]),
            Series(str(_("Turnover of twelve months, %")), [100 * part["share"] for part in parts.values()]),
        ]
        if everybody
        else [],
        width=560,
        height=240,
    )


def _scatter(request: SignedInRequest, today: dt.date, scope: Standings) -> str:
    found = sales.standings(request.user, scope=scope).filter(amount__gt=0)
    rows = list(
        found.values_list("customer", "customer__name", "last_on", "amount", "activity")[: POINTS + 1]
    )
    places = {value: place for place, value in enumerate(Activity.values)}
    points = [
        Point(
            x=(today - last_on).days,
            y=float(amount),
            group=places[activity],
            label=_("%(customer)s: %(amount)s, last order %(day)s")
            % {"customer": name, "amount": money(amount), "day": last_on},
            url=reverse("web:customer", args=[customer]),
        )
        for customer, name, last_on, amount, activity in rows[:POINTS]
    ]
    note = (
        _("The %(n)d customers with the largest turnover; all are in the table below.") % {"n": POINTS}
        if len(rows) > POINTS
        else _("A point is a customer with turnover in twelve months; press it for his page.")
    )
    return scatter_chart(
        title=_("Days since the last order against turnover of twelve months"),
        points=points,
        groups=[str(label) for label in Activity.labels],
        x_label=_("Days since the last order"),
        note=note,
        width=560,
    )


def _rules(forecast: dict[str, Any]) -> dict[str, Any]:
    """The rules with their numbers, and the model with its parameters, for the page to say in words."""
    from shengce.sales.standings import (
        AHEAD_DAYS,
        CUTS,
        RULES,
    )  # numpy: loaded when somebody looks, not at the start

    return {
        "rules": RULES,
        "cuts": [round(100 * cut) for cut in CUTS],
        "ahead": AHEAD_DAYS,
        "forecast": forecast,
        "limits": _limiting_cases(forecast.get("purchasing", {})),
    }


def _limiting_cases(purchasing: dict[str, Any]) -> list[str]:
    """What parameters at the edge mean; see ``planning.repeat_purchase.Purchasing``."""
    edges, said = purchasing.get("edges", []), []
    if "r" in edges or "alpha" in edges:
        said.append(_("In these data all customers buy at one rate."))
    if "a" in edges and purchasing["a"] < 1:
        said.append(_("In these data nobody is seen to leave."))
    elif "a" in edges or "b" in edges:
        said.append(_("In these data all customers leave with one probability after a purchase."))
    return said
