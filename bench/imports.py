"""Import of 100,000 order lines through ``shengce import``, and whether the pages stay usable meanwhile.

25,000 orders of four lines for 2,000 customers and 200 products, as a CSV file, into an empty SQLite database: read in
the child process, checked, and every order made by ``sales.actions.create_order``. Meanwhile a web server on the same
database answers a person who reads the customers' list and adds a customer, in turn. Reference: the same orders made by
calling that action alone, one transaction each, no file, no checking; a sample of them, scaled. The ratio is of processor time, so that other
work on the machine does not decide.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

ORDERS, LINES = 25_000, 4
CUSTOMERS, PRODUCTS = 2_000, 200
SAMPLE = 500
BUDGET_RATIO = 1.5
BUDGET_MB = 400
BUDGET_PAGE_MS, BUDGET_WRITE_MS = 500.0, 500.0
REPOSITORY = Path(__file__).resolve().parent.parent


def measure() -> list[dict[str, Any]]:
    """The rows of the table of ``make bench``."""
    with tempfile.TemporaryDirectory(prefix="shengce-bench-") as folder:
        environment = {
            **os.environ,
            "SHENGCE_DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'imports.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "shengce.project.settings",
            "SHENGCE_LOG_LEVEL": "WARNING",
        }
        made = _python(environment, "prepare", folder)
        with _served(environment, made["session"]) as page:
            done = _python(environment, "imported", folder)
            reads, writes, failed = page()
    size = f"{ORDERS * LINES:,} order lines"
    ratio = done["processor"] / made["reference_s"]
    return [
        _row(f"import of {size}, on the clock", done["seconds"], "s", None, None, None, done["ok"]),
        _row(f"import of {size}, processor time", done["processor"], "s", made["reference_s"], ratio, BUDGET_RATIO, ratio <= BUDGET_RATIO),
        _row(f"import of {size}: reading and checking alone", done["checking"], "s", None, None, None, None),
        _row(f"import of {size}: memory of the command", done["megabytes"], "MB", None, None, BUDGET_MB, done["megabytes"] <= BUDGET_MB),
        _row("a page meanwhile, p95", _p95(reads), "ms", None, None, BUDGET_PAGE_MS, _p95(reads) <= BUDGET_PAGE_MS),
        _row("adding a customer meanwhile, p95", _p95(writes), "ms", None, None, BUDGET_WRITE_MS, _p95(writes) <= BUDGET_WRITE_MS),
        _row("requests that failed meanwhile", failed, f"of {len(reads) + len(writes)}", None, None, 0, failed == 0),
    ]  # fmt: skip


def prepare(folder: str) -> dict[str, Any]:
    """The company, the file, and what a sample of the orders costs without an import."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from shengce.catalogue.models import Product
    from shengce.customers.models import Customer
    from shengce.people.models import Role, Unit, User
    from shengce.sales.actions import OrderLineDraft, create_order

    call_command("migrate", verbosity=0)
    unit = Unit.objects.create(name="公司", path="/1/")
    rep = User.objects.create(username="rep", display_name="业务员", role=Role.REP, unit=unit)
    clerk = User.objects.create(
        username="clerk", display_name="柯服", role=Role.CUSTOMER_DEPARTMENT, unit=unit
    )
    Customer.objects.bulk_create(
        Customer(name=f"客户{n}有限公司", code=f"K{n:05d}", owner=rep, unit=unit) for n in range(CUSTOMERS)
    )
    Product.objects.bulk_create(Product(name=f"产品{n}", code=f"P{n:03d}") for n in range(PRODUCTS))
    dice = random.Random(20261124)
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(300)]
    with (Path(folder) / "orders.csv").open("w", encoding="gb18030", newline="") as file:
        table = csv.writer(file)
        table.writerow(["订单号", "客户编号", "客户名称", "订单日期", "产品名称", "数量", "单价", "结算方式"])
        for order in range(ORDERS):
            customer, day = dice.randrange(CUSTOMERS), dice.choice(days)
            for product in dice.sample(range(PRODUCTS), LINES):
                table.writerow(
                    [
                        f"S{order:06d}", f"K{customer:05d}", f"客户{customer}有限公司", f"{day.year}年{day.month}月{day.day}日",
                        f"产品{product}", dice.randrange(1, 50), f"￥{dice.randrange(100, 9000):,}.00", "月结",
                    ]
                )  # fmt: skip
    customers, products = (
        list(Customer.objects.select_related("owner__unit", "unit")),
        list(Product.objects.all()),
    )
    started = time.process_time()
    for number in range(SAMPLE):
        lines = [OrderLineDraft(product, 3, 100) for product in dice.sample(products, LINES)]  # type: ignore[arg-type]
        create_order(
            by=clerk,
            customer=dice.choice(customers),
            ordered_on=dice.choice(days),
            lines=lines,
            number=f"R{number}",
        )
    reference = (time.process_time() - started) * ORDERS / SAMPLE
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(rep.pk), settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = rep.get_session_auth_hash()
    session.save()
    return {"reference_s": round(reference, 1), "session": session.session_key}


