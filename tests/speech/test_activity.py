"""Where speech is found: against places that are known because the recording was put together here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shengce.speech.activity import (
    Activity,
    ActivitySettings,
    Utterance,
    load_silero,
    percentiles,
    remove_leak,
)
from shengce.speech.decode import Decoder

pytestmark = pytest.mark.speech

RATE = 16_000


def listen(
    sound: np.ndarray, *, piece: int = RATE, settings: ActivitySettings | None = None
) -> list[Utterance]:
    activity = Activity(sound.shape[0], settings or ActivitySettings())
    found = []
    for start in range(0, sound.shape[1], piece):
        found += activity.add(sound[:, start : start + piece].astype(np.float32))
    return found + list(activity.finish())


@pytest.fixture(scope="module")
def voices(samples: Path) -> list[np.ndarray]:
    found = []
    for name in ("1_f4_tel.wav", "3_f5_clean.wav"):
        with Decoder(samples / name) as decoder:
            found.append(np.concatenate(list(decoder.blocks()), axis=1)[0])
    return found


def call(
    voices: list[np.ndarray], *, turns: int = 8, pause_s: float = 0.8, noise: float = 0.0005
) -> tuple[np.ndarray, list[tuple[int, float, float]]]:
    """A two-channel call with speakers in turn, and the truth: channel, start and end in seconds."""
    length = sum(len(voices[i % 2]) + int(pause_s * RATE) for i in range(turns)) + RATE
    sound = np.random.default_rng(3).standard_normal((2, length)).astype(np.float32) * noise
    truth, at = [], RATE // 2
    for turn in range(turns):
        voice = voices[turn % 2]
        sound[turn % 2, at : at + len(voice)] += voice
        truth.append((turn % 2, at / RATE, (at + len(voice)) / RATE))
        at += len(voice) + int(pause_s * RATE)
    return sound, truth


@pytest.mark.parametrize("noise", [0.0, 0.0005, 0.005])
def test_every_turn_is_found_in_its_channel(voices: list[np.ndarray], noise: float) -> None:
    sound, truth = call(voices, noise=noise)
    found = sorted(listen(sound), key=lambda u: u.start)
    assert [u.channel for u in found] == [channel for channel, _, _ in truth]
    for utterance, (_, start, end) in zip(found, truth, strict=True):
        assert start - 0.5 < utterance.start_ms / 1000 < start + 0.3
        assert end - 0.4 < utterance.end_ms / 1000 < end + 0.5


@pytest.mark.parametrize("share", [0.1, 0.143, 0.3])
def test_the_other_sides_leak_is_not_speech(voices: list[np.ndarray], share: float) -> None:
    """Opus writes a call's two sides with a balance that ends at 17 dB (0.143)."""
    sound, truth = call(voices)
    mixed = np.stack([sound[0] + share * sound[1], sound[1] + share * sound[0]])
    found = sorted(listen(mixed), key=lambda u: u.start)
    assert [u.channel for u in found] == [channel for channel, _, _ in truth]


def test_both_speaking_at_once_are_both_heard(voices: list[np.ndarray]) -> None:
    length = max(map(len, voices)) + RATE
    sound = np.zeros((2, length), np.float32)
    for channel, voice in enumerate(voices):
        sound[channel, 4000 : 4000 + len(voice)] = voice
    assert {u.channel for u in listen(sound)} == {0, 1}


def test_leak_removal_leaves_what_has_nothing_in_common() -> None:
    random = np.random.default_rng(1)
    windows = (
        random.standard_normal((2, 50, 512)).astype(np.float32)
        * np.array([1.0, 0.1], np.float32)[:, None, None]
    )
    cleaned = remove_leak(windows, 6.0)
    assert np.array_equal(cleaned[0], windows[0])
    kept = np.square(cleaned[1]).sum() / np.square(windows[1]).sum()
    assert 0.98 < kept <= 1.0


