"""Is a target sound: one target before its history and the open deals, and the verdict on every row of a dimension."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from shengce.attainment import words as said
from shengce.attainment.counting import next_month
from shengce.attainment.outlook import WEEK, Outlook, deals_within, of_cell, outlook, week_outlook
from shengce.attainment.queries import month_shares
from shengce.customers.models import Deal
from shengce.people.asked import page_number
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import working_calendar
from shengce.planning.forecast import Range
from shengce.planning.periods import Span
from shengce.targets.dimensions import BY_CODE
from shengce.targets.queries import planned
from shengce.web.charts import Series, line_chart
from shengce.web.pages.attainment_question import (
    Question,
    compared,
    frame,
    lines_of,
    planned_months,
    planned_within,
    read_question,
    sorted_lines,
    verdict_of,
)

PAST_SHOWN = 12
"""Months of the past that are seen without unfolding; of weeks as many."""
JUDGED_PAGE = 12
"""Each row of that page is a forecast of its own."""
CHART_YEARS = 2
CHART_WEEKS = 52


@require_GET
def target(request: SignedInRequest) -> HttpResponse:
    """One target before its history: expected, with its range, and the verdict; for sales the open deals beside it."""
    question = read_question(request)
    asked = question.asked
    months = planned_months(question, request.user)
    found = _of_week(question, request.user) if asked.period == "week" else None
    weekly = found is not None
    span = question.span if weekly or asked.period in ("month", "quarter", "year") else question.year.span
    if found is None:
        amounts = zip(months, question.year.months, strict=True)
        found = outlook(
            asked.metric,
            target=sum(amount for amount, month in amounts if month.start_on in span),
            span=span,
            user=request.user,
            where=asked.where,
            today=question.today,
            calendar=working_calendar(),
        )
    past = _past(question, found, months, weekly=weekly)
    context = frame(question, request) | {
        "span": span,
        "last_on": span.end_on - dt.timedelta(days=1),
        "found": found,
        "verdict": verdict_of(found),
        "reason": said.no_forecast_words(found.reason, weekly=weekly) if found.reason else "",
        "method": said.method_words(found.ahead.method) if found.ahead else "",
        "better": _better(found),
        "naive_is_last": len(found.months) < (52 if weekly else 12),
        "chart": _week_chart(question, found, months) if weekly else _outlook_chart(question, found, months),
        "past": past,
        "with_plan": any(row.planned for row in past[0]),
        "weekly": weekly,
        "may_open": may(request.user, "orders.see"),
        "deals": list(
            deals_within(of_cell(Deal.objects.visible_to(request.user), asked.where), span, question.today)
            .select_related("customer", "owner")
            .order_by("-amount")[:30]
        )
        if found.deals
        else [],
    }
    return render(request, "attainment/target.html", context)


@dataclass(frozen=True, slots=True)
class Past:
    """A month (or a week, by its Monday) of the history: what was planned of it, what was reached, the records of that."""

    first: dt.date
    planned: int | None
    reached: int
    link: str

    @property
    def attained(self) -> float | None:
        """The share of what was planned."""
        return self.reached / self.planned if self.planned else None


def _past(
    question: Question, found: Outlook, plan: Sequence[int], *, weekly: bool
) -> tuple[list[Past], list[Past]]:
    """What the verdict rests on, the newest first: those that are seen at once, and the others."""
    known = found.months[-CHART_WEEKS:] if weekly else found.months[-12 * CHART_YEARS :]
    planned_on = {} if weekly else {m.start_on: a for m, a in zip(question.year.months, plan, strict=True)}
    period = "week" if weekly else "month"
    rows = [
        Past(
            first,
            planned_on.get(first) or None,
            amount,
            question.asked.address(version=None, period=period, on=first.isoformat(), sort=None),
        )
        for first, amount in reversed(known)
    ]
    return rows[:PAST_SHOWN], rows[PAST_SHOWN:]


def _better(found: Outlook) -> int | None:
    """By how many per cent the way is better on the past than "as a season ago"."""
    if found.ahead is None or not found.ahead.naive_error:
        return None
    return round(100 * (1 - found.ahead.error / found.ahead.naive_error))


def _of_week(question: Question, user: User) -> Outlook | None:
    asked, calendar = question.asked, working_calendar()
    return week_outlook(
        asked.metric,
        target=planned_within(question, user, calendar),
        span=question.span,
        user=user,
        where=asked.where,
        today=question.today,
        calendar=calendar,
    )


def _outlook_chart(question: Question, found: Outlook, plan: Sequence[int]) -> str:
    """History, what is expected with its range, and the targets of the year; each month a place."""
    known = found.months[-12 * CHART_YEARS :]
    ahead = _ahead(found)
    start = question.today.replace(day=1)
    coming = []
    for _each in ahead:
        coming.append(start)
        start = next_month(start)
    planned_on = {month.start_on: amount for month, amount in zip(question.year.months, plan, strict=True)}
    if not ahead:
        coming = [day for day in planned_on if not known or day > known[-1][0]]
    title = _("%(metric)s: history, expectation and target by month, %(unit)s")
    return _chart(question, known, coming, ahead, planned_on, title=title, shown="%y-%m")


def _ahead(found: Outlook) -> tuple[Range, ...]:
    """What is foreseen: the present month (or week) as it will end, with what is there of it already."""
    if found.ahead is None:
        return ()
    return (found.present or found.ahead.periods[0], *found.ahead.periods[1:])


def _week_chart(question: Question, found: Outlook, plan: Sequence[int]) -> str:
    """The same by week, a year back; each week stands by its Monday."""
    known = found.months[-CHART_WEEKS:]
    ahead = _ahead(found)
    calendar, today = working_calendar(), question.today
    this_week = today - dt.timedelta(days=today.weekday())
    coming = [this_week + number * WEEK for number in range(len(ahead))]
    planned_on = {}
    for monday in [*(day for day, _amount in known), *coming]:
        shares = month_shares(question.year, Span(monday, monday + WEEK), calendar)
        if amount := sum(each * share for each, share in zip(plan, shares, strict=True)):
            planned_on[monday] = round(amount)
    title = _("%(metric)s: history, expectation and target by week, %(unit)s")
    return _chart(question, known, coming, ahead, planned_on, title=title, shown="%m-%d")


def _chart(
    question: Question,
    known: Sequence[tuple[dt.date, int]],
    coming: Sequence[dt.date],
    ahead: Sequence[Range],
    planned_on: Mapping[dt.date, int],
    *,
    title: str,
    shown: str,
) -> str:
    metric = question.metric
    days = [*(day for day, _amount in known), *coming]
    reached: dict[dt.date, float | None] = dict(known)
    said_of = dict(zip(coming, ahead, strict=False))
    amounts = (*planned_on.values(), *(amount for _day, amount in known), *(each.high for each in ahead))
    scale = said.scale_of(metric, amounts)

    def line(values: Mapping[dt.date, float | None]) -> list[float | None]:
        return [None if (value := values.get(day)) is None else scale.shown(value) for day in days]

    series = [
        Series(_("Reached"), line(reached)),
        Series(_("Expected"), line({day: each.mean for day, each in said_of.items()})),
    ]
    if question.version is not None:
        plan = {day: float(amount) for day, amount in planned_on.items()}
        series.append(Series(pgettext("target", "Planned"), line(plan)))
    low = Series(_("Lower edge"), line({day: each.low for day, each in said_of.items()}))
    high = Series(_("Upper edge"), line({day: each.high for day, each in said_of.items()}))
    return line_chart(
        title=title % {"metric": metric.label, "unit": scale.unit},
        categories=[f"{day:{shown}}" for day in days],
        series=series,
        band=(low, high),
        width=860,
        low=0,
    )


@require_GET
def judged(request: SignedInRequest) -> HttpResponse:
    """Which targets are sound: the verdict of each row of a dimension."""
    question = read_question(request)
    asked = question.asked
    span = question.span if asked.period in ("month", "quarter", "year") else question.year.span
    found = compared(question, request.user)
    lines = [
        line
        for line in sorted_lines(lines_of(question, found), asked.sort or "planned")
        if line.row.key is not None
    ]
    page = Paginator(lines, JUDGED_PAGE).get_page(page_number(request.GET.get("page")))
    plans = (
        planned(question.version, asked.metric, by=(asked.by,), user=request.user, where=asked.where)
        if question.version
        else {}
    )
    rows, calendar = [], working_calendar()
    for line in page.object_list:
        where = {**asked.where, asked.by: line.row.key}
        target_sum = _of_node(question, plans, asked.by, line.row.key, span)
        its = outlook(
            asked.metric, target=target_sum, span=span, user=request.user, where=where, today=question.today,
            with_deals=False, calendar=calendar,
        )  # fmt: skip
        rows.append((line, its, verdict_of(its), said.no_forecast_words(its.reason) if its.reason else ""))
    context = frame(question, request) | {
        "span": span,
        "last_on": span.end_on - dt.timedelta(days=1),
        "rows": rows,
        "page": page,
    }
    return render(request, "attainment/judged.html", context)


def _of_node(question: Question, plans: dict[Any, tuple[int, ...]], by: str, key: Any, span: Span) -> int:
    """The sum of the plan of a row: of a tree, of the node and all below it."""
    dimension = BY_CODE[by]
    keys = {key}
    if dimension.tree and dimension.model is not None:
        path = (
            dimension.model._default_manager.filter(pk=key).values_list("path", flat=True).first() or "none"
        )
        keys = set(
            dimension.model._default_manager.filter(path__startswith=path).values_list("pk", flat=True)
        )
    months = question.year.months
    return sum(
        amount
        for (each,), amounts in plans.items()
        if each in keys
        for amount, month in zip(amounts, months, strict=True)
        if month.start_on in span
    )
