"""Where models lie: the directory of installed ones, the demonstration model, and how a name becomes a path.

Which model is in force is the caller's business (the setting ``SHENGCE_MODEL``); this module turns what the caller
says into a directory with a card.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from shengce.speech.models.card import CARD_NAME, CardError, ModelCard
from shengce.speech.models.errors import ModelError

DEMO_MODEL_DIR = Path(__file__).resolve().parents[2] / "demo" / "data" / "model"
"""The demonstration model, a directory of the package: a path only, nothing of ``shengce.demo`` is imported."""

DEMO_MODEL_NAME = "shengce-demo-zh"

_NAME = re.compile(r"\w[\w.\-]{0,99}")


def models_dir(environ: Mapping[str, str] | None = None) -> Path:
    """``SHENGCE_MODELS_DIR``, else ``models`` in ``SHENGCE_DATA_DIR``, else ``./var/models``; absolute, maybe not there yet."""
    environ = os.environ if environ is None else environ
    if chosen := environ.get("SHENGCE_MODELS_DIR"):
        return Path(chosen).expanduser().absolute()
    return (Path(environ.get("SHENGCE_DATA_DIR") or "var") / "models").expanduser().absolute()


def check_name(name: str) -> str:
    """The name itself, when it can be a directory on any system; raises ``ModelError`` ``bad_name``."""
    if not _NAME.fullmatch(name) or len(name.encode()) > 200 or name.endswith(".") or ".." in name:
        raise ModelError("bad_name", name=name)
    return name


def installed_models(directory: Path | None = None) -> dict[str, ModelCard]:
    """Cards of the installed models by the name of their directory, the demonstration model first; unreadable ones are left out."""
    found: dict[str, ModelCard] = {}
    for name, path in model_dirs(directory).items():
        try:
            found[name] = ModelCard.read(path)
        except CardError:
            continue
    return found


def model_dirs(directory: Path | None = None) -> dict[str, Path]:
    """Every directory that holds a card, readable or not, by name; the demonstration model first."""
    directory = models_dir() if directory is None else directory
    found = {DEMO_MODEL_NAME: DEMO_MODEL_DIR} if (DEMO_MODEL_DIR / CARD_NAME).is_file() else {}
    if directory.is_dir():
        for path in sorted(directory.iterdir()):
            if not path.name.startswith(".") and (path / CARD_NAME).is_file():
                found.setdefault(path.name, path)
    return found


def resolve_model_dir(name_or_path: str | Path | None = None, *, directory: Path | None = None) -> Path:
    """The directory of a model: by name, by path, or the demonstration model for ``demo`` and for nothing at all.

    Raises ``ModelError`` ``not_installed`` when there is no such directory with a card.
    """
    text = str(name_or_path or "demo")
    if text == "demo":
        return DEMO_MODEL_DIR
    if (known := model_dirs(directory).get(text)) is not None:
        return known
    path = Path(text).expanduser()
    if (path / CARD_NAME).is_file():
        return path.absolute()
    raise ModelError("not_installed", name=text)
