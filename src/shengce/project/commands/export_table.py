"""``shengce export KIND FILE``: a list as an Excel or CSV file, as far as the person may see it."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

HELP = "export customers, orders, receipts … as an Excel or CSV file"
NEEDS_DJANGO = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="customers, contacts, products, prices, orders, …")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write: .xlsx or .csv")
    parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="whose view it is")
    parser.add_argument("--language", choices=("zh-hans", "en"), default="zh-hans", help="of the headings")


def run(args: argparse.Namespace) -> int:
    """0 after writing; 1 where the database or the disk fails; 2 for wrong options."""
    from django.utils import translation

    from shengce.exchange.kinds import KINDS, exportable
    from shengce.exchange.writing import exported_columns, exported_rows, to_csv, to_xlsx
    from shengce.people.models import User
    from shengce.project.schema import fault_of_database

    if fault := fault_of_database():
        return _wrong(fault, status=1)
    user = User.objects.select_related("unit").filter(username=args.username, is_active=True).first()
    if user is None:
        return _wrong(f"there is nobody active called {args.username!r}")
    kind = next((kind for kind in KINDS if kind.key == args.kind), None)
    if kind is None:
        return _wrong(f"KIND is one of {', '.join(kind.key for kind in KINDS)}")
    if kind not in exportable(user):
        return _wrong(f"the role of {args.username} does not allow this")
    if args.file.suffix.lower() not in (".xlsx", ".csv"):
        return _wrong("FILE ends in .xlsx or .csv")
    partial = args.file.with_name(f".{args.file.name}.part")
    try:
        with translation.override(args.language), partial.open("wb") as target:
            columns, rows = exported_columns(kind), exported_rows(kind, user)
            if args.file.suffix.lower() == ".csv":
                target.writelines(to_csv(rows, columns))
            else:
                with to_xlsx(rows, columns, title=str(kind.label)) as book:
                    shutil.copyfileobj(book, target)
        partial.replace(args.file)  # whole or not there at all
    except OSError as error:
        partial.unlink(missing_ok=True)
        return _wrong(f"{args.file} cannot be written: {error.strerror or error}", status=1)
    return 0


def _wrong(words: str, *, status: int = 2) -> int:
    print(f"shengce export: {words}", file=sys.stderr)
    return status
