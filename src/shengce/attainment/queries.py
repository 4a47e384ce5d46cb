"""Plan against actual: sums along a dimension for a cell and a period, and what follows from them.

Numbers are in minor units (cents of amounts, ones of counts) until they are shown. The plan of a part of a month is the
month's by the share of its working days; the plan of whole months is exact.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from shengce.attainment.counting import minor, next_month
from shengce.attainment.models import (
    GRAINS,
    REP_DAY,
    Counting,
    CustomerMonthActual,
    DayActual,
    MonthActual,
    RepDayActual,
)
from shengce.catalogue.models import Product, ProductCost
from shengce.people.models import User
from shengce.people.scope import visible
from shengce.planning.attainment import Clock, Progress, clock_of, progress
from shengce.planning.periods import FiscalYear, Span, working_days
from shengce.planning.working_time import Calendar
from shengce.targets.dimensions import BY_CODE, condition
from shengce.targets.models import SEES_ALL_TARGETS, Metric, TargetVersion
from shengce.targets.queries import planned
from shengce.targets.sources import BY_METRIC, KEYS, WITHOUT_COST, may_learn
from shengce.targets.trees import rolled_up

Key = tuple[Any, ...]


def actuals(
    metric: str,
    *,
    by: tuple[str, ...] = (),
    span: Span,
    user: User | None,
    where: Mapping[str, Any] | None = None,
) -> dict[Key, int]:
    """What was reached in ``span``, summed by ``by``: key of ids or codes (``None`` where a record says nothing) → minor units.

    Whole months come from the sums of months, what is left over at both ends from those of days; by customer from the
    records themselves. A metric without records, or one that ``user`` may not learn: nothing. Raises ``KeyError`` for a
    dimension that does not exist.
    """
    if user is not None and not may_learn(user, metric):
        return {}
    cell = where or {}
    of_customers = "customer" in by or "customer" in cell
    whole, edges = _cut(span)
    found: dict[Key, int] = defaultdict(int)
    if whole is not None:
        _add(found, _months(metric, whole, {*by, *cell}, user), by, cell)
    for edge in edges:
        if of_customers:
            _add_records(found, metric, edge, by, cell, user)
        else:
            _add(found, _days(metric, edge, {*by, *cell}, user), by, cell)
    return dict(found)


def _days(metric: str, span: Span, named: set[str], user: User | None) -> QuerySet[Any]:
    """The sums of days that know the dimensions ``named``, in the fewest rows."""
    table = RepDayActual if named <= set(REP_DAY) else DayActual
    sums = table.objects.all() if user is None else table.objects.visible_to(user)
    return sums.filter(metric=metric, day__gte=span.start_on, day__lt=span.end_on)


def _months(metric: str, span: Span, named: set[str], user: User | None) -> QuerySet[Any]:
    """The sums of whole months that know the dimensions ``named``, in the coarsest grain that does."""
    chosen = {"metric": metric, "month__gte": span.start_on, "month__lt": span.end_on}
    if "customer" in named:
        rows = CustomerMonthActual.objects.filter(**chosen)
        return rows if user is None else rows.visible_to(user)
    if user is not None and user.role not in SEES_ALL_TARGETS:
        named = named | {"rep"}  # the scope names reps
    grain = next(grain for grain, keys in GRAINS.items() if named <= set(keys))
    months = MonthActual.objects.filter(**chosen, grain=grain)
    return months if user is None else months.visible_to(user)


def _cut(span: Span) -> tuple[Span | None, list[Span]]:
    """The whole months of a span, and what is left over before and behind them."""
    first = span.start_on if span.start_on.day == 1 else next_month(span.start_on)
    last = span.end_on.replace(day=1)
    if first >= last:
        return None, [span]
    edges = [Span(span.start_on, first), Span(last, span.end_on)]
    return Span(first, last), [edge for edge in edges if edge.start_on < edge.end_on]


def _add(found: dict[Key, int], rows: QuerySet[Any], by: tuple[str, ...], where: Mapping[str, Any]) -> None:
    rows = rows.filter(condition(where)).order_by()
    columns = [BY_CODE[code].column for code in by]
    sums = rows.values_list(*columns).annotate(_sum=Sum("amount")) if columns else [
        (rows.aggregate(_sum=Sum("amount"))["_sum"],)
    ]  # fmt: skip
    for row in sums:
        found[tuple(None if value == "" else value for value in row[:-1])] += int(row[-1] or 0)


def _add_records(
    found: dict[Key, int],
    metric: str,
    span: Span,
    by: tuple[str, ...],
    where: Mapping[str, Any],
    user: User | None,
) -> None:
    rows = records(metric, span=span, user=user, where=where)
    source = BY_METRIC.get(metric)
    if rows is None or source is None:
        return
    columns = [source.columns.get(code) for code in by]
    known = [column for column in columns if column]
    total = F(source.value) if source.value else None
    sums = rows.order_by().values_list(*known, *([total] if total is not None else ["pk"]))
    for row in sums:
        values = iter(row[:-1])
        key = tuple((next(values) or None) if column else None for column in columns)
        found[key] += minor(row[-1], counted=False) if source.value else 1


def records(
    metric: str, *, span: Span, user: User | None, where: Mapping[str, Any] | None = None
) -> QuerySet[Any] | None:
    """The order lines, receipts, orders or talks behind a sum; ``None`` for a metric without records, or one that ``user`` may
    not learn.
    """
    source = BY_METRIC.get(metric)
    if source is None or (user is not None and not may_learn(user, metric)):
        return None
    rows = source.records(span)
    if user is not None:
        rep, unit = (source.columns[key].removesuffix("_id") for key in ("rep", "unit"))
        rows = rows.filter(visible(user, rep=rep, unit=unit, see_all=SEES_ALL_TARGETS))
    for code, value in (where or {}).items():
        lookup = source.columns.get(code)
        if lookup is None:
            return rows.none() if value not in (None, "") else rows
        dimension = BY_CODE[code]
        if dimension.tree and dimension.model is not None and value is not None:
            path = dimension.model._default_manager.filter(pk=value).values_list("path", flat=True).first()
            rows = rows.filter(**{f"{lookup.removesuffix('_id')}__path__startswith": path or "none"})
        elif value is None:
            rows = rows.filter(**{f"{lookup}__isnull": True})
        else:
            rows = rows.filter(**{lookup: value})
    return rows


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison. ``key`` is ``None`` for what no record or target names a value of."""

    key: Any
    name: str
    progress: Progress
    deeper: bool  # a tree goes on below


