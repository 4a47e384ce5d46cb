"""Targets of 10,000 reps × 20 product lines × 12 months: decomposition, one rebalance, undo, the grid page of 200 × 12, and
the largest sheet that can be filled in: 4,000 reps with their teams, of whom 20,000 months are changed.

Decomposition: the year's figure is typed at the top, split over the reps by own weights, over the lines and over the months,
and written: 200,000 leaves. Reference for the arithmetic: the same 2.4 million shares by ``Fraction`` in Python, of which
one in a hundred is reckoned. Each database is filled and measured in a process of its own; memory is the peak of it.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import temporary_databases

REPS, LINES, UNITS = 10_000, 20, 200
SHEET_REGIONS, SHEET_CHANGES = 20, 20_000
BUDGET_PAGE_MS = 200.0
ROUNDS = 5
LIMIT_S = 900


def measure() -> list[dict[str, Any]]:
    """Rows of the table of ``make bench``."""
    rows: list[dict[str, Any]] = [_arithmetic()]
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
                rows.append({"name": f"targets, {name}", "value": None, "unit": "s", "ok": False})
            else:
                rows += json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _arithmetic() -> dict[str, Any]:
    import numpy as np

    from shengce.planning.allocation import apportion_groups

    chance = np.random.default_rng(1)
    cells = REPS * LINES * 12
    weights, totals = chance.random(cells), chance.integers(0, 10**9, REPS * LINES)
    group = np.repeat(np.arange(REPS * LINES), 12)
    seconds = _timed(lambda: apportion_groups(totals, weights, group))
    few = REPS * LINES // 100
    reference = 100 * _timed(lambda: _by_fractions(totals[:few].tolist(), weights[: few * 12].tolist()))
    return _row(
        "2.4 million shares", seconds, "s", f"{reference:.1f} s by Fraction", seconds / reference, None
    )


def _by_fractions(totals: list[int], weights: list[float]) -> None:
    for number, total in enumerate(totals):
        mine = [Fraction(weight) for weight in weights[number * 12 : number * 12 + 12]]
        due = [total * weight / sum(mine) for weight in mine]
        whole = [int(share) for share in due]
        for place in sorted(range(12), key=lambda n: whole[n] - due[n])[: total - sum(whole)]:
            whole[place] += 1


def _measure_here(name: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    director, version = _fill()
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from shengce.targets.cells import Cell
    from shengce.targets.editing import type_figure, undo_edit
    from shengce.targets.metrics import built_in
    from shengce.targets.models import TargetRow
    from shengce.targets.queries import planned, total
    from shengce.targets.splitting import split_cell

    sales, whole = built_in("sales"), Cell()
    year = 12_345_678_901_23

    def decompose() -> None:
        type_figure(version, sales, whole, by=director, total=year)
        for split in ("rep", "product_line", "month"):
            split_cell(version, sales, whole, by=director, split=split, basis="equal", step=1)

    rows = [_row(f"full decomposition, {name}", _timed(decompose), "s", "", None, None)]
    leaves = TargetRow.objects.filter(product_line__isnull=False).count()
    assert leaves == REPS * LINES, leaves
    assert sum(total(planned(version, "sales", by=("rep",), user=None))) == year
    rebalance = _timed(
        lambda: type_figure(
            version, sales, Cell({}, (0,)), by=director, total=year // 10, keep="row", row="", column="month"
        )
    )
    assert sum(total(planned(version, "sales", by=("rep",), user=None))) == year
    rows.append(_row(f"one rebalance of 200,000 leaves, {name}", rebalance, "s", "", None, None))
    rows.append(
        _row(f"taken back, {name}", _timed(lambda: undo_edit(version, by=director)), "s", "", None, None)
    )
    assert sum(total(planned(version, "sales", by=("rep",), user=None))) == year
    with connection.cursor() as database:
        database.execute("ANALYZE")  # what PostgreSQL does by itself a minute after so many changes
    client = Client()
    client.force_login(director)
    page = reverse("targets:grid", args=[version.pk])
    unit = director.unit.children.first().pk
    for what, query, budget in (
        ("grid page, 200 reps × 12", f"?rows=rep&f_unit={_region_of_200()}", BUDGET_PAGE_MS),
        ("grid page, whole tree × 12", "", None),
        ("grid page, a region × 12", f"?f_unit={unit}", None),
        ("grid page, lines × 12", "?rows=product_line", None),
    ):
        answer = client.get(page + query)
        assert answer.status_code == 200
        shown = answer.content.count(b"<tr class=")
        took = statistics.median(_timed(lambda q=query: client.get(page + q)) for _ in range(ROUNDS)) * 1000
        rows.append(_row(f"{what} ({shown} rows), {name}", took, "ms", "", None, budget))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(_row(f"peak memory, {name}", peak, "MB", "", None, None))
    return rows + _filled_sheet(client, version, director, name)


def _filled_sheet(client: Any, version: Any, director: Any, name: str) -> list[dict[str, Any]]:
    """The sheet goes out, is filled in, is looked at, and is taken over: seconds and memory of each."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from shengce.exchange.filled_grids import unpacked
    from shengce.targets.queries import planned, total

    query = "?open=" + ",".join(map(str, _units_of_the_sheet()))
    sheet: dict[str, Any] = {}

    def go_out() -> None:
        answer = client.get(reverse("targets:xlsx", args=[version.pk]) + query)
        sheet["out"] = b"".join(answer.streaming_content)

    def look_at() -> None:
        file = SimpleUploadedFile("sheet.xlsx", sheet["filled"])
        sheet["looked"] = client.post(
            reverse("exchange:grid", args=[version.pk]) + query, {"file": file, "unit": "yuan"}
        )

    def take_over() -> None:
        address = reverse("exchange:take_over", args=[version.pk])
        assert client.post(address, {"carried": _carried(sheet["looked"])}).status_code == 302

    measured = [("goes out", *_with_memory(go_out))]
    sheet["filled"], difference, lines = _filled_in(sheet["out"])
    before = sum(total(planned(version, "sales", by=("rep",), user=None)))
    measured.append(("looked at", *_with_memory(look_at)))
    assert sheet["looked"].status_code == 200, sheet["looked"].content.decode()
    assert len(unpacked(_carried(sheet["looked"]), version=version, by=director).changes) == SHEET_CHANGES
    measured.append(("taken over", *_with_memory(take_over)))
    assert sum(total(planned(version, "sales", by=("rep",), user=None))) == before + difference
    rows = []
    for what, seconds, megabytes in measured:
        words = f"sheet of {lines} rows × 12, {SHEET_CHANGES} changes: {what}"
        rows.append(_row(f"{words}, {name}", seconds, "s", "", None, None))
        rows.append(_row(f"{words}, peak memory, {name}", megabytes, "MB", "", None, None))
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [*rows, _row(f"its reader's peak memory, {name}", child, "MB", "", None, None)]