@pytest.mark.parametrize("level", [0.0, 0.001, 0.05, 0.3])
def test_noise_and_silence_are_no_speech(level: float) -> None:
    noise = np.random.default_rng(2).standard_normal((1, 30 * RATE)) * level
    assert listen(np.clip(noise, -1, 1)) == []


def test_a_tone_is_no_speech() -> None:
    time = np.arange(RATE * 20) / RATE
    ringing = np.sin(2 * np.pi * 450 * time) * 0.3 * (time % 5 < 1)
    assert listen(ringing[None]) == []


@pytest.mark.parametrize("piece", [160, 511, 16_000, 100_000])
def test_the_size_of_the_blocks_makes_no_difference(voices: list[np.ndarray], piece: int) -> None:
    sound, _ = call(voices, turns=4)
    reference = [(u.channel, u.start, len(u.samples)) for u in listen(sound)]
    assert [(u.channel, u.start, len(u.samples)) for u in listen(sound, piece=piece)] == reference


def test_utterances_hold_the_samples_of_their_place_and_do_not_overlap(voices: list[np.ndarray]) -> None:
    sound, _ = call(voices[:1] * 2, turns=6, pause_s=0.5)
    mono = sound.sum(axis=0, keepdims=True)
    end = 0
    for utterance in listen(mono):
        assert utterance.start >= end
        end = utterance.start + len(utterance.samples)
        expected = mono[0, utterance.start : end]
        assert np.allclose(utterance.samples[: len(expected)], expected, atol=1e-6)


def test_endless_speech_is_cut_at_fifteen_seconds(voices: list[np.ndarray]) -> None:
    sound = np.tile(np.concatenate(voices), 12)[None]
    settings = ActivitySettings(gap_windows=60)
    found = listen(sound, settings=settings)
    lengths = [len(u.samples) / RATE for u in found]
    assert len(found) >= 3 and max(lengths) <= 15.1
    assert sum(lengths) > 0.95 * sound.shape[1] / RATE


def test_believing_costs_little_against_asking_always(speech_zh: Path) -> None:
    """Real speech with music and pauses: the windows called speech agree with silero asked about each of them."""
    with Decoder(speech_zh / "sample_video_story.mp4") as decoder:
        sound = np.concatenate([block[:1] for block in decoder.blocks()], axis=1)
    marked = np.zeros(sound.shape[1] // 512 + 1, bool)
    for utterance in listen(sound):
        marked[utterance.start // 512 : (utterance.start + len(utterance.samples)) // 512] = True
    model = load_silero(9)
    size = model.window_size()
    asked = np.zeros_like(marked)
    for index in range((sound.shape[1] - size) // 512):
        asked[index] = model.is_speech(sound[0, index * 512 : index * 512 + size])
    recall = (marked & asked).sum() / asked.sum()
    precision = (marked & asked).sum() / marked.sum()
    print(f"\nspeech windows against silero on every window: recall {recall:.3f}, precision {precision:.3f}")
    assert recall > 0.95
    assert precision > 0.8


@pytest.mark.parametrize("count", [1, 2, 20, 625])
def test_the_quick_percentiles_are_numpys(count: int) -> None:
    values = np.random.default_rng(count).standard_normal(count)
    assert np.allclose(percentiles(values, 10, 95), np.percentile(values, (10, 95)))


def test_silero_is_asked_about_few_windows_of_a_clear_call(
    voices: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network costs more than everything else here together: how often it is asked is held, not a time."""
    asked = 0
    real = load_silero

    class Counting:
        def __init__(self, channel: int) -> None:
            self.model = real(channel)
            self.reset, self.window_size = self.model.reset, self.model.window_size

        def is_speech(self, samples: object) -> bool:
            nonlocal asked
            asked += 1
            return bool(self.model.is_speech(samples))

    monkeypatch.setattr("shengce.speech.activity.load_silero", Counting)
    sound, truth = call(voices, turns=20)
    listen(sound)
    share = asked / (2 * sound.shape[1] / 512)
    print(f"\nsilero is asked about {share:.3f} of all windows")
    assert 0 < share < 0.12 and asked >= len(truth)
