"""The recognition engines: one frozen configuration for each family of models, one file for each.

``ENGINES`` is the whole list. Nothing native is imported until a configuration's ``load`` runs in the child process.
"""

from __future__ import annotations

from pathlib import Path

from shengce.speech.engines.paraformer import ParaformerConfig
from shengce.speech.engines.protocol import Engine, EngineConfig
from shengce.speech.engines.sense_voice import SenseVoiceConfig
from shengce.speech.engines.whisper import WhisperConfig
from shengce.speech.engines.zipformer_ctc import ZipformerCtcConfig
from shengce.speech.engines.zipformer_transducer import ZipformerTransducerConfig
from shengce.speech.errors import AudioError
from shengce.speech.models.card import CardError, ModelCard

ENGINES: tuple[type[EngineConfig], ...] = (
    ZipformerCtcConfig,
    ZipformerTransducerConfig,
    ParaformerConfig,
    SenseVoiceConfig,
    WhisperConfig,
)


def load_engine(model_dir: Path, *, threads: int = 1) -> tuple[ModelCard, Engine]:
    """Read the card, verify every hash, load the model. Child process only.

    Raises ``AudioError("bad_model")`` where the card or a file is not what it should be.
    """
    try:
        card = ModelCard.read(model_dir)
    except CardError as error:
        raise AudioError("bad_model", {"reason": str(error)}) from None
    problems = card.verify(model_dir)
    if problems:
        raise AudioError("bad_model", {"reason": "; ".join(problems)})
    config = next(c for c in ENGINES if c.family == card.family)
    return card, config.from_card(card, Path(model_dir), threads=threads).load()