@dataclass(frozen=True, slots=True)
class Comparison:
    """Plan against actual of a cell: the whole of it, and by one dimension."""

    metric: Metric
    version: TargetVersion | None
    year: FiscalYear
    clock: Clock
    total: Progress
    rows: list[Row]
    counted_at: dt.datetime | None


def compare(
    metric: Metric,
    *,
    version: TargetVersion | None,
    year: FiscalYear,
    by: str,
    span: Span,
    user: User,
    where: Mapping[str, Any],
    today: dt.date,
    calendar: Calendar,
) -> Comparison:
    """Everything of one page of plan against actual. Without a version the plan is nothing and the actual stands alone."""
    clock = clock_of(span, today, calendar)
    shares, due = month_shares(year, span, calendar), month_shares(year, _until(span, today), calendar)
    plan: dict[Key, tuple[int, ...]] = (
        planned(version, metric.code, by=(by,), user=user, where=where) if version is not None else {}
    )
    done = actuals(metric.code, by=(by,), span=span, user=user, where=where)
    now = (
        actuals(metric.code, by=(by,), span=Span(today, today + dt.timedelta(days=1)), user=user, where=where)
        if today in span
        else {}
    )
    merged = {
        key[0]: (
            _weighted(plan.get(key), shares),
            _weighted(plan.get(key), due),
            done.get(key, 0),
            now.get(key, 0),
        )
        for key in plan.keys() | done.keys()
    }
    merged = {key: values for key, values in merged.items() if any(values)}
    lines = _lines(by, merged, where.get(by))
    total = tuple(sum(column) for column in zip(*merged.values(), strict=True)) if merged else (0, 0, 0, 0)
    counting = Counting.objects.first()
    return Comparison(
        metric,
        version,
        year,
        clock,
        _progress(total, clock),
        [Row(key, name, _progress(values, clock), deeper) for key, name, values, deeper in lines],
        counting.counted_at if counting else None,
    )


def _until(span: Span, today: dt.date) -> Span:
    return Span(span.start_on, min(max(span.start_on, today), span.end_on))


def _weighted(months: tuple[int, ...] | None, shares: tuple[float, ...]) -> int:
    if months is None:
        return 0
    return round(sum(amount * share for amount, share in zip(months, shares, strict=True)))


def _progress(values: tuple[int, ...], clock: Clock) -> Progress:
    target, due, actual, today = values
    return progress(target=target, actual=actual, clock=clock, due=due, actual_today=today)


def month_shares(year: FiscalYear, span: Span, calendar: Calendar) -> tuple[float, ...]:
    """How much of each month's plan belongs to ``span``: by working days, by days where a month has none."""
    shares = []
    for month in year.months:
        part = month.overlap(span)
        if part.start_on >= part.end_on:
            shares.append(0.0)
        elif part == month:
            shares.append(1.0)
        else:
            all_days = len(working_days(month, calendar))
            if all_days:
                shares.append(len(working_days(part, calendar)) / all_days)
            else:
                shares.append((part.end_on - part.start_on).days / (month.end_on - month.start_on).days)
    return tuple(shares)


