"""Whisper: many languages, punctuation, no word times in the usual exports, at most 30 seconds at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from shengce.speech.engines.protocol import Capabilities, Engine
from shengce.speech.models.card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperConfig:
    """``language`` "" lets the model tell, which it does badly on short utterances: the card's language is better."""

    family: ClassVar[str] = "whisper"

    encoder: Path
    decoder: Path
    tokens: Path
    language: str = "zh"
    threads: int = 1

    @classmethod
    def from_card(cls, card: ModelCard, directory: Path, *, threads: int) -> Self:
        # A model of one language is asked for it; of the many of a general one, Chinese is ours.
        language = "zh" if "zh" in card.languages or not card.languages else card.languages[0]
        return cls(
            encoder=card.path("encoder", directory),
            decoder=card.path("decoder", directory),
            tokens=card.path("tokens", directory),
            language=language,
            threads=threads,
        )

    def load(self) -> Engine:
        import sherpa_onnx

        from shengce.speech.engines.sherpa import OfflineEngine

        recognizer = sherpa_onnx.OfflineRecognizer.from_whisper(
            encoder=str(self.encoder),
            decoder=str(self.decoder),
            tokens=str(self.tokens),
            language=self.language,
            num_threads=self.threads,
        )
        return OfflineEngine(recognizer, Capabilities(punctuation=True, word_times=False))
