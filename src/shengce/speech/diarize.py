"""Two voices in one channel, told apart by their pitch.

Works where the median pitches of two speakers lie well apart (a man and a woman nearly always, two men often not):
where they do not, everything is said to be one speaker, because a wrong speaker is worse than none. The pitch is
measured by autocorrelation, which finds it in telephone sound too, where the fundamental itself is cut off.
Speakers are given to words, not to whole segments: an answer may follow without a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shengce.speech.transcript import Segment

SAMPLE_RATE = 16_000
DECIMATE = 2
FRAME = 640 // DECIMATE
HOP_MS = 20
HOP = SAMPLE_RATE * HOP_MS // 1000 // DECIMATE
FFT = 512
LOWEST_HZ, HIGHEST_HZ = 60, 400
LEAST_PERIODICITY = 0.5
OCTAVE_PREFERENCE = 0.88
"""A shorter period wins when its peak is at least this share of the best: half the pitch fits every voice too."""

LEAST_SEPARATION = 0.45
"""Distance of two voices in octaves (5 semitones). A lively speaker alone covers as much, so that is not enough:"""
LOW_VOICE_HZ, HIGH_VOICE_HZ = 155, 150
"""The lower voice must be a man's and the higher one a woman's pitch,"""
LEAST_CLEARNESS = 5.0
"""the voices must lie apart by so many times their own spread,"""
LEAST_SHARE = 0.08
"""and both must be heard in so much of the talk."""
LEAST_WORD_FRAMES = 3
SWITCH_COST = 6.0
PAUSE_SWITCH_COST = 1.5
PAUSE_MS = 150
CONTEXT_MS = 60


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """Pitch of the voiced 20 ms steps of one stretch: times in ms from the start of the recording, log2 of Hz."""

    at_ms: NDArray[np.int64]
    octaves: NDArray[np.float64]


def track_pitch(samples: NDArray[np.float32], *, start_ms: int) -> PitchTrack:
    """The pitch of one utterance of mono samples at 16 kHz that begins at ``start_ms``."""
    count = len(samples) // DECIMATE
    # numpy's mean over so short an axis takes ten times as long.
    halved = sum(samples[first : count * DECIMATE : DECIMATE] for first in range(DECIMATE)) / np.float32(
        DECIMATE
    )
    if count < FRAME:
        return PitchTrack(np.zeros(0, np.int64), np.zeros(0))
    frames = np.lib.stride_tricks.sliding_window_view(halved, FRAME)[::HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    energy = np.einsum("fn,fn->f", frames, frames)
    # Quiet frames carry no voice: sparing them spares a part of the transforms.
    loud = np.flatnonzero(energy > 0.02 * np.percentile(energy, 95))
    spectrum = np.fft.rfft(frames[loud], FFT, axis=1)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, FFT, axis=1)
    shortest, longest = (SAMPLE_RATE // DECIMATE // hz for hz in (HIGHEST_HZ, LOWEST_HZ))
    lags = np.arange(longest + 2)
    # The overlap shrinks with the lag; without this every voice would seem higher than it is.
    fair = correlation[:, : longest + 2] * (FRAME / (FRAME - lags)).astype(np.float32)
    fair = fair / np.maximum(fair[:, :1], 1e-12)
    inner = fair[:, shortest : longest + 1]
    peaks = (inner >= fair[:, shortest - 1 : longest]) & (inner >= fair[:, shortest + 1 : longest + 2])
    heights = np.where(peaks, inner, 0.0)
    best = heights.max(axis=1)
    first = np.argmax(heights >= OCTAVE_PREFERENCE * best[:, None], axis=1)
    voiced = best > LEAST_PERIODICITY
    period = (first[voiced] + shortest) / (SAMPLE_RATE / DECIMATE)
    at = start_ms + loud[voiced] * HOP_MS + HOP_MS
    return PitchTrack(at.astype(np.int64), np.log2(1.0 / period))


def separate_voices(segments: Sequence[Segment], tracks: Sequence[PitchTrack]) -> list[Segment]:
    """Segments with speakers "s0" and "s1" in order of appearance, cut where the speaker changes.

    ``tracks`` are the pitches of the whole recording. Everything is "s0" where no two voices stand apart.
    """
    alone = [replace(segment, speaker="s0") for segment in segments]
    at_ms = np.concatenate([t.at_ms for t in tracks]) if tracks else np.zeros(0, np.int64)
    octaves = np.concatenate([t.octaves for t in tracks]) if tracks else np.zeros(0)
    order = np.argsort(at_ms, kind="stable")
    at_ms, octaves = at_ms[order], octaves[order]
    voices = find_voices(segments, at_ms, octaves)
    if voices is None:
        return alone
    pieces: list[Segment] = []
    for segment in segments:
        pieces.extend(_cut(segment, at_ms, octaves, voices))
    names: dict[str, str] = {}
    for piece in pieces:
        names.setdefault(piece.speaker, f"s{len(names)}")
    return [replace(piece, speaker=names[piece.speaker]) for piece in pieces]


def find_voices(
    segments: Sequence[Segment], at_ms: NDArray[np.int64], octaves: NDArray[np.float64]
) -> tuple[float, float] | None:
    """Pitch (log2 Hz) of the lower and the higher voice, or None where there is one voice only.

    Two means over the median pitches of one-second stretches, accepted under the conditions above.
    """
    medians = []
    for segment in segments:
        for start in range(segment.start_ms, max(segment.end_ms - 500, segment.start_ms + 1), 1000):
            within = _between(at_ms, octaves, start, min(start + 1000, segment.end_ms))
            if len(within) >= 8:
                medians.append(float(np.median(within)))
    if len(medians) < 2:
        return None
    values = np.array(medians)
    low, high = float(values.min()), float(values.max())
    for _ in range(20):
        upper = values > (low + high) / 2
        if upper.all() or not upper.any():
            return None
        low, high = float(np.median(values[~upper])), float(np.median(values[upper]))
    share = upper.mean()
    spread = float(np.mean(np.abs(values - np.where(upper, high, low))))
    apart = high - low >= max(LEAST_SEPARATION, LEAST_CLEARNESS * spread)
    man_and_woman = 2**low <= LOW_VOICE_HZ and 2**high >= HIGH_VOICE_HZ
    both = min(share, 1 - share) >= LEAST_SHARE
    return (low, high) if apart and man_and_woman and both else None


def _between(
    at_ms: NDArray[np.int64], octaves: NDArray[np.float64], start_ms: int, end_ms: int
) -> NDArray[np.float64]:
    first, last = np.searchsorted(at_ms, (start_ms, end_ms))
    return octaves[first:last]


def _cut(
    segment: Segment,
    at_ms: NDArray[np.int64],
    octaves: NDArray[np.float64],
    voices: tuple[float, float],
) -> list[Segment]:
    if not segment.words:
        within = _between(at_ms, octaves, segment.start_ms, segment.end_ms)
        voice = int(len(within) > 0 and np.median(within) > sum(voices) / 2)
        return [replace(segment, speaker=str(voice))]
    labels = _label_words(segment, at_ms, octaves, voices)
    pieces: list[Segment] = []
    first = 0
    # Character positions of the words, so that a cut keeps spaces and marks with the words before them.
    starts = _word_starts(segment)
    for index in range(1, len(labels) + 1):
        if index < len(labels) and labels[index] == labels[first]:
            continue
        last_piece = index == len(labels)
        words = segment.words[first:index]
        pieces.append(
            Segment(
                speaker=str(labels[first]),
                role=segment.role,
                start_ms=segment.start_ms if first == 0 else words[0].start_ms,
                end_ms=segment.end_ms if last_piece else words[-1].end_ms,
                text=segment.text[
                    starts[first] if first else 0 : None if last_piece else starts[index]
                ].strip(),
                words=words,
            )
        )
        first = index
    return pieces


def _label_words(
    segment: Segment,
    at_ms: NDArray[np.int64],
    octaves: NDArray[np.float64],
    voices: tuple[float, float],
) -> list[int]:
    """The likelier voice of every word, with a price for every change that is smaller after a pause (Viterbi)."""
    words = segment.words
    middle, half = sum(voices) / 2, (voices[1] - voices[0]) / 2
    cost = np.zeros((len(words), 2))
    for i, word in enumerate(words):
        end = min(word.end_ms, word.start_ms + 400)
        within = _between(at_ms, octaves, word.start_ms - CONTEXT_MS, end + CONTEXT_MS)
        if len(within) >= LEAST_WORD_FRAMES:
            lean = float(np.clip((np.median(within) - middle) / half, -1, 1)) * min(len(within), 12) / 4
            cost[i] = (lean, -lean)
    total = cost[0].copy()
    came: list[tuple[int, int]] = []
    for i in range(1, len(words)):
        pause = _voiceless_ms(at_ms, words[i - 1].start_ms, words[i].start_ms) >= PAUSE_MS
        price = PAUSE_SWITCH_COST if pause else SWITCH_COST
        stay_or_go = [
            (total[k], k) if total[k] <= total[1 - k] + price else (total[1 - k] + price, 1 - k)
            for k in (0, 1)
        ]
        came.append((stay_or_go[0][1], stay_or_go[1][1]))
        total = np.array([stay_or_go[0][0], stay_or_go[1][0]]) + cost[i]
    label = int(total.argmin())
    labels = [label]
    for back in reversed(came):
        label = back[label]
        labels.append(label)
    return labels[::-1]


def _voiceless_ms(at_ms: NDArray[np.int64], start_ms: int, end_ms: int) -> int:
    """The longest stretch without voice between the beginnings of two words."""
    first, last = np.searchsorted(at_ms, (start_ms, end_ms))
    marks = np.concatenate([[start_ms], at_ms[first:last], [end_ms]])
    return int(np.diff(marks).max())


def _word_starts(segment: Segment) -> list[int]:
    starts, position = [], 0
    for word in segment.words:
        found = segment.text.find(word.text, position)
        position = found if found >= 0 else position
        starts.append(position)
        position += len(word.text)
    return starts
