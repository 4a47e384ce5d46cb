"""Engines over sherpa-onnx. Import in the child process only: a wrong model file ends the process."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shengce.speech.engines.protocol import Capabilities, Samples, Token

SAMPLE_RATE = 16_000


class OfflineEngine:
    """A recogniser that takes whole utterances, decoded one by one: not every network masks the padding of a batch."""

    def __init__(
        self, recognizer: Any, capabilities: Capabilities, *, vocabulary: frozenset[str] = frozenset()
    ) -> None:
        self._recognizer = recognizer
        self._vocabulary = vocabulary
        self.capabilities = capabilities

    def recognise(self, samples: Samples, *, hot_words: Sequence[str] = ()) -> list[Token]:
        words = usable_hot_words(hot_words, self._vocabulary) if self.capabilities.hot_words else ""
        stream = self._recognizer.create_stream(words) if words else self._recognizer.create_stream()
        stream.accept_waveform(SAMPLE_RATE, _floats(samples))
        self._recognizer.decode_stream(stream)
        return tokens_of(stream.result)


class StreamingEngine:
    """A recogniser made for live audio, fed a whole utterance at once and a little silence to flush its context."""

    FLUSH_S = 0.8

    def __init__(
        self, recognizer: Any, capabilities: Capabilities, *, vocabulary: frozenset[str] = frozenset()
    ) -> None:
        self._recognizer = recognizer
        self._vocabulary = vocabulary
        self.capabilities = capabilities

    def recognise(self, samples: Samples, *, hot_words: Sequence[str] = ()) -> list[Token]:
        words = usable_hot_words(hot_words, self._vocabulary) if self.capabilities.hot_words else ""
        stream = self._recognizer.create_stream(words) if words else self._recognizer.create_stream()
        stream.accept_waveform(SAMPLE_RATE, _floats(samples))
        stream.accept_waveform(SAMPLE_RATE, [0.0] * int(SAMPLE_RATE * self.FLUSH_S))
        stream.input_finished()
        while self._recognizer.is_ready(stream):
            self._recognizer.decode_stream(stream)
        return tokens_of(self._recognizer.get_result_all(stream))


def tokens_of(result: Any) -> list[Token]:
    """Tokens of a result with their times; without times where the engine gives none or not one for each."""
    tokens = list(result.tokens)
    times = list(result.timestamps)
    if not tokens:
        return [Token(result.text, None)] if result.text.strip() else []
    if len(times) != len(tokens):
        return [Token(text, None) for text in tokens]
    return [Token(text, float(start)) for text, start in zip(tokens, times, strict=True)]


def usable_hot_words(words: Sequence[str], vocabulary: frozenset[str]) -> str:
    """Hot words in the library's form, without those that it could not spell: one unknown token ends the call."""
    chosen = []
    for word in words:
        spelled = "".join(word.split()).replace("/", "")
        if spelled and all(character in vocabulary for character in spelled):
            chosen.append(spelled)
    return "/".join(dict.fromkeys(chosen))


def read_vocabulary(tokens: Path) -> frozenset[str]:
    """The symbols of a ``tokens.txt``, one ``symbol id`` a line."""
    lines = tokens.read_text(encoding="utf-8", errors="replace").splitlines()
    return frozenset(line.rsplit(maxsplit=1)[0] for line in lines if len(line.split()) == 2)


def _floats(samples: Samples) -> Any:
    # The binding walks a Python sequence number by number; an array is the cheapest one to walk.
    return array("f", samples.tobytes())
