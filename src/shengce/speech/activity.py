"""Where somebody speaks: blocks of samples in, utterances out, each channel by itself.

Two judges share the work. The loudness of every 32 ms window against the noise floor of the last seconds is cheap:
what is not louder than the floor is no speech. What is louder is shown to silero, a small network; once it has
agreed for a few windows, it is believed for a while before it is asked again, which costs a fraction of asking
always. Memory is bounded by the longest utterance. Child process only: loads a native library.
"""

from __future__ import annotations

import functools
import importlib.util
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shengce.speech.decode import Block
from shengce.speech.resample import SAMPLE_RATE

WINDOW = 512
"""Samples of one decision, as silero was trained: 32 ms."""

CHUNK_WINDOWS = 125
"""Decisions are made four seconds at a time, so that the noise floor is known from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySettings:
    """Counts are windows of 32 ms, levels decibels; the defaults were chosen on telephone and room recordings."""

    floor_windows: int = 625
    """How far back the noise floor is taken from: 20 s."""
    above_floor_db: float = 6.0
    below_speech_db: float = 18.0
    """Whatever is this close below the loud tenth is shown to silero, however high the floor seems."""
    least_db: float = -65.0
    least_leak_db: float = 6.0
    """A copy of the other channel is looked for where this one is so much quieter."""
    leak_db: float = 20.0
    """A channel that is this much quieter than the other one hears the other one's voice as an echo of the line."""
    warm_windows: int = 2
    first_agree_windows: int = 5
    first_agree_clear_windows: int = 4
    agree_windows: int = 2
    """How often in a row silero must agree before it is believed: at first, and when it is asked again."""
    believe_windows: int = 11
    believe_long_windows: int = 125
    """How long silero is believed where the floor lies ``clear_db`` below the speech: there loudness finds the end."""
    clear_db: float = 25.0
    gap_windows: int = 13
    """A pause of 0.42 s ends an utterance."""
    pad_before: int = 3
    pad_after: int = 6
    reach_back: int = 8
    least_windows: int = 4
    most_windows: int = 468
    """An utterance of 15 s is cut at its quietest place."""
    cut_search_windows: int = 125


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech in one channel; ``start`` counts samples at 16 kHz from the start of the recording."""

    channel: int
    start: int
    samples: NDArray[np.float32]

    @property
    def start_ms(self) -> int:
        return self.start * 1000 // SAMPLE_RATE

    @property
    def end_ms(self) -> int:
        return (self.start + len(self.samples)) * 1000 // SAMPLE_RATE


class Activity:
    """Collects blocks of shape (channels, n) and gives the utterances that ended in them, in order of their end."""

    def __init__(self, channels: int, settings: ActivitySettings = ActivitySettings()) -> None:
        self._settings = settings
        self._channels = [_Channel(number, settings) for number in range(channels)]
        self._chunk = np.zeros((channels, CHUNK_WINDOWS * WINDOW), np.float32)
        self._filled = 0
        self.loudest = 0.0

    def add(self, block: Block) -> Iterator[Utterance]:
        if block.size:
            self.loudest = max(self.loudest, float(block.max()), -float(block.min()))
        taken = 0
        while taken < block.shape[1]:
            count = min(block.shape[1] - taken, self._chunk.shape[1] - self._filled)
            self._chunk[:, self._filled : self._filled + count] = block[:, taken : taken + count]
            taken += count
            self._filled += count
            if self._filled == self._chunk.shape[1]:
                yield from self._judge(self._chunk)
                self._filled = 0

    def finish(self) -> Iterator[Utterance]:
        """The utterances that were still open at the end; the last window is filled up with silence."""
        if self._filled:
            last = self._chunk[:, : -(-self._filled // WINDOW) * WINDOW].copy()
            last[:, self._filled :] = 0.0
            yield from self._judge(last)
        for channel in self._channels:
            yield from channel.finish()

    def _judge(self, chunk: Block) -> Iterator[Utterance]:
        windows = chunk.reshape(len(self._channels), -1, WINDOW)
        if len(self._channels) == 2:
            windows = remove_leak(windows, self._settings.least_leak_db)
        levels = window_levels(windows)
        for number, channel in enumerate(self._channels):
            loud = channel.loud(levels[number])
            if len(self._channels) == 2:
                other = levels[1 - number]
                around = np.maximum(other, np.maximum(np.roll(other, 1), np.roll(other, -1)))
                loud &= levels[number] > around - self._settings.leak_db
            yield from channel.judge(windows[number].reshape(-1), levels[number], loud)


def window_levels(windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Decibels of full scale of windows of shape (channels, count, WINDOW)."""
    energy = np.einsum("cwn,cwn->cw", windows, windows) / windows.shape[2]
    levels: NDArray[np.float64] = 10 * np.log10(energy.astype(np.float64) + 1e-10)
    return levels


