"""Build the demonstration company in an empty installation, and take it away again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.customers.models import Customer
from shengce.demo.company import DATA, Company, found_company, read_company
from shengce.demo.goals import set_targets
from shengce.demo.ground import code_of
from shengce.demo.papers import tell_papers
from shengce.demo.rounds import go_round
from shengce.demo.script import read_year
from shengce.demo.story import tell_story
from shengce.demo.year import end_year, tell_year
from shengce.exchange.models import ImportJob
from shengce.intake.worker import Worker
from shengce.people.models import AuditEntry, Unit, User, record
from shengce.recordings.actions import receive_recording
from shengce.recordings.hints import Hints
from shengce.recordings.models import Recording
from shengce.recordings.refusal import Refused

RECORDINGS = DATA / "recordings"
BUILT = "demo.built"
LATEST = dt.timedelta(minutes=15)  # a demonstration talk lies at least this far back

Say = Callable[[str], None]


class NotEmpty(Exception):
    """The installation holds something that is not the demonstration company."""


def is_built() -> bool:
    """Whether the demonstration company has been built completely."""
    return AuditEntry.objects.filter(action=BUILT).exists()


def build(*, say: Say) -> None:
    """Found the company, receive its recordings, recognise them for real, and let people decide as they would.

    A build that was interrupted is taken away and begun again. Raises ``NotEmpty`` in an installation with own data.
    """
    call_command("migrate", verbosity=0, interactive=False)
    if is_built():
        say("The demonstration company is already there.")
        return
    if Unit.objects.exists() or User.objects.exists():
        clear(say=say)
    with transaction.atomic():
        company = found_company()
    say(f"Organisation, {len(company.people)} people, products, customers and a score card are there.")
    year = tell_year(company, say=say)
    talks = receive_talks(company, say=say)
    say(f"Recognising {talks} recordings on this machine:")
    _process(say=say)
    tell_story(company)
    end_year(year, say=say)
    set_targets(company.people, say=say)
    go_round(company, say=say)
    say(f"{refresh(today=timezone.localdate())} days counted for plan against actual.")
    tell_papers(company, say=say)
    record(BUILT, Unit.objects.get(parent__isnull=True), by=None)
    say("The demonstration company is ready.")


def clear(*, say: Say) -> None:
    """Take the demonstration company away. Raises ``NotEmpty`` where anything else would go with it."""
    if reason := _own_data():
        raise NotEmpty(reason)
    _empty_database()
    shutil.rmtree(settings.DATA_DIR / "files", ignore_errors=True)
    say("The demonstration company is gone.")


def _empty_database() -> None:
    """Drop the tables and migrate: tables that are only emptied would lack what migrations lay into them (metrics, kinds of
    paper), and the search index, which is no model's table, would keep its words."""
    tables = [
        *connection.introspection.django_table_names(only_existing=True, include_views=False),
        "facts_searchindex",
        "django_migrations",
    ]
    cascade = " CASCADE" if connection.vendor == "postgresql" else ""
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)}{cascade}")
    call_command("migrate", verbosity=0, interactive=False)


def _own_data() -> str:
    known = {person["username"] for person in read_company()["people"]}
    if stranger := User.objects.exclude(username__in=known).first():
        return f"user {stranger.username}"
    if own := Recording.objects.exclude(origin=Recording.Origin.DEMO).first():
        return f"recording {own.name}"
    if job := ImportJob.objects.filter(state=ImportJob.State.DONE).first():
        return f"import {job.file_name}"
    if customer := _own_customers().first():
        return f"customer {customer.name}"
    root = Unit.objects.filter(parent__isnull=True).first()
    if root is not None and root.name != read_company()["name"]:
        return f"organisation {root.name}"
    return ""


def _own_customers() -> QuerySet[Customer]:
    """Customers that the company's files do not know, neither by name nor (where one was renamed) by number."""
    script = read_year()
    told = [row["name"] for row in (*read_company()["customers"], *script["customers"])]
    codes = [code_of(number) for number in range(1, len(told) + 1)]
    return Customer.objects.exclude(name__in=told).exclude(code__in=codes)


def receive_talks(company: Company, *, say: Say) -> int:
    """Receive the recordings as if they had come in over the last weeks; returns how many were accepted.

    Every rep's newest talk with a customer belongs to today, so that each finds something in *my day*.
    """
    entries = json.loads((RECORDINGS / "manifest.json").read_text(encoding="utf-8"))["recordings"]
    of_today = {e["rep"]: e["file"] for e in sorted(entries, key=_said_at) if e["customer"]}
    accepted = 0
    for entry in entries:
        day = 0 if entry["file"] in of_today.values() else entry["day"]
        with (RECORDINGS / entry["file"]).open("rb") as sound:
            try:
                receive_recording(
                    file=sound,
                    name=entry["file"],
                    by=company.administrator,
                    origin=Recording.Origin.DEMO,
                    hints=_hints(entry, day),
                    rep=company.people[entry["rep"]],
                )
                accepted += 1
            except Refused as refusal:
                say(f"  {entry['file']}: {refusal.code}")
    return accepted


def _said_at(entry: dict[str, Any]) -> tuple[int, str]:
    return entry["day"], entry["time"]


def _hints(entry: dict[str, Any], day: int) -> Hints:
    return Hints(
        phone=entry["phone"] or "",
        direction="onsite" if entry["kind"] == "onsite" else entry["direction"] or "",
        started_at=talk_moment(day, dt.time.fromisoformat(entry["time"]), now=timezone.now()),
        customer=entry["customer"] or "",
        contact=entry["contact"] or "",
    )


def talk_moment(day: int, clock: dt.time, *, now: dt.datetime) -> dt.datetime:
    """When a demonstration talk took place: ``day`` days from today (at most 0); never ahead of now."""
    local = timezone.localtime(now)
    on = local.date() + dt.timedelta(days=day)
    planned = dt.datetime.combine(on, clock, tzinfo=local.tzinfo)
    return min(planned, local - LATEST)


def _process(*, say: Say) -> None:
    """Walk every recording through the main path, with a bar."""
    total = Recording.objects.count()
    with Worker() as worker:
        while _unfinished():
            if not worker.work_once():
                break
            say(_bar(total - _unfinished(), total))
    unwell = Recording.objects.exclude(status__in=(Recording.Status.DONE, Recording.Status.REFUSED))
    if names := list(unwell.values_list("name", flat=True)):
        raise RuntimeError(
            f"{len(names)} demonstration recordings could not be processed: {', '.join(names[:5])}"
        )


def _unfinished() -> int:
    return Recording.objects.filter(
        status__in=(Recording.Status.WAITING, Recording.Status.RUNNING), failures=0
    ).count()


def _bar(done: int, total: int) -> str:
    filled = round(24 * done / max(1, total))
    newest = Recording.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
    return f"  [{'#' * filled}{'.' * (24 - filled)}] {done}/{total}  {newest.name if newest else ''}"
