"""Maps of lines as values for a drawing: own coordinates, no tiles, nothing from the internet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from shengce.planning.geography import Frame, Point, frame_of
from shengce.visits.cities import cities
from shengce.visits.models import Route, RouteStop
from shengce.visits.rules import Where

WIDTH, HEIGHT, MARGIN = 720, 460, 34
COLOURS = 5
_MOST_TOWNS = 14


@dataclass(slots=True)
class Dot:
    """A stop on the drawing. ``number`` is its place in the day, ``rough``: only his city is known."""

    x: float
    y: float
    stop: RouteStop
    number: int
    rough: bool


@dataclass(slots=True)
class Track:
    """The line of one day: where it runs, and its stops."""

    week: int
    weekday: int
    colour: int
    points: str
    dots: list[Dot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Map:
    """Everything that the template draws; units are those of its viewBox."""

    tracks: list[Track]
    base: tuple[float, float]
    towns: list[tuple[str, float, float]]
    bar: float
    bar_km: int
    width: int = WIDTH
    height: int = HEIGHT


def route_map(
    route: Route,
    stops: Iterable[RouteStop],
    places: dict[int, Where],
    *,
    week: int,
    weekday: int | None = None,
) -> Map | None:
    """The days of one week of the cycle; nothing where no stop has a place."""
    base = Point(route.base["latitude"], route.base["longitude"])
    rows = [
        (stop, place.point, place.rough)
        for stop in stops
        if (place := places.get(stop.customer_id)) is not None and place.point is not None
    ]
    shown = [row for row in rows if row[0].week == week and weekday in (None, row[0].weekday)]
    if not shown:
        return None
    frame = frame_of(
        [base, *(point for _stop, point, _rough in shown)], width=WIDTH, height=HEIGHT, margin=MARGIN
    )
    crowd: Counter[tuple[float, float]] = Counter()
    tracks: dict[int, Track] = {}
    for stop, point, rough in shown:
        x, y = _apart(frame.place(point), crowd)
        track = tracks.setdefault(stop.weekday, Track(week, stop.weekday, stop.weekday % COLOURS, ""))
        track.dots.append(Dot(x, y, stop, stop.position + 1, rough))
    home = frame.place(base)
    for track in tracks.values():
        way = [home, *((dot.x, dot.y) for dot in track.dots), home]
        track.points = " ".join(f"{x:.1f},{y:.1f}" for x, y in way)
    bar_km = _round_km(frame)
    return Map(
        [tracks[day] for day in sorted(tracks)],
        home,
        _towns(frame, home),
        bar_km / frame.km_per_unit,
        bar_km,
    )


def point_map(point: Point, other: Point | None) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """Two places on a small drawing of 240 × 140: where the customer is, and where somebody stood."""
    frame = frame_of([point, *([other] if other else [])], width=240, height=140, margin=30, least_km=1)
    return frame.place(point), frame.place(other) if other else None


def _apart(spot: tuple[float, float], crowd: Counter[tuple[float, float]]) -> tuple[float, float]:
    """Stops at one and the same point are drawn around it."""
    key = (round(spot[0]), round(spot[1]))
    number = crowd[key]
    crowd[key] += 1
    if not number:
        return spot
    angle, radius = number * 2.399963, 13 * math.sqrt(number)  # the golden angle: no two beside each other
    return spot[0] + radius * math.cos(angle), spot[1] + radius * math.sin(angle)


def _towns(frame: Frame, home: tuple[float, float]) -> list[tuple[str, float, float]]:
    """Names of cities within the drawing, for orientation; those that would lie over another are left out."""
    found: list[tuple[str, float, float]] = []
    for name, point in cities().items():
        x, y = frame.place(point)
        if not (20 < x < WIDTH - 40 and 14 < y < HEIGHT - 14):
            continue
        if abs(x - home[0]) < 40 and abs(y - home[1]) < 24:
            y = home[1] + (28 if home[1] < HEIGHT - 60 else -18)  # beside the house, not over it
        if all(abs(x - other[1]) > 60 or abs(y - other[2]) > 22 for other in found):
            found.append((name, x, y))
    return found[:_MOST_TOWNS]


def _round_km(frame: Frame) -> int:
    most = frame.km_per_unit * WIDTH / 4
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    return max((step for step in steps if step <= most), default=1)
