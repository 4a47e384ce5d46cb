"""From real recordings to transcripts: text, times, roles, peaks, reasons."""

from __future__ import annotations

import json
import re
import shutil
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

from shengce.speech.decode import Decoder
from shengce.speech.errors import MESSAGES, AudioError
from shengce.speech.recognise import Recogniser, Recognition
from shengce.speech.transcript import Transcript

from .test_decode import write_wav

pytestmark = pytest.mark.speech

SAMPLE_TEXTS = {
    "1_f4_tel.wav": "价格有点贵我考虑一下",
    "3_f5_clean.wav": "麻烦把报价单发给我",
}


def errors(heard: str, truth: str) -> int:
    row = list(range(len(truth) + 1))
    for i, a in enumerate(heard, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(truth, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def bare(text: str) -> str:
    return re.sub(r"\W", "", text).upper()


@pytest.mark.parametrize("name", sorted(SAMPLE_TEXTS))
def test_samples_are_understood(name: str, samples: Path, recogniser: Recogniser) -> None:
    recognition = recogniser.recognise(samples / name)
    assert errors(recognition.transcript.text, SAMPLE_TEXTS[name]) <= 2
    assert recognition.transcript.channels == 1


def test_odd_files_are_recognised_or_refused_with_a_code(audio_made: Path, recogniser: Recogniser) -> None:
    refused = {
        "EXPECT.tsv": "not_audio",
        "SOURCE.txt": "not_audio",
        "header_only.wav": "truncated",
        "noise_5s.wav": "no_speech",
        "noise_amrnb.3gp": "no_speech",
        "noise_amrnb.amr": "no_speech",
        "silence_5s.wav": "silent",
        "truncated_amrnb.amr": "no_speech",
        "truncated_no_moov.m4a": "truncated",
        "wechat_silk_header_only.amr": "unsupported_codec",
        "zero_bytes.wav": "empty",
    }
    outcome = {}
    for path in sorted(audio_made.iterdir()):
        try:
            recogniser.recognise(path)
        except AudioError as error:
            outcome[path.name] = error.code
            assert error.code in MESSAGES and "{" not in error.message
    assert outcome == refused


def test_two_channels_keep_their_roles(audio_made: Path, recogniser: Recogniser) -> None:
    path = audio_made / "call_stereo_agentL_customerR_8k.wav"
    for roles in (("rep", "customer"), ("customer", "rep")):
        transcript = recogniser.recognise(path, roles=roles).transcript
        assert [(s.speaker, s.role) for s in transcript.segments] == [("ch0", roles[0]), ("ch1", roles[1])]


@pytest.mark.parametrize(
    "name", ["客户#1 王总.wav", "a b.wav", "😀电话.wav", "..wav", "-x.wav", "a'\"$(x).wav"]
)
def test_any_name_works(name: str, samples: Path, tmp_path: Path, recogniser: Recogniser) -> None:
    shutil.copyfile(samples / "3_f5_clean.wav", tmp_path / name)
    assert recogniser.recognise(tmp_path / name).transcript.text


def test_same_sound_in_both_channels_is_one_channel(
    samples: Path, tmp_path: Path, recogniser: Recogniser
) -> None:
    with Decoder(samples / "1_f4_tel.wav") as decoder:
        voice = np.concatenate(list(decoder.blocks()), axis=1)[0]
    path = write_wav(tmp_path / "both.wav", np.stack([voice, voice], axis=1))
    recognition = recogniser.recognise(path)
    assert recognition.warnings == ("same_channels",)
    assert {s.speaker for s in recognition.transcript.segments} == {"s0"}
    assert recognition.channels == 1 and struct.unpack("<H", recognition.peaks[2:4]) == (1,)


def test_a_click_in_one_channel_does_not_part_two_that_are_the_same(
    samples: Path, tmp_path: Path, recogniser: Recogniser
) -> None:
    with Decoder(samples / "1_f4_tel.wav") as decoder:
        voice = np.concatenate(list(decoder.blocks()), axis=1)[0]
    both = np.stack([np.tile(voice, 8)] * 2, axis=1)
    both[2_000:2_010, 0] += 0.5
    recognition = recogniser.recognise(write_wav(tmp_path / "click.wav", both))
    assert recognition.warnings == ("same_channels",) and recognition.channels == 1


def test_channels_that_part_late_are_two(samples: Path, tmp_path: Path, recogniser: Recogniser) -> None:
    """Eight seconds of the same ringing on both sides, then one voice on each."""
    with Decoder(samples / "1_f4_tel.wav") as decoder:
        voice = np.concatenate(list(decoder.blocks()), axis=1)[0]
    ringing = np.sin(2 * np.pi * 450 * np.arange(8 * 16_000) / 16_000) * 0.1
    talk = [
        np.concatenate([ringing, np.tile(turn, 4)]) for turn in ([*voice, *voice * 0], [*voice * 0, *voice])
    ]
    recognition = recogniser.recognise(write_wav(tmp_path / "late.wav", np.stack(talk, axis=1)))
    assert recognition.warnings == ()
    assert {s.speaker for s in recognition.transcript.segments} == {"ch0", "ch1"}


def test_one_silent_channel_stays_a_channel(samples: Path, tmp_path: Path, recogniser: Recogniser) -> None:
    with Decoder(samples / "1_f4_tel.wav") as decoder:
        voice = np.concatenate(list(decoder.blocks()), axis=1)[0]
    path = write_wav(tmp_path / "one.wav", np.stack([np.zeros_like(voice), voice], axis=1))
    transcript = recogniser.recognise(path).transcript
    assert transcript.channels == 2
    assert {(s.speaker, s.role) for s in transcript.segments} == {("ch1", "customer")}


def test_peaks_show_the_loudness_of_every_tenth_of_a_second(
    tmp_path: Path, samples: Path, recogniser: Recogniser
) -> None:
    with Decoder(samples / "3_f5_clean.wav") as decoder:
        voice = np.concatenate(list(decoder.blocks()), axis=1)[0]
    left = np.zeros(16_000 * 5)
    left[16_000 : 16_000 + len(voice)] = voice
    right = np.zeros_like(left)
    right[16_000 * 4 : 16_000 * 4 + 800] = 0.5
    recognition = recogniser.recognise(write_wav(tmp_path / "peaks.wav", np.stack([left, right], axis=1)))
    rate, channels, count = struct.unpack("<HHI", recognition.peaks[:8])
    peaks = np.frombuffer(recognition.peaks[8:], np.uint8).reshape(count, channels)
    assert (rate, channels, count) == (10, 2, 50)
    assert peaks[:10].max() == 0
    expected = np.abs(left[16_000:17_600]).max() * 255
    assert abs(int(peaks[10, 0]) - expected) <= 2
    assert abs(int(peaks[40, 1]) - 127) <= 2 and peaks[41:, 1].max() == 0


def test_progress_grows_to_the_end_and_the_hash_is_the_files(samples: Path, recogniser: Recogniser) -> None:
    import hashlib

    heard: list[tuple[str, float]] = []
    path = samples / "0_m3_clean.wav"
    recognition = recogniser.recognise(path, progress=lambda stage, done: heard.append((stage, done)))
    shares = [done for stage, done in heard if stage == "recognise"]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert recognition.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert set(recognition.timings_ms) == {"decode", "activity", "recognise"}


def test_the_same_recording_gives_the_same_transcript(samples: Path, recogniser: Recogniser) -> None:
    results = [recogniser.recognise(samples / "0_m3_clean.wav").transcript for _ in range(2)]
    assert results[0] == results[1]
    assert Transcript.from_json(json.loads(json.dumps(results[0].to_json()))) == results[0]


@pytest.fixture(scope="module")
def heard(
    recordings: Path, recogniser: Recogniser
) -> list[tuple[dict[str, object], Recognition, list[tuple[str, str]]]]:
    """Every whole demonstration recording: its entry, what was heard, and its turns (role, text)."""
    found = []
    manifest = json.loads((recordings / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest["recordings"]:
        if entry["flaw"]:
            continue
        talk = yaml.safe_load((recordings.parent / "talks" / entry["talk"]).read_text(encoding="utf-8"))
        lines = [line.strip() for line in talk["turns"].splitlines() if line.strip()]
        turns = [re.split("[：:]", line, maxsplit=1) for line in lines]
        roles = [("rep" if who.endswith("销售") else "customer", bare(text)) for who, text in turns]
        found.append((entry, recogniser.recognise(recordings / entry["file"]), roles))
    return found


def test_demonstration_recordings_character_errors(heard: list) -> None:
    """Printed, with a wide bound: the model may be replaced, and its own tests hold the tight one."""
    wrong = by_speaker = length = 0
    for _, recognition, turns in heard:
        segments = recognition.transcript.segments
        truth = "".join(text for _, text in turns)
        wrong += errors(bare("".join(s.text for s in segments)), truth)
        length += len(truth)
        first = segments[0].speaker
        for mine, role in ((True, turns[0][0]), (False, "")):
            said = bare("".join(s.text for s in segments if (s.speaker == first) == mine))
            by_speaker += errors(
                said, "".join(t for r, t in turns if (r == role if mine else r != turns[0][0]))
            )
    print(
        f"\ncharacter error rate {wrong / length:.4f}, with speakers told apart {by_speaker / length:.4f}, n={length}"
    )
    assert wrong / length < 0.35
    # Telling the speakers apart costs nothing on top of what the model mishears.
    assert by_speaker <= wrong + 0.02 * length


def test_demonstration_recordings_have_a_segment_for_a_turn(heard: list) -> None:
    turns = sum(len(turns) for _, _, turns in heard)
    segments = sum(len(r.transcript.segments) for _, r, _ in heard)
    print(f"\n{segments} segments for {turns} turns")
    assert 0.9 * turns <= segments <= 1.2 * turns


def test_demonstration_recordings_speakers_and_times(heard: list) -> None:
    for entry, recognition, _ in heard:
        transcript = recognition.transcript
        labels = {s.speaker for s in transcript.segments}
        assert labels == ({"ch0", "ch1"} if entry["channels"] == 2 else {"s0", "s1"}), entry["file"]
        assert abs(transcript.duration_ms - entry["duration_ms"]) < 150
        for segment in transcript.segments:
            assert 0 <= segment.start_ms < segment.end_ms <= transcript.duration_ms
            edges = [edge for w in segment.words for edge in (w.start_ms, w.end_ms)]
            assert edges == sorted(edges)
            assert not edges or (segment.start_ms <= edges[0] and edges[-1] <= segment.end_ms)
        starts = [s.start_ms for s in transcript.segments]
        assert starts == sorted(starts)
        for label in labels:
            own = [s for s in transcript.segments if s.speaker == label]
            assert all(a.end_ms <= b.start_ms for a, b in pairwise(own))


def test_broken_and_empty_demonstration_recordings_have_a_reason(
    recordings: Path, recogniser: Recogniser
) -> None:
    manifest = json.loads((recordings / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest["recordings"]:
        if not entry["flaw"]:
            continue
        with pytest.raises(AudioError) as caught:
            recogniser.recognise(recordings / entry["file"])
        assert caught.value.code in {"truncated", "too_short", "silent", "no_speech", "not_audio"}
