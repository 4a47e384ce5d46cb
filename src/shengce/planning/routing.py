"""Vehicle routing: who is visited by which vehicle, in which order. The search is PyVRP's, loaded when it is asked for.

Distances and times are whole numbers in units of the caller's choice. Place 0 is where every vehicle starts and ends; stop
``i`` of a :class:`Problem` is place ``i + 1``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Matrix = Sequence[Sequence[int]]
FAR = 10**7
"""A distance that nobody drives: longer than any road of a problem, and small enough to be added up."""
MOST_STOPS = 2_000
NEIGHBOURS = 20
"""So many nearest stops are tried for each stop. With 20, Solomon's RC101 comes within 1 % of the best known in five
seconds whatever the seed; with PyVRP's own 50 it is up to 4 %, because fewer rounds fit into the time."""
MOST_SECONDS = 600.0
_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Stop:
    """``demand`` are the loads that it takes, one for each capacity; its service begins within ``[opens, closes]``."""

    demand: tuple[int, ...] = ()
    service: int = 0
    opens: int = 0
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """``count`` equal vehicles. ``roads`` is the distance matrix that they use; ``longest`` their longest tour.

    With ``late_cost`` a tour may end after ``closes``, and every unit of time beyond it costs so much.
    """

    count: int = 1
    capacity: tuple[int, ...] = ()
    opens: int = 0
    closes: int | None = None
    longest: int | None = None
    roads: int = 0
    late_cost: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """``distances`` holds one square matrix for each kind of roads; ``durations`` is the time from place to place."""

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    distances: tuple[Matrix, ...]
    durations: Matrix
    depot_closes: int | None = None
    depot_opens: int = 0


@dataclass(frozen=True, slots=True)
class Tour:
    """Stops by their position in the problem, in the order of driving; ``vehicle`` is the position of the kind."""

    vehicle: int
    stops: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """``kept`` says whether every limit is kept; ``distance`` is on the roads of each vehicle."""

    tours: tuple[Tour, ...]
    distance: int
    kept: bool
    rounds: int
    seconds: float


def solve(
    problem: Problem,
    *,
    seconds: float,
    patience: int | None = None,
    seed: int = 1,
    first: Sequence[Tour] = (),
) -> Plan:
    """The shortest plan found within ``seconds``, or after ``patience`` rounds without a better one.

    ``first`` is a plan to begin with. Raises ``ValueError`` for more than :data:`MOST_STOPS` stops, seconds that are no
    time, or matrices that do not fit; ``RuntimeError`` where PyVRP is not installed.
    """
    if not 0 < seconds <= MOST_SECONDS:
        raise ValueError(f"seconds must be above 0 and at most {MOST_SECONDS:g}")
    if len(problem.stops) > MOST_STOPS:
        raise ValueError(f"{len(problem.stops)} stops: at most {MOST_STOPS} can be planned")
    started = time.perf_counter()
    if not problem.stops:
        return Plan((), 0, True, 0, 0.0)
    try:
        import pyvrp
        from pyvrp import stop as stopping
        from pyvrp.search import NeighbourhoodParams
    except ImportError as error:
        raise RuntimeError("planning routes needs the package pyvrp, which is not installed") from error
    data = _data(problem)
    stops: list[Any] = [stopping.MaxRuntime(seconds)]
    if patience is not None:
        stops.append(stopping.NoImprovement(patience))
    begin = None
    if first:
        begin = pyvrp.Solution(data, [pyvrp.Route(data, list(t.stops), t.vehicle) for t in first])
    result = pyvrp.solve(
        data,
        stopping.MultipleCriteria(stops),
        seed=seed,
        collect_stats=False,
        display=False,
        params=pyvrp.SolveParams(neighbourhood=NeighbourhoodParams(num_neighbours=NEIGHBOURS)),
        initial_solution=begin,
    )
    best = result.best
    tours = tuple(
        Tour(route.vehicle_type(), tuple(step.idx for step in route if step.is_client()))
        for route in best.routes()
    )
    took = time.perf_counter() - started
    return Plan(tours, int(best.distance()), bool(best.is_feasible()), int(result.num_iterations), took)


def _data(problem: Problem) -> Any:
    import numpy as np
    import pyvrp

    size = len(problem.stops) + 1
    distances: list[Any] = [np.asarray(matrix, dtype=np.int64) for matrix in problem.distances]
    durations: Any = np.asarray(problem.durations, dtype=np.int64)
    if any(matrix.shape != (size, size) for matrix in (*distances, durations)):
        raise ValueError(f"a matrix must have {size} rows and columns, one for each place")
    clients = [
        pyvrp.Client(
            place,
            delivery=list(stop.demand),
            service_duration=stop.service,
            tw_early=stop.opens,
            tw_late=_NEVER if stop.closes is None else stop.closes,
        )
        for place, stop in enumerate(problem.stops, start=1)
    ]
    closes = _NEVER if problem.depot_closes is None else problem.depot_closes
    depot = pyvrp.Depot(0, tw_early=problem.depot_opens, tw_late=closes)
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * size,
        clients,
        [depot],
        [_vehicle(vehicle) for vehicle in problem.vehicles],
        distances,
        [durations] * len(distances),
    )


def _vehicle(vehicle: Vehicle) -> Any:
    import pyvrp

    closes = _NEVER if vehicle.closes is None else vehicle.closes
    options: dict[str, Any] = {"tw_late": closes}
    if vehicle.late_cost and vehicle.closes is not None:
        day = vehicle.closes - vehicle.opens
        options = {"shift_duration": day, "max_overtime": 30 * day, "unit_overtime_cost": vehicle.late_cost}
    if vehicle.longest is not None:
        options["max_distance"] = vehicle.longest
    return pyvrp.VehicleType(
        vehicle.count, list(vehicle.capacity), tw_early=vehicle.opens, profile=vehicle.roads, **options
    )


def tour_distance(distances: Matrix, stops: Sequence[int]) -> int:
    """From place 0 through the stops (positions in the problem) and back."""
    places = [0, *(stop + 1 for stop in stops), 0]
    return sum(distances[a][b] for a, b in pairwise(places)) if stops else 0
