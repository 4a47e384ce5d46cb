"""The pages that everybody opens all day, with 100,000 talks and 200 reps: SQL queries and time in the server.

Each page is asked for as everyone who may see it: executive (the whole company), manager of a quarter of it, a rep.
The worst of them counts. One warm-up, then the median of five, through Django's test client: middleware, session,
views, templates and database, without the network. Each database is filled and measured in a process of its own.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import TALKS, fill, temporary_databases

BUDGET_MS = 150.0
BUDGET_QUERIES = 15
ROUNDS = 5
LIMIT_S = 400

PAGES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("cockpit", "web:cockpit", {}),
    ("talks", "web:conversations", {}),
    ("talks with a fatal item", "web:conversations", {"only": "fatal"}),
    ("customers", "customers:list", {}),
    ("daily reports", "sheets:list", {}),
    ("recordings", "recordings:list", {}),
    ("search, common word", "web:search", {"q": "滤芯"}),
    ("search, rare words", "web:search", {"q": "云瀑 金徽"}),
)
VIEWERS = ("executive", "manager", "rep0")


def measure() -> list[dict[str, Any]]:
    """Two rows a page and database: milliseconds and queries."""
    rows: list[dict[str, Any]] = []
    with temporary_databases() as databases:
        for name, environment in databases:
            done = subprocess.run(
                [sys.executable, __file__, name],
                env=environment,
                stdout=subprocess.PIPE,
                timeout=LIMIT_S,
                check=False,
            )
            if done.returncode:
                rows.append(
                    {"name": f"pages, {name}", "value": None, "unit": "ms", "ok": False, "note": "failed"}
                )
            else:
                rows += json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _measure_here(name: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    logging.disable(logging.WARNING)  # who may not see a page is refused, as it should be
    started = time.perf_counter()
    fill()
    print(f"{name}: {TALKS:,} talks made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    rows = []
    for page, view, query in PAGES:
        seen = [result for viewer in VIEWERS if (result := _ask(viewer, view, query))]
        slowest = max(seen, key=lambda result: result[1])
        queries = max(result[2] for result in seen)
        rows.append(_row(f"{page}, {name}", slowest[1], "ms", BUDGET_MS, f"as {slowest[0]}"))
        rows.append(_row(f"{page}, {name}", queries, "queries", BUDGET_QUERIES, ""))
    return rows


def _row(page: str, value: float, unit: str, budget: float, note: str) -> dict[str, Any]:
    return {
        "name": f"page: {page}",
        "value": round(value, 1),
        "unit": unit,
        "reference": note,
        "ratio": round(value / budget, 3),
        "budget": budget,
        "ok": value <= budget,
    }


def _ask(viewer: str, view: str, query: dict[str, str]) -> tuple[str, float, int] | None:
    """``(viewer, median milliseconds, queries)``; nothing where the viewer may not see the page."""
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from shengce.people.models import User

    client = Client()
    client.force_login(User.objects.get(username=viewer))
    address = reverse(view)
    answer = client.get(address, query)
    if answer.status_code == 403:
        return None
    if answer.status_code != 200:
        raise AssertionError(f"{address} as {viewer}: {answer.status_code}")
    counted = 0

    def count(execute: Callable[..., Any], *given: Any) -> Any:
        nonlocal counted
        counted += 1
        return execute(*given)

    with connection.execute_wrapper(count):
        client.get(address, query)
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        client.get(address, query)
        times.append((time.perf_counter() - started) * 1000)
    return viewer, statistics.median(times), counted


if __name__ == "__main__":
    if len(sys.argv) == 2 and os.environ.get("DJANGO_SETTINGS_MODULE"):
        print(json.dumps(_measure_here(sys.argv[1]), ensure_ascii=False))
    else:
        for row in measure():
            print(row)
