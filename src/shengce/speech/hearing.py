"""What the child does with one recording: decode, find speech, recognise, draw, all in one pass over the sound.

Two threads: one decodes and finds utterances, the other recognises them; native code runs without Python's lock, so
on two cores they overlap. The queue between them is short, so memory stays bounded. Child process only.
"""

from __future__ import annotations

import base64
import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from shengce.speech import decode
from shengce.speech.activity import Activity, Utterance
from shengce.speech.decode import Block, Decoder
from shengce.speech.diarize import PitchTrack, separate_voices, track_pitch
from shengce.speech.engines import load_engine
from shengce.speech.engines.protocol import Engine, Token
from shengce.speech.errors import AudioError
from shengce.speech.limits import Limits
from shengce.speech.models.card import ModelCard, hash_file
from shengce.speech.peaks import Peaks
from shengce.speech.resample import SAMPLE_RATE
from shengce.speech.transcript import Role, Segment, Transcript
from shengce.speech.words import write_words

Report = Callable[[str, float], None]
Item = TypeVar("Item")

SILENT_PEAK = 0.0005
"""Below -66 dB of full scale nobody can be heard."""

SAME_RATIO = 0.01
"""Two channels whose difference has less than this share of their energy (-20 dB) carry the same sound."""

COMPARE_SECONDS = 20
CLEARLY_APART = 0.1
ENOUGH_APART = 3
"""After so many seconds whose difference has this share of their energy (-10 dB), two channels are two: nobody need
wait for the rest of the comparison."""

UTTERANCES_WAITING = 8

_loaded: dict[tuple[str, int], tuple[ModelCard, Engine]] = {}


