"""Run the whole test suite: on SQLite, and at the same time on PostgreSQL where one answers.

    python tools/run_tests.py [pytest arguments]

PostgreSQL is looked for at SHENGCE_TEST_POSTGRES (default postgres://postgres@127.0.0.1:5432/postgres).
What could not run is said at the end; a missing service is no failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import psycopg

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("SHENGCE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
WITHOUT_DATABASE = ("tests/language", "tests/planning")
"""Run beside PostgreSQL, where there is one: both runs then take the same time."""
ONCE = ("tests/speech", "tests/speech_models", "tests/demo_model", "tests/web/test_outsider.py")
"""Not on PostgreSQL: sound needs no database; who may open which address is asked of the program, by thousands of requests."""


def postgres_answers() -> str:
    """Empty when PostgreSQL can be used, else the reason."""
    try:
        with psycopg.connect(POSTGRES, connect_timeout=3) as connection:
            connection.execute("select 1")
    except psycopg.Error as problem:
        return f"no PostgreSQL at {POSTGRES.rpartition('@')[2]} ({str(problem).splitlines()[0]})"
    return ""


def start(arguments: list[str], log: IO[str] | None = None, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=log,
        stderr=log and subprocess.STDOUT,
        text=True,
    )


def _without(paths: Iterable[str], arguments: list[str]) -> list[str]:
    """Who names tests gets those, in both runs."""
    return [] if arguments else [f"--ignore={path}" for path in paths]


def main(arguments: list[str]) -> int:
    """Both at once, each on a core of its own; what PostgreSQL said is shown when it has ended."""
    skipped = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        second = None
        if reason := postgres_answers():
            skipped.append(f"the tests on PostgreSQL: {reason}")
        else:
            second = start(
                ["-m", "not browser", *_without(ONCE, arguments), *arguments], log, DATABASE_URL=POSTGRES
            )
        print("== SQLite", flush=True)
        first = _without(WITHOUT_DATABASE if second else (), arguments)
        status = start([*first, *arguments], DATABASE_URL="").wait()
        if second is not None:
            status = second.wait() or status
            print("== PostgreSQL, with the tests that need no database", flush=True)
            log.seek(0)
            shutil.copyfileobj(log, sys.stdout)
    if not shutil.which("chromium"):
        skipped.append("the browser tests: no Chromium on this machine")
    for line in skipped:
        print(f"skipped: {line}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
