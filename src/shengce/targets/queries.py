"""Reads of targets: which version holds, what is planned along which dimensions, and what of it falls on which day.

A sum is always made from leaves, so the same total comes out whichever way it is summed. Everything is in minor units:
cents of amounts, ones of counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Max, QuerySet, Sum

from shengce.people.models import User
from shengce.people.working_days import working_calendar
from shengce.planning.periods import Span, sum_within, year_by_day
from shengce.planning.working_time import Calendar
from shengce.targets.dimensions import BY_CODE, condition
from shengce.targets.models import MONTHS, Level, TargetRow, TargetVersion

Twelve = tuple[int, ...]


def approved_version(on: dt.date) -> TargetVersion | None:
    """The approved version of the fiscal year in which ``on`` lies; the newest where two sets cover the day."""
    candidates = (
        TargetVersion.objects.filter(
            state=TargetVersion.State.APPROVED,
            target_set__start_on__lte=on,
            target_set__start_on__gt=_a_year_before(on),
        )
        .select_related("target_set")
        .order_by("-approved_at", "-pk")
    )
    return candidates.first()


def planned(
    version: TargetVersion,
    metric_code: str,
    *,
    by: tuple[str, ...],
    user: User | None,
    where: Mapping[str, Any] | None = None,
    level: str = Level.TARGET,
) -> dict[tuple[Any, ...], Twelve]:
    """What is planned, summed by the dimensions ``by``: key → twelve months of the fiscal year in minor units.

    A key holds the ids (or codes) of the leaves themselves, ``None`` where a leaf says nothing; sums of trees are made of
    them with :func:`targets.trees.rolled_up`. ``where`` is as in :func:`targets.dimensions.condition`. ``user``: only the
    leaves that he may see; ``None`` is the program itself. One query, two where a tree is chosen from.
    Raises ``KeyError`` for a dimension that does not exist.
    """
    found = planned_and_locked(version, metric_code, by=by, user=user, where=where, level=level)
    return {key: row[: len(MONTHS)] for key, row in found.items()}


def planned_and_locked(
    version: TargetVersion,
    metric_code: str,
    *,
    by: tuple[str, ...],
    user: User | None,
    where: Mapping[str, Any] | None = None,
    level: str = Level.TARGET,
) -> dict[tuple[Any, ...], Twelve]:
    """As :func:`planned`, with a thirteenth number behind the months: above 0 where a leaf of the key has a lock."""
    columns = [BY_CODE[code].column for code in by]
    rows = leaves(version, metric_code, user=user, where=where, level=level)
    summed = (*(Sum(month) for month in MONTHS), Max("locked"))
    size = len(columns)
    answer: dict[tuple[Any, ...], Twelve] = {}
    grouped = rows.order_by().values_list(*columns).annotate(*summed)
    for row in grouped if columns else [tuple(rows.aggregate(*summed).values())]:
        key = tuple(None if value == "" else value for value in row[:size])
        answer[key] = tuple(int(value or 0) for value in row[size:])
    return answer


def leaves(
    version: TargetVersion,
    metric_code: str,
    *,
    user: User | None,
    where: Mapping[str, Any] | None = None,
    level: str = Level.TARGET,
) -> QuerySet[TargetRow]:
    """The leaves behind a sum."""
    rows = TargetRow.objects.filter(version=version, metric__code=metric_code, level=level)
    if user is not None:
        rows = rows.visible_to(user)
    return rows.filter(condition(where or {}))


def total(months: Mapping[tuple[Any, ...], Twelve]) -> Twelve:
    """The twelve sums over all keys of an answer of :func:`planned`."""
    return tuple(sum(column) for column in zip(*months.values(), strict=True)) if months else (0,) * 12


def planned_by_day(
    version: TargetVersion, months: Twelve, *, calendar: Calendar | None = None
) -> dict[dt.date, int]:
    """Twelve months' sums by working day of the year, to the unit; days on which nobody works are left out.

    Raises ``NoWorkingDays`` where a month has a sum and no day to work on.
    """
    return year_by_day(months, version.target_set.year, calendar or working_calendar())


def planned_within(
    version: TargetVersion, months: Twelve, span: Span, *, calendar: Calendar | None = None
) -> int:
    """What of twelve months' sums falls on the working days of ``span``: a week, a day, a month so far."""
    return sum_within(planned_by_day(version, months, calendar=calendar), span)


def _a_year_before(day: dt.date) -> dt.date:
    """A year that began later than this still runs on ``day``."""
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else dt.date(day.year - 1, 2, 28)
