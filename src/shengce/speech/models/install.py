"""Getting a model onto this machine, checking it and taking it away again.

``install_model`` fetches an archive of the catalogue, ``import_model`` takes one that was carried here. Both unpack
into a workshop, check every hash that anybody published, write ``card.json`` and move the finished directory to its
name in one step; a process killed at any moment leaves either the old model or the new one, and the bytes fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shengce.speech.models.archive import unpack
from shengce.speech.models.card import CARD_NAME, FAMILY_ROLES, CardError, ModelCard, hash_file, hash_files
from shengce.speech.models.catalogue import CatalogueModel, catalogue, find_model
from shengce.speech.models.contents import (
    by_hashes,
    collect,
    find_root,
    is_paper,
    is_wanted,
    list_files,
    roles_by_name,
)
from shengce.speech.models.download import Download, Patience, Progress, fetch, free_bytes
from shengce.speech.models.errors import ModelError
from shengce.speech.models.places import DEMO_MODEL_NAME, check_name, models_dir
from shengce.speech.models.store import IMPORT_WORK, Origin, Store, disk_errors

ROOM_FACTOR = 3.0
"""Free disk that an install needs, as a multiple of the archive: the archive and what comes out of it."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A model that is now in place. ``sha256`` is that of its archive, None for a folder.

    ``already`` says that it was there and whole; ``checked`` that the archive, or each file of it, was compared with
    a checksum known before. Where it was not, the checksum is in the register from now on.
    """

    name: str
    path: Path
    sha256: str | None = None
    already: bool = False
    checked: bool = False


def install_model(
    name: str,
    *,
    directory: Path | None = None,
    mirror: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    patience: Patience | None = None,
    free: Callable[[Path], int] = free_bytes,
    on_wait: Callable[[], None] | None = None,
    models: Sequence[CatalogueModel] | None = None,
) -> Installation:
    """Fetch a model of the catalogue and put it in place; raises ``ModelError``.

    A model that is there and whole is left alone unless ``force``; a damaged one is fetched again.
    """
    model = find_model(name, models)
    if model.shipped:
        raise ModelError("shipped", name=name)
    address = model.address(mirror)
    store = Store(models_dir() if directory is None else directory)
    with disk_errors(store.directory), store.workshop(name, on_wait=on_wait) as work:
        if not force and not verify_model(store.model(name)):
            return Installation(name=name, path=store.model(name), already=True)
        known = model.sha256 or (found.sha256 if (found := store.origins().get(name)) else None)
        archive = store.download(model.file)
        what = Download(address=address, target=archive, size_bytes=model.size_bytes, sha256=known)
        digest = _fetched(what, progress=progress, patience=patience, free=free)
        size_bytes = archive.stat().st_size
        try:
            unpack(archive, work / "unpacked", wanted=lambda path: is_paper(path) or _belongs(path, model))
            path = _put_together(store, model, work / "unpacked", work, move=True)
        finally:
            archive.unlink(missing_ok=True)
        checked = known is not None
        store.note_origin(name, Origin(sha256=digest, size_bytes=size_bytes, source=address, checked=checked))
        return Installation(name=name, path=path, sha256=digest, checked=checked)


def _belongs(path: str, model: CatalogueModel) -> bool:
    """Whether a path of an archive, with or without the folder around everything, is a file of the model."""
    return not {path, path.partition("/")[2]}.isdisjoint(model.files.values())


def _fetched(
    what: Download,
    *,
    progress: Progress | None,
    patience: Patience | None,
    free: Callable[[Path], int],
) -> str:
    """Fetch the archive, unless a killed process left it whole."""
    if what.target.is_file():
        digest = hash_file(what.target)
        if digest == what.sha256:
            return digest
        what.target.unlink()
    return fetch(what, progress=progress, patience=patience, free=free, room_factor=ROOM_FACTOR)


def _put_together(store: Store, model: CatalogueModel, unpacked: Path, work: Path, *, move: bool) -> Path:
    """Make the model's directory from unpacked files in its workshop and move it to its name."""
    root = find_root(unpacked)
    available = list_files(root)
    missing = [role for role, relative in model.files.items() if relative not in available]
    if missing:
        raise ModelError("files_missing", file=model.name, roles=", ".join(missing), family=model.family)
    made = work / "model"
    collect(root, model.files, available, made, move=move)
    digests = hash_files(made, sorted(model.files.values()))
    for relative, expected in model.file_sha256.items():
        if digests[relative] != expected:
            raise ModelError("wrong_hash", file=relative, actual=digests[relative], expected=expected)
    model.card(digests).write(made)
    return store.put_in_place(made, model.name, work)


@dataclass(frozen=True, kw_only=True)
class OwnModel:
    """What a person says of a model of their own that no catalogue knows."""

    family: str
    name: str = ""
    languages: tuple[str, ...] = ("zh",)
    licence: str = "own"
    streaming: bool = False


def import_model(
    source: Path,
    *,
    own: OwnModel | None = None,
    name: str = "",
    force: bool = False,
    directory: Path | None = None,
    free: Callable[[Path], int] = free_bytes,
    on_wait: Callable[[], None] | None = None,
    models: Sequence[CatalogueModel] | None = None,
) -> Installation:
    """Take in an archive or a folder that was carried here; raises ``ModelError``.

    It is recognised, in this order, by ``own`` (what the person says), by the archive's checksum, by a ``card.json``
    in it, by the hashes of its files, by its name. ``source`` itself is never changed.
    """
    source = Path(source).expanduser()
    store = Store(models_dir() if directory is None else directory)
    if not source.exists():
        raise ModelError("no_file", path=source)
    with disk_errors(store.directory), store.workshop(IMPORT_WORK, on_wait=on_wait) as work:
        _check_room(source, store.directory, free)
        digest = None if source.is_dir() else hash_file(source)
        if digest is not None:
            unpack(source, work / "unpacked", wanted=is_wanted)
        taken = _Import(
            source=source,
            tree=source if digest is None else work / "unpacked",
            digest=digest,
            models=catalogue() if models is None else models,
        )
        return taken.put_in_place(store, own=own, name=name, force=force, on_wait=on_wait)


