"""Fixed weekly lines: which customer a rep visits in which week of the cycle, on which weekday, in which order.

A customer who is visited every ``n`` weeks has one *slot*, a weekday and a week; he is visited on that weekday in this week
and in every ``n``-th after it. So everybody knows his day, and the rep's weeks look alike.

1. The weekdays share the customers out so that each drives little and has a fair share of the work (PyVRP, one vehicle a
   weekday; the load of a customer is the time he takes in a whole cycle).
2. The customers of a weekday share the weeks out: neighbours come into the same week.
3. Slots are exchanged as long as that saves more driving than it costs in balance (:mod:`shengce.planning.line_search`).
4. Each day is put into the best order that keeps the customers' hours (PyVRP).
5. What makes a day longer than it may be is moved to another day where it fits; where none has room, it is left out, with the
   reason, the least frequent visits first.

Lines that stand already are the beginning: steps 1 and 2 are for new customers only, and who is moved costs ``loyalty``.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from shengce.planning.geography import Driving, Point, distance_km
from shengce.planning.line_search import Board, Job, Slot
from shengce.planning.routing import FAR, Problem, Stop, Vehicle, solve

Key = TypeVar("Key", bound=Hashable)
Reason = Literal["no_place", "not_visited", "hours", "no_time", "too_far"]

MOST_CUSTOMERS = 600
_SECOND = 60


@dataclass(frozen=True, slots=True)
class Customer(Generic[Key]):
    """Somebody to visit. ``opens`` and ``closes`` are minutes of the day between which the visit takes place.

    ``every_weeks`` 0: no visits. ``weekdays`` (0 is Monday) empty: any. ``rough``: ``place`` is only the middle of his city.
    """

    key: Key
    place: Point | None
    every_weeks: int = 4
    minutes: int = 30
    opens: int | None = None
    closes: int | None = None
    weekdays: frozenset[int] = frozenset()
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the rep: where he starts, on which weekdays, from which minute of the day, for how many minutes.

    ``rough_km``: two customers of whom only the city is known are taken to be at least this far apart. ``loyalty``: minutes of
    driving in a cycle that moving one customer to another day must save.
    """

    base: Point
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    weeks: int = 4
    starts: int = 9 * 60
    minutes: int = 8 * 60
    rough_km: float = 5.0
    loyalty: float = 45.0
    driving: Driving = field(default_factory=Driving)


@dataclass(frozen=True, slots=True)
class Call(Generic[Key]):
    """One visit of a line. ``arrives`` is the minute of the day, ``km`` the way there; ``waits`` until he opens."""

    key: Key
    arrives: int
    minutes: int
    km: float
    drive: int
    waits: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Line(Generic[Key]):
    """One day of the cycle. ``km`` and ``minutes`` are of the whole tour, back to the base; ``over`` what is too much."""

    week: int
    weekday: int
    calls: tuple[Call[Key], ...]
    km: float
    minutes: int
    over: int


@dataclass(frozen=True, slots=True)
class LinePlan(Generic[Key]):
    """``lines`` has every day of the cycle, in order, also empty ones; ``left_out`` says why somebody has no line."""

    lines: tuple[Line[Key], ...]
    left_out: tuple[tuple[Key, Reason], ...]
    slots: Mapping[Key, Slot]
    seconds: float

    @property
    def km(self) -> float:
        return sum(line.km for line in self.lines)


def plan_week(
    customers: Iterable[Customer[Key]],
    terms: Terms,
    *,
    seconds: float,
    standing: Mapping[Key, Slot] | None = None,
    fixed: frozenset[Key] | set[Key] = frozenset(),
) -> LinePlan[Key]:
    """The lines of a cycle, found within about ``seconds``.

    ``standing`` are the slots of the lines in force; customers in ``fixed`` keep theirs whatever it costs. Raises
    ``ValueError`` for more than :data:`MOST_CUSTOMERS` customers, for terms that allow no day, or for a frequency that does
    not divide the cycle.
    """
    started = time.monotonic()
    everybody = list(customers)
    _check(everybody, terms)
    left_out: list[tuple[Key, Reason]] = []
    chosen: list[Customer[Key]] = []
    for customer in everybody:
        reason = _hopeless(customer, terms)
        if reason is None:
            chosen.append(customer)
        else:
            left_out.append((customer.key, reason))
    board = _board(chosen, terms)
    known = _standing(chosen, terms, standing or {}, fixed)
    board.loyalty = terms.loyalty
    for job, (slot, is_fixed) in known.items():
        board.keep(job, slot, fixed=is_fixed)
    if len(known) * 5 < len(chosen) * 3:
        _share_out(board, terms, seconds=seconds * 0.45)
    for job in range(len(board.jobs)):
        if board.slot_of[job] is None:
            board.insert(job)
    board.improve(until=started + seconds * 0.6)
    order_days(board, until=started + seconds * 0.95)
    board.repair()
    dropped = board.drop_what_does_not_fit()
    left_out += [(chosen[job].key, "no_time") for job in dropped]
    lines = tuple(
        _line(board, chosen, terms, week, weekday)
        for week in range(terms.weeks)
        for weekday in terms.weekdays
    )
    slots = {
        chosen[job].key: Slot(slot.week, terms.weekdays[slot.weekday])
        for job, slot in enumerate(board.slot_of)
        if slot is not None
    }
    return LinePlan(lines, tuple(left_out), slots, time.monotonic() - started)


