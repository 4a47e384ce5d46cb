"""What a page of plan against actual is about: the question, the comparison that answers it, its rows and its head."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.attainment import words as said
from shengce.attainment.asked import NEXT, PERIODS, Asked, read_asked, span_of
from shengce.attainment.outlook import Outlook, year_of
from shengce.attainment.queries import Comparison, Row, compare, knows, month_shares
from shengce.people.asked import whole_number
from shengce.people.models import User
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import working_calendar
from shengce.planning.periods import FiscalYear, Span
from shengce.planning.working_time import Calendar
from shengce.targets.dimensions import BY_CODE, DIMENSIONS
from shengce.targets.metrics import active_metrics
from shengce.targets.models import Metric, TargetVersion
from shengce.targets.queries import approved_version, planned
from shengce.targets.queries import total as total_of
from shengce.targets.sources import NEEDS, may_learn
from shengce.targets.views import found_version


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


def comparable(user: User) -> list[Metric]:
    """The metrics in numbers whose actuals this person may learn."""
    return [
        metric
        for metric in active_metrics()
        if metric.kind != Metric.Kind.QUALITATIVE and may_learn(user, metric.code)
    ]


def refuse_hidden(user: User, code: str) -> None:
    """Raise ``PermissionDenied`` for a metric that this person may not learn, rather than show him another one."""
    if code in NEEDS:
        require(user, NEEDS[code])


def read_question(request: SignedInRequest, *, by: str = "") -> Question:
    require(request.user, "targets.see")
    refuse_hidden(request.user, request.GET.get("metric", ""))
    today = timezone.localdate()
    metrics = comparable(request.user)
    asked = read_asked(
        request.GET, user=request.user, today=today, metrics=tuple(metric.code for metric in metrics)
    )
    number = whole_number(request.GET.get("version"))
    version = None if number is None else found_version(request, number)
    if version is not None:
        given = bool(request.GET.get("on"))
        asked = _within(replace(asked, version=version.pk), version.target_set.year, given=given)
    else:
        version = approved_version(asked.on)
    year = year_of(version, asked.on)
    metric = next(metric for metric in metrics if metric.code == asked.metric)
    return Question(asked, metric, metrics, version, year, span_of(asked.period, asked.on, year), today)


def _within(asked: Asked, year: FiscalYear, *, given: bool) -> Asked:
    """Unless a day was asked for, one of the year of these targets: today, or the year's first."""
    return asked if given or asked.on in year.span else replace(asked, on=year.start_on)


def compared(question: Question, user: User) -> Comparison:
    return compare(
        question.metric,
        version=question.version,
        year=question.year,
        by=question.asked.by,
        span=question.span,
        user=user,
        where=question.asked.where,
        today=question.today,
        calendar=working_calendar(),
    )


def planned_months(question: Question, user: User) -> tuple[int, ...]:
    if question.version is None:
        return (0,) * 12
    plan = planned(question.version, question.asked.metric, by=(), user=user, where=question.asked.where)
    return total_of(plan)


def planned_within(question: Question, user: User, calendar: Calendar) -> int:
    """What is planned for the period: whole months as they are, a part of one by its working days."""
    shares = month_shares(question.year, question.span, calendar)
    months = planned_months(question, user)
    return round(sum(amount * share for amount, share in zip(months, shares, strict=True)))


def verdict_of(ahead: Outlook | None) -> dict[str, str] | None:
    if ahead is None or ahead.judgement is None:
        return None
    judgement = ahead.judgement
    return {
        "name": said.verdict_words(judgement.verdict),
        "tone": said.TONES[judgement.verdict],
        "words": said.judgement_words(judgement),
    }


def lines_of(question: Question, found: Comparison) -> list[Line]:
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


def sorted_lines(lines: list[Line], sort: str) -> list[Line]:
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


def frame(question: Question, request: SignedInRequest) -> dict[str, Any]:
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
        "by_label": BY_CODE[asked.by].label,
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
        "approved": asked.address(version=None) if asked.version else "",
        "crumb_links": crumbs,
        "cell_words": said.cell_words(dict(asked.names)),
        "here": asked.address(),
        "unit": said.unit_of(question.metric),
    }
