"""Plan against actual: the comparison along a dimension, the records behind it, the target's outlook, the talk behind a gap.

These pages live here and not in their room because they draw charts; texts and tables are the room's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from shengce.attainment import words as said
from shengce.attainment.actions import plan_talk
from shengce.attainment.asked import NEXT, PERIODS, Asked, read_asked, span_of
from shengce.attainment.gap_talks import talks_behind
from shengce.attainment.outlook import Outlook, deals_within, outlook, year_of
from shengce.attainment.queries import Comparison, Row, by_month, compare, knows, month_shares, records
from shengce.attainment.sources import BY_METRIC
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.asked import page_number, whole_number
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.planning.forecast import Range
from shengce.planning.periods import FiscalYear, Span
from shengce.service.deadlines import working_calendar
from shengce.targets.dimensions import BY_CODE, DIMENSIONS
from shengce.targets.metrics import active_metrics
from shengce.targets.models import Metric, TargetVersion
from shengce.targets.queries import approved_version, planned
from shengce.targets.queries import total as total_of
from shengce.visits.queries import talks_of
from shengce.web.charts import Series, bar_chart, line_chart

PAGE_SIZE = 50
JUDGED_PAGE = 12
"""Each row of that page is a forecast of its own."""
CHART_YEARS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """What a page is about: the question, its metric, the targets that hold, and the period."""

    asked: Asked
    metric: Metric
    metrics: list[Metric]
    version: TargetVersion | None
    year: FiscalYear
    span: Span
    today: dt.date


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its addresses: deeper into the cell, its records, its target, the talk behind its gap."""

    row: Row
    name: str
    inside: str
    cell: str

    @property
    def late(self) -> str:
        """The tone of its run rate."""
        rate = self.row.progress.run_rate
        return "" if rate is None else "ok" if rate >= 1 else "warn" if rate >= 0.85 else "bad"


def _question(request: SignedInRequest, *, by: str = "") -> Question:
    require(request.user, "targets.see")
    today = timezone.localdate()
    metrics = [metric for metric in active_metrics() if metric.kind != Metric.Kind.QUALITATIVE]
    asked = read_asked(
        request.GET, user=request.user, today=today, metrics=tuple(metric.code for metric in metrics)
    )
    version = approved_version(asked.on)
    year = year_of(version, asked.on)
    metric = next(metric for metric in metrics if metric.code == asked.metric)
    return Question(asked, metric, metrics, version, year, span_of(asked.period, asked.on, year), today)