def measure_line(
    customers: list[Customer[Key]], terms: Terms, *, week: int = 0, weekday: int = 0
) -> Line[Key]:
    """The times and ways of one day in the order given; every customer needs a place."""
    board = _board(customers, terms)
    board.days[0] = list(range(len(customers)))
    return _times(board, customers, terms, board.days[0], week, weekday)


def best_order(customers: list[Customer[Key]], terms: Terms, *, seconds: float) -> list[Customer[Key]]:
    """The customers of one day in the order that drives least and keeps their hours."""
    board = _board(customers, terms)
    return [customers[job] for job in _ordered(board, list(range(len(customers))), seconds)]


def _check(everybody: list[Customer[Key]], terms: Terms) -> None:
    if len(everybody) > MOST_CUSTOMERS:
        raise ValueError(
            f"{len(everybody)} customers: at most {MOST_CUSTOMERS} can be planned for one person"
        )
    if not terms.weekdays or set(terms.weekdays) - set(range(7)) or terms.minutes <= 0 or terms.weeks < 1:
        raise ValueError("there must be a weekday to work on, and a day must have a length")
    for customer in everybody:
        if customer.every_weeks and terms.weeks % customer.every_weeks:
            raise ValueError(
                f"every {customer.every_weeks} weeks does not fit into a cycle of {terms.weeks} weeks"
            )
        if customer.minutes <= 0:
            raise ValueError("a visit must take time")


def _hopeless(customer: Customer[Key], terms: Terms) -> Reason | None:
    """Why nobody can be sent there, whatever the plan."""
    if customer.every_weeks == 0:
        return "not_visited"
    if customer.place is None:
        return "no_place"
    drive = terms.driving.minutes(distance_km(terms.base, customer.place))
    if 2 * drive + customer.minutes > terms.minutes:
        return "too_far"
    opens, closes = _hours(customer, terms)
    arrives = max(opens, terms.starts + drive)
    allowed = not customer.weekdays or customer.weekdays & set(terms.weekdays)
    if arrives > closes or arrives + customer.minutes + drive > terms.starts + terms.minutes or not allowed:
        return "hours"
    return None


def _hours(customer: Customer[Key], terms: Terms) -> tuple[int, int]:
    """Between which minutes of the day the visit may begin."""
    opens = terms.starts if customer.opens is None else customer.opens
    closes = terms.starts + terms.minutes if customer.closes is None else customer.closes
    return opens, closes - customer.minutes


def _board(customers: list[Customer[Key]], terms: Terms) -> Board:
    places = [terms.base, *(customer.place or terms.base for customer in customers)]
    rough = [False, *(customer.rough for customer in customers)]
    size = len(places)
    km = [[0.0] * size for _place in places]
    for a in range(size):
        for b in range(a):
            way = distance_km(places[a], places[b])
            if rough[a] and rough[b]:
                way = max(way, terms.rough_km)
            km[a][b] = km[b][a] = way
    drive = [[terms.driving.minutes(way) for way in row] for row in km]
    jobs = [
        Job(
            customer.every_weeks,
            customer.minutes,
            *_hours(customer, terms),
            tuple(
                number
                for number, weekday in enumerate(terms.weekdays)
                if not customer.weekdays or weekday in customer.weekdays
            ),
        )
        for customer in customers
    ]
    return Board(jobs, drive, km, terms.weeks, len(terms.weekdays), terms.starts, terms.minutes)


def _standing(
    chosen: list[Customer[Key]],
    terms: Terms,
    standing: Mapping[Key, Slot],
    fixed: frozenset[Key] | set[Key],
) -> dict[int, tuple[Slot, bool]]:
    """Slots that are kept, by job; one that is no longer allowed is not. The weekday is that of the board."""
    kept: dict[int, tuple[Slot, bool]] = {}
    for job, customer in enumerate(chosen):
        slot = standing.get(customer.key)
        if slot is None or slot.weekday not in terms.weekdays:
            continue
        if customer.weekdays and slot.weekday not in customer.weekdays:
            continue
        weekday = terms.weekdays.index(slot.weekday)
        kept[job] = (Slot(slot.week % customer.every_weeks, weekday), customer.key in fixed)
    return kept


