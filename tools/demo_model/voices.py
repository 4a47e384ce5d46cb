"""Who speaks in training: the cast of the demonstration talks, slightly varied, and many others."""

from __future__ import annotations

import random
from functools import cache

from .talks import Voice, read_talks

TRAINING_VARIANTS = (
    "m1",
    "m2",
    "m3",
    "m4",
    "m5",
    "m6",
    "m8",
    "f1",
    "f2",
    "f3",
    "f4",
    "Andy",
    "Annie",
    "belinda",
    "adam",
    "Alex",
    "steph",
    "linda",
    "edward",
    "paul",
    "Michael",
    "klatt",
    "klatt2",
    "anika",
    "zac",
)
HELD_OUT_VARIANTS = (
    "m7",
    "f5",
    "Andrea",
    "david",
)  # never trained on: they measure what a strange voice costs
SHARE_OF_CAST = 0.55


@cache
def cast() -> tuple[Voice, ...]:
    """Every voice of the talks, once."""
    return tuple(sorted({v for talk in read_talks() for v in talk.voices.values()}, key=repr))


def training_voice(r: random.Random) -> Voice:
    """A voice of the cast with rate, pitch and range moved a little, or any other voice at any speed."""
    if r.random() < SHARE_OF_CAST:
        voice = r.choice(cast())
        return Voice(
            voice.variant,
            voice.rate + r.randrange(-12, 13),
            min(90, max(10, voice.pitch + r.randrange(-6, 7))),
            r.randrange(42, 58),
        )
    return Voice(
        r.choice(TRAINING_VARIANTS),
        int(r.triangular(130, 270, 185)),
        int(r.triangular(10, 90, 50)),
        r.randrange(20, 80),
    )
