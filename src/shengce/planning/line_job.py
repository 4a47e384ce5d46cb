"""Planning of weekly lines as a job for a child process: ``python -m shengce.planning.line_job``, JSON in, JSON out.

The request has ``customers`` (rows of :func:`customer_row`), ``base``, ``weekdays``, ``weeks``, ``starts``, ``minutes``,
``standing`` (``[[key, week, weekday]]``), ``fixed`` (keys) and ``seconds``; keys are whole numbers. The answer has ``lines`` and
``left_out``, or ``error`` in words.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from shengce.planning.geography import Point
from shengce.planning.line_search import Slot
from shengce.planning.visit_lines import Customer, Terms, measure_line, plan_week

Row = list[Any]


def customer_row(
    key: int,
    place: Point | None,
    every_weeks: int,
    minutes: int,
    opens: int | None,
    closes: int | None,
    weekdays: Iterable[int],
    rough: bool,
) -> Row:
    """A customer as JSON."""
    at = None if place is None else [place.latitude, place.longitude]
    return [key, at, every_weeks, minutes, opens, closes, list(weekdays), rough]


def _customer(row: Row) -> Customer[int]:
    key, at, every_weeks, minutes, opens, closes, weekdays, rough = row
    place = None if at is None else Point(*at)
    return Customer(key, place, every_weeks, minutes, opens, closes, frozenset(weekdays), rough)


def times_of_day(rows: Sequence[Row], *, base: Point, starts: int, minutes: int) -> list[dict[str, Any]]:
    """Arrival, way, waiting and lateness of each call of one day, in the order given."""
    line = measure_line([_customer(row) for row in rows], Terms(base, starts=starts, minutes=minutes))
    return [asdict(call) for call in line.calls]


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Plan what the request asks for."""
    terms = Terms(
        Point(*request["base"]),
        tuple(request["weekdays"]),
        request["weeks"],
        request["starts"],
        request["minutes"],
    )
    try:
        plan = plan_week(
            [_customer(row) for row in request["customers"]],
            terms,
            seconds=request["seconds"],
            standing={key: Slot(week, weekday) for key, week, weekday in request["standing"]},
            fixed=set(request["fixed"]),
        )
    except (ValueError, RuntimeError) as error:
        return {"error": str(error)}
    return {
        "lines": [asdict(line) for line in plan.lines],
        "left_out": [list(each) for each in plan.left_out],
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
