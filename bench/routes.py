"""Vehicle routing: the gap to the best known cost after five seconds, and the weekly lines of 150 customers."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from shengce.planning.geography import Point
from shengce.planning.route_files import read_route_file
from shengce.planning.routing import solve
from shengce.planning.visit_lines import Customer, Terms, plan_week

VRP = Path(__file__).resolve().parents[2] / "shared" / "data" / "vrp"
BEST = {
    "A-n32-k5.vrp": 784, "B-n31-k5.vrp": 672, "E-n13-k4.vrp": 247, "P-n16-k8.vrp": 450,
    "C101.txt": 827.3, "R101.txt": 1637.7, "RC101.txt": 1619.8,
}  # fmt: skip
SECONDS = 5.0
MOST_GAP = 1.0
CUSTOMERS = 150
WEEK_SECONDS = 8.0
WEEK_BUDGET_S = 10.0


def measure() -> list[dict[str, Any]]:
    """Seven gaps where the files are on this machine; time, what is left out and balance of one plan of lines."""
    return [*([_gap(name) for name in BEST] if VRP.is_dir() else []), *_week()]


def _gap(name: str) -> dict[str, Any]:
    found = read_route_file((VRP / name).read_bytes())
    plan = solve(found.problem, seconds=SECONDS)
    gap = 100 * (plan.distance / found.scale / BEST[name] - 1)
    return _row(
        f"routes, {name} after {SECONDS:g} s",
        round(gap, 2),
        "% gap",
        f"{plan.rounds} rounds",
        MOST_GAP,
        plan.kept and gap <= MOST_GAP,
    )


def _week() -> list[dict[str, Any]]:
    started = time.perf_counter()
    plan = plan_week(customers(), Terms(Point(30.27, 120.16)), seconds=WEEK_SECONDS)
    took = time.perf_counter() - started
    busy = sorted(sum(call.drive + call.minutes for call in line.calls) for line in plan.lines)
    late = sum(call.late for line in plan.lines for call in line.calls)
    planned = CUSTOMERS - len(plan.left_out)
    name = f"weekly lines of {CUSTOMERS} customers"
    return [
        _row(name, round(took, 1), "s", f"{plan.km:.0f} km in four weeks", WEEK_BUDGET_S, took <= WEEK_BUDGET_S),
        _row(f"{name}, with a line", planned, "", f"minutes too late: {late}", None, late == 0),
        _row(f"{name}, longest day", busy[-1], "min", f"shortest {busy[0]} min", 480, busy[-1] <= 480),
    ]  # fmt: skip


def customers() -> list[Customer[int]]:
    """In a city and two towns about it: every tenth each week, two each second week; hours and weekdays of some."""
    chance = random.Random(5)
    towns = [(30.27, 120.15)] * 10 + [(30.0, 120.58), (30.42, 120.3)]
    made = []
    for key in range(CUSTOMERS):
        north, east = chance.choice(towns)
        hours = chance.choice([(None, None)] * 3 + [(540, 690), (810, 1020)])
        free = frozenset[int]() if chance.random() < 0.85 else frozenset(chance.sample(range(5), 3))
        spot = Point(north + chance.gauss(0, 0.04), east + chance.gauss(0, 0.04))
        made.append(Customer(key, spot, chance.choices([1, 2, 4], [1, 2, 9])[0], 20, *hours, weekdays=free))
    return made


def _row(name: str, value: Any, unit: str, reference: str, budget: Any, ok: bool) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "reference": reference, "ratio": None, "budget": budget, "ok": ok,
    }  # fmt: skip


if __name__ == "__main__":
    for row in measure():
        print(row)
