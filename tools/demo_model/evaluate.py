"""Measure a model: ``python -m tools.demo_model.evaluate [MODEL_DIR]``.

The demonstration recordings go through the product's own recogniser; sentences made here go through sherpa-onnx
alone. Prints the tables that ``docs/demo-model.md`` repeats.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shengce.speech.recognise import Recogniser

from . import sound
from .corpus import HERE, Corpus
from .scoring import character_errors
from .talks import MODEL, RECORDINGS, Talk, Voice, bare, read_talks
from .vocabulary import read_tokens
from .voices import HELD_OUT_VARIANTS, cast

SENTENCES = 120
EDGE = 3200  # samples of silence before and after
SEED = 777  # no chunk of training data has it, but patterns without slots repeat all the same
CONDITIONS = ("clean", "telephone", "telephone, noise 15 dB")


@dataclass(frozen=True, slots=True)
class Score:
    name: str
    errors: int
    characters: int

    @property
    def rate(self) -> float:
        return self.errors / self.characters if self.characters else 0.0

    def row(self) -> str:
        return f"| {self.name} | {self.characters} | {self.errors} | {self.rate:.2%} |"


def score_recordings(model_dir: Path) -> Iterator[Score]:
    """Errors of each demonstration recording that can be heard; each channel is compared with what its side says."""
    with Recogniser(model_dir=model_dir) as recogniser:
        for talk in read_talks():
            if talk.about.get("flaw"):
                continue
            segments = recogniser.recognise(RECORDINGS / talk.about["file"]).transcript.segments
            heard: dict[str, str] = {}
            for segment in segments:
                heard[segment.role] = heard.get(segment.role, "") + bare(segment.text)
            said = _said(talk)
            if talk.about["channels"] == 1:
                heard = {"all": "".join(bare(s.text) for s in segments)}
            errors = sum(character_errors(heard.get(side, ""), text) for side, text in said.items())
            yield Score(talk.about["file"], errors, sum(map(len, said.values())))


def _said(talk: Talk) -> dict[str, str]:
    if talk.about["channels"] == 1:
        return {"all": talk.spoken}
    return {side: bare("".join(t.text for t in talk.turns if t.side == side)) for side in ("rep", "customer")}


def score_sentences(model_dir: Path) -> list[Score]:
    """Errors on sentences made here; runs in a child process, because espeak-ng may end it."""
    from .espeak import HZ, speak

    recogniser = _load(model_dir)
    corpus = Corpus(SEED, frozenset(read_tokens(model_dir / "tokens.txt")))
    patterns = [corpus.sentence() for _ in range(SENTENCES)]
    free = [
        s
        for s in (HERE / "free_sentences.txt").read_text(encoding="utf-8").splitlines()
        if not s.startswith("#")
    ]
    strangers = tuple(Voice(v, 185, 50) for v in HELD_OUT_VARIANTS)
    scores = []
    for text_name, texts in (("sentences of its patterns", patterns), ("free sentences", free)):
        for voice_name, voices in (("its voices", cast()), ("strange voices", strangers)):
            for condition in CONDITIONS:
                errors = characters = 0
                for index, text in enumerate(texts):
                    samples = speak(text, voices[index % len(voices)]).samples
                    stream = recogniser.create_stream()
                    stream.accept_waveform(HZ, _heard(np.pad(samples, EDGE), condition, index))
                    recogniser.decode_stream(stream)
                    errors += character_errors(stream.result.tokens, bare(text))
                    characters += len(bare(text))
                scores.append(Score(f"{text_name}, {voice_name}, {condition}", errors, characters))
    return scores


def _load(model_dir: Path):  # type: ignore[no-untyped-def]
    import sherpa_onnx

    return sherpa_onnx.OfflineRecognizer.from_zipformer_ctc(
        model=str(model_dir / "model.int8.onnx"), tokens=str(model_dir / "tokens.txt"), num_threads=1
    )


def _heard(samples: sound.Samples, condition: str, seed: int) -> sound.Samples:
    if "telephone" in condition:
        samples = sound.widen(sound.telephone(samples))
    if "noise" in condition:
        hiss = sound.noise(len(samples), "pink", np.random.default_rng(seed))
        samples = sound.with_noise(samples, hiss, 15)
    return sound.at_level(samples, 0.5)


def measure_onsets(model_dir: Path) -> list[float]:
    """Seconds from where a character begins to where the model marks it, in sentences that it heard without error.

    The middle of these is ``onset_shift_ms`` of the model's card.
    """
    from .espeak import HZ, speak

    recogniser = _load(model_dir)
    corpus = Corpus(SEED, frozenset(read_tokens(model_dir / "tokens.txt")))
    late = []
    for index in range(SENTENCES):
        spoken = speak(corpus.sentence(), cast()[index % len(cast())])
        stream = recogniser.create_stream()
        stream.accept_waveform(HZ, _heard(np.pad(spoken.samples, EDGE), "clean", index))
        recogniser.decode_stream(stream)
        if list(stream.result.tokens) == [c for c, _, _ in spoken.characters]:
            pairs = zip(stream.result.timestamps, spoken.characters, strict=True)
            late += [marked - (start + EDGE / HZ) for marked, (_, start, _) in pairs]
    return sorted(late)


def table(title: str, scores: list[Score], *, whole: bool) -> str:
    """A table in Markdown, with a row for everything together where that means something."""
    rows = [f"| {title} | characters | errors | rate |", "|---|---:|---:|---:|", *(s.row() for s in scores)]
    if whole:
        rows.append(Score("**all**", sum(s.errors for s in scores), sum(s.characters for s in scores)).row())
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_dir", type=Path, nargs="?", default=MODEL)
    parser.add_argument("--recordings-only", action="store_true")
    options = parser.parse_args()
    print(table("recording", list(score_recordings(options.model_dir)), whole=True), flush=True)
    if options.recordings_only:
        return
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(
            "\n" + table("sentences", pool.submit(score_sentences, options.model_dir).result(), whole=False)
        )
        late = pool.submit(measure_onsets, options.model_dir).result()
    low, middle, high = (1000 * late[round(share * (len(late) - 1))] for share in (0.05, 0.5, 0.95))
    print(
        f"\n{len(late)} characters marked late by {middle:.0f} ms in the middle, 5 % below {low:.0f}, 5 % above {high:.0f}"
    )


if __name__ == "__main__":
    main()