@require_GET
def comparison(request: SignedInRequest) -> HttpResponse:
    """Plan against actual of a cell, and by a dimension within it."""
    question = _question(request)
    asked, user = question.asked, request.user
    ahead = _ahead(question, request)
    found = _compared(question, request, ahead)
    lines = _sorted(_lines(question, found), asked.sort)
    page = Paginator(lines, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    end, end_range = _end(question, found, ahead)
    context = _frame(question, request) | {
        "found": found,
        "total": found.total,
        "page": page,
        "end": end,
        "end_range": end_range,
        "ahead": ahead,
        "verdict": _verdict(ahead),
        "chart": _month_chart(question, request),
        "dimensions": [one for one in DIMENSIONS if one.code not in asked.where or one.tree],
        "may_hear": may(user, "customers.see"),
        "may_open": may(user, "orders.see"),
        "unknown": asked.metric in BY_METRIC and not knows(asked.metric, asked.by),
        "no_records": asked.metric not in BY_METRIC,
        "nobody_named": _("Not named"),
    }
    return render(request, "attainment/comparison.html", context)


def _compared(question: Question, request: SignedInRequest, ahead: Outlook | None) -> Comparison:
    monthly = question.asked.period == "month"
    return compare(
        question.metric,
        version=question.version,
        year=question.year,
        by=question.asked.by,
        span=question.span,
        user=request.user,
        where=question.asked.where,
        today=question.today,
        calendar=working_calendar(),
        expected=ahead.usual if ahead is not None and monthly else None,
    )


def _ahead(question: Question, request: SignedInRequest) -> Outlook | None:
    """The outlook of a period of whole months that is not over."""
    asked = question.asked
    if asked.period in ("day", "week") or question.span.end_on <= question.today:
        return None
    months = _planned(question, request)
    shares = month_shares(question.year, question.span, working_calendar())
    target = sum(amount for amount, share in zip(months, shares, strict=True) if share)
    return outlook(
        asked.metric,
        target=target,
        span=question.span,
        user=request.user,
        where=asked.where,
        today=question.today,
        with_deals=False,
    )


def _planned(question: Question, request: SignedInRequest) -> tuple[int, ...]:
    if question.version is None:
        return (0,) * 12
    plan = planned(
        question.version, question.asked.metric, by=(), user=request.user, where=question.asked.where
    )
    return total_of(plan)


def _end(question: Question, found: Comparison, ahead: Outlook | None) -> tuple[float, Range | None]:
    """Of a month: pace and forecast together; of longer periods what is there and the forecast of the rest."""
    if question.asked.period in ("quarter", "year") and ahead is not None and ahead.expected is not None:
        return ahead.expected.mean, ahead.expected
    return found.total.end, found.total.end_range


def _verdict(ahead: Outlook | None) -> dict[str, str] | None:
    if ahead is None or ahead.judgement is None:
        return None
    judgement = ahead.judgement
    return {
        "name": said.verdict_words(judgement.verdict),
        "tone": said.TONES[judgement.verdict],
        "words": said.judgement_words(judgement),
    }


def _lines(question: Question, found: Comparison) -> list[Line]:
    asked, lines = question.asked, []
    for row in found.rows:
        key = "" if row.key is None else row.key
        cell = asked.address(**{asked.by: key or None}, sort=None)
        if row.key is None or (row.deeper is False and row.key == asked.where.get(asked.by)):
            inside = ""
        elif row.deeper:
            inside = cell
        else:
            following = _next(asked, row)
            inside = asked.address(**{asked.by: key}, by=following, sort=None) if following else ""
        lines.append(Line(row, row.name or _("Not named"), inside, cell))
    return lines


def _next(asked: Asked, row: Row) -> str:
    following = NEXT.get(asked.by, "")
    while following and (following in asked.where or not knows(asked.metric, following)):
        following = NEXT.get(following, "")
    return following


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """By the largest gap, unless asked otherwise; what nobody is named for comes last."""
    keys: dict[str, Any] = {
        "name": lambda line: line.name,
        "planned": lambda line: -line.row.progress.target,
        "actual": lambda line: -line.row.progress.actual,
        "rate": lambda line: (line.row.progress.run_rate is None, line.row.progress.run_rate or 0),
        "gap": lambda line: line.row.progress.gap,
    }
    return sorted(
        lines,
        key=lambda line: (line.row.key is None, keys[sort](line) if sort in keys else -line.row.progress.gap),
    )


def _frame(question: Question, request: SignedInRequest) -> dict[str, Any]:
    """What every page of these shows at its head."""
    asked, span = question.asked, question.span
    last = span.end_on - dt.timedelta(days=1)
    before = span.start_on - dt.timedelta(days=1)
    crumbs = [(asked.names[code], asked.leaving(code).address()) for code in asked.where]
    periods = {
        "day": pgettext("period", "Day"),
        "week": pgettext("period", "Week"),
        "month": pgettext("period", "Month"),
        "quarter": pgettext("period", "Quarter"),
        "year": pgettext("period", "Year"),
    }
    return {
        "asked": asked,
        "metric": question.metric,
        "metrics": question.metrics,
        "metric_links": [(one, asked.address(metric=one.code)) for one in question.metrics],
        "period_links": [(code, periods[code], asked.address(period=code)) for code in PERIODS],
        "by_links": [
            (one.code, one.label, asked.address(by=one.code, sort=None))
            for one in DIMENSIONS
            if one.code not in asked.where or one.tree
        ],
        "before": asked.address(on=before.isoformat()),
        "after": asked.address(on=span.end_on.isoformat()),
        "span": span,
        "last_on": last,
        "version": question.version,
        "crumb_links": crumbs,
        "cell_words": said.cell_words(dict(asked.names)),
        "here": asked.address(),
        "unit": said.unit_of(question.metric),
    }


def _month_chart(question: Question, request: SignedInRequest) -> str:
    """The fiscal year month by month: planned and reached; what lies ahead is not drawn as nothing."""
    metric = question.metric
    plan = _planned(question, request)
    done = by_month(question.asked.metric, question.year, user=request.user, where=question.asked.where)
    months = question.year.months
    scale = said.scale_of(metric, [*plan, *done])
    reached = [
        None if month.start_on > question.today else scale.shown(amount)
        for month, amount in zip(months, done, strict=True)
    ]
    series = [Series(_("Reached"), reached)]
    if question.version is not None:
        series.insert(0, Series(pgettext("target", "Planned"), [scale.shown(amount) for amount in plan]))
    title = _("%(metric)s by month, %(unit)s") % {"metric": metric.name, "unit": scale.unit}
    return bar_chart(
        title=title, categories=[f"{m.start_on:%y-%m}" for m in months], series=series, width=860
    )


@require_GET
def export(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The comparison as a table to save."""
    question = _question(request)
    found = _compared(question, request, None)
    metric = question.metric
    columns = [
        str(BY_CODE[question.asked.by].label), pgettext("target", "Planned"), _("Due by now"), _("Reached"), _("Attained, %"),
        _("Run rate, %"), _("Missing"), _("Needed per working day"), _("Will end at"),
    ]  # fmt: skip

    def rows() -> Iterator[list[Any]]:
        for line in _sorted(_lines(question, found), question.asked.sort):
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
    question = _question(request)
    require(request.user, "orders.see")
    asked = question.asked
    rows = records(asked.metric, span=question.span, user=request.user, where=asked.where)
    if rows is None:
        raise Http404
    shown = {
        "sales": ("order", "order__customer", "order__rep", "product"),
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
    return render(request, "attainment/records.html", _frame(question, request) | {"page": page})


@require_GET
def target(request: SignedInRequest) -> HttpResponse:
    """One target before its history: expected, with its range, and the verdict; for sales the open deals beside it."""
    question = _question(request)
    asked = question.asked
    span = question.span if asked.period in ("month", "quarter", "year") else question.year.span
    months = _planned(question, request)
    amounts = [
        amount for amount, month in zip(months, question.year.months, strict=True) if month.start_on in span
    ]
    found = outlook(
        asked.metric,
        target=sum(amounts),
        span=span,
        user=request.user,
        where=asked.where,
        today=question.today,
    )
    context = _frame(question, request) | {
        "span": span,
        "last_on": span.end_on - dt.timedelta(days=1),
        "found": found,
        "verdict": _verdict(found),
        "reason": said.no_forecast_words(found.reason) if found.reason else "",
        "method": said.method_words(found.ahead.method) if found.ahead else "",
        "better": _better(found),
        "chart": _outlook_chart(question, found, months),
        "deals": list(
            deals_within(_deals(request, asked), span, question.today)
            .select_related("customer", "owner")
            .order_by("-amount")[:30]
        )
        if found.deals
        else [],
    }
    return render(request, "attainment/target.html", context)


def _deals(request: SignedInRequest, asked: Asked) -> Any:
    from shengce.attainment.outlook import _of_cell
    from shengce.customers.models import Deal

    return _of_cell(Deal.objects.visible_to(request.user), asked.where)


def _better(found: Outlook) -> int | None:
    """By how many per cent the way is better on the past than "as a season ago"."""
    if found.ahead is None or not found.ahead.naive_error:
        return None
    return round(100 * (1 - found.ahead.error / found.ahead.naive_error))


def _outlook_chart(question: Question, found: Outlook, plan: Sequence[int]) -> str:
    """History, what is expected with its range, and the targets of the year; each month a place."""
    metric = question.metric
    known = found.months[-12 * CHART_YEARS :]
    ahead = found.ahead.periods if found.ahead else ()
    start = question.today.replace(day=1)
    days = [month for month, _amount in known]
    for _each in ahead:
        days.append(start)
        start = (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    planned_on = {month.start_on: amount for month, amount in zip(question.year.months, plan, strict=True)}
    days += [day for day in planned_on if not days or day > max(days)] if not ahead else []
    reached: dict[dt.date, float | None] = dict(known)
    said_of = dict(zip(days[len(known) :], ahead, strict=False))

    scale = said.scale_of(
        metric, [*plan, *(amount for _month, amount in known), *(each.high for each in ahead)]
    )

    def line(values: dict[dt.date, float | None]) -> list[float | None]:
        return [None if (value := values.get(day)) is None else scale.shown(value) for day in days]

    series = [
        Series(_("Reached"), line(reached)),
        Series(_("Expected"), line({day: each.mean for day, each in said_of.items()})),
    ]
    if question.version is not None:
        series.append(
            Series(
                pgettext("target", "Planned"),
                line({day: float(amount) for day, amount in planned_on.items()}),
            )
        )
    low = Series(_("Lower edge"), line({day: each.low for day, each in said_of.items()}))
    high = Series(_("Upper edge"), line({day: each.high for day, each in said_of.items()}))
    title = _("%(metric)s: history, expectation and target by month, %(unit)s") % {
        "metric": metric.name,
        "unit": scale.unit,
    }
    return line_chart(
        title=title,
        categories=[f"{day:%y-%m}" for day in days],
        series=series,
        band=(low, high),
        width=860,
        low=0,
    )


@require_GET
def judged(request: SignedInRequest) -> HttpResponse:
    """Which targets are sound: the verdict of each row of a dimension."""
    question = _question(request)
    asked = question.asked
    span = question.span if asked.period in ("month", "quarter", "year") else question.year.span
    found = _compared(question, request, None)
    lines = [
        line for line in _sorted(_lines(question, found), asked.sort or "planned") if line.row.key is not None
    ]
    page = Paginator(lines, JUDGED_PAGE).get_page(page_number(request.GET.get("page")))
    plans = (
        planned(question.version, asked.metric, by=(asked.by,), user=request.user, where=asked.where)
        if question.version
        else {}
    )
    rows = []
    for line in page.object_list:
        where = {**asked.where, asked.by: line.row.key}
        target_sum = _of_node(question, plans, asked.by, line.row.key, span)
        its = outlook(
            asked.metric, target=target_sum, span=span, user=request.user, where=where, today=question.today,
            with_deals=False,
        )  # fmt: skip
        rows.append((line, its, _verdict(its), said.no_forecast_words(its.reason) if its.reason else ""))
    context = _frame(question, request) | {
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


@require_GET
def talks(request: SignedInRequest) -> HttpResponse:
    """The talk behind a gap: never asked, refused and why, promised and when."""
    question = _question(request)
    require(request.user, "customers.see")
    asked = question.asked
    found = talks_behind(asked.metric, where=asked.where, span=question.span, user=request.user)
    most = max((count for _reason, count in found.reasons), default=0)
    context = _frame(question, request) | {
        "found": found,
        "groups": (
            ("never", found.never_asked),
            ("refused", found.refused),
            ("promised", found.promised),
            ("spoken", found.spoken),
        ),
        "reasons": [(reason, count, round(100 * count / most)) for reason, count in found.reasons],
        "about": asked.names.get("product_line") or question.metric.name,
        "may_plan": may(request.user, "tasks.edit"),
    }
    return render(request, "attainment/talks.html", context)


@require_POST
def plan(request: SignedInRequest) -> HttpResponse:
    """One tap: a customer of the gap becomes a task of this week or the next."""
    require(request.user, "tasks.edit")
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("owner__unit"),
        pk=whole_number(request.POST.get("customer")),
    )
    fact = None
    if (number := whole_number(request.POST.get("fact"))) is not None:
        fact = get_object_or_404(
            Fact.objects.visible_to(request.user).select_related("conversation"), pk=number
        )
    next_week = request.POST.get("week") == "next"
    try:
        task = plan_talk(
            by=request.user,
            customer=customer,
            title=request.POST.get("title", ""),
            fact=fact,
            next_week=next_week,
        )
    except ValidationError as problem:
        if request.headers.get("HX-Request"):
            return render(request, "attainment/planned.html", {"problem": problem.messages[0]}, status=422)
        messages.error(request, problem.messages[0])
        task = None
    if request.headers.get("HX-Request"):
        return render(request, "attainment/planned.html", {"task": task})
    if task is not None:
        messages.success(
            request, _("In the plan of %(name)s: %(title)s") % {"name": task.owner, "title": task.title}
        )
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else reverse("attainment:talks"))
