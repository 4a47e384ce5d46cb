"""The team cockpit, read from daily figures: few rows and a fixed number of queries, however many talks there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, Sum, When
from django.db.models.functions import TruncWeek

from shengce.people.models import Role, Unit, User
from shengce.people.scope import visible
from shengce.results.models import RepDay

RepDays = QuerySet[RepDay, Any]

REPS_WITH_TREND = 50
DAYS_BY_DAY = 31
"""Periods up to this length show a point a day, longer ones a point a week (from Monday)."""


@dataclass
class Figures:
    """Sums over some talks, and the means that they give (``None`` where there is nothing to divide by)."""

    talks: int = 0
    talk_ms: int = 0
    rep_share_sum: float = 0.0
    rep_share_count: int = 0
    questions: int = 0
    score_sum: Decimal = Decimal(0)
    score_count: int = 0
    fatal: int = 0
    facts: int = 0
    payment_promises: int = 0

    def add(self, other: Figures) -> None:
        """Written out, because a cockpit of 200 reps adds tens of thousands of times."""
        self.talks += other.talks
        self.talk_ms += other.talk_ms
        self.rep_share_sum += other.rep_share_sum
        self.rep_share_count += other.rep_share_count
        self.questions += other.questions
        self.score_sum += other.score_sum
        self.score_count += other.score_count
        self.fatal += other.fatal
        self.facts += other.facts
        self.payment_promises += other.payment_promises

    @property
    def hours(self) -> float:
        return self.talk_ms / 3_600_000

    @property
    def rep_share(self) -> float | None:
        """Mean over talks of the rep's share of speech, 0 to 1."""
        return self.rep_share_sum / self.rep_share_count if self.rep_share_count else None

    @property
    def questions_per_talk(self) -> float | None:
        return self.questions / self.talks if self.talks else None

    @property
    def score(self) -> float | None:
        """Mean score, 0 to 100."""
        return float(self.score_sum) / self.score_count if self.score_count else None


FIGURES = tuple(f.name for f in fields(Figures))


@dataclass
class Point:
    """One day or week of a trend, from ``start_on``."""

    start_on: date
    figures: Figures = field(default_factory=Figures)


@dataclass
class RepRow:
    """One rep: this period, the one before it, and the trend within this one."""

    rep: User
    figures: Figures = field(default_factory=Figures)
    before: Figures = field(default_factory=Figures)
    trend: list[Point] = field(default_factory=list)


@dataclass
class UnitRow:
    """One unit with its own reps (not those of units below it)."""

    unit: Unit | None
    figures: Figures = field(default_factory=Figures)
    before: Figures = field(default_factory=Figures)


@dataclass
class TeamCockpit:
    """Everybody in one's scope in ``[start_on, end_on)``, and in as many days before."""

    start_on: date
    end_on: date
    by_week: bool
    reps: list[RepRow]
    units: list[UnitRow]
    total: Figures
    before: Figures
    trend: list[Point]


def team_cockpit(user: User, *, start_on: date, end_on: date, trends: int = REPS_WITH_TREND) -> TeamCockpit:
    """The figures of one's scope; at most four queries. Reps without a talk are listed too.

    Only the first ``trends`` reps get a trend of their own (talks and scores): nobody looks at two hundred small lines.
    """
    by_week = (end_on - start_on).days > DAYS_BY_DAY
    visible_days = RepDay.objects.visible_to(user)
    period = visible_days.filter(day__gte=start_on, day__lt=end_on)
    both = visible_days.filter(day__gte=start_on - (end_on - start_on), day__lt=end_on)
    now, before = _by_rep(both, start_on)
    people = _people(user, {rep for rep, _unit, _figures in (*now, *before)})
    reps = {pk: RepRow(person) for pk, person in people.items()}
    names = _units({unit for _rep, unit, _figures in (*now, *before) if unit is not None}, people.values())
    units = {unit: UnitRow(names[unit] if unit is not None else None) for _rep, unit, _f in (*now, *before)}
    total, total_before = Figures(), Figures()
    for rep_id, unit_id, figures in now:
        for sums in (total, units[unit_id].figures, reps[rep_id].figures):
            sums.add(figures)
    for rep_id, unit_id, figures in before:
        for sums in (total_before, units[unit_id].before, reps[rep_id].before):
            sums.add(figures)
    listed = sorted(reps.values(), key=lambda row: (-row.figures.talks, row.rep.display_name, row.rep.pk))
    buckets = _buckets(start_on, end_on, by_week)
    trend = _add_trends(_Trend(buckets, start_on, by_week), period, listed[:trends])
    return TeamCockpit(
        start_on=start_on,
        end_on=end_on,
        by_week=by_week,
        reps=listed,
        units=sorted(units.values(), key=lambda row: row.unit.path if row.unit else ""),
        total=total,
        before=total_before,
        trend=trend,
    )


