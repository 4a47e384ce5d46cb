"""Plan against actual along a dimension."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from shengce.attainment.asked import PERIODS, read_asked, span_of
from shengce.attainment.outlook import year_of
from shengce.attainment.words import unit_of
from shengce.people.permissions import require
from shengce.planning.attainment import Progress
from shengce.sales.models import SalesMethod, SettlementMethod
from shengce.targets.dimensions import BY_CODE
from shengce.targets.models import Metric
from shengce.targets.queries import approved_version
from shengce.web.api.answers import Number
from shengce.web.api.asking import Day, Id, OneOf, Question, Words
from shengce.web.api.door import ApiRequest
from shengce.web.pages.attainment import ahead_of, end_of, missing_costs
from shengce.web.pages.attainment_question import Question as QuestionOfPage
from shengce.web.pages.attainment_question import comparable, compared, refuse_hidden

router = Router(tags=["Targets"])


class ProgressAnswer(Schema):
    """Yuan of amounts, ones of counts. ``run_rate`` and ``attained`` are shares of one, ``None`` without a target.

    ``due`` is what should be there by now, ``per_day`` what each working day that is left has to bring.
    """

    planned: Number
    due: Number
    actual: Number
    gap: Number
    run_rate: float | None
    attained: float | None
    per_day: Number | None
    end: Number


class ComparedRow(ProgressAnswer):
    """``key`` is an id, or a code of a method; ``None`` for what records and targets name nobody for."""

    key: int | str | None
    name: str


class WithoutCostAnswer(Schema):
    """Of gross profit: what was sold of products without a cost, which it does not hold. ``share`` of sales, of one."""

    sales: Number
    share: float
    products: int


class RangeAnswer(Schema):
    """In 8 of 10 cases the end lies between the two."""

    low: Number
    high: Number


class AttainmentAnswer(Schema):
    """``end_on`` is the first day after the period. ``end_range`` is ``None`` where the history is too short for a forecast,
    or the period is a day; else the total's ``end`` rests on it, those of the rows on their pace alone. ``version`` is the approved state of the targets, if there is one."""

    metric: str
    unit: str
    by: str
    start_on: dt.date
    end_on: dt.date
    version: int | None
    working_days: int
    working_days_gone: int
    counted_at: dt.datetime | None
    without_cost: WithoutCostAnswer | None
    total: ProgressAnswer
    end_range: RangeAnswer | None
    rows: list[ComparedRow]


class AttainmentAsked(Question):
    metric: Words = "sales"
    by: Annotated[str, OneOf(tuple(BY_CODE))] = "rep"
    period: Annotated[str, OneOf(PERIODS)] = "month"
    on: Day | None = None
    unit: Id | None = None
    rep: Id | None = None
    product_line: Id | None = None
    territory: Id | None = None
    customer: Id | None = None
    settlement_method: Annotated[str, OneOf(SettlementMethod.values)] = ""
    sales_method: Annotated[str, OneOf(SalesMethod.values)] = ""


@router.get("/attainment", response=AttainmentAnswer, summary="Plan against actual")
def attainment(request: ApiRequest, asked: Query[AttainmentAsked]) -> Any:
    """One metric and period, split by a dimension; the other dimensions narrow it. A unit, territory or product line stands
    for itself and all below it, and is split into what lies directly below. Sums are made once an hour.
    """
    require(request.user, "targets.see")
    refuse_hidden(request.user, asked.metric)
    metrics = {row.code: row for row in comparable(request.user)}
    if asked.metric not in metrics:
        raise ValidationError(_("There is no metric “%(code)s”.") % {"code": asked.metric}, code="metric")
    metric, today = metrics[asked.metric], timezone.localdate()
    given = {name: str(value) for name, value in asked.dict().items() if value not in (None, "")}
    cell = read_asked(given, user=request.user, today=today, metrics=(metric.code,))
    cell = replace(cell, by=asked.by or "rep")
    version = approved_version(cell.on)
    year = year_of(version, cell.on)
    question = QuestionOfPage(
        cell, metric, [metric], version, year, span_of(cell.period, cell.on, year), today
    )
    ahead = ahead_of(question, request.user)
    found = compared(question, request.user)
    end, end_range = end_of(found, ahead)
    missing = missing_costs(question, request.user)
    rows = sorted(found.rows, key=lambda row: (row.key is None, -row.progress.gap))
    return {
        "metric": metric.code,
        "unit": unit_of(metric),
        "by": asked.by or "rep",
        "start_on": found.clock.span.start_on,
        "end_on": found.clock.span.end_on,
        "version": version.pk if version else None,
        "working_days": found.clock.days,
        "working_days_gone": found.clock.gone,
        "counted_at": found.counted_at,
        "without_cost": missing
        and {
            "sales": Decimal(missing.sales).scaleb(-2),
            "share": missing.share,
            "products": missing.products,
        },
        "total": _answer(found.total, metric) | {"end": _number(end, metric)},
        "end_range": end_range
        and {"low": _number(end_range.low, metric), "high": _number(end_range.high, metric)},
        "rows": [{"key": row.key, "name": row.name, **_answer(row.progress, metric)} for row in rows],
    }


def _number(minor: float, metric: Metric) -> Decimal:
    whole = Decimal(round(minor))
    return whole.scaleb(-2) if metric.kind == Metric.Kind.AMOUNT else whole


def _answer(its: Progress, metric: Metric) -> dict[str, Any]:
    return {
        "planned": _number(its.target, metric),
        "due": _number(its.due, metric),
        "actual": _number(its.actual, metric),
        "gap": _number(its.gap, metric),
        "run_rate": its.run_rate,
        "attained": its.attained,
        "per_day": None if its.per_day is None else _number(its.per_day, metric),
        "end": _number(its.end, metric),
    }
