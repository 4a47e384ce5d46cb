"""Train the network: ``python -m tools.demo_model.train DATA OUT.pt``.

Stage 1 learns where each character lies (cross entropy of every step from espeak's own onsets, a little CTC); stage 2
learns to say each character once (CTC, a little cross entropy). The time allowed is given, not the number of steps.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .network import FRAME_STEP_S, QUIETEST, STACKED, Network, load_weights
from .scoring import character_errors
from .vocabulary import read_tokens

BATCH = 16
KEPT_OUT = 120  # utterances of the first chunk that only measure
REPORT_S = 60.0
WARM_UP = 150  # steps
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Stage:
    """Weights of the two losses, highest learning rate, and which part of a character's span is called it."""

    name: str
    minutes: float
    rate: float
    cross_entropy: float
    ctc: float
    part: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Utterance:
    features: np.ndarray  # (frames, 80) float16
    characters: np.ndarray
    spans: np.ndarray  # (characters, 2) seconds


class Data:
    """The chunks of a folder; those that appear later are taken up when the next round begins."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[Path] = set()
        self.training: list[Utterance] = []
        self.measuring: list[Utterance] = []

    def take_new_chunks(self) -> None:
        for path in sorted(self._folder.glob("chunk*.npz")):
            if path not in self._read:
                utterances = list(_read_chunk(path))
                if not self._read:
                    self.measuring, utterances = utterances[:KEPT_OUT], utterances[KEPT_OUT:]
                self._read.add(path)
                self.training += utterances
        print(f"{len(self._read)} chunks, {len(self.training)} utterances", flush=True)

    def batches(self) -> Iterator[list[Utterance]]:
        """One round over everything, utterances of like length together."""
        self.take_new_chunks()
        random.shuffle(self.training)
        rows = []
        for start in range(0, len(self.training), BATCH * 16):
            alike = sorted(self.training[start : start + BATCH * 16], key=lambda u: len(u.features))
            rows += [alike[i : i + BATCH] for i in range(0, len(alike) - BATCH + 1, BATCH)]
        random.shuffle(rows)
        yield from rows


def _read_chunk(path: Path) -> Iterator[Utterance]:
    chunk = np.load(path)
    features, characters, spans = chunk["features"], chunk["characters"], chunk["spans"]
    frame, character = 0, 0
    for frames, count in zip(chunk["lengths"], chunk["counts"], strict=True):
        yield Utterance(
            features[frame : frame + frames],
            characters[character : character + count],
            spans[character : character + count],
        )
        frame, character = frame + frames, character + count


def masked(features: Tensor, mean: Tensor) -> Tensor:
    """SpecAugment: two bands and two stretches replaced by the mean."""
    frames, bins = features.shape
    for _ in range(2):
        width = random.randrange(14)
        start = random.randrange(bins - width)
        features[:, start : start + width] = mean
        width = random.randrange(12)
        start = random.randrange(max(1, frames - width))
        features[start : start + width] = mean
    return features


def collate(
    batch: list[Utterance], part: tuple[float, float]
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Features padded with their own mean, steps of each, character of each step, characters in a row, their counts."""
    longest = max(len(u.features) for u in batch)
    x = torch.zeros(len(batch), longest, batch[0].features.shape[1])
    steps = torch.tensor([(len(u.features) + STACKED - 1) // STACKED for u in batch])
    frames = torch.full((len(batch), (longest + STACKED - 1) // STACKED), IGNORED)
    for row, utterance in enumerate(batch):
        features = torch.from_numpy(utterance.features.astype(np.float32))
        mean = features.mean()
        x[row] = mean
        x[row, : len(features)] = masked(features, mean)
        frames[row, : steps[row]] = 0
        for character, (start, end) in zip(utterance.characters, utterance.spans, strict=True):
            first = round(float(start + part[0] * (end - start)) / FRAME_STEP_S)
            last = max(first + 1, round(float(start + part[1] * (end - start)) / FRAME_STEP_S))
            frames[row, first : min(last, int(steps[row]))] = int(character)
    characters = torch.from_numpy(np.concatenate([u.characters for u in batch]).astype(np.int64))
    return x, steps, frames, characters, torch.tensor([len(u.characters) for u in batch])


def greedy(scores: Tensor) -> list[int]:
    """The best character of every step, repeats and blanks left out."""
    best = scores.argmax(-1).tolist()
    return [c for i, c in enumerate(best) if c and (i == 0 or best[i - 1] != c)]


def measure(network: Network, utterances: list[Utterance]) -> float:
    """Character error rate on utterances that were kept out."""
    network.eval()
    errors = characters = 0
    with torch.no_grad():
        for utterance in utterances:
            heard = greedy(network.scores(torch.from_numpy(utterance.features.astype(np.float32))[None])[0])
            errors += character_errors(heard, utterance.characters.tolist())
            characters += len(utterance.characters)
    network.train()
    return errors / characters


def make_optimiser(network: Network) -> torch.optim.Optimizer:
    """AdamW; biases are not decayed."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98))


def learn(
    network: Network, optimiser: torch.optim.Optimizer, batch: list[Utterance], stage: Stage
) -> tuple[float, float]:
    """One step; returns the cross entropy and the CTC loss."""
    x, steps, frames, characters, counts = collate(batch, stage.part)
    chances = network.scores(x).log_softmax(-1)
    entropy = functional.nll_loss(chances.flatten(0, 1), frames.flatten(), ignore_index=IGNORED)
    ctc = functional.ctc_loss(chances.transpose(0, 1), characters, steps, counts, zero_infinity=True)
    optimiser.zero_grad()
    (stage.cross_entropy * entropy + stage.ctc * ctc).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimiser.step()
    return entropy.item(), ctc.item()


def run_stage(network: Network, data: Data, stage: Stage, save: Callable[[], None]) -> None:
    """Train for the minutes of the stage, report and save every minute."""
    optimiser = make_optimiser(network)
    began = reported = time.monotonic()
    losses: list[tuple[float, float]] = []
    step, rows = 0, data.batches()
    while (share := (time.monotonic() - began) / (stage.minutes * 60)) < 1:
        batch = next(rows, None)
        if batch is None:
            rows = data.batches()
            continue
        step += 1
        rate = stage.rate * min(1, step / WARM_UP) * max(0.01, 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        losses.append(learn(network, optimiser, batch, stage))
        if time.monotonic() - reported > REPORT_S:
            reported = time.monotonic()
            entropy, ctc = np.mean(losses, axis=0)
            print(
                f"{stage.name} {reported - began:.0f} s, step {step}, cross entropy {entropy:.3f}, ctc {ctc:.3f},"
                f" rate {rate:.5f}, errors {measure(network, data.measuring):.2%}",
                flush=True,
            )
            losses.clear()
            save()
    save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="an exported int8 model whose weights to begin with")
    parser.add_argument("--stage1-minutes", type=float, default=20)
    parser.add_argument("--stage2-minutes", type=float, default=24)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    random.seed(0)
    network = Network(len(read_tokens(options.data / "tokens.txt")))
    data = Data(options.data)
    data.take_new_chunks()
    if options.start:
        load_weights(network, options.start)
        print(f"start: errors {measure(network, data.measuring):.2%}", flush=True)
    else:
        whole = [u.features.astype(np.float32).clip(QUIETEST) for u in data.training[:400]]
        levelled = np.concatenate([features - features.mean() for features in whole])
        network.mean.copy_(torch.from_numpy(levelled.mean(0)))
        network.deviation.copy_(torch.from_numpy(levelled.std(0)))
    stages = (
        Stage("stage 1", options.stage1_minutes, 1.2e-3 if options.start else 2.5e-3, 1.0, 0.15, (0.2, 0.75)),
        Stage("stage 2", options.stage2_minutes, 8e-4, 0.1, 1.0, (0.3, 0.6)),
    )
    for stage in stages:
        run_stage(network, data, stage, lambda: torch.save(network.state_dict(), options.out))


if __name__ == "__main__":
    main()