def probe(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Job: what the container states. Request: path, limits."""
    info = decode.probe(Path(request["path"]), limits=Limits.from_json(request["limits"]))
    return asdict(info)


def recognise(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Job: the whole way from file to transcript. Request and result: see ``recognise.Recogniser``."""
    path = Path(request["path"])
    with Decoder(path, limits=Limits.from_json(request["limits"])) as decoder:
        report("load", 0.0)
        card, engine = _engine(request["model_dir"], request["threads"])
        report("load", 1.0)
        hearing = Hearing(decoder, card, engine, request, report)
        result = hearing.run()
    result["sha256"] = hash_file(path)
    return result


def _engine(model_dir: str, threads: int) -> tuple[ModelCard, Engine]:
    """The loaded model; one at a time, because a large one fills the memory limit."""
    key = (model_dir, threads)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = load_engine(Path(model_dir), threads=threads)
    return _loaded[key]


@dataclass
class Clock:
    """Time spent by stage; stages overlap, so their sum may be more than the whole."""

    seconds: dict[str, float] = field(
        default_factory=lambda: {"decode": 0.0, "activity": 0.0, "recognise": 0.0}
    )

    def timed(self, stage: str, items: Iterator[Item]) -> Iterator[Item]:
        """The same items; the time that each took to come is booked on ``stage``."""
        while True:
            started = time.perf_counter()
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self.seconds[stage] += time.perf_counter() - started
            yield item


class Hearing:
    """One pass over one opened recording. ``run`` once."""

    def __init__(
        self, decoder: Decoder, card: ModelCard, engine: Engine, request: dict[str, Any], report: Report
    ) -> None:
        self._decoder = decoder
        self._card = card
        self._engine = engine
        self._roles: Sequence[Role] = request["roles"]
        self._hot_words: Sequence[str] = request["hot_words"]
        self._report = report
        self._clock = Clock()
        self._waiting: queue.Queue[Utterance | BaseException | None] = queue.Queue(UTTERANCES_WAITING)
        self._stopped = threading.Event()
        self._tracks: list[PitchTrack] = []
        self._channels = decoder.channels
        self._peaks = b""
        self.warnings: list[str] = []

    def run(self) -> dict[str, Any]:
        """The result as JSON values. Raises ``AudioError``, and ``MemoryError`` at the limit."""
        producer = threading.Thread(target=self._produce, daemon=True)
        producer.start()
        try:
            segments = list(self._segments())
        finally:
            self._stopped.set()
            producer.join()
        if not segments:
            raise AudioError("no_speech")
        segments.sort(key=lambda segment: (segment.start_ms, segment.speaker))
        if self._channels == 1:
            segments = separate_voices(segments, self._tracks)
        duration_ms = self._decoder.decoded_ms
        self._report("recognise", 1.0)
        info = self._decoder.info
        return {
            "transcript": Transcript(tuple(segments), duration_ms, self._channels, self._card.name).to_json(),
            "peaks": base64.b64encode(self._peaks).decode(),
            "timings_ms": {stage: round(seconds * 1000) for stage, seconds in self._clock.seconds.items()},
            "warnings": [*self._decoder.warnings, *self.warnings],
            "codec": info.codec,
            "container": info.container,
            "sample_rate": info.sample_rate,
            "capabilities": asdict(self._engine.capabilities),
        }

    def _segments(self) -> Iterator[Segment]:
        while (item := self._waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            started = time.perf_counter()
            tokens = self._engine.recognise(item.samples, hot_words=self._hot_words)
            if self._channels == 1:
                self._tracks.append(track_pitch(item.samples, start_ms=item.start_ms))
            self._clock.seconds["recognise"] += time.perf_counter() - started
            segment = self._segment(item, tokens)
            if segment is not None:
                yield segment
            self._report("recognise", self._decoder.share * 0.99)

    def _segment(self, utterance: Utterance, tokens: list[Token]) -> Segment | None:
        shift_s = self._card.onset_shift_ms / 1000
        shifted = [
            Token(t.text, None if t.start_s is None else max(0.0, t.start_s - shift_s)) for t in tokens
        ]
        start_ms, end_ms = utterance.start_ms, utterance.end_ms
        text, words = write_words(shifted, start_ms=start_ms, end_ms=end_ms)
        if not text.strip():
            return None
        if self._channels == 1:
            return Segment("s0", "unknown", start_ms, end_ms, text, words)
        number = utterance.channel
        role = self._roles[number] if number < len(self._roles) else "unknown"
        return Segment(f"ch{number}", role, start_ms, end_ms, text, words)

    def _produce(self) -> None:
        try:
            self._listen()
        except BaseException as error:
            self._put(error)
        else:
            self._put(None)

    def _listen(self) -> None:
        blocks = self._clock.timed("decode", self._decoder.blocks())
        if self._decoder.channels == 2:
            blocks = self._one_or_two(blocks)
        first = next(blocks, None)
        if first is None:
            return
        self._channels = first.shape[0]
        activity, peaks = Activity(self._channels), Peaks(self._channels)
        for block in itertools.chain([first], blocks):
            peaks.add(block)
            for utterance in self._clock.timed("activity", activity.add(block)):
                self._hand_over(utterance)
            self._report("decode", self._decoder.share)
            if self._stopped.is_set():
                return
        for utterance in self._clock.timed("activity", activity.finish()):
            self._hand_over(utterance)
        self._peaks = peaks.finish()
        if activity.loudest < SILENT_PEAK:
            raise AudioError("silent")

    def _hand_over(self, utterance: Utterance) -> None:
        # The last window is filled up with silence that is not part of the recording.
        length = self._decoder.decoded_ms * SAMPLE_RATE // 1000 - utterance.start
        utterance = Utterance(utterance.channel, utterance.start, utterance.samples[: max(0, length)])
        self._put(utterance)

    def _put(self, item: Utterance | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                self._waiting.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def _one_or_two(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The blocks as they are, or as one channel where the first seconds with sound are the same in both."""
        held: list[Block] = []
        energy = difference = 0.0
        apart = 0
        for block in blocks:
            held.append(block)
            side = block[0] - block[1]
            heard, differs = float(np.einsum("cn,cn->", block, block)), float(np.dot(side, side))
            energy, difference = energy + heard, difference + differs
            apart += heard > block.size * SILENT_PEAK**2 and differs > CLEARLY_APART * heard
            if apart >= ENOUGH_APART or len(held) >= COMPARE_SECONDS:
                break
        same = apart < ENOUGH_APART and energy > 0 and difference < SAME_RATIO * energy
        if same:
            self.warnings.append("same_channels")
        for block in itertools.chain(held, blocks):
            yield block[:1] if same else block
