"""How far on the way: what should be there by now by working days, the pace, the gap, the end of the period.

Working days are those of :class:`planning.working_time.Calendar`. A day counts as gone when it is over, so what came in today
is a lead, and today is still there to be worked on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shengce.planning.forecast import Forecast, Range
from shengce.planning.periods import Span, guessed_years, working_days
from shengce.planning.working_time import Calendar


@dataclass(frozen=True, slots=True)
class Clock:
    """The working days of a period on a day: all, gone, and left (today among them)."""

    span: Span
    today: date
    days: int
    gone: int
    guessed: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        return self.days - self.gone

    @property
    def share(self) -> float:
        """How much of the period's working days is gone, from 0 to 1. Without any: 0 before it ends, 1 after."""
        if self.days:
            return self.gone / self.days
        return 1.0 if self.today >= self.span.end_on else 0.0

    @property
    def over(self) -> bool:
        return self.today >= self.span.end_on


def clock_of(span: Span, today: date, calendar: Calendar) -> Clock:
    """Count the working days of ``span``. Raises ``ValueError`` for a span without a day."""
    if span.start_on >= span.end_on:
        raise ValueError("a period has at least one day")
    days = working_days(span, calendar)
    return Clock(span, today, len(days), sum(day < today for day in days), guessed_years(span, calendar))


@dataclass(frozen=True, slots=True)
class Progress:
    """Plan against actual of one period on one day; all in the unit of the plan.

    ``due`` is what should be there by now; ``run_rate`` actual ÷ due (1 is on time); ``attained`` actual ÷ target. ``gap`` is
    what is missing to the target, ``behind`` what is missing to what is due; both are negative where there is more than
    planned. ``per_day`` is what each working day that is left has to bring, ``None`` where none is left and something is
    missing. ``end`` is where the period will end; ``end_range`` where that is known. Shares are ``None`` without a target.
    """

    target: float
    actual: float
    due: float
    run_rate: float | None
    attained: float | None
    gap: float
    behind: float
    per_day: float | None
    end: float
    end_range: Range | None


def progress(
    *,
    target: float,
    actual: float,
    clock: Clock,
    due: float | None = None,
    actual_today: float = 0.0,
    expected: Range | None = None,
) -> Progress:
    """``actual`` is everything so far, ``actual_today`` the part of it that came in today.

    ``due`` is the plan for the working days gone where it is known by day or month; else the target by their share.
    ``expected`` is a forecast of the whole period made without it: the less of the period is over, the more the forecast
    of what is left rests on it, and the more of it is over, the more on the pace so far.
    """
    by_now = target * clock.share if due is None else due
    gap = target - actual
    per_day: float | None
    if gap <= 0:
        per_day = 0.0
    else:
        per_day = gap / clock.left if clock.left and not clock.over else None
    end, end_range = end_of_period(actual, actual_today, clock, expected)
    return Progress(
        target=target,
        actual=actual,
        due=by_now,
        run_rate=actual / by_now if by_now > 0 else None,
        attained=actual / target if target > 0 else None,
        gap=gap,
        behind=by_now - actual,
        per_day=per_day,
        end=end,
        end_range=end_range,
    )


def end_of_period(
    actual: float, today: float, clock: Clock, expected: Range | None
) -> tuple[float, Range | None]:
    """What is there, and what the days that are left will bring; arguments as those of :func:`progress`."""
    if clock.over or not clock.days:
        return actual, Range(actual, actual, actual) if clock.over else None
    before = actual - today
    pace = before / clock.gone if clock.gone else None
    usual = expected.mean / clock.days if expected else None
    if pace is None and usual is None:
        return actual, None
    if pace is None or usual is None:
        daily = usual if pace is None else pace
    else:
        daily = clock.share * pace + (1 - clock.share) * usual
    assert daily is not None
    end = max(actual, before + daily * clock.left)
    if expected is None:
        return end, None
    # Errors of independent days: the range narrows with the root of what is left.
    still = (1 - clock.share) ** 0.5
    low = max(min(actual, end), end - (expected.mean - expected.low) * still)
    return end, Range(end, low, end + (expected.high - expected.mean) * still)


def end_with_months_ahead(
    *, behind: float, present: float, today: float, clock: Clock, ahead: Forecast
) -> Range:
    """The end of a period of several months: what the months ``behind`` brought, where the present one will end by its pace and
    its forecast, and the forecast of those that are left.

    ``clock`` is that of the present month, the first of ``ahead``; ``present`` is what is there of it, ``today`` of today.
    With no month left it is :func:`end_of_period` of the present one.
    """
    end, _range = end_of_period(present, today, clock, ahead.periods[0])
    every, left = ahead.sums[-1], len(ahead.sums)
    there = behind + present
    mean = max(there, behind + end + every.mean - ahead.periods[0].mean)
    # The range of all months narrows with the root of what is left of them, as that of one month does.
    still = ((left - clock.share) / left) ** 0.5
    return Range(
        mean, max(there, mean - (every.mean - every.low) * still), mean + (every.high - every.mean) * still
    )
