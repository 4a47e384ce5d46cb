"""``shengce django …``: Django's own commands (migrate, createsuperuser, shell …)."""

from __future__ import annotations

import argparse

HELP = "run a Django management command"
NEEDS_DJANGO = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER)


def run(args: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["shengce django", *args.arguments])
    return 0
