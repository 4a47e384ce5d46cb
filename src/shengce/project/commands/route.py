"""``shengce route FILE [--seconds N] [--json]``: plan the tours of a VRPLIB or Solomon file."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from shengce.planning.route_files import MOST_BYTES, RouteFile, RouteFileError, read_route_file
from shengce.planning.routing import MOST_SECONDS, Plan, solve

HELP = "plan the tours of a VRPLIB or Solomon file"
NEEDS_DJANGO = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="VRPLIB (CVRP, VRPTW) or one of Solomon's tables")
    parser.add_argument("--seconds", type=_seconds, default=5.0, help="how long to search; default: 5")
    parser.add_argument("--seed", type=_seed, default=1, help="of chance; default: 1")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """0 with a plan; 1 where the file is of no use, or no plan keeps its limits."""
    try:
        found = read_route_file(_bytes(Path(args.file)))
        plan = solve(found.problem, seconds=args.seconds, seed=args.seed)
        if not plan.kept:
            raise RouteFileError(
                "no_plan", f"no plan that keeps every limit was found within {args.seconds:g} s"
            )
    except RouteFileError as error:
        return _refuse(args, error.code, str(error))
    except RuntimeError as error:
        return _refuse(args, "not_installed", str(error))
    answer = _answer(args.file, found, plan)
    print(json.dumps(answer, ensure_ascii=False) if args.json else _readable(answer))
    return 0


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise RouteFileError(
                "no_file", "there is no such file" if not path.exists() else "this is no file"
            )
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, RouteFileError):
            raise
        raise RouteFileError("unreadable", f"the file cannot be read: {error}") from error


def _answer(name: str, found: RouteFile, plan: Plan) -> dict[str, Any]:
    cost: int | float = plan.distance if found.scale == 1 else plan.distance / found.scale
    return {
        "file": name,
        "name": found.name,
        "format": found.format,
        "type": found.type,
        "customers": len(found.problem.stops),
        "vehicles": len(plan.tours),
        "cost": cost,
        "routes": [[stop + 1 for stop in tour.stops] for tour in plan.tours],
        "rounds": plan.rounds,
        "seconds": round(plan.seconds, 3),
    }


def _readable(answer: dict[str, Any]) -> str:
    """The form of .sol files, so that it can be kept as one."""
    lines = [f"Route #{n}: {' '.join(map(str, route))}" for n, route in enumerate(answer["routes"], 1)]
    return "\n".join([*lines, f"Cost {answer['cost']}"])


def _refuse(args: argparse.Namespace, code: str, message: str) -> int:
    print(f"shengce route: {args.file}: {message}", file=sys.stderr)
    if args.json:
        print(
            json.dumps({"file": args.file, "error": {"code": code, "message": message}}, ensure_ascii=False)
        )
    return 1


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}") from error
    if not math.isfinite(value) or not 0 < value <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {MOST_SECONDS:g}")
    return value


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise argparse.ArgumentTypeError("a whole number from 0 to 999999999")
    return int(text)
