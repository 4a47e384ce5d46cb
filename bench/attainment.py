"""Plan against actual over two million order lines: milliseconds of the page, seconds of the sums behind it.

Two years of orders, 400,000 with five lines each, of 20,000 customers and 200 reps; 20 product lines, 30 territories. One
order in twenty is made here, the others are copies made by the database. Targets are set for every rep and product line.
Measured is the whole page through Django's test client, as the executive, a manager and a rep see it, by rep and by product
line, for the month and the year; and the sums made for the first time, with nothing changed, and with one day changed.
Reference: the sum over the order lines themselves, which is also the truth that the page's total is compared with. Each
database is filled and measured in a process of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import temporary_databases

ORDERS, LINES = 400_000, 5
CUSTOMERS, REPS, UNITS = 20_000, 200, 20
PRODUCT_LINES, TERRITORIES = 20, 30
DAYS = 730
COPIES = 20
BUDGET_MS = 200.0
ROUNDS = 5
LIMIT_S = 590
BATCH = 5_000
PAGES = (
    ("month by rep", "?metric=sales&period=month&by=rep"),
    ("year by rep", "?metric=sales&period=year&by=rep"),
    ("year by product line", "?metric=sales&period=year&by=product_line"),
    ("year by territory", "?metric=sales&period=year&by=territory"),
    ("month by customer", "?metric=sales&period=month&by=customer"),
    ("week by rep", "?metric=sales&period=week&by=rep"),
)
GROSS_PROFIT = "?metric=gross_profit&period=year&by=product_line"
WITHOUT_COST = 5
"""Of the 100 products."""


def measure() -> list[dict[str, Any]]:
    """Rows of the table of ``make bench``."""
    rows: list[dict[str, Any]] = []
    with temporary_databases() as databases:
        for name, environment in databases:
            if os.environ.get("BENCH_ONLY", name) != name:
                continue
            done = subprocess.run(
                [sys.executable, __file__, name],
                env=environment,
                stdout=subprocess.PIPE,
                timeout=LIMIT_S,
                check=False,
            )
            if done.returncode:
                rows.append(
                    {"name": f"plan against actual, {name}", "value": None, "unit": "ms", "ok": False}
                )
            else:
                rows += json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _measure_here(name: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    from django.core.management import call_command

    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0, interactive=False)
    people = _fill()
    from django.utils import timezone

    today = timezone.localdate()
    from shengce.attainment.counting import refresh
    from shengce.attainment.models import CustomerMonthActual, DayActual, MonthActual
    from shengce.sales.models import Order

    first = _seconds(lambda: refresh(today=today))
    again = _seconds(lambda: refresh(today=today))
    whole = _seconds(lambda: refresh(today=today, whole=True))
    Order.objects.filter(ordered_on=today - dt.timedelta(days=9)).update(settlement_method="cash")
    one_day = _seconds(lambda: refresh(today=today))
    sizes = f"{DayActual.objects.count():,} day, {MonthActual.objects.count():,} month, {CustomerMonthActual.objects.count():,} customer rows"
    rows = [
        _row(f"sums of 2 M order lines for the first time, {name}", first, "s", sizes, None, None, None),
        _row(
            f"the same with nothing changed, {name}",
            again,
            "s",
            f"all days looked at: {whole:.1f} s",
            None,
            None,
            None,
        ),
        _row(f"the same with one day changed, {name}", one_day, "s", None, None, None, None),
    ]
    reference = _direct(today)
    for label, query in PAGES:
        worst = max(_page(person, query) for person in people)
        rows.append(
            _row(f"plan against actual, {label}, {name}", round(worst, 1), "ms", f"the lines themselves: {reference:.0f} ms",
                 round(worst / reference, 3), BUDGET_MS, worst <= BUDGET_MS)
        )  # fmt: skip
    return rows + _gross_profit(name, people, today)


def _gross_profit(name: str, people: list[Any], today: dt.date) -> list[dict[str, Any]]:
    """Costs become known: the sums of gross profit are made, and its page and the cockpit are looked at."""
    from shengce.attainment.counting import refresh
    from shengce.catalogue.models import Product, ProductCost

    costs = [
        ProductCost(product=product, amount=number, start_on=start_on)
        for number, product in enumerate(Product.objects.order_by("pk")[WITHOUT_COST:], 1)
        for start_on in (dt.date(2020, 1, 1), today - dt.timedelta(days=200))
    ]
    ProductCost.objects.bulk_create(costs)
    made = _seconds(lambda: refresh(today=today))
    page = _page(people[0], GROSS_PROFIT)
    cockpit = max(_page(person, "/cockpit/") for person in people[:2])
    return [
        _row(f"gross profit of 2 M order lines for the first time, {name}", made, "s", None, None, None, None),
        _row(f"gross profit, year by product line, {name}", round(page, 1), "ms", None, None, BUDGET_MS, page <= BUDGET_MS),
        _row(f"team cockpit with plan against actual, {name}", round(cockpit, 1), "ms", None, None, BUDGET_MS, cockpit <= BUDGET_MS),
    ]  # fmt: skip


def _direct(today: dt.date) -> float:
    """The year's sum by rep over the lines; the page's total must be the same."""
    from django.db.models import Sum

    from shengce.attainment.queries import actuals
    from shengce.planning.periods import Span
    from shengce.sales.models import OrderLine

    span = Span(dt.date(today.year, 1, 1), today + dt.timedelta(days=1))
    lines = OrderLine.objects.filter(
        order__state="confirmed", order__ordered_on__gte=span.start_on, order__ordered_on__lt=span.end_on
    )
    started = time.perf_counter()
    sums = dict(lines.values_list("order__rep").annotate(Sum("amount")))
    took = (time.perf_counter() - started) * 1000
    found = actuals("sales", by=("rep",), span=span, user=None)
    assert {key[0]: value for key, value in found.items()} == {
        rep: round(total * 100) for rep, total in sums.items()
    }
    return took


def _page(person: Any, query: str) -> float:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    times = []
    for number in range(ROUNDS + 1):
        started = time.perf_counter()
        answer = client.get(query if query.startswith("/") else "/attainment/" + query)
        assert answer.status_code == 200, answer.status_code
        if number:
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _fill() -> list[Any]:
    """The firm, its orders and its approved targets; who looks at the page."""
    from django.db import connection, transaction
    from django.utils import timezone

    from shengce.catalogue.models import Product, ProductLine
    from shengce.customers.models import Customer
    from shengce.people.models import Role, Territory, Unit, User
    from shengce.sales.models import Order, OrderLine
    from shengce.targets.metrics import built_in
    from shengce.targets.models import MONTHS, TargetRow, TargetSet, TargetVersion

    dice = random.Random(8)
    today = timezone.localdate()
    with transaction.atomic():
        root = Unit.objects.create(name="公司", kind="company")
        Unit.objects.filter(pk=root.pk).update(path=f"/{root.pk}/")
        units = []
        for number in range(UNITS):
            unit = Unit.objects.create(name=f"组{number}", parent=root)
            Unit.objects.filter(pk=unit.pk).update(path=f"/{root.pk}/{unit.pk}/")
            units.append(Unit.objects.get(pk=unit.pk))
        executive = User.objects.create(
            username="executive", display_name="总", role=Role.EXECUTIVE, unit=root
        )
        manager = User.objects.create(
            username="manager", display_name="经理", role=Role.MANAGER, unit=units[0]
        )
        reps = [
            User.objects.create(
                username=f"rep{n}", display_name=f"业务员{n}", role=Role.REP, unit=units[n % UNITS]
            )
            for n in range(REPS)
        ]
        lines = [ProductLine.objects.create(name=f"品种{n}") for n in range(PRODUCT_LINES)]
        products = [
            Product.objects.create(name=f"产品{n}", line=lines[n % PRODUCT_LINES]) for n in range(100)
        ]
        places = [Territory.objects.create(name=f"区域{n}") for n in range(TERRITORIES)]
        for place in places:
            Territory.objects.filter(pk=place.pk).update(path=f"/{place.pk}/")
        Customer.objects.bulk_create(
            [
                Customer(
                    name=f"客户{n}",
                    owner=reps[n % REPS],
                    unit=reps[n % REPS].unit,
                    territory=places[n % TERRITORIES],
                )
                for n in range(CUSTOMERS)
            ],
            batch_size=BATCH,
        )
        customers = list(Customer.objects.order_by("pk"))
        made = ORDERS // COPIES
        orders, rows = [], []
        for number in range(made):
            customer = dice.choice(customers)
            orders.append(
                Order(pk=number + 1, number=f"A{number + 1}", customer=customer, rep_id=customer.owner_id, unit_id=customer.unit_id,
                      ordered_on=today - dt.timedelta(days=dice.randint(0, DAYS - 1)),
                      settlement_method=dice.choice(["cash", "credit", "prepaid"]), sales_method=dice.choice(["direct", "dealer"]))
            )  # fmt: skip
            rows += [
                OrderLine(
                    order_id=number + 1,
                    product=dice.choice(products),
                    quantity=1,
                    price=100,
                    amount=dice.randint(100, 900_000) / 100,
                )
                for _line in range(LINES)
            ]
        Order.objects.bulk_create(orders, batch_size=BATCH)
        OrderLine.objects.bulk_create(rows, batch_size=BATCH)
        _copy(connection, made)
        year = TargetSet.objects.create(name="财年", start_on=dt.date(today.year, 1, 1))
        version = TargetVersion.objects.create(
            target_set=year, number=1, state="approved", effective_on=year.start_on
        )
        sales = built_in("sales")
        TargetRow.objects.bulk_create(
            [
                TargetRow(
                    version=version,
                    metric=sales,
                    rep=rep,
                    unit=rep.unit,
                    product_line=line,
                    **dict.fromkeys(MONTHS, 9_000_000),
                )
                for rep in reps
                for line in lines
            ],
            batch_size=BATCH,
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as database:
            database.execute("ANALYZE")
    return [executive, manager, reps[0]]


def _copy(connection: Any, made: int) -> None:
    """The copies of each order, some days apart."""
    shift = (
        "date(ordered_on, '-' || {days} || ' days')"
        if connection.vendor == "sqlite"
        else "ordered_on - {days}"
    )
    columns = "customer_id, rep_id, unit_id, state, settlement_method, sales_method, currency, total, note, decided_by_id, decision, made_by_id, made_at"
    with connection.cursor() as database:
        for copy in range(1, COPIES):
            offset = copy * made
            days = shift.format(days=copy % 5)
            database.execute(
                f"INSERT INTO sales_order (id, number, ordered_on, {columns}) "
                f"SELECT id + {offset}, 'B{copy}-' || id, {days}, {columns} FROM sales_order WHERE id <= {made}"
            )
            database.execute(
                "INSERT INTO sales_orderline (order_id, product_id, quantity, price, amount) "
                f"SELECT order_id + {offset}, product_id, quantity, price, amount FROM sales_orderline WHERE order_id <= {made}"
            )


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 2)


def _row(
    name: str,
    value: float,
    unit: str,
    reference: str | None,
    ratio: float | None,
    budget: float | None,
    ok: bool | None,
) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "reference": reference,
        "ratio": ratio,
        "budget": budget,
        "ok": ok,
    }


if __name__ == "__main__":
    print(json.dumps(_measure_here(sys.argv[1]), ensure_ascii=False))
