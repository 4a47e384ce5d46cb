"""Places on the globe: how far, how long to drive, and how to draw them on a plane."""

from __future__ import annotations

import math
from dataclasses import dataclass

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS 84. Raises ``ValueError`` for what is no place on the globe."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):  # false for NaN too
            raise ValueError("latitude is from -90 to 90, longitude from -180 to 180")


@dataclass(frozen=True, slots=True)
class Driving:
    """How people get about: roads are ``detour`` times as long as the crow flies; the first ``town_km`` of a way are driven
    at ``town_kmh``, the rest at ``road_kmh``; ``parking`` minutes are lost at each end of a way.
    """

    detour: float = 1.35
    town_km: float = 10.0
    town_kmh: float = 26.0
    road_kmh: float = 65.0
    parking: float = 4.0

    def road_km(self, air_km: float) -> float:
        """Kilometres on the road."""
        return air_km * self.detour

    def minutes(self, air_km: float) -> float:
        """From door to door; nothing for no way at all."""
        if air_km <= 0:
            return 0.0
        road = self.road_km(air_km)
        town = min(road, self.town_km)
        return self.parking + 60 * (town / self.town_kmh + (road - town) / self.road_kmh)


def distance_km(a: Point, b: Point) -> float:
    """As the crow flies (haversine)."""
    one, two = math.radians(a.latitude), math.radians(b.latitude)
    across = math.sin((two - one) / 2) ** 2
    along = math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(across + math.cos(one) * math.cos(two) * along)))


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of ``width`` × ``height`` that holds given points, north at the top, the same scale in both directions.

    Equirectangular about the middle latitude: within one sales district the error is below what a map of this size shows.
    """

    middle: Point
    km_per_unit: float
    width: float
    height: float

    def place(self, point: Point) -> tuple[float, float]:
        """Where a point is drawn: units from the left and from the top."""
        east = math.remainder(point.longitude - self.middle.longitude, 360) * _km_per_degree(
            self.middle.latitude
        )
        north = (point.latitude - self.middle.latitude) * math.pi * EARTH_KM / 180
        return self.width / 2 + east / self.km_per_unit, self.height / 2 - north / self.km_per_unit


def frame_of(
    points: list[Point], *, width: float, height: float, margin: float, least_km: float = 4
) -> Frame:
    """The frame around ``points``, at least ``least_km`` wide. Raises ``ValueError`` where there are none."""
    if not points:
        raise ValueError("there is nothing to draw")
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    middle = Point((south + north) / 2, (west + east) / 2)
    tall = (north - south) * math.pi * EARTH_KM / 180
    wide = (east - west) * _km_per_degree(middle.latitude)
    scale = max(wide / (width - 2 * margin), tall / (height - 2 * margin), least_km / width)
    return Frame(middle, scale, width, height)


def _km_per_degree(latitude: float) -> float:
    return math.cos(math.radians(latitude)) * math.pi * EARTH_KM / 180
