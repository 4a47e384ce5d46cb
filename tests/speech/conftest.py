"""Real recordings and the warm recogniser that the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shengce.speech.recognise import Recogniser

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"


def need(path: Path) -> Path:
    """The path, or a skipped test that says what is not there."""
    if not path.exists():
        pytest.skip(f"{path.name} of the shared test data is not on this machine")
    return path


@pytest.fixture(scope="session")
def audio_made() -> Path:
    return need(SHARED / "data" / "audio-made")


@pytest.fixture(scope="session")
def speech_zh() -> Path:
    return need(SHARED / "data" / "speech-zh")


@pytest.fixture(scope="session")
def samples() -> Path:
    return need(SHARED / "demo-model" / "samples")


@pytest.fixture(scope="session")
def recordings() -> Path:
    return need(REPOSITORY / "src" / "shengce" / "demo" / "data" / "recordings" / "manifest.json").parent


@pytest.fixture(scope="session")
def recogniser() -> Iterator[Recogniser]:
    with Recogniser() as recogniser:
        yield recogniser
