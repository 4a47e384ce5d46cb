"""Paraformer: non-autoregressive, Chinese first, with word times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from shengce.speech.engines.protocol import Capabilities, Engine
from shengce.speech.models.card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class ParaformerConfig:
    family: ClassVar[str] = "paraformer"

    model: Path
    tokens: Path
    threads: int = 1

    @classmethod
    def from_card(cls, card: ModelCard, directory: Path, *, threads: int) -> Self:
        return cls(
            model=card.path("model", directory), tokens=card.path("tokens", directory), threads=threads
        )

    def load(self) -> Engine:
        import sherpa_onnx

        from shengce.speech.engines.sherpa import OfflineEngine

        recognizer = sherpa_onnx.OfflineRecognizer.from_paraformer(
            paraformer=str(self.model), tokens=str(self.tokens), num_threads=self.threads
        )
        return OfflineEngine(recognizer, Capabilities())
