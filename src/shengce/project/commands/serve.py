"""``shengce serve``: the web server and a worker, both in one command, both ended by one signal.

The web server runs in this process and never loads a speech model; the worker is a process of its own that is started
again when it dies, and that ends by itself when this process is gone, however it went.
"""

from __future__ import annotations

import argparse
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import Any, NoReturn

HELP = "serve the web application, with a worker beside it"
NEEDS_DJANGO = True

RESTART_S = (1, 2, 5, 15, 30)
"""Seconds before a worker that died is started again; the last one repeats. A minute of life begins anew."""
CONNECTIONS = 2_000
"""Open connections at a time. A browser keeps up to six for minutes: at waitress's own limit of 100 the seventeenth person
would wait at a closed door. Each is one file; the process asks for as many as the system lets it have."""
FILES_BESIDE = 300
STOP_S = 15.0
"""How long a worker may take to finish or give back what it has in hand."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port (default: %(default)s); 0 takes a free one"
    )
    parser.add_argument(
        "--threads", type=_threads, default=8, help="requests at a time (default: %(default)s)"
    )
    parser.add_argument("--no-worker", action="store_true", help="only the web server")
    parser.add_argument(
        "--trusted-proxy", metavar="ADDRESS", help="believe the X-Forwarded headers of this address (nginx)"
    )


def run(args: argparse.Namespace) -> int:
    """0 after SIGTERM or SIGINT; 1 where the database is not up to date or the address is taken."""
    from django.db import connection
    from waitress.server import create_server

    from shengce.project.schema import fault_of_database
    from shengce.project.wsgi import application

    if fault := fault_of_database():
        print(f"shengce serve: {fault}", file=sys.stderr)
        return 1
    connection.close()  # requests are answered in threads with connections of their own
    try:
        server = create_server(application, **_server_options(args))
    except (OSError, ValueError) as error:  # ValueError: waitress does not know the host
        reason = error.strerror if isinstance(error, OSError) else error
        print(f"shengce serve: cannot listen on {args.host}:{args.port}: {reason}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    supervisor = None if args.no_worker else Supervisor()
    try:
        if supervisor is not None:
            supervisor.start()
        host = f"[{args.host}]" if ":" in args.host else args.host
        print(f"Shengce 声策: http://{host}:{server.effective_port}/", flush=True)
        server.run()  # returns after SystemExit
    finally:
        server.close()
        if supervisor is not None:
            supervisor.stop()
    return 0


def _server_options(args: argparse.Namespace) -> dict[str, Any]:
    from django.conf import settings

    options: dict[str, Any] = {
        "host": args.host,
        "port": args.port,
        "threads": args.threads,
        "ident": "",
        # A folder of recordings or an archive may come in one request; each file has its own limit.
        "max_request_body_size": 4 * settings.SHENGCE_MAX_FILE_BYTES,
        "channel_timeout": 300,
        "connection_limit": _room_for_connections(),
        "asyncore_use_poll": True,  # select() ends at file 1,024
    }
    if args.trusted_proxy:
        options["trusted_proxy"] = args.trusted_proxy
        options["trusted_proxy_headers"] = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    return options


def _room_for_connections() -> int:
    """:data:`CONNECTIONS`, or what the limit of open files leaves beside database, logs and uploads."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(CONNECTIONS, soft - FILES_BESIDE), 20)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _threads(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 1000, not {text!r}")
    return int(text)


def _end(*_: object) -> NoReturn:
    raise SystemExit(0)


class Supervisor:
    """Keeps one worker process running until it is told to stop."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the worker to end, wait, and end it for good where it does not."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._thread.join(STOP_S)

    def _watch(self) -> None:
        failures = 0
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                # A session of its own: Ctrl-C reaches this process only, which then asks the worker to stop.
                self._process = process = subprocess.Popen(
                    [sys.executable, "-m", "shengce.project.cli", "worker", "--with-parent"],
                    stdin=subprocess.PIPE,
                    start_new_session=True,
                )
            started = time.monotonic()
            status = process.wait()
            if process.stdin is not None:
                process.stdin.close()
            if self._stopping.is_set():
                return
            failures = 1 if time.monotonic() - started > 60 else failures + 1
            pause = RESTART_S[min(failures, len(RESTART_S)) - 1]
            print(
                f"shengce serve: the worker ended with {status}; starting it again in {pause} s",
                file=sys.stderr,
            )
            self._stopping.wait(pause)
