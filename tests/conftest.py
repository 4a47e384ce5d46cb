"""What all tests share: a data folder of their own, the small world, and where the data sets lie.

``DJANGO_SETTINGS_MODULE`` is set here and not in pyproject.toml: pytest-django would load the settings before this
file, and then every run on this machine would share one data folder and one SQLite file.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import django
import hypothesis
import pytest
from django.conf import settings

DATA_DIR = Path(tempfile.mkdtemp(prefix="shengce-tests-"))
OWNER = os.getpid()
os.environ["SHENGCE_DATA_DIR"] = str(DATA_DIR)
os.environ["SHENGCE_MIN_FREE_BYTES"] = "0"
os.environ["DJANGO_SETTINGS_MODULE"] = "shengce.project.settings"
sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # so that tests can say: from tests.world import …

(DATA_DIR / "static").mkdir()

django.setup()

settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # a slow hash tests nothing here

# Both suites run at once on two cores: an example that comes slowly says nothing of the program.
hypothesis.settings.register_profile(
    "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@atexit.register
def _clear() -> None:
    if os.getpid() == OWNER:  # a forked child leaves the folder to its parent
        shutil.rmtree(DATA_DIR, ignore_errors=True)


@pytest.fixture
def world(db):
    """The company of :mod:`tests.world`; use it together with ``transactional_db`` where a test needs real commits."""
    from tests.world import make_world

    return make_world()


@pytest.fixture(scope="session")
def audio_made() -> Path:
    """The folder of made audio files with EXPECT.tsv; skips where it is not on this machine."""
    folder = SHARED_DATA / "audio-made"
    if not folder.is_dir():
        pytest.skip("shared/data/audio-made is not on this machine")
    return folder


@pytest.fixture(scope="session")
def naughty_strings() -> list[str]:
    """Strings that have broken programs before; skips where the list is not on this machine."""
    import json

    path = SHARED_DATA / "naughty-strings" / "blns.json"
    if not path.is_file():
        pytest.skip("shared/data/naughty-strings is not on this machine")
    return json.loads(path.read_text(encoding="utf-8"))
