"""Run the whole test suite: on SQLite, and what touches a database at the same time on PostgreSQL where one answers.

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
from pathlib import Path
from typing import IO

import psycopg

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("SHENGCE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
WITHOUT_DATABASE = (
    "tests/speech",
    "tests/speech_models",
    "tests/language",
    "tests/demo_model",
    "tests/planning",
)


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


def main(arguments: list[str]) -> int:
    """Both at once, each on a core of its own; what PostgreSQL said is shown when it has ended."""
    skipped = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        second = None
        if reason := postgres_answers():
            skipped.append(f"the tests on PostgreSQL: {reason}")
        else:
            ignored = [f"--ignore={path}" for path in WITHOUT_DATABASE]
            second = start([*ignored, "-m", "not browser", *arguments], log, DATABASE_URL=POSTGRES)
        print("== SQLite, all tests", flush=True)
        status = start(arguments, DATABASE_URL="").wait()
        if second is not None:
            status = second.wait() or status
            print("== PostgreSQL, the tests that touch a database", flush=True)
            log.seek(0)
            shutil.copyfileobj(log, sys.stdout)
    if not shutil.which("chromium"):
        skipped.append("the browser tests: no Chromium on this machine")
    for line in skipped:
        print(f"skipped: {line}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
