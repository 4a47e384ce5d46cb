"""The card that lies beside every model: what it is, which file plays which part, and what each must hash to.

A native library that is given a wrong file ends its process without a word, so nothing is loaded that has no card,
and ``verify`` is cheap enough to run before the first load. ``python -m shengce.speech.models.card DIR`` writes the
hashes of a model directory again, for the person who replaces the demonstration model.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

CARD_NAME = "card.json"
CARD_MAX_BYTES = 1_000_000
BLOCK_BYTES = 1 << 20

FAMILY_ROLES: dict[str, tuple[str, ...]] = {
    "zipformer_ctc": ("model", "tokens"),
    "zipformer_transducer": ("encoder", "decoder", "joiner", "tokens"),
    "paraformer": ("model", "tokens"),
    "sense_voice": ("model", "tokens"),
    "whisper": ("encoder", "decoder", "tokens"),
}
"""The files without which a family cannot be loaded."""

OPTIONAL_ROLES = ("bpe_vocab",)
"""Files that a family can use but does not need (hot words of a model with Latin word pieces)."""


class CardError(ValueError):
    """A card is missing, unreadable or contradicts itself; the message says how, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """One model as it lies in its directory.

    ``files`` maps a role (``FAMILY_ROLES``) to a path relative to the directory. ``onset_shift_ms`` is how late the
    model marks the beginning of a token; the recogniser subtracts it. ``streaming`` says that the network takes
    audio bit by bit and needs the streaming loader of its family. ``sha256`` maps relative paths to hex digests.
    """

    name: str
    family: str
    files: Mapping[str, str]
    languages: Sequence[str] = ()
    sample_rate: int = 16000
    onset_shift_ms: int = 0
    hot_words: bool = False
    streaming: bool = False
    licence: str = ""
    note_zh: str = ""
    note_en: str = ""
    sha256: Mapping[str, str]

    @classmethod
    def read(cls, directory: Path) -> ModelCard:
        """The card in ``directory``; raises ``CardError`` when there is none or it cannot be used."""
        path = Path(directory) / CARD_NAME
        try:
            if path.stat().st_size > CARD_MAX_BYTES:
                raise CardError(f"{path} is too large to be a model card")
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CardError(f"there is no model in {directory} ({CARD_NAME} is missing)") from None
        except (OSError, ValueError, RecursionError) as error:
            if isinstance(error, CardError):
                raise
            raise CardError(f"{path} cannot be read: {error}") from None
        return cls.from_dict(data, where=str(path))

    @classmethod
    def from_dict(cls, data: Any, *, where: str = CARD_NAME) -> ModelCard:
        """A card from parsed JSON; unknown keys are ignored so that older programs read newer cards."""
        if not isinstance(data, dict):
            raise CardError(f"{where} is not a JSON object")
        for key, kind in _FIELD_KINDS.items():
            if key in data and (
                not isinstance(data[key], kind) or (kind is int and isinstance(data[key], bool))
            ):
                raise CardError(f"{where}: {key} has the wrong type")
        for key in ("name", "family", "files", "sha256"):
            if key not in data:
                raise CardError(f"{where}: {key} is missing")
        card = cls(**{key: data[key] for key in _FIELD_KINDS if key in data})
        card.check_shape(where=where)
        return card

    def check_shape(self, *, where: str = CARD_NAME) -> None:
        """Raise ``CardError`` unless the family is known, its files are named and no path leaves the directory."""
        roles = FAMILY_ROLES.get(self.family)
        if roles is None:
            raise CardError(f"{where}: unknown family {self.family!r}; known are {', '.join(FAMILY_ROLES)}")
        missing = [role for role in roles if role not in self.files]
        if missing:
            raise CardError(f"{where}: no file is named for {', '.join(missing)}")
        for text in (*self.files.values(), *self.sha256, *self.sha256.values(), *self.languages):
            if not isinstance(text, str):
                raise CardError(f"{where}: {text!r} is not text")
        for relative in (*self.files.values(), *self.sha256):
            if not is_inside(relative):
                raise CardError(f"{where}: {relative!r} leads out of the model's directory")

    def write(self, directory: Path) -> Path:
        """Write the card into ``directory`` in one atomic step; returns its path."""
        path = Path(directory) / CARD_NAME
        partial = path.with_name(f"{CARD_NAME}.{os.getpid()}.tmp")
        partial.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        partial.replace(path)
        return path

    def path(self, role: str, directory: Path) -> Path:
        """Where the file of one role lies; ``KeyError`` when the card names none."""
        return Path(directory) / self.files[role]

    def verify(self, directory: Path) -> list[str]:
        """What is wrong with the files, one English sentence each; an empty list means that all hashes agree."""
        problems = []
        for relative in sorted({*self.files.values(), *self.sha256}):
            path = Path(directory) / relative
            expected = self.sha256.get(relative)
            if not path.is_file():
                problems.append(f"{relative} is missing")
            elif expected is None:
                problems.append(f"{relative} has no SHA-256 in {CARD_NAME}")
            elif hash_file(path) != expected.lower():
                problems.append(f"{relative} is not the file that was installed (SHA-256 differs)")
        return problems

    def refreshed(self, directory: Path) -> ModelCard:
        """The same card with the hashes of the files as they lie in ``directory`` now."""
        return replace(self, sha256=hash_files(directory, sorted(set(self.files.values()))))


_FIELD_KINDS: dict[str, type] = {
    "name": str,
    "family": str,
    "files": dict,
    "languages": list,
    "sample_rate": int,
    "onset_shift_ms": int,
    "hot_words": bool,
    "streaming": bool,
    "licence": str,
    "note_zh": str,
    "note_en": str,
    "sha256": dict,
}


def is_inside(relative: str) -> bool:
    """Whether a relative path stays below the directory that it is joined to, on any system."""
    path = PurePosixPath(relative.replace("\\", "/"))
    drive = len(relative) > 1 and relative[1] == ":"
    return (
        bool(relative)
        and "\0" not in relative
        and not path.is_absolute()
        and not drive
        and ".." not in path.parts
    )


def hash_file(path: Path) -> str:
    """SHA-256 of one file in hexadecimal, read in blocks."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def hash_files(directory: Path, relatives: Sequence[str]) -> dict[str, str]:
    """SHA-256 of each file, by relative path; ``FileNotFoundError`` for one that is not there."""
    return {relative: hash_file(Path(directory) / relative) for relative in relatives}


def main(argv: Sequence[str]) -> int:
    """Write the hashes of one model directory into its card again."""
    if len(argv) != 1:
        print("usage: python -m shengce.speech.models.card DIR", file=sys.stderr)
        return 2
    directory = Path(argv[0])
    try:
        card = ModelCard.read(directory).refreshed(directory)
    except (CardError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    card.write(directory)
    for relative, digest in card.sha256.items():
        print(digest, relative)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
