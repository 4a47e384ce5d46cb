"""What was reached in the twelve months before a fiscal year: to split by, and to look at beside a row.

That is the year before. Targets are made before it is over: of its months that are not, the same months a year earlier count, or
a split by history would plan nothing for them.

The records are those of plan against actual (:mod:`targets.sources`), so both say the same number. Of metrics without records there
is no history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from shengce.planning.periods import FiscalYear, Span
from shengce.targets.dimensions import BY_CODE
from shengce.targets.sources import BY_METRIC

Twelve = tuple[int, ...]


def months_before(year: FiscalYear, today: dt.date) -> Span:
    """The twelve months that stand for the year before ``year``: those until it begins, or until the present month."""
    end = min(year.start_on, today.replace(day=1))
    return Span(end.replace(year=end.year - 1), end)


def reached_before(
    metric_code: str, year: FiscalYear, *, by: tuple[str, ...], where: Mapping[str, Any] | None = None
) -> dict[tuple[Any, ...], Twelve]:
    """:func:`reached` of the twelve months before ``year``, in its order."""
    span = months_before(year, timezone.localdate())
    return reached(metric_code, year.previous, by=by, where=where, span=span)


def reached(
    metric_code: str,
    year: FiscalYear,
    *,
    by: tuple[str, ...],
    where: Mapping[str, Any] | None = None,
    span: Span | None = None,
) -> dict[tuple[Any, ...], Twelve]:
    """Key → twelve months of ``year`` (or of ``span``, as long) in minor units. Empty for a metric, or a dimension, of which nothing is known. One query.

    Of gross profit this tells what goods cost: see :func:`targets.sources.may_learn` before it is shown, and
    :func:`weighed_by` to split by it.
    """
    source = BY_METRIC.get(metric_code)
    if source is None or any(code not in source.columns for code in (*by, *(where or {}))):
        return {}
    rows = source.records(span or year.span)
    for code, value in (where or {}).items():
        rows = rows.filter(_chosen(code, source.columns[code], value))
    columns = [source.columns[code] for code in by]
    total = Sum(source.value) if source.value else Count("pk")
    grouped = rows.annotate(in_month=TruncMonth(source.day)).order_by().values_list(*columns, "in_month")
    answer: dict[tuple[Any, ...], list[int]] = {}
    for *key, month, amount in grouped.annotate(reached=total):
        months = answer.setdefault(tuple(None if value == "" else value for value in key), [0] * 12)
        months[(month.month - year.start_on.month) % 12] += _minor(amount)
    return {key: tuple(months) for key, months in answer.items()}


def weighed_by(metric_code: str) -> str:
    """By the history of which metric one is split: gross profit by sales, so that a split tells nobody the costs."""
    return "sales" if metric_code == "gross_profit" else metric_code


def _minor(amount: Any) -> int:
    return int((amount * 100).to_integral_value()) if isinstance(amount, Decimal) else int(amount or 0)


def _chosen(code: str, column: str, value: Any) -> Q:
    dimension = BY_CODE[code]
    if value in (None, ""):
        return Q(**{f"{column}__isnull": True}) if dimension.model else Q(**{column: ""})
    if dimension.tree and dimension.model is not None:
        found = dimension.model._default_manager.filter(pk=value).values_list("path", flat=True).first()
        return Q(**{f"{column.removesuffix('_id')}__path__startswith": found or "-"})
    return Q(**{column: value})
