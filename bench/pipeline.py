"""How much the whole way from file to transcript costs beyond the recogniser itself.

Reference: bare sherpa-onnx decoding of the same utterances, one by one, with the same model and one thread. Measured:
decoding the file, finding speech, recognising, splitting voices, peaks, hashes and the pipe to the warm child
together. The two take turns in one run, after a round that does not count; a ratio is the median of the ratios of
the rounds. Rounds in which other programs took processor time are done again; where there was no quiet moment, the
table says how busy the machine was and does not judge the wall time.

Three things that a single number would hide:

* The recogniser has one thread in both, but the pipeline decodes and finds speech in a second one. Its wall time
  therefore leans on a second core that the reference leaves idle. The processor time, of all threads and both
  processes, is the row beside it, and what a machine of one core would see.
* The library's Python call walks the samples number by number. The reference hands them over in the form that is
  cheapest to walk, as the pipeline does; numpy arrays, as in the library's examples, are given for comparison.
* The demonstration model is so small that it hears an hour in six seconds: decoding an hour of Opus alone takes three.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shengce.speech.recognise import Recogniser, default_model_dir

BUDGET = 1.25
ROUNDS = 7
MOST_ROUNDS = 14
QUIET_CORES = 0.1
"""Other programs may use so much of one core in a round that counts."""

TURNS = 60
REPOSITORY = Path(__file__).resolve().parent.parent
RECORDINGS = REPOSITORY / "src" / "shengce" / "demo" / "data" / "recordings"
SAMPLES = REPOSITORY.parent / "shared" / "demo-model" / "samples"


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one piece of work: on the clock, and of processor in this process and the child together."""

    wall_s: float
    processor_s: float
    others_cores: float
    """How many cores other programs kept busy in the meantime."""


Round = tuple[Spent, ...]
"""What each piece of work spent in one turn of all."""


def measure() -> list[dict[str, Any]]:
    """The rows of the table of ``make bench``; values are seconds, medians over the rounds."""
    with tempfile.TemporaryDirectory() as scratch:
        files = find_recordings(Path(scratch))
        if not files:
            row = {"name": "speech pipeline", "value": None, "unit": "s", "ok": None, "note": "no recordings"}
            return [row]
        with Recogniser(threads=1) as recogniser:

            def whole() -> None:
                for file in files:
                    recogniser.recognise(file)

            works = (whole, *bare_decoding(files))
            rounds = take_turns(works, lambda: recogniser.child_pid)
    return [
        _row("speech pipeline, wall time, a second core for decoding", "wall_s", rounds),
        _row("speech pipeline, processor time", "processor_s", rounds),
    ]


def _row(name: str, kind: str, rounds: Sequence[Round]) -> dict[str, Any]:
    """One row; each round holds the pipeline, bare decoding, and bare decoding of numpy arrays."""

    def median(place: int) -> float:
        return float(statistics.median(getattr(turn[place], kind) for turn in rounds))

    def ratio_to(place: int) -> float:
        ratios = (getattr(turn[0], kind) / getattr(turn[place], kind) for turn in rounds)
        return float(statistics.median(ratios))

    busy = statistics.median(max(spent.others_cores for spent in turn) for turn in rounds)
    reference = (
        f"bare sherpa-onnx on one thread, {median(1):.4f} s (ratio {ratio_to(2):.3f} where it is given numpy"
        f" arrays, {median(2):.4f} s)"
    )
    disturbed = busy > QUIET_CORES
    if disturbed:
        reference += f"; other programs kept {busy:.1f} cores busy"
    ratio = ratio_to(1)
    return {
        "name": name,
        "value": round(median(0), 4),
        "unit": "s",
        "reference": reference,
        "ratio": round(ratio, 3),
        "budget": BUDGET,
        "ok": None if disturbed and kind == "wall_s" else ratio <= BUDGET,
    }


def take_turns(works: Sequence[Callable[[], None]], child: Callable[[], int | None]) -> list[Round]:
    """The quiet rounds, or the quietest ones where there were too few. The first warms everything up."""
    rounds: list[Round] = []
    for work in works:
        work()
    while len(rounds) < MOST_ROUNDS and sum(_is_quiet(turn) for turn in rounds) < ROUNDS:
        rounds.append(tuple(_timed(work, child) for work in works))
    return sorted(rounds, key=lambda turn: max(spent.others_cores for spent in turn))[:ROUNDS]


def _is_quiet(turn: Round) -> bool:
    return all(spent.others_cores <= QUIET_CORES for spent in turn)


def _timed(work: Callable[[], None], child: Callable[[], int | None]) -> Spent:
    ours, everybody, started = processor_s(child()), busy_s(), time.perf_counter()
    work()
    wall = time.perf_counter() - started
    spent = processor_s(child()) - ours
    return Spent(wall, spent, max(0.0, busy_s() - everybody - spent) / wall)


def busy_s() -> float:
    """Processor seconds that all programs of this machine have used since it started (Linux)."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, stolen = map(int, fields[1:9])
    return (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")


def processor_s(pid: int | None) -> float:
    """Processor seconds that this process and the child ``pid`` have used so far, all their threads (Linux)."""
    own = time.process_time()
    if pid is None:
        return own
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return own + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_decoding(files: Sequence[Path]) -> tuple[Callable[[], None], Callable[[], None]]:
    """Decoding of the utterances of these files with sherpa-onnx and nothing else, ready to be timed.

    Twice: with the samples in the form that the library's binding walks fastest, and in the form of its examples.
    """
    import sherpa_onnx

    from shengce.speech.models.card import ModelCard

    model_dir = default_model_dir()
    card = ModelCard.read(model_dir)
    recognizer = sherpa_onnx.OfflineRecognizer.from_zipformer_ctc(
        model=str(card.path("model", model_dir)), tokens=str(card.path("tokens", model_dir)), num_threads=1
    )
    utterances = [samples for file in files for samples in voiced(file)]

    def decode(form: Callable[[np.ndarray[Any, Any]], Any]) -> None:
        for samples in utterances:
            stream = recognizer.create_stream()
            stream.accept_waveform(16_000, form(samples))
            recognizer.decode_stream(stream)

    return lambda: decode(lambda samples: array("f", samples.tobytes())), lambda: decode(
        lambda samples: samples
    )


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
