"""The main metrics at a glance: the month and the year of what one may see, with where they will end.

The numbers are those of the comparison page for the same month and year; the whole of it costs six queries, however
many metrics there are.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, Subquery, Sum, Value

from shengce.attainment.models import Counting, Grain, MonthActual, RepDayActual
from shengce.attainment.outlook import days_of_months, history_from, outlook_from, year_of
from shengce.attainment.queries import month_shares
from shengce.people.models import User
from shengce.people.scope import visible
from shengce.people.working_days import working_calendar
from shengce.planning.attainment import Clock, Progress, clock_of, progress
from shengce.planning.forecast import Range
from shengce.planning.periods import FiscalYear, Span
from shengce.planning.working_time import Calendar
from shengce.targets.models import MONTHS, SEES_ALL_TARGETS, Level, Metric, TargetRow, TargetVersion
from shengce.targets.queries import approved_version
from shengce.targets.sources import GROSS_PROFIT, WITHOUT_COST, may_learn

MAIN = ("sales", "collections", "gross_profit", "customers")


@dataclass(frozen=True, slots=True)
class Standing:
    """One metric in one period. ``end_range`` is empty where the history lets nothing be expected. ``left_out`` is, of gross
    profit, the share of sales whose cost nobody knows.
    """

    clock: Clock
    progress: Progress
    end: float
    end_range: Range | None
    left_out: float = 0.0


@dataclass(frozen=True, slots=True)
class Tile:
    """A metric's month and year; ``plan`` and ``reached`` are the fiscal year by month, minor units, nothing of months ahead."""

    metric: Metric
    month: Standing
    year: Standing
    months: tuple[dt.date, ...]
    plan: tuple[int, ...]
    reached: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tiles:
    """``version`` is the approved state of the targets, if there is one; ``counted_at`` when was last counted."""

    tiles: list[Tile]
    version: TargetVersion | None
    counted_at: dt.datetime | None


def tiles_of(
    user: User,
    *,
    today: dt.date,
    codes: tuple[str, ...] = MAIN,
    foresee: bool = True,
    calendar: Calendar | None = None,
) -> Tiles:
    """What ``user`` may see of the main metrics, those left out of which nothing is planned and nothing reached.

    ``foresee=False`` is for a line that shows no end: it spares the forecasts.
    """
    counted = Counting.objects.order_by("pk").values("counted_at")[:1]
    rows = list(Metric.objects.filter(code__in=codes, active=True).annotate(counted_at=Subquery(counted)))
    metrics = [metric for metric in rows if may_learn(user, metric.code)]
    version = approved_version(today)
    known = [metric.code for metric in metrics]
    year = year_of(version, today)
    sums = [*known, WITHOUT_COST] if GROSS_PROFIT in known else known
    scope = visible(user, rep="rep", unit="unit", see_all=SEES_ALL_TARGETS)  # once for all three tables
    grain = Grain.UNIT if user.role in SEES_ALL_TARGETS else Grain.LINE  # the scope names reps
    calendar = calendar or working_calendar()
    since = history_from(year.span, today)
    reached, now = _sums(sums, Span(since, year.end_on), grain, scope, today=today if foresee else None)
    read = _Read(
        year=year,
        today=today,
        calendar=calendar,
        days=days_of_months(since, year.end_on, calendar) if foresee else {},
        foresee=foresee,
        plans=_plans(version, known, scope) if version is not None else {},
        reached=reached,
        now=now,
    )
    tiles = [read.tile(metric) for metric in metrics if read.knows(metric.code)]
    return Tiles(tiles, version, rows[0].counted_at if rows and foresee else None)


def _plans(version: TargetVersion, codes: list[str], scope: Q) -> dict[str, tuple[int, ...]]:
    rows = TargetRow.objects.filter(version=version, metric__code__in=codes, level=Level.TARGET)
    sums = rows.filter(scope).order_by().values_list("metric__code").annotate(*map(Sum, MONTHS))
    return {code: tuple(int(amount or 0) for amount in months) for code, *months in sums}


