"""The team cockpit, read from daily figures: few rows and a fixed number of queries, however many talks there are."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncWeek

from shengce.people.models import Role, Unit, User
from shengce.people.scope import visible
from shengce.results.models import RepDay

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


def team_cockpit(user: User, *, start_on: date, end_on: date) -> TeamCockpit:
    """The figures of one's scope; at most six queries. Reps without a talk are listed too."""
    by_week = (end_on - start_on).days > DAYS_BY_DAY
    days = RepDay.objects.visible_to(user)
    rows = _summed(days.filter(day__gte=start_on, day__lt=end_on), by_week)
    earlier = days.filter(day__gte=start_on - (end_on - start_on), day__lt=start_on)
    before = _summed(earlier, None)
    people = _people(user, {rep_id for rep_id, *_ in rows} | {rep_id for rep_id, *_ in before})
    buckets = _buckets(start_on, end_on, by_week)
    reps = {pk: RepRow(person, trend=[Point(b) for b in buckets]) for pk, person in people.items()}
    units: dict[int | None, UnitRow] = {}
    names = Unit.objects.in_bulk({unit_id for _rep, unit_id, *_ in (*rows, *before) if unit_id is not None})
    cockpit = TeamCockpit(
        start_on, end_on, by_week, [], [], Figures(), Figures(), [Point(b) for b in buckets]
    )
    place = {bucket: number for number, bucket in enumerate(buckets)}
    for rep_id, unit_id, bucket, figures in rows:
        number = place[max(bucket, start_on)]
        unit = units.setdefault(unit_id, UnitRow(names[unit_id] if unit_id is not None else None))
        row = reps[rep_id]
        for sums in (
            cockpit.total,
            cockpit.trend[number].figures,
            unit.figures,
            row.figures,
            row.trend[number].figures,
        ):
            sums.add(figures)
    for rep_id, unit_id, _bucket, figures in before:
        unit = units.setdefault(unit_id, UnitRow(names[unit_id] if unit_id is not None else None))
        for sums in (cockpit.before, unit.before, reps[rep_id].before):
            sums.add(figures)
    cockpit.reps = sorted(
        reps.values(), key=lambda row: (-row.figures.talks, row.rep.display_name, row.rep.pk)
    )
    cockpit.units = sorted(units.values(), key=lambda row: row.unit.path if row.unit else "")
    return cockpit


def _summed(days: Any, by_week: bool | None) -> list[tuple[int, int | None, date, Figures]]:
    """``(rep, unit, start of day or week, sums)``; with ``by_week`` None the whole period is one."""
    keys = ["rep_id", "unit_id"]
    if by_week is not None:
        days = days.annotate(bucket=TruncWeek("day") if by_week else F("day"))
        keys.append("bucket")
    summed = days.order_by().values_list(*keys).annotate(**{f"sum_{name}": Sum(name) for name in FIGURES})
    width = len(keys)
    return [
        (row[0], row[1], row[2] if width == 3 else date.min, Figures(*row[width:]))
        for row in summed.iterator()
    ]


def _people(user: User, seen: set[int]) -> dict[int, User]:
    """Reps of one's scope as they stand today, and whoever has figures in it."""
    in_scope = visible(user, rep="pk", unit="unit") & Q(role=Role.REP, is_active=True)
    people = User.objects.filter(in_scope | Q(pk__in=seen)).select_related("unit")
    return {person.pk: person for person in people}


def _buckets(start_on: date, end_on: date, by_week: bool) -> list[date]:
    """The first day of each day or week of the period; the first week may begin in its middle."""
    buckets, day = [], start_on
    while day < end_on:
        buckets.append(day)
        day += timedelta(days=7 - day.weekday() if by_week else 1)
    return buckets
