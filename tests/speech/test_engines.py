"""Every family of models really loads and decodes, in a child process."""

from __future__ import annotations

from pathlib import Path

import pytest

from shengce.speech.engines import ENGINES
from shengce.speech.engines.sherpa import usable_hot_words
from shengce.speech.errors import AudioError
from shengce.speech.models.card import FAMILY_ROLES
from shengce.speech.recognise import Recogniser

from .tiny_models import SYMBOLS, build

pytestmark = pytest.mark.speech

WORDS = set("".join(SYMBOLS[4:]))


def test_there_is_an_engine_for_every_family_of_cards() -> None:
    assert {engine.family for engine in ENGINES} == set(FAMILY_ROLES)


@pytest.mark.parametrize("family", sorted(FAMILY_ROLES))
def test_family_loads_and_writes_text(family: str, tmp_path: Path, samples: Path) -> None:
    with Recogniser(model_dir=build(family, tmp_path)) as recogniser:
        recognition = recogniser.recognise(samples / "1_f4_tel.wav")
    text = recognition.transcript.text
    assert text and set(text) <= WORDS
    assert recognition.transcript.engine == f"tiny-{family}"


@pytest.mark.parametrize(
    ("family", "punctuation", "times"),
    [("zipformer_ctc", False, True), ("sense_voice", True, True), ("whisper", True, False)],
)
def test_engines_say_what_they_can(
    family: str, punctuation: bool, times: bool, tmp_path: Path, samples: Path
) -> None:
    with Recogniser(model_dir=build(family, tmp_path)) as recogniser:
        recognition = recogniser.recognise(samples / "1_f4_tel.wav")
    assert (recognition.punctuation, recognition.word_times) == (punctuation, times)
    assert all(bool(segment.words) == times for segment in recognition.transcript.segments)


def test_whisper_tokens_become_characters(tmp_path: Path, samples: Path) -> None:
    with Recogniser(model_dir=build("whisper", tmp_path)) as recogniser:
        assert recogniser.recognise(samples / "3_f5_clean.wav").transcript.text == "一二"


@pytest.mark.parametrize("streaming", [False, True])
def test_hot_words_change_what_a_transducer_writes(streaming: bool, tmp_path: Path, samples: Path) -> None:
    model = build("zipformer_transducer", tmp_path, streaming=streaming, hot_words=True)
    with Recogniser(model_dir=model) as recogniser:
        plain = recogniser.recognise(samples / "3_f5_clean.wav")
        told = recogniser.recognise(samples / "3_f5_clean.wav", hot_words=["四四四", "未知词", "a/b"])
    assert "四" not in plain.transcript.text
    assert "四四四" in told.transcript.text
    assert plain.hot_words and told.hot_words


def test_an_engine_without_hot_words_says_so_and_works(tmp_path: Path, samples: Path) -> None:
    with Recogniser(model_dir=build("zipformer_ctc", tmp_path)) as recogniser:
        plain = recogniser.recognise(samples / "3_f5_clean.wav")
        told = recogniser.recognise(samples / "3_f5_clean.wav", hot_words=["一二"])
    assert not told.hot_words and told.transcript == plain.transcript


def test_hot_words_that_cannot_be_spelled_are_left_out() -> None:
    vocabulary = frozenset("云瀑雪涧A")
    assert usable_hot_words(["云瀑", "雪 涧", "霖沃", "", "云/瀑", "云瀑"], vocabulary) == "云瀑/雪涧"


def test_a_changed_model_file_is_refused_before_it_is_loaded(tmp_path: Path, samples: Path) -> None:
    model = build("zipformer_ctc", tmp_path)
    with (model / "model.onnx").open("ab") as file:
        file.write(b"x")
    with Recogniser(model_dir=model) as recogniser, pytest.raises(AudioError, match=r"model\.onnx") as caught:
        recogniser.recognise(samples / "3_f5_clean.wav")
    assert caught.value.code == "bad_model"


def test_no_model_is_a_clear_error(tmp_path: Path, samples: Path) -> None:
    with Recogniser(model_dir=tmp_path / "none") as recogniser, pytest.raises(AudioError) as caught:
        recogniser.recognise(samples / "3_f5_clean.wav")
    assert caught.value.code == "bad_model"
