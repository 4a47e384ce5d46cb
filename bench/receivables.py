"""Ageing over 500,000 invoices: today and on a day in the past, by customer, rep and territory, for everybody who looks.

A tenth of the invoices are open, the others were paid around their due date; 20,000 customers, 200 reps. Measured is the
whole of ``sales.receivables.ageing``: one page of thirty rows, the sums over all, the names. One invoice in ten is made here, the others are copies made by
the database. Reference, in the same
process and database: reading every open invoice into Python and adding up there, which is also the truth that the
answer is compared with. Each database is filled and measured in a process of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import REPS, temporary_databases

INVOICES = 500_000
CUSTOMERS = 20_000
OPEN_SHARE = 0.1
COPIES = 10
BUDGET_MS = 300.0
ROUNDS = 5
LIMIT_S = 500
BATCH = 5_000
PAST_DAYS = 30


def measure() -> list[dict[str, Any]]:
    """Rows of the table of ``make bench``."""
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
                rows.append({"name": f"ageing, {name}", "value": None, "unit": "ms", "ok": False})
            else:
                rows += json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _measure_here(name: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    started = time.perf_counter()
    _fill()
    print(f"{name}: {INVOICES:,} invoices made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    from django.utils import timezone

    from shengce.people.models import User
    from shengce.sales.calls import who_to_call
    from shengce.sales.receivables import ageing, open_on

    today = timezone.localdate()
    past = today - dt.timedelta(days=PAST_DAYS)
    who = {u.username: u for u in User.objects.filter(username__in=("executive", "manager", "rep0"))}
    truth, reference = _in_python(today)
    found = ageing(who["executive"], on=today, size=None)
    wrong = sum(list(row.amounts) != truth.get(row.key) for row in found.rows) + abs(
        len(truth) - len(found.rows)
    )
    asked: tuple[tuple[str, Callable[[], object], float | None], ...] = (
        ("by customer, executive", lambda: ageing(who["executive"], on=today), BUDGET_MS),
        ("by customer, manager", lambda: ageing(who["manager"], on=today), BUDGET_MS),
        ("by customer, rep", lambda: ageing(who["rep0"], on=today), BUDGET_MS),
        ("by rep, executive", lambda: ageing(who["executive"], on=today, by="rep"), BUDGET_MS),
        ("by territory, executive", lambda: ageing(who["executive"], on=today, by="territory"), BUDGET_MS),
        (f"{PAST_DAYS} days ago, executive", lambda: ageing(who["executive"], on=past), None),
        (
            "invoices behind a cell",
            lambda: list(open_on(who["executive"], on=today, bucket=2)[:30]),
            BUDGET_MS,
        ),
        ("who to call, executive", lambda: who_to_call(who["executive"], today=today), BUDGET_MS),
    )
    rows = [_row(f"{what}, {name}", _median_ms(call), reference, budget) for what, call, budget in asked]
    rows.append(
        {
            "name": f"ageing: rows unlike the sums in Python, {name}",
            "value": wrong,
            "unit": f"of {len(truth)}",
            "reference": 0,
            "ratio": None,
            "budget": 0,
            "ok": wrong == 0,
        }
    )
    return rows


def _row(name: str, value: float, reference: float, budget: float | None) -> dict[str, Any]:
    return {
        "name": f"ageing: {name}",
        "value": round(value, 1),
        "unit": "ms",
        "reference": f"{reference:.0f} ms in Python",
        "ratio": round(value / reference, 4),
        "budget": budget,
        "ok": None if budget is None else value <= budget,
    }


def _median_ms(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _in_python(today: dt.date) -> tuple[dict[int, list[Decimal]], float]:
    """The answer from all open invoices one by one, and the milliseconds that it takes."""
    from shengce.planning.ageing import Debt, age
    from shengce.sales.models import Invoice

    started = time.perf_counter()
    debts = Invoice.objects.filter(issued_on__lte=today).values_list("customer", "due_on", "open_amount")
    aged = age((Debt(*row) for row in debts if row[2]), on=today)
    return aged, (time.perf_counter() - started) * 1000


def _fill() -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        with connection.cursor() as database:
            database.execute("PRAGMA synchronous=OFF")
    with transaction.atomic():
        _rows()
    if connection.vendor == "postgresql":
        with connection.cursor() as database:  # what autovacuum does on a server that has been up for an hour
            database.execute("VACUUM ANALYZE")


def _rows() -> None:
    from django.utils import timezone
    from world import _people

    from shengce.customers.models import Customer
    from shengce.people.models import Territory
    from shengce.sales.models import Allocation, Invoice, Receipt

    reps = _people()
    lands = Territory.objects.bulk_create(Territory(name=f"区域{n}", path=f"/{n}/") for n in range(40))
    customers = Customer.objects.bulk_create(
        (
            Customer(
                name=f"客户{n}",
                owner=reps[n % REPS],
                unit_id=reps[n % REPS].unit_id,
                territory=lands[n % len(lands)],
            )
            for n in range(CUSTOMERS)
        ),
        batch_size=BATCH,
    )
    dice = random.Random(3)
    today = timezone.localdate()

    def invoices() -> Iterator[Any]:
        for n in range(INVOICES // COPIES):
            rep = reps[n % CUSTOMERS % REPS]
            amount = Decimal(dice.randrange(100, 5_000_000)) / 100
            still_open = dice.random() < OPEN_SHARE
            issued = today - dt.timedelta(days=dice.randrange(0, 400 if still_open else 1000))
            due = issued + dt.timedelta(days=dice.choice((0, 30, 45, 60)))
            settled = (
                None
                if still_open
                else min(today, max(issued, due + dt.timedelta(days=dice.randrange(-9, 40))))
            )
            yield Invoice(
                number=f"IV{n}", customer_id=customers[n % CUSTOMERS].pk, rep_id=rep.pk, unit_id=rep.unit_id,
                issued_on=issued, due_on=due, amount=amount, open_amount=amount if still_open else 0,
                settled_on=settled, state="open" if still_open else "settled",
            )  # fmt: skip

    Invoice.objects.bulk_create(invoices(), batch_size=BATCH)
    paid = Invoice.objects.filter(settled_on__isnull=False).values_list(
        "pk", "customer", "rep", "unit", "settled_on", "amount"
    )
    paid_rows = list(paid)
    receipts = Receipt.objects.bulk_create(
        (
            Receipt(
                customer_id=customer, rep_id=rep, unit_id=unit, received_on=day, amount=amount, open_amount=0
            )
            for _pk, customer, rep, unit, day, amount in paid_rows
        ),
        batch_size=BATCH,
    )
    Allocation.objects.bulk_create(
        (
            Allocation(receipt_id=receipt.pk, invoice_id=row[0], amount=row[5])
            for receipt, row in zip(receipts, paid_rows, strict=True)
        ),
        batch_size=BATCH,
    )
    for model, moved in (
        (Invoice, ("id",)),
        (Receipt, ("id",)),
        (Allocation, ("id", "receipt_id", "invoice_id")),
    ):
        _copy(model, moved)


def _copy(model: Any, moved: tuple[str, ...]) -> None:
    """Nine copies of every row with keys (and numbers) of their own, made by the database."""
    from django.db import connection

    table, step = model._meta.db_table, INVOICES
    names = [field.column for field in model._meta.concrete_fields]
    with connection.cursor() as database:
        for copy in range(1, COPIES):
            values = [
                f'"{name}" + {copy * step}' if name in moved
                else f"\"number\" || '-{copy}'" if name == "number"
                else f'"{name}"'
                for name in names
            ]  # fmt: skip
            columns = ", ".join(f'"{name}"' for name in names)
            database.execute(
                f'INSERT INTO "{table}" ({columns}) SELECT {", ".join(values)} FROM "{table}" WHERE "id" < {step}'
            )


if __name__ == "__main__":
    if len(sys.argv) == 2 and os.environ.get("DJANGO_SETTINGS_MODULE"):
        print(json.dumps(_measure_here(sys.argv[1]), ensure_ascii=False))
    else:
        for row in measure():
            print(row)
