"""A real installation for the browser: own data folder, real web server, real worker, real recogniser, real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

# The whole suite runs twice at once on two cores: a page may take longer than Playwright's five seconds, and may not fail by it.
expect.set_options(timeout=20_000)
# Playwright runs an event loop in the test's thread; Django's ORM is not used in it, but looks.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
RECORDINGS = Path(__file__).resolve().parents[2] / "src" / "shengce" / "demo" / "data" / "recordings"
PASSWORD = "shengce-demo"

FOUND = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from shengce.demo.company import found_company
found_company()
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@dataclass(frozen=True)
class Site:
    """A running installation with the demonstration company and not one recording."""

    address: str
    environment: dict[str, str]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    environment = {
        **os.environ,
        "SHENGCE_DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "shengce.project.settings",
        "SHENGCE_MIN_FREE_BYTES": "0",
    }
    subprocess.run([sys.executable, "-c", FOUND], env=environment, check=True)
    command = [sys.executable, "-m", "shengce.project.cli", "serve", "--port", "0"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        said = server.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, f"the server did not start: {said!r}"
        yield Site(found.group().rstrip("/"), environment)
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
    ]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object], site: Site) -> dict[str, object]:
    return {
        **browser_context_args,
        "base_url": site.address,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
    }
