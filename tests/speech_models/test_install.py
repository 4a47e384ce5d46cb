"""Installing, importing, verifying and removing, also with kill -9, two at once and a full disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from shengce.speech.models.card import ModelCard
from shengce.speech.models.catalogue import CatalogueModel
from shengce.speech.models.errors import ModelError
from shengce.speech.models.install import (
    OwnModel,
    import_model,
    install_model,
    remove_model,
    verify_model,
)
from shengce.speech.models.places import DEMO_MODEL_DIR, installed_models, resolve_model_dir
from shengce.speech.models.store import Store

from .conftest import HASTE, MODEL_FILES, Handler, ModelServer, answer, noise, serve, sha256, tar_bytes
from .test_archive import REFUSED, zip_of

Install = Callable[..., object]


@pytest.fixture
def install(server: ModelServer, store: Path, entry: CatalogueModel) -> Install:
    return partial(
        install_model, entry.name, directory=store, mirror=server.mirror, patience=HASTE, models=[entry]
    )


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(ModelError) as caught:
        action()
    return caught.value.code


def visible(store: Path) -> list[str]:
    return sorted(path.name for path in store.iterdir() if not path.name.startswith("."))


def leftovers(store: Path) -> list[str]:
    return sorted(
        path.relative_to(store).as_posix()
        for folder in (".work", ".downloads")
        for path in (store / folder).rglob("*")
        if path.is_file()
    )


def test_install(install: Install, store: Path, entry: CatalogueModel, server: ModelServer) -> None:
    done = install()
    assert done.checked and not done.already and done.sha256 == entry.sha256
    assert server.requests[0][0] == "/tiny-zh.tar.bz2"
    assert sorted(path.name for path in done.path.iterdir()) == sorted([*MODEL_FILES, "card.json"])
    card = ModelCard.read(done.path)
    assert card.verify(done.path) == []
    assert (card.family, card.languages, card.licence) == ("zipformer_ctc", ["zh"], "Apache-2.0")
    assert leftovers(store) == []
    assert install().already and len(server.requests) == 1
    assert list(installed_models(store)) == ["shengce-demo-zh", "tiny-zh"]
    assert resolve_model_dir("tiny-zh", directory=store) == done.path


def test_damaged_model_is_found_and_fetched_again(install: Install, store: Path, server: ModelServer) -> None:
    path = install().path
    (path / "model.int8.onnx").write_bytes(b"broken")
    assert len(verify_model(path)) == 1
    assert not install().already
    assert verify_model(path) == [] and len(server.requests) == 2


def test_unknown_checksum_is_recorded_and_then_holds(
    install: Install, store: Path, entry: CatalogueModel, server: ModelServer
) -> None:
    unknown = replace(entry, sha256=None, size_bytes=None, file_sha256={})
    first = install(models=[unknown])
    assert not first.checked and first.sha256 == sha256(server.content)
    assert json.loads((store / "installed.json").read_text())["tiny-zh"]["sha256"] == first.sha256
    server.content, server.etag = tar_bytes({**MODEL_FILES, "model.int8.onnx": noise(1000, 5)}), '"two"'
    assert code_of(lambda: install(models=[unknown], force=True)) == "wrong_hash"
    assert verify_model(store / "tiny-zh") == []
    remove_model("tiny-zh", directory=store, forget=True)
    assert not install(models=[unknown]).checked


def test_wrong_archive_leaves_nothing(install: Install, store: Path, server: ModelServer) -> None:
    server.content = noise(len(server.content), 3)
    assert code_of(install) == "wrong_hash"
    assert visible(store) == [] and leftovers(store) == []


def test_archive_without_the_files(
    install: Install, store: Path, entry: CatalogueModel, server: ModelServer
) -> None:
    server.content = tar_bytes({"tokens.txt": b"x"})
    other = replace(entry, sha256=None, size_bytes=None)
    assert code_of(lambda: install(models=[other])) == "files_missing"
    assert visible(store) == [] and leftovers(store) == []


def test_files_that_differ_from_the_published_ones(
    install: Install, store: Path, entry: CatalogueModel, server: ModelServer
) -> None:
    server.content = tar_bytes({**MODEL_FILES, "tokens.txt": b"other"})
    other = replace(entry, sha256=None, size_bytes=None)
    assert code_of(lambda: install(models=[other])) == "wrong_hash"
    assert visible(store) == []


def test_failed_reinstall_keeps_the_old_model(install: Install, store: Path, server: ModelServer) -> None:
    path = install().path
    server.plans = [answer(404)]
    assert code_of(lambda: install(force=True)) == "not_found"
    assert verify_model(path) == []


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED.keys())
def test_hostile_archive_is_never_installed(build: Callable[[], bytes], store: Path, tmp_path: Path) -> None:
    source = tmp_path / "usb" / "model.tar.bz2"
    source.parent.mkdir()
    source.write_bytes(build())
    own = OwnModel(family="zipformer_ctc", name="own")
    code = code_of(lambda: import_model(source, own=own, directory=store, models=[]))
    assert code in ("bad_archive", "cannot_write")
    assert visible(store) == [] and leftovers(store) == []


def child(server: ModelServer, store: Path, entry: CatalogueModel, *more: str) -> subprocess.Popen[str]:
    program = Path(__file__).with_name("installing.py")
    command = [sys.executable, str(program), server.mirror, str(store), json.dumps(asdict(entry)), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.kill
def test_kill_in_mid_download_and_resume(
    server: ModelServer, store: Path, entry: CatalogueModel, install: Install
) -> None:
    half, release = threading.Event(), threading.Event()

    def stop_half_way(handler: Handler) -> None:
        handler.head(200, length=len(handler.server.content))
        handler.body(handler.server.content[:150_000])
        half.set()
        release.wait(60)

    server.plans = [stop_half_way]
    process = child(server, store, entry)
    part = store / ".downloads" / "tiny-zh.tar.bz2.part"
    assert half.wait(60)
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = part.stat().st_size
    release.set()
    assert 0 < kept <= 150_000 and visible(store) == []
    assert install().checked
    assert server.requests[-1][1]["Range"] == f"bytes={kept}-"
    assert verify_model(store / "tiny-zh") == [] and leftovers(store) == []


def test_killed_between_the_two_moves_of_a_replacement(
    install: Install, store: Path, server: ModelServer
) -> None:
    path = install().path
    aside = store / ".work" / "tiny-zh" / "old"
    aside.parent.mkdir(parents=True, exist_ok=True)
    path.rename(aside)
    assert install().already and len(server.requests) == 1


def test_killed_after_the_download(install: Install, store: Path, server: ModelServer) -> None:
    whole = store / ".downloads" / "tiny-zh.tar.bz2"
    whole.parent.mkdir(parents=True)
    whole.write_bytes(server.content)
    assert install().checked and server.requests == []


def test_a_left_over_archive_that_is_wrong_is_fetched_again(
    install: Install, store: Path, server: ModelServer
) -> None:
    left = store / ".downloads" / "tiny-zh.tar.bz2"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"of another day")
    assert install().checked and len(server.requests) == 1


def test_two_installs_at_once_fetch_once(server: ModelServer, store: Path, entry: CatalogueModel) -> None:
    begun, release = threading.Event(), threading.Event()

    def wait_for_the_other(handler: Handler) -> None:
        begun.set()
        release.wait(60)
        serve(handler)

    server.plans = [wait_for_the_other]
    first = child(server, store, entry)
    assert begun.wait(60)
    waits = threading.Event()

    def other() -> None:
        results.append(
            install_model(
                entry.name, directory=store, mirror=server.mirror, models=[entry], on_wait=waits.set
            )
        )

    results: list[object] = []
    thread = threading.Thread(target=other)
    thread.start()
    assert waits.wait(60)
    release.set()
    thread.join(60)
    assert first.communicate(timeout=60)[0].strip() == "installed" and first.returncode == 0
    assert [result.already for result in results] == [True]
    assert len(server.requests) == 1


def test_full_disk_in_mid_download_keeps_what_came(
    server: ModelServer, store: Path, entry: CatalogueModel, install: Install
) -> None:
    process = child(server, store, entry, "100000")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and said.startswith("disk_full"), said
    assert (store / ".downloads" / "tiny-zh.tar.bz2.part").stat().st_size == 100_000
    assert install().checked
    assert server.requests[-1][1]["Range"] == "bytes=100000-"


def test_full_disk_while_unpacking_leaves_no_half_model(
    server: ModelServer, store: Path, entry: CatalogueModel, install: Install
) -> None:
    server.content = tar_bytes({**MODEL_FILES, "model.int8.onnx": b"\0" * 2_000_000})
    squeezed = replace(entry, sha256=sha256(server.content), size_bytes=len(server.content), file_sha256={})
    process = child(server, store, squeezed, "1000000")
    said = process.communicate(timeout=60)[0]
    assert said.startswith("disk_full"), said
    assert visible(store) == [] and verify_model(store / "tiny-zh") != []
    assert install(models=[squeezed]).checked


def test_too_little_room(install: Install, store: Path, server: ModelServer) -> None:
    assert code_of(lambda: install(free=lambda _: 300_000)) == "disk_full"
    assert server.requests == []


def bring(tmp_path: Path, name: str, content: bytes) -> Path:
    source = tmp_path / "U 盘（甲）" / name
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(content)
    return source


def test_import_by_checksum_whatever_its_name(
    store: Path, tmp_path: Path, archive: bytes, entry: CatalogueModel
) -> None:
    source = bring(tmp_path, "下载 (1)", archive)
    done = import_model(source, directory=store, models=[entry])
    assert (done.name, done.checked) == ("tiny-zh", True)
    assert verify_model(store / "tiny-zh") == [] and source.read_bytes() == archive
    assert leftovers(store) == []


def test_import_repacked_by_the_hashes_of_its_files(
    store: Path, tmp_path: Path, entry: CatalogueModel
) -> None:
    source = bring(
        tmp_path, "模型.zip", zip_of({f"某 文件夹/{name}": data for name, data in MODEL_FILES.items()})
    )
    done = import_model(source, directory=store, models=[entry])
    assert (done.name, done.checked) == ("tiny-zh", True)


def test_import_folder(store: Path, tmp_path: Path, entry: CatalogueModel) -> None:
    for name, data in MODEL_FILES.items():
        bring(tmp_path, name, data)
    done = import_model(tmp_path / "U 盘（甲）", directory=store, models=[entry])
    assert (done.name, done.checked, done.sha256) == ("tiny-zh", True, None)


def test_import_by_name_of_an_entry_without_checksum(
    store: Path, tmp_path: Path, entry: CatalogueModel
) -> None:
    source = bring(tmp_path, "tiny-zh.tar.bz2", tar_bytes(MODEL_FILES))
    done = import_model(source, directory=store, models=[replace(entry, sha256=None, file_sha256={})])
    assert (done.name, done.checked) == ("tiny-zh", False)
    assert Store(store).origins()["tiny-zh"].sha256 == sha256(source.read_bytes())


def test_import_of_a_wrong_archive_under_a_known_name(
    store: Path, tmp_path: Path, entry: CatalogueModel
) -> None:
    source = bring(tmp_path, "tiny-zh.tar.bz2", tar_bytes({**MODEL_FILES, "tokens.txt": b"x"}))
    assert code_of(lambda: import_model(source, directory=store, models=[entry])) == "wrong_hash"


OWN_FILES: dict[str, tuple[dict[str, bytes], dict[str, str]]] = {
    "zipformer_ctc": (
        {"model.onnx": b"1", "model.int8.onnx": b"2", "tokens.txt": b"3"},
        {"model": "model.int8.onnx"},
    ),
    "paraformer": (
        {"model.onnx": b"1", "tokens.txt": b"3", "test_wavs/tokens.txt": b"4"},
        {"model": "model.onnx"},
    ),
    "sense_voice": ({"x/model.onnx": b"1", "tokens.txt": b"3"}, {"model": "x/model.onnx"}),
    "zipformer_transducer": (
        {
            "exp/encoder-e.int8.onnx": b"1",
            "exp/decoder-e.onnx": b"2",
            "exp/joiner-e.onnx": b"3",
            "data/tokens.txt": b"4",
            "bpe.vocab": b"5",
        },
        {"encoder": "exp/encoder-e.int8.onnx", "tokens": "data/tokens.txt", "bpe_vocab": "bpe.vocab"},
    ),
    "whisper": (
        {"tiny-encoder.onnx": b"1", "tiny-decoder.onnx": b"2", "tiny-tokens.txt": b"3"},
        {"encoder": "tiny-encoder.onnx", "tokens": "tiny-tokens.txt"},
    ),
}


@pytest.mark.parametrize("family", OWN_FILES)
def test_import_of_an_own_model(family: str, store: Path, tmp_path: Path) -> None:
    files, expected = OWN_FILES[family]
    source = bring(tmp_path, "own.tar.gz", tar_bytes(files, top="", mode="w:gz"))
    done = import_model(
        source, own=OwnModel(family=family, name="我的模型", languages=("zh", "en")), directory=store
    )
    card = ModelCard.read(done.path)
    assert expected.items() <= dict(card.files).items()
    assert (card.name, card.family, card.languages) == ("我的模型", family, ["zh", "en"])
    assert card.hot_words == (family == "zipformer_transducer") and card.verify(done.path) == []
    assert code_of(
        lambda: import_model(source, own=OwnModel(family=family, name="我的模型"), directory=store)
    ) == ("already_there")


def test_import_of_another_machines_installed_model(install: Install, store: Path, tmp_path: Path) -> None:
    path = install().path
    packed = bring(tmp_path, "copy.zip", zip_of({p.name: p.read_bytes() for p in path.iterdir()}))
    done = import_model(packed, name="copy", directory=tmp_path / "second", models=[])
    assert ModelCard.read(done.path).name == "copy" and verify_model(done.path) == []


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (lambda d: import_model(d / "nothing", directory=d), "no_file"),
        (lambda d: install_model("no-such-model", directory=d), "unknown_model"),
        (lambda d: install_model("shengce-demo-zh", directory=d), "shipped"),
        (lambda d: remove_model("shengce-demo-zh", directory=d), "shipped"),
        (lambda d: remove_model("no-such-model", directory=d), "not_installed"),
        (lambda d: remove_model("../../etc", directory=d), "bad_name"),
        (lambda d: remove_model("", directory=d), "bad_name"),
        (lambda d: remove_model(".locks", directory=d), "bad_name"),
        (lambda d: resolve_model_dir("no-such-model", directory=d), "not_installed"),
        (lambda d: resolve_model_dir("../..", directory=d), "not_installed"),
        (lambda d: install_model("sherpa-onnx-whisper-tiny", directory=d, mirror="ftp://x"), "bad_address"),
    ],
)
def test_refusals(action: Callable[[Path], object], code: str, tmp_path: Path) -> None:
    assert code_of(lambda: action(tmp_path)) == code


def test_unrecognised_archive_says_which_families_there_are(store: Path, tmp_path: Path) -> None:
    source = bring(tmp_path, "x.zip", zip_of({"a.onnx": b"1"}))
    with pytest.raises(ModelError, match="--family with one of zipformer_ctc") as caught:
        import_model(source, directory=store)
    assert "--family" in caught.value.text("zh_CN.UTF-8")


def test_own_folder_does_not_carry_links_in(store: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = bring(tmp_path, "model.onnx", b"1").parent
    (folder / "tokens.txt").symlink_to(tmp_path / "secret.txt")
    own = OwnModel(family="zipformer_ctc", name="own")
    assert code_of(lambda: import_model(folder, own=own, directory=store)) == "files_missing"


def test_remove(install: Install, store: Path) -> None:
    install()
    remove_model("tiny-zh", directory=store)
    assert visible(store) == ["installed.json"] and leftovers(store) == []
    assert resolve_model_dir(None, directory=store) == DEMO_MODEL_DIR


def test_directory_that_cannot_be_written(entry: CatalogueModel, server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code = code_of(
        lambda: install_model(
            entry.name, directory=tmp_path / "file" / "models", mirror=server.mirror, models=[entry]
        )
    )
    assert code == "cannot_write"
