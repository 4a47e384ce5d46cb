"""Plan against actual: the comparison along a dimension, its file, and the records behind a number.

These pages live here and not in their room because they draw charts; texts and tables are the room's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from shengce.attainment import words as said
from shengce.attainment.outlook import Outlook, outlook, week_outlook
from shengce.attainment.queries import (
    Comparison,
    WithoutCost,
    by_month,
    knows,
    records,
    without_cost,
)
from shengce.people.asked import page_number
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.people.working_days import working_calendar
from shengce.planning.forecast import Range
from shengce.targets.dimensions import BY_CODE, DIMENSIONS
from shengce.targets.sources import BY_METRIC, GROSS_PROFIT
from shengce.visits.queries import talks_of
from shengce.web.charts import Series, bar_chart
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

PAGE_SIZE = 50


@require_GET
def comparison(request: SignedInRequest) -> HttpResponse:
    """Plan against actual of a cell, and by a dimension within it."""
    question = read_question(request)
    asked, user = question.asked, request.user
    ahead = ahead_of(question, request.user)
    found = compared(question, request.user)
    lines = sorted_lines(lines_of(question, found), asked.sort)
    page = Paginator(lines, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    end, end_range = end_of(found, ahead)
    context = frame(question, request) | {
        "found": found,
        "total": found.total,
        "page": page,
        "end": end,
        "end_range": end_range,
        "ahead": ahead,
        "verdict": verdict_of(ahead),
        "chart": _month_chart(question, request.user),
        "dimensions": [one for one in DIMENSIONS if one.code not in asked.where or one.tree],
        "may_hear": may(user, "customers.see"),
        "may_open": may(user, "orders.see"),
        "unknown": asked.metric in BY_METRIC and not knows(asked.metric, asked.by),
        "no_records": asked.metric not in BY_METRIC,
        "nobody_named": _("Not named"),
        "without_cost": missing_costs(question, request.user),
        "may_cost": may(user, "costs.edit"),
    }
    return render(request, "attainment/comparison.html", context)


def ahead_of(question: Question, user: User) -> Outlook | None:
    """The outlook of a period from a week to a year that is not over."""
    asked, calendar = question.asked, working_calendar()
    if asked.period == "day" or question.span.end_on <= question.today:
        return None
    target = planned_within(question, user, calendar)
    if asked.period == "week":
        return week_outlook(
            asked.metric,
            target=target,
            span=question.span,
            user=user,
            where=asked.where,
            today=question.today,
            calendar=calendar,
        )
    return outlook(
        asked.metric,
        target=target,
        span=question.span,
        user=user,
        where=asked.where,
        today=question.today,
        with_deals=False,
        calendar=calendar,
    )


def missing_costs(question: Question, user: User) -> WithoutCost | None:
    """Of gross profit: what it does not hold."""
    if question.asked.metric != GROSS_PROFIT:
        return None
    return without_cost(span=question.span, user=user, where=question.asked.where)


def end_of(found: Comparison, ahead: Outlook | None) -> tuple[float, Range | None]:
    """As the outlook says; by the pace alone where nothing is forecast."""
    if ahead is not None and ahead.expected is not None:
        return ahead.expected.mean, ahead.expected
    return found.total.end, found.total.end_range


def _month_chart(question: Question, user: User) -> str:
    """The fiscal year month by month: planned and reached; what lies ahead is not drawn as nothing."""
    metric = question.metric
    plan = planned_months(question, user)
    done = by_month(question.asked.metric, question.year, user=user, where=question.asked.where)
    months = question.year.months
    scale = said.scale_of(metric, [*plan, *done])
    reached = [
        None if month.start_on > question.today else scale.shown(amount)
        for month, amount in zip(months, done, strict=True)
    ]
    series = [Series(_("Reached"), reached)]
    if question.version is not None:
        series.insert(0, Series(pgettext("target", "Planned"), [scale.shown(amount) for amount in plan]))
    title = _("%(metric)s by month, %(unit)s") % {"metric": metric, "unit": scale.unit}
    return bar_chart(
        title=title, categories=[f"{m.start_on:%y-%m}" for m in months], series=series, width=860
    )


@require_GET
def export(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The comparison as a table to save."""
    question = read_question(request)
    found = compared(question, request.user)
    metric = question.metric
    columns = [
        str(BY_CODE[question.asked.by].label), pgettext("target", "Planned"), _("Due by now"), _("Reached"), _("Attained, %"),
        _("Run rate, %"), _("Missing"), _("Needed per working day"), _("Will end at"),
    ]  # fmt: skip

    def rows() -> Iterator[list[Any]]:
        for line in sorted_lines(lines_of(question, found), question.asked.sort):
            its = line.row.progress
            yield [
                line.name,
                *(said.plain(value, metric) for value in (its.target, its.due, its.actual)),
                *(None if share is None else round(share * 100, 1) for share in (its.attained, its.run_rate)),
                said.plain(its.gap, metric),
                None if its.per_day is None else said.plain(its.per_day, metric),
                said.plain(its.end, metric),
            ]

    name = f"attainment-{question.asked.metric}-{question.span.start_on}"
    return table_response(rows(), columns, name=name, file_format=file_format)


@require_GET
def record_list(request: SignedInRequest) -> HttpResponse:
    """The order lines, receipts, first orders or visits that a number is made of."""
    question = read_question(request)
    require(request.user, "orders.see")
    asked = question.asked
    rows = records(asked.metric, span=question.span, user=request.user, where=asked.where)
    if rows is None:
        raise Http404
    shown = {
        "sales": ("order", "order__customer", "order__rep", "product"),
        GROSS_PROFIT: ("order", "order__customer", "order__rep", "product"),
        "collections": ("customer", "rep"),
        "customers": ("customer", "rep"),
        "visits": ("customer", "rep"),
    }[asked.metric]
    rows = rows.select_related(*shown).order_by(f"-{BY_METRIC[asked.metric].day}", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    if asked.metric == "visits":
        proofs = talks_of(page.object_list)
        for visit in page.object_list:
            visit.talks = proofs.get(visit.pk, ())
    context = frame(question, request) | {
        "page": page,
        "of_lines": asked.metric in ("sales", GROSS_PROFIT),
        "with_profit": asked.metric == GROSS_PROFIT,
        "without_cost": missing_costs(question, request.user),
        "may_cost": may(request.user, "costs.edit"),
    }
    return render(request, "attainment/records.html", context)