def remove_leak(windows: NDArray[np.float32], least_leak_db: float) -> NDArray[np.float32]:
    """The same windows, shape (2, count, WINDOW), each quieter channel without its copy of the louder one.

    Opus and AAC at low rates write the two sides of a call as one sound and a balance that ends at 17 dB: the other
    side is then heard plainly in a channel that should be silent. What the louder channel explains of the quieter
    one (least squares) is taken away; sides that are apart have nothing in common and stay as they are.
    """
    energy = np.einsum("cwn,cwn->cw", windows, windows)
    common = np.einsum("wn,wn->w", windows[0], windows[1])
    ratio = 10 ** (least_leak_db / 10)
    cleaned = windows.copy()
    for quiet, loud in ((0, 1), (1, 0)):
        leaks = np.flatnonzero(energy[loud] > ratio * energy[quiet])
        share = common[leaks] / np.maximum(energy[loud][leaks], 1e-12)
        cleaned[quiet, leaks] -= share[:, None] * windows[loud, leaks]
    return cleaned


def percentiles(values: NDArray[np.float64], *wanted: float) -> list[float]:
    """The same as ``numpy.percentile``, which takes five times as long for so few values."""
    places = [percent / 100 * (len(values) - 1) for percent in wanted]
    below = [int(place) for place in places]
    above = [min(index + 1, len(values) - 1) for index in below]
    parted = np.partition(values, below + above)
    return [
        float(parted[low] + (parted[high] - parted[low]) * (place - low))
        for place, low, high in zip(places, below, above, strict=True)
    ]


