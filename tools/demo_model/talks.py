"""The written talks of the demonstration company: one YAML file each, front matter and turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

DEMO_DATA = Path(__file__).resolve().parents[2] / "src" / "shengce" / "demo" / "data"
TALKS = DEMO_DATA / "talks"
RECORDINGS = DEMO_DATA / "recordings"
MODEL = DEMO_DATA / "model"

Side = Literal["rep", "customer"]
SIDES: dict[str, Side] = {"销售": "rep", "客户": "customer"}
PUNCTUATION = re.compile(r"[，。？！、；：\s]")
SENTENCE_END = re.compile(r"[。？！]")


@dataclass(frozen=True, slots=True)
class Voice:
    """An espeak-ng voice: variant name, rate in words a minute, pitch 0-99 and range of pitch 0-99."""

    variant: str
    rate: int
    pitch: int
    range: int = 50


@dataclass(frozen=True, slots=True)
class Turn:
    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One written talk; ``about`` is its front matter as read (see README.md for the keys)."""

    name: str
    about: dict[str, Any]
    turns: tuple[Turn, ...]
    voices: dict[Side, Voice]

    @property
    def spoken(self) -> str:
        """Everything that is said, without punctuation: the reference of the character error rate."""
        return bare("".join(turn.text for turn in self.turns))


def bare(text: str) -> str:
    """The text without punctuation and spaces."""
    return PUNCTUATION.sub("", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, without punctuation."""
    return [s for s in map(bare, SENTENCE_END.split(text)) if s]


def read_talk(path: Path) -> Talk:
    """Read one talk. Raises KeyError or ValueError when a part is missing or a line has no speaker."""
    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    turns = []
    for line in about.pop("turns").strip().splitlines():
        who, _, text = line.partition("：")
        if who not in SIDES or not text:
            raise ValueError(f"{path.name}: not a turn: {line!r}")
        turns.append(Turn(SIDES[who], text))
    voices: dict[Side, Voice] = {side: Voice(**about.pop(f"{side}_voice")) for side in SIDES.values()}
    return Talk(path.stem, about, tuple(turns), voices)


def read_talks() -> Iterator[Talk]:
    """Every talk, in the order of its file name."""
    for path in sorted(TALKS.glob("*.yaml")):
        yield read_talk(path)
