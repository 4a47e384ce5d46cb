"""Decoding of odd and broken files against what FFmpeg's own program decodes of them."""

from __future__ import annotations

import csv
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from shengce.speech.decode import Decoder, probe
from shengce.speech.errors import AudioError
from shengce.speech.limits import Limits

REFUSED = {
    "header_only.wav": "truncated",
    "truncated_no_moov.m4a": "truncated",
    "wechat_silk_header_only.amr": "unsupported_codec",
    "zero_bytes.wav": "empty",
}


def decoded(path: Path, **limits: int) -> tuple[int, Decoder]:
    with Decoder(path, limits=Limits(**limits)) as decoder:
        return sum(block.shape[1] for block in decoder.blocks()), decoder


def write_wav(path: Path, samples: np.ndarray, *, rate: int = 16_000) -> Path:
    """``samples`` of shape (n,) or (n, channels) in [-1, 1] as 16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def test_every_odd_file_decodes_to_the_expected_length_or_is_refused(audio_made: Path) -> None:
    with (audio_made / "EXPECT.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    wrong = []
    for row in rows:
        expected = int(row["decoded_s16le_16k_bytes_by_ffmpeg"]) // 2
        try:
            got: int | str = decoded(audio_made / row["file"])[0]
        except AudioError as error:
            got = error.code
        right = (
            got == REFUSED[row["file"]]
            if not expected
            else isinstance(got, int) and abs(got - expected) <= 160
        )
        if not right:
            wrong.append((row["file"], expected, got))
    assert len(rows) == 25
    assert wrong == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"just a text that was renamed\n" * 50, "not_audio"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "not_audio"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "not_audio"),
        (b"RIFF\xff\xff\xff\xffWAVE", "truncated"),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + b"\0" * 100, "truncated"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not_audio"),
    ],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "sound.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError) as caught:
        decoded(path)
    assert caught.value.code == code
    assert str(tmp_path) not in caught.value.message


def test_missing_file_and_directory(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.mp3", "missing"), (tmp_path, "unreadable")):
        with pytest.raises(AudioError) as caught:
            decoded(path)
        assert caught.value.code == code


def test_too_short_too_long_too_large(tmp_path: Path) -> None:
    short = write_wav(tmp_path / "short.wav", np.zeros(1600))
    long = write_wav(tmp_path / "long.wav", np.zeros(16_000 * 3))
    cases = (
        (short, {}, "too_short"),
        (long, {"duration_ms": 2000}, "too_long"),
        (long, {"file_bytes": 1000}, "too_large"),
    )
    for path, limits, code in cases:
        with pytest.raises(AudioError) as caught:
            decoded(path, **limits)
        assert caught.value.code == code, path


def test_a_length_that_the_header_lies_about_is_not_believed(audio_made: Path, tmp_path: Path) -> None:
    data = bytearray((audio_made / "silence_5s.wav").read_bytes())
    size_at = data.index(b"data") + 4
    data[4:8] = data[size_at : size_at + 4] = (0x7FFFFFF0).to_bytes(4, "little")
    path = tmp_path / "liar.wav"
    path.write_bytes(data)
    samples, decoder = decoded(path, duration_ms=60_000)
    assert abs(samples - 80_000) < 100
    assert decoder.warnings == []


def test_cut_off_file_is_decoded_as_far_as_it_goes_with_a_warning(audio_made: Path, tmp_path: Path) -> None:
    whole = (audio_made / "noise_5s.wav").read_bytes()
    path = tmp_path / "cut.wav"
    path.write_bytes(whole[: len(whole) // 2])
    samples, decoder = decoded(path)
    assert abs(samples - 40_000) < 100
    assert decoder.warnings == ["cut_off"]


def test_damage_in_the_middle_loses_only_the_middle(audio_made: Path, tmp_path: Path) -> None:
    data = bytearray((audio_made / "录音 2026-08-14 王总(第2次)#1.mp3").read_bytes())
    data[20_000:24_000] = bytes(4000)
    path = tmp_path / "damaged.mp3"
    path.write_bytes(data)
    samples, _ = decoded(path)
    assert 0.8 * 111_896 < samples < 1.05 * 111_896


@pytest.mark.parametrize(
    "name", ["a#b.wav", "a b.wav", "电话😀.wav", "a%03d.wav", "concat:x.wav", "-i.wav", "http:x.wav"]
)
def test_names_are_only_names(tmp_path: Path, name: str) -> None:
    path = write_wav(tmp_path / name, np.zeros(16_000))
    assert decoded(path)[0] == 16_000


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_a_tone_keeps_pitch_level_and_channel_at_every_rate(tmp_path: Path, rate: int) -> None:
    time = np.arange(rate * 2) / rate
    tone = np.sin(2 * np.pi * 440 * time) * 0.5
    path = write_wav(tmp_path / "tone.wav", np.stack([tone, np.zeros_like(tone)], axis=1), rate=rate)
    with Decoder(path) as decoder:
        sound = np.concatenate(list(decoder.blocks()), axis=1)
    assert sound.dtype == np.float32 and sound.shape[0] == 2
    assert abs(sound.shape[1] - 32_000) <= 64
    spectrum = np.abs(np.fft.rfft(sound[0][8_000:24_000]))
    assert int(spectrum.argmax()) == 440
    assert abs(float(sound[0].max()) - 0.5) < 0.02
    assert float(np.abs(sound[1]).max()) < 1e-3


def test_blocks_are_one_second_whatever_the_codec(audio_made: Path) -> None:
    with Decoder(audio_made / "voice.opus") as decoder:
        lengths = [block.shape[1] for block in decoder.blocks()]
    assert set(lengths[:-1]) == {16_000} and 0 < lengths[-1] <= 16_000
    assert decoder.decoded_ms == sum(lengths) * 1000 // 16_000


def test_probe_states_what_the_container_says(audio_made: Path) -> None:
    info = probe(audio_made / "call_stereo_agentL_customerR_8k.wav")
    assert (info.channels, info.sample_rate, info.duration_ms, info.codec) == (2, 8000, 13_000, "pcm_s16le")


def test_video_gives_its_sound(speech_zh: Path) -> None:
    samples, decoder = decoded(speech_zh / "sample_video_story.mp4")
    assert abs(samples / 16_000 - 122.4) < 0.2
    assert decoder.info.codec == "aac"


@pytest.mark.parametrize(("channels", "speaks_in"), [(3, 2), (8, 3), (8, 7)])
def test_a_voice_in_any_of_many_channels_is_kept(tmp_path: Path, channels: int, speaks_in: int) -> None:
    """The third of three and the fourth of eight are the bass of a cinema: FFmpeg's own mix leaves them out."""
    sound = np.zeros((32_000, channels))
    sound[:, speaks_in] = np.sin(2 * np.pi * 440 * np.arange(32_000) / 16_000) * 0.5
    with Decoder(write_wav(tmp_path / "many.wav", sound)) as decoder:
        mixed = np.concatenate(list(decoder.blocks()), axis=1)
    assert mixed.shape[0] == 1 and decoder.warnings == ["mixed_down"]
    assert abs(float(mixed.max()) - 0.5 / channels**0.5) < 0.01


