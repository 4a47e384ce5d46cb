"""Which model a heap of files is: by its card, by the hashes of its files, or by names that fit a family."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from shengce.speech.models.card import CARD_NAME, FAMILY_ROLES, OPTIONAL_ROLES, hash_file
from shengce.speech.models.catalogue import CatalogueModel
from shengce.speech.models.errors import ModelError

MOST_FILES = 2_000
MOST_DEPTH = 5
PAPERS = ("licence", "license", "notice", "readme")
SUFFIXES = (".onnx", ".txt", ".vocab")

PART_ROLES = ("encoder", "decoder", "joiner")


def is_wanted(path: str) -> bool:
    """Whether a file of an archive can belong to a model: networks, tokens, the card, licence papers."""
    name = PurePosixPath(path).name.lower()
    in_tests = "test_wavs" in PurePosixPath(path).parts
    return not in_tests and (name == CARD_NAME or is_paper(name) or PurePosixPath(name).suffix in SUFFIXES)


def is_paper(path: str) -> bool:
    """Whether a file tells of rights or origin, so that it stays with the model."""
    name = PurePosixPath(path).name.lower()
    return name.startswith(PAPERS) and PurePosixPath(name).suffix in (".txt", ".md", "")


def find_root(tree: Path) -> Path:
    """The folder that holds the model: the tree itself, or the only folder in it."""
    inside = [path for path in tree.iterdir() if not path.name.startswith(".")]
    if len(inside) == 1 and inside[0].is_dir() and not inside[0].is_symlink():
        return inside[0]
    return tree


def list_files(root: Path) -> list[str]:
    """Relative paths of the regular files below ``root``; links, what they lead to and deep folders are left out."""
    found: list[str] = []
    folders = [root]
    while folders:
        for path in sorted(folders.pop(0).iterdir()):
            relative = path.relative_to(root)
            if path.is_symlink() or len(relative.parts) > MOST_DEPTH:
                continue
            if path.is_dir():
                folders.append(path)
            elif path.is_file() and is_wanted(relative.as_posix()):
                found.append(relative.as_posix())
            if len(found) + len(folders) > MOST_FILES:
                raise ModelError("bad_archive", file=root.name, reason=f"it has more than {MOST_FILES} files")
    return found


def by_hashes(root: Path, files: Sequence[str], among: Iterable[CatalogueModel]) -> CatalogueModel | None:
    """The catalogue's model whose every file is there with its published hash, if any."""
    known: dict[str, str] = {}
    for model in among:
        if set(model.file_sha256) != set(model.files.values()) or not set(model.file_sha256) <= set(files):
            continue
        for relative, expected in model.file_sha256.items():
            if relative not in known:
                known[relative] = hash_file(root / relative)
            if known[relative] != expected:
                break
        else:
            return model
    return None


def roles_by_name(files: Sequence[str], family: str, *, where: str) -> dict[str, str]:
    """Files of a family chosen by their names, int8 before others; raises ``ModelError`` ``files_missing``."""
    chosen = {}
    for role in (*FAMILY_ROLES[family], *OPTIONAL_ROLES):
        fitting = sorted((f for f in files if _fits(f, role)), key=lambda f: (".int8." not in f, len(f), f))
        if fitting:
            chosen[role] = fitting[0]
    missing = [role for role in FAMILY_ROLES[family] if role not in chosen]
    if missing:
        raise ModelError("files_missing", file=where, roles=", ".join(missing), family=family)
    return chosen


def _fits(path: str, role: str) -> bool:
    name = PurePosixPath(path).name.lower()
    if role == "tokens":
        return name.endswith("tokens.txt")
    if role == "bpe_vocab":
        return name.endswith("bpe.vocab")
    if role == "model":
        return name.endswith(".onnx") and not any(part in name for part in PART_ROLES)
    return name.endswith(".onnx") and role in name


def collect(
    root: Path, files: Mapping[str, str], available: Sequence[str], into: Path, *, move: bool
) -> None:
    """Put the files of a model and its papers into an empty folder, by moving or by copying them."""
    papers = [path for path in available if is_paper(path) and "/" not in path]
    for relative in sorted({*files.values(), *papers}):
        target = into / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        if move:
            (root / relative).rename(target)
        else:
            shutil.copyfile(root / relative, target)