def _check_room(source: Path, directory: Path, free: Callable[[Path], int]) -> None:
    if source.is_dir():
        root = find_root(source)
        needed = sum((root / relative).stat().st_size for relative in list_files(root))
    else:
        needed = int(source.stat().st_size * (ROOM_FACTOR - 1))
    if needed > (available := free(directory)):
        raise ModelError("disk_full", path=directory, needed=needed, free=available)


class _Import:
    """One thing that was carried here, unpacked, with what is known of it."""

    def __init__(
        self, *, source: Path, tree: Path, digest: str | None, models: Sequence[CatalogueModel]
    ) -> None:
        self.source = source
        self.digest = digest
        self.models = [model for model in models if not model.shipped]
        self.root = find_root(tree)
        self.files = list_files(self.root)

    def put_in_place(
        self,
        store: Store,
        *,
        own: OwnModel | None,
        name: str,
        force: bool,
        on_wait: Callable[[], None] | None,
    ) -> Installation:
        model, checked = self.as_catalogued(own)
        card = None if model else self.card(own)
        chosen = check_name(name or (model.name if model else card.name if card else ""))
        if chosen == DEMO_MODEL_NAME:
            raise ModelError("shipped", name=chosen)
        with store.workshop(chosen, on_wait=on_wait) as work:
            if store.model(chosen).exists() and not force:
                raise ModelError("already_there", name=chosen)
            if model is not None:
                path = _put_together(store, replace(model, name=chosen), self.root, work, move=False)
            else:
                assert card is not None
                made = work / "model"
                collect(self.root, card.files, self.files, made, move=False)
                replace(card, name=chosen).refreshed(made).write(made)
                path = store.put_in_place(made, chosen, work)
            if self.digest is not None:
                size = self.source.stat().st_size
                store.note_origin(
                    chosen,
                    Origin(sha256=self.digest, size_bytes=size, source=self.source.name, checked=checked),
                )
        return Installation(name=chosen, path=path, sha256=self.digest, checked=checked)

    def as_catalogued(self, own: OwnModel | None) -> tuple[CatalogueModel | None, bool]:
        """The catalogue's model that this is, and whether its checksums prove it."""
        if own is not None:
            return None, False
        for model in self.models:
            if self.digest is not None and model.sha256 == self.digest:
                return model, True
        if CARD_NAME in self.files:
            return None, False
        if (proven := by_hashes(self.root, self.files, self.models)) is not None:
            return proven, True
        names = {self.source.name, self.source.name.split(".tar")[0].removesuffix(".zip"), self.root.name}
        for model in self.models:
            if model.file in names or model.name in names:
                if self.digest is not None and model.sha256 is not None:
                    raise ModelError(
                        "wrong_hash", file=self.source.name, actual=self.digest, expected=model.sha256
                    )
                return model, False
        return None, False

    def card(self, own: OwnModel | None) -> ModelCard:
        """The card of a model that the catalogue does not know: its own, or one made from what the person says."""
        if own is not None:
            return self.own_card(own)
        if CARD_NAME not in self.files:
            raise ModelError("unrecognised", file=self.source.name, families=", ".join(FAMILY_ROLES))
        try:
            card = ModelCard.read(self.root)
        except CardError as error:
            raise ModelError("bad_archive", file=self.source.name, reason=error) from None
        if problems := card.verify(self.root):
            raise ModelError("damaged", name=card.name, problems="; ".join(problems))
        return card

    def own_card(self, own: OwnModel) -> ModelCard:
        if own.family not in FAMILY_ROLES:
            raise ModelError("unrecognised", file=self.source.name, families=", ".join(FAMILY_ROLES))
        stem = (
            self.source.name
            if self.source.is_dir()
            else self.source.name.split(".tar")[0].removesuffix(".zip")
        )
        return ModelCard(
            name=own.name or stem,
            family=own.family,
            files=roles_by_name(self.files, own.family, where=self.source.name),
            languages=list(own.languages),
            hot_words=own.family == "zipformer_transducer",
            streaming=own.streaming,
            licence=own.licence,
            sha256={},
        )


def remove_model(name: str, *, directory: Path | None = None, forget: bool = False) -> None:
    """Delete an installed model and what was fetched of it; raises ``ModelError``.

    The checksum of its archive stays known, so that a later install is compared with it, unless ``forget``.
    """
    check_name(name)
    if name == DEMO_MODEL_NAME:
        raise ModelError("shipped", name=name)
    store = Store(models_dir() if directory is None else directory)
    with disk_errors(store.directory), store.workshop(name) as work:
        was_there = store.model(name).is_dir()
        if was_there:
            store.model(name).rename(work / "gone")
        for model in catalogue():
            if model.name == name and model.file:
                for left in store.download(model.file).parent.glob(f"{model.file}*"):
                    left.unlink(missing_ok=True)
                    was_there = True
        if forget:
            store.note_origin(name, None)
    if not was_there:
        raise ModelError("not_installed", name=name)


def verify_model(path: Path) -> list[str]:
    """What is wrong with the model in a directory, one sentence each; raises nothing, an empty list is good."""
    try:
        return ModelCard.read(path).verify(path)
    except CardError as error:
        return [str(error)]
    except OSError as error:
        return [f"{path} cannot be read: {error.strerror or error}"]
