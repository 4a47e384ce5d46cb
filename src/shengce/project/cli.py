"""The ``shengce`` command: an explicit list of subcommands, each one file in ``commands``.

A command module has ``HELP``, ``NEEDS_DJANGO``, ``add_arguments(parser)`` and ``run(args) -> int``; it is
imported only when it is asked for, so that ``shengce normalise`` starts without Django.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

COMMANDS: tuple[tuple[str, str], ...] = (
    ("serve", "shengce.project.commands.serve"),
    ("worker", "shengce.project.commands.worker"),
    ("process", "shengce.project.commands.process"),
    ("extract", "shengce.project.commands.extract"),
    ("normalise", "shengce.project.commands.normalise"),
    ("route", "shengce.project.commands.route"),
    ("ingest", "shengce.project.commands.ingest"),
    ("import", "shengce.project.commands.import_table"),
    ("export", "shengce.project.commands.export_table"),
    ("models", "shengce.project.commands.models"),
    ("evaluate", "shengce.project.commands.evaluate"),
    ("bench", "shengce.project.commands.bench"),
    ("demo", "shengce.project.commands.demo"),
    ("sweep", "shengce.project.commands.sweep"),
    ("found", "shengce.project.commands.found"),
    ("django", "shengce.project.commands.django"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status is what it returns."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    names = [name for name, _ in COMMANDS]
    chosen = next((a for a in arguments if not a.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="shengce", description="Shengce 声策")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="{" + ",".join(names) + "}")
    wanted = [(n, m) for n, m in COMMANDS if n == chosen] or list(COMMANDS)
    modules = {}
    for name, path in wanted:
        module = importlib.import_module(path)
        modules[name] = module
        sub = subparsers.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(sub)
    parsed = parser.parse_args(arguments)
    module = modules[parsed.command]
    try:
        if module.NEEDS_DJANGO and (fault := _start_django()):
            print(f"shengce {parsed.command}: {fault}", file=sys.stderr)
            return 2
        status = int(module.run(parsed))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except (
        BrokenPipeError
    ):  # the reader went away (`shengce models list | head`): nothing is left to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _start_django() -> str:
    """Read the settings; what is wrong with them, in words, or nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shengce.project.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except (ValueError, OSError, ImproperlyConfigured) as error:
        return f"the settings are wrong: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
