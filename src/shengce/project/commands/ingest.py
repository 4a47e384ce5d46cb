"""``shengce ingest DIR``: take the recordings of a folder tree, once or for as long as it runs."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shengce.people.models import User
    from shengce.recordings.batches import Answer
    from shengce.recordings.folders import FolderWatch

HELP = "take the recordings of a folder that a phone system or a sync tool writes to"
NEEDS_DJANGO = True

LOOKS_AT_GROWING = 5
"""Without --watch, a file that keeps changing is waited for this many times; then it is reported as growing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="the folder; folders in it are looked at too"
    )
    parser.add_argument("--watch", action="store_true", help="go on until stopped (SIGTERM or Ctrl-C)")
    parser.add_argument(
        "--rep", metavar="USERNAME", help="whose recordings these are; default: as names and lists say"
    )
    parser.add_argument(
        "--once-stable-s",
        type=_seconds,
        default=2.0,
        metavar="N",
        help="take a file once it has not changed for N seconds (default: 2)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each file")


def run(args: argparse.Namespace) -> int:
    """0 where every file was taken, 1 where one was refused, 2 where an option is wrong. --watch ends with 0."""
    from shengce.project.schema import fault_of_database
    from shengce.recordings.folders import FolderWatch

    if not args.folder.is_dir():
        print(f"shengce ingest: {args.folder} is not a folder", file=sys.stderr)
        return 2
    if fault := fault_of_database():
        print(f"shengce ingest: {fault}", file=sys.stderr)
        return 1
    rep = _rep(args.rep) if args.rep else None
    if args.rep and rep is None:
        print(f"shengce ingest: there is no active sales representative {args.rep!r}", file=sys.stderr)
        return 2
    watch = FolderWatch(args.folder, stable_s=args.once_stable_s, rep=rep)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if args.watch:
        _watch(watch, stop, as_json=args.json)
        return 0
    return 1 if _once(watch, stop, as_json=args.json) else 0


def _watch(watch: FolderWatch, stop: threading.Event, *, as_json: bool) -> None:
    from django.db import DatabaseError, close_old_connections

    while not stop.is_set():
        close_old_connections()
        try:
            for answer in watch.look():
                _say(answer, as_json=as_json)
                if stop.is_set():
                    break
        except DatabaseError as error:
            # What was not settled is looked at again: nothing is lost.
            print(f"shengce ingest: database: {error}", file=sys.stderr, flush=True)
        stop.wait(max(0.2, min(watch.stable_s, 2.0)))


def _once(watch: FolderWatch, stop: threading.Event, *, as_json: bool) -> bool:
    """Look until everything is settled; whether anything was refused."""
    from shengce.recordings.batches import Answer
    from shengce.recordings.refusal import Refused

    refused = False
    for _look in range(1 + LOOKS_AT_GROWING):
        for answer in watch.look():
            _say(answer, as_json=as_json)
            refused = refused or answer.refused
        if stop.is_set() or not watch.unfinished:
            return refused
        stop.wait(watch.stable_s)
    for path in watch.unfinished:
        refused = True
        if not watch.has_told(path):
            _say(Answer.refusal(watch.name_of(path), Refused("growing")), as_json=as_json)
    return refused


def _say(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        line = {
            "file": answer.name,
            "state": answer.state,
            "code": answer.code,
            "message": answer.message,
            "recording": answer.recording.pk if answer.recording else None,
            "sha256": answer.recording.sha256 if answer.recording else None,
        }
        print(json.dumps(line, ensure_ascii=True), flush=True)
        return
    text = f"{answer.state:<9} {answer.name}" + (f": {answer.message}" if answer.message else "")
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def _rep(username: str) -> User | None:
    from shengce.people.models import Role, User

    return User.objects.filter(username=username, is_active=True, role__in=(Role.REP, Role.MANAGER)).first()


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError("must be a number of seconds, 0 or more")
    return value