def imported(folder: str) -> dict[str, Any]:
    """Check, then import, as a person would on the command line."""
    import resource

    file = str(Path(folder) / "orders.csv")
    command = [
        sys.executable,
        "-m",
        "shengce.project.cli",
        "import",
        "orders",
        file,
        "--as",
        "clerk",
        "--json",
    ]
    started = time.perf_counter()
    subprocess.run([*command, "--dry-run"], stdout=subprocess.PIPE, check=True)
    checking = time.perf_counter() - started
    started, before = time.perf_counter(), _processor_s()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        print(f"the command ended with {done.returncode}", done.stdout[:2_000], file=sys.stderr)
    result = json.loads(done.stdout)
    seconds, processor = time.perf_counter() - started, _processor_s() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of the largest: the command or its reader
    return {
        "seconds": round(seconds, 1),
        "processor": round(processor, 1),
        "checking": round(checking, 1),
        "megabytes": round(peak / 1024),
        "ok": result["made"] == ORDERS and result["state"] == "done",
    }


def _processor_s() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def _served(environment: dict[str, str], session: str) -> Any:
    """A web server, and somebody who uses it until the yielded function is called."""
    server = subprocess.Popen(
        [sys.executable, "-m", "shengce.project.cli", "serve", "--no-worker", "--port", "0"],
        env=environment,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    address = server.stdout.readline().split()[-1].rstrip("/")
    ended = threading.Event()
    reads: list[float] = []
    writes: list[float] = []
    failed: list[str] = []

    def use() -> None:
        number = 0
        while not ended.wait(0.2):
            number += 1
            form = {"name": f"新客户{number}", "kind": "prospect"} if number % 2 else None
            started = time.perf_counter()
            try:
                _ask(address + ("/customers/new/" if form else "/customers/"), session, form)
            except (OSError, urllib.error.URLError) as error:
                failed.append(str(error))
            (writes if form else reads).append((time.perf_counter() - started) * 1000)

    person = threading.Thread(target=use)
    person.start()

    def page() -> tuple[list[float], list[float], int]:
        ended.set()
        person.join()
        return reads, writes, len(failed)

    try:
        yield page
    finally:
        ended.set()
        person.join()
        server.terminate()
        server.wait()


def _ask(address: str, session: str, form: dict[str, str] | None) -> None:
    token = "a" * 32
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}"}
    data = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token}).encode() if form else None
    opener = urllib.request.build_opener(_Stay)
    with opener.open(urllib.request.Request(address, data, headers), timeout=30) as answer:
        answer.read()
        if form and answer.status != 302:
            raise OSError(f"status {answer.status}")


class _Stay(urllib.request.HTTPRedirectHandler):
    """The answer to a form is a redirect; the page behind it is not what is measured."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


def _python(environment: dict[str, str], function: str, folder: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports", function, folder],
        env=environment,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _p95(times: list[float]) -> float:
    return round(sorted(times)[int(len(times) * 0.95)], 1) if times else float("inf")


def _row(
    name: str,
    value: float,
    unit: str,
    reference: float | None,
    ratio: float | None,
    budget: float | None,
    ok: bool | None,
) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "reference": reference,
        "ratio": None if ratio is None else round(ratio, 3),
        "budget": budget,
        "ok": ok,
    }


if __name__ == "__main__":
    print(json.dumps({"prepare": prepare, "imported": imported}[sys.argv[1]](sys.argv[2])))