@dataclass(frozen=True, slots=True)
class _Trend:
    """The days or weeks of a period, and how daily rows are summed into them."""

    buckets: list[date]
    start_on: date
    by_week: bool

    def points(self) -> list[Point]:
        return [Point(bucket) for bucket in self.buckets]

    def place(self, bucket: date) -> int:
        """Number of the bucket; the first week may begin before the period."""
        days = (max(bucket, self.start_on) - self.start_on).days
        return (days + self.start_on.weekday()) // 7 if self.by_week else days


def _add_trends(trend: _Trend, period: RepDays, rows: list[RepRow]) -> list[Point]:
    """The trend of everybody, and of these reps what a small line shows; all others come as one. One query."""
    for row in rows:
        row.trend = trend.points()
    everybody = trend.points()
    by_rep = {row.rep.pk: row.trend for row in rows}
    days = period.order_by().annotate(
        bucket=TruncWeek("day") if trend.by_week else F("day"),
        listed=Case(When(rep__in=list(by_rep), then=F("rep_id"))),
    )
    for bucket, rep_id, *sums in days.values_list("bucket", "listed").annotate(**_sums(FIGURES)):
        place, figures = trend.place(bucket), Figures(*sums)
        everybody[place].figures.add(figures)
        if rep_id is not None:
            by_rep[rep_id][place].figures.add(figures)
    return everybody


def _sums(names: Iterable[str]) -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in names}


RepFigures = list[tuple[int, int | None, Figures]]


def _by_rep(days: RepDays, start_on: date) -> tuple[RepFigures, RepFigures]:
    """Sums by rep and unit: from ``start_on``, and before it. One query."""
    within = ExpressionWrapper(Q(day__gte=start_on), output_field=BooleanField())
    summed = days.order_by().annotate(within=within).values_list("within", "rep_id", "unit_id")
    now: RepFigures = []
    before: RepFigures = []
    for is_within, rep, unit, *sums in summed.annotate(**_sums(FIGURES)):
        (now if is_within else before).append((rep, unit, Figures(*sums)))
    return now, before


def _people(user: User, seen: set[int]) -> dict[int, User]:
    """Reps of one's scope as they stand today, and whoever has figures in it."""
    in_scope = visible(user, rep="pk", unit="unit") & Q(role=Role.REP, is_active=True)
    people = User.objects.filter(in_scope | Q(pk__in=seen)).select_related("unit")
    return {person.pk: person for person in people}


def _units(wanted: set[int], people: Iterable[User]) -> dict[int, Unit]:
    """Units by id. They are those where people stand today; only left ones are asked for."""
    known = {person.unit.pk: person.unit for person in people if person.unit is not None}
    return known | (Unit.objects.in_bulk(left) if (left := wanted - known.keys()) else {})


def _buckets(start_on: date, end_on: date, by_week: bool) -> list[date]:
    """The first day of each day or week of the period; the first week may begin in its middle."""
    buckets, day = [], start_on
    while day < end_on:
        buckets.append(day)
        day += timedelta(days=7 - day.weekday() if by_week else 1)
    return buckets
