"""``shengce process`` as a user calls it: a real process, real recordings, the JSON of docs/cli.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shengce.speech.models.places import DEMO_MODEL_DIR

pytestmark = pytest.mark.speech


def process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shengce.project.cli", "process", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_good_and_bad_files_together(samples: Path, audio_made: Path, tmp_path: Path) -> None:
    odd = tmp_path / "客户#1 (第2次) 😀.wav"
    shutil.copyfile(samples / "1_f4_tel.wav", odd)
    done = process(
        "--json",
        "--at",
        "2026-11-24T10:00:00+08:00",
        odd,
        audio_made / "zero_bytes.wav",
        tmp_path / "none.mp3",
        samples / "3_f5_clean.wav",
    )
    assert done.returncode == 1, done.stderr
    good, empty, missing, last = (json.loads(line) for line in done.stdout.splitlines())
    assert empty["error"] == {"code": "empty", "message": "The file is empty."}
    assert set(empty) == {"file", "error"} and empty["file"].endswith("zero_bytes.wav")
    assert missing["error"]["code"] == "missing"
    assert good["file"] == str(odd) and last["segments"]
    for key in (
        "sha256",
        "duration_ms",
        "channels",
        "engine",
        "segments",
        "facts",
        "inspection",
        "timings_ms",
    ):
        assert key in good
    assert set(good["timings_ms"]) == {"decode", "activity", "recognise", "language"}
    assert set(good["inspection"]) >= {"score_card", "score", "fatal", "criteria"}
    segment = good["segments"][0]
    assert set(segment) == {"speaker", "role", "start_ms", "end_ms", "text", "words"}
    assert "".join(w["text"] for w in segment["words"]) == segment["text"]


def test_all_good_is_status_zero_and_text_is_readable(samples: Path) -> None:
    done = process(samples / "1_f4_tel.wav")
    assert done.returncode == 0, done.stderr
    assert re.search(r"\[00:00\] \w+: 价格", done.stdout)


def test_facts_point_into_the_recording(recordings: Path) -> None:
    call = next(recordings.glob("Call_13812340001_*.opus"))
    done = process("--json", "--at", "2026-11-17T14:15:02+08:00", call)
    assert done.returncode == 0, done.stderr
    talk = json.loads(done.stdout)
    assert talk["channels"] == 2 and {s["role"] for s in talk["segments"]} == {"rep", "customer"}
    assert talk["facts"]
    for fact in talk["facts"]:
        home = [s for s in talk["segments"] if fact["quote"] in s["text"] and s["speaker"] == fact["speaker"]]
        assert any(s["start_ms"] <= fact["start_ms"] < fact["end_ms"] <= s["end_ms"] for s in home), fact


@pytest.mark.parametrize(
    "arguments",
    [("--at", "next week"), ("--lexicon", "/no/such.yaml"), ("--card", "/no/such.yaml")],
)
def test_a_wrong_option_is_said_and_nothing_is_done(arguments: tuple[str, ...], samples: Path) -> None:
    done = process(*arguments, samples / "1_f4_tel.wav")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("shengce process: ") and "Traceback" not in done.stderr


def test_a_missing_model_is_a_wrong_option(samples: Path, tmp_path: Path) -> None:
    done = process("--json", "--model", tmp_path, samples / "1_f4_tel.wav")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("shengce process: ") and "Traceback" not in done.stderr


def test_a_damaged_model_is_an_error_of_every_file(samples: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(DEMO_MODEL_DIR, damaged)
    (damaged / "model.int8.onnx").write_bytes(b"not a network")
    done = process("--json", "--model", damaged, samples / "1_f4_tel.wav", samples / "3_f5_clean.wav")
    assert done.returncode == 1
    assert [json.loads(line)["error"]["code"] for line in done.stdout.splitlines()] == ["bad_model"] * 2
