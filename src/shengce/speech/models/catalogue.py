"""The models that can be installed by name, read from ``catalogue.yaml``.

Sizes, checksums and error rates are as their publishers state them; nothing here is measured by this project.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shengce.speech.models.card import FAMILY_ROLES, ModelCard, is_inside
from shengce.speech.models.errors import ModelError

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yaml")

DEFAULT_MIRROR = "https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models"
"""The release where the publishers keep the archives; ``--mirror`` and ``SHENGCE_MODEL_MIRROR`` name another place."""


@dataclass(frozen=True, kw_only=True)
class CatalogueModel:
    """One model that can be installed.

    ``release`` and ``file`` name its archive as published, empty for the shipped model. ``size_bytes`` and ``sha256``
    are those of the archive, None where unpublished. ``cer`` maps a test set to percent.
    """

    name: str
    family: str
    title_zh: str
    title_en: str
    languages: tuple[str, ...]
    licence: str
    release: str = ""
    file: str = ""
    size_bytes: int | None = None
    sha256: str | None = None
    files: Mapping[str, str]
    file_sha256: Mapping[str, str] = field(default_factory=dict)
    sample_rate: int = 16000
    onset_shift_ms: int = 0
    punctuation: bool = False
    word_times: bool = False
    hot_words: bool = False
    streaming: bool = False
    cer: Mapping[str, float] = field(default_factory=dict)
    note_zh: str = ""
    note_en: str = ""

    @property
    def shipped(self) -> bool:
        """Whether it is part of the program, so that there is nothing to fetch."""
        return not self.file

    def address(self, mirror: str | None = None) -> str:
        """Where its archive is: ``<mirror>/<file>``."""
        return f"{mirror_address(mirror)}/{self.file}"

    def card(self, sha256: Mapping[str, str]) -> ModelCard:
        """The card to lie beside the files, whose hashes are given."""
        return ModelCard(
            name=self.name,
            family=self.family,
            files=dict(self.files),
            languages=list(self.languages),
            sample_rate=self.sample_rate,
            onset_shift_ms=self.onset_shift_ms,
            hot_words=self.hot_words,
            streaming=self.streaming,
            licence=self.licence,
            note_zh=self.note_zh,
            note_en=self.note_en,
            sha256=dict(sha256),
        )


def mirror_address(mirror: str | None = None) -> str:
    """The base address in force, without a slash at its end; raises ``ModelError`` ``bad_address``."""
    address = (mirror or os.environ.get("SHENGCE_MODEL_MIRROR") or DEFAULT_MIRROR).strip().rstrip("/")
    if not address.lower().startswith(("http://", "https://")) or not address.isprintable() or " " in address:
        raise ModelError("bad_address", address=address)
    return address


@cache
def catalogue() -> tuple[CatalogueModel, ...]:
    """Every known model, the shipped one first, in the order of the file."""
    return read_catalogue(CATALOGUE_FILE)


def read_catalogue(path: Path) -> tuple[CatalogueModel, ...]:
    """The models of one catalogue file; raises ``ValueError`` naming the entry that is wrong."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = [data["demonstration"], *data["models"]]
    models = tuple(_model(entry) for entry in entries)
    if len({model.name for model in models}) != len(models):
        raise ValueError(f"{path}: a name is given twice")
    return models


def find_model(name: str, among: Sequence[CatalogueModel] | None = None) -> CatalogueModel:
    """The model of that name; raises ``ModelError`` ``unknown_model``."""
    for model in catalogue() if among is None else among:
        if model.name == name:
            return model
    raise ModelError("unknown_model", name=name)


def _model(entry: Mapping[str, Any]) -> CatalogueModel:
    fields = dict(entry)
    source = fields.pop("source", {})
    title, note = fields.pop("title"), fields.pop("note")
    model = CatalogueModel(
        **fields | {"languages": tuple(fields["languages"])},
        release=source.get("release", ""),
        file=source.get("file", ""),
        title_zh=title["zh"],
        title_en=title["en"],
        note_zh=note["zh"],
        note_en=note["en"],
    )
    missing = [role for role in FAMILY_ROLES[model.family] if role not in model.files]
    if missing or not all(is_inside(path) for path in model.files.values()):
        raise ValueError(f"catalogue: {model.name} lacks {missing} or names a path that leads out")
    for digest in (model.sha256, *model.file_sha256.values()):
        if digest is not None and (len(digest) != 64 or set(digest) - set("0123456789abcdef")):
            raise ValueError(f"catalogue: {model.name} has a checksum that is none: {digest}")
    if not set(model.file_sha256) <= set(model.files.values()):
        raise ValueError(f"catalogue: {model.name} has checksums of files that it does not use")
    return model
