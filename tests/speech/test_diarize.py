"""Two voices in one channel: told apart where their pitch is, and never invented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shengce.speech.diarize import PitchTrack, separate_voices, track_pitch
from shengce.speech.recognise import Recogniser
from shengce.speech.transcript import Segment, Word

RATE = 16_000


def voice(hz: float, seconds: float, *, fundamental: bool = True, seed: int = 0) -> np.ndarray:
    """A buzz with harmonics and a little noise; without its fundamental as on the telephone."""
    time = np.arange(int(seconds * RATE)) / RATE
    wander = 1 + 0.03 * np.sin(2 * np.pi * 3 * time)
    phase = 2 * np.pi * np.cumsum(hz * wander) / RATE
    first = 1 if fundamental else int(300 // hz) + 1
    sound = sum(np.sin(k * phase) / k for k in range(first, int(3400 // hz)))
    noise = np.random.default_rng(seed).standard_normal(len(time)) * 0.02
    return (0.2 * sound / np.abs(sound).max() + noise * 0.2).astype(np.float32)


@pytest.mark.parametrize("fundamental", [True, False])
@pytest.mark.parametrize("hz", [80, 110, 140, 180, 220, 280])
def test_pitch_is_right_with_and_without_the_fundamental(hz: float, fundamental: bool) -> None:
    track = track_pitch(voice(hz, 1.0, fundamental=fundamental), start_ms=500)
    assert len(track.octaves) > 30
    assert abs(float(np.median(track.octaves)) - np.log2(hz)) < 0.06
    assert track.at_ms[0] >= 500 and track.at_ms[-1] <= 1500


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(1).standard_normal(RATE).astype(np.float32) * 0.1
    assert len(track_pitch(noise, start_ms=0).octaves) < 3


def talk(pitches: list[float], *, seconds: float = 1.5) -> tuple[list[Segment], list[PitchTrack]]:
    """One segment for each pitch, five words each, a second of pause between them."""
    segments, tracks, at = [], [], 0
    for number, hz in enumerate(pitches):
        end = at + int(seconds * 1000)
        step = (end - at) // 5
        words = tuple(Word("字", at + i * step, at + (i + 1) * step) for i in range(5))
        segments.append(Segment("s0", "unknown", at, end, "字字字字字", words))
        tracks.append(track_pitch(voice(hz, seconds, seed=number), start_ms=at))
        at = end + 1000
    return segments, tracks


def test_a_man_and_a_woman_are_two_speakers_in_order_of_appearance() -> None:
    pitches = [200.0, 105, 210, 100, 110, 205]
    segments, tracks = talk(pitches)
    speakers = [s.speaker for s in separate_voices(segments, tracks)]
    assert speakers == ["s0", "s1", "s0", "s1", "s1", "s0"]


@pytest.mark.parametrize(
    "pitches", [[100.0, 115, 108, 95], [200.0, 230, 215, 260], [190.0, 280, 190, 280], [120.0]]
)
def test_one_speaker_stays_one(pitches: list[float]) -> None:
    segments, tracks = talk(pitches)
    assert {s.speaker for s in separate_voices(segments, tracks)} == {"s0"}


def test_an_answer_without_a_pause_is_cut_off_at_the_word() -> None:
    segments, tracks = talk([105.0, 205, 104, 200])
    words = tuple(Word(c, 20_000 + i * 300, 20_300 + i * 300) for i, c in enumerate("你要几台我要二十台啊"))
    both = np.concatenate([voice(105, 1.2), voice(205, 1.8)])
    segments.append(Segment("s0", "unknown", 20_000, 23_000, "你要几台，我要二十台啊", words))
    tracks.append(track_pitch(both, start_ms=20_000))
    last = separate_voices(segments, tracks)[4:]
    assert [(s.speaker, s.text) for s in last] == [("s0", "你要几台，"), ("s1", "我要二十台啊")]
    assert last[0].end_ms == last[1].start_ms == 21_200


def test_nothing_to_separate() -> None:
    assert separate_voices([], []) == []


@pytest.mark.speech
def test_real_single_speakers_are_one_speaker(speech_zh: Path, recogniser: Recogniser) -> None:
    counts = {}
    for path in sorted(speech_zh.glob("*.*")):
        if path.suffix in (".wav", ".mp3", ".mp4"):
            segments = recogniser.recognise(path).transcript.segments
            counts[path.name] = len({s.speaker for s in segments})
    print(f"\nspeakers found: {counts}")
    assert set(counts.values()) == {1}
