"""Memory of a web process that has shown its pages to somebody and then waits, and what it has loaded (Linux)."""

from __future__ import annotations

import http.cookiejar
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

BUDGET_MB = 150
START_S = 60
SIGN_IN = "/people/sign-in/"
PAGES = (
    "/cockpit/",
    "/conversations/",
    "/search/?q=%E4%BB%B7%E6%A0%BC",
    "/customers/",
    "/reports/",
    "/inspection/",
)
PASSWORD = "measured-once-and-gone"
MAKE_USER = f"""
from shengce.people.models import User
User.objects.create_user("bench", password={PASSWORD!r}, role="executive", display_name="bench")
"""
UNWANTED = ("sherpa", "onnxruntime", ".onnx")
"""Parts of file names that only the worker may have in memory."""


def measure() -> list[dict[str, Any]]:
    """Two rows: resident megabytes, and mapped files of the speech engine (none)."""
    with tempfile.TemporaryDirectory(prefix="shengce-bench-") as folder:
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
            "SHENGCE_DATA_DIR": folder
        }
        command = [sys.executable, "-m", "shengce.project.cli"]
        subprocess.run([*command, "django", "migrate", "-v", "0"], env=environment, check=True)
        subprocess.run([*command, "django", "shell", "-v", "0", "-c", MAKE_USER], env=environment, check=True)
        port = _free_port()
        server = subprocess.Popen(
            [*command, "serve", "--no-worker", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, server)
            _look_around(f"http://127.0.0.1:{port}")
            resident, mapped = _resident_mb(server.pid), _mapped(server.pid)
        finally:
            server.terminate()
            server.wait(20)
    unwanted = sorted({name for name in mapped if any(part in name for part in UNWANTED)})
    return [
        {
            "name": "idle web process",
            "value": round(resident, 1),
            "unit": "MB",
            "reference": "resident; numpy loaded" if any("numpy" in name for name in mapped) else "resident",
            "ratio": round(resident / BUDGET_MB, 3),
            "budget": BUDGET_MB,
            "ok": resident < BUDGET_MB,
        },
        {
            "name": "speech engine in the web process",
            "value": len(unwanted),
            "unit": "files",
            "reference": ", ".join(unwanted[:3]) or "none mapped",
            "ratio": None,
            "budget": 0,
            "ok": not unwanted,
        },
    ]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"shengce serve ended with {server.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{SIGN_IN}", timeout=20).read()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"shengce serve did not answer within {START_S} s")


def _look_around(site: str) -> None:
    """Sign in and open the pages, as a browser would."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    browser.open(site + SIGN_IN, timeout=20).read()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"username": "bench", "password": PASSWORD, "csrfmiddlewaretoken": token}
    browser.open(site + SIGN_IN, urllib.parse.urlencode(form).encode(), timeout=20).read()
    for page in PAGES:
        answer = browser.open(site + page, timeout=20)
        if SIGN_IN in answer.url:
            raise RuntimeError(f"{page} asked to sign in again")
        answer.read()


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1000


def _mapped(pid: int) -> set[str]:
    """File names in the process's memory map."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(fields[5]).as_posix() for line in maps if len(fields := line.split(maxsplit=5)) == 6}


if __name__ == "__main__":
    for row in measure():
        print(row)
