"""Statistics pages of after-sales and diversion over 33,000 tickets, 33,000 sightings and 11,000 cases of one year.

Each page is asked for as everyone who may see it, with the longest period that it offers; the slowest of them counts. One warm-up,
then the median of five, through Django's test client. Each database is filled and measured in a process of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages import _ask, _row
from world import REPS, temporary_databases

TICKETS = 33_000
SIGHTINGS = 33_000
CASES = 11_000
DEALERS = 400
PRODUCTS = 40
CAUSES = 60
DAYS = 365
BATCH = 2_000
BUDGET_MS = 300.0
LIMIT_S = 400

PAGES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("service statistics", "web:service_statistics", {"months": "12"}),
    ("service queue", "service:queue", {}),
    ("diversion statistics", "web:diversion_statistics", {"days": "1095"}),
    ("sightings", "channel:sightings", {}),
    ("cases", "channel:cases", {}),
)
VIEWERS = ("executive", "manager", "rep0")


def measure() -> list[dict[str, Any]]:
    """One row a page and database: milliseconds."""
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
                rows.append({"name": f"statistics, {name}", "value": None, "unit": "ms", "ok": False})
            else:
                rows += json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _measure_here(name: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    logging.disable(logging.WARNING)
    started = time.perf_counter()
    _fill()
    print(f"{name}: filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    rows = []
    for page, view, query in PAGES:
        seen = [result for viewer in VIEWERS if (result := _ask(viewer, view, query))]
        slowest = max(seen, key=lambda result: result[1])
        note = f"as {slowest[0]}, {slowest[2]} queries"
        rows.append(_row(f"{page}, {name}", slowest[1], "ms", BUDGET_MS, note))
    return rows


def _fill() -> None:
    from django.core.management import call_command
    from django.db import connection, transaction
    from world import _people

    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        with connection.cursor() as database:
            database.execute("PRAGMA synchronous=OFF")
    with transaction.atomic():
        reps = _people()
        products, dealers = _goods(reps)
        _tickets(reps, dealers, products)
        _diversion(reps, dealers, products)
    if connection.vendor == "postgresql":
        with connection.cursor() as database:
            database.execute("VACUUM ANALYZE")


def _goods(reps: list[Any]) -> tuple[list[Any], list[Any]]:
    from shengce.catalogue.models import Product
    from shengce.customers.models import Customer

    products = Product.objects.bulk_create(Product(name=f"产品{n}", list_price=100) for n in range(PRODUCTS))
    dealers = Customer.objects.bulk_create(
        Customer(name=f"经销商{n}", kind="dealer", owner=rep, unit_id=rep.unit_id)
        for n in range(DEALERS)
        for rep in (reps[n % REPS],)
    )
    return products, dealers


def _moment(dice: random.Random) -> dt.datetime:
    from django.utils import timezone

    return timezone.now() - dt.timedelta(minutes=dice.randrange(DAYS * 1440))


def _tickets(reps: list[Any], dealers: list[Any], products: list[Any]) -> None:
    from shengce.service.models import Kind, Priority, Ticket

    dice = random.Random(1)
    hour = dt.timedelta(hours=1)

    def rows() -> Any:
        for n in range(TICKETS):
            opened, rep, late = _moment(dice), reps[n % REPS], dice.randrange(1, 60)
            solved = dice.random() < 0.95
            yield Ticket(
                number=f"T{n}", customer=dealers[n % DEALERS], product=products[n % PRODUCTS], rep=rep, unit_id=rep.unit_id,
                kind=dice.choice(Kind.values), priority=dice.choice(Priority.values), title="漏水",
                state="closed" if solved else "open", opened_at=opened, answer_by=opened + 4 * hour,
                solve_by=opened + 48 * hour, answered_at=opened + late / 10 * hour if solved else None,
                answered_after=late * 6 if solved else None, solved_at=opened + late * hour if solved else None,
                solved_after=late * 60 if solved else None, cause=f"原因{dice.randrange(CAUSES)}" if solved else "",
                cost=dice.randrange(500) if solved else None, satisfaction=dice.randrange(1, 6) if solved else None,
            )  # fmt: skip

    Ticket.objects.bulk_create(rows(), batch_size=BATCH)


def _diversion(reps: list[Any], dealers: list[Any], products: list[Any]) -> None:
    from shengce.channel.models import DiversionCase, Sighting

    dice = random.Random(2)

    def cases() -> Any:
        for n in range(CASES):
            rep, proven = reps[n % REPS], dice.random() < 0.5
            yield DiversionCase(
                number=f"C{n}", product=products[n % PRODUCTS], suspect=dealers[dice.randrange(DEALERS)], rep=rep,
                unit_id=rep.unit_id, state="closed" if proven else "open", verdict="proven" if proven else "",
                penalty=dice.randrange(9000) if proven else None, opened_at=_moment(dice),
            )  # fmt: skip

    made = DiversionCase.objects.bulk_create(cases(), batch_size=BATCH)
    Sighting.objects.bulk_create(
        (
            Sighting(
                source="scan", lot=f"L{n % 20_000}", lot_key=f"1{n % 20_000}", product=products[n % PRODUCTS],
                place="苏州", rep=rep, unit_id=rep.unit_id, finding="strayed", case=made[n % CASES], seen_at=_moment(dice),
            )
            for n in range(SIGHTINGS)
            for rep in (reps[n % REPS],)
        ),
        batch_size=BATCH,
    )  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 2 and os.environ.get("DJANGO_SETTINGS_MODULE"):
        print(json.dumps(_measure_here(sys.argv[1]), ensure_ascii=False))
    else:
        for row in measure():
            print(row)
