"""``shengce sweep``: what must happen by itself once in a while, whether or not somebody looks.

One explicit tuple of jobs; a new one is one entry more. Each may be run at any time, by several processes at once, and
twice: the second time it finds nothing to do. ``shengce worker`` runs them when it starts and once an hour.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

HELP = "do what is due by itself: judge promises to pay, fill the pool, rank customers, draft monthly cards, escalate late tickets, compare what was typed"
NEEDS_DJANGO = True

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """``run(now)`` says how many rows it changed; ``does`` is what it does to them, in words."""

    name: str
    does: str
    run: Callable[[datetime], int]


def _escalate_overdue(now: datetime) -> int:
    from shengce.service.escalation import escalate_overdue

    return len(escalate_overdue(now=now))


def _check_promises(now: datetime) -> int:
    from django.utils import timezone

    from shengce.sales.promises import check_promises

    return check_promises(today=timezone.localdate(now))


def _refresh_activity(now: datetime) -> int:
    from shengce.cards.activity import refresh_activity

    return refresh_activity(now=now)


def _release_idle(now: datetime) -> int:
    from django.utils import timezone

    from shengce.customers.pool import release_idle

    return release_idle(today=timezone.localdate(now))


def _find_duplicates(now: datetime) -> int:
    from shengce.customers.lookalikes import find_duplicates

    return find_duplicates()


def _compute_standings(now: datetime) -> int:
    from django.utils import timezone

    from shengce.sales.loyalty import compute_standings, last_run

    today, run = timezone.localdate(now), last_run()
    if run is not None and run.computed_on >= today:
        return 0  # once a day is enough: days are what it counts
    return compute_standings(today=today).customers


def _compute_cooperation(now: datetime) -> int:
    from django.utils import timezone

    from shengce.channel.cooperation import compute_cooperation
    from shengce.channel.models import Cooperation

    this_month = timezone.localdate(now).replace(day=1)
    month = (this_month - timedelta(days=1)).replace(day=1)
    if Cooperation.objects.filter(month=month).exists():
        return 0
    return compute_cooperation(month=month)


def _check_claims(now: datetime) -> int:
    from shengce.claims.actions import check_recent

    return check_recent(now=now)


def _count_actuals(now: datetime) -> int:
    from django.utils import timezone

    from shengce.attainment.counting import refresh

    return refresh(today=timezone.localdate(now))


def _open_papers(now: datetime) -> int:
    from django.utils import timezone

    from shengce.sheets.reminders import open_papers

    return open_papers(today=timezone.localdate(now))


def _draft_papers(now: datetime) -> int:
    from shengce.sheets.reminders import draft_due

    return draft_due(now=now)


def _draft_monthly_cards(now: datetime) -> int:
    from django.utils import timezone

    from shengce.cards.actions import draft_month_over

    return draft_month_over(today=timezone.localdate(now))


JOBS: tuple[Job, ...] = (
    Job("check_promises", "promises to pay were judged anew", _check_promises),
    Job("refresh_activity", "customers got their last order and visit written down", _refresh_activity),
    Job("release_idle", "customers went to the public pool", _release_idle),
    Job("find_duplicates", "pairs of customers look alike", _find_duplicates),
    Job("compute_standings", "customers were ranked by how they buy", _compute_standings),
    Job("compute_cooperation", "dealers were marked for the month that is over", _compute_cooperation),
    Job("count_actuals", "days were counted anew for plan against actual", _count_actuals),
    Job("open_papers", "papers were begun for those who have to write them", _open_papers),
    Job("draft_papers", "papers that fall due within a day were drafted", _draft_papers),
    Job("draft_monthly_cards", "monthly cards were drafted for the month that is over", _draft_monthly_cards),
    Job("escalate_overdue", "tickets that are late were told to a manager", _escalate_overdue),
    Job("check_claims", "typed statements were compared with what was said", _check_claims),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", choices=[job.name for job in JOBS], metavar="JOB", help="one job; default: all of them"
    )


def run(args: argparse.Namespace) -> int:
    """0 after all jobs; 1 where one broke down (the others were still done) or the database is not up to date."""
    import sys

    from shengce.project.schema import fault_of_database

    if fault := fault_of_database():
        print(f"shengce sweep: {fault}", file=sys.stderr)
        return 1
    return int(not run_jobs(only=args.only, say=print))


def run_jobs(*, only: str | None = None, say: Callable[[str], None] = log.info) -> bool:
    """Run the jobs one after the other, at this moment; whether all of them went well."""
    from django.utils import timezone

    well = True
    for job in JOBS:
        if only not in (None, job.name):
            continue
        try:
            say(f"{job.name}: {job.run(timezone.now())} {job.does}")
        except Exception:  # the next job may still go well
            log.exception("sweep: %s broke down", job.name)
            well = False
    return well
