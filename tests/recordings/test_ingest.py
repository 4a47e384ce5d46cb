"""The watched folder: nothing is taken that is still being written, nothing is taken twice, nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shengce.project.cli import main
from shengce.recordings.folders import FolderWatch, is_open_for_writing
from shengce.recordings.models import Recording
from tests.recordings.making import wav_bytes, zip_bytes


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Folder:
    """A watched folder with a clock; ``look`` returns what each file became."""

    def __init__(self, root: Path, **options) -> None:
        self.root, self.clock = root, Clock()
        self.watch = FolderWatch(root, stable_s=2.0, clock=self.clock, **options)

    def put(self, name: str, content: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def look(self, after: float = 2.0) -> dict[str, str]:
        self.clock.now += after
        return {answer.name: answer.code or answer.state for answer in self.watch.look()}


@pytest.fixture
def folder(world, tmp_path) -> Folder:
    root = tmp_path / "pbx"
    root.mkdir()
    return Folder(root)


def test_a_file_is_taken_when_it_has_come_to_rest(folder):
    folder.put("2026/11/a.wav", wav_bytes(1))
    assert folder.look() == {}
    assert folder.look(1.9) == {}
    assert folder.look(0.1) == {"2026/11/a.wav": "received"}
    assert folder.look() == {}
    recording = Recording.objects.get()
    assert (recording.name, recording.origin, recording.uploaded_by) == ("a.wav", "folder", None)
    assert (folder.root / "2026/11/a.wav").exists()


def test_a_growing_file_is_not_taken_and_not_lost(folder):
    path = folder.put("a.wav", b"")
    content = wav_bytes(1)
    with path.open("ab", buffering=0) as writer:
        for start in range(0, len(content), 3000):
            writer.write(content[start : start + 3000])
            assert folder.look() == {}
            assert folder.look() == {}  # at rest, but a process has it open for writing
    assert folder.look() == {"a.wav": "received"}
    assert Recording.objects.get().size == len(content)


def test_a_file_that_grows_again_later_is_taken_again(folder):
    content = wav_bytes(1)
    folder.put("a.wav", content[:3000])
    folder.look()
    assert folder.look() == {"a.wav": "received"}
    folder.put("a.wav", content)
    assert folder.look() == {}
    assert folder.look() == {"a.wav": "received"}
    assert sorted(Recording.objects.values_list("size", flat=True)) == [3000, len(content)]


def test_a_file_that_changes_while_it_is_copied_is_left_for_later(folder, monkeypatch):
    from shengce.recordings import files

    path = folder.put("a.wav", wav_bytes(1))
    folder.look()
    copy = files._copy

    def grows(source, *rest):
        complete = copy(source, *rest)
        with path.open("ab") as writer:
            writer.write(b"more")
        return complete

    monkeypatch.setattr(files, "_copy", grows)
    assert folder.look() == {"a.wav": "growing"}
    assert not Recording.objects.exists()
    monkeypatch.setattr(files, "_copy", copy)
    folder.look()
    assert folder.look() == {"a.wav": "received"}
    assert Recording.objects.get().size == len(wav_bytes(1)) + 4


def test_what_is_known_is_known_by_its_content(folder, tmp_path):
    folder.put("a.wav", wav_bytes(1))
    folder.put("copy/b.wav", wav_bytes(1))
    folder.look()
    assert sorted(folder.look().values()) == ["duplicate", "received"]
    restarted = Folder(folder.root)
    restarted.look()
    assert set(restarted.look().values()) == {"duplicate"}
    assert Recording.objects.count() == 1


def test_lists_speak_of_their_folder_and_may_come_later(folder, world):
    folder.put("a/1.wav", wav_bytes(1))
    folder.put("a/calls.csv", "文件名,号码\n1.wav,13812340001\n".encode("gb18030"))
    folder.put("b/1.wav", wav_bytes(2))
    folder.look()
    assert folder.look() == {"a/calls.csv": "list", "a/1.wav": "received", "b/1.wav": "received"}
    assert Recording.objects.get(size=len(wav_bytes(1)), customer=world.customer_a)
    assert Recording.objects.filter(customer=None).count() == 1
    folder.put("b/1.json", json.dumps({"phone": "13912340002", "agent": "rep_b1"}).encode())
    folder.look()
    assert folder.look() == {"b/1.json": "list"}
    assert Recording.objects.get(customer=world.customer_b).rep == world.rep_b1


def test_reasons(folder):
    folder.put("empty.wav", b"")
    folder.put("notes.txt", b"hello")
    folder.put("wrong.csv", "甲,乙\n1,2\n".encode())
    folder.put("day.zip", zip_bytes({"x.wav": wav_bytes(3), "y.zip": b"PK\3\4"}))
    folder.put(".hidden.wav", wav_bytes(4))
    folder.put("a.wav.part", wav_bytes(5))
    os.mkfifo(folder.root / "pipe.wav")
    (folder.root / "nowhere.wav").symlink_to(folder.root / "gone.wav")
    folder.look()
    assert folder.look() == {
        "empty.wav": "empty",
        "notes.txt": "not_audio",
        "wrong.csv": "sidecar_useless",
        "day.zip › x.wav": "received",
        "day.zip › y.zip": "zip_nested",
    }
    assert folder.look() == {}


def test_a_full_disk_is_said_once_and_the_file_is_taken_when_there_is_room(folder, settings):
    folder.put("a.wav", wav_bytes(1))
    settings.SHENGCE_MIN_FREE_BYTES = 10**18
    folder.look()
    assert folder.look() == {"a.wav": "disk_full"}
    assert folder.look() == {}
    settings.SHENGCE_MIN_FREE_BYTES = 0
    assert folder.look() == {"a.wav": "received"}


def test_names_that_are_no_text(folder):
    (folder.root / os.fsdecode(b"\xff\xfe.wav")).write_bytes(wav_bytes(1))
    folder.look()
    assert list(folder.look().values()) == ["received"]


@pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="needs /proc")
def test_open_for_writing(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"x")
    assert not is_open_for_writing(path)
    with path.open("rb"):
        assert not is_open_for_writing(path)
    with path.open("ab"):
        assert is_open_for_writing(path)
    assert not is_open_for_writing(tmp_path / "missing")


def test_the_command_once(world, tmp_path, capsys):
    root = tmp_path / "in"
    root.mkdir()
    (root / "13812340001_20261102093015.wav").write_bytes(wav_bytes(1))
    assert main(["ingest", str(root), "--rep", "rep_a1", "--once-stable-s", "0.05", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    recording = Recording.objects.get()
    assert (line["state"], line["recording"], line["sha256"]) == ("received", recording.pk, recording.sha256)
    assert (recording.rep, recording.customer) == (world.rep_a1, world.customer_a)
    (root / "empty.wav").write_bytes(b"")
    assert main(["ingest", str(root), "--once-stable-s", "0.05"]) == 1
    printed = capsys.readouterr().out
    assert "duplicate" in printed and "refused   empty.wav: " in printed


def test_the_command_does_not_take_what_keeps_growing(world, tmp_path, capsys):
    root = tmp_path / "in"
    root.mkdir()
    with (root / "a.wav").open("wb", buffering=0) as writer:
        writer.write(wav_bytes(1))
        assert main(["ingest", str(root), "--once-stable-s", "0.01", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "growing"
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    "options", [["/does/not/exist"], [".", "--rep", "nobody"], [".", "--rep", "inspector"]]
)
def test_wrong_options(world, options, capsys):
    assert main(["ingest", *options]) == 2
    assert capsys.readouterr().err.startswith("shengce ingest: ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_watching_in_a_process_until_a_signal(world, tmp_path, ending):
    from django.db import connection

    root = tmp_path / "in"
    root.mkdir()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict),
        "SHENGCE_DATA_DIR": str(tmp_path / "data"),
    }
    command = [
        sys.executable,
        "-m",
        "shengce.project.cli",
        "ingest",
        str(root),
        "--watch",
        "--once-stable-s",
        "0.2",
        "--json",
    ]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            (root / "a.wav").write_bytes(wav_bytes(1))
            first = json.loads(process.stdout.readline())
            (root / "b.wav").write_bytes(wav_bytes(2))
            second = json.loads(process.stdout.readline())
            process.send_signal(ending)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    assert [first["file"], second["file"]] == ["a.wav", "b.wav"]
    assert set(Recording.objects.values_list("name", flat=True)) == {"a.wav", "b.wav"}


def database_url(settings: dict) -> str:
    """The address of the test's own database, for a process of its own."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    host = f"{settings['HOST']}:{settings['PORT'] or 5432}"
    return f"postgres://{settings['USER']}:{settings['PASSWORD']}@{host}/{settings['NAME']}"