def _lines(
    by: str, values: Mapping[Any, tuple[int, ...]], node: Any
) -> list[tuple[Any, str, tuple[int, ...], bool]]:
    """Rows with their names; of a tree the children of ``node``, and what belongs to the node itself."""
    dimension = BY_CODE[by]
    if dimension.choices:
        names = {value: str(label) for value, label in dimension.choices}
        return [(key, names.get(key, ""), amounts, False) for key, amounts in values.items()]
    assert dimension.model is not None
    if not dimension.tree:
        found = dimension.model._default_manager.in_bulk([key for key in values if key is not None])
        return [
            (key, str(found[key]) if key in found else "", amounts, False) for key, amounts in values.items()
        ]
    nodes: dict[int, Any] = {row.pk: row for row in dimension.model._default_manager.all()}
    sums = rolled_up(values, {pk: row.path for pk, row in nodes.items()})
    children = _children(nodes, sums, node)
    while len(children) == 1 and not any(values.get(children[0], ())) and _children(nodes, sums, children[0]):
        node = children[0]
        children = _children(nodes, sums, node)
    lines: list[tuple[Any, str, tuple[int, ...], bool]] = [
        (pk, str(nodes[pk]), sums[pk], bool(_children(nodes, sums, pk))) for pk in children
    ]
    if node is not None and any(values.get(node, ())):
        lines.append((node, str(nodes[node]), values[node], False))
    if node is None and any(sums.get(None, ())):
        lines.append((None, "", sums[None], False))
    return lines


def _children(nodes: Mapping[int, Any], sums: Mapping[Any, Any], node: Any) -> list[int]:
    return [pk for pk, row in nodes.items() if row.parent_id == node and pk in sums]


def by_month(
    metric: str, year: FiscalYear, *, user: User | None, where: Mapping[str, Any] | None = None
) -> list[int]:
    """The twelve months of a fiscal year as they were reached."""
    found = history(metric, year.months[0].start_on, year.end_on, user=user, where=where)
    return [found.get(month.start_on, 0) for month in year.months]


def history(
    metric: str,
    start_on: dt.date,
    end_on: dt.date,
    *,
    user: User | None,
    where: Mapping[str, Any] | None = None,
) -> dict[dt.date, int]:
    """What was reached by month, from the sums of months; months without records, or not to be learnt, are absent."""
    if user is not None and not may_learn(user, metric):
        return {}
    cell = where or {}
    rows = _months(metric, Span(start_on, end_on), set(cell), user).filter(condition(cell)).order_by()
    return {month: int(amount or 0) for month, amount in rows.values_list("month").annotate(Sum("amount"))}


def history_by_day(
    metric: str,
    start_on: dt.date,
    end_on: dt.date,
    *,
    user: User | None,
    where: Mapping[str, Any] | None = None,
) -> dict[dt.date, int] | None:
    """What was reached by day, days without records absent; ``None`` for a cell with a customer, who is not kept by day."""
    cell = where or {}
    if "customer" in cell:
        return None
    if user is not None and not may_learn(user, metric):
        return {}
    rows = _days(metric, Span(start_on, end_on), set(cell), user).filter(condition(cell)).order_by()
    return {day: int(amount or 0) for day, amount in rows.values_list("day").annotate(Sum("amount"))}


def knows(metric: str, code: str) -> bool:
    """Whether the records of a metric say anything of a dimension: a receipt names no product line."""
    source = BY_METRIC.get(metric)
    return source is not None and code in source.columns and code in KEYS


@dataclass(frozen=True, slots=True)
class WithoutCost:
    """What gross profit does not hold: sales of products without a cost in a cell, in cents, and how many products they were."""

    sales: int
    share: float
    products: int


def without_cost(*, span: Span, user: User, where: Mapping[str, Any] | None = None) -> WithoutCost | None:
    """What was sold without a known cost; ``None`` where that is nothing. Its share is of all that was sold, signs left out.

    Three to five queries; products are counted only where something is missing.
    """
    if not may_learn(user, WITHOUT_COST):
        return None
    if not ProductCost.objects.exists():  # then nothing is summed apart
        sold = actuals("sales", span=span, user=user, where=where).get((), 0)
        return WithoutCost(sold, 1.0, Product.objects.count()) if sold else None
    missing = actuals(WITHOUT_COST, span=span, user=user, where=where).get((), 0)
    lines = records("sales", span=span, user=user, where=where) if missing else None
    if lines is None:
        return None
    sold = actuals("sales", span=span, user=user, where=where).get((), 0)
    # A line has no cost where it is older than its product's first one: asked for each product, few have lines to be read.
    costs = ProductCost.objects.filter(product=OuterRef("pk")).order_by("start_on").values("start_on")[:1]
    first = Coalesce(Subquery(costs), Value(dt.date.max, output_field=DateField()))
    late = Product.objects.annotate(first_cost=first).filter(first_cost__gt=span.start_on)
    unknown = lines.filter(product=OuterRef("pk"), order__ordered_on__lt=OuterRef("first_cost"))
    products = late.filter(Exists(unknown)).count()
    return WithoutCost(missing, abs(missing) / max(abs(sold), abs(missing)), products)
