"""Files of routing problems, the solver on problems of known cost, and the fixed weekly lines."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.planning.geography import Driving, Point, distance_km, frame_of
from shengce.planning.line_search import Slot
from shengce.planning.route_files import RouteFileError, read_route_file
from shengce.planning.routing import Problem, Stop, Vehicle, solve, tour_distance
from shengce.planning.visit_lines import Customer, LinePlan, Terms, best_order, plan_week
from shengce.project.cli import main

VRP = Path(__file__).resolve().parents[3] / "shared" / "data" / "vrp"
BEST = {"A-n32-k5.vrp": 784, "B-n31-k5.vrp": 672, "E-n13-k4.vrp": 247, "P-n16-k8.vrp": 450, "C101.txt": 827.3}
SMALL = """NAME : small
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
4 4 3
DEMAND_SECTION
1 0
2 5
3 5
4 5
DEPOT_SECTION
1
-1
EOF
"""
SOLOMON = """R1

VEHICLE
NUMBER     CAPACITY
  2         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      40         50          0          0       1236          0
    1      45         68         10          0       900          90
"""


@pytest.mark.parametrize("name", sorted(BEST))
def test_known_costs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not VRP.is_dir():
        pytest.skip("shared/data/vrp is not on this machine")
    assert main(["route", str(VRP / name), "--seconds", "2", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["cost"] <= BEST[name] * 1.01
    assert answer["cost"] >= BEST[name]
    visited = sorted(customer for route in answer["routes"] for customer in route)
    assert visited == list(range(1, answer["customers"] + 1))
    assert set(answer) == {
        "file", "name", "format", "type", "customers", "vehicles", "cost", "routes", "rounds", "seconds",
    }  # fmt: skip


def test_a_published_solution_costs_what_was_published() -> None:
    """Our distances are those under which the best known costs hold."""
    if not VRP.is_dir():
        pytest.skip("shared/data/vrp is not on this machine")
    for name, cost in {**BEST, "R101.txt": 1637.7, "RC101.txt": 1619.8}.items():
        found = read_route_file((VRP / name).read_bytes())
        lines = (VRP / name).with_suffix(".sol").read_text().splitlines()
        tours = [
            [int(c) - 1 for c in line.split(":")[1].split()] for line in lines if line.startswith("Route")
        ]
        total = sum(tour_distance(found.problem.distances[0], tour) for tour in tours)
        assert total / found.scale == pytest.approx(cost), name


def test_the_small_one_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.vrp"
    file.write_text(SMALL)
    assert main(["route", str(file), "--seconds", "0.2", "--json"]) == 0
    # one vehicle takes two of the three: 2 and 4 together (3 + 4 + 5) and 3 alone (4 + 4), or 3 and 4, and 2 alone (12 + 6)
    assert json.loads(capsys.readouterr().out)["cost"] == 18
    assert main(["route", str(file), "--seconds", "0.2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Cost 18"


FAULTS = [
    ("", "empty"),
    ("   \n\n", "empty"),
    ("hello", "format"),
    (SMALL.replace("TYPE : CVRP", "TYPE : HCVRP"), "type"),
    (SMALL.replace("DIMENSION : 4", "DIMENSION : 5"), "missing"),
    (SMALL.replace("DIMENSION : 4", "DIMENSION : 999999999"), "size"),
    (SMALL.replace("DIMENSION : 4", "DIMENSION : x"), "number"),
    (SMALL.replace("DIMENSION : 4", "DIMENSION : nan"), "number"),
    (SMALL.replace("DIMENSION : 4\n", ""), "missing"),
    (SMALL.replace("CAPACITY : 10\n", ""), "missing"),
    (SMALL.replace("CAPACITY : 10", "CAPACITY : 4"), "demand"),
    (SMALL.replace("CAPACITY : 10", "CAPACITY : -4"), "negative"),
    (SMALL.replace("CAPACITY : 10", "CAPACITY : 10\nVEHICLES : 1"), "demand"),
    (SMALL.replace("2 0 3", "2 0 nan"), "number"),
    (SMALL.replace("2 0 3", "2 0 1e300"), "number"),
    (SMALL.replace("2 0 3", "2 0"), "columns"),
    (SMALL.replace("2 0 3", "3 0 3"), "numbers"),
    (SMALL.replace("2 5", "2 -5"), "negative"),
    (SMALL.replace("2 5", "2 0.5"), "number"),
    (SMALL.replace("EUC_2D", "GEO"), "distances"),
    (SMALL.replace("DEPOT_SECTION\n1", "DEPOT_SECTION\n2"), "depot"),
    (SMALL.replace("CAPACITY", "ODD WORDS\nCAPACITY"), "words"),
    (SOLOMON.replace("900", "5"), "window"),
    (SOLOMON.replace("  2         200", "  0         200"), "vehicles"),
    (SOLOMON.replace("  2         200", ""), "vehicles"),
    (SOLOMON.replace("   10  ", "  900  "), "demand"),
    (SOLOMON.replace("    1      45", "    7      45"), "numbers"),
    (SOLOMON[: SOLOMON.index("    1   ")], "size"),
]


@pytest.mark.parametrize(("text", "code"), FAULTS)
def test_files_that_are_of_no_use(
    text: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad"
    file.write_text(text)
    assert main(["route", str(file), "--seconds", "0.1", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == code
    assert "Traceback" not in said.err
    assert str(file) in said.err


def test_no_file_and_wrong_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", str(tmp_path / "none")]) == 1
    assert main(["route", str(tmp_path)]) == 1
    (tmp_path / "binary").write_bytes(b"\x00\x01" * 100)
    assert main(["route", str(tmp_path / "binary")]) == 1
    for seconds in ("0", "-1", "nan", "inf", "1e9", "x"):
        with pytest.raises(SystemExit) as stopped:
            main(["route", str(tmp_path / "none"), "--seconds", seconds])
        assert stopped.value.code == 2
    capsys.readouterr()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_get_a_word(noise: bytes) -> None:
    for raw in (noise, SMALL.encode()[:120] + noise, SOLOMON.encode()[:90] + noise):
        try:
            read_route_file(raw)
        except RouteFileError as error:
            assert str(error)


def test_limits_of_the_solver() -> None:
    line = ([[0, 1], [1, 0]],)
    one = Problem((Stop(),), (Vehicle(),), line, line[0])
    assert solve(one, seconds=0.05).distance == 2
    assert solve(Problem((), (Vehicle(),), ([[0]],), [[0]]), seconds=1).tours == ()
    for seconds in (0, -1, float("nan"), 1e9):
        with pytest.raises(ValueError):
            solve(one, seconds=seconds)
    with pytest.raises(ValueError):
        solve(Problem((Stop(), Stop()), (Vehicle(),), line, line[0]), seconds=0.1)


# --- places


@pytest.mark.parametrize(("a", "b", "km"), [
    (Point(30.27, 120.16), Point(30.00, 120.58), 50.3),
    (Point(0, 179.5), Point(0, -179.5), 111.2),
    (Point(31, 121), Point(31, 121), 0),
])  # fmt: skip
def test_distances(a: Point, b: Point, km: float) -> None:
    assert distance_km(a, b) == pytest.approx(km, abs=0.2)


@pytest.mark.parametrize("spot", [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_no_places(spot: tuple[float, float]) -> None:
    with pytest.raises(ValueError):
        Point(*spot)


@given(st.lists(st.tuples(st.floats(20, 50), st.floats(80, 130)), min_size=1, max_size=20))
def test_a_frame_holds_every_point(spots: list[tuple[float, float]]) -> None:
    points = [Point(*spot) for spot in spots]
    frame = frame_of(points, width=700, height=400, margin=20)
    for point in points:
        x, y = frame.place(point)
        assert -0.5 <= x <= 700.5
        assert -0.5 <= y <= 400.5


def test_driving_takes_longer_the_further_it_is() -> None:
    way = [Driving().minutes(km) for km in (0, 0.5, 3, 20, 100)]
    assert way[0] == 0
    assert way == sorted(way)


# --- lines

BASE = Point(30.27, 120.16)


def people(number: int, seed: int = 3) -> list[Customer[int]]:
    chance = random.Random(seed)
    return [
        Customer(
            key,
            Point(30.27 + chance.gauss(0, 0.05), 120.16 + chance.gauss(0, 0.05)),
            chance.choice((1, 2, 4, 4)),
            20,
            *(chance.choice([(None, None), (None, None), (540, 690), (810, 1020)])),
            weekdays=frozenset(chance.sample(range(5), 2)) if chance.random() < 0.2 else frozenset(),
        )
        for key in range(number)
    ]


def seen(plan: LinePlan[Any]) -> dict[Any, list[tuple[int, int]]]:
    found: dict[Any, list[tuple[int, int]]] = {}
    for line in plan.lines:
        for call in line.calls:
            found.setdefault(call.key, []).append((line.week, line.weekday))
    return found


def check(customers: list[Customer[int]], plan: LinePlan[int]) -> None:
    days = seen(plan)
    assert set(days) | {key for key, _why in plan.left_out} == {c.key for c in customers}
    assert not set(days) & {key for key, _why in plan.left_out}
    for customer in customers:
        if customer.key not in days:
            continue
        visits = days[customer.key]
        weeks = [week for week, _weekday in visits]
        assert len({weekday for _week, weekday in visits}) == 1, "one weekday each"
        assert weeks == list(range(weeks[0], 4, customer.every_weeks)), "as often as his class says"
        assert not customer.weekdays or visits[0][1] in customer.weekdays
    for line in plan.lines:
        assert line.over == 0
        for call in line.calls:
            customer = customers[call.key]
            assert call.late == 0
            assert customer.opens is None or call.arrives >= customer.opens
            assert customer.closes is None or call.arrives + customer.minutes <= customer.closes + 1


def test_a_month_of_lines() -> None:
    customers = people(45)
    plan = plan_week(customers, Terms(BASE), seconds=2)
    check(customers, plan)
    assert plan.left_out == ()
    busy = [sum(call.drive + call.minutes for call in line.calls) for line in plan.lines]
    print(sorted(busy))
    assert max(busy) - min(busy) < 130
    again = plan_week(customers, Terms(BASE), seconds=2, standing=plan.slots)
    assert sum(again.slots[key] != slot for key, slot in plan.slots.items()) <= 3
    check(customers, again)


def test_one_more_customer_moves_nobody_much() -> None:
    customers = people(30)
    before = plan_week(customers, Terms(BASE), seconds=1.5)
    after = plan_week(
        [*customers, Customer(30, Point(30.3, 120.2), 1)], Terms(BASE), seconds=1.5, standing=before.slots
    )
    assert 30 in after.slots
    assert sum(after.slots[key] != slot for key, slot in before.slots.items()) <= 3


def test_who_was_fixed_stays_whatever_it_costs() -> None:
    customers = people(20)
    far_side = {0: Slot(0, 4), 1: Slot(0, 0)}
    allowed = [Customer(c.key, c.place, 4, 20) if c.key < 2 else c for c in customers]
    plan = plan_week(allowed, Terms(BASE), seconds=1, standing=far_side, fixed={0, 1})
    assert plan.slots[0] == Slot(0, 4)
    assert plan.slots[1] == Slot(0, 0)


@pytest.mark.parametrize(("odd", "reason"), [
    (Customer("x", None), "no_place"),
    (Customer("x", BASE, every_weeks=0), "not_visited"),
    (Customer("x", BASE, opens=60, closes=120), "hours"),
    (Customer("x", BASE, opens=600, closes=610), "hours"),
    (Customer("x", BASE, weekdays=frozenset({6})), "hours"),
    (Customer("x", Point(43.8, 87.6)), "too_far"),
])  # fmt: skip
def test_nobody_is_dropped_silently(odd: Customer[str], reason: str) -> None:
    plan = plan_week([odd, Customer("y", Point(30.28, 120.2))], Terms(BASE), seconds=0.5)
    assert plan.left_out == (("x", reason),)
    assert set(plan.slots) == {"y"}


def test_too_much_work_leaves_the_least_frequent_out() -> None:
    customers = [
        Customer(key, Point(30.27, 120.16 + key / 500), 1 if key < 6 else 4, 55) for key in range(90)
    ]
    plan = plan_week(customers, Terms(BASE, weekdays=(0, 1)), seconds=2)
    check(customers, plan)
    assert plan.left_out
    assert {why for _key, why in plan.left_out} == {"no_time"}
    assert set(range(6)) <= set(plan.slots)


def test_refused_terms() -> None:
    one = [Customer(1, BASE)]
    for terms in (Terms(BASE, weekdays=()), Terms(BASE, weekdays=(7,)), Terms(BASE, minutes=0)):
        with pytest.raises(ValueError):
            plan_week(one, terms, seconds=0.2)
    with pytest.raises(ValueError):
        plan_week([Customer(1, BASE, 3)], Terms(BASE), seconds=0.2)
    with pytest.raises(ValueError):
        plan_week([Customer(1, BASE, minutes=0)], Terms(BASE), seconds=0.2)
    assert plan_week([], Terms(BASE), seconds=0.2).slots == {}


def test_the_order_of_a_day() -> None:
    row = [Customer(key, Point(30.27, 120.16 + key / 50)) for key in (3, 1, 4, 2)]
    keys = [customer.key for customer in best_order(row, Terms(BASE), seconds=0.3)]
    assert keys in ([1, 2, 3, 4], [4, 3, 2, 1])
