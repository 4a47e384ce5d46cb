"""``shengce normalise TEXT --at ISO [--json]``: the times, amounts and phone numbers of a sentence."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta, timezone

from shengce.language.normalise import Item, normalise

HELP = "find times, amounts and phone numbers in a sentence"
NEEDS_DJANGO = False

_CHINA = timezone(timedelta(hours=8))
_LONGEST_LINE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text", metavar="TEXT", help="the sentence, or - to read one text a line from standard input"
    )
    parser.add_argument(
        "--at",
        type=_moment,
        help="the moment of the talk, ISO 8601; without offset +08:00 is meant; now if absent",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON array for each text")


def run(args: argparse.Namespace) -> int:
    at = args.at or datetime.now(_CHINA)
    if args.text != "-":
        _print(args.text, at, as_json=args.json)
        return 0
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        if len(line) > _LONGEST_LINE:
            print(f"line {number}: longer than {_LONGEST_LINE} characters", file=sys.stderr)
            _write("[]" if args.json else "")
            continue
        _print(line, at, as_json=args.json)
    return 0


def _print(text: str, at: datetime, *, as_json: bool) -> None:
    items = normalise(text, at=at)
    if as_json:
        _write(json.dumps([item.to_json() for item in items], ensure_ascii=False))
        return
    for item in items:
        _write(f"{item.start}-{item.end}\t{item.kind}\t{item.text}\t{_readable(item)}")


def _write(line: str) -> None:
    """One line in UTF-8 whatever the terminal says; a lone surrogate becomes a question mark."""
    sys.stdout.buffer.write(line.encode("utf-8", errors="replace") + b"\n")
    sys.stdout.buffer.flush()


def _readable(item: Item) -> str:
    if isinstance(item.value, str):
        return item.value
    return " ".join(f"{name}={value}" for name, value in item.value.items() if value is not None)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 moment: {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_CHINA)
