"""``shengce bench``: the measurements of the repository's ``bench`` folder as one table and bench/results.json.

Each measurement is a file there with ``measure()``, which returns a row or a list of rows: name, value, unit,
reference, ratio, budget, ok. Each runs in a process of its own, so that none finds the memory, the caches or the
settings of another.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

HELP = "measure speed and memory (needs a checkout of the repository)"
NEEDS_DJANGO = False

MEASUREMENTS: tuple[str, ...] = (
    "pipeline",
    "long_recording",
    "phrases",
    "search",
    "pages",
    "duplicates",
    "receivables",
    "attainment",
    "loyalty",
    "targets",
    "papers",
    "memory",
    "imports",
    "case_statistics",
    "routes",
)
"""Files of the ``bench`` folder, in the order in which they run."""

LIMIT_S = 600
FOLDER = Path(__file__).resolve().parents[4] / "bench"
COLUMNS = ("name", "value", "unit", "reference", "ratio", "budget", "ok")

_CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
module = __import__(sys.argv[2])
rows = module.measure()
print("\\n" + json.dumps(rows if isinstance(rows, list) else [rows], ensure_ascii=True))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", metavar="NAME", choices=MEASUREMENTS, help=", ".join(MEASUREMENTS))
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")


def run(args: argparse.Namespace) -> int:
    """0 where every budget is kept, 1 where one is not or a measurement failed, 2 outside a checkout."""
    if not FOLDER.is_dir():
        print(
            "shengce bench: the measurements are in the repository, not in the installed package. "
            "Clone the repository and run it there.",
            file=sys.stderr,
        )
        return 2
    chosen = [args.only] if args.only else [n for n in MEASUREMENTS if (FOLDER / f"{n}.py").is_file()]
    rows: list[dict[str, Any]] = []
    for name in chosen:
        started = time.perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += [{"measurement": name, **row} for row in measured(name)]
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    write_results(FOLDER / "results.json", rows)
    print(json.dumps(rows, ensure_ascii=False, indent=1) if args.json else table(rows))
    return 0 if all(row.get("ok") is not False for row in rows) else 1


def measured(name: str) -> list[dict[str, Any]]:
    """The rows of one measurement. One that fails is a row that says so: the others still run."""
    command = [sys.executable, "-c", _CHILD, str(FOLDER), name]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return [_failure(name, f"stopped after {LIMIT_S} s")]
    if done.returncode:
        return [_failure(name, f"failed with status {done.returncode}")]
    rows: list[dict[str, Any]] = json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _failure(name: str, reason: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": None,
        "unit": "",
        "reference": reason,
        "ratio": None,
        "budget": None,
        "ok": False,
    }


def write_results(path: Path, rows: list[dict[str, Any]]) -> None:
    """Keep the rows of this run; rows of measurements that did not run this time stay."""
    names = {row["measurement"] for row in rows}
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        earlier = []
    kept = [row for row in earlier if row.get("measurement") not in names]
    order = {name: place for place, name in enumerate(MEASUREMENTS)}
    together = sorted(kept + rows, key=lambda row: order.get(row["measurement"], len(order)))
    path.write_text(json.dumps(together, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in columns; a row whose budget is not kept says NO."""
    cells = [COLUMNS, *(tuple(_cell(row.get(column)) for column in COLUMNS) for row in rows)]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    )


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
