"""What is owed and for how long, and what came of promises to pay: two pages with their pictures."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.people.asked import day, page_number, whole_number, words
from shengce.people.permissions import may, require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.sales import queries
from shengce.sales.asking import MOST_EXPORTED, export, filters
from shengce.sales.calls import Kept, kept_by, kept_in_all
from shengce.sales.models import PaymentPromise
from shengce.sales.receivables import GROUPS, Ageing, AgeingRow, By, Within, ageing, unallocated
from shengce.sales.sums import HOME_CURRENCY
from shengce.sales.wording import bucket_words
from shengce.web.charts import Part, stacked_bars

AGE_COLOURS = ("#8aa4c8", "#e9cf7a", "#e3ab4f", "#d98639", "#cc6337", "#b8433c", "#8e2738")
BARS = 10
STATE_PARTS = (
    (PaymentPromise.State.KEPT, "kept", "#1f8a5b"),
    (PaymentPromise.State.LATE, "late", "#d98a0b"),
    (PaymentPromise.State.PARTLY, "partly", "#c9772e"),
    (PaymentPromise.State.BROKEN, "broken", "#c8384a"),
    (PaymentPromise.State.OPEN, "waiting", "#c3ccd8"),
)


@require_GET
def receivables(request: SignedInRequest) -> HttpResponseBase:
    """The ageing table by customer, rep, unit or territory, on any day; every cell leads to its invoices."""
    require(request.user, "money.see")
    asked = request.GET
    by = cast(By, asked.get("by") if asked.get("by") in GROUPS else _first_view(request))
    on = day(asked.get("on")) or timezone.localdate()
    within = Within(*(whole_number(asked.get(key)) for key in GROUPS))
    currency = words(asked.get("currency"), most=3).upper() or HOME_CURRENCY
    question: dict[str, Any] = {
        "on": on,
        "by": by,
        "within": within,
        "currency": currency,
        "sort": asked.get("sort", ""),
    }
    headings = bucket_words()
    if asked.get("format"):
        whole = ageing(request.user, size=None, **question)
        columns = (_group_names()[by], *headings, _("Total"), _("Overdue"), _("Not allocated"))
        table = ((row.label, *row.amounts, row.total, row.overdue, row.unallocated) for row in whole.rows)
        if file := export(request, f"ageing-{on}", columns, table):
            return file
    number = page_number(asked.get("page"))
    found = ageing(request.user, page=number, **question)
    waiting = sum(unallocated(request.user, "rep", within=within, currency=currency).values())
    kept = {key: value for key in GROUPS if (value := getattr(within, key)) is not None}
    link = {"on": f"{on}", **kept} | ({} if currency == HOME_CURRENCY else {"currency": currency})
    context = {
        "found": found,
        "rows": [_linked(row, by, link) for row in found.rows],
        "total": _linked(found.total, None, link),
        "headings": headings,
        "group": _group_names()[by],
        "groups": _group_names().items(),
        "chart": _ageing_chart(found, headings),
        "by": by,
        "on": on,
        "is_today": on == timezone.localdate(),
        "waiting": waiting,
        "within": kept,
        "number": number,
        "has_next": found.has_next,
        "asked": asked,
        "currency": currency,
    }
    return render(request, "web/receivables.html", context)


def _first_view(request: SignedInRequest) -> str:
    """A rep looks at his customers; who leads or keeps the books looks at the reps first."""
    return "customer" if request.user.role == "rep" else "rep"


def _group_names() -> dict[str, str]:
    return {"customer": _("Customer"), "rep": _("Rep"), "unit": _("Unit"), "territory": _("Territory")}


def _linked(row: AgeingRow, by: str | None, link: dict[str, Any]) -> dict[str, Any]:
    """A row with the addresses that its numbers lead to: the invoices of a cell, and one level down for the label."""
    chosen = link if by is None else {**link, by: row.key}
    invoices = reverse("sales:invoices")
    cells = [
        (amount, f"{invoices}?{urlencode({**chosen, 'bucket': place})}")
        for place, amount in enumerate(row.amounts)
    ]
    down = {"unit": "rep", "territory": "rep", "rep": "customer"}.get(by or "")
    if by == "customer" and row.key:
        label_link = reverse("sales:credit", args=[row.key])
    else:
        label_link = f"?{urlencode({**chosen, 'by': down})}" if down else ""
    return {"row": row, "cells": cells, "link": label_link, "all": f"{invoices}?{urlencode(chosen)}"}


def _ageing_chart(found: Ageing, headings: list[str]) -> SafeString:
    """The largest rows as bars, cut by age."""
    parts = [
        Part(heading, f"age{place}", colour)
        for place, (heading, colour) in enumerate(zip(headings, AGE_COLOURS, strict=True))
    ]
    rows = [(row.label, [float(amount) for amount in row.amounts]) for row in found.rows[:BARS]]
    return stacked_bars(title=_("Who owes how much, and for how long"), rows=rows, parts=parts, width=980)


@require_GET
def promises(request: SignedInRequest) -> HttpResponseBase:
    """The promise-to-pay ledger: what was promised in talks, what came, and who keeps his word."""
    require(request.user, "money.see")
    asked = request.GET
    chosen = filters(asked)
    found = queries.promise_list(
        request.user, rep=whole_number(asked.get("rep")), sort=asked.get("sort", ""), **chosen
    )
    columns = (
        _("Due on"), _("Customer"), _("Rep"), _("Promised"), _("Came"), _("On"), _("State"), _("Said"),
    )  # fmt: skip
    table = (
        (
            p.due_on, p.customer.name if p.customer else "", str(p.rep or ""), p.amount, p.paid_amount, p.paid_on,
            p.get_state_display(), p.fact.quote if p.fact else "",
        )
        for p in found[:MOST_EXPORTED].iterator(chunk_size=2000)
    )  # fmt: skip
    if file := export(request, "promises", columns, table):
        return file
    number = page_number(asked.get("page"))
    rows, has_next = queries.page_of(found, number)
    everything = queries.promise_list(
        request.user, rep=whole_number(asked.get("rep")), **{**chosen, "state": ""}
    )
    by_rep, by_customer = kept_by(everything, "rep"), kept_by(everything, "customer")
    context = {
        "rows": rows,
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "states": PaymentPromise.State.choices,
        "reps": visible_reps(request.user),
        "all": kept_in_all(everything),
        "by_rep": by_rep,
        "by_customer": by_customer,
        "chart": _promise_chart(by_customer if request.user.role == "rep" else by_rep),
        "may_hear": may(request.user, "conversations.see"),
    }
    return render(request, "web/promises.html", context)


def _promise_chart(rows: list[Kept]) -> SafeString:
    parts = [Part(str(state.label), css, colour) for state, css, colour in STATE_PARTS]
    drawn = [
        (row.label, [float(getattr(row, str(state))) for state, _css, _colour in STATE_PARTS]) for row in rows
    ]
    return stacked_bars(title=_("Promises and what came of them"), rows=drawn, parts=parts, width=400)
