"""SenseVoice: Chinese, Cantonese, English, Japanese and Korean, with punctuation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from shengce.speech.engines.protocol import Capabilities, Engine
from shengce.speech.models.card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class SenseVoiceConfig:
    """``language`` "auto" lets the model tell. Punctuation comes with its own writing of figures, or not at all."""

    family: ClassVar[str] = "sense_voice"

    model: Path
    tokens: Path
    language: str = "auto"
    punctuation: bool = True
    threads: int = 1

    @classmethod
    def from_card(cls, card: ModelCard, directory: Path, *, threads: int) -> Self:
        return cls(
            model=card.path("model", directory), tokens=card.path("tokens", directory), threads=threads
        )

    def load(self) -> Engine:
        import sherpa_onnx

        from shengce.speech.engines.sherpa import OfflineEngine

        recognizer = sherpa_onnx.OfflineRecognizer.from_sense_voice(
            model=str(self.model),
            tokens=str(self.tokens),
            language=self.language,
            use_itn=self.punctuation,
            num_threads=self.threads,
        )
        return OfflineEngine(recognizer, Capabilities(punctuation=self.punctuation))
