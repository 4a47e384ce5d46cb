"""The card's contract, the catalogue's data, loading for real, and the command line."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shengce.project.cli import main
from shengce.speech.models import card as card_module
from shengce.speech.models.card import FAMILY_ROLES, CardError, ModelCard, is_inside
from shengce.speech.models.catalogue import DEFAULT_MIRROR, catalogue, find_model
from shengce.speech.models.loading import load_problem
from shengce.speech.models.places import DEMO_MODEL_DIR, DEMO_MODEL_NAME, models_dir

from .conftest import MODEL_FILES, ModelServer, answer, noise, tar_bytes

GOOD: dict[str, Any] = {
    "name": "m",
    "family": "zipformer_ctc",
    "files": {"model": "model.int8.onnx", "tokens": "tokens.txt"},
    "sha256": {},
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "\x00",
        "[" * 100_000,
        json.dumps({**GOOD, "family": "other"}),
        json.dumps({**GOOD, "files": {"model": "a"}}),
        json.dumps({**GOOD, "files": {"model": "../a", "tokens": "t"}}),
        json.dumps({**GOOD, "files": {"model": "/a", "tokens": "t"}}),
        json.dumps({**GOOD, "files": {"model": 3, "tokens": "t"}}),
        json.dumps({**GOOD, "sha256": {"..\\x": "0"}}),
        json.dumps({**GOOD, "sample_rate": "16000"}),
        json.dumps({**GOOD, "sample_rate": True}),
        json.dumps({**GOOD, "languages": ["zh", 1]}),
        json.dumps({key: value for key, value in GOOD.items() if key != "name"}),
        " " * 1_000_001,
    ],
)
def test_unusable_cards_have_a_reason(text: str, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(CardError):
        ModelCard.read(tmp_path)


def test_card_round_trip_and_unknown_keys(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps({**GOOD, "of a later version": 1}))
    card = replace(ModelCard.read(tmp_path), note_zh="中文", languages=["zh"])
    card.write(tmp_path)
    assert ModelCard.read(tmp_path) == card
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_verify_names_each_problem(tmp_path: Path) -> None:
    card = ModelCard(**{**GOOD, "sha256": {"model.int8.onnx": "0" * 64}})
    (tmp_path / "model.int8.onnx").write_bytes(b"x")
    assert [problem.split()[0] for problem in card.verify(tmp_path)] == ["model.int8.onnx", "tokens.txt"]
    (tmp_path / "tokens.txt").write_bytes(b"y")
    assert "no SHA-256" in card.verify(tmp_path)[1]
    assert card.refreshed(tmp_path).verify(tmp_path) == []


def test_refreshing_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(DEMO_MODEL_DIR, tmp_path / "m")
    (tmp_path / "m" / "tokens.txt").write_bytes(b"other")
    assert ModelCard.read(tmp_path / "m").verify(tmp_path / "m") != []
    assert card_module.main([str(tmp_path / "m")]) == 0
    assert ModelCard.read(tmp_path / "m").verify(tmp_path / "m") == []
    assert card_module.main([str(tmp_path)]) == 1
    assert "card.json is missing" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["", "/a", "..", "a/../b", "c:x", "\\a", "..\\a", "a\0b"])
def test_paths_that_lead_out(path: str) -> None:
    assert not is_inside(path)


def test_the_shipped_model_is_whole_and_says_what_it_is() -> None:
    card = ModelCard.read(DEMO_MODEL_DIR)
    assert card.verify(DEMO_MODEL_DIR) == []
    assert (card.name, card.family, card.onset_shift_ms) == (DEMO_MODEL_NAME, "zipformer_ctc", 70)
    assert "synthetic" in card.note_en and "合成" in card.note_zh
    assert catalogue()[0].name == DEMO_MODEL_NAME and catalogue()[0].shipped


def test_catalogue_covers_every_family_and_is_plain_about_the_unknown() -> None:
    models = catalogue()
    assert {model.family for model in models} == set(FAMILY_ROLES)
    assert "zh" in models[1].languages
    for model in models[1:]:
        assert model.licence and model.note_zh and model.note_en and model.title_zh
        assert model.address() == f"{DEFAULT_MIRROR}/{model.file}"
        assert model.file == f"{model.name}.tar.bz2"
        if model.sha256 is None:
            assert "recorded at the first install" in model.note_en and "首次安装时记录" in model.note_zh
    assert find_model("sherpa-onnx-zipformer-ctc-zh-int8-2025-07-03").sha256.startswith("f3ad1814")  # type: ignore[union-attr]


def test_models_dir_of_the_environment(tmp_path: Path) -> None:
    assert models_dir({"SHENGCE_MODELS_DIR": str(tmp_path), "SHENGCE_DATA_DIR": "/x"}) == tmp_path
    assert models_dir({"SHENGCE_DATA_DIR": str(tmp_path)}) == tmp_path / "models"
    assert models_dir({}) == Path("var/models").absolute()


@pytest.mark.speech
def test_loading_tells_good_from_bad(tmp_path: Path) -> None:
    assert load_problem(DEMO_MODEL_DIR) is None
    shutil.copytree(DEMO_MODEL_DIR, tmp_path / "m")
    (tmp_path / "m" / "model.int8.onnx").write_bytes(noise(5000))
    assert "SHA-256" in str(load_problem(tmp_path / "m"))
    ModelCard.read(tmp_path / "m").refreshed(tmp_path / "m").write(tmp_path / "m")
    assert load_problem(tmp_path / "m")


@pytest.fixture
def shengce(store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run ``shengce models …``; gives exit status, standard output and standard error."""
    monkeypatch.setenv("SHENGCE_MODELS_DIR", str(store))
    monkeypatch.setenv("SHENGCE_LANGUAGE", "en")

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["models", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_command_line_round_trip(shengce: Any, tmp_path: Path, store: Path) -> None:
    source = tmp_path / "自己的.tar.bz2"
    source.write_bytes(tar_bytes(MODEL_FILES))
    status, out, _ = shengce("import", str(source), "--family", "zipformer_ctc", "--name", "own")
    assert status == 0 and "SHENGCE_MODEL=own" in out and "recorded" in out
    status, out, _ = shengce("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert (rows["own"]["state"], rows[DEMO_MODEL_NAME]["state"]) == ("installed", "shipped")
    assert rows["sherpa-onnx-whisper-tiny"]["state"] == "known"
    assert shengce("verify", "own")[0] == 0
    (store / "own" / "tokens.txt").write_bytes(b"damaged")
    status, _, err = shengce("verify")
    assert status == 1 and "own: tokens.txt" in err
    assert shengce("remove", "own")[0] == 0
    assert shengce("remove", "own")[0] == 1


@pytest.mark.parametrize("language", ["en", "zh_CN.UTF-8"])
def test_list_for_people(shengce: Any, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("SHENGCE_LANGUAGE", language)
    status, out, _ = shengce("list")
    assert status == 0 and all(model.name in out for model in catalogue())
    assert ("未安装" in out) == language.startswith("zh")
    assert "1.74 %" in out


def test_no_network_says_what_to_do(
    shengce: Any, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    server.shutdown()
    server.server_close()
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("SHENGCE_MODEL_MIRROR", server.mirror)
    status, _, err = shengce("install", "sherpa-onnx-whisper-tiny")
    assert status == 1 and "shengce models import sherpa-onnx-whisper-tiny.tar.bz2" in err
    assert "Traceback" not in err
    monkeypatch.setenv("SHENGCE_LANGUAGE", "zh")
    status, _, err = shengce("install", "sherpa-onnx-whisper-tiny")
    assert status == 1 and "无法连接" in err


def test_mirror_option_is_used(shengce: Any, server: ModelServer) -> None:
    server.plans = [answer(404)]
    status, _, err = shengce("install", "sherpa-onnx-whisper-tiny", "--mirror", f"{server.mirror}/a/")
    assert status == 1 and "404" in err
    assert server.requests[0][0] == "/a/sherpa-onnx-whisper-tiny.tar.bz2"


def test_installing_the_shipped_model_is_no_error(shengce: Any) -> None:
    status, out, _ = shengce("install", DEMO_MODEL_NAME)
    assert status == 0 and "part of the program" in out
