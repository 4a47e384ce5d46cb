"""``shengce worker``: one process that recognises and analyses recordings."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable

HELP = "recognise and analyse recordings as they come in"
NEEDS_DJANGO = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true", help="one recording at most, then end")
    how_long.add_argument("--drain", action="store_true", help="until every recording is done, then end")
    parser.add_argument(
        "--with-parent",
        action="store_true",
        help="end too when standard input closes (used by shengce serve)",
    )


def run(args: argparse.Namespace) -> int:
    """0 after its work; 1 where the speech model or the database is not there. SIGTERM and SIGINT end it: a short step is finished,
    a long one given back."""
    from django.conf import settings

    from shengce.exchange.work import work_once
    from shengce.intake.worker import Worker
    from shengce.project.commands.sweep import run_jobs
    from shengce.project.schema import fault_of_database
    from shengce.speech.models.errors import ModelError
    from shengce.speech.models.places import resolve_model_dir

    if fault := fault_of_database():
        print(f"shengce worker: {fault}", file=sys.stderr)
        return 1
    try:
        model_dir = resolve_model_dir(settings.SHENGCE_MODEL)
    except ModelError as error:
        print(f"shengce worker: {error}", file=sys.stderr)
        return 1
    with Worker(model_dir=model_dir, chores=run_jobs, errand=work_once) as worker:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        if args.with_parent:
            threading.Thread(target=_stop_with_parent, args=(worker.stop,), daemon=True).start()
        worker.run(once=args.once, drain=args.drain)
    return 0


def _stop_with_parent(stop: Callable[[], None]) -> None:
    """The parent holds the other end of the pipe; it closes even when the parent is killed."""
    while os.read(sys.stdin.fileno(), 64):  # not the buffered object: its lock would be held at exit
        pass
    stop()