def _carried(looked: Any) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', looked.content.decode())
    assert found, "nothing to take over"
    return found[1]


def _units_of_the_sheet() -> list[int]:
    """The company, and so many regions with their teams: 4,000 of the reps."""
    from shengce.people.models import Unit

    names = {f"region {number}" for number in range(SHEET_REGIONS)}
    regions = list(Unit.objects.filter(name__in=names).values_list("pk", flat=True))
    return [*Unit.objects.filter(parent=None).values_list("pk", flat=True), *regions,
            *Unit.objects.filter(parent__in=regions).values_list("pk", flat=True)]  # fmt: skip


def _filled_in(content: bytes) -> tuple[bytes, int, int]:
    """As a person does it: so many months of reps are one yuan higher. The workbook, the cents, the number of rows."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    table = book.worksheets[0]
    left = SHEET_CHANGES
    for line in table.iter_rows(min_row=2):
        if ".rep-" in str(line[0].value) and not str(line[0].value).endswith("-none"):
            for cell in line[2:14][:left]:
                cell.value = float(cell.value) + 1
                left -= 1
    assert left == 0, left
    into = io.BytesIO()
    book.save(into)
    return into.getvalue(), SHEET_CHANGES * 100, table.max_row - 1


def _with_memory(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and the most memory of the process meanwhile in MB (Linux counts anew when it is told to)."""
    Path("/proc/self/clear_refs").write_text("5")
    seconds = _timed(call)
    said = Path("/proc/self/status").read_text()
    return seconds, int(said.split("VmHWM:")[1].split()[0]) / 1024


def _region_of_200() -> int:
    from shengce.people.models import Unit

    return Unit.objects.get(name="region 0").pk


def _fill() -> tuple[Any, Any]:
    """200 teams in 50 regions of four teams (200 reps each), 20 lines."""
    from django.core.management import call_command

    from shengce.catalogue.models import ProductLine
    from shengce.people.models import User
    from shengce.targets.versions import create_target_set

    call_command("migrate", verbosity=0)
    root = _unit("company", None)
    teams = []
    for number in range(UNITS // 4):
        region = _unit(f"region {number}", root)
        teams += [_unit(f"team {number}.{team}", region) for team in range(4)]
    chance = random.Random(7)
    director = User.objects.create(username="director", display_name="director", role="executive", unit=root)
    people = [
        User(
            username=f"r{n}",
            display_name=f"rep {chance.randrange(10**6)}",
            role="rep",
            unit=teams[n * UNITS // REPS],
        )
        for n in range(REPS)
    ]
    User.objects.bulk_create(people, batch_size=1000)
    for number in range(LINES):
        ProductLine.objects.create(name=f"line {number}")
    return director, create_target_set(by=director, name="year", start_on=dt.date(2026, 1, 1))


def _unit(name: str, parent: Any) -> Any:
    from shengce.people.models import Unit

    unit = Unit.objects.create(name=name, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    return unit


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _row(
    name: str, value: float, unit: str, reference: str, ratio: float | None, budget: float | None
) -> dict[str, Any]:
    return {
        "name": f"targets: {name}",
        "value": round(value, 2),
        "unit": unit,
        "reference": reference,
        "ratio": None if ratio is None else round(ratio, 4),
        "budget": budget,
        "ok": None if budget is None else value <= budget,
    }


if __name__ == "__main__":
    print(json.dumps(_measure_here(sys.argv[1]), ensure_ascii=True))