def _share_out(board: Board, terms: Terms, *, seconds: float) -> None:
    """Weekdays by PyVRP, then weeks; who has a slot already keeps his weekday where that does not cost much."""
    jobs, weekdays = board.jobs, range(board.weekdays)
    if not jobs:
        return
    load = [round((job.minutes + 12) * board.weeks / job.every) for job in jobs]
    size = len(jobs) + 1
    metres = [[round(way * 1000) for way in row] for row in board.km]
    roads = []
    for weekday in weekdays:
        matrix = [row[:] for row in metres]
        for number, job in enumerate(jobs, start=1):
            extra = 0 if weekday in job.weekdays else FAR
            slot = board.slot_of[number - 1]
            if slot is not None and slot.weekday != weekday:
                extra = FAR if (number - 1) in board.fixed else round(500 * terms.loyalty * job.every / 4)
            for place in range(size):
                if place != number:
                    matrix[place][number] += extra
        roads.append(matrix)
    fair = max(max(load), round(sum(load) / board.weekdays * 1.04) + 1)
    problem = Problem(
        tuple(Stop((each,)) for each in load),
        tuple(Vehicle(1, (fair,), roads=weekday) for weekday in weekdays),
        tuple(roads),
        [[0] * size for _place in range(size)],
    )
    plan = solve(problem, seconds=max(0.2, seconds), patience=1500)
    for tour in plan.tours:
        for stop in tour.stops:
            if board.slot_of[stop] is not None:
                board.remove(stop)
        board.share_weeks(tour.vehicle, list(tour.stops))


def order_days(board: Board, *, until: float) -> None:
    """Each day in its best order; days that are equal to one before are not searched again."""
    done: dict[frozenset[int], list[int]] = {}
    left = [day for day in range(len(board.days)) if len(board.days[day]) > 1]
    for number, day in enumerate(left):
        jobs = board.days[day]
        key = frozenset(jobs)
        if key not in done:
            share = (until - time.monotonic()) / (len(left) - number)
            done[key] = _ordered(board, jobs, share) if share > 0.02 else jobs
        board.days[day] = list(done[key])


def _ordered(board: Board, jobs: list[int], seconds: float) -> list[int]:
    if len(jobs) < 2:
        return jobs
    places = [0, *(job + 1 for job in jobs)]
    matrix = [[round(board.drive[a][b] * _SECOND) for b in places] for a in places]
    starts, length = board.starts * _SECOND, board.length * _SECOND
    stops = tuple(
        Stop(
            (),
            board.jobs[job].minutes * _SECOND,
            board.jobs[job].opens * _SECOND,
            max(board.jobs[job].opens, board.jobs[job].latest) * _SECOND,
        )
        for job in jobs
    )
    vehicle = Vehicle(1, (), starts, starts + length, late_cost=20)
    plan = solve(
        Problem(stops, (vehicle,), (matrix,), matrix), seconds=max(0.02, min(seconds, 1.0)), patience=120
    )
    if not plan.tours or len(plan.tours[0].stops) != len(jobs):
        return jobs
    found = [jobs[stop] for stop in plan.tours[0].stops]
    return min((found, jobs), key=board.badness)


def _line(board: Board, customers: list[Customer[Key]], terms: Terms, week: int, weekday: int) -> Line[Key]:
    day = board.days[week * board.weekdays + terms.weekdays.index(weekday)]
    return _times(board, customers, terms, day, week, weekday)


def _times(
    board: Board, customers: list[Customer[Key]], terms: Terms, day: list[int], week: int, weekday: int
) -> Line[Key]:
    calls: list[Call[Key]] = []
    now, here, whole = float(terms.starts), 0, 0.0
    for job in day:
        drive, km = board.drive[here][job + 1], terms.driving.road_km(board.km[here][job + 1])
        begins = max(now + drive, float(board.jobs[job].opens))
        waits = begins - (now + drive)
        late = max(0.0, begins - board.jobs[job].latest)
        calls.append(
            Call(
                customers[job].key, round(begins), customers[job].minutes, round(km, 1), round(drive),
                round(waits), round(late),
            )
        )  # fmt: skip
        now, here, whole = begins + board.jobs[job].minutes, job + 1, whole + km
    now, whole = now + board.drive[here][0], whole + terms.driving.road_km(board.km[here][0])
    minutes = round(now - terms.starts)
    return Line(week, weekday, tuple(calls), round(whole, 1), minutes, max(0, minutes - terms.minutes))
