"""``shengce import KIND FILE``: a table becomes customers, orders, receipts …, as on the page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shengce.exchange.models import ImportJob
    from shengce.people.models import User

HELP = "import customers, orders, receipts … from an Excel or CSV file"
NEEDS_DJANGO = True
MOST_FAULTS = 1_000
"""Faults that are printed; ``fault_count`` says how many there are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="customers, contacts, products, prices, orders, …")
    parser.add_argument("file", type=Path, metavar="FILE", help=".xlsx, .xls, .ods, .csv, .tsv or .txt")
    parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who imports it")
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="JSON or YAML: {field: heading of the file}"
    )
    parser.add_argument("--sheet", default="", metavar="NAME", help="sheet of the workbook")
    parser.add_argument(
        "--good-rows", action="store_true", help="leave out rows with faults instead of importing nothing"
    )
    parser.add_argument("--dry-run", action="store_true", help="check only; nothing is stored")
    parser.add_argument(
        "--again", action="store_true", help="import the file although it was imported before"
    )
    parser.add_argument(
        "--language",
        choices=("zh-hans", "en"),
        default="zh-hans",
        help="of the faults (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """0 where everything was imported or stood there already, 1 where rows have faults or the file is no use, 2 for wrong options."""
    from django.core.exceptions import PermissionDenied, ValidationError
    from django.utils import translation

    from shengce.exchange import actions
    from shengce.exchange.kinds import KINDS
    from shengce.project.schema import fault_of_database

    if fault := fault_of_database():
        return _wrong(fault, status=1)
    user = _user(args.username)
    if user is None:
        return _wrong(f"there is nobody active called {args.username!r}")
    if args.kind not in [kind.key for kind in KINDS]:
        return _wrong(f"KIND is one of {', '.join(kind.key for kind in KINDS)}")
    if not args.file.is_file():
        return _wrong(f"{args.file} is no file")
    try:
        matching = _mapping(args.mapping) if args.mapping else None
    except ValueError as error:
        return _wrong(str(error))
    job = None
    translation.activate(args.language)
    try:
        with args.file.open("rb") as file:
            job = actions.receive_file(
                by=user,
                kind=args.kind,
                file=file,
                name=args.file.name,
                sheet=args.sheet,
                size=args.file.stat().st_size,
            )
        job = _through(job, user, matching, args)
        status = _report(job, args)
        if args.dry_run or hasattr(job, "already"):
            actions.discard_import(job, by=user)
    except PermissionDenied as error:
        return _wrong(str(error))
    except ValidationError as error:
        return _refused(error, job, args)
    return status


def _through(
    job: ImportJob, user: User, matching: dict[str, str] | None, args: argparse.Namespace
) -> ImportJob:
    """Check and, unless only that was asked for, import; all of it in this process."""
    from shengce.exchange import actions, work

    earlier = actions.imported_before(job)
    if earlier is not None and not args.again and not args.dry_run:
        job.already = actions.already_words(earlier)  # type: ignore[attr-defined]
        return job
    job = actions.check_file(job, by=user, matching=matching)
    work.work_now(job)
    if args.dry_run or (job.faulty_rows and not args.good_rows) or job.faulty_rows >= job.rows:
        return job
    job = actions.run_import(job, by=user, good_only=args.good_rows, again=args.again)
    work.work_now(job)
    return job


def _report(job: ImportJob, args: argparse.Namespace) -> int:
    """What became of it; the exit status."""
    result = as_json(job)
    nothing_wrong = result["state"] in ("done", "already") or (
        args.dry_run and result["state"] == "previewed"
    )
    good = nothing_wrong and not result["faulty_rows"]
    if args.json:
        print(json.dumps(result, ensure_ascii=True, indent=1))
    else:
        _say(result)
    return 0 if good else 1


def as_json(job: ImportJob) -> dict[str, Any]:
    """The object of docs/cli.md."""
    already = getattr(job, "already", "")
    faults = [] if already else list(job.faults.order_by("row", "pk")[:MOST_FAULTS])
    return {
        "import": None if already else job.pk,
        "kind": job.kind,
        "file": job.file_name,
        "sha256": job.sha256,
        "sheet": job.sheet or None,
        "state": "already" if already else job.state,
        "message": already or job.message,
        "header_row": job.header_row,
        "matching": job.matching,
        "rows": job.rows,
        "left_out": job.left_out,
        "made": job.made,
        "changed": job.changed,
        "unchanged": job.unchanged,
        "faulty_rows": job.faulty_rows,
        "fault_count": 0 if already else job.faults.count(),
        "faults": [
            {
                "row": f.row,
                "column": f.column or None,
                "field": f.field or None,
                "code": f.code,
                "text": f.text,
            }
            for f in faults
        ],
    }


def _say(result: dict[str, Any]) -> None:
    counts = ", ".join(
        f"{result[key]} {key.replace('_', ' ')}" for key in ("made", "changed", "unchanged", "faulty_rows")
    )
    _print(
        f"{result['state']}: {result['rows']} rows: {counts}"
        + (f". {result['message']}" if result["message"] else "")
    )
    for fault in result["faults"][:50]:
        _print(f"row {fault['row']}: {(fault['column'] + ': ') if fault['column'] else ''}{fault['text']}")
    if result["fault_count"] > 50:
        _print(f"… {result['fault_count'] - 50} more; --json prints {MOST_FAULTS}")


def _refused(error: Any, job: ImportJob | None, args: argparse.Namespace) -> int:
    """The file, its columns or its rows cannot be used: in words, and the code for programs."""
    reason = error.error_list[0] if hasattr(error, "error_list") else error
    words = " ".join(error.messages)
    if args.json:
        print(
            json.dumps(
                {
                    "kind": args.kind,
                    "file": args.file.name,
                    "error": {"code": reason.code or "invalid", "message": words},
                    "columns": job.columns if job is not None else [],
                },
                ensure_ascii=True,
            )
        )
    else:
        print(f"shengce import: {args.file.name}: {words}", file=sys.stderr)
    return 1


def _mapping(path: Path) -> dict[str, str]:
    """``{field: heading}`` from JSON or YAML. Raises ``ValueError`` in words."""
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read as JSON or YAML: {error}") from error
    if not isinstance(data, dict) or not all(isinstance(part, str) for pair in data.items() for part in pair):
        raise ValueError(f"{path} must be an object {{field: heading}} of texts")
    return data


def _user(username: str) -> User | None:
    from shengce.people.models import User

    return User.objects.select_related("unit").filter(username=username, is_active=True).first()


def _wrong(words: str, *, status: int = 2) -> int:
    print(f"shengce import: {words}", file=sys.stderr)
    return status


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
