"""Make training data: ``python -m tools.demo_model.generate OUT --chunks 20``.

Each chunk is one .npz of utterances: filter banks, characters and where each character lies. A chunk is made in a
child process, because espeak-ng may end the process that it runs in; a chunk that dies is made again with another seed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from . import codec, sound
from .corpus import Corpus
from .espeak import HZ, speak
from .features import filter_banks
from .talks import MODEL
from .vocabulary import build_tokens, read_tokens, write_tokens
from .voices import training_voice

SHORTEST_SAMPLES = 3000
PAUSE_S = (0.03, 0.45)
SHARE_OF_CODECS = 0.35


def spoil(samples: sound.Samples, other: sound.Samples | None, r: random.Random) -> sound.Samples:
    """A clean voice as a recorder would have it: band, codec, noise or another talk behind it, level."""
    random_numbers = np.random.default_rng(r.randrange(1 << 30))
    band = r.random()
    if band < 0.45:
        samples = sound.widen(sound.telephone(samples))
    elif band < 0.65:
        samples = sound.low_pass(samples, r.uniform(3400, 7600))
    background = r.random()
    if background < 0.45:
        kind = r.choice(sound.NOISES)
        samples = sound.with_noise(samples, sound.noise(len(samples), kind, random_numbers), r.uniform(6, 34))
    elif background < 0.52 and other is not None:
        samples = sound.with_noise(samples, np.resize(other, len(samples)), r.uniform(10, 28))
    samples = sound.at_level(samples, 10 ** r.uniform(-1.4, -0.05))
    return through_codec(samples, narrow=band < 0.45, r=r) if r.random() < SHARE_OF_CODECS else samples


def through_codec(samples: sound.Samples, *, narrow: bool, r: random.Random) -> sound.Samples:
    """Encoded as the recordings are and decoded again, at the same length."""
    hz = sound.TELEPHONE_HZ if narrow else HZ
    short = resample_poly(samples, 1, HZ // hz).astype(np.float32)[None] * np.float32(0.98)
    bit_rate = r.choice((12_000, 16_000, 24_000))
    heard = codec.decode(codec.encode(short, hz, r.choice(("opus", "opus", "mp3")), bit_rate), HZ)
    return np.pad(heard, (0, max(0, len(samples) - len(heard))))[: len(samples)]


def make_chunk(seed: int, count: int, tokens_path: Path, out: Path) -> float:
    """Write one chunk; returns the hours of sound in it."""
    r = random.Random(seed)
    tokens = read_tokens(tokens_path)
    corpus = Corpus(seed, frozenset(tokens))
    features, characters, spans, lengths, counts = [], [], [], [], []
    previous, heard = None, 0
    while len(lengths) < count:
        spoken = speak(corpus.text(), training_voice(r))
        if not spoken.characters or len(spoken.samples) < SHORTEST_SAMPLES:
            continue
        before, after = (int(r.uniform(*PAUSE_S) * HZ) for _ in range(2))
        clean = np.pad(spoken.samples, (before, after))
        frames = filter_banks(spoil(clean, previous, r)).astype(np.float16)
        previous, heard = clean, heard + len(clean)
        features.append(frames)
        lengths.append(len(frames))
        counts.append(len(spoken.characters))
        characters += [tokens[c] for c, _, _ in spoken.characters]
        spans += [(start + before / HZ, end + before / HZ) for _, start, end in spoken.characters]
    temporary = out.with_suffix(".part")
    with temporary.open("wb") as file:
        np.savez(
            file,
            features=np.concatenate(features),
            lengths=np.array(lengths, np.int32),
            characters=np.array(characters, np.int16),
            spans=np.array(spans, np.float32),
            counts=np.array(counts, np.int32),
        )
    temporary.rename(out)
    return heard / HZ / 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--chunks", type=int, default=20)
    parser.add_argument("--utterances", type=int, default=1500, help="in each chunk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--from-scratch", action="store_true", help="do not keep the numbers of the present tokens.txt"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tokens_path = options.out / "tokens.txt"
    if not tokens_path.exists():
        write_tokens(build_tokens(None if options.from_scratch else MODEL / "tokens.txt"), tokens_path)
    seed, began = options.seed * 10_000, time.monotonic()
    for index in range(options.chunks):
        out = options.out / f"chunk{options.seed:02d}-{index:03d}.npz"
        while not out.exists():
            seed += 1
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                try:
                    hours = pool.submit(make_chunk, seed, options.utterances, tokens_path, out).result()
                    print(
                        f"{out.name} seed {seed} {hours:.2f} h, {time.monotonic() - began:.0f} s", flush=True
                    )
                except BrokenProcessPool:
                    print(
                        f"{out.name} seed {seed} died inside espeak-ng; again with the next seed", flush=True
                    )


if __name__ == "__main__":
    main()
