"""How much the whole way from file to transcript costs beyond the recogniser itself.

Reference: bare sherpa-onnx decoding of the same utterances with the same model and one thread. Measured: decoding
the file, finding speech, recognising, splitting voices, peaks, hashes and the pipe to the warm child together.
The two alternate in one run and the smallest time of each counts, because other work only ever adds to it.
Recognition runs beside decoding and speech detection on a second core; on one core the ratio is larger.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shengce.speech.recognise import Recogniser, default_model_dir

BUDGET = 1.25
ROUNDS = 7
TURNS = 60
REPOSITORY = Path(__file__).resolve().parent.parent
RECORDINGS = REPOSITORY / "src" / "shengce" / "demo" / "data" / "recordings"
SAMPLES = REPOSITORY.parent / "shared" / "demo-model" / "samples"


def measure() -> dict[str, Any]:
    """One row of the table of ``make bench``; values are seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        files = find_recordings(Path(scratch))
        if not files:
            return {
                "name": "speech pipeline",
                "value": None,
                "unit": "s",
                "ok": None,
                "note": "no recordings",
            }
        with Recogniser(threads=1) as recogniser:
            bare = bare_decoding(files)

            def whole() -> None:
                for file in files:
                    recogniser.recognise(file)

            whole()
            pipeline_s, bare_s = smallest_times(whole, bare)
    ratio = pipeline_s / bare_s
    return {
        "name": "speech pipeline",
        "value": round(pipeline_s, 4),
        "unit": "s",
        "reference": f"bare sherpa-onnx decoding, {bare_s:.4f} s",
        "ratio": round(ratio, 3),
        "budget": BUDGET,
        "ok": ratio <= BUDGET,
    }


def smallest_times(*works: Callable[[], None]) -> list[float]:
    """The smallest wall time of each piece of work over rounds in which they take turns."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for number, work in enumerate(works):
            started = time.perf_counter()
            work()
            best[number] = min(best[number], time.perf_counter() - started)
    return best


def bare_decoding(files: Sequence[Path]) -> Callable[[], None]:
    """Decoding of the utterances of these files with sherpa-onnx and nothing else, ready to be timed."""
    import sherpa_onnx

    from shengce.speech.models.card import ModelCard

    model_dir = default_model_dir()
    card = ModelCard.read(model_dir)
    recognizer = sherpa_onnx.OfflineRecognizer.from_zipformer_ctc(
        model=str(card.path("model", model_dir)), tokens=str(card.path("tokens", model_dir)), num_threads=1
    )
    utterances = [samples for file in files for samples in voiced(file)]

    def work() -> None:
        for samples in utterances:
            stream = recognizer.create_stream()
            stream.accept_waveform(16_000, samples)
            recognizer.decode_stream(stream)

    return work


def voiced(file: Path) -> list[np.ndarray[Any, Any]]:
    """The samples of every utterance of one recording, as the pipeline finds them."""
    from shengce.speech.activity import Activity
    from shengce.speech.decode import Decoder

    with Decoder(file) as decoder:
        activity = Activity(decoder.channels)
        found = [u.samples for block in decoder.blocks() for u in activity.add(block)]
    return found + [u.samples for u in activity.finish()]


def find_recordings(scratch: Path) -> list[Path]:
    """The demonstration recordings of at least ten seconds; without them, a call pieced together from samples."""
    shipped = sorted(f for f in RECORDINGS.glob("*.*") if f.suffix in (".opus", ".mp3", ".ogg", ".m4a"))
    usable = [file for file in shipped if file.stat().st_size > 20_000]
    if usable:
        return usable
    samples = sorted(SAMPLES.glob("*.wav"))
    return [write_call(samples, scratch / "call.opus")] if samples else []


def write_call(samples: Sequence[Path], target: Path) -> Path:
    """A two-channel call in opus in which the samples take turns with pauses between them."""
    import av

    from shengce.speech.decode import Decoder

    random = np.random.default_rng(1)
    turns = []
    for turn in range(TURNS):
        with Decoder(samples[turn % len(samples)]) as decoder:
            voice = np.concatenate(list(decoder.blocks()), axis=1)[0]
        both = np.zeros((2, len(voice) + 11_200), np.float32)
        both[turn % 2, 3_200 : 3_200 + len(voice)] = voice
        turns.append(both)
    sound = np.concatenate(turns, axis=1)
    sound += random.standard_normal(sound.shape).astype(np.float32) * 0.001
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libopus", rate=16_000, layout="stereo")
        for start in range(0, sound.shape[1], 16_000):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound[:, start : start + 16_000].T.reshape(1, -1)),
                format="flt",
                layout="stereo",
            )
            frame.sample_rate, frame.pts = 16_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target


if __name__ == "__main__":
    print(measure())
