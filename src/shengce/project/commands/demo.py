"""``shengce demo build|clear``: the demonstration company."""

from __future__ import annotations

import argparse
import sys

HELP = "build the demonstration company in an empty installation, or take it away"
NEEDS_DJANGO = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("build", "clear"))


def run(args: argparse.Namespace) -> int:
    """0 where the company is there, or is gone; 1 where the installation holds data of its own."""
    from shengce.demo import build as demo
    from shengce.demo.company import PASSWORD, read_company
    from shengce.project.schema import fault_of_database

    def say(words: str) -> None:
        print(words, flush=True)

    try:
        if args.what == "clear":
            if fault := fault_of_database():
                print(f"shengce demo clear: {fault}", file=sys.stderr)
                return 1
            demo.clear(say=say)
            return 0
        demo.build(say=say)
    except demo.NotEmpty as reason:
        print(f"This installation holds data of its own ({reason}); nothing was changed.", file=sys.stderr)
        if args.what == "build":
            print("Use an empty folder: SHENGCE_DATA_DIR=./demo make demo", file=sys.stderr)
        return 1
    say(f"\nEverybody signs in with the password {PASSWORD}:")
    for person in read_company()["people"]:
        say(f"  {person['username']:<14} {person['name']}  {person['role']}")
    say("\nThe recogniser that is shipped knows synthetic voices only; see docs/models.md for real ones.\n")
    return 0