@pytest.mark.parametrize("rate", [0, 1, 1_999, 4_000_000_000])
def test_a_rate_that_no_recorder_has_is_damage_not_a_day_of_sound(tmp_path: Path, rate: int) -> None:
    path = write_wav(tmp_path / "rate.wav", np.zeros(75_000))
    data = bytearray(path.read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(AudioError) as caught:
        decoded(path)
    assert caught.value.code == "truncated"


def test_a_float_file_with_rubbish_in_it_gives_samples_within_bounds(tmp_path: Path) -> None:
    samples = np.full(32_000, 0.25, np.float32)
    samples[5_000], samples[6_000], samples[7_000], samples[20_000] = np.nan, np.inf, -np.inf, 1e30
    fields = (16, 3, 1, 16_000, 64_000, 4, 32)
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + samples.nbytes, b"WAVE", b"fmt ", *fields)
    path = tmp_path / "float.wav"
    path.write_bytes(header + struct.pack("<4sI", b"data", samples.nbytes) + samples.tobytes())
    with Decoder(path) as decoder:
        sound = np.concatenate(list(decoder.blocks()), axis=1)
    assert sound.shape == (1, 32_000)
    assert np.isfinite(sound).all() and float(np.abs(sound).max()) <= 1.0
    assert float(sound[0, 30_000]) == pytest.approx(0.25)
