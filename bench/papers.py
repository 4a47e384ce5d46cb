"""Drafting 1,000 daily reports, and drafting them again: seconds, per database.

50 reps over 20 days; every day of a rep has three talks with summaries, one visit, one order, one payment, two tasks of the
next day. The reports of a day are begun and drafted as one batch, as the hourly sweep does it. Drafting again finds everything
as it is and writes nothing; one by one is what opening the page does. Reference: the plainest way to write as many lines,
one ``INSERT`` after the other without reading anything.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import temporary_databases

REPS, DAYS = 50, 20
REPORTS = REPS * DAYS
TALKS_A_DAY = 3
BUDGET_S = 60.0
LIMIT_S = 400
FIRST = dt.date(2026, 3, 2)


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
                rows.append({"name": f"papers, {name}", "value": None, "unit": "s", "ok": False})
            else:
                rows += json.loads(done.stdout.decode().splitlines()[-1])
    return rows


def _measure_here(name: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    from django.core.management import call_command

    from shengce.sheets.actions import draft_daily_report
    from shengce.sheets.batches import begin_period, draft_papers
    from shengce.sheets.forms_of_papers import current
    from shengce.sheets.models import DAILY, Line

    call_command("migrate", verbosity=0)
    reps = _company()
    days = [FIRST + dt.timedelta(days=day) for day in range(DAYS)]

    template = current(DAILY)

    def draft() -> None:
        for day in days:
            draft_papers(begin_period(template, reps, day))

    def one_by_one() -> None:
        for rep in reps:
            for day in days:
                draft_daily_report(rep, day)

    first = _timed(draft)
    lines = Line.objects.count()
    if lines < REPORTS * (TALKS_A_DAY + 4):
        raise AssertionError(f"{lines} lines are fewer than the records of these days")
    again, alone = _timed(draft), _timed(one_by_one)
    if Line.objects.count() != lines:
        raise AssertionError("drafting again changed something")
    plain = _timed(_one_by_one)
    told = f"{lines:,} lines; one INSERT a line: {plain:.1f} s"
    return [
        _row(f"drafting {REPORTS:,} daily reports, {name}", first, told, first / plain),
        _row(f"drafting them again, {name}", again, "nothing changes", again / first),
        _row(f"drafting them again one by one, {name}", alone, "in batches", alone / again),
    ]


def _row(name: str, seconds: float, reference: str, ratio: float) -> dict[str, Any]:
    return {
        "name": f"papers: {name}",
        "value": round(seconds, 1),
        "unit": "s",
        "reference": reference,
        "ratio": round(ratio, 2),
        "budget": BUDGET_S,
        "ok": seconds <= BUDGET_S,
    }


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _one_by_one() -> None:
    """The reference: as many lines, each by itself, on papers that are thrown away again."""
    from django.db import transaction

    from shengce.sheets.models import Line

    rows = list(Line.objects.values("paper_id", "section", "text", "source"))
    with transaction.atomic():
        for row in rows:
            Line.objects.create(**row)
        transaction.set_rollback(True)


def _company() -> list[Any]:
    """Reps with their days, made in bulk."""
    from django.utils import timezone

    from shengce.customers.models import Customer
    from shengce.people.models import Role, Unit, User
    from shengce.recordings.models import Conversation, Recording
    from shengce.sales.models import Order, Receipt
    from shengce.visits.models import Task, Visit

    unit = Unit.objects.create(name="公司", kind=Unit.Kind.COMPANY)
    unit.path = f"/{unit.pk}/"
    unit.save(update_fields=["path"])
    reps = User.objects.bulk_create(
        User(username=f"rep{i}", display_name=f"业务员{i}", role=Role.REP, unit=unit) for i in range(REPS)
    )
    customers = Customer.objects.bulk_create(
        Customer(name=f"客户{i}", owner=reps[i % REPS], unit=unit) for i in range(REPS * 4)
    )
    zone = timezone.get_current_timezone()
    pairs = [
        (rep, place, FIRST + dt.timedelta(days=day)) for place, rep in enumerate(reps) for day in range(DAYS)
    ]

    def at(day: dt.date, hour: int) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(hour), tzinfo=zone)

    def of(place: int, number: int) -> Any:
        return customers[place + REPS * (number % 4)]

    recordings = Recording.objects.bulk_create(
        Recording(
            sha256=f"{place:032d}{day:%Y%m%d}{n:024d}", name="x.mp3", size=1, file="x", rep=rep, unit=unit
        )
        for rep, place, day in pairs
        for n in range(TALKS_A_DAY)
    )
    summary = {"lines": [
        {"text": text, "turn": 1, "role": "customer", "start_ms": 5000, "end_ms": 9000}
        for text in ("你们这个设备多少钱一台", "下周三过来看现场")
    ]}  # fmt: skip
    Conversation.objects.bulk_create(
        Conversation(
            recording=recordings[number], end_ms=240_000, started_at=at(day, 9 + number % TALKS_A_DAY * 2), rep=rep,
            unit=unit, customer=of(place, number), summary=summary,
        )
        for number, (rep, place, day) in enumerate(p for p in pairs for _ in range(TALKS_A_DAY))
    )  # fmt: skip
    Visit.objects.bulk_create(
        Visit(rep=rep, unit=unit, customer=of(place, 0), came_at=at(day, 9), left_at=at(day, 10))
        for rep, place, day in pairs
    )
    Order.objects.bulk_create(
        Order(
            number=f"SO{place}-{day}",
            customer=of(place, 1),
            rep=rep,
            unit=unit,
            ordered_on=day,
            total=Decimal(12000),
        )
        for rep, place, day in pairs
    )
    Receipt.objects.bulk_create(
        Receipt(
            customer=of(place, 2),
            rep=rep,
            unit=unit,
            received_on=day,
            amount=Decimal(8000),
            open_amount=Decimal(8000),
        )
        for rep, place, day in pairs
    )
    Task.objects.bulk_create(
        Task(
            title="把方案发给客户", owner=rep, unit=unit, customer=of(place, n),
            due_at=at(day + dt.timedelta(days=1), 10 + n),
        )
        for rep, place, day in pairs
        for n in range(2)
    )  # fmt: skip
    return reps


if __name__ == "__main__":
    print("\n" + json.dumps(_measure_here(sys.argv[1])))