class _Channel:
    """The state of one channel between two chunks. Positions are windows from the start of the recording."""

    def __init__(self, number: int, settings: ActivitySettings) -> None:
        self._number = number
        self._settings = settings
        self._model = load_silero(number)
        self._model.reset()
        self._context = self._model.window_size() - WINDOW
        self._history = np.zeros(0)
        self._samples = np.zeros(0, np.float32)
        self._levels = np.zeros(0)
        self._kept_from = 0
        self._position = 0
        self._start: int | None = None
        self._last_speech = 0
        self._speech_count = 0
        self._agreed = 0
        self._belief = 0
        self._quiet_run = 0
        self._loud_run = 0
        self._is_noisy = True
        self._is_trusted = False
        self._floats: array[float] = array("f")
        self._floats_from = 0
        self._asked_until = 0

    def loud(self, levels: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which windows stand out from the noise of the last seconds."""
        settings = self._settings
        self._history = np.concatenate([self._history, levels])[-settings.floor_windows :]
        floor, speech = percentiles(self._history, 10, 95)
        self._is_noisy = bool(speech - floor < settings.clear_db)
        threshold = min(floor + settings.above_floor_db, speech - settings.below_speech_db)
        stands_out: NDArray[np.bool_] = levels > max(threshold, settings.least_db)
        return stands_out

    def judge(
        self, samples: NDArray[np.float32], levels: NDArray[np.float64], loud: NDArray[np.bool_]
    ) -> Iterator[Utterance]:
        self._samples = np.concatenate([self._samples, samples])
        self._levels = np.concatenate([self._levels, levels])
        # silero hears a little of the window before; at the start of the recording that is silence.
        lead = np.zeros(self._context, np.float32)
        first = max(self._kept_from, self._position - self._settings.warm_windows)
        at = (first - self._kept_from) * WINDOW
        if at:
            lead = self._samples[at - self._context : at]
        self._floats = array("f", np.concatenate([lead, self._samples[at:]]).tobytes())
        self._floats_from = first
        for is_loud in loud.tolist():
            utterance = self._step(self._speaks(is_loud))
            if utterance is not None:
                yield utterance
        self._forget()

    def finish(self) -> Iterator[Utterance]:
        if self._start is not None:
            end = min(self._position, self._last_speech + 1 + self._settings.pad_after)
            utterance = self._close(end)
            if utterance is not None:
                yield utterance

    def _speaks(self, is_loud: bool) -> bool:
        settings = self._settings
        if self._belief:
            self._belief -= 1
        if not is_loud:
            self._quiet_run += 1
            self._loud_run = self._agreed = 0
            return False
        if self._quiet_run > settings.gap_windows:
            self._belief = 0
            self._is_trusted = False
            self._model.reset()
        self._quiet_run = 0
        self._loud_run += 1
        if self._belief:
            return True
        if not self._ask():
            self._agreed = 0
            self._is_trusted = False
            return False
        self._agreed += 1
        if self._agreed >= self._agreement():
            self._agreed = 0
            self._is_trusted = True
            self._belief = settings.believe_windows if self._is_noisy else settings.believe_long_windows
        return True

    def _agreement(self) -> int:
        if self._is_trusted:
            return self._settings.agree_windows
        if self._is_noisy:
            return self._settings.first_agree_windows
        return self._settings.first_agree_clear_windows

    def _ask(self) -> bool:
        """What silero says about the window at the present position.

        It remembers what it heard before, so the windows that were not shown to it are shown now, a few at most:
        pieces of noise one after the other, without what lay between them, sound to it like speech.
        """
        now = self._position
        first = max(self._asked_until, now - self._settings.warm_windows, self._floats_from)
        answer = False
        for window in range(first, now + 1):
            at = (window - self._floats_from) * WINDOW
            answer = self._model.is_speech(self._floats[at : at + WINDOW + self._context])
        self._asked_until = now + 1
        return bool(answer)

    def _step(self, speaks: bool) -> Utterance | None:
        settings = self._settings
        now = self._position
        self._position += 1
        if speaks:
            if self._start is None:
                reach = min(self._loud_run - 1, settings.reach_back) + settings.pad_before
                self._start = max(self._kept_from, now - reach)
                self._speech_count = 0
            self._last_speech = now
            self._speech_count += 1
        if self._start is None:
            return None
        if now - self._last_speech >= settings.gap_windows:
            return self._close(self._last_speech + 1 + settings.pad_after)
        if now + 1 - self._start >= settings.most_windows:
            # The quietest place near the end; the rest opens the next utterance at once.
            first = now + 1 - settings.cut_search_windows - self._kept_from
            cut = self._kept_from + first + int(np.argmin(self._levels[first : now + 1 - self._kept_from]))
            utterance = self._close(cut)
            self._start, self._speech_count = cut, max(1, self._last_speech - cut)
            return utterance
        return None

    def _close(self, end: int) -> Utterance | None:
        start, self._start = self._start, None
        if start is None or self._speech_count < self._settings.least_windows:
            return None
        first = (start - self._kept_from) * WINDOW
        last = (end - self._kept_from) * WINDOW
        # Never before the end of the utterance that was given last.
        self._drop_until(start)
        samples = self._samples[: last - first].copy()
        self._drop_until(end)
        return Utterance(self._number, start * WINDOW, samples)

    def _forget(self) -> None:
        settings = self._settings
        oldest = self._position - settings.reach_back - settings.pad_before - 1
        self._drop_until(min(oldest, self._start) if self._start is not None else oldest)

    def _drop_until(self, position: int) -> None:
        count = min(position, self._position) - self._kept_from
        if count > 0:
            self._samples = self._samples[count * WINDOW :]
            self._levels = self._levels[count:]
            self._kept_from += count


def silero_path() -> Path:
    """The network inside the installed ``silero_vad`` package, found without importing it: that needs torch."""
    spec = importlib.util.find_spec("silero_vad")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package silero_vad is not installed")
    return Path(spec.origin).parent / "data" / "silero_vad_16k_op15.onnx"


@functools.cache
def load_silero(channel: int) -> Any:
    """The silero network of one channel, deciding window by window without any smoothing.

    Kept for the next recording, because loading it takes longer than hearing a minute of sound.
    """
    import sherpa_onnx

    silero = sherpa_onnx.SileroVadModelConfig(
        model=str(silero_path()), threshold=0.5, min_silence_duration=0.0, min_speech_duration=0.0
    )
    return sherpa_onnx.VadModel.create(
        sherpa_onnx.VadModelConfig(silero_vad=silero, sample_rate=SAMPLE_RATE, num_threads=1)
    )
