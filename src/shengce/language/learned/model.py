"""The weights of the second reader, kept as one compressed file of whole numbers, and the scores they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from shengce.language.learned.features import ROWS, Features, Floats, flag_names
from shengce.language.values import ABOUTS, FACT_KINDS, REASONS

QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kind", FACT_KINDS),
    ("reason", REASONS),
    ("about", ABOUTS),
)
"""What is asked of a clause: which facts it states, why an objection is made, what a complaint is about."""
LABELS: tuple[str, ...] = tuple(f"{name}:{label}" for name, labels in QUESTIONS for label in labels)


def columns_of(question: str) -> slice:
    """Where the answers to a question stand among :data:`LABELS`."""
    found = [number for number, label in enumerate(LABELS) if label.startswith(f"{question}:")]
    return slice(found[0], found[-1] + 1)


class ModelError(ValueError):
    """Weights that do not fit this version of the program; the message says why."""


@dataclass(slots=True)
class Weights:
    """``sequences`` is (:data:`ROWS`, labels), ``flags`` (flags, labels), ``bias`` (labels)."""

    sequences: Floats
    flags: Floats
    bias: Floats

    @classmethod
    def empty(cls) -> Weights:
        count = len(LABELS)
        return cls(
            np.zeros((ROWS, count), np.float32),
            np.zeros((len(flag_names()), count), np.float32),
            np.zeros(count, np.float32),
        )

    def scores(self, features: Features) -> Floats:
        """The log odds of every label for every clause: (clauses, labels)."""
        scores = features.flags @ self.flags + self.bias
        for block in features.blocks:
            sums = _sums(np.take(self.sequences, block.rows, axis=0), block.starts)
            read = np.where(block.source[:, None] >= 0, sums[block.source], 0)
            scores += read * block.scale[:, None]
        return scores

    def chances(self, features: Features) -> Floats:
        """As :meth:`scores`, as probabilities."""
        return chance(self.scores(features))


@dataclass(frozen=True, slots=True)
class Reader:
    """Weights, and by kind from which chance on a clause is taken for a fact, and below which a rule's fact is doubted."""

    weights: Weights
    thresholds: Mapping[str, float]
    doubts: Mapping[str, float]

    def save(self, path: Path) -> None:
        """Write the file; a weight is a 127th of the largest of its column, in whole numbers."""
        arrays: dict[str, np.ndarray] = {
            "flag_names": np.array(flag_names()),
            "labels": np.array(LABELS),
            "bias": self.weights.bias,
        }
        for name, chances in (("thresholds", self.thresholds), ("doubts", self.doubts)):
            arrays[f"{name}.kinds"] = np.array(list(chances))
            arrays[name] = np.array(list(chances.values()), np.float32)
        for part, table in (("sequences", self.weights.sequences), ("flags", self.weights.flags)):
            unit = np.maximum(np.abs(table).max(axis=0), 1e-6) / 127
            arrays[part] = np.round(table / unit).astype(np.int8)
            arrays[f"{part}.unit"] = unit.astype(np.float32)
        np.savez_compressed(path, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> Reader:
        """Read the file. Raises :class:`ModelError`."""
        with np.load(path, allow_pickle=False) as stored:
            if (
                tuple(stored["flag_names"].tolist()) != flag_names()
                or tuple(stored["labels"].tolist()) != LABELS
            ):
                raise ModelError(f"{path.name} was trained for other cue words or kinds; train it again")
            sequences, flags = (
                stored[part].astype(np.float32) * stored[f"{part}.unit"] for part in ("sequences", "flags")
            )
            chances = [
                dict(zip(stored[f"{name}.kinds"].tolist(), stored[name].tolist(), strict=True))
                for name in ("thresholds", "doubts")
            ]
            return cls(Weights(sequences, flags, stored["bias"]), *chances)


@lru_cache(maxsize=1)
def shipped_reader() -> Reader:
    """The reader that is shipped."""
    with as_file(files("shengce.language") / "data" / "reader.npz") as path:
        return Reader.load(path)


def chance(scores: Floats) -> Floats:
    """Probabilities of log odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))), np.float32)


def _sums(values: Floats, starts: np.ndarray) -> Floats:
    """The sum of the rows of every clause."""
    if len(values) == 0:
        return np.zeros((len(starts) - 1, values.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(starts))
    sums = np.zeros((len(starts) - 1, values.shape[1]), np.float32)
    sums[filled] = np.add.reduceat(values, starts[filled], axis=0)
    return sums
