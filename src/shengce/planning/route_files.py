"""Files of routing problems: VRPLIB (types CVRP and VRPTW) and Solomon's tables, read without trust.

Distances follow the conventions under which the best known costs were published: of VRPLIB's ``EUC_2D`` rounded to whole
numbers (TSPLIB 95), of Solomon's tables cut to one decimal. Inside they are whole numbers; ``scale`` is what one unit of
the file is.

VRPLIB: http://vrp.galgos.inf.puc-rio.br and TSPLIB 95 (Reinelt); Solomon: Operations Research 35 (1987).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from shengce.planning.routing import MOST_STOPS, Matrix, Problem, Stop, Vehicle

MOST_BYTES = 64 * 1024 * 1024
_LARGEST = 10**9
"""Larger numbers in a file are a mistake, and sums of them must fit into 64 bits."""


class RouteFileError(ValueError):
    """What is wrong with the file: ``code`` for programs, the text for people, with the line where there is one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class RouteFile:
    """``problem`` in units of 1 / ``scale``; customers are numbered from 1 in the order of the file, as in .sol files."""

    name: str
    format: str
    type: str
    problem: Problem
    scale: int = 1
    vehicles: int | None = None


def read_route_file(raw: bytes) -> RouteFile:
    """The problem in a file's bytes. Raises :class:`RouteFileError` in words for whatever cannot be planned."""
    if len(raw) > MOST_BYTES:
        raise RouteFileError("too_large", f"the file is larger than {MOST_BYTES // 1024 // 1024} MiB")
    if b"\x00" in raw:
        raise RouteFileError("not_text", "this is not a text file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise RouteFileError("empty", "the file is empty")
    words = {line.split(":")[0].strip().upper() for line in lines if line.strip()}
    if words & {"DIMENSION", "NODE_COORD_SECTION", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_SECTION"}:
        found = _vrplib(lines)
    elif {"VEHICLE", "CUSTOMER"} <= words:
        found = _solomon(lines)
    else:
        raise RouteFileError("format", "this is neither a VRPLIB file nor one of Solomon's tables")
    _refuse_hopeless(found)
    return found


# --- Solomon


def _solomon(lines: list[str]) -> RouteFile:
    filled = [(number, line.split()) for number, line in enumerate(lines, 1) if line.strip()]
    heads = [cells[0].upper() for _number, cells in filled]
    name = " ".join(filled[0][1]) if heads[0] != "VEHICLE" else ""
    rows = list(_number_rows(filled, heads.index("VEHICLE") + 1, heads.index("CUSTOMER"), 2))
    if len(rows) != 1:
        raise RouteFileError(
            "vehicles", "below VEHICLE one line with the number of vehicles and their capacity is needed"
        )
    count, capacity = (_whole(value, rows[0][0]) for value in rows[0][1])
    table = list(_number_rows(filled, heads.index("CUSTOMER") + 1, len(filled), 7))
    _check_size(len(table) - 1)
    for place, (line, row) in enumerate(table):
        if row[0] != place:
            raise RouteFileError("numbers", f"line {line}: customer {place} was expected, not {row[0]:g}")
    points = [(row[1], row[2]) for _line, row in table]
    distances = _between(points, lambda way: math.floor(way * 10 + 1e-9))
    stops = tuple(
        Stop((_whole(row[3], line),), *(_tenths(value, line) for value in (row[6], row[4], row[5])))
        for line, row in table[1:]
    )
    depot_line, depot = table[0]
    opens, closes = _tenths(depot[4], depot_line), _tenths(depot[5], depot_line)
    if count < 1:
        raise RouteFileError("vehicles", f"line {rows[0][0]}: there must be at least one vehicle")
    vehicle = Vehicle(min(count, len(stops)), (capacity,), opens, closes)
    problem = Problem(stops, (vehicle,), (distances,), distances, closes, opens)
    return RouteFile(name, "solomon", "VRPTW", problem, 10, count)


def _number_rows(
    filled: list[tuple[int, list[str]]], start: int, end: int, width: int
) -> Iterator[tuple[int, list[float]]]:
    """Rows of numbers; lines of headings between them are passed over."""
    for line, cells in filled[start:end]:
        if not cells[0][0].isdigit() and cells[0][0] not in "+-.":
            continue
        if len(cells) != width:
            raise RouteFileError(
                "columns", f"line {line}: {width} numbers are needed, {len(cells)} are there"
            )
        yield line, [_number(cell, line) for cell in cells]


def _tenths(value: float, line: int) -> int:
    if value < 0:
        raise RouteFileError("negative", f"line {line}: {value:g} is below 0")
    return round(value * 10)


# --- VRPLIB


@dataclass(slots=True)
class _Sections:
    """What stands in a VRPLIB file: ``head`` of one line each, ``rows`` of numbers with their line."""

    head: dict[str, tuple[str, int]] = field(default_factory=dict)
    rows: dict[str, list[tuple[int, list[float]]]] = field(default_factory=dict)

    def word(self, key: str, default: str = "") -> str:
        return self.head[key][0].upper() if key in self.head else default

    def number(self, key: str) -> float | None:
        if key not in self.head:
            return None
        text, line = self.head[key]
        value = _number(text, line)
        if value < 0:
            raise RouteFileError("negative", f"line {line}: {key} is below 0")
        return value

    def pairs(self, key: str, size: int, width: int) -> list[tuple[int, list[float]]]:
        """Rows that begin with the number of a place, in the order of the places: exactly one for each."""
        found: dict[int, tuple[int, list[float]]] = {}
        for line, row in self.rows[key]:
            if len(row) != width + 1:
                raise RouteFileError(
                    "columns", f"line {line}: {width + 1} numbers are needed, {len(row)} are there"
                )
            place = _whole(row[0], line)
            if not 1 <= place <= size or place in found:
                raise RouteFileError("numbers", f"line {line}: place {place} is unknown or there twice")
            found[place] = (line, row[1:])
        if missing := [place for place in range(1, size + 1) if place not in found]:
            raise RouteFileError("missing", f"{key} says nothing about place {missing[0]}")
        return [found[place] for place in range(1, size + 1)]


def _vrplib(lines: list[str]) -> RouteFile:
    said = _sections(lines)
    kind = said.word("TYPE", "CVRP")
    if kind not in ("CVRP", "VRPTW", "CVRPTW"):
        raise RouteFileError("type", f"problems of type {kind[:40]} are not planned: CVRP and VRPTW are")
    dimension = said.number("DIMENSION")
    if dimension is None:
        raise RouteFileError("missing", "DIMENSION is missing")
    size = _whole(dimension, said.head["DIMENSION"][1])
    _check_size(size - 1)
    _check_depot(said)
    capacity = said.number("CAPACITY")
    if capacity is None and kind == "CVRP":
        raise RouteFileError("missing", "CAPACITY is missing")
    if "DEMAND_SECTION" not in said.rows and kind == "CVRP":
        raise RouteFileError("missing", "DEMAND_SECTION is missing")
    windowed = "TIME_WINDOW_SECTION" in said.rows
    if kind != "CVRP" and not windowed:
        raise RouteFileError("missing", "TIME_WINDOW_SECTION is missing")
    distances = _matrix(said, size)
    demand = said.pairs("DEMAND_SECTION", size, 1) if "DEMAND_SECTION" in said.rows else None
    windows = said.pairs("TIME_WINDOW_SECTION", size, 2) if windowed else None
    stops = tuple(
        Stop(
            (_not_negative(demand[place][1][0], demand[place][0]),) if demand else (0,),
            _service(said, size, place),
            *(_window(windows[place]) if windows else (0, None)),
        )
        for place in range(1, size)
    )
    opens, closes = _window(windows[0]) if windows else (0, None)
    allowed = said.number("VEHICLES")
    count = min(size - 1, _whole(allowed, said.head["VEHICLES"][1])) if allowed is not None else size - 1
    longest = said.number("DISTANCE")
    load = _whole(capacity, said.head["CAPACITY"][1]) if capacity is not None else _LARGEST * 1000
    vehicle = Vehicle(max(1, count), (load,), opens, closes, None if longest is None else math.floor(longest))
    problem = Problem(stops, (vehicle,), (distances,), distances, closes, opens)
    name = said.head["NAME"][0] if "NAME" in said.head else ""
    return RouteFile(name, "vrplib", kind, problem, 1, None if allowed is None else int(allowed))


def _sections(lines: list[str]) -> _Sections:
    said, section = _Sections(), ""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        if text.upper() == "EOF":
            break
        if text[0].isalpha():
            key, _colon, value = text.partition(":")
            key = key.strip().upper()
            if key.endswith("_SECTION"):
                section = key
                if said.rows.setdefault(section, []):
                    raise RouteFileError("twice", f"line {number}: {section} is there twice")
            elif _colon:
                said.head[key], section = (value.strip(), number), ""
            else:
                raise RouteFileError("words", f"line {number}: {text[:40]!r} is not understood")
        elif section:
            said.rows[section].append((number, [_number(cell, number) for cell in text.split()]))
        else:
            raise RouteFileError("words", f"line {number}: numbers outside a section")
    return said


def _check_depot(said: _Sections) -> None:
    depots = [int(value) for _line, row in said.rows.get("DEPOT_SECTION", []) for value in row if value > 0]
    if depots not in ([], [1]):
        raise RouteFileError("depot", "only problems with one depot, which is place 1, are planned")


def _matrix(said: _Sections, size: int) -> Matrix:
    kind = said.word("EDGE_WEIGHT_TYPE")
    if kind == "EUC_2D":
        if "NODE_COORD_SECTION" not in said.rows:
            raise RouteFileError("missing", "NODE_COORD_SECTION is missing")
        points = [(row[0], row[1]) for _line, row in said.pairs("NODE_COORD_SECTION", size, 2)]
        return _between(points, lambda way: math.floor(way + 0.5))
    if kind != "EXPLICIT":
        raise RouteFileError(
            "distances", f"EDGE_WEIGHT_TYPE {kind[:40] or 'is missing'}: EUC_2D and EXPLICIT are read"
        )
    if "EDGE_WEIGHT_SECTION" not in said.rows:
        raise RouteFileError("missing", "EDGE_WEIGHT_SECTION is missing")
    order = said.word("EDGE_WEIGHT_FORMAT")
    if order not in _SHAPES:
        raise RouteFileError("distances", f"EDGE_WEIGHT_FORMAT {order[:40] or 'is missing'} is not read")
    values = [(value, line) for line, row in said.rows["EDGE_WEIGHT_SECTION"] for value in row]
    cells = list(_SHAPES[order](size))
    if len(values) != len(cells):
        raise RouteFileError(
            "distances", f"EDGE_WEIGHT_SECTION: {len(cells)} numbers are needed, {len(values)} are there"
        )
    matrix = [[0] * size for _place in range(size)]
    for (row, column), (value, line) in zip(cells, values, strict=True):
        way = _not_negative(value, line)
        if row != column:
            matrix[row][column] = way
            if order != "FULL_MATRIX":
                matrix[column][row] = way
    return matrix


Cells = Iterator[tuple[int, int]]
_SHAPES: dict[str, Callable[[int], Cells]] = {
    "FULL_MATRIX": lambda size: ((r, c) for r in range(size) for c in range(size)),
    "LOWER_ROW": lambda size: ((r, c) for r in range(size) for c in range(r)),
    "LOWER_DIAG_ROW": lambda size: ((r, c) for r in range(size) for c in range(r + 1)),
    "UPPER_ROW": lambda size: ((r, c) for r in range(size) for c in range(r + 1, size)),
    "UPPER_DIAG_ROW": lambda size: ((r, c) for r in range(size) for c in range(r, size)),
}


def _service(said: _Sections, size: int, place: int) -> int:
    if "SERVICE_TIME_SECTION" in said.rows:
        line, row = said.pairs("SERVICE_TIME_SECTION", size, 1)[place]
        return _not_negative(row[0], line)
    return round(said.number("SERVICE_TIME") or 0)


def _window(row: tuple[int, list[float]]) -> tuple[int, int]:
    line, (opens, closes) = row
    if closes < opens:
        raise RouteFileError("window", f"line {line}: the window ends before it begins")
    return _not_negative(opens, line), _not_negative(closes, line)


# --- both


def _between(points: list[tuple[float, float]], whole: Callable[[float], int]) -> Matrix:
    return [[whole(math.hypot(a[0] - b[0], a[1] - b[1])) for b in points] for a in points]


def _number(text: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        raise RouteFileError("number", f"line {line}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise RouteFileError("number", f"line {line}: {text[:40]} is no possible value")
    return value


def _whole(value: float, line: int) -> int:
    if value != int(value):
        raise RouteFileError("number", f"line {line}: {value:g} is not a whole number")
    return int(value)


def _not_negative(value: float, line: int) -> int:
    if value < 0:
        raise RouteFileError("negative", f"line {line}: {value:g} is below 0")
    return _whole(value, line)


def _check_size(customers: int) -> None:
    if customers < 1:
        raise RouteFileError("size", "there is no customer in the file")
    if customers > MOST_STOPS:
        raise RouteFileError("size", f"{customers} customers: at most {MOST_STOPS} are planned")


def _refuse_hopeless(found: RouteFile) -> None:
    """What no plan can keep is said before anything is searched."""
    problem, vehicle = found.problem, found.problem.vehicles[0]
    for number, stop in enumerate(problem.stops, 1):
        if stop.demand[0] < 0:
            raise RouteFileError("negative", f"customer {number} has a demand below 0")
        if stop.demand[0] > vehicle.capacity[0]:
            raise RouteFileError("demand", f"customer {number} needs more than one vehicle carries")
        if stop.closes is not None and stop.closes < stop.opens:
            raise RouteFileError("window", f"the window of customer {number} ends before it begins")
        there, back = problem.durations[0][number], problem.durations[number][0]
        begins = max(stop.opens, vehicle.opens + there)
        late = stop.closes is not None and begins > stop.closes
        if late or (vehicle.closes is not None and begins + stop.service + back > vehicle.closes):
            raise RouteFileError("window", f"customer {number} cannot be reached in time, whatever the plan")
        distances = problem.distances[0]
        if vehicle.longest is not None and distances[0][number] + distances[number][0] > vehicle.longest:
            raise RouteFileError("distance", f"customer {number} is further away than a tour may be long")
    if sum(stop.demand[0] for stop in problem.stops) > vehicle.count * vehicle.capacity[0]:
        raise RouteFileError("demand", "all vehicles together carry less than the customers need")
