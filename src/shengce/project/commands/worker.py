"""``shengce worker``: one process that recognises and analyses recordings."""

from __future__ import annotations

import argparse
import signal

HELP = "recognise and analyse recordings as they come in"
NEEDS_DJANGO = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true", help="one recording at most, then end")
    how_long.add_argument("--drain", action="store_true", help="until every recording is done, then end")


def run(args: argparse.Namespace) -> int:
    """Ends with 0; SIGTERM and SIGINT finish a short step, give a long one back, and end it too."""
    from shengce.intake.worker import Worker

    with Worker() as worker:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run(once=args.once, drain=args.drain)
    return 0
