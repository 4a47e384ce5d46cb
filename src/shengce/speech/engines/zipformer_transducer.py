"""Zipformer transducer: three networks, and the family that can be told hot words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from shengce.speech.engines.protocol import Capabilities, Engine
from shengce.speech.models.card import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipformerTransducerConfig:
    """``hot_words`` chooses the beam search that can be biased; it is slower than the greedy one.

    ``streaming`` is a property of the exported network: it takes audio bit by bit and needs the other loader.
    With ``bpe_vocab`` the hot words are cut into Latin word pieces too.
    """

    family: ClassVar[str] = "zipformer_transducer"

    encoder: Path
    decoder: Path
    joiner: Path
    tokens: Path
    bpe_vocab: Path | None = None
    streaming: bool = False
    hot_words: bool = False
    hot_words_score: float = 1.5
    threads: int = 1

    @classmethod
    def from_card(cls, card: ModelCard, directory: Path, *, threads: int) -> Self:
        return cls(
            encoder=card.path("encoder", directory),
            decoder=card.path("decoder", directory),
            joiner=card.path("joiner", directory),
            tokens=card.path("tokens", directory),
            bpe_vocab=card.path("bpe_vocab", directory) if "bpe_vocab" in card.files else None,
            streaming=card.streaming,
            hot_words=card.hot_words,
            threads=threads,
        )

    def load(self) -> Engine:
        import sherpa_onnx

        from shengce.speech.engines.sherpa import OfflineEngine, StreamingEngine, read_vocabulary

        capabilities = Capabilities(hot_words=self.hot_words)
        vocabulary = read_vocabulary(self.tokens)
        if self.streaming:
            online = sherpa_onnx.OnlineRecognizer.from_transducer(**self._options())
            return StreamingEngine(online, capabilities, vocabulary=vocabulary)
        offline = sherpa_onnx.OfflineRecognizer.from_transducer(**self._options())
        return OfflineEngine(offline, capabilities, vocabulary=vocabulary)

    def _options(self) -> dict[str, Any]:
        return {
            "encoder": str(self.encoder),
            "decoder": str(self.decoder),
            "joiner": str(self.joiner),
            "tokens": str(self.tokens),
            "num_threads": self.threads,
            "decoding_method": "modified_beam_search" if self.hot_words else "greedy_search",
            "hotwords_score": self.hot_words_score,
            "modeling_unit": "cjkchar+bpe" if self.bpe_vocab else "cjkchar",
            "bpe_vocab": str(self.bpe_vocab or ""),
        }
