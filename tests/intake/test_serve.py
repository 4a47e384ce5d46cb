"""``shengce serve``: one command, two processes, no model in the web process, nothing left behind."""

from __future__ import annotations

import http.client
import os
import re
import signal
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from shengce.recordings.models import Worker
from tests.intake.running import children, command, is_gone, until

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

HEAVY = ("sherpa", "onnxruntime", "pyvrp", "av.libs", "libav")
LIMIT_KB = 150_000


def address_of(server) -> str:
    return re.search(r"http://\S+", server.stdout.readline()).group()


def worker_row():
    return Worker.objects.first()


def rss_kb(pid: int) -> int:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1))


def test_web_and_worker_in_one(company):
    with command("serve", "--port", "0") as server:
        address = address_of(server)
        first = until(worker_row)
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200
        maps = Path(f"/proc/{server.pid}/maps").read_text()
        print(f"idle web process: {rss_kb(server.pid) / 1000:.0f} MB")
        assert [name for name in HEAVY if name in maps] == []
        assert rss_kb(server.pid) < LIMIT_KB
        (worker,) = children(server.pid)
        assert first.name.endswith(f":{worker}")
        os.kill(worker, signal.SIGKILL)
        second = until(lambda: next((pid for pid in children(server.pid) if pid != worker), None))
        until(lambda: Worker.objects.filter(name__endswith=f":{second}").exists())
        server.terminate()
        assert server.wait(30) == 0
        assert is_gone(second)
        assert not Worker.objects.filter(name__endswith=f":{second}").exists()


def test_people_who_keep_their_connections_open_keep_nobody_out(company):
    """Thirty browsers with six connections each, and the next person."""
    with command("serve", "--port", "0", "--no-worker") as server, ExitStack() as open_connections:
        address = address_of(server)
        host, port = re.search(r"//(.+):(\d+)/", address).groups()
        for _ in range(180):
            held = open_connections.enter_context(
                closing(http.client.HTTPConnection(host, int(port), timeout=20))
            )
            held.request("HEAD", "/people/sign-in/")
            assert held.getresponse().status == 200
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert answer.status == 200
        server.terminate()
        assert server.wait(30) == 0


def test_no_orphan_when_the_server_is_killed(company):
    with command("serve", "--port", "0") as server:
        address_of(server)
        until(worker_row)
        (worker,) = children(server.pid)
        server.kill()
        server.wait()
        until(lambda: is_gone(worker))


def test_an_address_that_is_taken(company):
    with command("serve", "--port", "0", "--no-worker") as server:
        port = address_of(server).rstrip("/").rpartition(":")[2]
        with command("serve", "--port", port, "--no-worker") as other:
            assert other.wait(60) == 1


def test_a_database_that_lacks_migrations(company, tmp_path):
    with command("serve", "--port", "0", DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3") as server:
        assert server.wait(60) == 1
