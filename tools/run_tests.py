"""Run the whole test suite: on SQLite, then what touches a database again on PostgreSQL where one answers.

    python tools/run_tests.py [pytest arguments]

PostgreSQL is looked for at SHENGCE_TEST_POSTGRES (default postgres://postgres@127.0.0.1:5432/postgres).
What could not run is said at the end; a missing service is no failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

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


def run(arguments: list[str], **environment: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def main(arguments: list[str]) -> int:
    skipped = []
    print("== SQLite, all tests", flush=True)
    status = run(arguments, DATABASE_URL="")
    reason = postgres_answers()
    if reason:
        skipped.append(f"the tests on PostgreSQL: {reason}")
    elif not status:
        print("== PostgreSQL, the tests that touch a database", flush=True)
        ignored = [f"--ignore={path}" for path in WITHOUT_DATABASE]
        status = run([*ignored, "-m", "not browser", *arguments], DATABASE_URL=POSTGRES)
    if not shutil.which("chromium"):
        skipped.append("the browser tests: no Chromium on this machine")
    for line in skipped:
        print(f"skipped: {line}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
