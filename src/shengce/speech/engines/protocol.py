"""What every recognition engine offers, whatever library or network is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from shengce.speech.models.card import ModelCard

Samples = NDArray[np.float32]
"""Mono samples in [-1, 1] at 16 kHz."""


class Token(NamedTuple):
    """The smallest piece an engine writes, and the second at which it begins (None where the engine cannot tell)."""

    text: str
    start_s: float | None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do beyond plain text."""

    punctuation: bool = False
    word_times: bool = True
    hot_words: bool = False


class Engine(Protocol):
    """A loaded model. ``recognise`` takes one utterance; hot words are ignored where it cannot use them."""

    @property
    def capabilities(self) -> Capabilities: ...

    def recognise(self, samples: Samples, *, hot_words: Sequence[str] = ()) -> list[Token]: ...


class EngineConfig(Protocol):
    """The frozen configuration of one family: made from a model card, turned into a loaded engine."""

    family: ClassVar[str]

    @classmethod
    def from_card(cls, card: ModelCard, directory: Path, *, threads: int) -> Self: ...

    def load(self) -> Engine: ...
