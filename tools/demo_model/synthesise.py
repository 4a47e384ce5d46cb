"""Make the demonstration recordings from the written talks: ``python -m tools.demo_model.synthesise``.

Writes the sound files and ``manifest.json`` into the demonstration's data. The
same talks give the same words and pauses; espeak-ng itself is not exact to the sample for some voices.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from . import codec, sound
from .espeak import HZ, speak
from .talks import RECORDINGS, Talk, read_talks

RECORDED_FOR = "2026-11-24"  # the demonstration day that the dates in the file names count from, a Tuesday
PAUSE_S = (0.45, 0.95)
EDGE_S = 0.6
LINE_SNR_DB = 42.0
ROOM_SNR_DB = 30.0
SHORT_S = 0.6
BROKEN_BYTES = 180  # ends inside the second header page of an Ogg stream: no packet of sound can be read
BIT_RATES = {("opus", 2): 26_000, ("opus", 1): 16_000, ("mp3", 2): 32_000}
LEVELS = {"rep": 0.6, "customer": 0.45}


def render(talk: Talk) -> sound.Samples:
    """The talk as (channels, samples): 8 kHz telephone with the rep on the left, or 16 kHz in one room."""
    r = random.Random(talk.name)
    on_phone = talk.about["kind"] == "phone"
    hz = sound.TELEPHONE_HZ if on_phone else HZ
    sides = ("rep", "customer") if on_phone else ("room", "room")
    pieces: list[tuple[int, int, sound.Samples]] = []
    now = int(EDGE_S * hz)
    for turn in talk.turns:
        voice = sound.at_level(speak(turn.text, talk.voices[turn.side]).samples, LEVELS[turn.side])
        if on_phone:
            voice = sound.at_level(sound.telephone(voice), LEVELS[turn.side])
        pieces.append((sides.index(turn.side) if on_phone else 0, now, voice))
        now += len(voice) + int(r.uniform(*PAUSE_S) * hz)
    whole = np.zeros((talk.about["channels"], now + int(EDGE_S * hz)), np.float32)
    for channel, start, voice in pieces:
        whole[channel, start : start + len(voice)] += voice
    if talk.about.get("flaw") == "short":
        whole = whole[:, : int(SHORT_S * hz)]
    return _with_background(talk, whole, r)


def _with_background(talk: Talk, whole: sound.Samples, r: random.Random) -> sound.Samples:
    """Line or room noise on every channel; ``noise_snr_db`` of the talk is counted against what is said there."""
    random_numbers = np.random.default_rng(r.randrange(1 << 30))
    usual = LINE_SNR_DB if talk.about["kind"] == "phone" else ROOM_SNR_DB
    snr_db = talk.about.get("noise_snr_db", usual)
    for channel in whole:
        said = channel[channel != 0]
        power = float(np.mean(said**2)) if len(said) else 1e-4
        channel += sound.noise(len(channel), "pink", random_numbers) * np.sqrt(power / 10 ** (snr_db / 10))
    return np.clip(whole, -1, 1)


def make_recording(talk: Talk, folder: Path) -> dict[str, Any]:
    """Write one file; returns its entry in the manifest."""
    path = folder / talk.about["file"]
    hz = sound.TELEPHONE_HZ if talk.about["kind"] == "phone" else HZ
    samples = render(talk)
    kind = path.suffix.removeprefix(".")
    file = codec.encode(samples, hz, kind, BIT_RATES[kind, len(samples)])
    broken = talk.about.get("flaw") == "broken"
    if broken:
        file = file[:BROKEN_BYTES]
    path.write_bytes(file)
    return {
        "file": talk.about["file"],
        "sha256": hashlib.sha256(file).hexdigest(),
        "duration_ms": None if broken else codec.duration_ms(path),
        "talk": f"{talk.name}.yaml",
        **{key: talk.about.get(key) for key in ENTRY_KEYS},
    }


ENTRY_KEYS = (
    "title",
    "kind",
    "channels",
    "rep",
    "customer",
    "contact",
    "phone",
    "direction",
    "day",
    "time",
    "flaw",
    "facts",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RECORDINGS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    talks = list(read_talks())
    with ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn")
    ) as pool:  # espeak-ng may crash
        entries = list(pool.map(make_recording, talks, [options.out] * len(talks)))
    for stray in {p.name for p in options.out.glob("*.*")} - {e["file"] for e in entries} - {"manifest.json"}:
        (options.out / stray).unlink()
    manifest = {"recorded_for": RECORDED_FOR, "recordings": entries}
    (options.out / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    for entry in entries:
        print(
            f"{(entry['duration_ms'] or 0) / 1000:7.1f} s  {(options.out / entry['file']).stat().st_size:8d}  {entry['file']}"
        )
    print(f"{sum((options.out / e['file']).stat().st_size for e in entries) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