def _sums(
    codes: list[str], span: Span, grain: Grain, scope: Q, *, today: dt.date | None
) -> tuple[dict[str, dict[dt.date, int]], dict[str, int]]:
    """Sums by month of ``span``, and those of ``today`` where it is given. One query."""
    chosen = {"metric__in": codes, "month__gte": span.start_on, "month__lt": span.end_on}
    rows = MonthActual.objects.filter(**chosen, grain=grain).filter(scope).order_by()
    sums = rows.values_list("metric", "month").annotate(Sum("amount"), of_today=Value(0))
    if today is not None:
        day = RepDayActual.objects.filter(metric__in=codes, day=today).filter(scope).order_by()
        of_today = day.values_list("metric", "day").annotate(Sum("amount"), of_today=Value(1))
        sums = sums.union(of_today, all=True)
    months: dict[str, dict[dt.date, int]] = defaultdict(dict)
    now: dict[str, int] = {}
    for code, start_on, amount, is_today in sums:
        if is_today:
            now[code] = int(amount or 0)
        else:
            months[code][start_on] = int(amount or 0)
    return months, now


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything that was read, by metric: plans by month of the year, sums by month, those of today."""

    year: FiscalYear
    today: dt.date
    calendar: Calendar
    foresee: bool
    plans: Mapping[str, tuple[int, ...]]
    reached: Mapping[str, Mapping[dt.date, int]]
    now: Mapping[str, int]
    days: Mapping[dt.date, int]

    def knows(self, code: str) -> bool:
        return any(self.plans.get(code, ())) or any(self.reached.get(code, {}).values())

    def tile(self, metric: Metric) -> Tile:
        month = self.year.months[self.year.month_index(self.today)]
        reached = self.reached.get(metric.code, {})
        return Tile(
            metric=metric,
            month=self._standing(metric.code, month),
            year=self._standing(metric.code, self.year.span),
            months=tuple(each.start_on for each in self.year.months),
            plan=self.plans.get(metric.code, (0,) * 12),
            reached=tuple(
                None if each.start_on > self.today else reached.get(each.start_on, 0)
                for each in self.year.months
            ),
        )

    def _standing(self, code: str, span: Span) -> Standing:
        clock = clock_of(span, self.today, self.calendar)
        target, due, done = self._planned(code, span), self._due(code, span), self._sum(code, span)
        ahead = (
            outlook_from(
                self.reached.get(code, {}),
                target=target,
                span=span,
                today=self.today,
                days=self.days,
                calendar=self.calendar,
                now=self.now.get(code, 0),
            )
            if self.foresee
            else None
        )
        its = progress(target=target, actual=done, clock=clock, due=due, actual_today=self.now.get(code, 0))
        end, end_range = its.end, its.end_range
        if ahead is not None and ahead.expected is not None:
            end, end_range = ahead.expected.mean, ahead.expected
        return Standing(clock, its, end, end_range, self._left_out(span) if code == GROSS_PROFIT else 0.0)

    def _sum(self, code: str, span: Span) -> int:
        return sum(amount for month, amount in self.reached.get(code, {}).items() if month in span)

    def _planned(self, code: str, span: Span) -> int:
        months = zip(self.plans.get(code, ()), self.year.months, strict=False)
        return sum(amount for amount, month in months if month.start_on in span)

    def _due(self, code: str, span: Span) -> int:
        """The plan of the months that are over, and the share of working days of the present one."""
        if self.today <= span.start_on or code not in self.plans:
            return 0
        shares = month_shares(self.year, Span(span.start_on, self.today), self.calendar)
        return round(sum(amount * share for amount, share in zip(self.plans[code], shares, strict=True)))

    def _left_out(self, span: Span) -> float:
        missing, sold = abs(self._sum(WITHOUT_COST, span)), abs(self._sum("sales", span))
        if sold and not self.reached.get(GROSS_PROFIT):
            return 1.0  # no cost at all is known
        return missing / max(missing, sold) if missing else 0.0
