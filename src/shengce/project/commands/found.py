"""``shengce found``: the first act of an installation of one's own: the organisation and its administrator."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

HELP = "create the organisation and its first administrator in an empty installation"
NEEDS_DJANGO = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", required=True, help="name of the organisation")
    parser.add_argument("--username", required=True, help="user name of the administrator")
    parser.add_argument("--display-name", default="", help="name that others read")
    # A password on the command line would stand in the shell's history.
    parser.epilog = "The password is asked for, or read from SHENGCE_FIRST_PASSWORD."


def run(args: argparse.Namespace) -> int:
    """0 where the organisation was founded, 1 where it could not be, 2 where no password was given."""
    from django.core.exceptions import ValidationError
    from django.core.management import call_command
    from django.db import DatabaseError, transaction

    from shengce.people.actions import create_user, found_organisation
    from shengce.people.models import Role

    try:
        password = os.environ.get("SHENGCE_FIRST_PASSWORD") or _asked_password()
    except (EOFError, ValueError) as problem:
        print(f"shengce found: {problem}", file=sys.stderr)
        return 2
    try:
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            root = found_organisation(name=args.name)
            create_user(
                by=None,
                username=args.username,
                password=password,
                display_name=args.display_name or args.username,
                role=Role.ADMINISTRATOR,
                unit=root,
            )
    except ValidationError as problem:
        print("\n".join(problem.messages), file=sys.stderr)
        return 1
    except DatabaseError as problem:
        print(f"shengce found: the database cannot be used: {problem}", file=sys.stderr)
        return 1
    print(f"{args.name}: {args.username} can sign in now. Start with: shengce serve")
    return 0


def _asked_password() -> str:
    """Typed twice at the terminal, because nobody sees it. Raises ``ValueError`` where there is none to use."""
    if not sys.stdin.isatty():
        raise ValueError("there is no terminal to ask for the password at; set SHENGCE_FIRST_PASSWORD")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise ValueError("the two passwords are not the same")
    return password
